//! What one viewer may see of one version of the graph. Row rules are applied here and nowhere
//! else: what a view does not yield does not exist for its viewer, by any path.

use std::{ops::Range, sync::Arc};

use chrono::NaiveDate;
use domain::{
    access::{RowRule, Thing},
    agency::Agency,
    credit_record::{CreditRecord, CreditRecordStatus},
    division::DivisionTree,
    mention::Mention,
    name,
    resolution::{Resolution, Subject, resolve},
    succession::Succession,
    uscc::Uscc,
    viewer::Viewer,
};

use crate::{
    catalogue::Access,
    store::{Known, Listing},
};

use super::{
    AgencyPredicate, Graph, MentionPredicate, RecordPredicate,
    page::{ListOrder, Page, PageError, PageRequest, Paged, Part},
};

/// By what agencies can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgencyOrder {
    Name,
    Division,
    ActiveRecords,
}

/// By what records can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordOrder {
    IdentifiedOn,
    Amount,
    Tier,
}

/// A page, and how many there are in all where that was asked for.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub page: Page,
    pub total: Option<usize>,
}

/// One viewer's part of one version.
#[derive(Debug, Clone)]
pub struct View {
    graph: Arc<Graph>,
    viewer: Arc<Viewer>,
    today: NaiveDate,
    agency_rule: RowRule,
    record_rule: RowRule,
    mention_rule: RowRule,
    /// The viewer's divisions with all below them, as positions in the tree.
    areas: Vec<Range<usize>>,
    /// The body that the viewer acts for.
    own: Option<u32>,
}

impl View {
    pub(super) fn new(graph: Arc<Graph>, viewer: Arc<Viewer>, access: &Access, today: NaiveDate) -> Self {
        let rule = |thing| access.row_rule(viewer.role, thing);
        let areas = viewer.divisions.iter().filter_map(|code| graph.divisions.subtree(*code)).collect();
        let own = viewer.agency.and_then(|code| graph.agency_by_uscc.get(&code).copied());
        Self {
            agency_rule: rule(Thing::Agency),
            record_rule: rule(Thing::CreditRecord),
            mention_rule: rule(Thing::Mention),
            areas,
            own,
            graph,
            viewer,
            today,
        }
    }

    /// Who asks.
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// The business day of the answer.
    pub fn today(&self) -> NaiveDate {
        self.today
    }

    /// The division tree.
    pub fn divisions(&self) -> &DivisionTree {
        &self.graph.divisions
    }

    // Agencies

    /// The agency in this row, if the viewer may see it.
    pub fn agency_at(&self, row: u32) -> Option<&Arc<Known<Agency>>> {
        self.graph.agencies.get(row).filter(|_| self.sees_agency(row))
    }

    /// The row of the agency with this number, if the viewer may see it.
    pub fn agency_row(&self, id: i64) -> Option<u32> {
        self.graph.agency_by_id.get(&id).copied().filter(|row| self.sees_agency(*row))
    }

    /// The row of the agency with this code, if the viewer may see it.
    pub fn agency_row_by_uscc(&self, code: &Uscc) -> Option<u32> {
        self.graph.agency_by_uscc.get(code).copied().filter(|row| self.sees_agency(*row))
    }

    fn sees_agency(&self, row: u32) -> bool {
        self.agency_passes(self.agency_rule, row)
    }

    fn agency_passes(&self, rule: RowRule, row: u32) -> bool {
        let place = || self.graph.agency_division.get(row).map(|place| *place as usize);
        match rule {
            RowRule::Nothing => false,
            RowRule::All => true,
            RowRule::Subtree => place().is_some_and(|place| self.areas.iter().any(|area| area.contains(&place))),
            RowRule::Level => place().is_some_and(|place| self.areas.iter().any(|area| area.start == place)),
            RowRule::Own => self.own == Some(row),
            // A body is published with what is published about it.
            RowRule::Published => self.records_rows(row).iter().any(|record| self.is_published(*record)),
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
        let rows = self.agency_candidates(predicate.bounds(self));
        let matches = |row: u32| predicate.holds(self, row);
        let order = if order.is_empty() { &[(AgencyOrder::Division, false)] } else { order };
        let key = |row: u32| self.agency_key(row, order);
        let sorted;
        // The graph keeps agencies in the order of the division tree; any other is sorted here.
        let rows = if order == [(AgencyOrder::Division, false)] {
            rows
        } else {
            sorted = sort(rows.iter().copied().filter(|row| matches(*row)).collect(), &tag(order), &key);
            sorted
        };
        find(&Paged { ordering: tag(order), rows: &rows, key: &key, matches: &matches }, request, with_total)
    }

    /// The rows that the viewer's rule and the predicate's bounds leave to be looked at, in the
    /// order of the division tree.
    fn agency_candidates(&self, bounds: Option<Range<usize>>) -> Vec<u32> {
        let everything = 0..self.graph.divisions.len();
        let bounds = bounds.unwrap_or_else(|| everything.clone());
        let mut areas = match self.agency_rule {
            RowRule::Nothing => Vec::new(),
            RowRule::All | RowRule::Published => vec![everything],
            RowRule::Subtree => self.areas.clone(),
            RowRule::Level => self.areas.iter().map(|area| area.start..area.start + 1).collect(),
            RowRule::Own => return self.own.into_iter().collect(),
        };
        areas.sort_unstable_by_key(|area| area.start);
        let starts = &self.graph.order.division_starts;
        let mut rows = Vec::new();
        let mut done = 0;
        for area in areas {
            let from = area.start.max(bounds.start).max(done);
            let to = area.end.min(bounds.end);
            if from < to {
                rows.extend_from_slice(&self.graph.order.agencies[starts[from] as usize..starts[to] as usize]);
                done = to;
            }
        }
        rows
    }

    fn agency_key(&self, row: u32, order: &[(AgencyOrder, bool)]) -> (Vec<Part>, i64) {
        let Some(agency) = self.graph.agencies.get(row) else { return (Vec::new(), 0) };
        let part = |field: &AgencyOrder| match field {
            AgencyOrder::Name => Part::Text(agency.fact.name.clone()),
            AgencyOrder::Division => Part::Text(agency.fact.division.to_string()),
            AgencyOrder::ActiveRecords => Part::Int(self.active_records(row) as i64),
        };
        (order.iter().map(|(field, _)| part(field)).collect(), agency.id)
    }

    /// The bodies whose superior this one is.
    pub fn subordinates(&self, row: u32, request: &PageRequest, with_total: bool) -> Result<Found, PageError> {
        let Some(agency) = self.agency_at(row) else { return Ok(Found::default()) };
        let order = [(AgencyOrder::Division, false)];
        let key = |row: u32| self.agency_key(row, &order);
        let rows = sort(self.graph.subordinates.rows(&agency.fact.uscc).to_vec(), &tag(&order), &key);
        let matches = |row: u32| self.sees_agency(row);
        find(&Paged { ordering: tag(&order), rows: &rows, key: &key, matches: &matches }, request, with_total)
    }

    /// The events in which this body took part: those that ended it when `as_predecessor`, else
    /// those that it came from.
    pub fn successions(&self, row: u32, as_predecessor: bool) -> Vec<Arc<Known<Succession>>> {
        let Some(agency) = self.agency_at(row) else { return Vec::new() };
        let fact = &agency.fact;
        let names: Vec<String> = std::iter::once(&fact.name)
            .chain(fact.names.iter().map(|name| &name.name))
            .map(|text| name::normalise(text))
            .collect();
        let is_end = |code: Option<Uscc>, text: Option<&str>| match (code, text) {
            (Some(code), _) => code == fact.uscc,
            (None, Some(text)) => names.contains(&name::normalise(text)),
            (None, None) => false,
        };
        let ends = std::iter::once(fact.uscc.as_str()).chain(names.iter().map(String::as_str));
        let mut found: Vec<_> = ends
            .flat_map(|end| self.graph.successions_by_end.rows(end))
            .filter_map(|row| self.graph.successions.get(*row).cloned().flatten())
            .filter(|event| {
                let event = &event.fact;
                if as_predecessor {
                    is_end(event.from, Some(&event.from_name))
                } else {
                    is_end(event.to, event.to_name.as_deref())
                }
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
        self.graph.agencies.get(row).map(|agency| agency.fact.name.clone())
    }

    /// The body at an end of an event, by its code, or by its name where there is none and exactly
    /// one body bears it.
    pub fn end_of_succession(&self, code: Option<Uscc>, text: Option<&str>) -> Option<u32> {
        match (code, text) {
            (Some(code), _) => self.agency_row_by_uscc(&code),
            (None, Some(text)) => match self.graph.agencies_by_name.rows(name::normalise(text).as_str()) {
                &[row] => self.sees_agency(row).then_some(row),
                _ => None,
            },
            (None, None) => None,
        }
    }

    // Records

    /// The record in this row, if the viewer may see it.
    pub fn record_at(&self, row: u32) -> Option<&Arc<Known<Listing<CreditRecord>>>> {
        self.graph.records.get(row)?.as_ref().filter(|_| self.sees_record(row))
    }

    /// The row of the record with this number, if the viewer may see it.
    pub fn record_row(&self, id: i64) -> Option<u32> {
        self.graph.record_by_id.get(&id).copied().filter(|row| self.record_at(*row).is_some())
    }

    fn sees_record(&self, row: u32) -> bool {
        match self.record_rule {
            RowRule::Nothing => false,
            RowRule::All => true,
            RowRule::Published => self.is_published(row),
            rule @ (RowRule::Subtree | RowRule::Level | RowRule::Own) => {
                let record = self.graph.records.get(row).and_then(Option::as_ref);
                let agency = record.and_then(|record| self.graph.agency_by_id.get(&record.fact.fact.agency_id));
                agency.is_some_and(|agency| self.agency_passes(rule, *agency))
            }
        }
    }

    /// Its list is a public one, and it holds.
    fn is_published(&self, row: u32) -> bool {
        self.graph.records.get(row).and_then(Option::as_ref).is_some_and(|record| {
            let fact = &record.fact.fact;
            fact.status == CreditRecordStatus::Active && self.graph.published_items.contains(&fact.catalogue_item)
        })
    }

    fn records_rows(&self, agency: u32) -> &[u32] {
        let id = self.graph.agencies.get(agency).map(|agency| agency.id);
        id.map_or(&[], |id| self.graph.records_of.rows(&id))
    }

    fn active_records(&self, agency: u32) -> usize {
        self.records_rows(agency)
            .iter()
            .filter_map(|row| self.record_at(*row))
            .filter(|record| record.fact.fact.status == CreditRecordStatus::Active)
            .count()
    }

    pub(super) fn has_active_record(&self, agency: u32) -> bool {
        self.active_records(agency) > 0
    }

    /// Records of which the predicate holds, in the wanted order; newest first by default.
    pub fn records(
        &self,
        predicate: &RecordPredicate,
        order: &[(RecordOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        self.page_records(&self.graph.order.records, predicate, order, request, with_total)
    }

    /// An agency's records.
    pub fn records_of(
        &self,
        agency: u32,
        predicate: &RecordPredicate,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let key = |row: u32| self.record_key(row, NEWEST_FIRST);
        let rows = sort(self.records_rows(agency).to_vec(), &tag(NEWEST_FIRST), &key);
        self.page_records(&rows, predicate, &[], request, with_total)
    }

    fn page_records(
        &self,
        newest_first: &[u32],
        predicate: &RecordPredicate,
        order: &[(RecordOrder, bool)],
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let matches = |row: u32| predicate.holds(self, row);
        let order = if order.is_empty() { NEWEST_FIRST } else { order };
        let key = |row: u32| self.record_key(row, order);
        let sorted;
        let rows = if order == NEWEST_FIRST {
            newest_first
        } else {
            let matching = newest_first.iter().copied().filter(|row| matches(*row)).collect();
            sorted = sort(matching, &tag(order), &key);
            &sorted
        };
        find(&Paged { ordering: tag(order), rows, key: &key, matches: &matches }, request, with_total)
    }

    fn record_key(&self, row: u32, order: &[(RecordOrder, bool)]) -> (Vec<Part>, i64) {
        let Some(record) = self.graph.records.get(row).and_then(Option::as_ref) else { return (Vec::new(), 0) };
        let fact = &record.fact.fact;
        let part = |field: &RecordOrder| match field {
            RecordOrder::IdentifiedOn => Part::Text(fact.identified_on.to_string()),
            RecordOrder::Amount => fact.amount.map_or(Part::None, |amount| Part::Int(amount.cents())),
            RecordOrder::Tier => fact.tier.map_or(Part::None, |tier| Part::Int(tier as i64)),
        };
        (order.iter().map(|(field, _)| part(field)).collect(), record.id)
    }

    // Mentions

    /// The mention in this row, if the viewer may see it.
    pub fn mention_at(&self, row: u32) -> Option<&Arc<Known<Listing<Mention>>>> {
        self.graph.mentions.get(row)?.as_ref().filter(|mention| self.sees_mention(&mention.fact.fact))
    }

    /// The row of the mention with this number, if the viewer may see it.
    pub fn mention_row(&self, id: i64) -> Option<u32> {
        self.graph.mention_by_id.get(&id).copied().filter(|row| self.mention_at(*row).is_some())
    }

    /// A mention belongs to the division that its row points to; one that points nowhere is for
    /// those who see all.
    fn sees_mention(&self, mention: &Mention) -> bool {
        let place = || mention.division.and_then(|code| self.graph.divisions.position(code));
        match self.mention_rule {
            RowRule::All => true,
            RowRule::Subtree => place().is_some_and(|place| self.areas.iter().any(|area| area.contains(&place))),
            RowRule::Level => place().is_some_and(|place| self.areas.iter().any(|area| area.start == place)),
            // Who is meant is not told, so it is nobody's own, and nothing of it is published.
            RowRule::Nothing | RowRule::Own | RowRule::Published => false,
        }
    }

    /// Mentions of which the predicate holds.
    pub fn mentions(
        &self,
        predicate: &MentionPredicate,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let key = |row: u32| {
            let mention = self.graph.mentions.get(row).and_then(Option::as_ref);
            (Vec::new(), mention.map_or(0, |mention| mention.id))
        };
        let ordering = ListOrder { tag: "mention".to_owned(), descending: Vec::new() };
        let matches = |row: u32| predicate.holds(self, row);
        find(
            &Paged { ordering, rows: &self.graph.order.mentions, key: &key, matches: &matches },
            request,
            with_total,
        )
    }

    // Who is meant

    /// The resolver's answer over the whole directory; then what the viewer may not see is taken
    /// out: the outcome stands.
    pub fn resolve(&self, subject: &Subject<'_>) -> Resolution {
        self.hide(resolve(&*self.graph, subject))
    }

    /// A stored answer, as this viewer may see it.
    pub fn hide(&self, mut resolution: Resolution) -> Resolution {
        resolution.agency = resolution.agency.filter(|id| self.agency_row(*id).is_some());
        resolution.candidates.retain(|candidate| self.agency_row(candidate.agency).is_some());
        resolution
    }
}

const NEWEST_FIRST: &[(RecordOrder, bool)] = &[(RecordOrder::IdentifiedOn, true)];

fn tag<F: std::fmt::Debug>(order: &[(F, bool)]) -> ListOrder {
    ListOrder {
        tag: order.iter().map(|(field, descending)| format!("{field:?}{}", u8::from(*descending))).collect(),
        descending: order.iter().map(|(_, descending)| *descending).collect(),
    }
}

fn sort(mut rows: Vec<u32>, order: &ListOrder, key: &dyn Fn(u32) -> (Vec<Part>, i64)) -> Vec<u32> {
    let mut keyed: Vec<_> = rows.drain(..).map(|row| (key(row), row)).collect();
    keyed.sort_unstable_by(|a, b| order.compare(&a.0, &b.0));
    keyed.into_iter().map(|(_, row)| row).collect()
}

fn find(paged: &Paged<'_>, request: &PageRequest, with_total: bool) -> Result<Found, PageError> {
    Ok(Found { page: paged.page(request)?, total: with_total.then(|| paged.count()) })
}
