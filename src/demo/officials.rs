//! Who holds which post in the made-up province. Everybody is called 甲某三, and bears a number of a
//! division that does not exist.

use chrono::{Datelike, Days};
use domain::privacy::citizen_number;

use super::luck::{Luck, day, person};
use super::world::{MadeAgency, MadeTable};

/// Columns of the register of officials.
const POSTS: [&str; 6] = [
    "姓名",
    "证件号码",
    "单位统一社会信用代码",
    "职务",
    "任职起",
    "任职止",
];

const TITLES: [&str; 5] = [
    "主要负责人",
    "分管负责人",
    "办公室主任",
    "科长",
    "四级调研员",
];
/// Days of birth that are given away, all in the years from 1960 on.
const BIRTHDAYS: usize = 14_000;
/// Persons born on one day who are told apart.
const SERIALS: usize = 1_000;

/// Makes so many posts, of bodies that still stand.
pub(super) fn make(mut luck: Luck, agencies: &[MadeAgency], count: usize) -> MadeTable {
    let standing = agencies.iter().filter(|agency| agency.abolished.is_none());
    let bodies: Vec<&MadeAgency> = standing.collect();
    let count = if bodies.is_empty() { 0 } else { count };
    let post = |n: usize| {
        let body = luck.pick(&bodies);
        let from = luck.day(2019, 2025);
        let is_over = luck.one_in(8);
        let to = from + Days::new(90 + luck.below(300) as u64);
        let cells = [
            person(&mut luck),
            number(n),
            body.uscc.to_string(),
            (*luck.pick(&TITLES)).to_owned(),
            from.to_string(),
            if is_over {
                to.to_string()
            } else {
                String::new()
            },
        ];
        cells.to_vec()
    };
    MadeTable {
        headings: &POSTS,
        rows: (0..count).map(post).collect(),
    }
}

/// The number of the `n`th person.
fn number(n: usize) -> String {
    let born = day(1960, 1, 1) + Days::new((n % BIRTHDAYS) as u64);
    let serial = n / BIRTHDAYS % SERIALS;
    // Of the fifteen digits that numbers had once, the rest follows.
    let old = format!(
        "000000{:02}{:02}{:02}{serial:03}",
        born.year() % 100,
        born.month(),
        born.day()
    );
    citizen_number(&old).expect("a day of birth and a serial make a number")
}
