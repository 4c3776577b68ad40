//! Traditional characters (繁体字) to simplified ones, where a text is written in them at all.

use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

/// Pairs of a character that no simplified text has (it is outside GB 2312) and its simplified form.
///
/// From OpenCC's TSCharacters (Apache-2.0), without the characters of names of divisions in force,
/// such as the 濛 of 濛江乡, which stay as they are.
static ONLY_TRADITIONAL: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let mut characters = include_str!("traditional.txt")
        .chars()
        .filter(|c| !c.is_whitespace());
    let mut pairs = HashMap::new();
    while let (Some(traditional), Some(simplified)) = (characters.next(), characters.next()) {
        pairs.insert(traditional, simplified);
    }
    pairs
});

/// A bit for each character from U+4E00 to U+9FFF: most texts have none, and are left at once.
static IS_TRADITIONAL: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut bits = vec![0; 0x5200 / 64];
    for c in ONLY_TRADITIONAL.keys() {
        let at = *c as usize - 0x4e00;
        bits[at / 64] |= 1 << (at % 64);
    }
    bits
});

/// Characters of both scripts, simplified only in a text that has traditional-only ones. 乾 is not
/// among them: 乾縣 is 乾县.
const BOTH: [(char, char); 2] = [('後', '后'), ('徵', '征')];

fn is_traditional(c: char) -> bool {
    let at = (c as usize).wrapping_sub(0x4e00);
    IS_TRADITIONAL
        .get(at / 64)
        .is_some_and(|bits| bits >> (at % 64) & 1 == 1)
}

/// The text in simplified characters.
pub(super) fn simplified(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_traditional) {
        return Cow::Borrowed(text);
    }
    let simplify = |c: char| {
        let both = || BOTH.iter().find(|pair| pair.0 == c).map(|pair| pair.1);
        let only = ONLY_TRADITIONAL.get(&c).copied();
        only.or_else(both).unwrap_or(c)
    };
    Cow::Owned(text.chars().map(simplify).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_texts_are_simplified_and_others_left() {
        for (written, simple) in [
            ("雲和縣崇頭鎮人民政府", "云和县崇头镇人民政府"),
            ("乾縣財政局", "乾县财政局"),
            ("乾县财政局", "乾县财政局"),
            ("佛山市南海區裡水鎮後勤中心", "佛山市南海区里水镇后勤中心"),
            ("濛江乡人民政府", "濛江乡人民政府"),
            ("ABC", "ABC"),
        ] {
            assert_eq!(simplified(written), simple);
        }
    }
}
