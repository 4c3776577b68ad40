//! Annual assessments: few, and each known by its number. Their results stay in the store.

use std::{cmp::Reverse, sync::Arc};

use chrono::NaiveDate;
use domain::{assess::Campaign, division::DivisionCode};

use crate::store::Known;

use super::{Graph, Slots, column::Index};

/// Neither campaign nor row is ever taken away.
#[derive(Debug, Clone, Default)]
pub(super) struct Campaigns {
    slots: Slots<Campaign>,
    by_id: Index<i64, u32>,
    /// Rows by the division.
    by_division: Index<DivisionCode, Vec<u32>>,
    /// Rows by the bodies that were assessed.
    about: Index<i64, Vec<u32>>,
}

impl Campaigns {
    /// Takes a version, with the bodies that were assessed where it is the first that is told.
    pub(super) fn put(&mut self, new: Known<Campaign>, bodies: &[i64]) {
        let (id, new) = (new.id, Arc::new(new));
        let row = match self.by_id.get(&id).copied() {
            Some(row) => {
                if let Some(slot) = self.slots.get_mut(row) {
                    *slot = Some(new);
                }
                row
            }
            None => {
                let division = new.fact.division;
                let row = self.slots.push(Some(new));
                self.by_id.insert(id, row);
                self.by_division.add(division, row);
                row
            }
        };
        for body in bodies {
            self.about.add(*body, row);
        }
    }

    /// Rows of those that were about a body: what was frozen tells it, not the register, which may say otherwise since.
    pub(super) fn about(&self, body: i64) -> impl Iterator<Item = u32> {
        self.about.rows(&body).iter().copied()
    }

    /// Whether the one with this number was about a body.
    pub(super) fn is_about(&self, id: i64, body: i64) -> bool {
        let row = self.row(id);
        row.is_some_and(|row| self.about.rows(&body).contains(&row))
    }

    pub(super) fn at(&self, row: u32) -> Option<&Arc<Known<Campaign>>> {
        self.slots.get(row)?.as_ref()
    }

    pub(super) fn row(&self, id: i64) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    /// All rows: the latest year first, then by division.
    pub(super) fn rows(&self) -> Vec<u32> {
        let rows = self.slots.iter().zip(0_u32..);
        let keyed = rows.filter_map(|(slot, row)| {
            let campaign = &slot.as_ref()?.fact;
            Some((Reverse(campaign.year), campaign.division, row))
        });
        let mut keyed: Vec<_> = keyed.collect();
        keyed.sort_unstable();
        keyed.into_iter().map(|(.., row)| row).collect()
    }
}

impl Graph {
    /// The annual assessment with this number, whoever asks.
    pub fn campaign(&self, id: i64) -> Option<&Arc<Known<Campaign>>> {
        self.campaigns.at(self.campaigns.row(id)?)
    }

    /// The bodies of a division and of all below it that are there on a day, in the order of their codes.
    pub fn bodies_below(&self, division: DivisionCode, on: NaiveDate) -> Vec<i64> {
        let Some(area) = self.divisions.subtree(division) else {
            return Vec::new();
        };
        let starts = &self.order.division_starts;
        let rows = &self.order.agencies[starts[area.start] as usize..starts[area.end] as usize];
        let bodies = rows.iter().filter_map(|row| self.agencies.get(*row));
        let there = bodies.filter(|body| body.fact.is_there(on));
        let mut keyed: Vec<_> = there.map(|body| (body.fact.uscc, body.id)).collect();
        keyed.sort_unstable_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
        keyed.into_iter().map(|(_, id)| id).collect()
    }

    /// Whether an annual assessment that is public by a day is about the body in this row.
    pub(super) fn is_in_public_campaign(&self, row: u32, today: NaiveDate) -> bool {
        let Some(body) = self.agencies.get(row) else {
            return false;
        };
        let is_public = |known: &Arc<Known<Campaign>>| {
            let public = known.fact.publication.as_ref();
            public.is_some_and(|public| public.from <= today)
        };
        self.campaigns
            .about(body.id)
            .any(|row| self.campaigns.at(row).is_some_and(is_public))
    }

    /// Rows of the annual assessments of a division and of those above it.
    pub(super) fn campaigns_over(&self, division: DivisionCode) -> impl Iterator<Item = u32> {
        let over = self.divisions.ancestors(division);
        over.flat_map(|one| self.campaigns.by_division.rows(&one.code))
            .copied()
    }
}
