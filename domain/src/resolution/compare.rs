//! How two names of one type differ.

use pinyin::ToPinyin;

use crate::{
    directory::{Core, Signature},
    name::{self, BodyType, is_numeral},
};

/// What is compared with each name.
pub(super) struct Written<'a> {
    pub core: &'a str,
    pub signature: Signature,
    pub body_type: BodyType,
    /// Where the ending begins that tells the type.
    stem: usize,
    pub chars: Vec<char>,
    has_numerals: bool,
}

impl<'a> Written<'a> {
    pub fn of(core: &'a str) -> Self {
        let (body_type, ending) = BodyType::of(core);
        Self {
            core,
            signature: Signature::of(core),
            body_type,
            stem: core.len() - ending,
            chars: core.chars().collect(),
            has_numerals: core.contains(is_numeral),
        }
    }
}

/// Whether both have the same numerals in the same order; most have none.
pub(super) fn same_numerals(written: &Written<'_>, other: &Core<'_>) -> bool {
    let may_be = written.has_numerals == other.has_numerals;
    may_be && (!written.has_numerals || name::same_numerals(written.core, other.text))
}

/// Whether all characters of `short` stand in `long` in their order.
pub(super) fn is_subsequence(short: &str, long: &str) -> bool {
    let mut long = long.chars();
    short.chars().all(|c| long.any(|other| other == c))
}

/// Words that stand in many bodies' names and tell none of them.
#[rustfmt::skip]
const GENERIC: [&str; 31] = [
    "管理", "服务", "控制", "登记", "综合", "事务", "公共", "建设", "监督", "发展", "农村", "行政", "执法",
    "促进", "保障", "社会", "安全", "资源", "信息", "技术", "业务", "工作", "事业", "保护", "检查", "交易",
    "指导", "协调", "监测", "开发", "预防",
];

/// Characters whose lack makes another thing of a name: 动产 is not 不动产.
const NEGATIONS: [char; 2] = ['不', '非'];

/// Whether an abbreviation says what its name is about: what is left of it without the ending and
/// without words that many names have is something, and it leaves no negation out. A branch is told
/// by what its bureau is called, not by its place alone.
pub(super) fn tells(written: &Written<'_>, other: &Core<'_>) -> bool {
    let stem = &written.core[..written.stem];
    let left = GENERIC
        .iter()
        .fold(stem.to_owned(), |left, word| left.replace(word, ""));
    let says_something = left
        .chars()
        .any(|c| !matches!(c, '和' | '与' | '及' | '、'));
    // 监察委 is the ending of its type in short; 人民法院 is none of 中级人民法院.
    let is_ending = stem.is_empty() && other.stem == 0;
    let is_negated = NEGATIONS
        .iter()
        .any(|no| other.text.contains(*no) && !written.core.contains(*no));
    let says_bureau = !written.core.ends_with(BRANCH) || other.text.starts_with(written.chars[0]);
    (says_something || is_ending) && !is_negated && says_bureau
}

const BRANCH: &str = "分局";

/// Whether one insertion, deletion, substitution or transposition before the ending leads from one
/// to the other (Damerau and Levenshtein).
pub(super) fn is_one_edit(written: &Written<'_>, other: &Core<'_>) -> bool {
    let (a, a_ending) = written.core.split_at(written.stem);
    let (b, b_ending) = other.text.split_at(other.stem);
    // The endings have to be the same: 委 and 委员会 are for the abbreviations.
    if a_ending != b_ending {
        return false;
    }
    let begin = shared(a.chars(), b.chars());
    let (a, b) = (&a[begin..], &b[begin..]);
    let end = shared(a.chars().rev(), b.chars().rev());
    let first = |text: &str| {
        let mut chars = text[..text.len() - end].chars();
        [chars.next(), chars.next(), chars.next()]
    };
    match (first(a), first(b)) {
        ([Some(_), None, _], [None, ..] | [Some(_), None, _]) => true,
        ([None, ..], [Some(_), None, _]) => true,
        ([Some(a), Some(b), None], [Some(c), Some(d), None]) => a == d && b == c,
        _ => false,
    }
}

/// How many bytes two texts begin with that are the same characters.
fn shared(a: impl Iterator<Item = char>, b: impl Iterator<Item = char>) -> usize {
    let same = a.zip(b).take_while(|(a, b)| a == b);
    same.map(|(c, _)| c.len_utf8()).sum()
}

pub(super) fn is_homophone(written: &Written<'_>, other: &str) -> bool {
    let same = |(a, b): (&char, char)| {
        let sound = |c: char| c.to_pinyin().map(pinyin::Pinyin::plain);
        *a == b || sound(*a).is_some() && sound(*a) == sound(b)
    };
    // Three bytes a character: lengths tell most pairs apart.
    written.core.len() == other.len() && written.chars.iter().zip(other.chars()).all(same)
}

/// How many characters of the stems both share, as a share of all.
pub(super) fn likeness(written: &Written<'_>, other: &Core<'_>) -> f64 {
    let (a, b) = (&written.core[..written.stem], &other.text[..other.stem]);
    let mut all = 0;
    let mut shared = 0;
    // A bit for each character of the other stem that has its like: long stems are rare.
    let mut taken = 0_u64;
    for c in a.chars() {
        all += 1;
        let is_free = |(at, other): &(usize, char)| *other == c && taken >> (at % 64) & 1 == 0;
        if let Some((at, _)) = b.chars().enumerate().find(is_free) {
            taken |= 1 << (at % 64);
            shared += 1;
        }
    }
    all += b.chars().count();
    if all == 0 {
        0.0
    } else {
        2.0 * f64::from(shared) / all as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_edit_before_the_ending_and_no_more() {
        for (a, b, is_one) in [
            ("财正局", "财政局", true),
            ("财政政局", "财政局", true),
            ("市场督管理局", "市场监督管理局", true),
            ("政财局", "财政局", true),
            ("财政局", "财政厅", false),
            ("财政局", "财政局", false),
            ("发展改革委", "发展和改革委员会", false),
            ("民生局", "财政局", false),
        ] {
            assert_eq!(is_one_edit(&Written::of(a), &core_of(b)), is_one, "{a} {b}");
        }
    }

    fn core_of(text: &str) -> Core<'_> {
        let (body_type, ending) = BodyType::of(text);
        Core {
            text,
            signature: Signature::of(text),
            body_type,
            stem: text.len() - ending,
            has_numerals: text.contains(is_numeral),
        }
    }

    #[test]
    fn words_that_all_names_share_tell_nobody() {
        for (short, long, is_told) in [
            ("退役局", "退役军人事务局", true),
            ("军人事务局", "退役军人事务局", true),
            ("应急理局", "应急管理局", true),
            ("监察委", "监察委员会", true),
            ("公安永嘉分局", "公安局永嘉分局", true),
            ("事务局", "退役军人事务局", false),
            ("综合局", "综合行政执法局", false),
            ("农村局", "农业农村局", false),
            ("建设管理局", "公园城市建设管理局", false),
            ("中心", "大数据中心", false),
            ("动产登记中心", "不动产登记中心", false),
            ("人民法院", "中级人民法院", false),
            ("人民法院", "城区人民法院", false),
            ("永嘉分局", "生态环境局永嘉分局", false),
            ("永安分局", "公安局永安分局", false),
        ] {
            assert_eq!(
                tells(&Written::of(short), &core_of(long)),
                is_told,
                "{short} {long}"
            );
        }
    }

    #[test]
    fn homophones_sound_alike_in_each_character() {
        for (a, b, alike) in [
            ("民正局", "民政局", true),
            ("财证局", "财政局", true),
            ("财政局", "民政局", false),
            ("财政", "财政局", false),
        ] {
            assert_eq!(is_homophone(&Written::of(a), b), alike, "{a} {b}");
        }
    }
}
