use std::sync::Arc;

use async_graphql::{InputObject, SimpleObject, Union};
use chrono::Utc;
use domain::revocation::{Revocation, Revoked};
use serde::{Deserialize, Serialize};

use crate::{
    app::{App, revoke},
    auth::REVOCATION_KEPT,
};

use super::{
    ask::Ask,
    error::Result,
    mutation::{Done, Refusal, once},
    scalars::DateTime,
};

/// Characters of a reason.
const REASON_CHARS_MAX: usize = 1_000;

/// 吊销令牌的输入；令牌与主体二者取一。 / Which tokens are revoked: one by its number, or all of a subject; give one of the two.
#[derive(InputObject)]
pub struct RevokeTokenInput {
    /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
    key: String,
    /// 令牌编号（jti）。 / The token's number, its claim jti.
    jti: Option<String>,
    /// 主体（sub）：其此前签发的令牌全部吊销。 / The subject, all of whose tokens that were issued so far are revoked.
    subject: Option<String>,
    /// 理由，至多一千字。 / The reason, of a thousand characters at most.
    reason: Option<String>,
}

/// 吊销的结果。 / What came of a revocation.
#[derive(Union)]
pub enum RevokeTokenOutcome {
    Success(RevokeTokenSuccess),
    Refusal(Refusal),
}

/// 已吊销；其他进程至迟一分钟内生效。 / It is revoked; other processes hear of it within a minute.
#[derive(SimpleObject)]
pub struct RevokeTokenSuccess {
    /// 令牌编号。 / The token's number.
    jti: Option<String>,
    /// 主体。 / The subject.
    subject: Option<String>,
    /// 吊销时间。 / Since when.
    revoked_at: DateTime,
}

/// What is kept of it under its key.
#[derive(Serialize, Deserialize)]
struct Since(chrono::DateTime<Utc>);

pub(super) async fn revoke_token(ask: &Ask, input: RevokeTokenInput) -> Result<RevokeTokenOutcome> {
    let RevokeTokenInput {
        key,
        jti,
        subject,
        reason,
    } = input;
    let what = match (&jti, &subject) {
        (Some(id), None) => Some(Revoked::Token(id.clone())),
        (None, Some(subject)) => Some(Revoked::Subject(subject.clone())),
        _ => None,
    };
    let what = what.filter(Revoked::is_possible);
    let (app, by) = (Arc::clone(&ask.app), ask.view.viewer().subject.clone());
    let [id, whose, why] =
        [&jti, &subject, &reason].map(|text| text.as_deref().unwrap_or_default().to_owned());
    let attempt = attempt(app, what, by, reason);
    match once(ask, key, &["revokeToken", &id, &whose, &why], attempt).await? {
        Done::Not(refusal) => Ok(RevokeTokenOutcome::Refusal(refusal)),
        Done::Well(Since(at)) => Ok(RevokeTokenOutcome::Success(RevokeTokenSuccess {
            jti,
            subject,
            revoked_at: at.into(),
        })),
    }
}

async fn attempt(
    app: Arc<App>,
    what: Option<Revoked>,
    by: String,
    reason: Option<String>,
) -> Result<Done<Since>> {
    let refused = |code: &str, message: &str| Ok(Done::Not(Refusal::new(code, message)));
    let Some(what) = what else {
        let message =
            "give jti or subject, of 1 to 255 characters / 请给出 jti 或 subject 之一，1 至 255 字";
        return refused("NO_TOKEN", message);
    };
    let is_long = |reason: &String| reason.chars().count() > REASON_CHARS_MAX;
    if reason.as_ref().is_some_and(is_long) {
        return refused("REASON_TOO_LONG", "the reason is too long / 理由过长");
    }
    let at = app.clock.now();
    let revocation = Revocation {
        what,
        at,
        by,
        reason,
    };
    app.store.revoke(&revocation, at - REVOCATION_KEPT).await?;
    revoke(&app.auth, &app.store, &app.clock).await?;
    tracing::info!(by = revocation.by, "tokens were revoked");
    Ok(Done::Well(Since(at)))
}
