//! A predicate in the order in which it is cheapest to ask: of bodies once each, of columns by
//! masks, and only what is left of the record itself.

use std::ops::Range;

use domain::credit_record::CreditRecordStatus;

use super::super::{
    super::{AgencyPredicate, DateTest, RecordPredicate, TextTest, tally::Tally},
    View,
};

pub(super) struct Sieve<'a> {
    agency: Vec<&'a AgencyPredicate>,
    kinds: u8,
    /// By the columns' codes: bit 0 is none.
    tiers: u8,
    statuses: u8,
    /// Each text of a column is tested once: by its code, whether it passes.
    sources: Vec<Vec<bool>>,
    domains: Vec<Vec<bool>>,
    days: Vec<&'a DateTest>,
    rest: Vec<&'a RecordPredicate>,
}

impl<'a> Sieve<'a> {
    pub(super) fn of(predicate: &'a RecordPredicate, tally: &Tally) -> Self {
        let mut sieve = Self {
            agency: Vec::new(),
            kinds: u8::MAX,
            tiers: u8::MAX,
            statuses: u8::MAX,
            sources: Vec::new(),
            domains: Vec::new(),
            days: Vec::new(),
            rest: Vec::new(),
        };
        sieve.add(predicate, tally);
        sieve
    }

    fn add(&mut self, predicate: &'a RecordPredicate, tally: &Tally) {
        match predicate {
            RecordPredicate::All(parts) => {
                parts.iter().for_each(|part| self.add(part, tally));
            }
            RecordPredicate::Kind(all) => self.kinds &= mask(all.iter().map(|one| *one as u8)),
            RecordPredicate::Tier(all) => self.tiers &= mask(all.iter().map(|one| 1 + *one as u8)),
            RecordPredicate::Status(all) => {
                self.statuses &= mask(all.iter().map(|one| *one as u8));
            }
            RecordPredicate::Source(test) => {
                self.sources.push(passing(&tally.source_names, test));
            }
            RecordPredicate::Domain(test) => {
                self.domains.push(passing(&tally.domain_names, test));
            }
            RecordPredicate::IdentifiedOn(test) => self.days.push(test),
            RecordPredicate::Agency(predicate) => self.agency.push(predicate),
            rest => self.rest.push(rest),
        }
    }

    /// The part of the division tree outside of which it can't hold.
    pub(super) fn bounds(&self, view: &View) -> Option<Range<usize>> {
        let bounds = self.agency.iter().filter_map(|part| part.bounds(view));
        bounds.reduce(|a, b| a.start.max(b.start)..a.end.min(b.end))
    }

    /// Whether it can hold of records of this body, or of such whose body is hidden or none.
    pub(super) fn lets_agency(&self, view: &View, agency: Option<u32>) -> bool {
        let mut parts = self.agency.iter();
        parts.all(|part| agency.is_some_and(|row| part.holds(view, row)))
    }

    /// Whether it holds of the record at this place of the columns, once it holds of its body.
    pub(super) fn lets(&self, view: &View, at: usize, status: CreditRecordStatus) -> bool {
        let tally = view.graph.tally();
        self.kinds >> tally.kinds[at] & 1 == 1
            && self.tiers >> tally.tiers[at] & 1 == 1
            && self.statuses >> status as u8 & 1 == 1
            && passes(&self.sources, tally.sources[at])
            && passes(&self.domains, tally.domains[at])
            && self.days.iter().all(|test| test.passes(tally.days[at]))
            && self
                .rest
                .iter()
                .all(|part| part.holds(view, tally.rows[at]))
    }
}

fn mask(codes: impl Iterator<Item = u8>) -> u8 {
    codes.fold(0, |mask, code| mask | 1 << code)
}

/// Which codes of a column of texts pass a test; none, 0, does not.
fn passing(names: &[Box<str>], test: &TextTest) -> Vec<bool> {
    let named = names.iter().map(|name| test.passes(name));
    std::iter::once(false).chain(named).collect()
}

fn passes(tests: &[Vec<bool>], code: u32) -> bool {
    tests.iter().all(|passing| passing[code as usize])
}
