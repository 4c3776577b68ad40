//! Mutations: each has a key, under which it is done once, and a union of outcomes, of which a
//! refusal is one.

use std::{future::Future, sync::Arc};

use async_graphql::{Context, Object, SimpleObject};
use domain::id::digest_of;
use serde::{Serialize, de::DeserializeOwned};

use crate::store::{Asked, KeptOutcome};

use super::{
    approve_run::{ApproveRunInput, ApproveRunOutcome, approve_run},
    ask::{Ask, ask},
    decide_mention::{
        DecideMentionInput, DecideMentionOutcome, UndoMentionDecisionInput,
        UndoMentionDecisionOutcome, decide_mention, undo_mention_decision,
    },
    error::{ApiError, Code, Result},
    revoke_token::{RevokeTokenInput, RevokeTokenOutcome, revoke_token},
    zero_report::{RecordZeroReportInput, RecordZeroReportOutcome, record_zero_report},
};

/// Characters of an idempotency key.
const KEY_CHARS_MAX: usize = 255;

/// 变更。 / Mutations, but for the steps of casework.
#[derive(Default)]
pub struct Changes;

/// 变更。 / Mutations.
#[Object]
impl Changes {
    /// 放行一个待放行的批次，入库后应答；超过时限则继续进行，以同一幂等键可再问其结果。 / Lets a held run in and answers once it is closed; what outlasts the deadline goes on, and the same key tells its outcome.
    async fn approve_run(
        &self,
        ctx: &Context<'_>,
        input: ApproveRunInput,
    ) -> Result<Option<ApproveRunOutcome>> {
        approve_run(ask(ctx), input).await.map(Some)
    }

    /// 判定提及所指何单位；适用于该数据源其后的同一写法，并即时重新归一。 / Decides whom a mention means: it holds of all of its source that write the same, and resolves them at once.
    async fn decide_mention(
        &self,
        ctx: &Context<'_>,
        input: DecideMentionInput,
    ) -> Result<Option<DecideMentionOutcome>> {
        decide_mention(ask(ctx), input).await.map(Some)
    }

    /// 撤销判定；所及各行即时重新归一。 / Undoes a decision, and resolves at once what hung on it.
    async fn undo_mention_decision(
        &self,
        ctx: &Context<'_>,
        input: UndoMentionDecisionInput,
    ) -> Result<Option<UndoMentionDecisionOutcome>> {
        undo_mention_decision(ask(ctx), input).await.map(Some)
    }

    /// 记录零报告。 / Keeps a zero report.
    async fn record_zero_report(
        &self,
        ctx: &Context<'_>,
        input: RecordZeroReportInput,
    ) -> Result<Option<RecordZeroReportOutcome>> {
        record_zero_report(ask(ctx), input).await.map(Some)
    }

    /// 吊销令牌，一分钟内处处生效。 / Revokes tokens; within a minute they are believed nowhere.
    async fn revoke_token(
        &self,
        ctx: &Context<'_>,
        input: RevokeTokenInput,
    ) -> Result<Option<RevokeTokenOutcome>> {
        revoke_token(ask(ctx), input).await.map(Some)
    }
}

/// 未予办理及其原因。 / It was not done, and why.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct Refusal {
    /// 原因代码。幂等键已用于另一请求，或同一调用者以另一角色、区域或单位用过者，为 KEY_REUSED。 / The reason, as one word. KEY_REUSED: the idempotency key was used for another request, or by the same caller in another role, for other areas or for another body.
    code: String,
    /// 说明。 / The reason, as a sentence.
    message: String,
    /// 依据。 / What it rests on.
    basis: Option<String>,
}

impl Refusal {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self::by(code, message, None)
    }

    /// One that rests on something.
    pub(super) fn by(code: &str, message: impl Into<String>, basis: Option<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            basis,
        }
    }
}

/// 对象已有新版本，未予办理。 / It was not done: what it was asked of is another version by now.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject)]
pub struct VersionConflict {
    /// 现版本号。 / The version that stands.
    current: i32,
}

impl VersionConflict {
    pub(super) fn new(current: i64) -> Self {
        Self {
            current: i32::try_from(current).unwrap_or(i32::MAX),
        }
    }
}

/// What a mutation came to.
pub(super) enum Done<T, N = Refusal> {
    Well(T),
    Not(N),
}

/// Why a mutation of something with versions was not done.
pub(super) enum NotDone {
    Refused(Refusal),
    Changed(VersionConflict),
}

impl From<Refusal> for NotDone {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Does something once under a key: who asks for the same again is told what was done. A refusal
/// changed nothing, so it is not kept, and who asks again makes another attempt. What has begun goes
/// on to its end, whether or not anybody still waits for the answer.
pub(super) async fn once<T, N, F>(
    ask: &Ask,
    key: String,
    request: &[&str],
    attempt: F,
) -> Result<Done<T, N>>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    N: From<Refusal> + Send + 'static,
    F: Future<Output = Result<Done<T, N>>> + Send + 'static,
{
    if !(1..=KEY_CHARS_MAX).contains(&key.chars().count()) {
        let message = format!("a key has 1 to {KEY_CHARS_MAX} characters");
        return Err(ApiError::invalid(message));
    }
    let viewer = ask.view.viewer();
    let asked = Asked {
        caller: viewer.caller(),
        // Clients may write whom it is about into a key.
        key: digest_of(&[&key]),
        // Under one key nobody is told what he did in another role.
        request_digest: digest_of(&[&[viewer.client().as_str()], request].concat()),
    };
    let app = Arc::clone(&ask.app);
    let work = tokio::spawn(async move {
        // Who asks for the same at the same time waits for what comes of it.
        let _turn = app.store.turn(&asked).await;
        if let Some(standing) = app.store.find_outcome(&asked, app.clock.now()).await? {
            return read(&asked, &standing);
        }
        let standing = match attempt.await? {
            Done::Well(done) => {
                let answer = serde_json::to_string(&done).map_err(internal)?;
                let now = app.clock.now();
                app.store.keep_outcome(&asked, &answer, now).await?
            }
            // Another process may have been quicker under the same key.
            Done::Not(not_done) => match app.store.find_outcome(&asked, app.clock.now()).await? {
                Some(standing) => standing,
                None => return Ok(Done::Not(not_done)),
            },
        };
        read(&asked, &standing)
    });
    let done = work.await.map_err(internal)?;
    if matches!(done, Ok(Done::Not(_))) {
        ask.note_refused();
    }
    done
}

/// What an attempt came to, where a refusal is told by a word for its kind; what is no refusal is an error.
pub(super) fn done<T, E: std::fmt::Display>(
    attempt: std::result::Result<T, E>,
    word: impl FnOnce(E) -> Result<&'static str>,
) -> Result<Done<T>> {
    let error = match attempt {
        Ok(settled) => return Ok(Done::Well(settled)),
        Err(error) => error,
    };
    let message = error.to_string();
    Ok(Done::Not(Refusal::new(word(error)?, message)))
}

/// What was done under a key, as an answer to what is asked for now.
fn read<T: DeserializeOwned, N: From<Refusal>>(
    asked: &Asked,
    standing: &KeptOutcome,
) -> Result<Done<T, N>> {
    if standing.request_digest != asked.request_digest {
        let message = "the key was used for another request / 幂等键已用于另一请求";
        return Ok(Done::Not(Refusal::new("KEY_REUSED", message).into()));
    }
    serde_json::from_str(&standing.answer)
        .map(Done::Well)
        .map_err(internal)
}

fn internal(error: impl std::fmt::Display) -> ApiError {
    tracing::error!(error = %error, "a mutation failed");
    ApiError::new(Code::Internal, "internal error / 内部错误")
}
