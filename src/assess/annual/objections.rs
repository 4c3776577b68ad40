//! Objections of bodies to their own scores, and decisions on them.

use domain::{
    assess::{
        Amendment, Campaign, CampaignAct, CampaignObjection, CampaignRefused, Correction,
        ObjectionCounts, ObjectionDecision,
    },
    uscc::Uscc,
};

use crate::{
    graph::View,
    store::{CampaignStep, Known, ObjectionsOf},
};

use super::{
    super::{Assessing, Error},
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
    /// What upheld objections of a body corrected, in the order of deciding.
    pub async fn corrections_of(
        &self,
        campaign: i64,
        agency: i64,
    ) -> Result<Vec<Correction>, Error> {
        let found = self.store.annual_corrections(campaign, Some(agency));
        Ok(found.await?.into_values().flatten().collect())
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
                .campaign_objections(campaign, after, OBJECTIONS_PER_PAGE)
                .await?;
            let Some(last) = page.last() else {
                return Ok(counts);
            };
            after = i64::from(last.fact.number);
            for objection in page.into_iter().filter_map(|known| view.objection(known)) {
                counts.filed += 1;
                match &objection.fact.decision {
                    Some(decision) if decision.upheld => counts.upheld += 1,
                    Some(_) => counts.rejected += 1,
                    None => {}
                }
            }
        }
    }

    /// A body objects to its own score; the objection's number. It does not hang on what others object to, so it is
    /// taken however many come at the same moment. Who says the same again while it waits, be it to another process, is
    /// told of what he filed.
    pub async fn object_to_annual(
        &self,
        view: &View,
        campaign: i64,
        text: &str,
    ) -> Result<Done, Error> {
        let (now, today) = (self.clock.now(), self.clock.today());
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
        // Both rounds are about the same bodies.
        let set = known.fact.preliminary.set;
        let results = self.store.annual_results_of(&[own.id], &[set]).await?;
        if results.is_empty() {
            return Ok(Done::Refused(CampaignRefused::NotAssessed));
        }
        let mut id = 0;
        let step = |known: &Known<Campaign>, waiting: Vec<Known<CampaignObjection>>| {
            let is_same = |one: &&Known<CampaignObjection>| {
                one.fact.filed_by == viewer.subject && one.fact.text == text
            };
            if let Some(standing) = waiting.iter().find(is_same) {
                return Err(Done::Done(standing.id));
            }
            let after = known
                .fact
                .object(today, &self.catalogue.calendar, waiting.len());
            let (after, number) = after.map_err(Done::Refused)?;
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
            id = objection.id();
            Ok(with_objection(known, after, (0, objection)))
        };
        let about = (campaign, ObjectionsOf::Undecided(own.id));
        let done = self.store.follow_campaign(about, now, step).await?;
        self.live.catch_up().await?;
        Ok(done.map_or_else(|not| not, |()| Done::Done(id)))
    }

    /// Decides an objection, as an upheld one with what takes the place of what was frozen. Who decides has seen the
    /// objection, and what was decided on the same body before counts.
    pub async fn decide_annual_objection(
        &self,
        view: &View,
        id: i64,
        version: i64,
        decided: &Decided,
    ) -> Result<Done, Error> {
        let (now, today) = (self.clock.now(), self.clock.today());
        let Some(found) = self.store.campaign_objection(id).await? else {
            return Ok(Done::Gone);
        };
        let campaign = found.fact.campaign;
        let known = match self
            .campaign_for(view, campaign, CampaignAct::Decide)
            .await?
        {
            Ok(known) => known,
            Err(not) => return Ok(not),
        };
        let code = found.fact.uscc.parse::<Uscc>().ok();
        let view = view.of(self.live.now());
        if code.is_some_and(|code| self.decides_about_himself(&view, &code)) {
            return Ok(Done::NotYours);
        }
        let viewer = view.viewer();
        let set = known.fact.inputs.set;
        let body = self.store.annual_body(set, &found.fact.uscc).await?;
        let step = |known: &Known<Campaign>, objections: Vec<Known<CampaignObjection>>| {
            let objection = objections.iter().find(|one| one.id == id);
            let objection = objection.ok_or(Done::Gone)?;
            if objection.version != version {
                return Err(Done::Changed(objection.version));
            }
            // It is decided once.
            if objection.fact.decision.is_some() {
                return Err(Done::Refused(CampaignRefused::WrongState));
            }
            let mut next = objection.fact.clone();
            // What was corrected before stays corrected.
            let body = body.map(|body| body.corrected(&upheld(objections)));
            let corrections = body.and_then(|body| body.amend_all(&decided.amendments, today));
            let decision = ObjectionDecision {
                upheld: decided.upheld,
                reason: decided.reason.clone(),
                corrections: corrections.ok_or(Done::Refused(CampaignRefused::WrongCorrections))?,
                at: now,
                by: viewer.subject.clone(),
            };
            let after = known.fact.decide(&decision, today);
            let after = after.map_err(Done::Refused)?;
            next.decision = Some(decision);
            Ok(with_objection(known, after, (version, next)))
        };
        let about = (campaign, ObjectionsOf::All(found.fact.agency));
        let done = self.store.follow_campaign(about, now, step).await?;
        self.live.catch_up().await?;
        Ok(done.map_or_else(|not| not, |()| Done::Done(id)))
    }
}

/// What upheld objections corrected, in the order in which they come: that of deciding.
fn upheld(objections: Vec<Known<CampaignObjection>>) -> Vec<Correction> {
    let decisions = objections.into_iter();
    let decisions = decisions.filter_map(|objection| objection.fact.decision);
    let upheld = decisions.filter(|decision| decision.upheld);
    upheld.flat_map(|decision| decision.corrections).collect()
}

/// A campaign's next step, by an objection with its version before.
fn with_objection(
    known: &Known<Campaign>,
    after: Campaign,
    objection: (i64, CampaignObjection),
) -> CampaignStep {
    CampaignStep {
        version: known.version,
        after,
        objection: Some(objection),
        pack: None,
    }
}
