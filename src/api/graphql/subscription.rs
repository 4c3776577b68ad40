//! Subscriptions. What is read, and when, is the transport's part (`src/api/subscribe.rs`): it opens a
//! subscription by executing it once, which reads its arguments, and executes it again for each change.

use std::sync::{Arc, OnceLock};

use async_graphql::{Context, ID, Object, Subscription};
use domain::{change, uscc};
use futures_util::{Stream, stream};

use crate::{
    graph::{self, RecordChange, RecordPredicate, WarningPredicate},
    store,
};

use super::{
    ask::ask,
    credit_record::CreditRecord,
    error::{ApiError, Code, Result},
    filter::{CreditRecordFilter, WarningFilter, readable, record_predicate, warning_predicate},
    node::{self, NodeKind},
    scalars::{Uscc, api_enum},
    warning::Warning,
    watch::{WatchChange, list_of},
};

api_enum! {
    /// 变动种类（可能增加）。 / What became of it. Open: more may come.
    ChangeKind = change::ChangeKind {
        /// 新增，或开始可见、符合条件。 / It is there now, or is one of those that are followed now.
        Added,
        /// 内容变动。 / It is another version.
        Changed,
        /// 终止，或不再可见、不再符合条件。 / It is there no more, or is no longer one of those that are followed.
        Ended,
        /// 已修复或撤回：凡已复制者应停止使用。 / It was repaired or withdrawn: stop using what you copied.
        StopUse,
    }
}

api_enum! {
    /// 变动原因（可能增加）。 / What made it change. Open: more may come.
    ChangeCause = change::ChangeCause {
        /// 来源。 / A source said so.
        Source,
        /// 办理。 / People dealt with it.
        Casework,
        /// 主体归一。 / It is told otherwise who is meant.
        Resolution,
        /// 规则。 / Rules changed.
        Rules,
        /// 时间。 / Time went by.
        Time,
    }
}

/// 订阅。 / Subscriptions.
pub struct Subscription;

/// What a subscriber wants.
#[derive(Debug)]
pub(in crate::api) struct Wanted {
    pub(in crate::api) followed: Followed,
    pub(in crate::api) after: Option<String>,
}

/// What he follows.
#[derive(Debug)]
pub(in crate::api) enum Followed {
    Records(RecordPredicate),
    /// Of these warnings those of which this body is to hear, where one is named.
    Warnings(WarningPredicate, Option<uscc::Uscc>),
    Watched(Box<store::WatchList>),
}

/// A change, and what it is for the subscriber.
#[derive(Debug, Clone)]
pub(in crate::api) enum Told {
    Record(Arc<RecordChange>, change::ChangeKind),
    Warning(Arc<graph::WarningChange>, change::ChangeKind),
    Watch(Arc<graph::WatchChange>, Arc<store::WatchList>),
}

/// What a subscription is executed for.
#[derive(Clone)]
pub(in crate::api) enum Turn {
    /// To learn what is wanted.
    Opening(Arc<OnceLock<Wanted>>),
    /// To tell of a change.
    Telling(Told),
}

/// 订阅。 / Subscriptions.
#[Subscription]
impl Subscription {
    /// 失信记录的变动，按变更日志的次序；`after` 为上次变动的 `cursor`，或某次应答的 `extensions.version`，补读其后的变动，不漏不重；所按单位条件以变动时的单位为准。 / What becomes of records, in the order of the change log. `after` is the `cursor` of a change that was told, or the `extensions.version` of an answer: what came since is told first, none of it twice. Bodies that are filtered by are taken as they were at the change.
    async fn credit_record_changed(
        &self,
        ctx: &Context<'_>,
        filter: Option<CreditRecordFilter>,
        after: Option<String>,
    ) -> Result<impl Stream<Item = CreditRecordChange> + use<>> {
        let told = match ctx.data_unchecked::<Turn>() {
            Turn::Telling(Told::Record(change, kind)) => Some(CreditRecordChange {
                change: Arc::clone(change),
                kind: *kind,
            }),
            Turn::Telling(_) => None,
            Turn::Opening(wanted) => {
                let followed = Followed::Records(record_predicate(ask(ctx), filter)?);
                open(wanted, followed, after)?;
                None
            }
        };
        Ok(stream::iter(told))
    }

    /// 预警的变动，按变更日志的次序；`after` 同上，不漏不重；`warned` 限于应予告知该单位者（`Warning.warned`）。所按条件以变动前后的预警为准，可见与否、何者为上级与主管部门以现在为准。 / What becomes of warnings, in the order of the change log; `after` as above, none of it twice; `warned` keeps to those of which this body is to hear (`Warning.warned`). The filter is asked of the warning before and after the change; what may be seen, and who is superior and competent, is measured now.
    async fn warning_raised(
        &self,
        ctx: &Context<'_>,
        filter: Option<WarningFilter>,
        warned: Option<Uscc>,
        after: Option<String>,
    ) -> Result<impl Stream<Item = WarningChange> + use<>> {
        let told = match ctx.data_unchecked::<Turn>() {
            Turn::Telling(Told::Warning(change, kind)) => Some(WarningChange {
                change: Arc::clone(change),
                kind: *kind,
            }),
            Turn::Telling(_) => None,
            Turn::Opening(wanted) => {
                let ask = ask(ctx);
                let predicate = warning_predicate(ask, filter)?;
                if warned.is_some() {
                    readable(ask, "Warning", "warned")?;
                }
                let warned = warned.map(|code| code.0);
                open(wanted, Followed::Warnings(predicate, warned), after)?;
                None
            }
        };
        Ok(stream::iter(told))
    }

    /// 本人关注名单中主体的变动，按变更日志的次序；`after` 为上次变动的 `cursor`、`watchChanges` 的 `upTo` 或某次应答的 `extensions.version`，补读其后的变动，不漏不重；每次均按现时权限核查。 / What becomes of the subjects of one's own watch list, in the order of the change log. `after` is the `cursor` of a change that was told, `upTo` of `watchChanges`, or the `extensions.version` of an answer: what came since is told first, none of it twice. Whether the subject may be checked is measured for each.
    async fn watch_list_changed(
        &self,
        ctx: &Context<'_>,
        list: ID,
        after: Option<String>,
    ) -> Result<impl Stream<Item = WatchChange> + use<>> {
        let told = match ctx.data_unchecked::<Turn>() {
            Turn::Telling(Told::Watch(change, list)) => {
                let ask = ask(ctx);
                Some(WatchChange::told(ask, list, change))
            }
            Turn::Telling(_) => None,
            Turn::Opening(wanted) => {
                let none = "there is no such watch list / 没有该关注名单";
                let list = list_of(ask(ctx), &list).await?;
                let list = list.ok_or_else(|| ApiError::invalid(none))?;
                open(wanted, Followed::Watched(Box::new(list)), after)?;
                None
            }
        };
        Ok(stream::iter(told))
    }
}

fn open(wanted: &OnceLock<Wanted>, followed: Followed, after: Option<String>) -> Result<()> {
    let opened = wanted.set(Wanted { followed, after });
    opened.map_err(|_| ApiError::new(Code::Invalid, "one subscription at a time"))
}

/// 一条失信记录的一次变动。 / One change of one record.
pub struct CreditRecordChange {
    change: Arc<RecordChange>,
    kind: change::ChangeKind,
}

/// 一条失信记录的一次变动。 / One change of one record.
#[Object]
impl CreditRecordChange {
    /// 变更日志中的位置，供 `after` 续订。 / Its place in the change log, for `after`.
    async fn cursor(&self) -> String {
        self.change.cursor()
    }

    /// 记录的全局 id。 / The record's global id.
    async fn record_id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::CreditRecord, self.change.id)
    }

    /// 变动后的记录；已终止或不可见时为 null。 / The record as it is after the change; null where it ended or may not be seen.
    async fn record(&self, ctx: &Context<'_>) -> Option<CreditRecord> {
        CreditRecord::after(&ask(ctx).view, &self.change)
    }

    /// 变动种类。 / What became of it.
    async fn change(&self) -> ChangeKind {
        self.kind.into()
    }

    /// 变动原因。 / What made it change.
    async fn cause(&self) -> ChangeCause {
        self.change.cause.into()
    }
}

/// 一条预警的一次变动。 / One change of one warning.
pub struct WarningChange {
    change: Arc<graph::WarningChange>,
    kind: change::ChangeKind,
}

/// 一条预警的一次变动。 / One change of one warning.
#[Object]
impl WarningChange {
    /// 变更日志中的位置，供 `after` 续订。 / Its place in the change log, for `after`.
    async fn cursor(&self) -> String {
        self.change.cursor()
    }

    /// 预警的全局 id。 / The warning's global id.
    async fn warning_id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Warning, self.change.moved.id)
    }

    /// 预警现状；不可见时为 null。 / The warning as it is now; null where it may not be seen.
    async fn warning(&self, ctx: &Context<'_>) -> Option<Warning> {
        Warning::by_number(&ask(ctx).view, self.change.moved.id)
    }

    /// 变动种类：ADDED 为发出，ENDED 为已解除或已排除。 / What became of it: ADDED where it was raised, ENDED where it was resolved or dismissed.
    async fn change(&self) -> ChangeKind {
        self.kind.into()
    }
}
