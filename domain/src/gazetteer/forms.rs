//! What a division is called beside its full name.

use crate::division::DivisionLevel;

/// The words that mean a division.
pub(super) struct Forms {
    /// Its name, and where peoples stand in it the name without them: 恩施州, 连南县, 雾溪乡.
    pub(super) full: Vec<String>,
    /// The name without the level word, of counties and above: 云和, 恩施.
    pub(super) short: Vec<String>,
}

/// Level words, the longer ones first.
const LEVEL_WORDS: [&str; 12] = [
    "特别行政区",
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "地区",
    "新区",
    "省",
    "市",
    "区",
    "县",
    "盟",
];

/// Words for zones, the longer ones first, and what they are contracted to: 濮阳经开区.
const ZONES: [(&str, &str); 6] = [
    ("高新技术产业开发区", "高新区"),
    ("高新技术产业开发区", "高新技术开发区"),
    ("高新技术开发区", "高新区"),
    ("经济技术开发区", "经开区"),
    ("经济技术开发区", "经济开发区"),
    ("经济开发区", "经开区"),
];

/// What is shortened further.
const SHORTER: [(&str, &str); 1] = [("内蒙古", "内蒙")];

/// Peoples as they stand in names of autonomous divisions, the longer ones first.
#[rustfmt::skip]
const PEOPLES: [&str; 62] = [
    "塔吉克", "柯尔克孜", "达斡尔族", "鄂温克族", "俄罗斯族", "维吾尔族", "哈萨克族", "布依族", "朝鲜族", "土家族",
    "哈尼族", "傈僳族", "高山族", "拉祜族", "东乡族", "纳西族", "景颇族", "仫佬族", "布朗族", "撒拉族",
    "毛南族", "仡佬族", "锡伯族", "阿昌族", "普米族", "德昂族", "保安族", "裕固族", "独龙族", "鄂伦春",
    "赫哲族", "门巴族", "珞巴族", "基诺族", "蒙古族", "维吾尔", "哈萨克", "回族", "藏族", "苗族",
    "彝族", "壮族", "满族", "侗族", "瑶族", "白族", "傣族", "黎族", "佤族", "畲族",
    "水族", "土族", "羌族", "怒族", "京族", "锡伯", "蒙古", "各族", "塔塔尔族", "乌孜别克族",
    "达斡尔", "鄂温克",
];

pub(super) fn forms(name: &str, level: DivisionLevel) -> Forms {
    let mut full = vec![name.to_owned()];
    if level == DivisionLevel::Nation {
        return Forms {
            full: Vec::new(),
            short: Vec::new(),
        };
    }
    full.extend(ZONES.iter().filter_map(|(zone, contracted)| {
        let stem = name.strip_suffix(zone)?;
        (!stem.is_empty()).then(|| format!("{stem}{contracted}"))
    }));
    if level == DivisionLevel::Township {
        let bare = name
            .strip_suffix('乡')
            .map(|stem| (stem, without_peoples(stem)));
        if let Some((_, bare)) = bare.filter(|(stem, bare)| bare != stem) {
            full.push(format!("{bare}乡"));
        }
        return Forms {
            full,
            short: Vec::new(),
        };
    }
    let ending = LEVEL_WORDS.iter().find(|word| name.ends_with(**word));
    let stem = ending.map_or("", |word| &name[..name.len() - word.len()]);
    let bare = match ending {
        Some(word) if word.starts_with("自治") => without_peoples(stem),
        _ => stem,
    };
    if bare != stem
        && let Some(word) = ending
    {
        // A region keeps its word: 广西自治区.
        let word = match word.strip_prefix("自治") {
            Some(level) if level != "区" => level,
            _ => word,
        };
        full.push(format!("{bare}{word}"));
    }
    let is_word = bare.chars().count() >= 2;
    let shorter = SHORTER.iter().filter(|form| form.0 == bare);
    let short = is_word.then_some(bare).into_iter();
    Forms {
        full,
        short: short
            .chain(shorter.map(|form| form.1))
            .map(str::to_owned)
            .collect(),
    }
}

/// The stem without the peoples at its end; one that consists of a people alone stays.
fn without_peoples(mut stem: &str) -> &str {
    while let Some(rest) = PEOPLES
        .iter()
        .find_map(|people| stem.strip_suffix(people))
        .filter(|rest| rest.chars().count() >= 2)
    {
        stem = rest;
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisions_have_contracted_and_short_forms() {
        for (name, contracted, short) in [
            ("云和县", None, Some("云和")),
            ("恩施土家族苗族自治州", Some("恩施州"), Some("恩施")),
            ("连南瑶族自治县", Some("连南县"), Some("连南")),
            ("内蒙古自治区", None, Some("内蒙古")),
            ("广西壮族自治区", Some("广西自治区"), Some("广西")),
            ("鄂温克族自治旗", None, Some("鄂温克族")),
            ("浦东新区", None, Some("浦东")),
            (
                "濮阳经济技术开发区",
                Some("濮阳经开区"),
                Some("濮阳经济技术开发"),
            ),
            ("乾县", None, None),
            ("四子王旗", None, None),
        ] {
            let forms = forms(name, DivisionLevel::County);
            assert_eq!(forms.full.get(1).map(String::as_str), contracted, "{name}");
            assert_eq!(forms.short.first().map(String::as_str), short, "{name}");
        }
        assert!(forms("崇头镇", DivisionLevel::Township).short.is_empty());
        let town = forms("雾溪畲族乡", DivisionLevel::Township);
        assert_eq!(town.full, ["雾溪畲族乡", "雾溪乡"]);
    }
}
