//! `lists/*.toml`: the catalogue items, without which nothing is recordable.

mod check;
mod load;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::{
    credit_record::{CreditRecordKind, PublishedItems, Tier},
    division::DivisionCode,
};

pub(super) use check::{Beside, check};
pub(super) use load::{load, place};

/// One entry of a list (目录清单条目), as it stands in one time: a code may have several, one after the other.
#[derive(Debug, Clone)]
pub struct CatalogueItem {
    pub code: String,
    /// 1 domain (领域), 2 matter (事项), 3 behaviour (行为).
    pub level: i64,
    /// The kind of record that it makes; domains and matters make none.
    pub kind: Option<CreditRecordKind>,
    pub title: String,
    pub tier: Option<Tier>,
    pub legal_basis: String,
    /// Whether the article's text was at hand when the entry was written.
    pub verified: bool,
    /// Whether its records are made public while they hold.
    pub published: bool,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub list: String,
    pub version: String,
    /// Code of the entry one level above, of the same list.
    pub parent: Option<String>,
    /// Where its list is in force, with all below; everywhere where none is said.
    pub division: Option<DivisionCode>,
    /// Whether no statute fixes its grade (示例).
    pub is_example: bool,
    /// Who is competent: a key of `competence.toml`, or `superior`.
    pub responsible: Option<String>,
    /// What proves it.
    pub proof: Vec<String>,
    /// Codes of the measures that may follow.
    pub measures: Vec<String>,
}

impl CatalogueItem {
    /// Whether it is in force on a day.
    pub fn is_in_force(&self, on: NaiveDate) -> bool {
        self.from <= on && self.to.is_none_or(|to| on <= to)
    }
}

/// All lists.
#[derive(Debug, Default)]
pub struct Lists {
    items: Vec<CatalogueItem>,
    /// Where the versions of each code stand, by the day from which they are in force.
    versions: BTreeMap<String, Vec<usize>>,
}

impl Lists {
    /// The version of an entry by which a record that was determined on a day is judged: the one in force then, else
    /// the last before, else the first.
    pub fn item(&self, code: &str, on: NaiveDate) -> Option<&CatalogueItem> {
        self.row(code, on).and_then(|row| self.at(row))
    }

    /// The same, as the row in which it stands.
    pub fn row(&self, code: &str, on: NaiveDate) -> Option<usize> {
        let rows = self.versions.get(code)?;
        let has_begun = |row: &&usize| self.items[**row].from <= on;
        let begun = rows.iter().take_while(has_begun).last();
        begun.or(rows.first()).copied()
    }

    /// The version in a row.
    pub fn at(&self, row: usize) -> Option<&CatalogueItem> {
        self.items.get(row)
    }

    /// The rows of an entry's versions, the earliest first.
    pub fn versions(&self, code: &str) -> &[usize] {
        self.versions.get(code).map_or(&[], Vec::as_slice)
    }

    /// The kind of record that an entry makes, in each of its versions.
    pub fn kind(&self, code: &str) -> Option<CreditRecordKind> {
        self.at(*self.versions(code).first()?)?.kind
    }

    /// The days of determination whose records are made public, by entry.
    pub fn published(&self) -> PublishedItems {
        let spans = |rows: &Vec<usize>| {
            let begins = |nth: usize| rows.get(nth).map(|row| self.items[*row].from);
            let spans = rows.iter().enumerate().map(|(nth, row)| {
                let first = begins(nth).filter(|_| nth > 0);
                let last = begins(nth + 1).and_then(|next| next.pred_opt());
                let span = first.unwrap_or(NaiveDate::MIN)..=last.unwrap_or(NaiveDate::MAX);
                (self.items[*row].published, span)
            });
            let shown = spans.filter_map(|(is_shown, span)| is_shown.then_some(span));
            shown.collect::<Vec<_>>()
        };
        let all = self.versions.iter();
        let all = all.map(|(code, rows)| (code.clone(), spans(rows)));
        all.filter(|(_, spans)| !spans.is_empty()).collect()
    }

    /// All versions of all entries, list by list.
    pub fn iter(&self) -> impl Iterator<Item = &CatalogueItem> {
        self.items.iter()
    }

    /// Each entry once, list by list, by the row of the version that holds for a day.
    pub fn of_day(&self, on: NaiveDate) -> impl Iterator<Item = (usize, &CatalogueItem)> {
        let rows = self.items.iter().enumerate();
        rows.filter(move |(row, item)| self.row(&item.code, on) == Some(*row))
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.versions.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Takes one more version in.
    fn add(&mut self, item: CatalogueItem) {
        let rows = self.versions.entry(item.code.clone()).or_default();
        let after = rows.partition_point(|row| self.items[*row].from <= item.from);
        rows.insert(after, self.items.len());
        self.items.push(item);
    }
}
