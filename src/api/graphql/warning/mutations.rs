//! What people do about warnings.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject, Union};
use domain::assess::{WarningAct, WarningRefused};
use serde::{Deserialize, Serialize};

use crate::assess::Acted;

use super::{
    super::{
        ask::{Ask, ask},
        casework::words,
        error::Result,
        mutation::{Done, NotDone, Refusal, VersionConflict, once},
        node::{NodeKind, number_of},
    },
    Warning,
};

/// 处理预警。 / What is done about warnings.
#[derive(Default)]
pub struct WarningMutation;

/// The inputs of what is done about warnings, and the mutations.
macro_rules! acts {
    ($( $input_doc:literal $input:ident, $doc:literal $name:ident => $act:ident; )*) => {
        $(
            #[doc = $input_doc]
            #[derive(InputObject)]
            pub struct $input {
                /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
                key: String,
                /// 预警的全局 id。 / The warning's global id.
                warning_id: ID,
                /// 所见预警的版本号。 / The warning's version that was seen.
                version: i32,
                /// 说明；除签收外必填。 / In which words; needed but for acknowledging.
                note: Option<String>,
            }
        )*

        /// 处理预警。 / What is done about warnings.
        #[Object]
        impl WarningMutation {
            $(
                #[doc = $doc]
                async fn $name(
                    &self,
                    ctx: &Context<'_>,
                    input: $input,
                ) -> Result<Option<WarningOutcome>> {
                    let $input { key, warning_id, version, note } = input;
                    let asked = Asked { key, warning_id, version, note };
                    // On the heap: one operation has all mutations' futures in it.
                    Box::pin(act(ask(ctx), WarningAct::$act, asked)).await.map(Some)
                }
            )*
        }
    };
}

acts! {
    "签收预警的输入。 / A warning that is acknowledged."
    AcknowledgeWarningInput,
    "签收预警。 / Acknowledges a warning."
    acknowledge_warning => Acknowledge;

    "着手整改的输入。 / A warning whose cause is being set right."
    RectifyWarningInput,
    "着手整改，说明所采措施。 / Begins to set right what is warned about, and says how."
    rectify_warning => Rectify;

    "解除预警的输入。 / A warning that is resolved."
    ResolveWarningInput,
    "解除预警：监督方认定已解决。起因仍在而未加重者，不再重复预警。 / Resolves a warning: who supervises says that it is settled. While its cause stands and gets no worse it is not raised again."
    resolve_warning => Resolve;

    "排除预警的输入。 / A warning that is dismissed."
    DismissWarningInput,
    "排除预警，附理由。起因仍在而未加重者，不再重复预警。 / Dismisses a warning, with a reason. While its cause stands and gets no worse it is not raised again."
    dismiss_warning => Dismiss;
}

/// What is asked for, whichever act it is.
struct Asked {
    key: String,
    warning_id: ID,
    version: i32,
    note: Option<String>,
}

/// 处理预警的结果。 / What came of it.
#[derive(Union)]
pub enum WarningOutcome {
    Success(WarningSuccess),
    Refusal(Refusal),
    VersionConflict(VersionConflict),
}

/// 已处理。 / It is done.
#[derive(SimpleObject)]
pub struct WarningSuccess {
    /// 预警。 / The warning.
    warning: Option<Warning>,
}

/// What was done, as it is kept under its key.
#[derive(Serialize, Deserialize)]
struct Settled {
    warning: i64,
}

async fn act(ask: &Ask, act: WarningAct, input: Asked) -> Result<WarningOutcome> {
    let note = words(input.note.as_deref(), "a note")?;
    let version = i64::from(input.version);
    let request = format!("{act} {:?} {version} {note:?}", input.warning_id);
    let number = number_of(ask, NodeKind::Warning, &input.warning_id);
    let (assessing, view) = (ask.app.assessing(), (*ask.view).clone());
    let attempt = async move {
        let Some(id) = number else {
            return Ok(Done::Not(refused(
                "NOT_FOUND",
                "there is no such warning / 没有该预警",
            )));
        };
        let acted = assessing.act(&view, id, version, act, note).await;
        Ok(match acted? {
            Acted::Done => Done::Well(Settled { warning: id }),
            Acted::Gone => Done::Not(refused(
                "NOT_FOUND",
                "there is no such warning / 没有该预警",
            )),
            Acted::NotYours => {
                let message = "this is for who supervises the body / 应由监督方办理";
                Done::Not(refused("WRONG_BODY", message))
            }
            Acted::Changed(current) => Done::Not(NotDone::Changed(VersionConflict::new(current))),
            Acted::Refused(WarningRefused::WrongState) => {
                let message = "it does not follow where the warning stands / 预警现状不允许此操作";
                Done::Not(refused("WRONG_STATE", message))
            }
            Acted::Refused(WarningRefused::NeedsNote) => {
                let message = "say how, or why / 请说明措施或理由";
                Done::Not(refused("NEEDS_NOTE", message))
            }
        })
    };
    let done = once(ask, input.key, &["warning", &request], attempt).await?;
    Ok(match done {
        Done::Well(settled) => {
            let view = std::sync::Arc::new(ask.view.of(ask.app.live.now()));
            let warning = Warning::by_number(&view, settled.warning);
            WarningOutcome::Success(WarningSuccess { warning })
        }
        Done::Not(NotDone::Refused(refusal)) => WarningOutcome::Refusal(refusal),
        Done::Not(NotDone::Changed(conflict)) => WarningOutcome::VersionConflict(conflict),
    })
}

fn refused(code: &str, message: &str) -> NotDone {
    NotDone::Refused(Refusal::new(code, message))
}
