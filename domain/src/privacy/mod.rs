//! Numbers of natural persons in texts: masked before anything is kept.

mod mask;

use chrono::NaiveDate;
use unicode_normalization::UnicodeNormalization;

use crate::uscc::Uscc;

pub use mask::mask_numbers;

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
