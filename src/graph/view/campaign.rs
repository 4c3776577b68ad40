//! Annual assessments as a viewer sees them.

use std::{cmp::Reverse, ops::Range, sync::Arc};

use domain::{
    access::RowRule,
    assess::{Campaign, CampaignState, Ranked},
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
    /// The annual assessment in this row, if the viewer may see it.
    pub fn campaign_at(&self, row: u32) -> Option<&Arc<Known<Campaign>>> {
        let campaign = self.graph.campaigns.at(row)?;
        self.sees_campaign(&campaign.fact).then_some(campaign)
    }

    /// The row of the one with this number, if the viewer may see it.
    pub fn campaign_row(&self, id: i64) -> Option<u32> {
        let row = self.graph.campaigns.row(id)?;
        self.campaign_at(row).map(|_| row)
    }

    /// The same division's assessment for the year before, if the viewer may see it.
    pub fn campaign_before(&self, campaign: &Campaign) -> Option<&Arc<Known<Campaign>>> {
        let id = Campaign::number_of(campaign.year - 1, campaign.division);
        self.campaign_at(self.graph.campaigns.row(id)?)
    }

    /// All that may be seen and are about the body in this row, the latest year first.
    pub fn campaigns_about(&self, agency: u32) -> Vec<&Arc<Known<Campaign>>> {
        let Some(body) = self.agency_at(agency) else {
            return Vec::new();
        };
        let rows = self.graph.campaigns_over(body.fact.division);
        let mut seen: Vec<_> = rows.filter_map(|row| self.campaign_at(row)).collect();
        seen.sort_by_key(|known| (Reverse(known.fact.year), known.fact.division));
        seen
    }

    /// Whether the viewer may change what there is of a division: it lies in one of his areas.
    pub fn governs(&self, division: DivisionCode) -> bool {
        let place = self.divisions().position(division);
        place.is_some_and(|place| self.areas.iter().any(|area| area.contains(&place)))
    }

    /// Who oversees sees what has to do with his area; who is assessed sees by what; others what is public. Rights
    /// are measured by today.
    fn sees_campaign(&self, campaign: &Campaign) -> bool {
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
                let place = self
                    .own
                    .and_then(|row| self.present.agency_division.get(row));
                place.is_some_and(|place| area.contains(&(*place as usize)))
            }
        };
        is_near && state.is_told_to(self.viewer.role) && self.has_begun(Some(campaign.on))
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
