//! Indicators as a viewer sees them.

use std::{cmp::Reverse, sync::Arc};

use domain::indicator::Indicator;

use crate::store::{Known, Listing};

use super::{
    super::{
        PageError, PageRequest,
        page::{Paged, Part},
    },
    Found, View, find,
};

impl View {
    /// The indicator in this row, if the viewer may see it.
    pub fn indicator_at(&self, row: u32) -> Option<&Arc<Known<Listing<Indicator>>>> {
        self.graph
            .indicators
            .get(row)?
            .as_ref()
            .filter(|indicator| {
                // Nobody has measured a period that is not over.
                self.has_begun(Some(indicator.fact.fact.period_to))
                    && self.sees_indicator(indicator.fact.fact.agency_id)
                    && self.sees_indicator_still(indicator.id)
            })
    }

    /// The row of the indicator with this number, if the viewer may see it.
    pub fn indicator_row(&self, id: i64) -> Option<u32> {
        self.graph
            .indicator_by_id
            .get(&id)
            .copied()
            .filter(|row| self.indicator_at(*row).is_some())
    }

    /// A measurement says nothing without its body, so it is never seen where that is hidden.
    fn sees_indicator(&self, agency: i64) -> bool {
        self.agency_row(agency)
            .is_some_and(|row| self.agency_passes(self.rules.indicator, row))
    }

    /// Whether the body that the indicator with this number measures today may be seen, too.
    fn sees_indicator_still(&self, id: i64) -> bool {
        if !self.is_earlier_version() {
            return true;
        }
        let row = self.present.indicator_by_id.get(&id);
        let now = row.and_then(|row| self.present.indicators.get(*row)?.as_ref());
        now.is_none_or(|indicator| {
            let agency = indicator.fact.fact.agency_id;
            let mut rules = [self.rules.agency, self.rules.indicator].into_iter();
            rules.all(|rule| self.agency_id_passes(rule, agency))
        })
    }

    /// An agency's indicators, those of the latest period first.
    pub fn indicators_of(
        &self,
        agency: u32,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let id = self.agency_at(agency).map(|agency| agency.id);
        let rows = id.map_or(&[][..], |id| self.graph.indicators_of.rows(&id));
        let at = |row: u32| self.graph.indicators.get(row).and_then(Option::as_ref);
        let mut rows = rows.to_vec();
        // A busy office makes many decisions: compared by what they are, not by parts of a cursor.
        rows.sort_unstable_by_key(|row| {
            at(*row).map(|known| (Reverse(known.fact.fact.period_to), known.id))
        });
        let key = |row: u32| match at(row) {
            Some(known) => {
                let day = known.fact.fact.period_to.to_string();
                (vec![Part::Text(day)], known.id)
            }
            None => (Vec::new(), 0),
        };
        let matches = |row: u32| self.indicator_at(row).is_some();
        find(
            &Paged {
                ordering: self.ordering(&("indicators", id), &[("period", true)]),
                rows: &rows,
                key: &key,
                matches: &matches,
            },
            request,
            with_total,
        )
    }
}
