//! Mojibake: text that was read in a wrong charset before it came here. It must never be stored,
//! and no decoder can tell: the characters are all good ones.
//!
//! UTF-8 that was read as GBK gives itself away, for encoded as GBK it is UTF-8 again, which text
//! that somebody wrote is not but for a character in a hundred.

use std::sync::LazyLock;

use encoding_rs::GBK;

use super::{BadRow, Item, RawRow, Unreadable};

/// Han characters that the bytes must spell, lest a rare name be taken for mojibake.
const SPELT_MIN: u64 = 4;
/// Share of the bytes, in percent, that must be part of what they spell.
const SPELT_SHARE: u64 = 50;
/// Letters such as `Ö` and `Ð` that a text must have to be taken for text read as Latin-1, lest a
/// foreign name be; and their share among its characters beyond ASCII, in percent.
const LATIN_MIN: u64 = 8;
const LATIN_SHARE: u64 = 60;
/// One in so many characters beyond ASCII that is lost makes a text unreadable.
const LOST_ONE_IN: u64 = 20;
/// Bad rows before a whole file counts as bad: a few may be typed so.
const BAD_ROWS_MIN: u64 = 3;
/// One in so many rows that is unreadable makes the file so.
const BAD_ONE_IN: u64 = 10;

const LOST: &str = "has lost characters (U+FFFD, 锟斤拷) before it came here";

/// The two bytes of each character in GBK, by its code point; zero where it has none.
static GBK_BYTES: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    let mut table = vec![0; 0x1_0000].into_boxed_slice();
    for lead in 0x81..=0xFE_u8 {
        for trail in 0x40..=0xFE_u8 {
            let pair = [lead, trail];
            let decoded = GBK.decode_without_bom_handling_and_without_replacement(&pair);
            let mut characters = decoded.as_deref().unwrap_or_default().chars();
            if let (Some(one), None) = (characters.next(), characters.next())
                && let Some(place) = table.get_mut(one as usize)
            {
                *place = u16::from_be_bytes([lead, trail]);
            }
        }
    }
    table
});

/// Watches a file's rows go by: an unreadable row becomes a bad one, and a file with many of them
/// is refused.
#[derive(Debug, Default)]
pub struct MojibakeWatch {
    rows: u64,
    bad: u64,
}

impl MojibakeWatch {
    /// The item, or what is wrong with it.
    pub fn judge(&mut self, item: Item) -> Item {
        let Item::Row(row) = item else {
            return item;
        };
        self.rows += 1;
        match verdict(row.cells.iter().flatten().map(String::as_str)) {
            None => Item::Row(row),
            Some(reason) => {
                self.bad += 1;
                let RawRow { line, .. } = row;
                Item::Bad(BadRow {
                    line,
                    column: None,
                    reason: reason.to_owned(),
                })
            }
        }
    }

    /// Whether the file may stand.
    pub fn finish(self) -> Result<(), Unreadable> {
        if self.bad < BAD_ROWS_MIN || self.bad * BAD_ONE_IN < self.rows {
            return Ok(());
        }
        Err(Unreadable::new(format!(
            "{} of {} rows were read in a wrong charset before they came here; expected the original bytes in UTF-8 or GB18030",
            self.bad, self.rows
        )))
    }
}

/// What is wrong with a row's texts, if anything is with one of them or with all together: the
/// shortest say too little alone.
fn verdict<'t>(texts: impl Iterator<Item = &'t str>) -> Option<&'static str> {
    let mut all = Score::default();
    for text in texts {
        if text.contains("锟斤拷") {
            return Some(LOST);
        }
        let mut score = Score::default();
        text.chars().for_each(|character| score.take(character));
        if let Some(reason) = score.verdict() {
            return Some(reason);
        }
        all.beyond += score.beyond;
        all.spelt += score.spelt;
        all.latin += score.latin;
    }
    all.verdict()
}

#[derive(Debug, Default)]
struct Score {
    /// Characters beyond ASCII.
    beyond: u64,
    /// Han characters and marks that the GBK bytes spell in UTF-8.
    spelt: u64,
    lost: u64,
    latin: u64,
    /// Bytes that the sequence at hand still needs.
    need: u8,
}

impl Score {
    fn verdict(&self) -> Option<&'static str> {
        if self.spelt >= SPELT_MIN && self.spelt * 3 * 100 >= self.beyond * 2 * SPELT_SHARE {
            Some("is UTF-8 that was read as GBK; expected the original bytes")
        } else if self.lost > 0 && self.lost * LOST_ONE_IN >= self.beyond {
            Some(LOST)
        } else if self.latin >= LATIN_MIN && self.latin * 100 >= self.beyond * LATIN_SHARE {
            Some("is Chinese that was read as Latin-1; expected the original bytes")
        } else {
            None
        }
    }

    fn take(&mut self, character: char) {
        if character.is_ascii() {
            self.need = 0;
            return;
        }
        self.beyond += 1;
        match character {
            '\u{FFFD}' => self.lost += 1,
            '\u{80}'..='\u{FF}' => self.latin += 1,
            _ => {}
        }
        // Decoders give the lone byte 0x80 as the euro's mark.
        if character == '€' {
            return self.byte(0x80);
        }
        match GBK_BYTES.get(character as usize) {
            None | Some(0) => self.need = 0,
            Some(bytes) => bytes
                .to_be_bytes()
                .into_iter()
                .for_each(|byte| self.byte(byte)),
        }
    }

    /// Follows UTF-8 of three bytes that spell U+3000 to U+9FFF or full-width marks.
    fn byte(&mut self, byte: u8) {
        match (self.need, byte) {
            (1, 0x80..=0xBF) => {
                self.need = 0;
                self.spelt += 1;
            }
            (2, 0x80..=0xBF) => self.need = 1,
            (_, 0xE3..=0xE9 | 0xEF) => self.need = 2,
            _ => self.need = 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::GB18030;
    use rand_chacha::{
        ChaCha8Rng,
        rand_core::{RngCore, SeedableRng},
    };

    use super::*;

    fn judged(text: &str) -> Option<&'static str> {
        verdict(std::iter::once(text))
    }

    /// What becomes of a text whose UTF-8 is read as GBK.
    fn as_gbk(text: &str) -> String {
        GB18030
            .decode_without_bom_handling(text.as_bytes())
            .0
            .into_owned()
    }

    /// Random text of the 3,755 commonest Han characters, which GB2312 lists first.
    fn common(random: &mut ChaCha8Rng, length: usize) -> String {
        let mut one = || {
            let lead = 0xB0 + (random.next_u32() % 39) as u8;
            let trail = 0xA1 + (random.next_u32() % 94) as u8;
            let pair = [lead, trail];
            let (text, ..) = GBK.decode(&pair);
            text.chars().next().unwrap_or('中')
        };
        (0..length).map(|_| one()).collect()
    }

    const GOOD: [&str; 14] = [
        "佛山市禅城区样例局",
        "广东省佛山市南海区桂城街道样例路12号之一（首层）",
        "（2025）粤0604执1234号",
        "被执行人应于判决生效之日起十日内支付工程款1,234,567.89元及利息",
        "𠮷野家样例店",
        "㐂样",
        "䶮",
        "㙍㘵堽埗塱氹迳圳涌",
        "联通",
        "Société Générale 样例分行",
        "10m×20m，±0.5°",
        "俊锛",
        "鐨涓",
        "—",
    ];

    #[test]
    fn what_people_write_is_never_taken_for_mojibake() {
        for text in GOOD {
            assert_eq!(judged(text), None, "{text}");
        }
        let mut random = ChaCha8Rng::seed_from_u64(7);
        for round in 0..20_000 {
            let text = common(&mut random, 1 + round % 60);
            assert_eq!(judged(&text), None, "{text}");
        }
        // Whatever is in the plane, however rare: in the order of Unicode and mixed.
        let han: Vec<char> = ('\u{3400}'..='\u{9FFF}').collect();
        for length in [1, 2, 4, 9, 30] {
            for names in han.chunks(length) {
                let text: String = names.iter().collect();
                assert_eq!(judged(&text), None, "{text}");
            }
        }
        for _ in 0..20_000 {
            let length = 1 + random.next_u32() as usize % 12;
            let text: String = (0..length)
                .map(|_| han[random.next_u32() as usize % han.len()])
                .collect();
            assert_eq!(judged(&text), None, "{text}");
        }
    }

    #[test]
    fn utf_8_that_was_read_as_gbk_is_found() {
        assert_eq!(&as_gbk("中国政府诚信")[..3], "涓");
        assert!(judged("涓浗鏀垮簻璇氫俊").is_some());
        let mut random = ChaCha8Rng::seed_from_u64(11);
        let (mut poorer, mut found) = (0, 0);
        for round in 0..20_000 {
            let text = common(&mut random, 6 + round % 60);
            let read = as_gbk(&text);
            assert!(judged(&read).is_some(), "{text}: {read}");
            // Programs that don't know the private characters write a question mark for them.
            let poor: String = read
                .chars()
                .map(|one| {
                    if ('\u{E000}'..='\u{F8FF}').contains(&one) {
                        '?'
                    } else {
                        one
                    }
                })
                .collect();
            if poor != read {
                poorer += 1;
                found += i32::from(judged(&poor).is_some());
            }
        }
        assert!(poorer > 10_000, "{poorer}");
        assert!(found * 1_000 > poorer * 995, "{found} of {poorer}");
    }

    #[test]
    fn lost_characters_and_latin_1_are_found() {
        assert_eq!(judged("佛山市锟斤拷样例局"), Some(LOST));
        assert_eq!(judged("佛山市\u{FFFD}例局"), Some(LOST));
        let long = "样例".repeat(200);
        assert_eq!(judged(&format!("{long}\u{FFFD}")), None);
        for text in ["佛山市禅城区样例局", "样例中心"] {
            for bytes in [GBK.encode(text).0.to_vec(), text.as_bytes().to_vec()] {
                let latin: String = bytes.iter().map(|byte| char::from(*byte)).collect();
                assert!(judged(&latin).is_some(), "{latin}");
            }
        }
    }

    #[test]
    fn a_file_with_one_bad_row_stands_and_one_with_many_does_not() {
        let row = |line, text: &str| {
            Item::Row(RawRow {
                line,
                cells: vec![None, Some(text.to_owned())],
            })
        };
        let mut watch = MojibakeWatch::default();
        for line in 1..20 {
            assert!(matches!(
                watch.judge(row(line, "佛山市样例局")),
                Item::Row(_)
            ));
        }
        let bad = watch.judge(row(20, "涓浗鏀垮簻璇氫俊"));
        assert!(matches!(bad, Item::Bad(BadRow { line: 20, .. })));
        assert_eq!(watch.finish(), Ok(()));
        let mut watch = MojibakeWatch::default();
        for line in 1..=2 {
            watch.judge(row(line, "涓浗鏀垮簻璇氫俊"));
        }
        // So few may be typed so.
        assert_eq!(watch.finish(), Ok(()));
        let mut watch = MojibakeWatch::default();
        for line in 1..=3 {
            watch.judge(row(line, "涓浗鏀垮簻璇氫俊"));
        }
        let refused = watch.finish().expect_err("all of it is bad");
        assert!(refused.reason.contains("3 of 3 rows"), "{refused}");
    }
}
