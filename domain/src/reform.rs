//! Waves of institutional reform (机构改革) as data: what bodies of one name became everywhere, within
//! a span of time. The register's own events go before them.

use chrono::NaiveDate;
use hashbrown::HashMap;

use crate::{
    alias::with_variants,
    division::{DivisionCode, DivisionLevel},
    succession::SuccessionKind,
};

/// One rule: bodies called `from` became those called `to` of the same division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reform {
    /// What it is called.
    pub key: String,
    /// What happened.
    pub kind: SuccessionKind,
    /// Names before, without the division's name.
    pub from: Vec<String>,
    /// Names after, of which a division has one; □ is where the division's name stands.
    pub to: Vec<String>,
    /// The levels of divisions in which it held; all where there are none.
    pub levels: Vec<DivisionLevel>,
    /// Where it held; everywhere where there is none.
    pub within: Option<DivisionCode>,
    /// The first day on which a division may have carried it out.
    pub starts_on: NaiveDate,
    /// The day by which all had.
    pub ends_on: NaiveDate,
    /// The document that ordered it.
    pub basis: String,
    /// Whether the row was checked against that document.
    pub verified: bool,
}

/// All rules, by name before.
#[derive(Debug, Default)]
pub struct Reforms {
    rows: Vec<Reform>,
    by_from: HashMap<String, Vec<u32>>,
}

impl Reforms {
    /// Puts rules in order.
    pub fn new(mut rows: Vec<Reform>) -> Self {
        rows.sort_by_key(|row| row.starts_on);
        for row in &mut rows {
            with_variants(&mut row.to);
        }
        let mut by_from: HashMap<String, Vec<u32>> = HashMap::new();
        for (row, number) in rows.iter().zip(0..) {
            for from in &row.from {
                by_from.entry(from.clone()).or_default().push(number);
            }
        }
        Self { rows, by_from }
    }

    /// What bodies of this name became, the earliest first.
    pub fn of(&self, name: &str) -> impl Iterator<Item = &Reform> {
        let numbers = self.by_from.get(name).map_or(&[][..], Vec::as_slice);
        numbers.iter().map(|number| &self.rows[*number as usize])
    }

    /// All rules.
    pub fn iter(&self) -> impl Iterator<Item = &Reform> {
        self.rows.iter()
    }

    /// How many rules there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}
