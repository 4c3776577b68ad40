use std::sync::Arc;

use async_graphql::Object;
use domain::succession;

use crate::{graph::View, store::Known};

use super::{
    agency::Agency,
    scalars::{Date, api_enum},
};

api_enum! {
    /// 沿革类型。 / What happened to a body.
    SuccessionKind = succession::SuccessionKind {
        /// 更名（换码）。 / Renamed, under a new code.
        Renamed,
        /// 合并。 / Merged.
        Merged,
        /// 分立。 / Split.
        Split,
        /// 职能划转。 / Duties transferred.
        Transferred,
        /// 撤销。 / Abolished.
        Abolished,
    }
}

/// 机构沿革事件。 / A succession event. An end that is unknown or hidden is null, its name stays.
pub struct Succession {
    pub(super) view: Arc<View>,
    pub(super) known: Arc<Known<succession::Succession>>,
}

/// 机构沿革事件。 / A succession event. An end that is unknown or hidden is null, its name stays.
#[Object(serial)]
impl Succession {
    /// 前身；未知或不可见时为 null。 / The predecessor; null where unknown or hidden.
    #[graphql(name = "from")]
    async fn predecessor(&self) -> Option<Agency> {
        let (view, event) = (&self.view, &self.known.fact);
        Agency::at(view, view.predecessor_of(event)?)
    }

    /// 前身名称。 / The predecessor's name.
    #[graphql(name = "fromName")]
    async fn predecessor_name(&self) -> String {
        let event = &self.known.fact;
        let given = Some(&event.from_name)
            .filter(|name| !name.is_empty())
            .cloned();
        let (view, code) = (&self.view, event.from);
        given
            .or_else(|| view.name_by_uscc(&code?))
            .or_else(|| code.map(|code| code.to_string()))
            .unwrap_or_default()
    }

    /// 后继；未知或不可见时为 null。 / The successor; null where unknown or hidden.
    #[graphql(name = "to")]
    async fn successor(&self) -> Option<Agency> {
        let (view, event) = (&self.view, &self.known.fact);
        Agency::at(view, view.successor_of(event)?)
    }

    /// 后继名称。 / The successor's name.
    async fn to_name(&self) -> Option<String> {
        let event = &self.known.fact;
        let looked_up = || self.view.name_by_uscc(&event.to?);
        event.to_name.clone().or_else(looked_up)
    }

    /// 类型。 / What happened.
    async fn kind(&self) -> SuccessionKind {
        self.known.fact.kind.into()
    }

    /// 生效日。 / The day from which it holds.
    async fn effective_on(&self) -> Date {
        Date(self.known.fact.effective_on)
    }

    /// 依据文件。 / The document that ordered it.
    async fn basis(&self) -> Option<&str> {
        self.known.fact.basis.as_deref()
    }
}
