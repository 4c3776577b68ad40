//! By which facts each red line is crossed, on which day and how seriously, and whom that tells. Days are counted by
//! hand, from the calendar of 2026.

use super::{
    super::{BUREAU, CITY},
    play::{DEVELOPMENT, MAIN},
};

/// One way across a red line.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) line: &'static str,
    pub(super) by: By,
    pub(super) level: &'static str,
    /// The last day on which nothing is said.
    pub(super) eve: &'static str,
    /// The day of the warning.
    pub(super) day: &'static str,
    /// By when it is to be answered.
    pub(super) due: &'static str,
    /// A day on which its cause still stands.
    pub(super) last: &'static str,
    /// The day on which it is gone.
    pub(super) ends: &'static str,
    /// Who is warned.
    pub(super) warned: &'static [&'static str],
}

/// What crosses it, and what ends it.
#[derive(Debug, Clone, Copy)]
pub(super) enum By {
    /// The court lists the body so many times, and lists it no longer.
    Listed(usize),
    /// The registry says of so many debts that they are established, and time goes by; the one is paid, of several it
    /// tells no longer.
    Owed(usize),
    /// A 督办书 is issued and time goes by; it is answered.
    Ordered,
    /// The same; what it is about turns out to be unfounded.
    Overtaken,
    /// Another's disclosure is told, and it is April; its own is told.
    Undisclosed,
    /// What a complaint says is found, and the body refuses to set it right.
    Found {
        item: &'static str,
        complaint: Complaint,
        ends: Ends,
    },
    /// A debt is found that has been overdue for long, and the body refuses to pay; it pays, and is seen to.
    Unpaid,
    /// A complaint about arrears comes, nobody touches it, and time goes by; it is passed on.
    Untouched,
    /// So many leads are passed on, nobody begins with them, and time goes by; they are begun with.
    PassedOn(u32),
    /// The platform tells of a breach, and of others that come to so many; it takes one back.
    Repeated { before: u32, after: u32, left: u32 },
    /// The hotline tells of nine leads and then of so many; one day they are old.
    Told(u32),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Complaint {
    Hotline,
    Arrears,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Ends {
    Withdrawn,
    Upheld,
    Repaired,
    Paid,
}

impl By {
    /// Whether a fact of the day itself crosses it; otherwise time does.
    pub(super) fn is_a_fact(self) -> bool {
        matches!(
            self,
            Self::Listed(_)
                | Self::Found { .. }
                | Self::Unpaid
                | Self::Repeated { .. }
                | Self::Told(_)
        )
    }

    /// Whether somebody ends it; otherwise time does.
    pub(super) fn has_an_end(self) -> bool {
        !matches!(self, Self::Told(_))
    }

    /// The list's entry that is recorded.
    pub(super) fn item(self) -> Option<&'static str> {
        match self {
            Self::Found { item, .. } => Some(item),
            _ => None,
        }
    }
}

const ALL: &[&str] = &[BUREAU, CITY, MAIN];
/// Where competent departments hear nothing.
const ABOVE: &[&str] = &[BUREAU, CITY];
/// Where who has it in hand hears of it, too.
const HANDLED: &[&str] = &[BUREAU, CITY, MAIN, DEVELOPMENT];
/// Where superiors hear nothing.
const BESIDE: &[&str] = &[BUREAU, MAIN];

/// A way by a fact of Tuesday 2026-04-21.
const fn on_tuesday(line: &'static str, by: By, level: &'static str) -> Way {
    Way {
        line,
        by,
        level,
        eve: "2026-04-20",
        day: "2026-04-21",
        due: "2026-04-28",
        last: "2026-04-27",
        ends: "2026-04-28",
        warned: ALL,
    }
}

/// A way by a fact of the day after.
const fn on_wednesday(line: &'static str, by: By, level: &'static str) -> Way {
    Way {
        eve: "2026-04-21",
        day: "2026-04-22",
        due: "2026-04-29",
        last: "2026-04-28",
        ends: "2026-04-29",
        ..on_tuesday(line, by, level)
    }
}

/// A way by an order to be answered by 2026-04-22; three working days from the day after.
const fn ordered(by: By) -> Way {
    Way {
        eve: "2026-04-22",
        day: "2026-04-23",
        due: "2026-04-28",
        last: "2026-04-27",
        ends: "2026-04-28",
        warned: HANDLED,
        ..on_tuesday("RL-ORDER", by, "RED")
    }
}

/// A way by a record that is confirmed on Wednesday 2026-04-22.
const fn found(line: &'static str, item: &'static str, complaint: Complaint, ends: Ends) -> Way {
    let by = By::Found {
        item,
        complaint,
        ends,
    };
    on_wednesday(line, by, "RED")
}

pub(super) const WAYS: &[Way] = &[
    Way {
        due: "2026-04-24",
        last: "2026-04-23",
        ends: "2026-04-24",
        ..on_tuesday("RL-COURT", By::Listed(1), "RED")
    },
    // Overdue since 2026-02-20, established a month later: the sixtieth day after is 2026-04-21.
    on_wednesday("RL-OVERDUE", By::Owed(1), "ORANGE"),
    on_wednesday("RL-OVERDUE", By::Owed(3), "RED"),
    on_wednesday("RL-OVERDUE", By::Unpaid, "ORANGE"),
    ordered(By::Ordered),
    ordered(By::Overtaken),
    // Over 清明, from Saturday 4 to Monday 6 April.
    Way {
        eve: "2026-03-31",
        day: "2026-04-01",
        due: "2026-04-09",
        last: "2026-04-08",
        ends: "2026-04-09",
        ..on_tuesday("RL-DISCLOSE", By::Undisclosed, "ORANGE")
    },
    Way {
        due: "2026-04-27",
        last: "2026-04-24",
        ends: "2026-04-27",
        ..found(
            "RL-RETALIATE",
            "debts.duties.retaliated",
            Complaint::Hotline,
            Ends::Withdrawn,
        )
    },
    found(
        "RL-OLD-DEBT",
        "continuity.succession.personnel",
        Complaint::Hotline,
        Ends::Repaired,
    ),
    found(
        "RL-OLD-DEBT",
        "continuity.succession.restructured",
        Complaint::Hotline,
        Ends::Upheld,
    ),
    found(
        "RL-OLD-DEBT",
        "debts.sme.excuse",
        Complaint::Arrears,
        Ends::Withdrawn,
    ),
    // Who leads in the city is competent for this entry of the list.
    Way {
        warned: HANDLED,
        ..found(
            "RL-BUDGET",
            "investment.funds.advance",
            Complaint::Hotline,
            Ends::Upheld,
        )
    },
    // Received on Wednesday 2026-04-01: ten working days over 清明 end with 2026-04-16.
    Way {
        eve: "2026-04-16",
        day: "2026-04-17",
        due: "2026-04-24",
        last: "2026-04-23",
        ends: "2026-04-24",
        ..on_tuesday("RL-SILENT", By::Untouched, "YELLOW")
    },
    // Passed on on Monday 2026-04-13: five working days end with 2026-04-20.
    Way {
        warned: HANDLED,
        ..on_tuesday("RL-SILENT", By::PassedOn(2), "YELLOW")
    },
    Way {
        warned: HANDLED,
        ..on_tuesday("RL-SILENT", By::PassedOn(3), "ORANGE")
    },
    on_tuesday(
        "RL-REPEAT",
        By::Repeated {
            before: 2,
            after: 3,
            left: 2,
        },
        "ORANGE",
    ),
    on_tuesday(
        "RL-REPEAT",
        By::Repeated {
            before: 2,
            after: 5,
            left: 2,
        },
        "RED",
    ),
    // Ten working days over Labour Day, from 1 to 5 May.
    Way {
        due: "2026-05-08",
        last: "2026-05-07",
        ends: "2026-05-08",
        warned: ABOVE,
        ..on_tuesday("RL-GRADE", By::Listed(1), "ORANGE")
    },
    // A listing of 2026-03-02 takes 25 points, two take 50.
    Way {
        due: "2026-05-08",
        last: "2026-05-07",
        ends: "2026-05-08",
        warned: ABOVE,
        ..on_tuesday("RL-FALL", By::Listed(1), "YELLOW")
    },
    Way {
        due: "2026-05-08",
        last: "2026-05-07",
        ends: "2026-05-08",
        warned: ABOVE,
        ..on_tuesday("RL-FALL", By::Listed(2), "ORANGE")
    },
    // Nine came on the eve, and 2026-07-18 is the last of their ninety days; the others came a day later.
    Way {
        due: "2026-05-08",
        last: "2026-07-18",
        ends: "2026-07-19",
        warned: BESIDE,
        ..on_tuesday("RL-CLUES", By::Told(10), "BLUE")
    },
    Way {
        due: "2026-05-08",
        last: "2026-07-19",
        ends: "2026-07-20",
        warned: BESIDE,
        ..on_tuesday("RL-CLUES", By::Told(30), "YELLOW")
    },
];
