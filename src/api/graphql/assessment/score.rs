//! A score that the rules make of what is known.

use std::{collections::BTreeSet, sync::Arc};

use async_graphql::ID;
use chrono::NaiveDate;
use domain::assess::{RulePack, Scored, changes};

use crate::{catalogue::Catalogue, graph::View};

use super::super::{
    ask::Ask,
    contribution::ContributionChange,
    error::{ApiError, Result},
    node::{NodeKind, number_of},
};

/// Records that one question may think repaired.
pub(super) const THOUGHT_REPAIRED_MAX: usize = 100;

/// Said where a score of another day or pack is asked for that there can't be: no change is another answer.
const NOTHING_TO_COMPARE: &str =
    "there is no such rule pack on that day: nothing to compare with / 该日无此规则包，无从比较";

/// A score by our rules.
pub(super) struct Score {
    catalogue: Arc<Catalogue>,
    /// Position of the pack in the catalogue.
    pack: usize,
    /// Row of the body.
    pub row: u32,
    pub on: NaiveDate,
    /// Numbers of the records that are thought repaired, rising.
    pub repaired: Vec<i64>,
    pub scored: Scored,
}

impl Score {
    /// How the body in this row is graded as of a day, if the viewer may know it.
    pub fn reckon(
        ask: &Ask,
        view: &View,
        row: u32,
        pack: Option<&str>,
        on: NaiveDate,
        mut repaired: Vec<i64>,
    ) -> Option<Self> {
        let catalogue = Arc::clone(&ask.app.catalogue);
        let pack = catalogue.assess.position(pack, on)?;
        let mut facts = view.facts(row)?;
        facts.records.retain(|(id, _)| !repaired.contains(id));
        repaired.sort_unstable();
        repaired.dedup();
        Some(Self {
            scored: catalogue.assess.packs[pack].evaluate(&facts, on),
            catalogue,
            pack,
            row,
            on,
            repaired,
        })
    }

    pub fn pack(&self) -> &RulePack {
        &self.catalogue.assess.packs[self.pack]
    }

    /// By which name the pack is found again of its day.
    pub fn pack_name(&self) -> String {
        self.catalogue.assess.name(self.pack, self.on)
    }

    /// What it would be if those of these records that the viewer sees were repaired, beside those that are thought so
    /// already.
    pub fn if_repaired(&self, ask: &Ask, view: &View, records: &[ID]) -> Result<Option<Self>> {
        let seen = |(place, id): (usize, &ID)| {
            let number = number_of(ask, NodeKind::CreditRecord, id);
            let number = number.filter(|number| view.record_row(*number).is_some());
            let message = || {
                format!(
                    "records: number {} is no record here / 没有该记录",
                    place + 1
                )
            };
            number.ok_or_else(|| ApiError::invalid(message()))
        };
        let mut repaired = BTreeSet::from_iter(self.repaired.iter().copied());
        // More than these are too many, whatever they are.
        for one in records.iter().enumerate().take(THOUGHT_REPAIRED_MAX + 1) {
            repaired.insert(seen(one)?);
        }
        if records.len().max(repaired.len()) > THOUGHT_REPAIRED_MAX {
            let message = format!("at most {THOUGHT_REPAIRED_MAX} records");
            return Err(ApiError::invalid(message));
        }
        let (pack, repaired) = (self.pack_name(), repaired.into_iter().collect());
        Ok(Self::reckon(
            ask,
            view,
            self.row,
            Some(&pack),
            self.on,
            repaired,
        ))
    }

    /// Rule by rule, what is other than on another day or by another pack.
    pub fn changes_from(
        &self,
        ask: &Ask,
        view: &View,
        on: Option<NaiveDate>,
        pack: Option<&str>,
    ) -> Result<Vec<ContributionChange>> {
        let on = on.unwrap_or(self.on);
        let pack = pack.map_or_else(|| self.pack_name(), str::to_owned);
        let repaired = self.repaired.clone();
        let other = Self::reckon(ask, view, self.row, Some(&pack), on, repaired);
        let other = other.ok_or_else(|| ApiError::invalid(NOTHING_TO_COMPARE))?;
        let packs = [self.pack(), other.pack()];
        let differ = changes(&other.scored, &self.scored).into_iter();
        let differ = differ.map(|change| ContributionChange::of(&packs, &change));
        Ok(differ.collect())
    }
}
