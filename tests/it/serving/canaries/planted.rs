//! Numbers of made-up persons, each known by the door that it went in by, and looked for wherever they could come out.

use std::{cell::RefCell, collections::HashMap, fs, io::Read, path::Path};

/// The numbers, each with the door that it went in by.
#[derive(Default)]
pub(in crate::serving) struct Canaries(RefCell<HashMap<Vec<u8>, &'static str>>);

impl Canaries {
    /// A citizen number with a right check character; one in 31 would also be a good code of a body.
    pub(in crate::serving) fn number(&self, door: &'static str) -> String {
        let n = self.0.borrow().len() as u32;
        let is_free = |number: &String| !self.0.borrow().contains_key(number.as_bytes());
        let number = (n..).map(citizen_number).find(is_free);
        self.plant(door, number.expect("there are others"))
    }

    /// A mobile number.
    pub(in crate::serving) fn phone(&self, door: &'static str) -> String {
        let n = self.0.borrow().len() as u64;
        self.plant(
            door,
            format!(
                "1{}{:09}",
                3 + n % 7,
                (n * 123_457_931 + 29) % 1_000_000_000
            ),
        )
    }

    /// A landline with its area.
    fn landline(&self, door: &'static str) -> String {
        let n = self.0.borrow().len() as u64;
        self.plant(
            door,
            format!("0757{:08}", 30_000_000 + n * 7_919_333 % 50_000_000),
        )
    }

    /// All in a sentence, each written in one of the ways in which people write them.
    pub(in crate::serving) fn words(&self, door: &'static str) -> String {
        let landline = self.landline(door);
        let (area, number) = landline.split_at(4);
        let landline = match self.0.borrow().len() / 3 % 3 {
            0 => format!("{area}-{number}"),
            1 => format!("{area} {} {}", &number[..4], &number[4..]),
            _ => landline,
        };
        format!("{}座机{landline}", self.mobile_words(door))
    }

    fn mobile_words(&self, door: &'static str) -> String {
        let (number, phone) = (self.number(door), self.phone(door));
        let groups = |gap: &str| [&phone[..3], &phone[3..7], &phone[7..]].join(gap);
        let parts = |gap: &str| [&number[..6], &number[6..14], &number[14..]].join(gap);
        match self.0.borrow().len() / 3 % 10 {
            0 => format!("反映人身份证{number}，电话{phone}。"),
            1 => format!("身份证号：{number}(联系 {})", groups(" ")),
            2 => format!("电话+86-{}；证件{number}", groups("-")),
            3 => format!("手机{}证件{number}", wide(&phone)),
            4 => format!("电话{}，证件{}", groups(" - "), parts(" - ")),
            5 => format!("电话{}，证件{}", groups("."), parts(".")),
            6 => format!("电话{}，证件{}", groups("–"), parts("—")),
            7 => format!("电话{}，证件{}", groups("_"), parts("_")),
            8 => format!("电话{}，证件{}", groups("\u{a0}"), parts("\u{a0}")),
            _ => format!("电话{}，证件{}", groups("\t"), parts("  ")),
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.borrow().len()
    }

    fn plant(&self, door: &'static str, canary: String) -> String {
        let before = self
            .0
            .borrow_mut()
            .insert(canary.clone().into_bytes(), door);
        assert!(before.is_none(), "{canary} is there twice");
        canary
    }

    /// The doors whose numbers are in these bytes, however they are grouped there.
    pub(in crate::serving) fn in_bytes(&self, bytes: &[u8]) -> Vec<String> {
        let canaries = self.0.borrow();
        let mut found = Vec::new();
        let (digits, groups) = narrow(bytes);
        for (at, (start, ..)) in groups.iter().enumerate() {
            for (more, (_, end, is_near)) in groups[at..].iter().enumerate() {
                let run = &digits[*start..*end];
                if more > 0 && !is_near || run.len() > LONGEST {
                    break;
                }
                // The number of a longer one is none of ours, but for a country's code before it.
                let without_code = run.strip_prefix(b"86").unwrap_or(run);
                for run in [run, without_code] {
                    if let Some(door) = canaries.get(run) {
                        found.push(format!("{door}: {}", String::from_utf8_lossy(run)));
                    }
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// The same of a file, also of what is packed in it.
    pub(super) fn in_file(&self, path: &Path) -> Vec<String> {
        let bytes = fs::read(path).expect("it can be read");
        let mut found = self.in_bytes(&bytes);
        found.extend(self.in_bytes(&zstd::stream::decode_all(&bytes[..]).unwrap_or_default()));
        if let Ok(mut book) = zip::ZipArchive::new(std::io::Cursor::new(&bytes)) {
            for at in 0..book.len() {
                let mut part = Vec::new();
                let mut entry = book.by_index(at).expect("an entry");
                entry.read_to_end(&mut part).expect("it unpacks");
                found.extend(self.in_bytes(&part));
            }
        }
        found
    }
}

/// A citizen number of a division that is none.
fn citizen_number(n: u32) -> String {
    let head = format!(
        "000000{}{:02}{:02}{:03}",
        1_950 + n % 50,
        1 + n % 12,
        1 + n % 28,
        n % 1_000
    );
    let check = "0123456789X".chars().map(|check| format!("{head}{check}"));
    let mut right = check.filter(|number| domain::privacy::citizen_number(number).is_some());
    right.next().expect("one of eleven is right")
}

pub(super) fn wide(digits: &str) -> String {
    let wide = |digit: char| char::from_u32(digit as u32 - '0' as u32 + '０' as u32);
    digits.chars().filter_map(wide).collect()
}

/// Digits of a citizen number behind a country's code.
const LONGEST: usize = 20;
/// Characters between two groups of a number.
const GAP_MAX: usize = 3;
/// What people write there.
const GAPS: [&str; 12] = [
    " ", "-", ".", "_", "\t", "\u{a0}", "\u{2013}", "\u{2014}", "\u{3000}", "·", "－", "\u{2011}",
];

/// The digits and check characters in bytes, those of full width as others, and their groups: where each begins and ends,
/// and whether it stands near the one before.
fn narrow(bytes: &[u8]) -> (Vec<u8>, Vec<(usize, usize, bool)>) {
    let mut digits = Vec::new();
    let mut groups: Vec<(usize, usize, bool)> = Vec::new();
    let (mut at, mut gap) = (0, GAP_MAX + 1);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (length, digit) = match rest {
            [0xEF, 0xBC, digit @ 0x90..=0x99, ..] => (3, Some(digit - 0x90 + b'0')),
            [digit @ b'0'..=b'9', ..] => (1, Some(*digit)),
            [b'X' | b'x', ..] => (1, Some(b'X')),
            _ => (1, None),
        };
        match digit {
            Some(digit) => {
                digits.push(digit);
                match groups.last_mut().filter(|_| gap == 0) {
                    Some((_, end, _)) => *end += 1,
                    None => groups.push((digits.len() - 1, digits.len(), gap <= GAP_MAX)),
                }
                (at, gap) = (at + length, 0);
            }
            None => {
                let between = GAPS.iter().find(|gap| rest.starts_with(gap.as_bytes()));
                at += between.map_or(length, |gap| gap.len());
                gap = between.map_or(GAP_MAX + 1, |_| gap + 1);
            }
        }
    }
    (digits, groups)
}
