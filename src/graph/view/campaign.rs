//! Annual assessments as a viewer sees them.

use std::{cmp::Reverse, ops::Range, sync::Arc};

use chrono::{DateTime, Utc};
use domain::{
    access::RowRule,
    assess::{Campaign, CampaignAct, CampaignObjection, CampaignState, Ranked},
    date::china_day,
    division::DivisionCode,
};

use crate::store::Known;

use super::{
    super::{
        PageError, PageRequest,
        page::{Paged, Part},
    },
    Found, View, find,
};

impl View {
    /// The annual assessment in this row as it stood on the day of which is told, if the viewer may see it.
    pub fn campaign_at(&self, row: u32) -> Option<Arc<Known<Campaign>>> {
        let now = self.graph.campaigns.at(row)?;
        let told = match self.past_day() {
            None => Arc::clone(now),
            Some(_) => Arc::new(Known {
                fact: now.fact.as_far_as(|at| self.had_happened(at))?,
                ..**now
            }),
        };
        self.sees_campaign(&now.fact, &told.fact).then_some(told)
    }

    /// The row of the one with this number, if the viewer may see it.
    pub fn campaign_row(&self, id: i64) -> Option<u32> {
        let row = self.graph.campaigns.row(id)?;
        self.campaign_at(row).map(|_| row)
    }

    /// The same division's assessment for the year before, if the viewer may see it.
    pub fn campaign_before(&self, campaign: &Campaign) -> Option<Arc<Known<Campaign>>> {
        let id = Campaign::number_of(campaign.year - 1, campaign.division);
        self.campaign_at(self.graph.campaigns.row(id)?)
    }

    /// All that may be seen and can be about the body in this row, the latest year first: those of where it is, and
    /// those that it was in.
    pub fn campaigns_about(&self, agency: u32) -> Vec<Arc<Known<Campaign>>> {
        let Some(body) = self.agency_at(agency) else {
            return Vec::new();
        };
        let mut rows: Vec<u32> = self.graph.campaigns_over(body.fact.division).collect();
        rows.extend(self.graph.campaigns.about(body.id));
        rows.sort_unstable();
        rows.dedup();
        let mut seen: Vec<_> = rows
            .into_iter()
            .filter_map(|row| self.campaign_at(row))
            .collect();
        seen.sort_by_key(|known| (Reverse(known.fact.year), known.fact.division));
        seen
    }

    /// An objection as it stood on the day of which is told, if the viewer may know of it: who decides knows of all of
    /// his assessments, wherever the register has their bodies since.
    pub fn objection(
        &self,
        objection: Known<CampaignObjection>,
    ) -> Option<Known<CampaignObjection>> {
        let campaign = self.present.campaign(objection.fact.campaign);
        let is_his = CampaignAct::Decide.is_for(self.viewer.role)
            && campaign.is_some_and(|known| self.governs(known.fact.division));
        if !is_his && !self.sees_result(objection.fact.agency) {
            return None;
        }
        let fact = objection.fact.as_far_as(|at| self.had_happened(at))?;
        // It is filed, and then decided.
        let version = 1 + i64::from(fact.decision.is_some());
        Some(Known {
            fact,
            version,
            ..objection
        })
    }

    /// Whether what was done at a moment had been done by the day and the knowledge of which is told.
    fn had_happened(&self, at: DateTime<Utc>) -> bool {
        let was_known = self.known_at().is_none_or(|moment| at <= moment);
        was_known && self.has_begun(Some(china_day(at)))
    }

    /// Whether the viewer may change what there is of a division: it lies in one of his areas.
    pub fn governs(&self, division: DivisionCode) -> bool {
        let place = self.divisions().position(division);
        place.is_some_and(|place| self.areas.iter().any(|area| area.contains(&place)))
    }

    /// Who oversees sees what has to do with his area; who is assessed sees by what, wherever the register has him since;
    /// others what is public. Rights are measured by today, and nobody is told of an earlier day what was not for him
    /// then.
    fn sees_campaign(&self, campaign: &Campaign, told: &Campaign) -> bool {
        let state = campaign.state_on(self.today);
        let Some(area) = self.divisions().subtree(campaign.division) else {
            return false;
        };
        let is_near = match self.rules.assessment {
            RowRule::Nothing => false,
            RowRule::All => true,
            RowRule::Published => state == CampaignState::Published,
            RowRule::Subtree | RowRule::Level => {
                let meets =
                    |own: &Range<usize>| own.contains(&area.start) || area.contains(&own.start);
                self.areas.iter().any(meets)
            }
            RowRule::Own => {
                let present = &self.present;
                let place = self.own.and_then(|row| present.agency_division.get(row));
                let body = self.own.and_then(|row| present.agencies.get(row));
                let was_in = |id: i64| present.campaigns.is_about(campaign.number(), id);
                place.is_some_and(|place| area.contains(&(*place as usize)))
                    || body.is_some_and(|body| was_in(body.id))
            }
        };
        let then = told.state_on(self.past_day().unwrap_or(self.today));
        is_near
            && [state, then]
                .iter()
                .all(|state| state.is_told_to(self.viewer.role))
    }

    /// Of results of an assessment that the viewer sees those that he may know.
    pub fn seen_results<'a>(&self, results: &'a [Ranked]) -> Vec<&'a Ranked> {
        let seen = results.iter().filter(|body| self.sees_result(body.agency));
        seen.collect()
    }

    /// Whether the viewer may know how this body came off in an assessment that he sees.
    pub fn sees_result(&self, agency: i64) -> bool {
        let rule = self.rules.assessment;
        let row = self.agency_row(agency);
        row.is_some_and(|row| rule == RowRule::Published || self.agency_passes(rule, row))
    }

    /// Annual assessments of a year and a division, the latest first.
    pub fn campaigns(
        &self,
        year: Option<i32>,
        division: Option<DivisionCode>,
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let rows = self.graph.campaigns.rows();
        let matches = |row: u32| {
            self.campaign_at(row).is_some_and(|known| {
                year.is_none_or(|year| year == known.fact.year)
                    && division.is_none_or(|division| division == known.fact.division)
            })
        };
        let key = |row: u32| {
            let known = self.graph.campaigns.at(row);
            known.map_or((Vec::new(), 0), |known| {
                let fact = &known.fact;
                let parts = [
                    Part::Int(fact.year.into()),
                    Part::Text(order_of(fact.division)),
                ];
                (parts.into(), known.id)
            })
        };
        find(
            &Paged {
                ordering: self.ordering(
                    &("campaigns", year, division),
                    &[("year", true), ("division", false)],
                ),
                rows: &rows,
                key: &key,
                matches: &matches,
            },
            request,
            with_total,
        )
    }

    /// Results of an assessment that the viewer sees, in the order of their places.
    pub fn ranking(
        &self,
        campaign: i64,
        results: &[Ranked],
        wants: (&str, &dyn Fn(&Ranked) -> bool),
        request: &PageRequest,
        with_total: bool,
    ) -> Result<Found, PageError> {
        let rows: Vec<u32> = (0..results.len() as u32).collect();
        let key = |row: u32| {
            let place = i64::from(results[row as usize].place);
            (vec![Part::Int(place)], place)
        };
        let matches = |row: u32| {
            let body = &results[row as usize];
            wants.1(body) && self.sees_result(body.agency)
        };
        find(
            &Paged {
                ordering: self.ordering(&("ranking", campaign, wants.0), &[("place", false)]),
                rows: &rows,
                key: &key,
                matches: &matches,
            },
            request,
            with_total,
        )
    }
}

/// Codes of six and of nine digits in one order.
fn order_of(division: DivisionCode) -> String {
    format!("{:0<9}", division.to_string())
}
