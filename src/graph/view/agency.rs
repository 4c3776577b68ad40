//! Agencies as a viewer sees them.

use std::{borrow::Cow, sync::Arc};

use domain::{
    access::RowRule, agency::Agency, division::DivisionCode, name, succession::Succession,
    uscc::Uscc,
};

use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::store::Known;

use super::{
    super::{
        AgencyPredicate, DivisionTest, PageError, PageRequest,
        page::{Paged, Part},
    },
    Found, View, find, sort,
};

/// By what agencies can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgencyOrder {
    Name,
    Division,
    ActiveRecords,
    /// Its score by the default pack; a score that the viewer may not know is none.
    Score,
}

/// Scores are ordered by their millionths.
const MILLION: i64 = 1_000_000;

impl View {
    /// The agency in this row, if the viewer may see it.
    pub fn agency_at(&self, row: u32) -> Option<&Arc<Known<Agency>>> {
        self.graph
            .agencies
            .get(row)
            .filter(|_| self.sees_agency(row))
    }

    /// The row of the agency with this number, if the viewer may see it.
    pub fn agency_row(&self, id: i64) -> Option<u32> {
        self.graph
            .agency_by_id
            .get(&id)
            .copied()
            .filter(|row| self.sees_agency(*row))
    }

    /// The row of the agency with this code, if the viewer may see it.
    pub fn agency_row_by_uscc(&self, code: &Uscc) -> Option<u32> {
        self.graph
            .agency_by_uscc
            .get(code)
            .copied()
            .filter(|row| self.sees_agency(*row))
    }

    pub(super) fn sees_agency(&self, row: u32) -> bool {
        self.finds_body(row) || self.passes_agency(row)
    }

    fn passes_agency(&self, row: u32) -> bool {
        if self.past_day().is_none() {
            return self.agency_is_shown(row);
        }
        let is_there = || {
            let agency = self.graph.agencies.get(row);
            agency.is_some_and(|agency| self.has_begun(agency.fact.established_on))
        };
        self.agency_is_shown(row) && is_there()
    }

    /// An assessment that is public shows the body that it is about, and nothing else of it.
    fn agency_is_shown(&self, row: u32) -> bool {
        let rule = self.rules.agency;
        let is_assessed = || {
            let agency = self.graph.agencies.get(row);
            agency.is_some_and(|agency| {
                let row = self.present.agency_by_id.get(&agency.id);
                row.is_some_and(|row| self.present.has_public_assessment(*row, self.today))
            })
        };
        self.agency_passes(rule, row) || rule == RowRule::Published && is_assessed()
    }

    /// Whether such a rule reaches the agency in this row of the version that is told.
    pub(super) fn agency_passes(&self, rule: RowRule, row: u32) -> bool {
        if !self.is_earlier_version() {
            return self.passes_now(rule, row);
        }
        let agency = self.graph.agencies.get(row);
        agency.is_some_and(|agency| self.agency_id_passes(rule, agency.id))
    }

    /// Whether such a rule reaches the agency with this number.
    pub(super) fn agency_id_passes(&self, rule: RowRule, id: i64) -> bool {
        let row = self.present.agency_by_id.get(&id);
        row.is_some_and(|row| self.passes_now(rule, *row))
    }

    /// Whether such a rule reaches the agency in this row of the newest version.
    pub(super) fn passes_now(&self, rule: RowRule, row: u32) -> bool {
        let present = &self.present;
        let place = || present.agency_division.get(row);
        match rule {
            RowRule::Nothing => false,
            RowRule::All => true,
            RowRule::Subtree | RowRule::Level => {
                place().is_some_and(|place| self.place_passes(rule, *place as usize))
            }
            RowRule::Own => self.own == Some(row),
            // A body is published with what is published about it.
            RowRule::Published => {
                let id = present.agencies.get(row).map(|agency| agency.id);
                let records = id.map_or(&[][..], |id| present.records_of.rows(&id));
                let mut records = records.iter();
                self.shown == Some(row) || records.any(|record| self.is_published_now(*record))
            }
        }
    }

    /// Agencies of which the predicate holds, in the wanted order.
    pub fn agencies(
        &self,
        predicate: &AgencyPredicate,
        order: &[(AgencyOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let bounds = predicate.bounds(self);
        // A total has all looked at anyway, and whoever asks next in this view finds it done.
        let rows = match with_total && bounds.is_none() {
            true => (self.seen_agencies(None), true),
            false => (self.agency_candidates(bounds), self.candidates_are_seen()),
        };
        self.page_agencies(rows, predicate, order, request, with_total)
    }

    /// Of the agencies of a division and all below it those of which the predicate holds. Many divisions
    /// may be asked for at once: each is a range of what the viewer sees.
    pub fn agencies_within(
        &self,
        division: DivisionCode,
        predicate: AgencyPredicate,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let within = AgencyPredicate::Division(DivisionTest::Within(division));
        let predicate = AgencyPredicate::All(vec![within, predicate]);
        let rows = (self.seen_agencies(predicate.bounds(self)), true);
        self.page_agencies(rows, &predicate, &[], request, with_total)
    }

    /// A page of these rows, which are all within the predicate's bounds; the viewer may be known to see
    /// them all.
    fn page_agencies(
        &self,
        (rows, are_seen): (Cow<'_, [u32]>, bool),
        predicate: &AgencyPredicate,
        order: &[(AgencyOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        // Then no row has to be looked at but those of the page.
        let all_match = are_seen && predicate.is_bounds();
        let matches = |row: u32| all_match || predicate.holds(self, row);
        let order = if order.is_empty() {
            &[(AgencyOrder::Division, false)]
        } else {
            order
        };
        let key = |row: u32| self.agency_key(row, order);
        let ordering = self.ordering(&("agencies", predicate), order);
        // The graph keeps agencies in the order of the division tree; any other is sorted here.
        let rows = if order == [(AgencyOrder::Division, false)] {
            rows
        } else {
            let matching = rows.iter().copied().filter(|row| matches(*row)).collect();
            Cow::Owned(sort(matching, &ordering, &key))
        };
        let paged = Paged {
            ordering,
            rows: &rows,
            key: &key,
            matches: &matches,
        };
        let mut found = find(&paged, request, with_total && !all_match)?;
        if with_total && all_match {
            found.total = Some(rows.len());
        }
        Ok(found)
    }

    pub(super) fn agency_key(&self, row: u32, order: &[(AgencyOrder, bool)]) -> (Vec<Part>, i64) {
        let Some(agency) = self.graph.agencies.get(row) else {
            return (Vec::new(), 0);
        };
        let part = |field: &AgencyOrder| match field {
            AgencyOrder::Name => Part::Text(self.name_of(&agency.fact).to_owned()),
            AgencyOrder::Division => Part::Text(agency.fact.division.to_string()),
            AgencyOrder::ActiveRecords => Part::Int(self.active_records(row) as i64),
            AgencyOrder::Score => self.graded(row).map_or(Part::None, |graded| {
                let millionths = (graded.fact.score * Decimal::from(MILLION)).round();
                millionths.to_i64().map_or(Part::None, Part::Int)
            }),
        };
        (
            order.iter().map(|(field, _)| part(field)).collect(),
            agency.id,
        )
    }

    /// The bodies whose superior this one is.
    pub fn subordinates(
        &self,
        row: u32,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let Some(agency) = self.agency_at(row) else {
            return Ok(Found::default());
        };
        let order = [(AgencyOrder::Division, false)];
        let ordering = self.ordering(&("subordinates", agency.id), &order);
        let key = |row: u32| self.agency_key(row, &order);
        let rows = self.graph.subordinates.rows(&agency.fact.uscc).to_vec();
        let rows = sort(rows, &ordering, &key);
        let matches = |row: u32| self.sees_agency(row);
        find(
            &Paged {
                ordering,
                rows: &rows,
                key: &key,
                matches: &matches,
            },
            request,
            with_total,
        )
    }

    /// The events in which this body took part: those that ended it when `as_predecessor`, else
    /// those that it came from.
    pub fn successions(&self, row: u32, as_predecessor: bool) -> Vec<Arc<Known<Succession>>> {
        let Some(agency) = self.agency_at(row) else {
            return Vec::new();
        };
        let fact = &agency.fact;
        let names: Vec<String> = std::iter::once(&fact.name)
            .chain(fact.names.iter().map(|name| &name.name))
            .map(|text| name::normalise(text))
            .collect();
        let ends = std::iter::once(fact.uscc.as_str()).chain(names.iter().map(String::as_str));
        let mut found: Vec<_> = ends
            .flat_map(|end| self.graph.successions_by_end.rows(end))
            .filter_map(|row| self.graph.successions.get(*row).cloned().flatten())
            .filter(|event| self.has_begun(Some(event.fact.effective_on)))
            .filter(|event| {
                let (from, to) = self.ends_of(&event.fact);
                let end = if as_predecessor { from } else { to };
                end.contains(&agency.id)
            })
            .collect();
        found.sort_unstable_by_key(|event| (event.fact.effective_on, event.id));
        found.dedup_by_key(|event| event.id);
        found
    }

    /// The name of the body with this code, whoever may see the body: a name that another thing
    /// tells of stays where the body itself is hidden.
    pub fn name_by_uscc(&self, code: &Uscc) -> Option<String> {
        let row = *self.graph.agency_by_uscc.get(code)?;
        self.graph
            .agencies
            .get(row)
            .map(|agency| self.name_of(&agency.fact).to_owned())
    }

    /// The body that an event ended, where it can be told and seen.
    pub fn predecessor_of(&self, event: &Succession) -> Option<u32> {
        match self.ends_of(event).0.as_slice() {
            &[id] => self.agency_row(id),
            _ => None,
        }
    }

    /// The body that came of an event, likewise.
    pub fn successor_of(&self, event: &Succession) -> Option<u32> {
        match self.ends_of(event).1.as_slice() {
            &[id] => self.agency_row(id),
            _ => None,
        }
    }

    /// The bodies of which one stands at each end of an event, by its code, or by its name where there is none,
    /// whoever may see them: whoever was there by its day and is not at the other end, which may have borne the name,
    /// too.
    pub(super) fn ends_of(&self, event: &Succession) -> (Vec<i64>, Vec<i64>) {
        let on = event.effective_on;
        let was_there = |agency: &Agency| agency.established_on.is_none_or(|day| day <= on);
        let is_there = |agency: &Agency| agency.abolished_on.is_none_or(|day| day >= on);
        let mut from = self.bodies_at_end(event.from, Some(&event.from_name), was_there);
        let mut to = self.bodies_at_end(event.to, event.to_name.as_deref(), is_there);
        if let (None, &[other]) = (event.from, to.as_slice()) {
            from.retain(|id| *id != other);
        }
        if let (None, &[other]) = (event.to, from.as_slice()) {
            to.retain(|id| *id != other);
        }
        (from, to)
    }

    fn bodies_at_end(
        &self,
        code: Option<Uscc>,
        text: Option<&str>,
        fits: impl Fn(&Agency) -> bool,
    ) -> Vec<i64> {
        let graph = &self.graph;
        match (code, text) {
            (Some(code), _) => graph
                .agency_by_code(&code)
                .map(|known| known.id)
                .into_iter()
                .collect(),
            (None, Some(text)) => {
                let bearers = graph.directory.bearers(text).into_iter();
                let fits = |id: &i64| graph.agency(*id).is_some_and(|known| fits(&known.fact));
                bearers.filter(fits).collect()
            }
            (None, None) => Vec::new(),
        }
    }
}
