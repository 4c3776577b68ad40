//! What reviewers do with false matches.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use serde::{Deserialize, Serialize};

use crate::check::{NewReview, NotReviewed};

use super::{
    super::{
        ask::{Ask, ask},
        error::{ApiError, Result},
        mutation::{Done, Refusal, done, once},
        node::{NodeKind, number_of},
        scalars::{Date, Uscc},
    },
    CheckExclusion,
};

/// 复核误匹配。 / Reviews of false matches.
#[derive(Default)]
pub struct ExclusionMutation;

/// 排除误匹配的输入。 / A false match that is excluded.
#[derive(InputObject)]
pub struct ExcludeFalseMatchInput {
    /// 幂等键，1 至 255 字；同一键只复核一次。 / Idempotency key of 1 to 255 characters: under one key there is one review.
    key: String,
    /// 核查所用名称。 / The name, as it was checked.
    name: String,
    /// 核查所限区划，须与核查时一致。 / The division to which the check was limited, the same as then.
    division: Option<String>,
    /// 并非所指之单位，须为核查所列。 / The body that is not meant; a check must have put it forward.
    uscc: Uscc,
    /// 理由，1 至 200 字。 / Why, in 1 to 200 characters.
    reason: String,
    /// 文书或案件编号。 / The case or document that it rests on.
    reference: Option<String>,
    /// 有效期末日，至多三年。 / The last day on which it holds, within three years.
    expires_on: Date,
}

/// 撤销复核的输入。 / A review that is revoked.
#[derive(InputObject)]
pub struct RevokeExclusionInput {
    /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
    key: String,
    /// 复核的全局 id。 / The review's global id.
    exclusion_id: ID,
    /// 理由，1 至 200 字。 / Why, in 1 to 200 characters.
    reason: String,
}

/// 复核的结果。 / What came of it.
#[derive(Union)]
pub enum CheckExclusionOutcome {
    Success(CheckExclusionSuccess),
    Refusal(Refusal),
}

/// 已办理。 / It is done.
#[derive(SimpleObject)]
pub struct CheckExclusionSuccess {
    /// 复核。 / The review.
    exclusion: Option<CheckExclusion>,
}

/// What was done, as it is kept under its key.
#[derive(Serialize, Deserialize)]
struct Settled {
    exclusion: i64,
}

/// 复核误匹配。 / Reviews of false matches.
#[Object]
impl ExclusionMutation {
    /// 排除误匹配：核查存疑（FUZZY、AMBIGUOUS）时列出而经人工复核并非所指的单位，其后对同一角色、区划和单位的核查不再列出。 / Excludes a false match: a body that a check put forward in doubt (FUZZY, AMBIGUOUS) and that is not meant is not shown again to those who act in the same role, for the same areas and body.
    async fn exclude_false_match(
        &self,
        ctx: &Context<'_>,
        input: ExcludeFalseMatchInput,
    ) -> Result<Option<CheckExclusionOutcome>> {
        let ask = ask(ctx);
        let key = input.key;
        let new = NewReview {
            key: key.clone(),
            name: input.name,
            division: input.division,
            uscc: input.uscc.0,
            reason: input.reason,
            reference: input.reference,
            expires_on: input.expires_on.0,
        };
        let (checking, view) = (ask.app.checking(), Arc::clone(&ask.view));
        let request = format!("exclude {new:?}");
        let attempt = async move {
            let made = checking.exclude(&view, new).await?;
            Ok(Settled { exclusion: made.id })
        };
        Box::pin(outcome(ask, key, request, attempt)).await
    }

    /// 撤销复核，其后核查照常列出。 / Revokes a review: checks show the body again.
    async fn revoke_exclusion(
        &self,
        ctx: &Context<'_>,
        input: RevokeExclusionInput,
    ) -> Result<Option<CheckExclusionOutcome>> {
        let ask = ask(ctx);
        let id = number_of(ask, NodeKind::CheckExclusion, &input.exclusion_id);
        let (checking, view) = (ask.app.checking(), Arc::clone(&ask.view));
        let request = format!("revoke {:?} {:?}", input.exclusion_id, input.reason);
        let attempt = async move {
            let exclusion = id.ok_or(NotReviewed::NotFound)?;
            let reason = input.reason;
            checking.revoke_exclusion(&view, exclusion, &reason).await?;
            Ok(Settled { exclusion })
        };
        Box::pin(outcome(ask, input.key, request, attempt)).await
    }
}

async fn outcome(
    ask: &Ask,
    key: String,
    request: String,
    attempt: impl Future<Output = std::result::Result<Settled, NotReviewed>> + Send + 'static,
) -> Result<Option<CheckExclusionOutcome>> {
    let word = |refused| match refused {
        NotReviewed::Invalid(reason) => Err(ApiError::invalid(reason)),
        NotReviewed::Store(error) => Err(error.into()),
        NotReviewed::NotFound => Ok("NOT_FOUND"),
        NotReviewed::NotInDoubt => Ok("NOT_IN_DOUBT"),
        NotReviewed::BadTerm => Ok("BAD_TERM"),
        NotReviewed::Known => Ok("ALREADY_EXCLUDED"),
        NotReviewed::Revoked => Ok("ALREADY_REVOKED"),
        NotReviewed::TooMany => Ok("TOO_MANY"),
    };
    let attempt = async move { done(attempt.await, word) };
    Ok(Some(
        match once(ask, key, &["exclusion", &request], attempt).await? {
            Done::Not(refusal) => CheckExclusionOutcome::Refusal(refusal),
            Done::Well(settled) => CheckExclusionOutcome::Success(CheckExclusionSuccess {
                exclusion: CheckExclusion::find(ask, settled.exclusion).await?,
            }),
        },
    ))
}
