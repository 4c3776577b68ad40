//! Objections of bodies to their own scores, and decisions on them.

use domain::assess::{
    Amendment, CampaignAct, CampaignObjection, CampaignRefused, Correction, ObjectionCounts,
    ObjectionDecision,
};

use crate::{graph::View, store::CampaignStep};

use super::{
    super::{Assessing, Error, TRIES_MAX},
    CampaignDone as Done,
};

/// Objections fetched at once.
const OBJECTIONS_PER_PAGE: u64 = 1_000;

/// How an objection is decided.
#[derive(Debug, Clone)]
pub struct Decided {
    pub upheld: bool,
    pub reason: String,
    /// What is wrong with what was frozen.
    pub amendments: Vec<Amendment>,
}

impl Assessing {
    /// What upheld objections of a body corrected, in their order.
    pub async fn corrections_of(
        &self,
        campaign: i64,
        agency: i64,
    ) -> Result<Vec<Correction>, Error> {
        let most = u64::from(u32::MAX);
        let objections = self
            .store
            .campaign_objections(campaign, Some(agency), 0, most);
        let decisions = objections.await?.into_iter();
        let decisions = decisions.filter_map(|objection| objection.fact.decision);
        let upheld = decisions.filter(|decision| decision.upheld);
        Ok(upheld.flat_map(|decision| decision.corrections).collect())
    }

    /// Of a campaign's objections those that a viewer may see, counted.
    pub(super) async fn objections_seen(
        &self,
        view: &View,
        campaign: i64,
    ) -> Result<ObjectionCounts, Error> {
        let (mut counts, mut after) = (ObjectionCounts::default(), 0);
        loop {
            let page = self
                .store
                .campaign_objections(campaign, None, after, OBJECTIONS_PER_PAGE)
                .await?;
            let Some(last) = page.last() else {
                return Ok(counts);
            };
            after = i64::from(last.fact.number);
            let seen = page.iter().map(|known| &known.fact);
            for objection in seen.filter(|objection| view.sees_result(objection.agency)) {
                counts.filed += 1;
                match &objection.decision {
                    Some(decision) if decision.upheld => counts.upheld += 1,
                    Some(_) => counts.rejected += 1,
                    None => {}
                }
            }
        }
    }

    /// A body objects to its own score; the objection's number.
    pub async fn object_to_annual(
        &self,
        view: &View,
        campaign: i64,
        text: &str,
    ) -> Result<Done, Error> {
        let (now, today) = (self.clock.now(), self.clock.today());
        for _ in 0..TRIES_MAX {
            let known = match self
                .campaign_for(view, campaign, CampaignAct::Object)
                .await?
            {
                Ok(known) => known,
                Err(not) => return Ok(not),
            };
            let view = view.of(self.live.now());
            let viewer = view.viewer();
            let own = viewer
                .agency
                .and_then(|code| view.present().agency_by_code(&code));
            let Some(own) = own else {
                return Ok(Done::NotYours);
            };
            let set = known.fact.standing().set;
            let results = self.store.annual_results_of(&[own.id], &[set]).await?;
            if results.is_empty() {
                return Ok(Done::Refused(CampaignRefused::NotAssessed));
            }
            let (after, number) = match known.fact.object(today, &self.catalogue.calendar) {
                Ok(after) => after,
                Err(refused) => return Ok(Done::Refused(refused)),
            };
            let objection = CampaignObjection {
                campaign,
                number,
                agency: own.id,
                uscc: own.fact.uscc.to_string(),
                text: text.to_owned(),
                filed_at: now,
                filed_by: viewer.subject.clone(),
                decision: None,
            };
            let id = objection.id();
            let step = CampaignStep {
                version: known.version,
                after,
                objection: Some((0, objection)),
                pack: None,
            };
            if self.store.write_campaign(&step, now).await? {
                self.live.catch_up().await?;
                return Ok(Done::Done(id));
            }
        }
        Err(Error::Busy)
    }

    /// Decides an objection, as an upheld one with what takes the place of what was frozen.
    pub async fn decide_annual_objection(
        &self,
        view: &View,
        id: i64,
        version: i64,
        decided: &Decided,
    ) -> Result<Done, Error> {
        let (now, today) = (self.clock.now(), self.clock.today());
        for _ in 0..TRIES_MAX {
            let Some(objection) = self.store.campaign_objection(id).await? else {
                return Ok(Done::Gone);
            };
            let campaign = objection.fact.campaign;
            let known = match self
                .campaign_for(view, campaign, CampaignAct::Decide)
                .await?
            {
                Ok(known) => known,
                Err(not) => return Ok(not),
            };
            let viewer = view.viewer();
            // Nobody decides about himself.
            if viewer
                .agency
                .is_some_and(|code| code.as_str() == objection.fact.uscc)
            {
                return Ok(Done::NotYours);
            }
            if objection.version != version {
                return Ok(Done::Changed(objection.version));
            }
            // It is decided once.
            if objection.fact.decision.is_some() {
                return Ok(Done::Refused(CampaignRefused::WrongState));
            }
            let set = known.fact.inputs.set;
            let body = self.store.annual_body(set, &objection.fact.uscc).await?;
            // What was corrected before stays corrected.
            let before = self.corrections_of(campaign, objection.fact.agency).await?;
            let body = body.map(|body| body.corrected(&before));
            let amended = |wanted| body.as_ref().and_then(|body| body.amend(wanted));
            let corrections: Option<Vec<_>> = decided.amendments.iter().map(amended).collect();
            let Some(corrections) = corrections else {
                return Ok(Done::Refused(CampaignRefused::WrongCorrections));
            };
            let decision = ObjectionDecision {
                upheld: decided.upheld,
                reason: decided.reason.clone(),
                corrections,
                at: now,
                by: viewer.subject.clone(),
            };
            let after = match known.fact.decide(&decision, today) {
                Ok(after) => after,
                Err(refused) => return Ok(Done::Refused(refused)),
            };
            let mut next = objection.fact;
            next.decision = Some(decision);
            let step = CampaignStep {
                version: known.version,
                after,
                objection: Some((version, next)),
                pack: None,
            };
            if self.store.write_campaign(&step, now).await? {
                self.live.catch_up().await?;
                return Ok(Done::Done(id));
            }
        }
        Err(Error::Busy)
    }
}
