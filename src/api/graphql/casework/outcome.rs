//! What came of a step.

use std::sync::Arc;

use async_graphql::{ID, SimpleObject, Union};

use super::{
    super::{
        ask::Ask,
        clue::Clue,
        mutation::{Done, NotDone, Refusal, VersionConflict},
        node::{NodeKind, number_of},
    },
    Case,
    input::Settled,
};

/// 步骤的结果。 / What came of a step.
#[derive(Union)]
pub enum CaseOutcome {
    Success(CaseSuccess),
    Refusal(Refusal),
    VersionConflict(VersionConflict),
}

/// 已办理。 / It is done.
#[derive(SimpleObject)]
pub struct CaseSuccess {
    /// 办件；不再可见时为 null。 / The case; null where it may be seen no longer.
    case: Option<Case>,
}

/// 转交的结果。 / What came of passing a clue on.
#[derive(Union)]
pub enum TransferClueOutcome {
    Success(TransferClueSuccess),
    Refusal(Refusal),
    VersionConflict(VersionConflict),
}

/// 已转交。 / It is passed on.
#[derive(SimpleObject)]
pub struct TransferClueSuccess {
    /// 线索。 / The clue.
    clue: Clue,
}

impl CaseOutcome {
    pub(super) fn of(ask: &Ask, done: Done<Settled, NotDone>) -> Self {
        match done {
            Done::Well(settled) => Self::Success(CaseSuccess {
                case: Case::by_number(&newest(ask), settled.case),
            }),
            Done::Not(NotDone::Refused(refusal)) => Self::Refusal(refusal),
            Done::Not(NotDone::Changed(conflict)) => Self::VersionConflict(conflict),
        }
    }
}

impl TransferClueOutcome {
    pub(super) fn of(ask: &Ask, clue: &ID, done: Done<Settled, NotDone>) -> Self {
        match done {
            Done::Well(_) => {
                let view = newest(ask);
                let row = number_of(ask, NodeKind::Clue, clue).and_then(|id| view.clue_row(id));
                match row.and_then(|row| Clue::at(&view, row)) {
                    Some(clue) => Self::Success(TransferClueSuccess { clue }),
                    None => Self::Refusal(Refusal::new(
                        "NOT_FOUND",
                        "it is done / 已办理，线索不再可见",
                    )),
                }
            }
            Done::Not(NotDone::Refused(refusal)) => Self::Refusal(refusal),
            Done::Not(NotDone::Changed(conflict)) => Self::VersionConflict(conflict),
        }
    }
}

/// The viewer's part of the newest version, which has what was just done.
fn newest(ask: &Ask) -> Arc<crate::graph::View> {
    Arc::new(ask.view.of(ask.app.live.now()))
}
