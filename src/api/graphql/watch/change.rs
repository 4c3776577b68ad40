use std::sync::Arc;

use async_graphql::{Context, ID, Object, SimpleObject};
use domain::watch;

use crate::{
    graph::{self, CursorError, FollowError, View, page_size},
    store,
};

use super::super::{
    agency::Agency,
    ask::{Ask, ask},
    casework::Sanction,
    credit_record::CreditRecord,
    error::{ApiError, Code, Result},
    node::{self, NodeKind},
    scalars::{DateTime, api_enum},
    subscription::ChangeCause,
};
use super::list_of;

api_enum! {
    /// 关注主体的变动种类（可能增加）。 / What became of a watched subject. Open: more may come.
    WatchChangeKind = watch::WatchKind {
        /// 新增有效记录。 / A record holds that did not before.
        RecordAdded,
        /// 有效记录内容变动。 / Something else is told of a record that holds.
        RecordChanged,
        /// 记录不再有效，或不再属于该主体：凡已复制者应停止使用。 / A record holds no longer, or not about this subject: stop using what you copied.
        RecordEnded,
        /// 惩戒措施开始（或恢复）实施；自后日起实施者于其首日告知。 / A measure is imposed, or runs again; one that is imposed for a later day is told on its first day.
        MeasureImposed,
        /// 惩戒措施期限变动。 / A measure that is in force has another term.
        MeasureChanged,
        /// 惩戒措施中止。 / A measure is suspended.
        MeasureSuspended,
        /// 惩戒措施解除或撤销。 / A measure is lifted or revoked.
        MeasureLifted,
        /// 惩戒措施届满。 / A measure's term is over.
        MeasureEnded,
        /// 更名，见 formerNames、successors。 / Renamed: see formerNames and successors.
        Renamed,
        /// 合并，见 predecessors、successors。 / Merged: see predecessors and successors.
        Merged,
        /// 分立或职能划转，见 predecessors、successors。 / Split, or duties passed on: see predecessors and successors.
        Succeeded,
        /// 撤销，见 abolishedOn。 / Dissolved: see abolishedOn.
        Dissolved,
    }
}

/// 关注主体的一次变动；只含核查所能告知的内容。 / One change of a watched subject: no more than a check tells.
pub struct WatchChange {
    change: Arc<graph::WatchChange>,
    /// With what is told.
    view: Arc<View>,
}

/// 关注主体的若干变动。 / Some changes of watched subjects.
#[derive(SimpleObject)]
pub struct WatchChangePage {
    /// 变动，按变更日志的次序。 / The changes, in the order of the change log.
    changes: Vec<WatchChange>,
    /// 已告知至此处的游标，供下次 `after`；无变动时亦前移。 / A cursor for the next `after`: up to there all is told. It moves on where nothing happened, too.
    up_to: String,
    /// 此后尚有变动。 / There is more behind.
    has_more: bool,
}

impl WatchChange {
    /// A change of a list's subject, which is read for what the list is for.
    pub(in super::super) fn told(
        ask: &Ask,
        list: &store::WatchList,
        change: &Arc<graph::WatchChange>,
    ) -> Self {
        let event = &change.event;
        ask.note_audited([event.subject, event.about]);
        ask.note_occasion(&list.purpose, list.reference.as_deref());
        Self {
            change: Arc::clone(change),
            view: Arc::new(ask.view.telling(event)),
        }
    }

    fn event(&self) -> &watch::WatchEvent {
        &self.change.event
    }
}

/// 关注主体的一次变动。 / One change of a watched subject.
#[Object]
impl WatchChange {
    /// 变更日志中的位置，供 `after` 续读。 / Its place in the change log, for `after`.
    async fn cursor(&self) -> String {
        self.change.cursor()
    }

    /// 变更时间。 / When it was.
    async fn at(&self) -> DateTime {
        self.change.at.into()
    }

    /// 变动种类。 / What became of the subject.
    async fn kind(&self) -> WatchChangeKind {
        self.event().kind.into()
    }

    /// 变动原因。 / What made it.
    async fn cause(&self) -> ChangeCause {
        self.event().cause.into()
    }

    /// 关注的主体。 / The subject.
    async fn subject(&self) -> Option<Agency> {
        Agency::by_id(&self.view, self.event().subject)
    }

    /// 变动所属单位：主体本身，或其前身单位。 / Whose record, measure or identity it is: the subject's, or a predecessor's.
    async fn about(&self) -> Option<Agency> {
        Agency::by_id(&self.view, self.event().about)
    }

    /// 是否来自前身单位。 / Whether it comes from a predecessor.
    async fn inherited(&self) -> bool {
        self.event().is_inherited()
    }

    /// 记录的全局 id。 / The record's global id, where it is about one.
    async fn record_id(&self, ctx: &Context<'_>) -> Option<ID> {
        let id = self.event().record?;
        Some(node::id(ask(ctx), NodeKind::CreditRecord, id))
    }

    /// 记录现状；不再有效或不再属于该单位时为 null。 / The record as it is now; null where it holds no longer, or not about this body.
    async fn record(&self) -> Option<CreditRecord> {
        CreditRecord::at(&self.view, self.view.record_of(self.event())?)
    }

    /// 惩戒的全局 id。 / The measure's global id, where it is about one.
    async fn sanction_id(&self, ctx: &Context<'_>) -> Option<ID> {
        let id = self.event().sanction?;
        Some(node::id(ask(ctx), NodeKind::Sanction, id))
    }

    /// 惩戒现状；未在实施时为 null。 / The measure as it is now; null where it is not in force.
    async fn sanction(&self) -> Option<Sanction> {
        Sanction::at(&self.view, self.view.sanction_of(self.event())?)
    }
}

/// What became of a list's subjects behind a cursor.
pub(in super::super) async fn watch_changes(
    ask: &Ask,
    list: &ID,
    after: Option<&str>,
    first: Option<i32>,
) -> Result<Option<WatchChangePage>> {
    let limit = page_size("first", first.map(i64::from))?;
    let Some(list) = list_of(ask, list).await? else {
        return Ok(None);
    };
    if list.ended_at.is_some() {
        return Err(ended());
    }
    ask.note_occasion(&list.purpose, list.reference.as_deref());
    let watching = ask.app.watching();
    let page = watching.changes(&ask.view, &list, after, limit).await?;
    let told = |change| WatchChange::told(ask, &list, &Arc::new(change));
    Ok(Some(WatchChangePage {
        changes: page.changes.into_iter().map(told).collect(),
        up_to: page.reached,
        has_more: page.has_more,
    }))
}

fn ended() -> ApiError {
    ApiError {
        reason: Some("WATCH_LIST_ENDED"),
        ..ApiError::invalid(FollowError::ListEnded.to_string())
    }
}

impl From<CursorError> for ApiError {
    fn from(error: CursorError) -> Self {
        let message = error.to_string();
        let (code, reason) = match error {
            CursorError::Invalid => (Code::Invalid, Some("CURSOR_INVALID")),
            CursorError::Expired => (Code::Invalid, Some("CURSOR_EXPIRED")),
            CursorError::NotReached => (Code::Unavailable, None),
            CursorError::Follow(FollowError::ListEnded) => return ended(),
            CursorError::Follow(FollowError::Store(error)) => return error.into(),
            CursorError::Follow(FollowError::Busy | FollowError::TooLong) => {
                (Code::Limited, Some("REPLAY_LIMITED"))
            }
        };
        Self {
            code,
            reason,
            message,
        }
    }
}
