//! What is known beside a case.

use chrono::NaiveDate;
use domain::{
    casework::{Case, Command, DeadlineRule, Deed, Facts, Item, Running},
    credit_record::CreditRecordStatus,
    date::china_day,
    division::DivisionCode,
};

use super::{Casework, finding::Found};
use crate::graph::Graph;

impl Casework {
    /// The rule of a period of a case.
    pub fn deadline_rule(
        &self,
        graph: &Graph,
        case: &Case,
        running: &Running,
    ) -> Option<&DeadlineRule> {
        let place = graph.place_of(case);
        let (casework, tree) = (&self.catalogue.casework, &self.catalogue.divisions);
        let deadlines = &casework.deadlines;
        deadlines.rule(&running.rule, running.since, place, tree)
    }

    /// What is known beside a case.
    pub(super) fn facts(&self, graph: &Graph, case: &Case) -> Facts {
        let record = graph.record_of_case(case);
        let fact = record.map(|record| &record.fact.fact);
        // A record that is there no more is told by its source no longer, or not of this body; it may come back.
        let status = case
            .about
            .record
            .map(|_| fact.map_or(CreditRecordStatus::Delisted, |fact| fact.status));
        let ended = status.filter(|status| *status != CreditRecordStatus::Active);
        let lead = case.about.clue.and_then(|id| graph.clue(id));
        let lead = lead.map(|lead| &lead.fact.fact);
        let promised_on = lead.and_then(|lead| lead.due_on);
        let body = case.about.agency;
        let others = body.into_iter().flat_map(|body| graph.cases_about(body));
        let others = others.flat_map(|other| &other.fact.sanctions);
        let granted = others.filter(|sanction| !sanction.status.is_over());
        Facts {
            case: 0,
            about: case.about,
            stage: None,
            promised_on: promised_on.filter(|_| case.events == 0),
            received_on: lead.map(|lead| china_day(lead.received_at)),
            passed_on: lead.and_then(|lead| lead.passed_on),
            ended_on: lead.and_then(|lead| lead.ended_on),
            place: graph.place_of(case),
            body: one_of(&graph.subjects_of(case)),
            item: fact.and_then(|fact| self.item(&fact.catalogue_item, fact.identified_on, None)),
            told: None,
            record_ended: ended,
            is_official: fact.is_some_and(|fact| fact.subject.official().is_some()),
            is_discredited: body.is_some_and(|body| graph.is_discredited(body)),
            granted: granted.map(|sanction| sanction.measure.clone()).collect(),
        }
    }

    pub(super) fn learn_item(&self, found: &mut Found, command: &Command) {
        if let Deed::Confirm(confirmation) = &command.deed {
            let place = found.facts.place;
            found.facts.item = self.item(&confirmation.item, confirmation.identified_on, place);
        }
    }

    /// An entry of the list; of a local one only in its place, where one is said.
    fn item(&self, code: &str, on: NaiveDate, place: Option<DivisionCode>) -> Option<Item> {
        let item = self.catalogue.lists.item(code, on)?;
        let tree = &self.catalogue.divisions;
        let is_there = match (item.division, place) {
            (Some(within), Some(place)) => tree.contains(within, place),
            _ => true,
        };
        Some(Item {
            code: item.code.clone(),
            kind: item.kind?,
            tier: item.tier,
            measures: item.measures.clone(),
            is_public: item.published,
            is_in_force: is_there && item.is_in_force(on),
        })
    }
}

/// The only one of several.
fn one_of(bodies: &[i64]) -> Option<i64> {
    match bodies {
        [body] => Some(*body),
        _ => None,
    }
}
