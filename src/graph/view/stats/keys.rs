//! Groups as numbers: a number has a digit for each dimension, those of the body before those of
//! the record, and is only read back for the groups that are answered.

use std::cmp::Ordering;

use chrono::NaiveDate;
use domain::{
    credit_record::{CreditRecordKind, CreditRecordStatus, Tier},
    division::{DivisionLevel, DivisionTree},
};

use super::{
    super::{super::tally::Tally, View},
    GroupKey, RecordDimension,
};

pub(super) struct Keys<'a> {
    view: &'a View,
    tally: &'a Tally,
    past_day: Option<NaiveDate>,
    by: Vec<RecordDimension>,
    /// The dimensions of records, with how many digits each has and what one of them is worth.
    inner: Vec<(RecordDimension, u64, u64)>,
    inner_size: u64,
    outer: Outer,
    /// For each place of the tree the one that counts for it.
    places: Vec<u32>,
}

/// What stands for the dimensions of a body, numbered from 1; 0 is none.
enum Outer {
    Nothing,
    /// Agencies by number, as rows. They tell divisions, too.
    Agencies(Vec<u32>),
    /// Places of the tree.
    Divisions,
}

impl<'a> Keys<'a> {
    /// None where there are more groups than numbers.
    pub(super) fn new(
        view: &'a View,
        by: &[RecordDimension],
        level: Option<DivisionLevel>,
    ) -> Option<Self> {
        use RecordDimension as D;
        let tally = view.graph.tally();
        let mut inner = Vec::new();
        let mut inner_size = 1_u64;
        for dimension in by {
            let digits = match dimension {
                D::Division | D::Agency => continue,
                D::Kind => CreditRecordKind::ALL.len(),
                D::Tier => Tier::ALL.len() + 1,
                D::Status => CreditRecordStatus::ALL.len(),
                D::Domain => tally.domain_names.len() + 1,
                D::Source => tally.source_names.len() + 1,
                D::Month => tally.month_count as usize + 1,
                D::Year => tally.month_count as usize / 12 + 2,
            } as u64;
            inner.push((*dimension, digits, inner_size));
            inner_size = inner_size.checked_mul(digits)?;
        }
        let (outer, places) = match (by.contains(&D::Agency), by.contains(&D::Division)) {
            (true, false) => (Outer::Agencies(Vec::new()), Vec::new()),
            (true, true) => (Outer::Agencies(Vec::new()), lifted(view.divisions(), level)),
            (false, true) => (Outer::Divisions, lifted(view.divisions(), level)),
            (false, false) => (Outer::Nothing, Vec::new()),
        };
        let keys = Self {
            view,
            tally,
            past_day: view.past_day(),
            by: by.to_vec(),
            inner,
            inner_size,
            outer,
            places,
        };
        keys.outer_size().checked_mul(inner_size)?;
        Some(keys)
    }

    fn outer_size(&self) -> u64 {
        1 + match &self.outer {
            Outer::Nothing => 0,
            Outer::Agencies(_) => self.view.graph.agencies.len() as u64,
            Outer::Divisions => self.places.len() as u64,
        }
    }

    /// One more than the highest number.
    pub(super) fn space(&self) -> u64 {
        self.outer_size() * self.inner_size
    }

    /// The number of the groups of a body, or of none.
    pub(super) fn base(&mut self, agency: Option<u32>) -> u64 {
        let outer = match (&mut self.outer, agency) {
            (Outer::Nothing, _) | (_, None) => 0,
            (Outer::Agencies(rows), Some(row)) => {
                rows.push(row);
                rows.len() as u64
            }
            (Outer::Divisions, Some(row)) => {
                let place = self.view.graph.agency_division.get(row);
                place.map_or(0, |place| u64::from(self.places[*place as usize]) + 1)
            }
        };
        outer * self.inner_size
    }

    /// What the record at this place of the columns adds to its body's number.
    pub(super) fn inner(&self, at: usize) -> u64 {
        use RecordDimension as D;
        let tally = self.tally;
        let digit = |dimension: &D| match dimension {
            D::Kind => u64::from(tally.kinds[at]),
            D::Tier => u64::from(tally.tiers[at]),
            D::Status => self.status(at) as u64,
            D::Domain => u64::from(tally.domains[at]),
            D::Source => u64::from(tally.sources[at]),
            D::Month => u64::from(tally.months[at]),
            D::Year => u64::from((self.first_month_of_year() + tally.months[at]) / 12),
            D::Division | D::Agency => 0,
        };
        let digits = self.inner.iter();
        digits.map(|(of, _, worth)| digit(of) * worth).sum()
    }

    fn first_month_of_year(&self) -> u32 {
        self.tally.first_month.rem_euclid(12) as u32
    }

    /// Where the record at this place of the columns stood on the day of which is told.
    pub(super) fn status(&self, at: usize) -> CreditRecordStatus {
        let status = CreditRecordStatus::ALL[self.tally.statuses[at] as usize];
        let Some(day) = self.past_day else {
            return status;
        };
        let row = self.tally.rows[at];
        match self.view.graph.records.get(row) {
            Some(Some(record)) if self.tally.lapsed[at] => record.fact.fact.status_on(day),
            _ => status.on_day(self.tally.ends[at], day),
        }
    }

    /// What a number stands for, in the order of the dimensions.
    pub(super) fn of(&self, number: u64) -> Vec<Option<GroupKey<'a>>> {
        self.by.iter().map(|of| self.key(*of, number)).collect()
    }

    fn key(&self, of: RecordDimension, number: u64) -> Option<GroupKey<'a>> {
        use RecordDimension as D;
        let digit = || {
            let (_, digits, worth) = self.inner.iter().find(|(known, ..)| *known == of)?;
            usize::try_from(number / worth % digits).ok()
        };
        let name = |names: &'a [Box<str>]| names.get(digit()?.checked_sub(1)?).map(|name| &**name);
        Some(match of {
            D::Division => GroupKey::Division(self.view.divisions().at(self.place(number)?).code),
            D::Agency => GroupKey::Agency(self.agency(number)?),
            D::Kind => GroupKey::Kind(*CreditRecordKind::ALL.get(digit()?)?),
            D::Tier => GroupKey::Tier(*Tier::ALL.get(digit()?.checked_sub(1)?)?),
            D::Status => GroupKey::Status(*CreditRecordStatus::ALL.get(digit()?)?),
            D::Domain => GroupKey::Domain(name(&self.tally.domain_names)?),
            D::Source => GroupKey::Source(name(&self.tally.source_names)?),
            D::Month => {
                let month = self.tally.first_month + digit()? as i32;
                GroupKey::Month(month.div_euclid(12), month.rem_euclid(12) as u32 + 1)
            }
            D::Year => GroupKey::Year(self.tally.first_month.div_euclid(12) + digit()? as i32),
        })
    }

    fn agency(&self, number: u64) -> Option<u32> {
        let outer = usize::try_from(number / self.inner_size).ok()?;
        match &self.outer {
            Outer::Agencies(rows) => rows.get(outer.checked_sub(1)?).copied(),
            _ => None,
        }
    }

    fn place(&self, number: u64) -> Option<usize> {
        match &self.outer {
            Outer::Agencies(_) => {
                let place = self.view.graph.agency_division.get(self.agency(number)?)?;
                Some(self.places[*place as usize] as usize)
            }
            Outer::Divisions => usize::try_from(number / self.inner_size)
                .ok()?
                .checked_sub(1),
            Outer::Nothing => None,
        }
    }

    /// The order of keys as texts; what has none comes last.
    pub(super) fn compare(&self, a: u64, b: u64) -> Ordering {
        let each = self
            .by
            .iter()
            .map(|of| match (self.key(*of, a), self.key(*of, b)) {
                (Some(a), Some(b)) => self.compare_values(a, b),
                (a, b) => b.is_some().cmp(&a.is_some()),
            });
        each.fold(Ordering::Equal, Ordering::then)
    }

    fn compare_values(&self, a: GroupKey<'_>, b: GroupKey<'_>) -> Ordering {
        use GroupKey as K;
        let code = |row: u32| {
            let agency = self.view.graph.agencies.get(row);
            agency.map(|agency| agency.fact.uscc)
        };
        match (a, b) {
            (K::Division(a), K::Division(b)) => a.cmp(&b),
            (K::Agency(a), K::Agency(b)) => code(a).cmp(&code(b)),
            (K::Kind(a), K::Kind(b)) => a.as_str().cmp(b.as_str()),
            (K::Tier(a), K::Tier(b)) => a.as_str().cmp(b.as_str()),
            (K::Status(a), K::Status(b)) => a.as_str().cmp(b.as_str()),
            (K::Domain(a), K::Domain(b)) | (K::Source(a), K::Source(b)) => a.cmp(b),
            (K::Month(a, month), K::Month(b, other)) => (a, month).cmp(&(b, other)),
            (K::Year(a), K::Year(b)) => a.cmp(&b),
            _ => Ordering::Equal,
        }
    }
}

/// For each place of the tree the one that counts for it: the nearest above it, or itself, that is
/// not below the level. What stands above the level already stays what it is.
fn lifted(tree: &DivisionTree, level: Option<DivisionLevel>) -> Vec<u32> {
    let Some(level) = level else {
        return (0..tree.len() as u32).collect();
    };
    let mut lifted: Vec<u32> = Vec::with_capacity(tree.len());
    // Those around the place at hand that are not below the level, with where each ends.
    let mut around: Vec<(u32, usize)> = Vec::new();
    for place in 0..tree.len() {
        while around.last().is_some_and(|(_, end)| *end <= place) {
            around.pop();
        }
        if tree.at(place).level <= level || around.is_empty() {
            around.push((place as u32, tree.subtree_at(place).end));
        }
        lifted.push(around.last().map_or(place as u32, |(above, _)| *above));
    }
    lifted
}
