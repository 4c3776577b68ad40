//! Subscriptions. What is read, and when, is the transport's part (`src/api/subscribe.rs`): it opens a
//! subscription by executing it once, which reads its arguments, and executes it again for each change.

use std::sync::{Arc, OnceLock};

use async_graphql::{Context, ID, Object, Subscription};
use domain::change;
use futures_util::{Stream, stream};

use crate::graph::{RecordChange, RecordPredicate};

use super::{
    ask::ask,
    credit_record::CreditRecord,
    error::{ApiError, Code, Result},
    filter::{CreditRecordFilter, record_predicate},
    node::{self, NodeKind},
    scalars::api_enum,
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
    pub(in crate::api) predicate: RecordPredicate,
    pub(in crate::api) after: Option<String>,
}

/// A change, and what it is for the subscriber.
#[derive(Debug)]
pub(in crate::api) struct Told {
    pub(in crate::api) change: RecordChange,
    pub(in crate::api) kind: change::ChangeKind,
}

/// What a subscription is executed for.
#[derive(Clone)]
pub(in crate::api) enum Turn {
    /// To learn what is wanted.
    Opening(Arc<OnceLock<Wanted>>),
    /// To tell of a change.
    Telling(Arc<Told>),
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
            Turn::Telling(told) => Some(CreditRecordChange(Arc::clone(told))),
            Turn::Opening(wanted) => {
                let predicate = record_predicate(ask(ctx), filter)?;
                let opened = wanted.set(Wanted { predicate, after });
                opened.map_err(|_| ApiError::new(Code::Invalid, "one subscription at a time"))?;
                None
            }
        };
        Ok(stream::iter(told))
    }
}

/// 一条失信记录的一次变动。 / One change of one record.
pub struct CreditRecordChange(Arc<Told>);

/// 一条失信记录的一次变动。 / One change of one record.
#[Object]
impl CreditRecordChange {
    /// 变更日志中的位置，供 `after` 续订。 / Its place in the change log, for `after`.
    async fn cursor(&self) -> String {
        self.0.change.cursor()
    }

    /// 记录的全局 id。 / The record's global id.
    async fn record_id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::CreditRecord, self.0.change.id)
    }

    /// 变动后的记录；已终止或不可见时为 null。 / The record as it is after the change; null where it ended or may not be seen.
    async fn record(&self, ctx: &Context<'_>) -> Option<CreditRecord> {
        CreditRecord::after(&ask(ctx).view, &self.0.change)
    }

    /// 变动种类。 / What became of it.
    async fn change(&self) -> ChangeKind {
        self.0.kind.into()
    }

    /// 变动原因。 / What made it change.
    async fn cause(&self) -> ChangeCause {
        self.0.change.cause.into()
    }
}
