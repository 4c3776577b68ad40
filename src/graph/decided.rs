//! What people decided about whom texts mean.

use std::sync::Arc;

use domain::{
    clue::Clue,
    credit_record::CreditRecord,
    decision::Decision,
    division::DivisionCode,
    mention::{Mention, SubjectText},
};

use crate::store::{Known, Listing, Resident, ResidentSink, id_of_row};

use super::{Graph, apply::Draft};

impl Graph {
    /// The decision that holds of a source's text in a row that points to this division: of several
    /// the one whose reach is the narrowest.
    pub fn decision_on(
        &self,
        source: &str,
        subject: &SubjectText,
        division: Option<DivisionCode>,
    ) -> Option<&Arc<Known<Decision>>> {
        let reaches = |decision: &&Arc<Known<Decision>>| match (decision.fact.reach, division) {
            (None, _) => true,
            (Some(reach), Some(division)) => self.divisions.contains(reach, division),
            (Some(_), None) => false,
        };
        let rows = self
            .decisions_on
            .rows(&Decision::text_id(source, subject))
            .iter();
        let standing = rows.filter_map(|row| self.decisions.get(*row)?.as_ref());
        let depth = |decision: &&Arc<Known<Decision>>| {
            let reach = decision.fact.reach;
            reach.map_or(0, |reach| self.divisions.ancestors(reach).count())
        };
        standing.filter(reaches).max_by_key(depth)
    }

    /// Whether anything is decided of a source's text, in whatever reach.
    pub fn is_decided(&self, source: &str, subject: &SubjectText) -> bool {
        let rows = self
            .decisions_on
            .rows(&Decision::text_id(source, subject))
            .iter();
        rows.filter_map(|row| self.decisions.get(*row))
            .any(Option::is_some)
    }

    /// This version as it would be with these facts, or their ends.
    pub fn with(&self, facts: impl IntoIterator<Item = Resident>) -> Graph {
        let mut draft = Draft::of(self);
        facts.into_iter().for_each(|fact| draft.take(fact));
        draft.finish(self.seq)
    }

    /// The record that a source's row came to, whoever asks.
    pub fn record_of(&self, row_id: i64) -> Option<&CreditRecord> {
        let row = *self
            .record_by_id
            .get(&id_of_row("credit_record", row_id)?)?;
        let record = self.records.get(row)?.as_ref()?;
        Some(&record.fact.fact)
    }

    /// The allegation that a source's row came to, whoever asks.
    pub fn clue_of(&self, row_id: i64) -> Option<&Clue> {
        let row = *self.clue_by_id.get(&id_of_row("clue", row_id)?)?;
        let clue = self.clues.get(row)?.as_ref()?;
        Some(&clue.fact.fact)
    }

    /// The rows of a source whose mentions are about natural persons.
    pub fn persons_in(&self, source: &str) -> Vec<i64> {
        let standing = self.order.mentions.iter();
        let standing = standing.filter_map(|row| self.mentions.get(*row)?.as_ref());
        let persons =
            standing.filter(|known| known.fact.source == source && known.fact.fact.is_of_person());
        persons.map(|known| known.row_id).collect()
    }

    /// The mention with this number, whoever asks.
    pub fn mention(&self, id: i64) -> Option<&Arc<Known<Listing<Mention>>>> {
        let row = *self.mention_by_id.get(&id)?;
        self.mentions.get(row)?.as_ref()
    }
}
