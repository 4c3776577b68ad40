//! Decisions as a viewer sees them, and how far his own reach.

use std::sync::Arc;

use domain::{access::RowRule, decision::Decision, division::DivisionCode, mention::Mention};

use crate::store::{Known, Listing};

use super::{
    super::{
        PageError, PageRequest,
        page::{ListOrder, Paged, Part},
    },
    Found, View, find,
};

impl View {
    /// The decision in this row, if the viewer may see it: as a mention of its place.
    pub fn decision_at(&self, row: u32) -> Option<&Arc<Known<Decision>>> {
        self.graph
            .decisions
            .get(row)?
            .as_ref()
            .filter(|decision| self.sees_mention_in(decision.fact.division))
    }

    /// The row of the decision with this number, if it stands and the viewer may see it.
    pub fn decision_row(&self, id: i64) -> Option<u32> {
        self.graph
            .decision_by_id
            .get(&id)
            .copied()
            .filter(|row| self.decision_at(*row).is_some())
    }

    /// The decision that holds of a mention that the viewer sees.
    pub fn decision_of(&self, mention: &Listing<Mention>) -> Option<&Arc<Known<Decision>>> {
        let subject = mention.fact.subject()?;
        self.graph
            .decision_on(&mention.source, &subject, mention.fact.division)
    }

    /// Decisions that stand, newest first.
    pub fn decisions(&self, request: &PageRequest, with_total: bool) -> Result<Found, PageError> {
        let key = |row: u32| {
            let decision = self.graph.decisions.get(row).and_then(Option::as_ref);
            let at = |known: &Arc<Known<Decision>>| Part::Int(known.fact.at.timestamp_micros());
            let id = decision.map_or(0, |decision| decision.id);
            (vec![decision.map_or(Part::None, at)], id)
        };
        let ordering = ListOrder {
            tag: "decision".to_owned(),
            descending: vec![true],
        };
        let matches = |row: u32| self.decision_at(row).is_some();
        find(
            &Paged {
                ordering,
                rows: &self.graph.order.decisions,
                key: &key,
                matches: &matches,
            },
            request,
            with_total,
        )
    }

    /// How far a decision of the viewer's reaches that he takes on a mention that he sees: into the
    /// widest of his areas that the mention lies in, or everywhere where he sees all.
    pub fn reach_from(&self, division: Option<DivisionCode>) -> Option<DivisionCode> {
        let tree = self.divisions();
        let own = match self.rules.mention {
            RowRule::All => return None,
            _ => self.viewer.divisions.iter().copied(),
        };
        let around = own.filter(|area| division.is_some_and(|code| tree.contains(*area, code)));
        around.min_by_key(|area| tree.ancestors(*area).count())
    }

    /// Whether a decision of this reach concerns nothing beyond what the viewer may decide about.
    pub fn reaches(&self, reach: Option<DivisionCode>) -> bool {
        match self.rules.mention {
            RowRule::All => true,
            _ => reach.is_some_and(|reach| self.sees_mention_in(Some(reach))),
        }
    }
}
