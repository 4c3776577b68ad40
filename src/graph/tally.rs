//! What records are counted by, as dense columns: laid anew with each version in which records or
//! bodies moved, in the order of the division tree, so that a subtree's records are one range and
//! a body's stand together.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use domain::credit_record::RecordSubject;

use super::Graph;

/// The columns. Codes of kinds and statuses are their places in their lists; those of tiers, domains
/// and sources begin at 1, and 0 is none.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Where the records of each body begin, by its place in the order of the tree; those of
    /// officials stand behind the last.
    pub(super) starts: Vec<u32>,
    /// The records' rows.
    pub(super) rows: Vec<u32>,
    pub(super) kinds: Vec<u8>,
    pub(super) tiers: Vec<u8>,
    pub(super) statuses: Vec<u8>,
    /// Whether it stands in a list that is made public, and holds.
    pub(super) published: Vec<bool>,
    pub(super) days: Vec<NaiveDate>,
    pub(super) ends: Vec<Option<NaiveDate>>,
    /// Whether there are times within which it did not hold, before it held again.
    pub(super) lapsed: Vec<bool>,
    /// Months since [`first_month`](Self::first_month).
    pub(super) months: Vec<u32>,
    pub(super) domains: Vec<u32>,
    pub(super) sources: Vec<u32>,
    /// In 分; [`NO_AMOUNT`] where there is none.
    pub(super) amounts: Vec<i64>,
    pub(super) first_month: i32,
    /// One more than the highest month.
    pub(super) month_count: u32,
    pub(super) domain_names: Vec<Box<str>>,
    pub(super) source_names: Vec<Box<str>>,
}

/// No amount of money is this small.
pub(super) const NO_AMOUNT: i64 = i64::MIN;

/// Months since the year 0.
pub(super) fn month_of(day: NaiveDate) -> i32 {
    day.year() * 12 + day.month0() as i32
}

/// What one record brings to the columns, and the place of its body.
struct Line {
    place: u32,
    row: u32,
    kind: u8,
    tier: u8,
    status: u8,
    published: bool,
    day: NaiveDate,
    end: Option<NaiveDate>,
    lapsed: bool,
    domain: u32,
    source: u32,
    amount: i64,
}

impl Tally {
    pub(super) fn lay(graph: &Graph) -> Self {
        let mut tally = Self::default();
        let lines = tally.lines(graph);
        let bodies = graph.order.agencies.len();
        let mut starts = vec![0_u32; bodies + 2];
        for line in &lines {
            starts[line.place as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut next = starts.clone();
        let mut order = vec![0_u32; lines.len()];
        for (line, number) in lines.iter().zip(0..) {
            let slot = &mut next[line.place as usize];
            order[*slot as usize] = number;
            *slot += 1;
        }
        let months = || lines.iter().map(|line| month_of(line.day));
        tally.first_month = months().min().unwrap_or_default();
        tally.month_count = months()
            .max()
            .map_or(0, |last| (last - tally.first_month) as u32 + 1);
        let sorted = || order.iter().map(|number| &lines[*number as usize]);
        tally.rows = sorted().map(|line| line.row).collect();
        tally.kinds = sorted().map(|line| line.kind).collect();
        tally.tiers = sorted().map(|line| line.tier).collect();
        tally.statuses = sorted().map(|line| line.status).collect();
        tally.published = sorted().map(|line| line.published).collect();
        tally.days = sorted().map(|line| line.day).collect();
        tally.ends = sorted().map(|line| line.end).collect();
        tally.lapsed = sorted().map(|line| line.lapsed).collect();
        let month = |line: &Line| (month_of(line.day) - tally.first_month) as u32;
        tally.months = sorted().map(month).collect();
        tally.domains = sorted().map(|line| line.domain).collect();
        tally.sources = sorted().map(|line| line.source).collect();
        tally.amounts = sorted().map(|line| line.amount).collect();
        tally.starts = starts;
        tally
    }

    fn lines(&mut self, graph: &Graph) -> Vec<Line> {
        let bodies = graph.order.agencies.len();
        let mut places = vec![bodies as u32; graph.agencies.len()];
        for (row, place) in graph.order.agencies.iter().zip(0..) {
            places[*row as usize] = place;
        }
        let mut domains = Names::default();
        let mut sources = Names::default();
        let mut lines = Vec::with_capacity(graph.records.len());
        for (slot, row) in graph.records.iter().zip(0..) {
            let Some(record) = slot else { continue };
            let fact = &record.fact.fact;
            let place = match fact.subject {
                RecordSubject::Agency(id) => graph
                    .agency_by_id
                    .get(&id)
                    .map_or(bodies as u32, |row| places[*row as usize]),
                RecordSubject::Official(_) => bodies as u32,
            };
            lines.push(Line {
                place,
                row,
                kind: fact.kind as u8,
                tier: fact.tier.map_or(0, |tier| 1 + tier as u8),
                status: fact.status as u8,
                published: graph.publishes(fact),
                day: fact.identified_on,
                end: fact.ended_on,
                lapsed: !fact.lapses.is_empty(),
                domain: fact.domain.as_deref().map_or(0, |text| domains.code(text)),
                source: sources.code(&record.fact.source),
                amount: fact.amount.map_or(NO_AMOUNT, |amount| amount.cents()),
            });
        }
        self.domain_names = domains.names;
        self.source_names = sources.names;
        lines
    }
}

/// Texts that repeat, by numbers from 1.
#[derive(Default)]
struct Names {
    codes: BTreeMap<Box<str>, u32>,
    names: Vec<Box<str>>,
}

impl Names {
    fn code(&mut self, text: &str) -> u32 {
        if let Some(code) = self.codes.get(text) {
            return *code;
        }
        self.names.push(text.into());
        let code = self.names.len() as u32;
        self.codes.insert(text.into(), code);
        code
    }
}
