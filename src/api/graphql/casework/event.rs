use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use domain::casework::{Event, Party};

use crate::graph::View;

use super::super::{
    agency::Agency,
    ask::ask,
    scalars::{Date, DateTime},
};

/// 办件中发生的一件事：何人、何时、依据何在、凭何证据。 / Something that happened in a case: who, when, on what basis, with which evidence.
pub struct CaseEvent {
    view: Arc<View>,
    event: Event,
    /// The bodies that its case is about.
    about: Arc<[i64]>,
    /// Whether it is of a lead that the viewer may not see.
    is_of_lead: bool,
}

impl CaseEvent {
    /// Whether the words of this event are for the viewer: what a body is alleged to have done, and what is
    /// said to who alleged it, is verified without it, in whatever role somebody acts for it; and nothing before the
    /// record is for who may not see the lead itself.
    fn is_told(&self) -> bool {
        let is_concerned = self.view.is_concerned(&self.about);
        let is_own = self.event.by.party == Party::Concerned;
        let is_told = !is_concerned || is_own || self.event.act.is_told_to_concerned();
        is_told && !self.is_of_lead
    }

    pub(super) fn of(view: &Arc<View>, event: Event, about: &Arc<[i64]>, is_of_lead: bool) -> Self {
        Self {
            view: Arc::clone(view),
            event,
            about: Arc::clone(about),
            is_of_lead,
        }
    }
}

/// 办件中发生的一件事：何人、何时、依据何在、凭何证据。 / Something that happened in a case: who, when, on what basis, with which evidence.
#[Object(serial)]
impl CaseEvent {
    /// 序号，自 1 起。 / Its number, from 1.
    async fn number(&self) -> i32 {
        i32::try_from(self.event.number).unwrap_or(i32::MAX)
    }

    /// 所办之事。 / What was done.
    async fn act(&self) -> &str {
        self.event.act.as_str()
    }

    /// 时间。 / When.
    async fn at(&self) -> DateTime {
        self.event.at.into()
    }

    /// 日期。 / The day.
    async fn on(&self) -> Date {
        Date(self.event.on)
    }

    /// 经办人标识；核实阶段对被反映单位、成为记录之前对不能查看线索者不显示。 / By whom; not told to whom it is about while others verify, nor before the record to who may not see the lead.
    async fn by(&self) -> Option<&str> {
        Some(self.event.by.subject.as_str()).filter(|_| self.is_told())
    }

    /// 以何身份。 / As what he acted.
    async fn party(&self) -> &str {
        self.event.by.party.as_str()
    }

    /// 代表的单位。 / The body that he acted for.
    async fn body(&self) -> Option<Agency> {
        Agency::by_id(&self.view, self.event.by.body.filter(|_| !self.is_of_lead)?)
    }

    /// 依据；核实阶段对被反映单位、成为记录之前对不能查看线索者不显示。 / On what basis; not told to whom it is about while others verify, nor before the record to who may not see the lead.
    async fn basis(&self) -> Option<&str> {
        self.event.basis.as_deref().filter(|_| self.is_told())
    }

    /// 说明；核实阶段对被反映单位、成为记录之前对不能查看线索者不显示。 / In which words; not told to whom it is about while others verify, nor before the record to who may not see the lead.
    async fn note(&self, ctx: &Context<'_>) -> Option<&str> {
        ask(ctx).note_audited(self.about.iter().copied());
        self.event.note.as_deref().filter(|_| self.is_told())
    }

    /// 附件的 SHA-256。 / SHA-256 of what was attached.
    async fn evidence(&self) -> &[String] {
        match self.is_of_lead {
            true => &[],
            false => &self.event.evidence,
        }
    }

    /// 其后所处环节；未变为 null。 / The stage that followed; null where it stayed.
    async fn stage(&self) -> Option<&str> {
        self.event.stage.as_deref()
    }
}

/// 向社会公开的一项答复。 / An answer to the public.
#[derive(SimpleObject)]
pub struct PublicAnswer {
    /// 日期。 / The day.
    on: Date,
    /// 所办之事。 / What was done.
    act: String,
    /// 答复内容。 / In which words.
    text: String,
}

impl PublicAnswer {
    pub(super) fn of(event: Event) -> Option<Self> {
        Some(Self {
            on: Date(event.on),
            act: event.act.as_str().to_owned(),
            text: event.note?,
        })
    }
}
