//! What an overview counts of each body, side by side in the order of the division tree: who looks over a
//! province reads one stretch of memory, and not each body's facts.

use std::sync::Arc;

use chrono::NaiveDate;
use domain::assess::GradeCode;
use rust_decimal::Decimal;

use super::{Graph, column::Column};

/// One body at a glance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Glance {
    /// The day from which it is gone.
    gone_on: Option<NaiveDate>,
    pub(super) grade: Option<GradeCode>,
    /// Points by which its score moved within the window of a grading.
    pub(super) moved: Decimal,
    pub(super) has_warnings: bool,
}

impl Glance {
    /// Whether the body is there on a day.
    pub(super) fn is_there(&self, day: NaiveDate) -> bool {
        self.gone_on.is_none_or(|on| on > day)
    }
}

/// All bodies.
#[derive(Debug, Clone, Default)]
pub(super) struct Glances {
    by_place: Column<Glance>,
    /// The place of each body's row.
    places: Arc<Vec<u32>>,
}

impl Glances {
    /// The body in this place of the order of the tree.
    pub(super) fn at(&self, place: usize) -> Option<&Glance> {
        self.by_place.get(u32::try_from(place).ok()?)
    }

    /// The body in this row.
    pub(super) fn of(&self, row: u32) -> Option<&Glance> {
        self.by_place.get(*self.places.get(row as usize)?)
    }
}

impl Graph {
    /// Looks at all bodies, whose order is another.
    pub(super) fn glance_at_all(&mut self) {
        let order = Arc::clone(&self.order.agencies);
        let mut places = vec![0; order.len()];
        let mut by_place = Column::default();
        for row in order.iter() {
            places[*row as usize] = by_place.push(self.glance(*row));
        }
        self.glances = Glances {
            by_place,
            places: Arc::new(places),
        };
    }

    /// Looks again at the bodies in these rows, whose places are the same.
    pub(super) fn glance_at(&mut self, rows: &[u32]) {
        for row in rows {
            let glance = self.glance(*row);
            let place = self.glances.places.get(*row as usize).copied();
            if let Some(slot) = place.and_then(|place| self.glances.by_place.get_mut(place)) {
                *slot = glance;
            }
        }
    }

    fn glance(&self, row: u32) -> Glance {
        let body = self.agencies.get(row);
        let graded = self.assessed.score(row).map(|known| &known.fact);
        Glance {
            gone_on: body.and_then(|body| body.fact.abolished_on),
            grade: graded.map(|graded| graded.grade),
            moved: graded.map_or(Decimal::ZERO, |graded| graded.score - graded.before),
            has_warnings: !self.assessed.open(row).is_empty(),
        }
    }
}
