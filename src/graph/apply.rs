//! Moving the graph on: facts go into their slots and indexes, then the orders they touched are
//! rebuilt.

mod bodies;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::NaiveDate;

use domain::{
    agency::Agency, clue::Clue, credit_record::CreditRecord, decision::Decision,
    indicator::Indicator, mention::Mention, succession::Succession,
};

use crate::store::{Entry, Known, Listing, Resident, ResidentSink};

use super::{Graph, moved::Touched};
use bodies::ends_of;

/// A version in the making.
pub(super) struct Draft {
    pub(super) graph: Graph,
    agencies_moved: bool,
    /// Rows of bodies that are counted otherwise.
    glanced: Vec<u32>,
    /// Numbers of bodies that came or changed: the directory learns of them at the end.
    renamed: BTreeSet<i64>,
    successions_moved: bool,
    names_moved: bool,
    records_moved: bool,
    /// Days of determination of the records that were touched, as they were: where they are the same in
    /// the end, so is the order.
    records_before: BTreeMap<i64, Option<NaiveDate>>,
    mentions_moved: bool,
    clues_moved: bool,
    decisions_moved: bool,
    touched: Touched,
}

impl Draft {
    pub(super) fn of(graph: &Graph) -> Self {
        Self {
            graph: graph.clone(),
            agencies_moved: false,
            glanced: Vec::new(),
            renamed: BTreeSet::new(),
            successions_moved: false,
            names_moved: false,
            records_moved: false,
            records_before: BTreeMap::new(),
            mentions_moved: false,
            clues_moved: false,
            decisions_moved: false,
            touched: Touched::default(),
        }
    }

    /// The finished version, up to this number of the change log.
    pub(super) fn finish(self, seq: i64) -> Graph {
        self.finish_telling(seq).0
    }

    /// The same, with what its changes did to records.
    pub(super) fn finish_telling(mut self, seq: i64) -> (Graph, Touched) {
        self.touched.close(&self.graph);
        self.graph.seq = seq;
        self.graph.casework.settle();
        self.graph.assessed.settle(seq);
        if self.agencies_moved {
            self.graph.order_agencies();
            self.graph.glance_at_all();
        } else {
            self.graph.glance_at(&self.glanced);
        }
        if self.successions_moved || !self.renamed.is_empty() {
            self.graph.ends_moved_at = seq;
        }
        if !self.renamed.is_empty() {
            self.graph.learn_names(self.renamed);
            self.graph.lookup = Arc::default();
        }
        if self.successions_moved {
            let events = self.graph.successions.iter().flatten();
            let events = events.map(|event| &event.fact);
            self.graph.directory = self.graph.directory.with_events(events);
        }
        if self.names_moved {
            self.graph.order_names();
        }
        let same = |(id, before): (&i64, &Option<NaiveDate>)| {
            let now = self
                .graph
                .record(*id)
                .map(|record| record.fact.fact.identified_on);
            now == *before
        };
        if self.records_moved && !self.records_before.iter().all(same) {
            // With their keys beside them, since looking each up for each comparison is what costs.
            let rows = self.graph.records.iter().zip(0_u32..);
            let keyed = rows.filter_map(|(slot, row)| {
                let record = slot.as_ref()?;
                Some((Reverse(record.fact.fact.identified_on), record.id, row))
            });
            let mut keyed: Vec<_> = keyed.collect();
            keyed.sort_unstable();
            self.graph.order.records = Arc::new(keyed.into_iter().map(|(.., row)| row).collect());
        }
        if self.records_moved || self.agencies_moved {
            self.graph.tally = Arc::default();
        }
        if self.records_moved {
            self.graph.cases = Arc::default();
        }
        if self.mentions_moved {
            let mentions = &self.graph.mentions;
            let mut order = filled(mentions);
            order.sort_unstable_by_key(|row| {
                mentions.get(*row).and_then(Option::as_ref).map(|m| m.id)
            });
            self.graph.order.mentions = Arc::new(order);
        }
        if self.clues_moved {
            let clues = &self.graph.clues;
            let key = |row: &u32| {
                let clue = clues.get(*row).and_then(Option::as_ref);
                clue.map(|clue| (Reverse(clue.fact.fact.received_at), clue.id))
            };
            let mut order = filled(clues);
            order.sort_unstable_by_key(key);
            self.graph.order.clues = Arc::new(order);
        }
        if self.decisions_moved {
            let decisions = &self.graph.decisions;
            let key = |row: &u32| {
                let decision = decisions.get(*row).and_then(Option::as_ref);
                decision.map(|decision| (Reverse(decision.fact.at), decision.id))
            };
            let mut order = filled(decisions);
            order.sort_unstable_by_key(key);
            self.graph.order.decisions = Arc::new(order);
        }
        (self.graph, self.touched)
    }

    fn put_agency(&mut self, new: Known<Agency>) {
        let graph = &mut self.graph;
        let new = Arc::new(new);
        let fact = &new.fact;
        let Some(division) = graph.divisions.position(fact.division) else {
            // The catalogue checks that no division is ever dropped, so this is a foreign database.
            tracing::error!(agency.id = new.id, division = %fact.division, "agency of an unknown division left out");
            return;
        };
        let division = division as u32;
        let row = match graph.agency_by_id.get(&new.id).copied() {
            Some(row) => {
                let old = graph.agencies.get(row);
                self.names_moved |= old.is_none_or(|old| old.fact.name != fact.name);
                graph.unindex_agency(row);
                row
            }
            None => {
                let row = graph.agencies.push(Arc::clone(&new));
                graph.agency_division.push(division);
                graph.agency_by_id.insert(new.id, row);
                self.agencies_moved = true;
                self.names_moved = true;
                row
            }
        };
        if graph.agency_division.get(row) != Some(&division) {
            self.agencies_moved = true;
        }
        graph.agency_by_uscc.insert(fact.uscc, row);
        self.renamed.insert(new.id);
        if let Some(superior) = fact.superior {
            graph.subordinates.add(superior, row);
        }
        if let Some(slot) = graph.agency_division.get_mut(row) {
            *slot = division;
        }
        self.glanced.push(row);
        if let Some(slot) = graph.agencies.get_mut(row) {
            *slot = new;
        }
    }

    /// Notes what a record's place in the order was before this version touched it.
    fn touch_record(&mut self, id: i64) {
        self.records_moved = true;
        let before = self
            .graph
            .record(id)
            .map(|record| record.fact.fact.identified_on);
        self.records_before.entry(id).or_insert(before);
    }

    fn put_record(&mut self, new: Known<Listing<CreditRecord>>) {
        self.touch_record(new.id);
        let graph = &mut self.graph;
        let subject = new.fact.fact.subject.id();
        match graph.record_by_id.get(&new.id).copied() {
            Some(row) => {
                if let Some(old) = graph.records.get(row).cloned().flatten() {
                    graph.records_of.remove(&old.fact.fact.subject.id(), row);
                }
                graph.records_of.add(subject, row);
                fill(&mut graph.records, row, new);
            }
            None => {
                let id = new.id;
                let row = graph.records.push(Some(Arc::new(new)));
                graph.record_by_id.insert(id, row);
                graph.records_of.add(subject, row);
            }
        }
    }

    fn put_mention(&mut self, new: Known<Listing<Mention>>) {
        let graph = &mut self.graph;
        self.mentions_moved = true;
        match graph.mention_by_id.get(&new.id).copied() {
            Some(row) => fill(&mut graph.mentions, row, new),
            None => {
                let id = new.id;
                let row = graph.mentions.push(Some(Arc::new(new)));
                graph.mention_by_id.insert(id, row);
            }
        }
    }

    fn put_clue(&mut self, new: Known<Listing<Clue>>) {
        self.end_clue(new.id);
        let graph = &mut self.graph;
        let (id, agencies) = (new.id, new.fact.fact.agency_ids.clone());
        let row = match graph.clue_by_id.get(&id).copied() {
            Some(row) => {
                fill(&mut graph.clues, row, new);
                row
            }
            None => {
                let row = graph.clues.push(Some(Arc::new(new)));
                graph.clue_by_id.insert(id, row);
                row
            }
        };
        for agency in agencies {
            graph.clues_of.add(agency, row);
        }
    }

    fn end_clue(&mut self, id: i64) {
        let graph = &mut self.graph;
        self.clues_moved = true;
        if let Some(row) = graph.clue_by_id.get(&id).copied() {
            if let Some(old) = graph.clues.get(row).cloned().flatten() {
                for agency in &old.fact.fact.agency_ids {
                    graph.clues_of.remove(agency, row);
                }
            }
            empty(&mut graph.clues, row);
        }
    }

    fn put_indicator(&mut self, new: Known<Listing<Indicator>>) {
        self.end_indicator(new.id);
        let graph = &mut self.graph;
        let (id, agency) = (new.id, new.fact.fact.agency_id);
        graph.count_told(&new.fact.fact, |count| count + 1);
        let row = match graph.indicator_by_id.get(&id).copied() {
            Some(row) => {
                fill(&mut graph.indicators, row, new);
                row
            }
            None => {
                let row = graph.indicators.push(Some(Arc::new(new)));
                graph.indicator_by_id.insert(id, row);
                row
            }
        };
        graph.indicators_of.add(agency, row);
    }

    fn end_indicator(&mut self, id: i64) {
        let graph = &mut self.graph;
        if let Some(row) = graph.indicator_by_id.get(&id).copied() {
            if let Some(old) = graph.indicators.get(row).cloned().flatten() {
                graph.indicators_of.remove(&old.fact.fact.agency_id, row);
                graph.count_told(&old.fact.fact, |count| count.saturating_sub(1));
            }
            empty(&mut graph.indicators, row);
        }
    }

    fn put_decision(&mut self, new: Known<Decision>) {
        let graph = &mut self.graph;
        self.decisions_moved = true;
        let id = new.id;
        let text = Decision::text_id(&new.fact.source, &new.fact.subject);
        let row = match graph.decision_by_id.get(&id).copied() {
            Some(row) => {
                fill(&mut graph.decisions, row, new);
                row
            }
            None => {
                let row = graph.decisions.push(Some(Arc::new(new)));
                graph.decision_by_id.insert(id, row);
                row
            }
        };
        // What it is about is in its number, so it never moves to another text.
        graph.decisions_on.add(text, row);
    }

    fn put_succession(&mut self, new: Known<Succession>) {
        self.successions_moved = true;
        let graph = &mut self.graph;
        let ends = ends_of(&new.fact);
        let row = match graph.succession_by_id.get(&new.id).copied() {
            Some(row) => {
                graph.unindex_succession(row);
                fill(&mut graph.successions, row, new);
                row
            }
            None => {
                let id = new.id;
                let row = graph.successions.push(Some(Arc::new(new)));
                graph.succession_by_id.insert(id, row);
                row
            }
        };
        for end in ends {
            graph.successions_by_end.add(end, row);
        }
    }
}

impl ResidentSink for Draft {
    fn begin(&mut self, change: Entry) {
        self.touched.begin(change, &self.graph);
    }

    fn retract(&mut self, record: i64) {
        self.touched.retract(record, &self.graph);
    }

    fn take(&mut self, fact: Resident) {
        self.touched.note(&fact, &self.graph);
        match fact {
            Resident::Agency(new) => self.put_agency(new),
            Resident::Succession(new) => self.put_succession(new),
            Resident::Mention(new) => self.put_mention(new),
            Resident::Record(new) => self.put_record(new),
            Resident::Clue(new) => self.put_clue(new),
            Resident::Indicator(new) => self.put_indicator(new),
            Resident::Post(new) => self.graph.officials.put(new),
            Resident::PostEnded(id) => self.graph.officials.end(id),
            Resident::Assessment(new) => self.graph.assessments.put(new),
            Resident::Case(new) => {
                let is_over = self.graph.is_final(&new.fact);
                self.graph.casework.put(*new, is_over);
            }
            Resident::Score(new) => {
                if let Some(row) = self.graph.agency_by_id.get(&new.fact.agency).copied() {
                    self.graph.assessed.put_score(row, new);
                    self.glanced.push(row);
                }
            }
            Resident::Warning(new) => {
                let row = self.graph.agency_by_id.get(&new.fact.agency).copied();
                self.graph.assessed.put_warning(row, *new);
                self.glanced.extend(row);
            }
            Resident::Campaign(new, public) => self.graph.campaigns.put(*new, &public),
            Resident::Publication(new) => self.graph.assessments.publish(new),
            Resident::AssessmentEnded(id) => self.graph.assessments.end(id),
            Resident::Decision(new) => self.put_decision(new),
            Resident::DecisionEnded(id) => {
                self.decisions_moved = true;
                if let Some(row) = self.graph.decision_by_id.get(&id).copied() {
                    empty(&mut self.graph.decisions, row);
                }
            }
            Resident::ClueEnded(id) => self.end_clue(id),
            Resident::IndicatorEnded(id) => self.end_indicator(id),
            Resident::MentionEnded(id) => {
                self.mentions_moved = true;
                if let Some(row) = self.graph.mention_by_id.get(&id).copied() {
                    empty(&mut self.graph.mentions, row);
                }
            }
            Resident::RecordEnded(id) => {
                self.touch_record(id);
                if let Some(row) = self.graph.record_by_id.get(&id).copied() {
                    if let Some(old) = self.graph.records.get(row).cloned().flatten() {
                        let subject = old.fact.fact.subject.id();
                        self.graph.records_of.remove(&subject, row);
                    }
                    empty(&mut self.graph.records, row);
                }
            }
            Resident::SuccessionEnded(id) => {
                self.successions_moved = true;
                if let Some(row) = self.graph.succession_by_id.get(&id).copied() {
                    self.graph.unindex_succession(row);
                    empty(&mut self.graph.successions, row);
                }
            }
        }
    }
}

fn fill<T>(slots: &mut super::Slots<T>, row: u32, new: Known<T>) {
    if let Some(slot) = slots.get_mut(row) {
        *slot = Some(Arc::new(new));
    }
}

fn empty<T>(slots: &mut super::Slots<T>, row: u32) {
    if let Some(slot) = slots.get_mut(row) {
        *slot = None;
    }
}

/// The rows whose slot holds something.
fn filled<T>(slots: &super::Slots<T>) -> Vec<u32> {
    (0..slots.len() as u32)
        .filter(|row| matches!(slots.get(*row), Some(Some(_))))
        .collect()
}
