//! Numbers of natural persons in texts: masked before anything is kept.

use std::borrow::Cow;

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use crate::uscc::Uscc;

/// Masks citizen numbers (GB 11643-1999, 18 characters, and its 15-digit forerunner) and mobile
/// phone numbers wherever they stand in a text. Unified social credit codes stay, also those made
/// of digits alone.
pub fn mask_numbers(text: &str) -> Cow<'_, str> {
    match mask_runs(text) {
        Cow::Borrowed(text) => mask_groups(text),
        Cow::Owned(masked) => Cow::Owned(mask_groups(&masked).into_owned()),
    }
}

/// Masks citizen and mobile numbers however people write them: in groups, after the country's code, behind
/// letters, in full-width digits.
fn mask_groups(text: &str) -> Cow<'_, str> {
    let groups = digit_groups(text);
    let mut hidden: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < groups.len() {
        let found = citizen_from(text, &groups[at..]).or_else(|| phone_from(&groups[at..]));
        match found {
            Some((count, digits)) => {
                hidden.extend(digits);
                at += count;
            }
            None => at += 1,
        }
    }
    if hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut masked, mut kept) = (String::with_capacity(text.len()), 0);
    for (start, end) in hidden {
        masked.push_str(&text[kept..start]);
        masked.push('*');
        kept = end;
    }
    masked.push_str(&text[kept..]);
    Cow::Owned(masked)
}

/// A digit with where it stands.
type Digit = (u8, usize, usize);

/// How a run of digits stands to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// One blank or hyphen alone is between them.
    Near,
    /// A few characters by which people part the groups of a number.
    Wide,
    /// Something else is.
    Far,
}

/// Characters between two groups of a number, as in `139 - 0000`.
const GAP_CHARS_MAX: usize = 3;

fn gap(between: &str) -> Gap {
    let is_blank = |c: char| {
        matches!(
            c,
            ' ' | '\u{3000}' | '\t' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}'
        )
    };
    let is_mark = |c: char| {
        let is_dash = matches!(c, '-' | '－' | '\u{2010}'..='\u{2015}' | '\u{2212}');
        is_dash || matches!(c, '.' | '．' | '·' | '•' | '_' | '＿')
    };
    let near = [" ", "-", "\u{3000}", "－", "\u{2011}"];
    if near.contains(&between) {
        return Gap::Near;
    }
    let characters = || between.chars().take(GAP_CHARS_MAX + 1);
    let is_between = characters().all(|c| is_blank(c) || is_mark(c));
    let marks = characters().filter(|c| is_mark(*c)).count();
    match is_between && marks <= 1 && characters().count() <= GAP_CHARS_MAX {
        true => Gap::Wide,
        false => Gap::Far,
    }
}

/// Runs of digits, each with how it stands to the one before.
fn digit_groups(text: &str) -> Vec<(Gap, Vec<Digit>)> {
    let mut groups: Vec<(Gap, Vec<Digit>)> = Vec::new();
    // Behind the last digit.
    let mut last = None;
    for (start, character) in text.char_indices() {
        let digit = match character {
            '0'..='9' => character as u32 - '0' as u32,
            '０'..='９' => character as u32 - '０' as u32,
            _ => continue,
        };
        let end = start + character.len_utf8();
        let digit = (digit as u8, start, end);
        match groups.last_mut().filter(|_| last == Some(start)) {
            Some((_, digits)) => digits.push(digit),
            None => {
                let gap = last.map_or(Gap::Far, |last| gap(&text[last..start]));
                groups.push((gap, vec![digit]));
            }
        }
        last = Some(end);
    }
    groups
}

/// A citizen number of 18 characters, with a right check character, that begins with the first of these groups: how
/// many groups it takes, and where its middle stands.
fn citizen_from(text: &str, groups: &[(Gap, Vec<Digit>)]) -> Option<(usize, Vec<(usize, usize)>)> {
    let mut digits: Vec<Digit> = Vec::new();
    for (count, (gap, group)) in groups.iter().enumerate() {
        if count > 0 && *gap == Gap::Far || digits.len() + group.len() > 18 {
            return None;
        }
        digits.extend(group);
        let end = digits.last().map_or(0, |(_, _, end)| *end);
        let last = match digits.len() {
            17 => text[end..]
                .chars()
                .next()
                .filter(|c| matches!(c, 'X' | 'x' | 'Ｘ' | 'ｘ')),
            18 => None,
            _ => continue,
        };
        if digits.len() == 17 && last.is_none() {
            continue;
        }
        let digit = |(digit, ..): &Digit| char::from(b'0' + digit);
        let number: String = digits.iter().map(digit).chain(last.map(|_| 'X')).collect();
        citizen_number(&number)?;
        let middle = digits[6..14].iter().map(|(_, start, end)| (*start, *end));
        return Some((count + 1, middle.collect()));
    }
    None
}

/// Digits of a mobile number.
const MOBILE_DIGITS: usize = 11;
/// What is dialled before one: a zero from far away, the country's code, that behind the zeros for abroad.
const DIALLED_BEFORE: [&[u8]; 4] = [&[], &[0], &[8, 6], &[0, 0, 8, 6]];
/// Digits with the longest of these.
const PHONE_DIGITS_MAX: usize = 15;

/// A mobile number that begins with the first of these groups: how many groups it takes, and where
/// its middle stands.
fn phone_from(groups: &[(Gap, Vec<Digit>)]) -> Option<(usize, Vec<(usize, usize)>)> {
    let mut digits: Vec<Digit> = Vec::new();
    let mut gaps: Vec<(usize, Gap)> = Vec::new();
    for (count, (gap, group)) in groups.iter().enumerate() {
        if count > 0 && *gap == Gap::Far || digits.len() + group.len() > PHONE_DIGITS_MAX {
            return None;
        }
        if count > 0 {
            gaps.push((digits.len(), *gap));
        }
        digits.extend(group);
        let dialled = digits.len().saturating_sub(MOBILE_DIGITS);
        let (before, number) = digits.split_at(dialled);
        let before = before.iter().map(|(digit, ..)| *digit);
        if let [(1, ..), (3..=9, ..), ..] = number
            && number.len() == MOBILE_DIGITS
            && DIALLED_BEFORE
                .iter()
                .any(|known| before.clone().eq(known.iter().copied()))
            && is_grouped(&gaps, digits.len() - number.len())
        {
            let middle = number[3..7].iter().map(|(_, start, end)| (*start, *end));
            return Some((count + 1, middle.collect()));
        }
    }
    None
}

/// Whether a mobile number that begins behind so many digits may be parted there. No check character tells it from an
/// amount or from the two ends of a range, so what stands wide apart must be its groups: three digits, four and four.
fn is_grouped(gaps: &[(usize, Gap)], start: usize) -> bool {
    let inside = || gaps.iter().filter(|(at, _)| *at > start);
    let is_wide = inside().any(|(_, gap)| *gap == Gap::Wide);
    !is_wide || inside().map(|(at, _)| at - start).eq([3, 7])
}

/// Masks runs of letters and digits that are a number as a whole.
fn mask_runs(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut masked = String::new();
    let (mut at, mut kept) = (0, 0);
    while at < bytes.len() {
        if !bytes[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let length = bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        let run = &text[at..at + length];
        if let Some((head, tail)) = visible_ends(run) {
            masked.push_str(&text[kept..at]);
            masked.push_str(&run[..head]);
            masked.push_str(&"*".repeat(length - head - tail));
            masked.push_str(&run[length - tail..]);
            kept = at + length;
        }
        at += length;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    masked.push_str(&text[kept..]);
    Cow::Owned(masked)
}

/// Whether a text is a citizen number as such, whole or masked in the middle.
pub fn is_citizen_number(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'*' | b'X' | b'x');
    let bytes = text.as_bytes();
    if !matches!(bytes.len(), 15 | 18) || !bytes.iter().all(|byte| is_part(*byte)) {
        return false;
    }
    if !text.contains('*') {
        return is_whole_number(text);
    }
    // The century of birth is what a masked code of a body does not have there.
    bytes.len() == 18 && matches!(&bytes[6..8], b"19" | b"20")
}

/// A citizen number in its one spelling: 18 characters, the check character in capitals and right
/// (GB 11643-1999); of the 15 digits before 1999 the century is 19 (民 15 位转 18 位). None where it
/// is masked, broken or no number at all.
pub fn citizen_number(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_uppercase();
    if !is_whole_number(&text) {
        return None;
    }
    let head = match text.len() {
        15 => format!("{}19{}", &text[..6], &text[6..]),
        _ => text[..17].to_owned(),
    };
    let number = format!("{head}{}", check_character(&head));
    (text.len() == 15 || number == text).then_some(number)
}

/// What a cell says of a natural person's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonNumber {
    /// The number, in its one spelling.
    Whole(String),
    /// A number of which parts are hidden: who bears it can't be told.
    Masked,
}

/// Reads a cell that may hold a natural person's number, written in whatever width; none where it
/// holds something else.
pub fn person_number(text: &str) -> Option<PersonNumber> {
    let text: String = text.nfkc().filter(|c| !c.is_whitespace()).collect();
    if let Some(number) = citizen_number(&text) {
        return Some(PersonNumber::Whole(number));
    }
    let is_hidden = |c: char| matches!(c, '*' | 'X' | 'x' | '×');
    let characters: Vec<char> = text.chars().collect();
    let is_masked = MASKED_CHARS.contains(&characters.len())
        && characters
            .iter()
            .all(|c| c.is_ascii_digit() || is_hidden(*c))
        // A single X is a check character.
        && characters
            .windows(2)
            .any(|pair| pair.iter().all(|c| is_hidden(*c)));
    is_masked.then_some(PersonNumber::Masked)
}

/// Characters of a keyed digest in hexadecimal.
const DIGEST_CHARS: usize = 64;

/// Whether a text is a keyed digest, as it is kept in the place of a number.
pub fn is_digest(text: &str) -> bool {
    text.len() == DIGEST_CHARS && text.bytes().all(is_hex)
}

/// A text without the digests that stand in the place of numbers: by those, rows of one person could
/// be put together.
pub fn without_digests(text: &str) -> String {
    let is_plain = |c: char| !u8::try_from(c).is_ok_and(is_hex);
    let runs = text.split_inclusive(is_plain);
    let kept = runs.map(|run| {
        let digits = run.trim_end_matches(is_plain);
        match digits.len() >= DIGEST_CHARS {
            true => &run[digits.len()..],
            false => run,
        }
    });
    kept.collect()
}

fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Characters of a masked number: some that mask write fewer signs than they hide.
const MASKED_CHARS: std::ops::RangeInclusive<usize> = 8..=24;

fn check_character(head: &str) -> char {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHARACTERS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
    let digits = head.bytes().map(|byte| u32::from(byte.wrapping_sub(b'0')));
    let sum: u32 = WEIGHTS
        .iter()
        .zip(digits)
        .map(|(weight, digit)| weight * digit)
        .sum();
    CHARACTERS[(sum % 11) as usize]
}

/// How many characters may stay visible at both ends of a run that is a person's number.
fn visible_ends(run: &str) -> Option<(usize, usize)> {
    let bytes = run.as_bytes();
    let is_mobile = bytes.len() == 11
        && bytes.iter().all(u8::is_ascii_digit)
        && bytes[0] == b'1'
        && (b'3'..=b'9').contains(&bytes[1]);
    match () {
        () if is_mobile => Some((3, 4)),
        () if is_whole_number(run) => Some((6, 4)),
        () => None,
    }
}

fn is_whole_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let birth = match bytes.len() {
        18 if digits(&bytes[..17])
            && (bytes[17].is_ascii_digit() || matches!(bytes[17], b'X' | b'x')) =>
        {
            text[6..14].to_owned()
        }
        15 if digits(bytes) => format!("19{}", &text[6..12]),
        _ => return false,
    };
    NaiveDate::parse_from_str(&birth, "%Y%m%d").is_ok()
        && matches!(&birth[..2], "18" | "19" | "20")
        // One number in 31 is a code by accident: where both checks are right it is a person's.
        && (has_right_check(text) || text.parse::<Uscc>().is_err())
}

fn has_right_check(text: &str) -> bool {
    let last = text.chars().next_back();
    text.len() == 18
        && last.map(|last| last.to_ascii_uppercase()) == Some(check_character(&text[..17]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_taken_out_of_a_text_and_nothing_else() {
        let digest = "0123456789abcdef".repeat(4);
        assert!(is_digest(&digest) && !is_digest(&digest[1..]));
        for (text, left) in [
            (digest.clone(), ""),
            (
                format!("甲**（身份证{digest}）支付10元"),
                "甲**（身份证）支付10元",
            ),
            (
                "（2025）粤0604执90001号 abc".to_owned(),
                "（2025）粤0604执90001号 abc",
            ),
            (String::new(), ""),
        ] {
            assert_eq!(without_digests(&text), left, "{text}");
        }
    }

    #[test]
    fn numbers_of_persons_are_masked_and_codes_stay() {
        for (text, masked) in [
            // The specimens of the standard.
            ("11010519491231002X", "110105********002X"),
            ("身份证440524188001010014。", "身份证440524********0014。"),
            ("440524880101001", "440524*****1001"),
            // Right as a person's number and as a code of 18 digits.
            ("000000199001070010", "000000********0010"),
            ("电话 13900000000，", "电话 139****0000，"),
            ("+8613900000000", "+86139****0000"),
            ("013900000000", "0139****0000"),
            ("008613900000000", "0086139****0000"),
            ("0086 139 0000 0000", "0086 139 **** 0000"),
            ("139 0000 0000", "139 **** 0000"),
            ("tel139-0000-0000.", "tel139-****-0000."),
            ("440524 19880101 0011", "440524 ******** 0011"),
            ("ID440524198801010011号", "ID440524********0011号"),
            (
                "张三４４０５２４１９８８０１０１００１１",
                "张三４４０５２４********００１１",
            ),
            ("110105-1949-1231-002X", "110105-****-****-002X"),
            ("第1101051949 1231002x号", "第110105**** ****002x号"),
            ("440524 19880101 0012", "440524 19880101 0012"),
            ("440524 1988010100110", "440524 1988010100110"),
            ("１３９０００００００0", "１３９****０００0"),
            ("2026-05-01 13900000000", "2026-05-01 139****0000"),
            ("139 - 0000 - 0000", "139 - **** - 0000"),
            ("电话139.0000.0000。", "电话139.****.0000。"),
            ("139–0000–0000", "139–****–0000"),
            ("139 — 0000 — 0000", "139 — **** — 0000"),
            ("139_0000_0000", "139_****_0000"),
            ("139\u{a0}0000\u{a0}0000", "139\u{a0}****\u{a0}0000"),
            ("139\t0000\t0000", "139\t****\t0000"),
            ("139  0000  0000", "139  ****  0000"),
            ("+86 – 139.0000.0000", "+86 – 139.****.0000"),
            ("139-0000 - 0000", "139-**** - 0000"),
            ("440524.19880101.0011", "440524.********.0011"),
            ("110105 – 19491231 – 002X", "110105 – ******** – 002X"),
            ("110105_1949_1231_002x", "110105_****_****_002x"),
            ("440524\u{a0}1988 0101\t0011", "440524\u{a0}**** ****\t0011"),
            // Amounts, ranges, days, numbers of documents and of versions.
            ("支付138000000.00元", "支付138000000.00元"),
            ("15000.123456", "15000.123456"),
            ("1390000.0000", "1390000.0000"),
            ("1500 - 2000000元", "1500 - 2000000元"),
            ("1500–2000000", "1500–2000000"),
            ("139 — 00000000", "139 — 00000000"),
            ("2026.05.01—2026.12.31", "2026.05.01—2026.12.31"),
            ("2026 – 05 – 01 139", "2026 – 05 – 01 139"),
            ("粤府〔2024〕139—0604号", "粤府〔2024〕139—0604号"),
            ("192.168.100.100", "192.168.100.100"),
            (
                "1144\u{a0}0600.0070_3956 – 5U",
                "1144\u{a0}0600.0070_3956 – 5U",
            ),
            ("139 -- 0000 -- 0000", "139 -- 0000 -- 0000"),
            ("139、0000、0000", "139、0000、0000"),
            ("2024-0604-139", "2024-0604-139"),
            ("113900000000", "113900000000"),
            ("114403006939513773", "114403006939513773"),
            ("11440600007039565U", "11440600007039565U"),
            ("（2024）粤0604执1234号", "（2024）粤0604执1234号"),
            ("支付100000000元", "支付100000000元"),
            ("", ""),
        ] {
            assert_eq!(mask_numbers(text), masked);
        }
    }

    #[test]
    fn a_citizen_number_has_one_spelling() {
        for (text, number) in [
            ("11010519491231002X", Some("11010519491231002X")),
            ("11010519491231002x ", Some("11010519491231002X")),
            ("440524880101001", Some("440524198801010011")),
            ("000000199001070010", Some("000000199001070010")),
            ("110105194912310021", None),
            ("1101051949****002X", None),
            ("", None),
        ] {
            assert_eq!(citizen_number(text).as_deref(), number, "{text}");
        }
    }

    #[test]
    fn a_cell_holds_a_whole_number_a_masked_one_or_none() {
        let whole = |text: &str| Some(PersonNumber::Whole(text.to_owned()));
        for (text, number) in [
            ("11010519491231002x", whole("11010519491231002X")),
            (" 1101051949 1231002X", whole("11010519491231002X")),
            (
                "１１０１０５１９４９１２３１００２Ｘ",
                whole("11010519491231002X"),
            ),
            ("440524880101001", whole("440524198801010011")),
            ("1101051949****002X", Some(PersonNumber::Masked)),
            ("110105XXXXXXXX002X", Some(PersonNumber::Masked)),
            ("110105************", Some(PersonNumber::Masked)),
            ("1101＊＊＊＊002X", Some(PersonNumber::Masked)),
            ("******************", Some(PersonNumber::Masked)),
            // A wrong check character.
            ("110105194912310021", None),
            ("1101051949123100", None),
            ("11440600****39565U", None),
            ("007039565", None),
            ("****", None),
            ("", None),
        ] {
            assert_eq!(person_number(text), number, "{text}");
        }
    }

    #[test]
    fn a_masked_number_is_told_from_a_masked_code() {
        for (text, is_number) in [
            ("0000001990****0012", true),
            ("11010519491231002X", true),
            ("124406********123X", false),
            ("11440600007039565U", false),
            ("甲", false),
        ] {
            assert_eq!(is_citizen_number(text), is_number, "{text}");
        }
    }
}
