//! Chance that can be repeated, and the codes, dates and numerals drawn from it.

use chrono::{Days, NaiveDate};
use domain::org_code::OrgCode;
use domain::uscc::Uscc;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A seeded stream of choices.
pub(super) struct Luck(ChaCha8Rng);

impl Luck {
    /// Each part of the world draws from a stream of its own, so that a change to the court list
    /// leaves the register of the same seed as it was.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// A number from 0 to `n - 1`; 0 where there is no choice.
    pub(super) fn below(&mut self, n: usize) -> usize {
        // The bias of a remainder of 64 bits is of no account for tables of this size.
        (self.0.next_u64() % n.max(1) as u64) as usize
    }

    /// True once in `n` times.
    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One entry of a table that is not empty.
    pub(super) fn pick<'a, T>(&mut self, table: &'a [T]) -> &'a T {
        &table[self.below(table.len())]
    }

    /// A day from the first of January of `from` to the end of `to`.
    pub(super) fn day(&mut self, from: i32, to: i32) -> NaiveDate {
        let span = day(to + 1, 1, 1)
            .signed_duration_since(day(from, 1, 1))
            .num_days();
        day(from, 1, 1) + Days::new(self.below(span as usize) as u64)
    }
}

/// A date written in the code, or drawn within it.
pub(super) fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("dates of the demo are written out and exist")
}

/// What an organisation code body of a USCC may be made of.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// Five free characters behind the three that mark a code as made up.
const BODIES: u64 = 31 * 31 * 31 * 31 * 31;
/// Has no factor 31, so that multiplying by it visits every body once before any repeats.
const STRIDE: u64 = 7_368_787;

/// Hands out codes that never repeat and do not stand in a row either.
pub(super) struct Codes {
    mark: &'static str,
    next: u64,
}

impl Codes {
    pub(super) fn new(mark: &'static str, luck: &mut Luck) -> Self {
        Self {
            mark,
            next: luck.below(BODIES as usize) as u64,
        }
    }

    /// The next unused code, registered by `kind` (the first two characters) in a division.
    pub(super) fn take(&mut self, kind: &str, division: &str) -> Uscc {
        self.next += 1;
        let mut rest = self.next * STRIDE % BODIES;
        let mut body = String::from(self.mark);
        for _ in 0..5 {
            body.push(char::from(ALPHABET[(rest % 31) as usize]));
            rest /= 31;
        }
        let org = OrgCode::from_body(&body).expect("the body has eight characters of the alphabet");
        Uscc::from_parts(kind, division, org).expect("kind and division are of the right form")
    }
}

const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// 1 to 999 in words, as schools and villages are numbered.
pub(super) fn numeral(n: usize) -> String {
    let (hundreds, tens, ones) = (n / 100 % 10, n / 10 % 10, n % 10);
    let mut words = String::new();
    if hundreds > 0 {
        words += DIGITS[hundreds];
        words += "百";
        if tens == 0 && ones > 0 {
            words += "零";
        }
    }
    if tens > 0 {
        // 十二 by itself, but 一百一十二.
        if tens > 1 || hundreds > 0 {
            words += DIGITS[tens];
        }
        words += "十";
    }
    if ones > 0 {
        words += DIGITS[ones];
    }
    words
}

/// A person's name that nobody bears.
pub(super) fn person(luck: &mut Luck) -> String {
    const STEMS: [&str; 10] = ["甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸"];
    format!("{}某{}", luck.pick(&STEMS), numeral(1 + luck.below(99)))
}

/// A person's number as the court prints it, month and day hidden; no division has the code
/// 000000. Everybody is of age by the first year of the list.
pub(super) fn person_card(luck: &mut Luck) -> String {
    format!(
        "000000{}****{:04}",
        1955 + luck.below(45),
        luck.below(10_000)
    )
}
