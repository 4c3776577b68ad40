//! Grouped counts of the records that a viewer sees: one pass over dense columns, with a number for
//! each group instead of its texts.

mod keys;
mod sieve;

use std::ops::Range;

use domain::{
    access::RowRule,
    credit_record::{CreditRecordKind, CreditRecordStatus, Tier},
    division::{DivisionCode, DivisionLevel},
};
use hashbrown::HashMap;
use rust_decimal::Decimal;

use super::{
    super::{RecordPredicate, tally::NO_AMOUNT},
    View,
};

use keys::Keys;
use sieve::Sieve;

/// Groups in one answer.
pub const GROUPS_MAX: usize = 1_000;
/// Groups that one question may count; beyond, it has to be narrowed.
const COUNTED_MAX: usize = 1 << 19;

/// What records can be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordDimension {
    Division,
    Agency,
    Kind,
    Tier,
    Status,
    Domain,
    Source,
    Month,
    Year,
}

/// Which groups are asked for.
#[derive(Debug, Clone)]
pub struct Grouping {
    pub by: Vec<RecordDimension>,
    /// The level that divisions are lifted to: those below it count for the one above them.
    pub level: Option<DivisionLevel>,
    pub first: usize,
}

/// One value that a group has in common; none where its records have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupKey<'a> {
    Division(DivisionCode),
    /// An agency's row.
    Agency(u32),
    Kind(CreditRecordKind),
    Tier(Tier),
    Status(CreditRecordStatus),
    Domain(&'a str),
    Source(&'a str),
    /// Year and month.
    Month(i32, u32),
    Year(i32),
}

/// One group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordGroup<'a> {
    pub keys: Vec<Option<GroupKey<'a>>>,
    pub count: usize,
    /// Distinct agencies that the viewer sees.
    pub agencies: usize,
    /// None where no record has an amount.
    pub amount: Option<Decimal>,
}

/// Why records are not grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    #[error("a dimension is given twice")]
    Twice,
    #[error("more than {COUNTED_MAX} groups; ask for fewer dimensions or narrow the filter")]
    TooMany,
}

/// What is counted of one group.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    count: u32,
    agencies: u32,
    /// The body whose records were counted last: those of one stand together.
    last: u32,
    amounts: u32,
    cents: i128,
}

/// Cells by number: in a row where the numbers are few, else by hash.
enum Cells {
    Dense(Vec<Cell>),
    Sparse(HashMap<u64, Cell>),
}

impl Cells {
    fn of(space: u64) -> Self {
        match usize::try_from(space) {
            Ok(size) if size <= COUNTED_MAX => Self::Dense(vec![Cell::default(); size]),
            _ => Self::Sparse(HashMap::new()),
        }
    }

    fn at(&mut self, number: u64) -> &mut Cell {
        match self {
            Self::Dense(cells) => &mut cells[number as usize],
            Self::Sparse(cells) => cells.entry(number).or_default(),
        }
    }

    fn is_overfull(&self) -> bool {
        matches!(self, Self::Sparse(cells) if cells.len() > COUNTED_MAX)
    }

    fn filled(self) -> Vec<(u64, Cell)> {
        match self {
            Self::Dense(cells) => (0..)
                .zip(cells)
                .filter(|(_, cell)| cell.count > 0)
                .collect(),
            Self::Sparse(cells) => cells.into_iter().collect(),
        }
    }
}

impl View {
    /// The records of which the predicate holds, counted by what they have in common: the biggest
    /// groups first, equal ones in the order of their keys.
    pub fn record_groups(
        &self,
        predicate: &RecordPredicate,
        grouping: &Grouping,
    ) -> Result<Vec<RecordGroup<'_>>, GroupError> {
        let by = &grouping.by;
        if (1..by.len()).any(|at| by[..at].contains(&by[at])) {
            return Err(GroupError::Twice);
        }
        let sieve = Sieve::of(predicate, self.graph.tally());
        let mut keys = Keys::new(self, by, grouping.level).ok_or(GroupError::TooMany)?;
        let mut cells = Cells::of(keys.space());
        let (tally, rule) = (self.graph.tally(), self.rules.credit_record);
        for stretch in self.stretches(rule, sieve.bounds(self)) {
            for place in stretch {
                let records = tally.starts[place] as usize..tally.starts[place + 1] as usize;
                if records.is_empty() {
                    continue;
                }
                let row = self.graph.order.agencies[place];
                let agency = Some(row).filter(|row| self.sees_agency(*row));
                if sieve.lets_agency(self, agency) {
                    let body = agency.map(|_| place as u32 + 1);
                    let base = keys.base(agency);
                    self.count(records, body, base, &sieve, &keys, &mut cells);
                }
                if cells.is_overfull() {
                    return Err(GroupError::TooMany);
                }
            }
        }
        let bodies = self.graph.order.agencies.len();
        if sieve.lets_agency(self, None) {
            let officials = tally.starts[bodies] as usize..tally.starts[bodies + 1] as usize;
            let base = keys.base(None);
            self.count(officials, None, base, &sieve, &keys, &mut cells);
        }
        Ok(self.biggest(cells.filled(), &keys, grouping.first))
    }

    /// Counts a body's records, or those of officials where there is none.
    fn count(
        &self,
        records: Range<usize>,
        body: Option<u32>,
        base: u64,
        sieve: &Sieve<'_>,
        keys: &Keys<'_>,
        cells: &mut Cells,
    ) {
        let tally = self.graph.tally();
        // A body's records are seen with it, or by what is published: no need to look at each.
        let is_of_officials = records.end > tally.starts[self.graph.order.agencies.len()] as usize;
        let each_is_asked = self.is_earlier_version() || is_of_officials;
        let by_publication = self.rules.credit_record == RowRule::Published && !each_is_asked;
        let past_day = self.past_day();
        for at in records {
            if past_day.is_some_and(|day| tally.days[at] > day)
                || !sieve.lets(self, at, keys.status(at))
                || by_publication && !tally.published[at]
                || each_is_asked && !self.sees_record(tally.rows[at])
            {
                continue;
            }
            let cell = cells.at(base + keys.inner(at));
            cell.count += 1;
            if let Some(body) = body.filter(|body| *body != cell.last) {
                cell.last = body;
                cell.agencies += 1;
            }
            let cents = tally.amounts[at];
            if cents != NO_AMOUNT {
                cell.amounts += 1;
                cell.cents += i128::from(cents);
            }
        }
    }

    fn biggest<'a>(
        &self,
        mut cells: Vec<(u64, Cell)>,
        keys: &Keys<'a>,
        first: usize,
    ) -> Vec<RecordGroup<'a>> {
        let order = |a: &(u64, Cell), b: &(u64, Cell)| {
            let by_count = b.1.count.cmp(&a.1.count);
            by_count.then_with(|| keys.compare(a.0, b.0))
        };
        if first < cells.len() {
            cells.select_nth_unstable_by(first, order);
            cells.truncate(first);
        }
        cells.sort_unstable_by(order);
        let group = |(number, cell): (u64, Cell)| RecordGroup {
            keys: keys.of(number),
            count: cell.count as usize,
            agencies: cell.agencies as usize,
            amount: Decimal::try_from_i128_with_scale(cell.cents, 2)
                .ok()
                .filter(|_| cell.amounts > 0),
        };
        cells.into_iter().map(group).collect()
    }
}
