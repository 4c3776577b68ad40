//! Mentions as a viewer sees them.

use std::sync::Arc;

use domain::{access::RowRule, division::DivisionCode, mention::Mention};

use crate::store::{Known, Listing};

use super::{
    super::{MentionPredicate, PageError, PageRequest, page::Paged},
    Found, View, find,
};

impl View {
    /// The mention in this row, if the viewer may see it.
    pub fn mention_at(&self, row: u32) -> Option<&Arc<Known<Listing<Mention>>>> {
        self.graph
            .mentions
            .get(row)?
            .as_ref()
            .filter(|mention| self.sees_mention(&mention.fact.fact))
    }

    /// The row of the mention with this number, if the viewer may see it.
    pub fn mention_row(&self, id: i64) -> Option<u32> {
        self.graph
            .mention_by_id
            .get(&id)
            .copied()
            .filter(|row| self.mention_at(*row).is_some())
    }

    /// One about a natural person says that he may be an official, so it is seen only for a purpose
    /// that shows officials, too.
    pub fn sees_mention(&self, mention: &Mention) -> bool {
        self.sees_mention_in(mention.division)
            && (!mention.is_of_person() || self.sees_persons_in(mention.division))
    }

    /// Whether the rule for officials reaches rows that point to this division: in whose office he
    /// may be is not known.
    pub(super) fn sees_persons_in(&self, division: Option<DivisionCode>) -> bool {
        let place = || division.and_then(|code| self.graph.divisions.position(code));
        match self.rules.official {
            RowRule::All => true,
            rule => place().is_some_and(|place| self.place_passes(rule, place)),
        }
    }

    /// A mention belongs to the division that its row points to; one that points nowhere is for
    /// those who see all.
    pub(super) fn sees_mention_in(&self, division: Option<DivisionCode>) -> bool {
        let place = || division.and_then(|code| self.graph.divisions.position(code));
        match self.rules.mention {
            RowRule::All => true,
            // Who is meant is not told, so it is nobody's own, and nothing of it is published.
            rule => place().is_some_and(|place| self.place_passes(rule, place)),
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
        let ordering = self.ordering::<()>(&("mentions", predicate), &[]);
        let matches = |row: u32| predicate.holds(self, row);
        find(
            &Paged {
                ordering,
                rows: &self.graph.order.mentions,
                key: &key,
                matches: &matches,
            },
            request,
            with_total,
        )
    }
}
