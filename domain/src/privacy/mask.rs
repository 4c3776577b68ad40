//! Masking: numbers of natural persons in free text, however people write them.

use std::borrow::Cow;

use super::{citizen_number, is_whole_number};

/// Masks citizen numbers (GB 11643-1999, 18 characters, and its 15-digit forerunner), mobile numbers, and landlines with
/// their area wherever they stand in a text. Unified social credit codes stay, also those made
/// of digits alone.
pub fn mask_numbers(text: &str) -> Cow<'_, str> {
    match mask_runs(text) {
        Cow::Borrowed(text) => mask_groups(text),
        Cow::Owned(masked) => Cow::Owned(mask_groups(&masked).into_owned()),
    }
}

/// Masks numbers of citizens and of phones however people write them: in groups, after the country's code, behind
/// letters, in full-width digits.
fn mask_groups(text: &str) -> Cow<'_, str> {
    let groups = digit_groups(text);
    let mut hidden: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < groups.len() {
        let groups = &groups[at..];
        if groups
            .get(1)
            .is_some_and(|(_, digits)| is_fraction(text, digits[0].1))
        {
            at += 2;
            continue;
        }
        let found = citizen_from(text, groups)
            .or_else(|| old_citizen_from(groups))
            .or_else(|| mobile_from(groups))
            .or_else(|| landline_from(groups));
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

/// Whether what begins here is the fraction of a number below one.
fn is_fraction(text: &str, start: usize) -> bool {
    let whole = text[..start].strip_suffix("0.");
    whole.is_some_and(|before| !before.ends_with(|c: char| c.is_ascii_digit()))
}

/// A digit with where it stands.
type Digit = (u8, usize, usize);
/// A run of digits, with how it stands to the one before it.
type Group = (Gap, Vec<Digit>);
/// How many groups a number takes, and where the digits stand that are hidden.
type Found = (usize, Vec<(usize, usize)>);

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
    // Behind an area in brackets there may be a mark besides.
    let is_bracket = |c: char| matches!(c, ')' | '）');
    let is_between = characters().all(|c| is_blank(c) || is_mark(c) || is_bracket(c));
    let marks = characters().filter(|c| is_mark(*c)).count();
    match is_between && marks <= 1 && characters().count() <= GAP_CHARS_MAX {
        true => Gap::Wide,
        false => Gap::Far,
    }
}

fn digit_groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
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

/// A citizen number of 18 characters, with a right check character, that begins with the first of these groups.
fn citizen_from(text: &str, groups: &[Group]) -> Option<Found> {
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

/// Years of birth in a number of 15 digits that stands behind letters, as in `ID440106700101123`. Numbers of orders are
/// written so, too, with the division and the day: those of our years are no persons'.
const OLD_BIRTHS: std::ops::RangeInclusive<u8> = 31..=99;

/// A citizen number of 15 digits that is the first of these groups alone.
fn old_citizen_from(groups: &[Group]) -> Option<Found> {
    let (_, digits) = groups.first()?;
    let number: String = digits
        .iter()
        .map(|(digit, ..)| char::from(b'0' + digit))
        .collect();
    let is_old = digits.len() == 15 && citizen_number(&number).is_some();
    let born = number.get(6..8)?.parse().ok()?;
    let middle = digits
        .get(6..11)?
        .iter()
        .map(|(_, start, end)| (*start, *end));
    (is_old && OLD_BIRTHS.contains(&born)).then(|| (1, middle.collect()))
}

/// Digits of a mobile number.
const MOBILE_DIGITS: usize = 11;
/// What is dialled before one: a zero from far away, the country's code, that behind the zeros for abroad.
const DIALLED_BEFORE: [&[u8]; 4] = [&[], &[0], &[8, 6], &[0, 0, 8, 6]];
/// Digits with the longest of these.
const PHONE_DIGITS_MAX: usize = 15;
/// What is dialled before the area of a landline.
const LANDLINE_BEFORE: [&[u8]; 5] = [&[0], &[8, 6], &[8, 6, 0], &[0, 0, 8, 6], &[0, 0, 8, 6, 0]];
/// Digits at a landline's end that stay.
const LANDLINE_DIGITS_SHOWN: usize = 4;

/// A mobile number that begins with the first of these groups.
fn mobile_from(groups: &[Group]) -> Option<Found> {
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

/// Digits of a landline's area, and of the number behind it. Of the capital and the great cities an area has two digits behind
/// the zero, and numbers have eight.
fn landline_of(digits: &[u8]) -> Option<(usize, std::ops::RangeInclusive<usize>)> {
    match digits {
        [1, 0, ..] | [2, _, ..] => Some((2, 8..=8)),
        // Only one begins with another digit and a zero; codes of counties and of their courts do.
        [7, 0, 1, ..] => Some((3, 7..=8)),
        [3..=8, 0, _, ..] => None,
        [3..=9, _, _, ..] => Some((3, 7..=8)),
        _ => None,
    }
}

/// Whether eight digits are a day of our century, as in the number of an order.
fn is_day(digits: &[u8]) -> bool {
    let pair = |at: usize| digits[at] * 10 + digits[at + 1];
    let is_of_ours = matches!(digits, [2, 0, 0..=3, ..]) && digits.len() == 8;
    is_of_ours && (1..=12).contains(&pair(4)) && (1..=31).contains(&pair(6))
}

/// A landline that begins with the first of these groups, with the area before it: a number without one is like any
/// other. From abroad the area has no zero.
fn landline_from(groups: &[Group]) -> Option<Found> {
    let (mut digits, mut parted): (Vec<Digit>, Vec<usize>) = Default::default();
    for (count, (gap, group)) in groups.iter().enumerate() {
        if count > 0 && *gap == Gap::Far || digits.len() + group.len() > PHONE_DIGITS_MAX {
            return None;
        }
        if count > 0 {
            parted.push(digits.len());
        }
        digits.extend(group);
        let plain: Vec<u8> = digits.iter().map(|(digit, ..)| *digit).collect();
        let found = LANDLINE_BEFORE.into_iter().find_map(|before| {
            let behind = plain.strip_prefix(before)?;
            let (area, lengths) = landline_of(behind)?;
            let number = &behind[area..];
            let is_one =
                matches!(number, [2..=8, ..]) && lengths.contains(&number.len()) && !is_day(number);
            is_one.then_some((before.len(), before.len() + area))
        });
        let Some((dialled, at)) = found else {
            continue;
        };
        let shown = digits.len() - LANDLINE_DIGITS_SHOWN;
        let is_parted = |place: &usize| {
            // A zero that stands alone begins a decimal.
            let is_dialled = dialled > 1 && *place <= dialled;
            is_dialled || [at, shown].contains(place)
        };
        // A run of digits alone that begins with the country's code may be anything.
        let is_plain_run = count == 0 && dialled == 2;
        if parted.iter().all(is_parted) && !is_plain_run {
            let hidden = digits[at..shown].iter();
            let places = hidden.map(|(_, start, end)| (*start, *end));
            return Some((count + 1, places.collect()));
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
        if let Some((head, tail)) = visible_ends(run).filter(|_| !is_fraction(text, at)) {
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

#[cfg(test)]
mod tests {
    use super::*;

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
            ("座机0757-81234567", "座机0757-****4567"),
            ("（020）8123 4567", "（020）**** 4567"),
            ("02081234567", "020****4567"),
            ("0668-812-3456。", "0668-***-3456。"),
            ("010 8123-4567", "010 ****-4567"),
            ("（020）-81234567", "（020）-****4567"),
            ("(0757)- 8123 4567", "(0757)- **** 4567"),
            ("+86-757-81234567", "+86-757-****4567"),
            ("+86 20 8123 4567", "+86 20 **** 4567"),
            ("+86 0757 8123456", "+86 0757 ***3456"),
            ("0086-757-81234567", "0086-757-****4567"),
            ("0086757 81234567", "0086757 ****4567"),
            ("8675781234567", "8675781234567"),
            ("0701-8123456", "0701-***3456"),
            ("0.6666666667", "0.6666666667"),
            ("0.16666666667", "0.16666666667"),
            ("税率0.13900000000", "税率0.13900000000"),
            ("1.13900000000", "1.139****0000"),
            ("10.13900000000", "10.139****0000"),
            ("0 – 3502000000元", "0 – 3502000000元"),
            ("0757-20240508-0012", "0757-20240508-0012"),
            ("0604-81234567", "0604-81234567"),
            ("号码ID440106700101123", "号码ID440106*****1123"),
            // Of an order, made of division and day; a service number; an area that is none; a court's code.
            ("工单GD440600260101123", "工单GD440600260101123"),
            ("0757-12345", "0757-12345"),
            ("0757-1234567", "0757-1234567"),
            ("0123-81234567", "0123-81234567"),
            ("粤0605执8123456号", "粤0605执8123456号"),
            ("020-8123456", "020-8123456"),
            ("000081234567", "000081234567"),
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
}
