use async_graphql::{Context, ID, Object};
use chrono::NaiveDate;
use domain::{
    date::china_day,
    id::{Kind, derived_id},
};

use crate::{graph::View, store};

use super::{
    ask::{Ask, ask},
    error::Result,
    node::{self, NodeKind},
    scalars::DateTime,
    source::{Source, SourceRun},
};

/// 凭证：数据源的某一行在何时说了什么，或办件所附材料。 / What a source's row said, and when it was seen; or what was attached to a case.
pub struct Evidence(store::Evidence);

impl Evidence {
    /// All evidence of a row whose fact the viewer may see, as it was known when the fact is told of.
    pub(super) async fn of_row(ask: &Ask, view: &View, row_id: i64) -> Result<Vec<Self>> {
        let mut all = ask.evidence_of(row_id).await?;
        if let Some(then) = view.known_at() {
            all.retain(|evidence| evidence.received_at <= then);
            for evidence in &mut all {
                evidence.withdrawn_at = evidence.withdrawn_at.filter(|at| *at <= then);
                evidence.last_seen_at = evidence.last_seen_at.min(then);
            }
        }
        all.retain(|evidence| Self::is_told(ask, evidence));
        Ok(all.into_iter().map(Self).collect())
    }

    /// Whether it had been received by the end of a day.
    pub(super) fn was_there_on(&self, day: NaiveDate) -> bool {
        china_day(self.0.received_at) <= day
    }

    /// A piece of evidence, if the viewer may see what it is evidence of.
    pub(super) async fn find(ask: &Ask, id: i64) -> Result<Option<Self>> {
        let Some(found) = ask.store().find_evidence(id).await? else {
            return Ok(None);
        };
        let record = derived_id(Kind::CreditRecord, found.row_id, "");
        let mention = derived_id(Kind::Mention, found.row_id, "");
        let clue = derived_id(Kind::Clue, found.row_id, "");
        let indicator = derived_id(Kind::Indicator, found.row_id, "");
        let is_seen = ask.view.record_row(record).is_some()
            || ask.view.mention_row(mention).is_some()
            || ask.view.clue_row(clue).is_some()
            || ask.view.indicator_row(indicator).is_some()
            // What was attached to a case has the case's number for a row.
            || ask.view.case_row(found.row_id).is_some();
        let is_told = is_seen && Self::is_told(ask, &found);
        Ok(is_told.then_some(Self(found)))
    }

    /// What was attached to a case is for those who may read its evidence, also where it is a record's.
    fn is_told(ask: &Ask, evidence: &store::Evidence) -> bool {
        let role = ask.view.viewer().role;
        let access = &ask.app.catalogue.access;
        evidence.source.is_some() || access.may_read(role, "Case", "evidence")
    }
}

/// 凭证：数据源的某一行在何时说了什么。 / What a source's row said, and when it was seen.
#[Object]
impl Evidence {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Evidence, self.0.id)
    }

    /// 数据源。 / The source.
    async fn source(&self, ctx: &Context<'_>) -> Option<Source> {
        Source::find(ask(ctx), self.0.source.as_deref()?)
    }

    /// 首次带来该内容的接入批次。 / The run that first brought it.
    async fn run(&self, ctx: &Context<'_>) -> Result<Option<SourceRun>> {
        match self.0.run_id {
            Some(run) => SourceRun::of_evidence(ask(ctx), run).await,
            None => Ok(None),
        }
    }

    /// 该行在数据源中的键。 / What identifies the row at its source.
    async fn source_key(&self) -> Option<&str> {
        Some(self.0.source_key.as_str()).filter(|key| !key.is_empty())
    }

    /// 文件与行号。 / File and line.
    async fn location(&self) -> Option<&str> {
        Some(self.0.location.as_str()).filter(|place| !place.is_empty())
    }

    /// 内容的 SHA-256。 / SHA-256 of the content.
    async fn digest(&self) -> &str {
        &self.0.digest
    }

    /// 接收时间。 / When it was received.
    async fn received_at(&self) -> DateTime {
        self.0.received_at.into()
    }

    /// 首次见到的时间。 / When it was first seen.
    async fn first_seen_at(&self) -> DateTime {
        self.0.received_at.into()
    }

    /// 最近见到的时间。 / When it was last seen.
    async fn last_seen_at(&self) -> DateTime {
        self.0.last_seen_at.into()
    }

    /// 数据源不再列出的时间。 / When its source stopped listing it.
    async fn withdrawn_at(&self) -> Option<DateTime> {
        self.0.withdrawn_at.map(Into::into)
    }
}
