//! What a viewer is told of a record's change.

use std::{borrow::Cow, sync::Arc};

use chrono::NaiveDate;
use domain::{
    access::RowRule,
    change::{ChangeKind, Standing},
    credit_record::CreditRecordStatus,
};

use super::{
    super::{RecordChange, RecordPredicate, moved::Record},
    View,
};

/// A viewer's parts of the two versions by which it is measured whether he sees a change.
#[derive(Debug)]
pub struct Onlooker {
    before: View,
    after: View,
}

impl Onlooker {
    pub fn new(view: &View) -> Self {
        Self {
            before: view.clone(),
            after: view.clone(),
        }
    }

    /// What became of a record for this viewer, among those that the predicate holds of; nothing where
    /// he saw it neither before nor after. The day is the one on which he is told.
    pub fn told(
        &mut self,
        today: NaiveDate,
        change: &RecordChange,
        predicate: &RecordPredicate,
    ) -> Option<ChangeKind> {
        // Most changes are measured by the same versions as the one before them.
        for (view, graph) in [
            (&mut self.before, &change.graph_before),
            (&mut self.after, &change.graph_after),
        ] {
            if !Arc::ptr_eq(&view.graph, graph) || view.today != today {
                view.today = today;
                *view = view.of(Arc::clone(graph));
            }
        }
        let stops = |record: &Record| {
            let status = record.fact.fact.status;
            [CreditRecordStatus::Repaired, CreditRecordStatus::Withdrawn].contains(&status)
        };
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let standing = Standing {
            was_seen: before.is_some_and(|record| self.before.follows(record, predicate)),
            is_seen: after.is_some_and(|record| self.after.follows(record, predicate)),
            has_moved: before != after,
            stops: change.is_retracted || (after.is_some_and(stops) && !before.is_some_and(stops)),
        };
        standing.kind()
    }
}

impl View {
    /// Whether this record, which may be one of another version, is seen and is one of those that the
    /// predicate holds of.
    fn follows(&self, record: &Record, predicate: &RecordPredicate) -> bool {
        let fact = &record.fact.fact;
        if !self.sees(fact) {
            return false;
        }
        // The version's own records may be others by now, and publish the body no more.
        let view = match (self.rules.credit_record, fact.subject.agency()) {
            (RowRule::Published, Some(agency)) => Cow::Owned(Self {
                shown: self.graph.agency_by_id.get(&agency).copied(),
                ..self.clone()
            }),
            _ => Cow::Borrowed(self),
        };
        predicate.fits(&view, record)
    }

    /// The record as the change left it, where this viewer may see it still.
    pub fn record_after<'a>(&self, change: &'a RecordChange) -> Option<&'a Record> {
        let after = change.after.as_ref();
        after.filter(|record| self.sees_still(change.id, &record.fact.fact))
    }
}
