use async_graphql::{ComplexObject, Context, ID, InputObject, SimpleObject};
use base64::{Engine, prelude::BASE64_STANDARD};
use domain::audit::{Entry, EntryId};

use crate::{
    graph::{PageError, page_size},
    store::{AuditFilter as Wanted, LoggedEntry},
};

use super::{
    ask::Ask,
    connection::{PageInfo, Position, wants_total},
    error::{ApiError, Code, Result},
    filter::readable,
    node::{self, NodeKind, number_of},
    scalars::{DateTime, api_enum},
    viewer::Role,
};

/// What stands before a place in a cursor.
const CURSOR: &str = "audit:";

api_enum! {
    /// 审计事项。 / What kind of thing was done.
    AuditAction = domain::audit::Action {
        /// 读取受审计的字段。 / An audited field was read.
        Read,
        /// 变更。 / A mutation.
        Change,
        /// 联合惩戒核查。 / A sanction check.
        Check,
        /// 导出。 / Something left as a file.
        Export,
        /// 请求无权读取的字段。 / A field was asked for that the role may not read.
        Denied,
        /// 令牌被拒。 / A token was refused.
        Token,
        /// 目录或配置与上次启动不同。 / The hub started with another catalogue or configuration.
        Configuration,
    }
}

api_enum! {
    /// 结果。 / What came of it.
    AuditOutcome = domain::audit::Outcome {
        /// 已办理。 / It was done.
        Allowed,
        /// 被拒绝。 / It was refused.
        Denied,
        /// 出错；变更是否生效未知。 / Something broke; nobody knows whether a change was made.
        Failed,
    }
}

/// 筛选审计条目；各项同时满足。 / Which entries of the audit log: all of it must hold.
#[derive(InputObject)]
pub struct AuditSelection {
    /// 操作者的令牌主体。 / The token's subject of who acted.
    subject: Option<String>,
    /// 事项。 / What kind of thing.
    action: Option<AuditAction>,
    /// 结果。 / What came of it.
    outcome: Option<AuditOutcome>,
    /// 所涉单位的全局 id。 / About this body's records, by its global id.
    agency: Option<ID>,
    /// 自此时起。 / From this moment on.
    from: Option<DateTime>,
    /// 至此时止（不含）。 / Before this moment.
    before: Option<DateTime>,
}

/// 审计条目。 / An entry of the audit log.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct AuditEntry {
    #[graphql(skip)]
    id: ID,
    /// 在日志中的序号，自 0 起。 / Its place in the log, from 0.
    seq: i32,
    /// 时间。 / When.
    at: DateTime,
    /// 操作者的令牌主体。 / The token's subject of who acted.
    subject: String,
    /// 令牌签发者。 / Who issued the token.
    issuer: Option<String>,
    /// 角色。 / In which role.
    role: Role,
    /// 管辖区划代码。 / Codes of the areas for which he acted.
    areas: Vec<String>,
    /// 所代表单位的统一社会信用代码。 / The code of the body for which he acted.
    body: Option<String>,
    /// 事项。 / What kind of thing.
    action: AuditAction,
    /// 对象：字段、变更及其对象的标识、文件。 / What exactly: fields, a mutation and its object's id, a file.
    object: String,
    /// 所涉单位的全局 id。 / Global ids of the bodies whose records it was about.
    agencies: Vec<ID>,
    /// 所述用途。 / The purpose that was stated.
    purpose: Option<String>,
    /// 案号或文号。 / The case or document that was its occasion.
    reference: Option<String>,
    /// 结果。 / What came of it.
    outcome: AuditOutcome,
    /// 请求标识，与运行日志一致。 / The request, as the hub's log names it.
    request: String,
    /// 所执行文档的 SHA-256。 / SHA-256 of the document that was executed.
    document: Option<String>,
    /// 叶散列（十六进制）。 / The hash of its record, in hexadecimal.
    leaf: String,
}

/// 审计条目的分页列表。 / A page of the audit log.
#[derive(SimpleObject)]
pub struct AuditEntryConnection {
    /// 条目。 / The entries.
    edges: Vec<AuditEntryEdge>,
    /// 分页信息。 / Where this page lies in its list.
    page_info: PageInfo,
    /// 总数。 / How many there are in all.
    total_count: i32,
}

/// 审计条目列表的一个条目。 / One entry of a list of the audit log's.
#[derive(SimpleObject)]
pub struct AuditEntryEdge {
    /// 游标。 / Its position in the list.
    cursor: Position,
    /// 节点。 / What stands there.
    node: AuditEntry,
}

/// 证明某条目在日志之中。 / The proof that an entry is in the log.
#[derive(SimpleObject)]
pub struct AuditProof {
    /// 条目。 / The entry.
    entry: AuditEntry,
    /// 条目的字节（base64）。 / The entry's bytes, in base64.
    record: String,
    /// 检查点所含条目数。 / How many entries the checkpoint covers.
    size: i32,
    /// 自叶至根的散列（base64）。 / The hashes from the leaf to the root, in base64.
    hashes: Vec<String>,
    /// 已签名的检查点。 / The signed checkpoint.
    checkpoint: String,
}

#[ComplexObject]
impl AuditEntry {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self) -> ID {
        self.id.clone()
    }
}

impl AuditEntry {
    /// The entry with this key of an id.
    pub(super) async fn find(ask: &Ask, key: &str) -> Result<Option<Self>> {
        let Ok(id) = key.parse::<EntryId>() else {
            return Ok(None);
        };
        if readable(ask, "AuditEntry", "id").is_err() {
            return Ok(None);
        }
        let logged = ask.store().find_logged(id).await?;
        logged.map(|logged| Self::of(ask, logged)).transpose()
    }

    fn of(ask: &Ask, logged: LoggedEntry) -> Result<Self> {
        let unreadable = |_| {
            tracing::error!(seq = logged.seq, "an audit entry can't be read");
            ApiError::new(Code::Internal, "internal error / 内部错误")
        };
        let entry = Entry::decode(&logged.record).map_err(unreadable)?;
        let agencies = entry.agencies.iter();
        Ok(Self {
            id: node::id(ask, NodeKind::AuditEntry, entry.id),
            seq: int(logged.seq),
            at: entry.at.into(),
            subject: entry.actor.subject,
            issuer: entry.actor.issuer,
            role: entry.actor.role.into(),
            areas: entry.actor.areas,
            body: entry.actor.agency,
            action: entry.action.into(),
            object: entry.object,
            agencies: agencies
                .map(|id| node::id(ask, NodeKind::Agency, id))
                .collect(),
            purpose: entry.purpose,
            reference: entry.reference,
            outcome: entry.outcome.into(),
            request: entry.request,
            document: entry.document,
            leaf: crate::hex(&logged.leaf),
        })
    }
}

/// A page of the log, the newest first.
pub(super) async fn audit_entries(
    ctx: &Context<'_>,
    filter: Option<AuditSelection>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<AuditEntryConnection> {
    let ask = super::ask::ask(ctx);
    let wanted = wanted(ask, filter)?;
    let page = Page::of(ask, &wanted, (first, after), wants_total(ctx)).await?;
    let page_info = page.info();
    let edges = page.entries.into_iter().map(|entry| {
        Ok(AuditEntryEdge {
            cursor: cursor(&entry),
            node: AuditEntry::of(ask, entry)?,
        })
    });
    Ok(AuditEntryConnection {
        edges: edges.collect::<Result<_>>()?,
        page_info,
        total_count: page.total,
    })
}

fn wanted(ask: &Ask, filter: Option<AuditSelection>) -> Result<Wanted> {
    let Some(filter) = filter else {
        return Ok(Wanted::default());
    };
    let may = |is_given: bool, field| match is_given {
        true => readable(ask, "AuditEntry", field),
        false => Ok(()),
    };
    may(filter.subject.is_some(), "subject")?;
    may(filter.action.is_some(), "action")?;
    may(filter.outcome.is_some(), "outcome")?;
    may(filter.agency.is_some(), "agencies")?;
    may(filter.from.is_some() || filter.before.is_some(), "at")?;
    let agency = match &filter.agency {
        Some(id) => {
            let number = number_of(ask, NodeKind::Agency, id);
            Some(number.ok_or_else(|| ApiError::invalid("agency is no body's id"))?)
        }
        None => None,
    };
    Ok(Wanted {
        subject: filter.subject,
        action: filter.action.map(Into::into),
        outcome: filter.outcome.map(Into::into),
        agency,
        from: filter.from.map(|at| at.0.to_utc()),
        before: filter.before.map(|at| at.0.to_utc()),
    })
}

/// The proof of an entry under the newest checkpoint.
pub(super) async fn audit_proof(ask: &Ask, entry: &ID) -> Result<Option<AuditProof>> {
    let id = node::key_of(ask, NodeKind::AuditEntry, entry);
    let Some(id) = id.and_then(|key| key.parse::<EntryId>().ok()) else {
        return Ok(None);
    };
    ask.note_loaded();
    let Some(proof) = ask.app.audit.prove(id).await? else {
        return Ok(None);
    };
    Ok(Some(AuditProof {
        record: BASE64_STANDARD.encode(&proof.entry.record),
        entry: AuditEntry::of(ask, proof.entry)?,
        size: int(i64::try_from(proof.size).unwrap_or(i64::MAX)),
        hashes: proof
            .hashes
            .iter()
            .map(|hash| BASE64_STANDARD.encode(hash))
            .collect(),
        checkpoint: proof.checkpoint.to_string(),
    }))
}

/// A page of the log.
pub(super) struct Page {
    pub(super) entries: Vec<LoggedEntry>,
    has_next: bool,
    has_previous: bool,
    pub(super) total: i32,
}

impl Page {
    pub(super) async fn of(
        ask: &Ask,
        wanted: &Wanted,
        (first, after): (Option<i32>, Option<String>),
        with_total: bool,
    ) -> Result<Self> {
        let first = page_size("first", first.map(i64::from))?;
        let place = |cursor: &String| {
            let place = cursor
                .strip_prefix(CURSOR)
                .and_then(|place| place.parse().ok());
            place.ok_or(PageError::Cursor { name: "after" })
        };
        let before = after.as_ref().map(place).transpose()?;
        let store = ask.store();
        let mut entries = store.find_audit(wanted, before, first as u64 + 1).await?;
        let has_next = entries.len() > first;
        entries.truncate(first);
        let total = match with_total {
            true => store.count_audit(wanted).await?,
            false => 0,
        };
        Ok(Self {
            entries,
            has_next,
            has_previous: before.is_some(),
            total: i32::try_from(total).unwrap_or(i32::MAX),
        })
    }

    pub(super) fn info(&self) -> PageInfo {
        PageInfo {
            has_next_page: self.has_next,
            has_previous_page: self.has_previous,
            start_cursor: self.entries.first().map(cursor),
            end_cursor: self.entries.last().map(cursor),
        }
    }
}

pub(super) fn cursor(entry: &LoggedEntry) -> Position {
    Position::Text(format!("{CURSOR}{}", entry.seq))
}

fn int(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
