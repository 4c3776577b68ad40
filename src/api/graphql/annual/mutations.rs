//! What is done about annual assessments, and making assessments public.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use chrono::Days;
use domain::assess::{Amendment, Publication};
use serde::{Deserialize, Serialize};

use crate::assess::{CampaignDone, Decided, Opening, refusal_told};

use super::{
    super::{
        ask::{Ask, ask},
        assessment::Assessment,
        casework::words,
        credit_record::{CreditRecordStatus, Tier},
        error::{ApiError, Result},
        filter::division_code,
        mutation::{Done, NotDone, Refusal, VersionConflict, once},
        node::{NodeKind, number_of},
        scalars::{Date, Decimal},
    },
    AnnualCampaign, AnnualObjection,
};

/// Days ahead for which something may be made public: no step moves the day.
const PUBLISHED_WITHIN_DAYS: u64 = 366;
/// A corrected value at most, and its places.
const VALUE_MAX: i64 = 1_000_000_000_000;
const PLACES_MAX: u32 = 4;
/// Corrections of one decision at most.
const CORRECTIONS_MAX: usize = 100;

/// 办理年度评估。 / What is done about annual assessments.
#[derive(Default)]
pub struct AnnualMutation;

/// 开展年度评估的输入。 / An annual assessment that is opened.
#[derive(InputObject)]
pub struct OpenAnnualAssessmentInput {
    /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
    key: String,
    /// 年度。 / The year.
    year: i32,
    /// 区划代码。 / The division's code.
    division: String,
    /// 规则包，缺省为默认规则包。 / The rule pack, by default the default one.
    rule_pack: Option<String>,
    /// 异议期首日，缺省为今日。 / The day on which bodies may begin to object, by default today.
    objections_from: Option<Date>,
}

/// 提出异议的输入。 / An objection to one's own score.
#[derive(InputObject)]
pub struct ObjectToAssessmentInput {
    /// 幂等键。 / Idempotency key.
    key: String,
    /// 年度评估的全局 id。 / The annual assessment's global id.
    campaign_id: ID,
    /// 异议内容。 / What is objected to, and why.
    text: String,
}

/// 对冻结数据中一条记录的更正。 / What is wrong with a record as it was frozen.
#[derive(InputObject)]
pub struct FrozenRecordCorrection {
    /// 记录的全局 id。 / The record's global id.
    record_id: ID,
    /// 不予计入。 / It is not to count.
    #[graphql(default)]
    exclude: bool,
    /// 更正后的失信等级。 / The tier that it is to count with.
    tier: Option<Tier>,
    /// 更正后的状态。 / Where it stood.
    status: Option<CreditRecordStatus>,
    /// 该状态始于何日。 / Since when it stood there.
    ended_on: Option<Date>,
    /// 更正后的金额。 / What was owed.
    amount: Option<Decimal>,
}

/// 对冻结数据中一项指标的更正。 / What is wrong with a measurement as it was frozen.
#[derive(InputObject)]
pub struct FrozenIndicatorCorrection {
    /// 指标的全局 id。 / The measurement's global id.
    indicator_id: ID,
    /// 更正后的数值；不写则不予计入。 / The value that it is to count with; without one it is not to count.
    value: Option<Decimal>,
}

/// 处理异议的输入。 / A decision on an objection.
#[derive(InputObject)]
pub struct DecideAssessmentObjectionInput {
    /// 幂等键。 / Idempotency key.
    key: String,
    /// 异议的全局 id。 / The objection's global id.
    objection_id: ID,
    /// 所见异议的版本号。 / The objection's version that was seen.
    version: i32,
    /// 是否成立。 / Whether it is upheld.
    upheld: bool,
    /// 理由。 / Why.
    reason: String,
    /// 记录的更正。 / Corrections of records.
    records: Option<Vec<FrozenRecordCorrection>>,
    /// 指标的更正。 / Corrections of measurements.
    indicators: Option<Vec<FrozenIndicatorCorrection>>,
}

/// 确认年度评估的输入。 / An annual assessment that is confirmed.
#[derive(InputObject)]
pub struct ConfirmAnnualAssessmentInput {
    /// 幂等键。 / Idempotency key.
    key: String,
    /// 年度评估的全局 id。 / The annual assessment's global id.
    campaign_id: ID,
    /// 所见的版本号。 / Its version that was seen.
    version: i32,
}

/// 公布评估的输入。 / An assessment that is made public.
#[derive(InputObject)]
pub struct PublishAssessmentInput {
    /// 幂等键。 / Idempotency key.
    key: String,
    /// 年度评估或第三方评估的全局 id。 / Global id of an annual assessment, or of a third party's.
    id: ID,
    /// 所见的版本号。 / Its version that was seen.
    version: i32,
    /// 公布决定的文号或内容。 / The decision, by its number or in words.
    decision: String,
    /// 自该日起公开，不早于今日。 / The first day on which anybody may read it, today at the earliest.
    from: Date,
}

/// 办理结果。 / What came of it.
#[derive(Union)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one a request, and it is sent at once"
)]
pub enum AnnualAssessmentOutcome {
    Success(AnnualAssessmentSuccess),
    Refusal(Refusal),
    VersionConflict(VersionConflict),
}

/// 已办理。 / It is done.
#[derive(SimpleObject)]
pub struct AnnualAssessmentSuccess {
    /// 年度评估。 / The annual assessment.
    campaign: Option<AnnualCampaign>,
    /// 异议。 / The objection.
    objection: Option<AnnualObjection>,
    /// 所公布的第三方评估。 / The third party's assessment that was made public.
    assessment: Option<Assessment>,
}

/// What was done, as it is kept under its key.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum Settled {
    Campaign(i64),
    Objection(i64),
    Told(i64),
}

/// 办理年度评估。 / What is done about annual assessments.
#[Object]
impl AnnualMutation {
    /// 开展年度评估：冻结数据并初评。超过时限则继续进行，以同一幂等键可再问其结果。 / Opens an annual assessment: freezes its inputs and scores them. What outlasts the deadline goes on, and the same key tells its outcome.
    async fn open_annual_assessment(
        &self,
        ctx: &Context<'_>,
        input: OpenAnnualAssessmentInput,
    ) -> Result<Option<AnnualAssessmentOutcome>> {
        let opening = Opening {
            year: input.year,
            division: division_code(&input.division)?,
            pack: input.rule_pack,
            objections_from: input.objections_from.map(|day| day.0),
        };
        if opening.is_too_late() {
            let message = "objectionsFrom: a day up to the end of the following year / 异议期起始日不晚于次年年末";
            return Err(ApiError::invalid(message));
        }
        let ask = ask(ctx);
        let (assessing, view) = (ask.app.assessing(), (*ask.view).clone());
        let request = format!("open {opening:?}");
        let attempt = async move {
            let done = assessing.open_annual(&view, &opening).await?;
            Ok(settled(done, Settled::Campaign))
        };
        Box::pin(outcome(ask, input.key, request, attempt)).await
    }

    /// 单位在异议期内对本单位得分提出异议。 / A body objects to its own score within the window.
    async fn object_to_assessment(
        &self,
        ctx: &Context<'_>,
        input: ObjectToAssessmentInput,
    ) -> Result<Option<AnnualAssessmentOutcome>> {
        let ask = ask(ctx);
        let text = words(Some(&input.text), "an objection")?;
        let id = number_of(ask, NodeKind::AnnualCampaign, &input.campaign_id);
        let (assessing, view) = (ask.app.assessing(), (*ask.view).clone());
        let request = format!("object {:?} {text:?}", input.campaign_id);
        let attempt = async move {
            let (Some(id), Some(text)) = (id, text) else {
                return Ok(needs(id));
            };
            let done = assessing.object_to_annual(&view, id, &text).await?;
            Ok(settled(done, Settled::Objection))
        };
        Box::pin(outcome(ask, input.key, request, attempt)).await
    }

    /// 处理异议；成立者更正冻结数据，更正另存，原数据不变。 / Decides an objection. An upheld one corrects what was frozen: the correction is kept beside it, nothing is overwritten.
    async fn decide_assessment_objection(
        &self,
        ctx: &Context<'_>,
        input: DecideAssessmentObjectionInput,
    ) -> Result<Option<AnnualAssessmentOutcome>> {
        let ask = ask(ctx);
        let reason = words(Some(&input.reason), "a reason")?;
        let amendments = amendments(
            ask,
            input.records.unwrap_or_default(),
            input.indicators.unwrap_or_default(),
        )?;
        let id = number_of(ask, NodeKind::AnnualObjection, &input.objection_id);
        let (assessing, view) = (ask.app.assessing(), (*ask.view).clone());
        let (upheld, version) = (input.upheld, i64::from(input.version));
        let request = format!(
            "decide {:?} {version} {upheld} {reason:?} {amendments:?}",
            input.objection_id
        );
        let attempt = async move {
            let (Some(id), Some(reason)) = (id, reason) else {
                return Ok(needs(id));
            };
            let decided = Decided {
                upheld,
                reason,
                amendments,
            };
            let done = assessing.decide_annual_objection(&view, id, version, &decided);
            Ok(settled(done.await?, Settled::Objection))
        };
        Box::pin(outcome(ask, input.key, request, attempt)).await
    }

    /// 确认年度评估：异议期满且异议均已处理，按冻结数据及更正重新评分。 / Confirms an annual assessment whose window is over and whose objections are decided: all is scored again, from what was frozen and its corrections.
    async fn confirm_annual_assessment(
        &self,
        ctx: &Context<'_>,
        input: ConfirmAnnualAssessmentInput,
    ) -> Result<Option<AnnualAssessmentOutcome>> {
        let ask = ask(ctx);
        let id = number_of(ask, NodeKind::AnnualCampaign, &input.campaign_id);
        let (assessing, view) = (ask.app.assessing(), (*ask.view).clone());
        let version = i64::from(input.version);
        let request = format!("confirm {:?} {version}", input.campaign_id);
        let attempt = async move {
            let Some(id) = id else {
                return Ok(needs(id));
            };
            let done = assessing.confirm_annual(&view, id, version).await?;
            Ok(settled(done, Settled::Campaign))
        };
        Box::pin(outcome(ask, input.key, request, attempt)).await
    }

    /// 以决定公布年度评估或第三方评估，自某日起公开。第三方评估其后有变动者，须另行公布。 / Makes an annual or a third party's assessment public by a decision, from a day on. What a third party tells otherwise later is not public by that.
    async fn publish_assessment(
        &self,
        ctx: &Context<'_>,
        input: PublishAssessmentInput,
    ) -> Result<Option<AnnualAssessmentOutcome>> {
        let ask = ask(ctx);
        let decision = words(Some(&input.decision), "a decision")?;
        let campaign = number_of(ask, NodeKind::AnnualCampaign, &input.id);
        let told = number_of(ask, NodeKind::Assessment, &input.id);
        let (assessing, view) = (ask.app.assessing(), (*ask.view).clone());
        let (version, from) = (i64::from(input.version), input.from.0);
        let request = format!("publish {:?} {version} {decision:?} {from}", input.id);
        let (at, by) = (ask.app.clock.now(), view.viewer().subject.clone());
        if from > ask.app.clock.today() + Days::new(PUBLISHED_WITHIN_DAYS) {
            let message = "from: a day within a year / 公布日应在一年之内";
            return Err(ApiError::invalid(message));
        }
        let attempt = async move {
            let Some(decision) = decision else {
                return Ok(needs(Some(version)));
            };
            let public = Publication {
                decision,
                from,
                at,
                by,
            };
            Ok(match (campaign, told) {
                (Some(id), _) => {
                    let done = assessing.publish_annual(&view, id, version, public).await?;
                    settled(done, Settled::Campaign)
                }
                (None, Some(number)) => {
                    let done = assessing
                        .publish_told(&view, number, version, public)
                        .await?;
                    settled(done, Settled::Told)
                }
                (None, None) => needs(None),
            })
        };
        Box::pin(outcome(ask, input.key, request, attempt)).await
    }
}

type Attempted = Done<Settled, NotDone>;

fn amendments(
    ask: &Ask,
    records: Vec<FrozenRecordCorrection>,
    indicators: Vec<FrozenIndicatorCorrection>,
) -> Result<Vec<Amendment>> {
    if records.len() + indicators.len() > CORRECTIONS_MAX {
        let message = format!("at most {CORRECTIONS_MAX} corrections");
        return Err(ApiError::invalid(message));
    }
    let mut all = Vec::new();
    for one in records {
        let says = one.tier.is_some() || one.status.is_some() || one.amount.is_some();
        if one.exclude && says || one.ended_on.is_some() && one.status.is_none() {
            let message = "exclude goes with nothing else, endedOn with status / exclude 不得与其他更正并用，endedOn 应与 status 并用";
            return Err(ApiError::invalid(message));
        }
        // What is no id of ours is no record of the body either.
        let id = number_of(ask, NodeKind::CreditRecord, &one.record_id).unwrap_or(-1);
        let status = one.status.map(Into::into);
        let amount = one.amount.map(|amount| amount.to_money()).transpose()?;
        all.push(match one.exclude {
            true => Amendment::WithoutRecord(id),
            false => Amendment::Record {
                id,
                tier: one.tier.map(Into::into),
                status: status.map(|status| (status, one.ended_on.map(|day| day.0))),
                amount,
            },
        });
    }
    for one in indicators {
        let id = number_of(ask, NodeKind::Indicator, &one.indicator_id).unwrap_or(-1);
        let is_sound = |value: &Decimal| {
            let bounds = rust_decimal::Decimal::ZERO..=VALUE_MAX.into();
            bounds.contains(&value.0) && value.0.scale() <= PLACES_MAX
        };
        if !one.value.as_ref().is_none_or(is_sound) {
            let message = format!("a value is from 0 to {VALUE_MAX}, with {PLACES_MAX} places");
            return Err(ApiError::invalid(message));
        }
        all.push(match one.value {
            None => Amendment::WithoutIndicator(id),
            Some(value) => Amendment::Indicator { id, value: value.0 },
        });
    }
    Ok(all)
}

/// What is missing: the thing itself, or the words.
fn needs(id: Option<i64>) -> Attempted {
    match id {
        None => refused("NOT_FOUND", "there is no such thing / 没有该对象"),
        Some(_) => refused("NEEDS_NOTE", "say why / 请说明理由"),
    }
}

fn refused(code: &str, message: &str) -> Attempted {
    Done::Not(NotDone::Refused(Refusal::new(code, message)))
}

fn settled(done: CampaignDone, as_what: impl Fn(i64) -> Settled) -> Attempted {
    let refusal = match done {
        CampaignDone::Done(id) => return Done::Well(as_what(id)),
        CampaignDone::Changed(current) => {
            return Done::Not(NotDone::Changed(VersionConflict::new(current)));
        }
        CampaignDone::Gone => return needs(None),
        CampaignDone::NotYours => {
            return refused("WRONG_BODY", "this is for others to do / 应由他方办理");
        }
        CampaignDone::Refused(refusal) => refusal,
    };
    refused(refusal.as_str(), refusal_told(refusal))
}

async fn outcome(
    ask: &Ask,
    key: String,
    request: String,
    attempt: impl Future<Output = Result<Attempted>> + Send + 'static,
) -> Result<Option<AnnualAssessmentOutcome>> {
    let done = once(ask, key, &["annual", &request], attempt).await?;
    Ok(Some(match done {
        Done::Well(settled) => {
            let view = std::sync::Arc::new(ask.view.of(ask.app.live.now()));
            let mut success = AnnualAssessmentSuccess {
                campaign: None,
                objection: None,
                assessment: None,
            };
            match settled {
                Settled::Campaign(id) => success.campaign = AnnualCampaign::by_number(&view, id),
                Settled::Objection(id) => {
                    success.objection = AnnualObjection::find(ask, &view, id).await?;
                }
                Settled::Told(number) => {
                    let row = view.assessment_row(number);
                    success.assessment = row.and_then(|row| Assessment::at(&view, row));
                }
            }
            AnnualAssessmentOutcome::Success(success)
        }
        Done::Not(NotDone::Refused(refusal)) => AnnualAssessmentOutcome::Refusal(refusal),
        Done::Not(NotDone::Changed(conflict)) => AnnualAssessmentOutcome::VersionConflict(conflict),
    }))
}
