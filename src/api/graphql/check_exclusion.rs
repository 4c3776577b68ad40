//! Reviewed false matches at the API.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use domain::exclusion::Exclusion;
use serde::{Deserialize, Serialize};

use crate::{
    check::{NewReview, NotReviewed},
    graph::{Findings, page_size},
};

use super::{
    agency::Agency,
    ask::{Ask, ask},
    connection::{PageInfo, Position, wants_total},
    error::{ApiError, Result},
    mutation::{Done, Refusal, once},
    node::{self, NodeKind, number_of},
    scalars::{Date, DateTime, Uscc},
};

/// What stands before a place in a cursor.
const CURSOR: &str = "exclusion:";

/// 复核误匹配。 / Reviews of false matches.
#[derive(Default)]
pub struct ExclusionMutation;

/// 误匹配复核：该名称所指并非该单位，其后核查不再列出。 / A reviewed false match: the name does not mean the body, which checks do not show again.
pub struct CheckExclusion(Exclusion);

/// 误匹配复核的分页列表。 / A page of reviewed false matches.
#[derive(SimpleObject)]
pub struct CheckExclusionConnection {
    /// 条目。 / The entries.
    edges: Vec<CheckExclusionEdge>,
    /// 分页信息。 / Where this page lies in its list.
    page_info: PageInfo,
    /// 总数。 / How many there are in all.
    total_count: i32,
}

/// 误匹配复核列表的一个条目。 / One entry of a list of reviewed false matches.
#[derive(SimpleObject)]
pub struct CheckExclusionEdge {
    /// 游标。 / Its position in the list.
    cursor: Position,
    /// 节点。 / What stands there.
    node: CheckExclusion,
}

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

impl CheckExclusion {
    pub(super) async fn find(ask: &Ask, id: i64) -> Result<Option<Self>> {
        ask.note_loaded();
        let found = ask.app.checking().exclusion(ask.view.viewer(), id).await?;
        Ok(found.map(Self))
    }
}

/// 误匹配复核。 / A reviewed false match.
#[Object]
impl CheckExclusion {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::CheckExclusion, self.0.id)
    }

    /// 规范化的名称。 / The name, as the resolver reads it.
    async fn name(&self) -> &str {
        &self.0.asked.name
    }

    /// 所限区划代码；未限定时为 null。 / The code of the division to which it is limited; null where there is none.
    async fn division(&self) -> Option<&str> {
        let code = self.0.asked.division.as_str();
        (!code.is_empty()).then_some(code)
    }

    /// 被排除单位的统一社会信用代码。 / The code of the body that is not meant.
    async fn uscc(&self) -> Option<Uscc> {
        self.0.uscc.parse().ok().map(Uscc)
    }

    /// 被排除的单位；现已无权核查时为 null。 / The body that is not meant; null where it may be checked no longer.
    async fn agency(&self, ctx: &Context<'_>) -> Option<Agency> {
        let view = &ask(ctx).view;
        let agency = self.0.agency;
        view.may_check(agency).then_some(())?;
        let view = view.finding(Findings {
            bodies: vec![agency],
            ..Findings::default()
        });
        Agency::by_id(&Arc::new(view), agency)
    }

    /// 理由。 / Why.
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// 文书或案件编号。 / The case or document that it rests on.
    async fn reference(&self) -> Option<&str> {
        self.0.reference.as_deref()
    }

    /// 复核人标识。 / Who reviewed it.
    async fn by(&self) -> &str {
        &self.0.by
    }

    /// 复核时间。 / When.
    async fn made_at(&self) -> DateTime {
        self.0.made_at.into()
    }

    /// 有效期末日。 / The last day on which it holds.
    async fn expires_on(&self) -> Date {
        Date(self.0.expires_on)
    }

    /// 现是否有效。 / Whether it holds today.
    async fn in_force(&self, ctx: &Context<'_>) -> bool {
        self.0.holds_on(ask(ctx).app.clock.today())
    }

    /// 撤销时间。 / When it was revoked.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.0.revoked.as_ref().map(|(at, ..)| (*at).into())
    }

    /// 撤销人标识。 / Who revoked it.
    async fn revoked_by(&self) -> Option<&str> {
        self.0.revoked.as_ref().map(|(_, by, _)| by.as_str())
    }

    /// 撤销理由。 / Why it was revoked.
    async fn revoke_reason(&self) -> Option<&str> {
        self.0.revoked.as_ref().map(|(.., reason)| reason.as_str())
    }
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
    let attempt = async move {
        let refused = match attempt.await {
            Ok(settled) => return Ok(Done::Well(settled)),
            Err(refused) => refused,
        };
        let message = refused.to_string();
        let code = match refused {
            NotReviewed::Invalid(reason) => return Err(ApiError::invalid(reason)),
            NotReviewed::Store(error) => return Err(error.into()),
            NotReviewed::NotFound => "NOT_FOUND",
            NotReviewed::NotInDoubt => "NOT_IN_DOUBT",
            NotReviewed::BadTerm => "BAD_TERM",
            NotReviewed::Known => "ALREADY_EXCLUDED",
            NotReviewed::Revoked => "ALREADY_REVOKED",
            NotReviewed::TooMany => "TOO_MANY",
        };
        Ok(Done::Not(Refusal::new(code, message)))
    };
    Ok(Some(
        match once(ask, key, &["exclusion", &request], attempt).await? {
            Done::Not(refusal) => CheckExclusionOutcome::Refusal(refusal),
            Done::Well(settled) => CheckExclusionOutcome::Success(CheckExclusionSuccess {
                exclusion: CheckExclusion::find(ask, settled.exclusion).await?,
            }),
        },
    ))
}

/// The reviews that hold for the viewer's place, or have held, the newest first.
pub(super) async fn check_exclusions(
    ctx: &Context<'_>,
    in_force: bool,
    first: Option<i32>,
    after: Option<String>,
) -> Result<CheckExclusionConnection> {
    let ask = ask(ctx);
    ask.note_loaded();
    let first = page_size("first", first.map(i64::from))?;
    let place = |cursor: &String| {
        let place = cursor
            .strip_prefix(CURSOR)
            .and_then(|place| place.parse().ok());
        place.ok_or_else(|| ApiError::invalid("after is no cursor of this list / 游标无效"))
    };
    let before = after.as_ref().map(place).transpose()?;
    let (checking, viewer) = (ask.app.checking(), ask.view.viewer());
    let mut found = checking
        .exclusions(viewer, in_force, before, first as u64 + 1)
        .await?;
    let has_next_page = found.len() > first;
    found.truncate(first);
    let total = match wants_total(ctx) {
        true => checking.count_exclusions(viewer, in_force).await?,
        false => 0,
    };
    let cursor = |one: &Exclusion| Position::Text(format!("{CURSOR}{}", one.id));
    let page_info = PageInfo {
        has_next_page,
        has_previous_page: before.is_some(),
        start_cursor: found.first().map(cursor),
        end_cursor: found.last().map(cursor),
    };
    let edges = found.into_iter().map(|one| CheckExclusionEdge {
        cursor: cursor(&one),
        node: CheckExclusion(one),
    });
    Ok(CheckExclusionConnection {
        edges: edges.collect(),
        page_info,
        total_count: i32::try_from(total).unwrap_or(i32::MAX),
    })
}
