//! Mutations: each has a key, under which it is done once, and a union of outcomes, of which a
//! refusal is one.

use std::{future::Future, sync::Arc};

use async_graphql::{Context, Object, SimpleObject};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::store::{Asked, Outcome};

use super::{
    approve_run::{ApproveRunInput, ApproveRunOutcome, approve_run},
    ask::{Ask, ask},
    error::{ApiError, Code, Result},
};

/// Characters of an idempotency key.
const KEY_CHARS_MAX: usize = 255;

/// 变更。 / Mutations.
pub struct Mutation;

/// 变更。 / Mutations.
#[Object]
impl Mutation {
    /// 放行一个待放行的批次，入库后应答；超过时限则继续进行，以同一幂等键可再问其结果。 / Lets a held run in and answers once it is closed; what outlasts the deadline goes on, and the same key tells its outcome.
    async fn approve_run(
        &self,
        ctx: &Context<'_>,
        input: ApproveRunInput,
    ) -> Result<Option<ApproveRunOutcome>> {
        approve_run(ask(ctx), input).await.map(Some)
    }
}

/// 未予办理及其原因。 / It was not done, and why.
#[derive(Debug, Clone, PartialEq, Eq, SimpleObject, Serialize, Deserialize)]
pub struct Refusal {
    /// 原因代码。 / The reason, as one word.
    code: String,
    /// 说明。 / The reason, as a sentence.
    message: String,
    /// 依据。 / What it rests on.
    basis: Option<String>,
}

impl Refusal {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            basis: None,
        }
    }
}

/// What a mutation came to, as it is kept under its key.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Done<T> {
    Well(T),
    Refused(Refusal),
}

/// What an attempt came to.
pub(super) enum Attempt<T> {
    /// This, also for whoever asks again with the same key.
    Decided(Done<T>),
    /// Nothing yet: whoever asks again makes another attempt.
    PutOff(Refusal),
}

/// Does something once under a key: who asks for the same again is told the first outcome again.
/// What has begun goes on to its end, whether or not anybody still waits for the answer.
pub(super) async fn once<T, F>(
    ask: &Ask,
    key: String,
    request: &[&str],
    attempt: F,
) -> Result<Done<T>>
where
    T: Serialize + DeserializeOwned + Send + 'static,
    F: Future<Output = Result<Attempt<T>>> + Send + 'static,
{
    if !(1..=KEY_CHARS_MAX).contains(&key.chars().count()) {
        let message = format!("a key has 1 to {KEY_CHARS_MAX} characters");
        return Err(ApiError::invalid(message));
    }
    let asked = Asked {
        subject: ask.view.viewer().subject.clone(),
        key,
        request_digest: digest(request),
    };
    let app = Arc::clone(&ask.app);
    if let Some(standing) = app.store.find_outcome(&asked, app.clock.now()).await? {
        return read(&asked, &standing);
    }
    let work = tokio::spawn(async move {
        let done = match attempt.await? {
            Attempt::PutOff(refusal) => return Ok(Done::Refused(refusal)),
            Attempt::Decided(done) => done,
        };
        let answer = serde_json::to_string(&done).expect("texts and numbers always serialise");
        let now = app.clock.now();
        let standing = app.store.keep_outcome(&asked, &answer, now).await?;
        read(&asked, &standing)
    });
    work.await.map_err(|error| {
        tracing::error!(error = %error, "a mutation failed");
        ApiError {
            code: Code::Internal,
            message: "internal error / 内部错误".to_owned(),
        }
    })?
}

/// The outcome that stands under a key, as an answer to what is asked for now.
fn read<T: DeserializeOwned>(asked: &Asked, standing: &Outcome) -> Result<Done<T>> {
    if standing.request_digest != asked.request_digest {
        let message = "the key was used for another request / 幂等键已用于另一请求";
        return Ok(Done::Refused(Refusal::new("KEY_REUSED", message)));
    }
    serde_json::from_str(&standing.answer).map_err(|error| {
        tracing::error!(error = %error, "a kept outcome can't be read");
        ApiError {
            code: Code::Internal,
            message: "internal error / 内部错误".to_owned(),
        }
    })
}

/// Of a mutation and its input; lengths keep parts apart.
fn digest(request: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in request {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    crate::hex(&hash.finalize())
}
