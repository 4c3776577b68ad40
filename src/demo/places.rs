//! The divisions the demo builds on, with what names are made of: prefixes and courts.

use std::sync::Arc;

use domain::{
    case_number::province_letter,
    division::{DivisionCode, DivisionLevel, DivisionTree},
};

/// Always among the prefectures of Guangdong: districts, towns without a county level, and counties.
const FIRST: [&str; 3] = ["440600", "441900", "441200"];

/// How high a place stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Rank {
    Province,
    Prefecture,
    County,
    Township,
}

/// A court that may list debtors.
#[derive(Clone, Debug)]
pub(super) struct Court {
    /// Its 法院代字, such as 粤0604.
    pub(super) code: String,
    pub(super) name: Arc<str>,
}

/// One division.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) code: String,
    /// The six digits of the division, or of the one above a township, that stand in a USCC.
    pub(super) six: String,
    /// What names of its bodies begin with (佛山市禅城区, 四会市, 东莞市中堂镇).
    pub(super) prefix: String,
    pub(super) rank: Rank,
    pub(super) parent: Option<usize>,
    pub(super) courts: Vec<Court>,
}

impl Place {
    /// The name of the body that governs it.
    pub(super) fn government(&self) -> String {
        let name = &self.prefix;
        if name.ends_with("街道") {
            format!("{name}办事处")
        } else if self.rank < Rank::Township || name.ends_with(['镇', '乡']) {
            format!("{name}人民政府")
        } else {
            format!("{name}管理委员会")
        }
    }
}

/// Whether a unit of the township level has a government of some kind. Statistics list farms,
/// prisons and airports there too.
fn is_governed(name: &str) -> bool {
    ["镇", "乡", "街道", "街道办事处", "开发区", "新区", "管理区"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// The prefectures of a province in the order in which a demo takes them; a municipality has none.
pub fn prefectures(tree: &DivisionTree, province: DivisionCode) -> Vec<DivisionCode> {
    let first = FIRST.iter().filter_map(|code| code.parse().ok());
    let mut chosen: Vec<DivisionCode> = first
        .filter(|code| {
            tree.get(*code)
                .is_some_and(|of| of.parent == Some(province))
        })
        .collect();
    let below = children(tree, &province.to_string());
    let codes = below.into_iter().filter_map(|(code, _)| code.parse().ok());
    let rest: Vec<DivisionCode> = codes
        .filter(|code| !chosen.contains(code))
        .filter(|code| {
            tree.get(*code)
                .is_some_and(|of| of.level == DivisionLevel::Prefecture)
        })
        .collect();
    chosen.extend(rest);
    chosen
}

/// The places of a demo with so many prefectures, the province first and each parent before its
/// children, level by level.
pub(super) fn places(
    tree: &DivisionTree,
    province: DivisionCode,
    prefectures_max: usize,
) -> Vec<Place> {
    let mut chosen = prefectures(tree, province);
    chosen.truncate(prefectures_max);

    let province = province.to_string();
    let mut places = vec![place(
        &province,
        &name_of(tree, &province),
        Rank::Province,
        None,
    )];
    for code in chosen.iter().map(ToString::to_string) {
        let name = name_of(tree, &code);
        if !name.is_empty() {
            places.push(place(&code, &name, Rank::Prefecture, Some((0, &places[0]))));
        }
    }
    // 东莞 and 中山 have townships where others have counties, hence by code, not by depth.
    for rank in [Rank::County, Rank::Township] {
        for above in 1..places.len() {
            for (code, name) in children(tree, &places[above].code.clone()) {
                let found = if code.len() == 6 {
                    Rank::County
                } else {
                    Rank::Township
                };
                let wanted = rank == Rank::County || is_governed(&name);
                if found == rank && wanted && name != "市辖区" {
                    places.push(place(&code, &name, rank, Some((above, &places[above]))));
                }
            }
        }
    }
    places
}

fn place(code: &str, name: &str, rank: Rank, above: Option<(usize, &Place)>) -> Place {
    let parent = above.map(|(index, _)| index);
    let name = name.strip_suffix("办事处").unwrap_or(name);
    // 端州区城东街道 below 肇庆市端州区: some towns are listed with their county's name.
    let doubled = above.and_then(|(_, up)| {
        let own = up
            .prefix
            .rsplit('市')
            .next()
            .filter(|own| !own.is_empty())?;
        name.strip_prefix(own)
    });
    let name = doubled.unwrap_or(name);
    let prefix = match above {
        // A district is named with its city, a county or county-level city stands for itself.
        Some((_, up))
            if rank == Rank::Township || (rank == Rank::County && name.ends_with('区')) =>
        {
            format!("{}{name}", up.prefix)
        }
        _ => name.to_owned(),
    };
    let courts = courts(code, &prefix, rank);
    Place {
        code: code.to_owned(),
        six: code[..6].to_owned(),
        prefix,
        rank,
        parent,
        courts,
    }
}

fn courts(code: &str, prefix: &str, rank: Rank) -> Vec<Court> {
    let province = format!("{}0000", &code[..2]).parse().ok();
    let letter = province.and_then(province_letter).unwrap_or('某');
    let court = |code: &str, suffix: &str| Court {
        code: format!("{letter}{code}"),
        name: format!("{prefix}{suffix}").into(),
    };
    match rank {
        Rank::Province => vec![court("", "高级人民法院")],
        Rank::Prefecture => {
            let mut courts = vec![court(&code[2..4], "中级人民法院")];
            // The two cities without counties have numbered courts instead.
            let numbered: &[(&str, &str)] = match code {
                "441900" => &[
                    ("1971", "第一人民法院"),
                    ("1972", "第二人民法院"),
                    ("1973", "第三人民法院"),
                ],
                "442000" => &[("2071", "第一人民法院"), ("2072", "第二人民法院")],
                _ => &[],
            };
            courts.extend(numbered.iter().map(|(code, suffix)| court(code, suffix)));
            courts
        }
        Rank::County => vec![court(&code[2..6], "人民法院")],
        Rank::Township => Vec::new(),
    }
}

fn name_of(tree: &DivisionTree, code: &str) -> String {
    let code = code.parse::<DivisionCode>().ok();
    code.and_then(|code| tree.get(code))
        .map(|division| division.name.clone())
        .unwrap_or_default()
}

/// The divisions below `code` that exist today, in the order of their codes.
fn children(tree: &DivisionTree, code: &str) -> Vec<(String, String)> {
    let Ok(code) = code.parse::<DivisionCode>() else {
        return Vec::new();
    };
    let mut found: Vec<_> = tree
        .children(code)
        .filter(|division| division.valid_to.is_none())
        .map(|division| (division.code.to_string(), division.name.clone()))
        .filter(|(code, _)| code.len() <= 9)
        .collect();
    found.sort();
    found
}
