use std::sync::Arc;

use async_graphql::{ID, InputObject, SimpleObject, Union};
use domain::{decision, mention, privacy::mask_numbers};
use serde::{Deserialize, Serialize};

use crate::{
    graph::{Reach, View},
    ingest::{NewDecision, Outcome},
    store::{Known, Listing},
};

use super::{
    ask::Ask,
    error::{ApiError, Code, Result},
    mention::Mention,
    mention_decision::{Judgement, MentionDecision},
    mutation::{Done, NotDone, Refusal, VersionConflict, once},
    node::{self, NodeKind, number_of},
    scalars::Uscc,
};

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 500;

/// 判定的输入。 / A decision about whom a mention means.
#[derive(InputObject)]
pub struct DecideMentionInput {
    /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
    key: String,
    /// 提及的全局 id。 / The mention's global id.
    mention_id: ID,
    /// 所见提及的版本号。 / The mention's version that was seen.
    version: i32,
    /// 结论。 / What was found.
    judgement: Judgement,
    /// 单位的全局 id；POSITIVE 须给出单位，NEGATIVE 不给出即指非本库单位。 / The body's global id: POSITIVE needs a body, NEGATIVE without one means nobody of ours.
    agency: Option<ID>,
    /// 单位的统一社会信用代码，代替全局 id。 / The body's code, instead of its global id.
    uscc: Option<Uscc>,
    /// 理由，1 至 500 字。 / Why, in 1 to 500 characters.
    reason: String,
}

/// 判定的结果。 / What came of deciding.
#[derive(Union)]
pub enum DecideMentionOutcome {
    Success(DecideMentionSuccess),
    Refusal(Refusal),
    VersionConflict(VersionConflict),
}

/// 已判定，其后同一写法随之归一。 / It is decided, and what writes the same is resolved by it.
#[derive(SimpleObject)]
pub struct DecideMentionSuccess {
    /// 提及的全局 id。 / The mention's global id.
    mention_id: ID,
    /// 判定；其后已被取代或撤销时为 null。 / The decision; null once it was replaced or undone.
    decision: Option<MentionDecision>,
    /// 提及；已归一到单位时为 null。 / The mention; null once its row is told.
    mention: Option<Mention>,
}

/// 撤销判定的输入。 / Which decision is undone.
#[derive(InputObject)]
pub struct UndoMentionDecisionInput {
    /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
    key: String,
    /// 提及的全局 id，该提及可能已不再列出。 / The mention's global id; it may be listed no longer.
    mention_id: ID,
    /// 所见判定的版本号。 / The decision's version that was seen.
    version: i32,
    /// 理由，1 至 500 字。 / Why, in 1 to 500 characters.
    reason: String,
}

/// 撤销判定的结果。 / What came of undoing a decision.
#[derive(Union)]
pub enum UndoMentionDecisionOutcome {
    Success(UndoMentionDecisionSuccess),
    Refusal(Refusal),
    VersionConflict(VersionConflict),
}

/// 已撤销，同一写法重新归一。 / It is undone, and what writes the same is resolved without it.
#[derive(SimpleObject)]
pub struct UndoMentionDecisionSuccess {
    /// 提及的全局 id。 / The mention's global id.
    mention_id: ID,
    /// 提及；其所在行已归一到单位或不再列出时为 null。 / The mention; null where its row is told, or listed no longer.
    mention: Option<Mention>,
}

/// What was done, as it is kept under its key.
#[derive(Serialize, Deserialize)]
struct Settled {
    mention: i64,
    decision: i64,
    version: i64,
}

type SeenMention = Known<Listing<mention::Mention>>;

pub(super) async fn decide_mention(
    ask: &Ask,
    input: DecideMentionInput,
) -> Result<DecideMentionOutcome> {
    let reason = reason(&input.reason)?;
    if input.agency.is_some() && input.uscc.is_some() {
        return Err(ApiError::invalid("either agency or uscc, not both"));
    }
    let judgement = decision::Judgement::from(input.judgement);
    let named = input.agency.is_some() || input.uscc.is_some();
    if judgement == decision::Judgement::Positive && !named {
        return Err(ApiError::invalid("POSITIVE needs agency or uscc"));
    }
    if judgement == decision::Judgement::Unsure && named {
        return Err(ApiError::invalid("UNSURE is about no body"));
    }
    let code = input.uscc.as_ref().map(|code| code.0.to_string());
    let (version, judged) = (input.version.to_string(), judgement.as_str());
    let request = [
        "decideMention",
        input.mention_id.as_str(),
        &version,
        judged,
        input.agency.as_ref().map_or("", |id| id.as_str()),
        code.as_deref().unwrap_or_default(),
        &reason,
    ];
    let view = &ask.view;
    let seen = number_of(ask, NodeKind::Mention, &input.mention_id)
        .and_then(|id| view.mention_at(view.mention_row(id)?).cloned());
    let agency = match (&input.agency, &input.uscc) {
        (Some(id), _) => {
            let row = number_of(ask, NodeKind::Agency, id).and_then(|id| view.agency_row(id));
            row.and_then(|row| view.agency_at(row))
        }
        (None, Some(code)) => {
            let row = view.agency_row_by_uscc(&code.0);
            row.and_then(|row| view.agency_at(row))
        }
        (None, None) => None,
    };
    let agency = agency.map(|agency| agency.id);
    let viewer = view.viewer();
    let place = seen.as_ref().and_then(|seen| seen.fact.fact.division);
    let reach = view.reach_from(place);
    let new = NewDecision {
        judgement,
        agency,
        reach: match reach {
            Reach::Within(area) => Some(area),
            Reach::Nowhere | Reach::Everywhere => None,
        },
        by: viewer.subject.clone(),
        role: viewer.role,
        reason: reason.clone(),
    };
    let (app, version) = (Arc::clone(&ask.app), i64::from(input.version));
    let attempt = async move {
        let Some(seen) = seen else {
            return refused("NOT_FOUND", "there is no such mention / 没有该提及");
        };
        if reach == Reach::Nowhere {
            return refused(
                "OUT_OF_REACH",
                "the mention lies beyond your area / 该提及超出管辖区划",
            );
        }
        if named && agency.is_none() {
            return refused("AGENCY_NOT_FOUND", "there is no such agency / 没有该单位");
        }
        let ingest = app.ingest().map_err(unavailable)?;
        let done = ingest.decide(&seen, version, new).await?;
        settled(&seen, done)
    };
    match once(ask, input.key, &request, attempt).await? {
        Done::Not(NotDone::Refused(refusal)) => Ok(DecideMentionOutcome::Refusal(refusal)),
        Done::Not(NotDone::Changed(conflict)) => {
            Ok(DecideMentionOutcome::VersionConflict(conflict))
        }
        Done::Well(settled) => {
            let view = now(ask);
            let row = view.decision_row(settled.decision);
            let standing = row.and_then(|row| view.decision_at(row).cloned());
            let standing = standing.filter(|known| known.version == settled.version);
            Ok(DecideMentionOutcome::Success(DecideMentionSuccess {
                mention_id: node::id(ask, NodeKind::Mention, settled.mention),
                decision: standing.map(MentionDecision::standing),
                mention: mention_of(&view, settled.mention),
            }))
        }
    }
}

pub(super) async fn undo_mention_decision(
    ask: &Ask,
    input: UndoMentionDecisionInput,
) -> Result<UndoMentionDecisionOutcome> {
    let version = input.version.to_string();
    let reason = reason(&input.reason)?;
    let request = [
        "undoMentionDecision",
        input.mention_id.as_str(),
        &version,
        &reason,
    ];
    let seen = match number_of(ask, NodeKind::Mention, &input.mention_id) {
        Some(id) => ask.app.store.find_mention(id).await?,
        None => None,
    };
    let view = &ask.view;
    let seen = seen.filter(|seen| view.sees_mention(&seen.fact.fact));
    let standing = seen.as_ref().and_then(|seen| view.decision_of(seen));
    let is_beyond = standing.is_some_and(|standing| !view.reaches(standing.fact.reach));
    let (app, version) = (Arc::clone(&ask.app), i64::from(input.version));
    let undoing = (view.viewer().subject.clone(), reason.clone());
    let attempt = async move {
        let Some(seen) = seen else {
            return refused("NOT_FOUND", "there is no such mention / 没有该提及");
        };
        if is_beyond {
            let message = "the decision reaches beyond your area / 该判定的适用范围超出管辖区划";
            return refused("OUT_OF_REACH", message);
        }
        let ingest = app.ingest().map_err(unavailable)?;
        let done = ingest.undo_decision(&seen, version, undoing).await?;
        settled(&seen, done)
    };
    match once(ask, input.key, &request, attempt).await? {
        Done::Not(NotDone::Refused(refusal)) => Ok(UndoMentionDecisionOutcome::Refusal(refusal)),
        Done::Not(NotDone::Changed(conflict)) => {
            Ok(UndoMentionDecisionOutcome::VersionConflict(conflict))
        }
        Done::Well(settled) => Ok(UndoMentionDecisionOutcome::Success(
            UndoMentionDecisionSuccess {
                mention_id: node::id(ask, NodeKind::Mention, settled.mention),
                mention: mention_of(&now(ask), settled.mention),
            },
        )),
    }
}

/// A reason as it is kept.
fn reason(written: &str) -> Result<String> {
    let reason = mask_numbers(written.trim()).into_owned();
    if !(1..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
        let message = format!("a reason has 1 to {REASON_CHARS_MAX} characters");
        return Err(ApiError::invalid(message));
    }
    Ok(reason)
}

fn settled(seen: &SeenMention, outcome: Outcome) -> Result<Done<Settled, NotDone>> {
    match outcome {
        Outcome::Done { decision, version } => Ok(Done::Well(Settled {
            mention: seen.id,
            decision,
            version,
        })),
        Outcome::Gone => refused(
            "NOT_FOUND",
            "there is nothing to decide or undo any more / 已无可判定或可撤销者",
        ),
        Outcome::Changed { current } => {
            let conflict = VersionConflict::new(current);
            Ok(Done::Not(NotDone::Changed(conflict)))
        }
        Outcome::OnlyByNumber => refused(
            "ONLY_BY_NUMBER",
            "a person is told by his number alone: NEGATIVE without a body, or UNSURE / \
             自然人仅凭完整证件号码认定：只能判定为 NEGATIVE（不给出单位）或 UNSURE",
        ),
        Outcome::Busy => refused(
            "SOURCE_BUSY",
            "the source is being brought in at the moment; ask again / 该数据源正在接入，请稍后再试",
        ),
    }
}

fn refused(code: &str, message: &str) -> Result<Done<Settled, NotDone>> {
    let refusal = Refusal::new(code, message);
    Ok(Done::Not(NotDone::Refused(refusal)))
}

/// The viewer's part of the newest version, which has what was just done.
fn now(ask: &Ask) -> View {
    ask.view.of(ask.app.live.now())
}

fn mention_of(view: &View, id: i64) -> Option<Mention> {
    Mention::at(view, view.mention_row(id)?)
}

/// What stands in the way is told to the log; the client learns that it is nothing of his.
fn unavailable(error: impl std::fmt::Display) -> ApiError {
    tracing::error!(error = %error, "a decision can't be taken");
    ApiError {
        code: Code::Unavailable,
        reason: None,
        message: "decisions can't be taken at the moment / 暂不能判定".to_owned(),
    }
}
