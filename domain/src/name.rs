//! Names of bodies: one spelling for comparing, and what kind of subject a name says it is.

mod body_type;
mod numeral;
mod qualifier;
mod traditional;
mod variant;

use std::sync::LazyLock;

use hashbrown::HashMap;
use unicode_normalization::UnicodeNormalization;

pub use body_type::BodyType;
pub use numeral::{is_numeral, same_numerals};
pub use qualifier::{Qualified, Qualifier, qualified};
pub use variant::{joined, respelled, variant};

/// One spelling for comparing names; never for showing them.
///
/// NFKC; no zero-width or control characters; every bracket a full-width round one; one kind of
/// dash, middle dot and quote; no space next to a Han character or bracket; no quotes around it and
/// no punctuation at the end; simplified characters; Chinese numerals behind 第. Normalising twice changes nothing.
pub fn normalise(text: &str) -> String {
    // What consists of plain Han characters only, as most names do, is in that form already.
    let name = if text.chars().all(|c| matches!(c, '\u{4e00}'..='\u{9fff}')) {
        text.to_owned()
    } else {
        tidied(text)
    };
    match numeral::ordinals_spelled(&traditional::simplified(&name)) {
        std::borrow::Cow::Borrowed(same) if same.len() == name.len() && same == name => name,
        changed => changed.into_owned(),
    }
}

fn tidied(text: &str) -> String {
    let visible = text
        .chars()
        .filter(|c| c.is_whitespace() || !is_invisible(*c));
    let mut name = String::with_capacity(text.len());
    let mut spaced = false;
    for c in visible.nfkc().map(unified) {
        if c.is_whitespace() {
            spaced = true;
            continue;
        }
        if spaced && !name.is_empty() && !is_tight(c) && !name.ends_with(is_tight) {
            name.push(' ');
        }
        spaced = false;
        name.push(c);
    }
    // What encloses a name or ends a sentence is none of it.
    let quotes = ['"', '《', '》', '「', '」', '『', '』', ' '];
    let ends = ['。', ',', ';', '、', '.'];
    let bare = name.trim_start_matches(quotes);
    let bare = bare.trim_end_matches(|c| quotes.contains(&c) || ends.contains(&c));
    bare.to_owned()
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn unified(c: char) -> char {
    match c {
        '(' | '[' | '{' | '【' | '〔' | '〖' => '（',
        ')' | ']' | '}' | '】' | '〕' | '〗' => '）',
        '‐' | '‒' | '–' | '—' | '―' | '−' => '-',
        '•' | '・' | '‧' | '∙' | '⋅' => '·',
        '“' | '”' => '"',
        other => other,
    }
}

fn is_tight(c: char) -> bool {
    is_han(c) || matches!(c, '（' | '）')
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{323af}' | '〇')
}

/// What kind of subject a name says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameClass {
    /// A government body, an institution or a mass organisation.
    Body,
    /// A villagers' or residents' committee, or a village's collective.
    SelfGoverning,
    /// An enterprise, a shop, a farmers' cooperative, a law firm.
    Enterprise,
    /// A natural person.
    Person,
    /// The name does not say.
    Unclear,
}

/// Endings of bodies whatever stands before them.
#[rustfmt::skip]
const BODIES: &[&str] = &[
    "政府", "政府办", "人大", "政协", "常委会", "委员会", "管委会", "委", "局", "总局", "分局",
    "厅", "办公厅", "办公室", "指挥部", "街道办事处", "街道办", "信访办", "法院", "检察院",
    "总队", "支队", "大队", "派出所", "税务所", "司法所", "财政所", "看守所", "拘留所", "戒毒所",
    "监狱", "海关", "党校", "总工会", "人民银行", "残疾人联合会", "妇女联合会",
    "文学艺术界联合会", "工商业联合会", "归国华侨联合会", "科学技术协会", "组织部", "宣传部",
    "统战部", "武装部", "残联", "妇联", "文联", "侨联", "科协", "供销合作社联合社",
    "供销合作联社",
];

/// Endings of institutions that others use too: bodies where a division is named before them.
#[rustfmt::skip]
const INSTITUTIONS: &[&str] = &[
    "中心", "学校", "小学", "中学", "幼儿园", "大学", "学院", "医院", "卫生院", "卫生室",
    "保健院", "福利院", "敬老院", "图书馆", "博物馆", "文化馆", "档案馆", "纪念馆", "美术馆",
    "体育馆", "展览馆", "科技馆", "研究院", "研究所", "设计院", "勘察院", "监测站", "检测站",
    "文化站", "工作站", "服务站", "管理站", "管理所", "管理处", "办事处", "电视台", "广播站",
    "气象台", "林场", "水库", "殡仪馆", "公证处",
];

/// Endings of villages' own bodies (USCC 54, 55, N1 to N3).
#[rustfmt::skip]
const SELF_GOVERNING: &[&str] = &[
    "村民委员会", "居民委员会", "村委会", "居委会", "村民小组", "居民小组", "经济合作社",
    "股份经济合作社", "股份合作经济社", "股份合作社", "经济合作联社", "经济合作联合社",
    "经济联合社", "经济联合总社", "经济社",
];

/// Endings of enterprises and of others who trade.
#[rustfmt::skip]
const ENTERPRISES: &[&str] = &[
    "公司", "集团", "企业", "厂", "店", "商行", "银行", "支行", "分行", "车行", "合作社",
    "信用社", "信用合作联社", "信用联社", "专业合作社联合社", "事务所", "律所", "经营部",
    "门市部", "服务部", "经销部", "批发部", "营业部", "项目部", "工程队", "施工队", "建筑队",
    "运输队", "装修队", "酒店", "饭店", "宾馆", "餐馆", "餐厅", "歌舞厅", "咖啡厅", "旅馆",
    "茶楼", "酒楼", "网吧", "会所", "超市", "商场", "商城", "书局", "工作室", "个体户", "农场",
    "养殖场", "种植场", "加工场", "牧场", "煤矿", "矿", "药房", "诊所", "美容院", "电影院",
    "加油站", "供电所", "俱乐部", "洗浴中心", "健身中心", "养生中心", "美容中心", "维修中心",
    "购物中心", "娱乐中心", "商务中心", "合伙", "有限合伙", "普通合伙",
];

/// Endings of others, who are none of these and no persons either.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "业主委员会", "业主大会", "工会委员会", "工会", "协会", "商会", "学会", "研究会", "促进会",
    "基金会", "联合会", "联谊会", "党支部", "寺", "教会", "大会", "公园", "小区", "花园", "大厦",
];

/// All endings with what they say, by their last character: most names have few that can fit.
static ENDINGS: LazyLock<HashMap<char, Vec<(NameClass, &str)>>> = LazyLock::new(|| {
    let tables = [
        (NameClass::Body, BODIES),
        (NameClass::Unclear, INSTITUTIONS),
        (NameClass::SelfGoverning, SELF_GOVERNING),
        (NameClass::Enterprise, ENTERPRISES),
        (NameClass::Unclear, OTHERS),
    ];
    let mut endings: HashMap<_, Vec<_>> = HashMap::new();
    for (class, ending) in tables
        .iter()
        .flat_map(|(class, endings)| endings.iter().map(|ending| (*class, *ending)))
    {
        let last = ending.chars().next_back().expect("no ending is empty");
        endings.entry(last).or_default().push((class, ending));
    }
    endings
});

/// Words that end the name of a division.
#[rustfmt::skip]
const DIVISION_WORDS: &[&str] = &[
    "省", "市", "区", "县", "旗", "州", "盟", "镇", "乡", "街道", "村", "社区", "国家", "人民",
    "中国",
];

/// Words that end like a division and are none.
#[rustfmt::skip]
const NO_DIVISIONS: &[&str] = &[
    "超市", "门市", "城市", "都市", "夜市", "上市", "股市", "小区", "园区", "校区", "景区",
    "街区", "库区", "城镇", "古镇", "冰镇", "家乡", "故乡", "老乡", "城乡", "红旗", "彩旗",
    "联盟", "加盟",
];

/// What kind of subject a [normalised](normalise) name says it is: by its longest known ending,
/// brackets behind it left out. Says what the name looks like, not who bears it.
pub fn classify(normalised: &str) -> NameClass {
    let name = without_qualifiers(normalised);
    let last = name.chars().next_back();
    let endings = last.and_then(|last| ENDINGS.get(&last));
    let longest = endings
        .into_iter()
        .flatten()
        .filter(|(_, ending)| name.ends_with(ending))
        .max_by_key(|(_, ending)| ending.len());

    let Some((class, ending)) = longest.copied() else {
        return if is_person(name) {
            NameClass::Person
        } else {
            NameClass::Unclear
        };
    };
    let before = &name[..name.len() - ending.len()];
    // Two characters may be anybody's name, such as 张店; 县委 and 市局 name nobody in particular.
    if name.chars().count() < 3 {
        return NameClass::Unclear;
    }
    match class {
        // An office, a committee or a school of a company is a part of it.
        NameClass::Body | NameClass::Unclear
            if before.contains("公司") || before.contains("集团") =>
        {
            NameClass::Enterprise
        }
        NameClass::Unclear if INSTITUTIONS.contains(&ending) && names_division(before) => {
            NameClass::Body
        }
        class => class,
    }
}

/// The name without brackets at its end: (本级), (筹), (普通合伙).
fn without_qualifiers(name: &str) -> &str {
    match name
        .strip_suffix('）')
        .and_then(|inner| inner.rsplit_once('（'))
    {
        Some((before, _)) if !before.is_empty() => without_qualifiers(before),
        _ => name,
    }
}

/// Whether a word ends the name of a division somewhere in the text.
fn names_division(text: &str) -> bool {
    DIVISION_WORDS.iter().any(|word| {
        text.match_indices(word).any(|(at, _)| {
            let up_to = &text[..at + word.len()];
            let named = at > 0 || matches!(*word, "国家" | "人民" | "中国");
            named && !NO_DIVISIONS.iter().any(|other| up_to.ends_with(other))
        })
    })
}

/// Two to four Han characters, some perhaps masked, or more with a middle dot or a 某.
fn is_person(name: &str) -> bool {
    let length = name.chars().count();
    let is_written = |c: char| is_han(c) || matches!(c, '·' | '*' | '×');
    let limit = match name {
        _ if name.contains('·') => 24,
        _ if name.contains('某') => 6,
        _ => 4,
    };
    // 镇, 乡 and 州 stand in given names too, but rarely at their end.
    let is_place = if length < 4 {
        DIVISION_WORDS.iter().any(|word| name.ends_with(word))
    } else {
        names_division(name)
    };
    (2..=limit).contains(&length)
        && name.chars().all(is_written)
        && name.chars().any(is_han)
        && !is_place
}

#[cfg(test)]
mod tests;
