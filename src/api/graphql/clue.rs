use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use domain::{
    clue,
    id::{Kind, derived_id},
};

use crate::{
    graph::{ClueOrder as By, View},
    store::{Known, Listing},
};

use super::{
    agency::Agency,
    ask::ask,
    casework::Case,
    connection::connection,
    credit_record::CreditRecord,
    error::Result,
    evidence::Evidence,
    node::{self, NodeKind},
    scalars::{Date, DateTime, Decimal, api_enum},
};

api_enum! {
    /// 线索所处环节。 / Where a clue stands.
    ClueStage = clue::ClueStage {
        /// 已归集。 / It came in.
        Received,
        /// 不予受理。 / It is none.
        Rejected,
        /// 已转交。 / Passed on to the superior or competent department.
        Transferred,
        /// 核实中。 / Being verified.
        Verifying,
        /// 不属实。 / Unfounded.
        Unfounded,
        /// 整改中。 / Being set right.
        Rectifying,
        /// 已整改。 / Set right.
        Rectified,
        /// 已认定，形成记录。 / A record came of it.
        Confirmed,
        /// 已办结。 / Closed.
        Closed,
    }
}

api_enum! {
    /// 线索的排序字段。 / What clues can be ordered by.
    ClueOrderField = By {
        /// 来源收到的时间。 / When the source received it.
        ReceivedAt,
        /// 办理期限。 / The day by which an answer is promised.
        DueOn,
    }
}

/// 线索：未经核实的反映，不参与评分。 / An allegation, unconfirmed. It never counts in a score.
pub struct Clue {
    view: Arc<View>,
    known: Arc<Known<Listing<clue::Clue>>>,
}

connection!(ClueConnection, ClueEdge, Clue, "线索", "clues");

impl Clue {
    pub(super) fn at(view: &Arc<View>, row: u32) -> Option<Self> {
        view.clue_at(row).map(|known| Self {
            view: Arc::clone(view),
            known: Arc::clone(known),
        })
    }

    /// The clue that this row of a source told, if the viewer may see it.
    pub(super) fn of_row(view: &Arc<View>, row_id: i64) -> Option<Self> {
        Self::at(view, view.clue_row(derived_id(Kind::Clue, row_id, ""))?)
    }

    fn fact(&self) -> &clue::Clue {
        &self.known.fact.fact
    }

    /// Whether its author's own words are for the viewer: he may have named himself in them, and whom he complains of
    /// must not learn of him.
    fn is_told(&self) -> bool {
        !self.view.is_concerned(&self.fact().agency_ids)
    }
}

/// 线索：未经核实的反映，不参与评分。 / An allegation, unconfirmed. It never counts in a score.
#[Object]
impl Clue {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        node::id(ask(ctx), NodeKind::Clue, self.known.id)
    }

    /// 版本号，自 1 起。 / Its version, from 1.
    async fn version(&self) -> i32 {
        i32::try_from(self.known.version).unwrap_or(i32::MAX)
    }

    /// 所涉单位中可见者。 / Those of the bodies that it is about that may be seen.
    async fn agencies(&self) -> Vec<Agency> {
        let view = &self.view;
        let ids = self.fact().agency_ids.iter();
        ids.filter_map(|id| Agency::by_id(view, *id)).collect()
    }

    /// 来源渠道，如 HOTLINE。 / The channel through which it came, such as HOTLINE.
    async fn channel(&self) -> &str {
        &self.fact().channel
    }

    /// 来源所写的类别。 / Its category, in the source's own words.
    async fn category(&self) -> Option<&str> {
        self.fact().category.as_deref()
    }

    /// 标题；对被反映单位代以类别。 / Its one-line subject; its category to whom it is about.
    async fn title(&self, ctx: &Context<'_>) -> &str {
        let fact = self.fact();
        ask(ctx).note_audited(fact.agency_ids.iter().copied());
        match self.is_told() {
            true => &fact.title,
            false => fact.category.as_deref().unwrap_or("线索"),
        }
    }

    /// 正文，其中自然人的号码已遮盖；对被反映单位不显示。 / Its text, with numbers of natural persons masked; not told to whom it is about.
    async fn content(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !self.is_told() {
            return Ok(None);
        }
        let ask = ask(ctx);
        ask.note_audited(self.fact().agency_ids.iter().copied());
        ask.clue_content((self.known.id, self.known.version)).await
    }

    /// 所处环节。 / Where it stands.
    async fn stage(&self) -> ClueStage {
        self.fact().stage.into()
    }

    /// 办理期限。 / The day by which an answer is promised.
    async fn due_on(&self) -> Option<Date> {
        self.fact().due_on.map(Date)
    }

    /// 期限是否因当年节假日安排未公布而暂定；来源给定的期限不是。 / Whether that day was reckoned without the year's calendar of holidays; a day that the source gives was not.
    async fn due_is_provisional(&self) -> bool {
        self.fact().due_is_provisional
    }

    /// 办件；尚未办理为 null。 / Its case; null where nobody dealt with it.
    async fn case(&self, ctx: &Context<'_>) -> Result<Option<Case>> {
        Case::told_at(ctx, &self.view, self.view.case_of_clue(self.known.id)).await
    }

    /// 来源收到的时间。 / When the source received it.
    async fn received_at(&self) -> DateTime {
        self.fact().received_at.into()
    }

    /// 所称欠款（元）。 / What is said to be owed, in yuan.
    async fn amount(&self) -> Option<Decimal> {
        self.fact().amount.map(Into::into)
    }

    /// 凭证。 / Where and since when it is known.
    async fn evidence(&self, ctx: &Context<'_>) -> Result<Vec<Evidence>> {
        Evidence::of_row(ask(ctx), &self.view, self.known.row_id).await
    }

    /// 由此形成的记录中可见者。 / The records that came of it and that may be seen.
    async fn records(&self) -> Vec<CreditRecord> {
        let view = &self.view;
        let case = view.case_of_clue(self.known.id);
        let case = case.and_then(|row| view.case_at(row));
        let confirmed = case.and_then(|case| view.record_row(case.fact.about.record?));
        let confirmed = confirmed.and_then(|row| CreditRecord::at(view, row));
        let told = CreditRecord::of_row(view, self.known.row_id);
        confirmed.or(told).into_iter().collect()
    }
}
