//! Numerals (序数) in names: they are identity, never a typing error.

use std::borrow::Cow;

const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// Arabic digits behind 第 in Chinese numerals, as registers write them: 第12中学 is 第十二中学.
pub(super) fn ordinals_spelled(text: &str) -> Cow<'_, str> {
    let is_digit = |c: char| c.is_ascii_digit();
    let Some((start, _)) = text
        .match_indices('第')
        .find(|(at, _)| text[at + 3..].starts_with(is_digit))
    else {
        return Cow::Borrowed(text);
    };
    let (before, behind) = text.split_at(start + 3);
    let digits = behind.find(|c| !is_digit(c)).unwrap_or(behind.len());
    let rest = ordinals_spelled(&behind[digits..]);
    let spelled = match behind[..digits].parse::<u32>() {
        Ok(number @ 1..=9999) if !behind.starts_with('0') => spelled(number),
        _ => behind[..digits].to_owned(),
    };
    Cow::Owned([before, &spelled, &rest].concat())
}

/// A number from 1 to 9999 as one counts: 十二, 一百零五.
fn spelled(number: u32) -> String {
    let mut text = String::new();
    let mut skipped = false;
    for (unit, place) in [("千", 1000), ("百", 100), ("十", 10), ("", 1)] {
        let digit = number / place % 10;
        if digit == 0 {
            skipped = !text.is_empty();
            continue;
        }
        if skipped {
            text.push('零');
            skipped = false;
        }
        if digit != 1 || place != 10 || !text.is_empty() {
            text.push(DIGITS[digit as usize]);
        }
        text.push_str(unit);
    }
    text
}

/// Whether a character counts or designates, as Latin letters do: two names that differ in one of
/// these are two names.
pub fn is_numeral(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || DIGITS.contains(&c)
        || matches!(
            c,
            '〇' | '两' | '十' | '百' | '千' | '甲' | '乙' | '丙' | '丁'
        )
}

/// Whether two texts have the same numerals in the same order.
pub fn same_numerals(a: &str, b: &str) -> bool {
    a.chars()
        .filter(|c| is_numeral(*c))
        .eq(b.chars().filter(|c| is_numeral(*c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_have_one_spelling() {
        for (written, spelled) in [
            ("第1中学", "第一中学"),
            ("第12小学第3分校", "第十二小学第三分校"),
            ("第105医院", "第一百零五医院"),
            ("第20、第110、第1001", "第二十、第一百一十、第一千零一"),
            ("第007号", "第007号"),
            ("第一中学12", "第一中学12"),
            ("第第1", "第第一"),
        ] {
            assert_eq!(ordinals_spelled(written), spelled);
        }
    }

    #[test]
    fn numerals_tell_names_apart() {
        assert!(same_numerals("第一中学", "一中"));
        assert!(!same_numerals("第一中学", "第三中学"));
        assert!(!same_numerals("第一中学", "第十一中学"));
        assert!(!same_numerals("A区管理处", "B区管理处"));
    }
}
