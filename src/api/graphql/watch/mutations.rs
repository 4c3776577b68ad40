//! What a client does with his watch lists.

use std::{future::Future, sync::Arc};

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use serde::{Deserialize, Serialize};

use crate::check::{CheckInput, Echo, NewList, NotWatched, Registered, WATCH_BATCH_MAX};

use super::{
    super::{
        ask::{Ask, ask},
        check::Verdict,
        error::{ApiError, Result},
        mutation::{Done, Refusal, done, once},
        node::{NodeKind, number_of},
        scalars::Uscc,
    },
    WatchList,
};

/// 关注名单的办理。 / What is done with watch lists.
#[derive(Default)]
pub struct WatchMutation;

/// 建立关注名单的输入。 / A watch list that is made.
#[derive(InputObject)]
pub struct CreateWatchListInput {
    /// 幂等键，1 至 255 字；同一键只建立一份。 / Idempotency key of 1 to 255 characters: under one key there is one list.
    key: String,
    /// 名称，1 至 200 字。 / What it is called, in 1 to 200 characters.
    title: String,
    /// 用途，1 至 200 字。 / What for, in 1 to 200 characters.
    purpose: String,
    /// 文书或案件编号。 / The case or document that is its occasion.
    reference: Option<String>,
}

/// 登记的主体，与核查相同方式认定。 / A subject, told as a check tells it.
#[derive(InputObject)]
pub struct WatchSubjectInput {
    /// 统一社会信用代码，按原文。 / Unified social credit code, as written.
    uscc: Option<String>,
    /// 组织机构代码，按原文。 / Organisation code, as written.
    org_code: Option<String>,
    /// 名称，按原文。 / Name, as written.
    name: Option<String>,
    /// 限定区划（含以下）。 / Only bodies in this division or below it.
    division: Option<String>,
}

/// 登记主体的输入。 / Subjects that are registered.
#[derive(InputObject)]
pub struct AddWatchSubjectsInput {
    /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
    key: String,
    /// 关注名单的全局 id。 / The watch list's global id.
    list_id: ID,
    /// 主体，至多 500 个。 / The subjects, at most 500.
    subjects: Vec<WatchSubjectInput>,
}

/// 移除主体的输入。 / Subjects that are taken out.
#[derive(InputObject)]
pub struct RemoveWatchSubjectsInput {
    /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
    key: String,
    /// 关注名单的全局 id。 / The watch list's global id.
    list_id: ID,
    /// 主体的统一社会信用代码，至多 500 个。 / The subjects' codes, at most 500.
    usccs: Vec<Uscc>,
}

/// 终止关注名单的输入。 / A watch list that is ended.
#[derive(InputObject)]
pub struct EndWatchListInput {
    /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
    key: String,
    /// 关注名单的全局 id。 / The watch list's global id.
    list_id: ID,
}

/// 办理关注名单的结果。 / What came of it.
#[derive(Union)]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one a request, and it is sent at once"
)]
pub enum WatchListOutcome {
    Success(WatchListSuccess),
    Refusal(Refusal),
}

/// 已办理。 / It is done.
#[derive(SimpleObject)]
pub struct WatchListSuccess {
    /// 关注名单。 / The watch list.
    list: Option<WatchList>,
    /// 新登记或已移除的主体数。 / How many subjects were registered anew or taken out.
    count: i32,
    /// 未予登记的主体及原因。 / Subjects that were not registered, and why.
    refused: Vec<WatchSubjectRefusal>,
}

/// 未予登记的主体及原因。 / A subject that was not registered, and why.
#[derive(SimpleObject)]
pub struct WatchSubjectRefusal {
    /// 在输入中的序号，自 1 起。 / The how-manieth of the input it was, from 1.
    place: i32,
    /// 核查对其身份的结论。 / What a check says of who is meant.
    verdict: Verdict,
    /// 归一的步骤。 / What was tried and found.
    reason: String,
}

/// What was done, as it is kept under its key.
#[derive(Serialize, Deserialize)]
struct Settled {
    list: i64,
    registered: Registered,
}

impl Settled {
    fn count(list: i64, added: u64) -> Self {
        let refused = Vec::new();
        Self {
            list,
            registered: Registered { added, refused },
        }
    }
}

/// 关注名单的办理。 / What is done with watch lists.
#[Object]
impl WatchMutation {
    /// 建立关注名单，归本人（同一角色、区划和单位）所有，至多 50 份。 / Makes a watch list of the caller's own, in his role and for his areas and body; at most 50.
    async fn create_watch_list(
        &self,
        ctx: &Context<'_>,
        input: CreateWatchListInput,
    ) -> Result<Option<WatchListOutcome>> {
        let ask = ask(ctx);
        let new = NewList {
            key: input.key.clone(),
            title: input.title,
            purpose: input.purpose,
            reference: input.reference,
        };
        let (watching, view) = (ask.app.watching(), Arc::clone(&ask.view));
        let request = format!("create {new:?}");
        let attempt = async move {
            let made = watching.create(&view, new).await?;
            Ok(Settled::count(made.id, 0))
        };
        Box::pin(outcome(ask, input.key, request, attempt)).await
    }

    /// 登记主体，每份名单至多 10,000 个；未能确定身份或无权核查者不予登记。 / Registers subjects, at most 10,000 in a list. One who is not settled, or may not be checked, is refused.
    async fn add_watch_subjects(
        &self,
        ctx: &Context<'_>,
        input: AddWatchSubjectsInput,
    ) -> Result<Option<WatchListOutcome>> {
        let ask = ask(ctx);
        at_most(input.subjects.len())?;
        let inputs: Vec<CheckInput> = input.subjects.into_iter().map(Into::into).collect();
        let list = number_of(ask, NodeKind::WatchList, &input.list_id);
        let (watching, view) = (ask.app.watching(), Arc::clone(&ask.view));
        let request = format!("add {:?} {inputs:?}", input.list_id);
        let attempt = async move {
            let list = list.ok_or(NotWatched::NotFound)?;
            let registered = watching.add(&view, list, &inputs).await?;
            Ok(Settled { list, registered })
        };
        Box::pin(outcome(ask, input.key, request, attempt)).await
    }

    /// 移除主体。 / Takes subjects out.
    async fn remove_watch_subjects(
        &self,
        ctx: &Context<'_>,
        input: RemoveWatchSubjectsInput,
    ) -> Result<Option<WatchListOutcome>> {
        let ask = ask(ctx);
        at_most(input.usccs.len())?;
        let codes = input.usccs.iter().map(|code| code.0.to_string());
        let codes: Vec<String> = codes.collect();
        let list = number_of(ask, NodeKind::WatchList, &input.list_id);
        let (watching, view) = (ask.app.watching(), Arc::clone(&ask.view));
        let request = format!("remove {:?} {codes:?}", input.list_id);
        let attempt = async move {
            let list = list.ok_or(NotWatched::NotFound)?;
            let removed = watching.remove(&view, list, &codes).await?;
            Ok(Settled::count(list, removed))
        };
        Box::pin(outcome(ask, input.key, request, attempt)).await
    }

    /// 终止关注名单，其后不再告知。 / Ends a watch list: nothing is told of it any more.
    async fn end_watch_list(
        &self,
        ctx: &Context<'_>,
        input: EndWatchListInput,
    ) -> Result<Option<WatchListOutcome>> {
        let ask = ask(ctx);
        let list = number_of(ask, NodeKind::WatchList, &input.list_id);
        let (watching, view) = (ask.app.watching(), Arc::clone(&ask.view));
        let request = format!("end {:?}", input.list_id);
        let attempt = async move {
            let list = list.ok_or(NotWatched::NotFound)?;
            watching.end(&view, list).await?;
            Ok(Settled::count(list, 0))
        };
        Box::pin(outcome(ask, input.key, request, attempt)).await
    }
}

impl From<WatchSubjectInput> for CheckInput {
    fn from(input: WatchSubjectInput) -> Self {
        let texts = Echo {
            uscc: input.uscc,
            org_code: input.org_code,
            name: input.name,
            division: input.division,
            case_number: None,
        };
        Self::new(texts, None)
    }
}

fn at_most(subjects: usize) -> Result<()> {
    match (1..=WATCH_BATCH_MAX).contains(&subjects) {
        true => Ok(()),
        false => Err(ApiError::invalid(format!(
            "1 to {WATCH_BATCH_MAX} subjects expected, found {subjects}"
        ))),
    }
}

async fn outcome(
    ask: &Ask,
    key: String,
    request: String,
    attempt: impl Future<Output = std::result::Result<Settled, NotWatched>> + Send + 'static,
) -> Result<Option<WatchListOutcome>> {
    let word = |refused| match refused {
        NotWatched::Invalid(reason) => Err(ApiError::invalid(reason)),
        NotWatched::Store(error) => Err(error.into()),
        NotWatched::NotFound => Ok("NOT_FOUND"),
        NotWatched::Ended => Ok("ENDED"),
        NotWatched::TooManyLists | NotWatched::TooManySubjects => Ok("TOO_MANY"),
    };
    let attempt = async move { done(attempt.await, word) };
    let settled = match once(ask, key, &["watch", &request], attempt).await? {
        Done::Not(refusal) => return Ok(Some(WatchListOutcome::Refusal(refusal))),
        Done::Well(settled) => settled,
    };
    let int = |number| i32::try_from(number).unwrap_or(i32::MAX);
    let refused = settled.registered.refused.into_iter();
    let refused = refused.map(|one| WatchSubjectRefusal {
        place: i32::try_from(one.place).unwrap_or(i32::MAX),
        verdict: one.verdict.into(),
        reason: one.reason,
    });
    Ok(Some(WatchListOutcome::Success(WatchListSuccess {
        list: WatchList::find(ask, settled.list).await?,
        count: int(settled.registered.added),
        refused: refused.collect(),
    })))
}
