//! Every period of `catalogue/deadlines.toml`: when it begins, when it ends, and who is told of it on which days.

use chrono::NaiveDate;

use super::super::{BUREAU, CITY, DEVELOPMENT, PROVINCE};

/// The day on which next year's calendar comes out.
pub(super) const NOTICE_ON: &str = "2026-12-30";

/// Two lines each. First the key, with `@` the division whose rule it is, its first day and its last one, both
/// counted on paper with the State Council's notices; `extended` where it is at once, and `before=` the day that
/// stands as a provisional one as long as the next year's notice is not out. Then the reminders: on which day, how
/// many days from the last one, to whom, and the level where somebody else is told that he is late.
const EVERY: &str = "
breach.verification@220000 2026-02-04 2026-02-25
    2026-02-13 -3 handler, 2026-02-24 -1 handler, 2026-02-26 1 handler, 2026-03-03 5 city/1, 2026-03-17 15 province/2
breach.verification@220000 2026-12-28 2027-01-13 before=2027-01-12
    2027-01-09 -3 handler, 2027-01-12 -1 handler, 2027-01-14 1 handler, 2027-01-20 5 city/1, 2027-02-03 15 province/2
breach.verification 2026-09-21 2026-10-12
    2026-10-08 -3 handler, 2026-10-10 -1 handler, 2026-10-13 1 handler, 2026-10-19 5 city/1, 2026-11-02 15 province/2
breach.verification 2026-09-22 2026-10-27 extended
    2026-10-22 -3 handler, 2026-10-26 -1 handler, 2026-10-28 1 handler, 2026-11-03 5 city/1, 2026-11-17 15 province/2
breach.verification 2026-12-25 2027-01-26 extended before=2027-01-25
    2027-01-21 -3 handler, 2027-01-25 -1 handler, 2027-01-27 1 handler, 2027-02-02 5 city/1, 2027-02-16 15 province/2
breach.acceptance 2026-04-29 2026-05-09
    2026-05-08 -1 handler, 2026-05-11 1 handler, 2026-05-15 5 city/1, 2026-05-29 15 province/2
breach.acceptance 2026-12-28 2027-01-07 before=2027-01-05
    2027-01-06 -1 handler, 2027-01-08 1 handler, 2027-01-13 5 city/1, 2027-01-27 15 province/2
arrears.transfer 2026-09-22 2026-10-13
    2026-10-09 -3 handler, 2026-10-12 -1 handler, 2026-10-14 1 handler, 2026-10-20 5 city/1, 2026-11-03 15 province/2
arrears.transfer 2026-12-28 2027-01-13 before=2027-01-12
    2027-01-09 -3 handler, 2027-01-12 -1 handler, 2027-01-14 1 handler, 2027-01-20 5 city/1, 2027-02-03 15 province/2
arrears.handling 2026-09-01 2026-10-08
    2026-10-01 -7 handler, 2026-10-05 -3 handler, 2026-10-07 -1 handler, 2026-10-09 1 handler, 2026-10-13 5 city/1, 2026-10-23 15 province/2
arrears.handling 2026-09-02 2026-12-01 extended
    2026-11-24 -7 handler, 2026-11-28 -3 handler, 2026-11-30 -1 handler, 2026-12-02 1 handler, 2026-12-06 5 city/1, 2026-12-16 15 province/2
arrears.handling 2026-12-10 2027-01-09 before=2027-01-11
    2027-01-02 -7 handler, 2027-01-06 -3 handler, 2027-01-08 -1 handler, 2027-01-10 1 handler, 2027-01-14 5 city/1, 2027-01-24 15 province/2
court.prewarning 2026-02-09 2026-02-14
    2026-02-09 -5 handler, 2026-02-09 -5 city, 2026-02-12 -2 bureau, 2026-02-14 0 bureau
court.prewarning 2026-12-28 2027-01-07 before=2027-01-05
    2026-12-28 -5 handler, 2026-12-28 -5 city, 2026-12-30 -5 handler, 2026-12-30 -5 city, 2026-12-31 -2 bureau, 2027-01-07 0 bureau
objection.decision@440300 2026-05-20 2026-05-22
    2026-05-22 0 handler, 2026-05-25 1 handler, 2026-05-29 5 city/1
objection.decision@440300 2026-05-21 2026-05-28 extended
    2026-05-28 0 handler, 2026-05-29 1 handler, 2026-06-04 5 city/1
objection.decision 2026-02-13 2026-02-24
    2026-02-24 0 handler, 2026-02-25 1 handler, 2026-03-02 5 city/1
objection.decision 2026-06-18 2026-06-26 extended
    2026-06-26 0 handler, 2026-06-29 1 handler, 2026-07-03 5 city/1
objection.decision 2026-12-30 2027-01-06 before=2027-01-04
    2027-01-06 0 handler, 2027-01-07 1 handler, 2027-01-12 5 city/1
repair.decision@440300 2026-06-17 2026-06-23
    2026-06-22 -1 handler, 2026-06-24 1 handler, 2026-06-30 5 city/1
repair.decision@440300 2026-05-06 2026-05-13 extended
    2026-05-12 -1 handler, 2026-05-14 1 handler, 2026-05-20 5 city/1
repair.decision@440300 2026-12-29 2027-01-06 before=2027-01-04
    2026-12-31 -1 handler, 2027-01-07 1 handler, 2027-01-12 5 city/1
repair.decision 2026-06-15 2026-06-30
    2026-06-29 -1 handler, 2026-07-01 1 handler, 2026-07-07 5 city/1
repair.decision 2026-06-16 2026-07-15 extended
    2026-07-14 -1 handler, 2026-07-16 1 handler, 2026-07-22 5 city/1
repair.decision 2026-12-24 2027-01-11 before=2027-01-08
    2027-01-09 -1 handler, 2027-01-12 1 handler, 2027-01-18 5 city/1
TASK 2026-05-06 2026-06-01
    2026-05-25 -5 bureau, 2026-05-29 -1 bureau, 2026-06-02 1 bureau, 2026-06-08 5 city/1, 2026-06-15 10 bureau, 2026-06-23 15 province/2
ORDER 2026-05-07 2026-05-15
    2026-05-14 -1 handler, 2026-05-18 1 handler, 2026-05-20 3 city/1, 2026-05-29 10 province/2
MATTER 2026-06-08 2026-06-22
    2026-06-12 -5 bureau, 2026-06-18 -1 bureau, 2026-06-23 1 bureau, 2026-06-29 5 city/1, 2026-07-13 15 province/2
";

/// A city: where it lies, the number of its first body in the register, and the names of its bureau, of the body
/// that has its leads in hand, of its government, and of the province's.
pub(super) struct Place {
    pub(super) code: &'static str,
    pub(super) first: u32,
    pub(super) province: (&'static str, u32),
    /// The names, with the words that the table has for them.
    pub(super) names: [(&'static str, &'static str); 4],
}

const fn names(of: [&'static str; 4]) -> [(&'static str, &'static str); 4] {
    let [bureau, handler, city, province] = of;
    [
        ("bureau", bureau),
        ("handler", handler),
        ("city", city),
        ("province", province),
    ]
}

const FOSHAN: Place = Place {
    code: "440600",
    first: 0,
    province: ("440000", 5),
    names: names([BUREAU, DEVELOPMENT, CITY, PROVINCE]),
};
pub(super) const SHENZHEN: Place = Place {
    code: "440300",
    first: 20,
    province: ("440000", 5),
    names: names([
        "深圳市样例承诺局",
        "深圳市发展和改革委员会",
        "深圳市人民政府",
        PROVINCE,
    ]),
};
pub(super) const CHANGCHUN: Place = Place {
    code: "220100",
    first: 30,
    province: ("220000", 35),
    names: names([
        "长春市样例承诺局",
        "长春市发展和改革委员会",
        "长春市人民政府",
        "吉林省人民政府",
    ]),
};

/// One period that is played.
pub(super) struct Period {
    pub(super) key: &'static str,
    /// The division whose rule it is.
    pub(super) division: Option<&'static str>,
    pub(super) begins: NaiveDate,
    pub(super) due: NaiveDate,
    pub(super) is_extended: bool,
    /// The provisional last day until the notice.
    pub(super) before: Option<NaiveDate>,
    /// Days, each with the words of its reminder.
    pub(super) reminded: Vec<(NaiveDate, &'static str)>,
}

impl Period {
    fn read(head: &'static str, reminders: &'static str) -> Self {
        let mut words = head.split_whitespace();
        let mut word = || words.next().expect("key, first and last day");
        let (key, begins, due) = (word(), day(word()), day(word()));
        let (key, division) = match key.split_once('@') {
            Some((key, division)) => (key, Some(division)),
            None => (key, None),
        };
        let more: Vec<&str> = words.collect();
        let before = more.iter().find_map(|word| word.strip_prefix("before="));
        let reminders = reminders.split(',').map(str::trim);
        let of = |words: &'static str| (day(&words[..10]), words);
        Self {
            key,
            division,
            begins,
            due,
            is_extended: more.contains(&"extended"),
            before: before.map(day),
            reminded: reminders.map(of).collect(),
        }
    }

    /// Where it is played.
    pub(super) fn place(&self) -> &'static Place {
        match self.division {
            None => &FOSHAN,
            Some("440300") => &SHENZHEN,
            Some("220000") => &CHANGCHUN,
            Some(other) => panic!("no city of {other} is in the table"),
        }
    }

    /// What a reminder is of, the list of the case that has it, and the ledger's word for it.
    pub(super) fn kind(&self) -> (&'static str, Option<&'static str>, &'static str) {
        match self.key {
            "objection.decision" => ("OBJECTION", Some("objections"), "异议"),
            "repair.decision" => ("REPAIR", Some("repairs"), "修复"),
            "TASK" => ("TASK", Some("rectifications"), "整改1"),
            "ORDER" => ("ORDER", Some("orders"), "督办1"),
            "MATTER" => ("MATTER", None, "监督"),
            _ => ("PERIOD", None, "办理"),
        }
    }

    /// Whether a case is overdue by it: a task and an order are late by themselves.
    pub(super) fn is_the_cases(&self) -> bool {
        !matches!(self.key, "TASK" | "ORDER")
    }
}

pub(super) fn every() -> Vec<Period> {
    let lines: Vec<&'static str> = EVERY.lines().map(str::trim).collect();
    let lines: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    let periods = lines.chunks(2).map(|pair| Period::read(pair[0], pair[1]));
    periods.collect()
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day as 2026-11-20")
}
