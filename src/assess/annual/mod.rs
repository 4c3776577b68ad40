//! Annual assessments: opening (freezing and scoring), confirming, making public. Objections are in
//! `objections.rs`; scoring, by which an assessment is replayed as well, in `reckon.rs`.

mod objections;
mod reckon;
mod replay;
mod results;

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::{
    assess::{
        AnnualReport, Campaign, CampaignAct, CampaignRefused, EVALUATION_VERSION, FrozenBody,
        ObjectionCounts, Publication, RulePack, Sealed,
    },
    division::DivisionCode,
};

use crate::{
    graph::{Graph, View},
    store::{AnnualDraft, CampaignStep, Known, Published},
};

use super::{Assessing, Error};

pub use objections::Decided;
pub use replay::Replayed;
pub use results::Results;

/// Bodies of one frozen row: one of them is read at the price of all.
const BODIES_PER_ROW: usize = 256;
/// Days for which what an attempt left is not swept away: it may still be going on.
const ATTEMPT_DAYS: u64 = 1;

/// What an assessment is opened with.
#[derive(Debug, Clone)]
pub struct Opening {
    pub year: i32,
    pub division: DivisionCode,
    /// By the default pack where none is named.
    pub pack: Option<String>,
    /// When bodies may begin to object; today where nothing is said.
    pub objections_from: Option<NaiveDate>,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CampaignDone {
    /// It is in the log; the number of what was made or changed.
    Done(i64),
    /// The viewer sees no such thing.
    Gone,
    /// It is for others to do.
    NotYours,
    /// Another version stands.
    Changed(i64),
    Refused(CampaignRefused),
}

use CampaignDone as Done;

/// Why a step was refused, as it is told.
pub fn refusal_told(refused: CampaignRefused) -> &'static str {
    use CampaignRefused as R;
    match refused {
        R::WrongState => "it does not follow where it stands / 现状不允许此操作",
        R::TooEarly => "the time for it has not come / 尚未到时",
        R::WindowClosed => "the window for objections is over / 异议期已过",
        R::WindowOpen => "the window for objections is open / 异议期未满",
        R::Undecided => "objections wait for their decision / 尚有异议未处理",
        R::Backdated => "the day is over / 日期早于今日",
        R::WrongCorrections => {
            "an upheld objection corrects something that was frozen of the body to something else that can be \
             true, one that is not upheld nothing / 成立的异议应将该单位的冻结数据更正为另一可能之事实，不成立者不得更正"
        }
        R::AlreadyOpen => "the division is assessed for that year already / 该年度该区划已开展评估",
        R::NoRule => "no rule pack or calendar is for that year / 该年度无可用的规则",
        R::NotAssessed => "the body is not assessed by it / 该单位不在评估之列",
        R::TooMany => {
            "so many of the body's objections wait for their decision / 该单位待处理的异议已达上限"
        }
    }
}

impl Opening {
    /// Whether the window opens later than at the end of the following year. A slip of the pen could never be put
    /// right: no step moves the window.
    pub fn is_too_late(&self) -> bool {
        let most = NaiveDate::from_ymd_opt(self.year.saturating_add(1), 12, 31);
        self.objections_from
            .is_some_and(|from| most.is_none_or(|most| from > most))
    }
}

impl Assessing {
    /// Opens a year's assessment: freezes the inputs of all bodies of the division and of those below, and scores
    /// them. It is seen whole or not at all.
    pub async fn open_annual(&self, view: &View, opening: &Opening) -> Result<Done, Error> {
        self.live.catch_up().await?;
        let viewer = view.viewer();
        if !CampaignAct::Open.is_for(viewer.role) || !view.governs(opening.division) {
            return Ok(Done::NotYours);
        }
        self.open_as(&viewer.subject, opening).await
    }

    /// The same for who runs the hub.
    pub async fn open_as(&self, by: &str, opening: &Opening) -> Result<Done, Error> {
        let (now, today) = (self.clock.now(), self.clock.today());
        let id = Campaign::number_of(opening.year, opening.division);
        if self.live.now().campaign(id).is_some() {
            return Ok(Done::Refused(CampaignRefused::AlreadyOpen));
        }
        let rule = self.catalogue.assess.annual_rule(opening.year);
        let on = NaiveDate::from_ymd_opt(opening.year, 12, 31);
        let (Some(rule), Some(on)) = (rule, on) else {
            return Ok(Done::Refused(CampaignRefused::NoRule));
        };
        if rule
            .opens_on(opening.year)
            .is_none_or(|opens| today < opens)
        {
            return Ok(Done::Refused(CampaignRefused::TooEarly));
        }
        let from = opening.objections_from.unwrap_or(today);
        if from < today {
            return Ok(Done::Refused(CampaignRefused::Backdated));
        }
        let Some(pack) = self.pack_for(opening.pack.as_deref(), on, today) else {
            return Ok(Done::Refused(CampaignRefused::NoRule));
        };
        self.sweep(id, &[], now).await?;
        let inputs = self.draft(id, now);
        self.freeze(inputs, opening.division, on).await?;
        let found = self
            .reckon(inputs.set, pack, on, &Default::default())
            .await?;
        let scores = self.draft(id, now);
        self.store.add_annual_results(scores, &found.ranked).await?;
        let text = self.catalogue.assess.texts.get(&pack.digest).cloned();
        let campaign = Campaign {
            year: opening.year,
            division: opening.division,
            on,
            pack: [pack.key.clone(), pack.version.clone(), pack.digest.clone()],
            evaluation: EVALUATION_VERSION,
            confirmed_evaluation: None,
            opened_at: now,
            opened_by: by.to_owned(),
            objections_from: from,
            objection_days: rule.objection_days,
            bodies: u32::try_from(found.ranked.len()).unwrap_or(u32::MAX),
            inputs: Sealed {
                set: inputs.set,
                digest: found.inputs_digest,
            },
            preliminary: Sealed {
                set: scores.set,
                digest: found.results_digest,
            },
            results: None,
            objections: ObjectionCounts::default(),
            confirmed_at: None,
            confirmed_by: None,
            publication: None,
        };
        let step = CampaignStep {
            version: 0,
            after: campaign,
            objection: None,
            pack: text.map(|text| (pack.digest.clone(), text)),
        };
        let done = self.store.write_campaign(&step, now).await?;
        self.live.catch_up().await?;
        if done {
            return Ok(Done::Done(id));
        }
        for draft in [inputs, scores] {
            self.store.drop_annual(draft.set).await?;
        }
        Ok(Done::Refused(CampaignRefused::AlreadyOpen))
    }

    /// Confirms an assessment whose window is over and whose objections are decided: all are scored again, from
    /// what was frozen and what upheld objections corrected.
    pub async fn confirm_annual(&self, view: &View, id: i64, version: i64) -> Result<Done, Error> {
        let (now, today) = (self.clock.now(), self.clock.today());
        let known = match self.campaign_for(view, id, CampaignAct::Confirm).await? {
            Ok(known) => known,
            Err(not) => return Ok(not),
        };
        if known.version != version {
            return Ok(Done::Changed(known.version));
        }
        let campaign = &known.fact;
        if let Err(refused) = campaign.may_be_confirmed(today, &self.catalogue.calendar) {
            return Ok(Done::Refused(refused));
        }
        let named = [campaign.inputs.set, campaign.preliminary.set];
        self.sweep(id, &named, now).await?;
        let pack = self.kept_pack(&campaign.pack[2]).await?;
        let corrections = self.store.annual_corrections(id, None).await?;
        let found = self
            .reckon(campaign.inputs.set, &pack, campaign.on, &corrections)
            .await?;
        if found.inputs_digest != campaign.inputs.digest {
            return Err(Error::Altered);
        }
        let results = self.draft(id, now);
        self.store
            .add_annual_results(results, &found.ranked)
            .await?;
        let sealed = Sealed {
            set: results.set,
            digest: found.results_digest,
        };
        let after = campaign.confirmed(sealed, now, &view.viewer().subject);
        let done = self.step(&known, after).await?;
        if !matches!(done, Done::Done(_)) {
            self.store.drop_annual(results.set).await?;
        }
        Ok(done)
    }

    /// Makes a confirmed assessment public by a decision, from a day on.
    pub async fn publish_annual(
        &self,
        view: &View,
        id: i64,
        version: i64,
        public: Publication,
    ) -> Result<Done, Error> {
        let known = match self.campaign_for(view, id, CampaignAct::Publish).await? {
            Ok(known) => known,
            Err(not) => return Ok(not),
        };
        if known.version != version {
            return Ok(Done::Changed(known.version));
        }
        match known.fact.publish(public, self.clock.today()) {
            Ok(after) => self.step(&known, after).await,
            Err(refused) => Ok(Done::Refused(refused)),
        }
    }

    /// Makes a third party's assessment public as it stands: what is told of it later is not public by that.
    pub async fn publish_told(
        &self,
        view: &View,
        number: i64,
        stamp: i64,
        public: Publication,
    ) -> Result<Done, Error> {
        self.live.catch_up().await?;
        let view = view.of(self.live.now());
        let row = view.assessment_row(number);
        let Some(seen) = row.and_then(|row| view.assessment_at(row)) else {
            return Ok(Done::Gone);
        };
        let assessed = seen.common().and_then(|line| line.uscc);
        let is_own = assessed.is_some_and(|code| self.decides_about_himself(&view, &code));
        if is_own || !CampaignAct::Publish.is_for(view.viewer().role) {
            return Ok(Done::NotYours);
        }
        if seen.stamp() != stamp {
            return Ok(Done::Changed(seen.stamp()));
        }
        if view.publication_of(number).is_some() {
            return Ok(Done::Refused(CampaignRefused::WrongState));
        }
        if let Err(refused) = public.may_begin(self.clock.today()) {
            return Ok(Done::Refused(refused));
        }
        let published = Published {
            stamp,
            publication: public,
        };
        // One of earlier lines may stand.
        let version = view.present().publication_version(number);
        let row = assessed.and_then(|code| view.agency_row_by_uscc(&code));
        let body = row.and_then(|row| Some(view.agency_at(row)?.id));
        let now = self.clock.now();
        let done = self
            .store
            .publish_assessment((number, version), body, &published, now)
            .await?;
        self.live.catch_up().await?;
        Ok(match done {
            true => Done::Done(number),
            false => Done::Refused(CampaignRefused::WrongState),
        })
    }

    /// The data of the yearly report, of what a viewer may see; of all where nobody looks.
    pub async fn annual_report(
        &self,
        view: Option<&View>,
        campaign: &Campaign,
        meeting: Option<NaiveDate>,
    ) -> Result<Option<AnnualReport>, Error> {
        let rule = self.catalogue.assess.annual_rule(campaign.year);
        let meeting = meeting.or_else(|| rule.and_then(|rule| rule.meets_on(campaign.year)));
        let (Some(rule), Some(meeting)) = (rule, meeting) else {
            return Ok(None);
        };
        let before = match view {
            Some(view) => view.campaign_before(campaign),
            None => {
                let id = Campaign::number_of(campaign.year - 1, campaign.division);
                self.live.now().campaign(id).cloned()
            }
        };
        let now = self.results(campaign.standing().set).await?;
        let then = match &before {
            Some(before) => Some(self.results(before.fact.standing().set).await?),
            None => None,
        };
        let seen = |results: &'_ Arc<Vec<_>>| match view {
            Some(view) => view.seen_results(results).into_iter().cloned().collect(),
            None => results.to_vec(),
        };
        let (now, then) = (seen(&now), then.as_ref().map(seen));
        let pack = self.kept_pack(&campaign.pack[2]).await?;
        let grades: Vec<String> = pack.grades.iter().map(|grade| grade.code.clone()).collect();
        let now: Vec<_> = now.iter().collect();
        let then = then.as_ref().map(|then| then.iter().collect::<Vec<_>>());
        let mut report = AnnualReport::of(campaign, &grades, &now, then.as_deref(), rule, meeting);
        if let Some(view) = view {
            report.objections = self.objections_seen(view, campaign.number()).await?;
        }
        Ok(Some(report))
    }

    /// The pack that holds on the last day of the year; where none did by then, the one that holds when the year is
    /// assessed. None that holds on neither, however it is named.
    fn pack_for(&self, key: Option<&str>, on: NaiveDate, today: NaiveDate) -> Option<&RulePack> {
        let assess = &self.catalogue.assess;
        let held = |day| assess.pack(key, day).filter(|pack| pack.is_in_force(day));
        held(on).or_else(|| held(today))
    }

    /// An assessment as it stands, for who sees it and may do this in its division.
    async fn campaign_for(
        &self,
        view: &View,
        id: i64,
        act: CampaignAct,
    ) -> Result<Result<Arc<Known<Campaign>>, Done>, Error> {
        self.live.catch_up().await?;
        let view = view.of(self.live.now());
        let row = view.campaign_row(id);
        let Some(known) = row.and_then(|row| view.campaign_at(row)) else {
            return Ok(Err(Done::Gone));
        };
        let is_his = act == CampaignAct::Object || view.governs(known.fact.division);
        if !act.is_for(view.viewer().role) || !is_his {
            return Ok(Err(Done::NotYours));
        }
        Ok(Ok(known))
    }

    /// Writes a campaign's next version.
    async fn step(&self, known: &Known<Campaign>, after: Campaign) -> Result<Done, Error> {
        let step = CampaignStep {
            version: known.version,
            after,
            objection: None,
            pack: None,
        };
        let done = self.store.write_campaign(&step, self.clock.now()).await?;
        self.live.catch_up().await?;
        Ok(match done {
            true => Done::Done(known.id),
            false => {
                let graph = self.live.now();
                let version = graph.campaign(known.id).map_or(0, |now| now.version);
                Done::Changed(version)
            }
        })
    }

    /// A number under which rows are written that no campaign names yet.
    fn draft(&self, campaign: i64, made_at: DateTime<Utc>) -> AnnualDraft {
        let random = getrandom::u64().expect("the system has random numbers");
        AnnualDraft {
            set: (random >> 1) as i64,
            campaign,
            made_at,
        }
    }

    async fn sweep(&self, id: i64, named: &[i64], now: DateTime<Utc>) -> Result<(), Error> {
        let before = now - Days::new(ATTEMPT_DAYS);
        Ok(self.store.sweep_annual(id, named, before).await?)
    }

    /// Freezes the bodies of one version of the graph, a row at a time.
    async fn freeze(
        &self,
        draft: AnnualDraft,
        division: DivisionCode,
        on: NaiveDate,
    ) -> Result<(), Error> {
        let graph = self.live.now();
        let bodies = graph.bodies_below(division, on);
        for (bodies, row) in bodies.chunks(BODIES_PER_ROW).zip(0..) {
            let frozen: Vec<FrozenBody> = bodies
                .iter()
                .filter_map(|body| frozen(&graph, *body, on))
                .collect();
            let Some(first) = frozen.first() else {
                continue;
            };
            let lines: Vec<String> = frozen.iter().map(FrozenBody::to_line).collect();
            self.store
                .add_annual_inputs(draft, row, &first.uscc, &lines)
                .await?;
        }
        Ok(())
    }
}

/// What a body is graded by.
fn frozen(graph: &Graph, body: i64, on: NaiveDate) -> Option<FrozenBody> {
    let agency = &graph.agency(body)?.fact;
    let level = graph.divisions().get(agency.division)?.level;
    let facts = graph.facts_of(body)?;
    Some(FrozenBody::of((body, agency), level, &facts, on))
}
