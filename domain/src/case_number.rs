//! Case numbers of the courts (案号): 法〔2015〕137号 and 法〔2018〕335号, and the forms before 2016.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use unicode_normalization::UnicodeNormalization;

use crate::division::DivisionCode;

/// Codes of case types (类型代字), the longest first; 知 before one of them marks it.
#[rustfmt::skip]
const TYPES: &[&str] = &[
    "请台移罪", "请港移罪", "请澳移罪", "民诉前调", "刑医复", "刑医监", "刑没终", "刑更备",
    "刑更监", "刑附民", "民辖终", "民辖监", "民特监", "民督监", "民保令", "民保更", "行审复",
    "行辖终", "行辖监", "行赔初", "行赔终", "行赔监", "行赔申", "行赔抗", "行赔再", "行赔他",
    "委赔监", "委赔提", "委赔再", "委赔他", "司救刑", "司救民", "司救行", "司救赔", "司救执",
    "司救访", "司救他", "司惩复", "诉前调", "执前调", "协外认", "协外送", "协外调", "请外送",
    "请外调", "请台送", "请港送", "请澳送", "请台调", "请港调", "请澳调", "台请送", "港请送",
    "澳请送", "台请调", "港请调", "澳请调", "刑辖", "刑初", "刑终", "刑监", "刑申", "刑抗",
    "刑再", "刑核", "刑医", "刑没", "刑更", "刑止", "刑他", "民辖", "民初", "民终", "民监",
    "民申", "民抗", "民再", "民撤", "民特", "民催", "民督", "民破", "民算", "民他", "行辖",
    "行初", "行终", "行监", "行申", "行抗", "行再", "行审", "行他", "法赔", "委赔", "法救",
    "认台", "认港", "认澳", "认复", "认他", "司惩", "司救", "财保", "行保", "证保", "执恢",
    "执保", "执异", "执复", "执监", "执协", "执他", "破申", "破终", "破监", "破他", "强清",
    "清申", "清终", "清监", "清他", "执", "破", "清",
];

/// Courts' first characters and the provinces they stand for (GB/T 2260); 军 and 兵 have none.
#[rustfmt::skip]
const PROVINCES: &[(char, Option<u32>)] = &[
    ('京', Some(110_000)), ('津', Some(120_000)), ('冀', Some(130_000)), ('晋', Some(140_000)),
    ('内', Some(150_000)), ('辽', Some(210_000)), ('吉', Some(220_000)), ('黑', Some(230_000)),
    ('沪', Some(310_000)), ('苏', Some(320_000)), ('浙', Some(330_000)), ('皖', Some(340_000)),
    ('闽', Some(350_000)), ('赣', Some(360_000)), ('鲁', Some(370_000)), ('豫', Some(410_000)),
    ('鄂', Some(420_000)), ('湘', Some(430_000)), ('粤', Some(440_000)), ('桂', Some(450_000)),
    ('琼', Some(460_000)), ('渝', Some(500_000)), ('川', Some(510_000)), ('贵', Some(520_000)),
    ('云', Some(530_000)), ('藏', Some(540_000)), ('陕', Some(610_000)), ('甘', Some(620_000)),
    ('青', Some(630_000)), ('宁', Some(640_000)), ('新', Some(650_000)), ('军', None),
    ('兵', None),
];

/// Provinces whose intermediate courts are numbered and do not stand for prefectures.
const MUNICIPALITIES: [u32; 4] = [110_000, 120_000, 310_000, 500_000];

/// Basic courts whose four digits are not those of a county: the division that hosts them.
const EXCEPTIONS: &[(&str, u32)] = &[
    ("粤0192", 440_100), // 广州互联网法院
    ("粤0391", 440_300), // 前海
    ("粤0491", 440_400), // 横琴
    ("粤1971", 441_900), // 东莞: no counties
    ("粤1972", 441_900),
    ("粤1973", 441_900),
    ("粤2071", 442_000), // 中山: no counties
    ("粤2072", 442_000),
];

/// The character with which the numbers of a province's courts begin.
pub fn province_letter(province: DivisionCode) -> Option<char> {
    let code = province.to_string().parse().ok()?;
    let mut known = PROVINCES.iter();
    known
        .find(|(_, of)| *of == Some(code))
        .map(|(letter, _)| *letter)
}

/// At most so many cases may be named by one number.
pub const CASES_MAX: usize = 100;

/// A case number in one spelling, such as `（2024）粤0604执1234号`: full-width round brackets, plain
/// digits, no spaces, lists with 、 and ranges with -, and no 之一, which names a document of the case.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseNumber(String);

/// Why a text is no case number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseNumberError {
    /// The year is missing or not in brackets.
    #[error(
        "case number expected as （2024）粤0604执1234号: no year in brackets at the start of {0:?}"
    )]
    Year(String),
    /// No court is told.
    #[error(
        "case number expected as （2024）粤0604执1234号: no court's code behind the year in {0:?}"
    )]
    Court(String),
    /// The type is not among those known.
    #[error("case number expected as （2024）粤0604执1234号: no known type of case in {0:?}")]
    Type(String),
    /// Number or 号 is missing, or something follows them.
    #[error(
        "case number expected as （2024）粤0604执1234号: no number with 号 at the end of {0:?}"
    )]
    Number(String),
    /// More cases than anybody lists.
    #[error("case number of at most {CASES_MAX} cases expected, found {0:?}")]
    TooMany(String),
}

/// A number taken apart. `head` is all between year and number, with 字第 in the form before 2016.
struct Parts<'a> {
    year: u16,
    head: &'a str,
    court: Option<&'a str>,
    kind: &'a str,
    numbers: &'a str,
}

impl CaseNumber {
    /// The first number that stands in a text.
    pub fn find(text: &str) -> Option<Self> {
        let opens = |c| matches!(c, '(' | '（' | '[' | '［' | '【' | '〔');
        let begins = text.match_indices(opens);
        let mut numbers = begins.filter_map(|(at, _)| {
            let rest = &text[at..];
            let end = rest.find('号')? + '号'.len_utf8();
            rest[..end].parse().ok()
        });
        numbers.next()
    }

    /// The number in its one spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The year in which the case was filed.
    pub fn year(&self) -> u16 {
        self.parts().year
    }

    /// The court's code, such as `粤0604` or `最高法`; none in the form before 2016.
    pub fn court_code(&self) -> Option<&str> {
        self.parts().court
    }

    /// The division of the court: that of its level, for a special court (railway, maritime and so
    /// on: 71 to 99) the province. None for military and 兵团 courts and in the form before 2016.
    ///
    /// A court keeps its code when divisions change, so this may be a former division's.
    pub fn court_division(&self) -> Option<DivisionCode> {
        let court = self.court_code()?;
        if court == "最高法" {
            return Some(DivisionCode::NATION);
        }
        if let Some((_, division)) = EXCEPTIONS.iter().find(|(code, _)| *code == court) {
            return Some(DivisionCode::of_six(*division));
        }
        let province = PROVINCES
            .iter()
            .find(|(first, _)| court.starts_with(*first))?
            .1?;
        let digits = court.trim_start_matches(|c: char| !c.is_ascii_digit());
        let number: u32 = digits.parse().unwrap_or(0);
        let division = match digits.len() {
            0 => 0,
            2 if number >= 71 || MUNICIPALITIES.contains(&province) => 0,
            2 => number * 100,
            // 90 are the counties directly below a province, such as 鄂9004.
            4 if number >= 7100 && number / 100 != 90 => 0,
            4 => number,
            _ => return None,
        };
        Some(DivisionCode::of_six(province + division))
    }

    /// Whether this is a matter of enforcement: 执, 执恢 and so on.
    pub fn is_enforcement(&self) -> bool {
        let parts = self.parts();
        parts.kind.starts_with('执') || parts.court.is_none() && parts.kind.contains('执')
    }

    /// The cases one by one: `3827、3828` are two, `90006-90007` as well. Behind a dash a number that
    /// is not greater names a document of the case. A number of one case gives itself.
    pub fn expand(&self) -> Vec<Self> {
        let parts = self.parts();
        let cases = spans(parts.numbers).flat_map(|(first, last, width)| {
            (first..=last).map(move |number| format!("{number:0width$}"))
        });
        cases
            .map(|number| Self(format!("（{}）{}{number}号", parts.year, parts.head)))
            .collect()
    }

    fn parts(&self) -> Parts<'_> {
        split(&self.0).expect("a case number is made only of text that can be split")
    }
}

/// Reads the form since 2016 and the one before it (`（2014）民一终字第90012号`), in any brackets and
/// width.
impl FromStr for CaseNumber {
    type Err = CaseNumberError;

    fn from_str(text: &str) -> Result<Self, CaseNumberError> {
        let number = in_one_spelling(text);
        let parts = split(&number)?;
        let cases: u64 = spans(parts.numbers)
            .map(|(first, last, _)| 1 + last.saturating_sub(first))
            .sum();
        if cases > CASES_MAX as u64 {
            return Err(CaseNumberError::TooMany(number));
        }
        Ok(Self(number))
    }
}

fn in_one_spelling(text: &str) -> String {
    let is_seen = |c: &char| {
        !c.is_whitespace() && !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}')
    };
    let number: String = text
        .nfkc()
        .filter(is_seen)
        .map(|c| match c {
            '(' | '[' | '【' | '〔' => '（',
            ')' | ']' | '】' | '〕' => '）',
            ',' => '、',
            '–' | '—' | '‐' | '−' => '-',
            other => other,
        })
        .collect();
    let is_ordinal = |c: char| c.is_ascii_digit() || "一二三四五六七八九十百".contains(c);
    match number.rsplit_once("号之") {
        Some((case, document)) if !document.is_empty() && document.chars().all(is_ordinal) => {
            format!("{case}号")
        }
        _ => number,
    }
}

fn split(text: &str) -> Result<Parts<'_>, CaseNumberError> {
    let year = text
        .strip_prefix('（')
        .and_then(|rest| rest.split_once('）'));
    let (year, rest) = year
        .filter(|(year, _)| year.len() == 4 && (year.starts_with("19") || year.starts_with("20")))
        .and_then(|(year, rest)| Some((year.parse().ok()?, rest)))
        .ok_or_else(|| CaseNumberError::Year(text.to_owned()))?;

    let number = || CaseNumberError::Number(text.to_owned());
    let unended = rest.strip_suffix('号').ok_or_else(number)?;
    let head = unended.trim_end_matches(|c: char| c.is_ascii_digit() || c == '、' || c == '-');
    let numbers = &unended[head.len()..];
    let are_numbers = numbers
        .split(['、', '-'])
        .all(|number| (1..=9).contains(&number.len()));
    if !are_numbers {
        return Err(number());
    }
    let (court, kind) = match head.strip_suffix("字第") {
        Some(legacy) => (
            None,
            legacy_kind(legacy).ok_or_else(|| CaseNumberError::Type(text.to_owned()))?,
        ),
        None => {
            let (court, kind) =
                split_court(head).ok_or_else(|| CaseNumberError::Court(text.to_owned()))?;
            let plain = kind.strip_prefix('知').unwrap_or(kind);
            if !TYPES.contains(&plain) {
                return Err(CaseNumberError::Type(text.to_owned()));
            }
            (Some(court), plain)
        }
    };
    Ok(Parts {
        year,
        head,
        court,
        kind,
        numbers,
    })
}

/// The court's code and what follows it.
fn split_court(head: &str) -> Option<(&str, &str)> {
    let first = match head.chars().next()? {
        '最' if head.starts_with("最高法") => return Some(head.split_at("最高法".len())),
        first => first,
    };
    PROVINCES.iter().find(|(known, _)| *known == first)?;
    let digits = head[first.len_utf8()..]
        .bytes()
        .take(4)
        .take_while(u8::is_ascii_digit)
        .count();
    Some(head.split_at(first.len_utf8() + digits))
}

/// Before 2016 courts chose their own short forms, so court and type are told apart by nobody.
fn legacy_kind(head: &str) -> Option<&str> {
    let is_word =
        |c: char| c.is_ascii_digit() || matches!(c, '\u{4e00}'..='\u{9fff}' | '（' | '）');
    ((1..=20).contains(&head.chars().count()) && head.chars().all(is_word)).then_some(head)
}

/// First and last number of each part of a list, and how many digits they are written with.
fn spans(numbers: &str) -> impl Iterator<Item = (u64, u64, usize)> {
    numbers.split('、').map(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        // Digits only, nine at most; what follows a second dash names a document.
        let value = |digits: &str| {
            digits
                .split('-')
                .next()
                .and_then(|first| first.parse().ok())
                .unwrap_or(0)
        };
        (value(first), value(last).max(value(first)), first.len())
    })
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for CaseNumber {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for CaseNumber {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
