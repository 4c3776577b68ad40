//! Of which times facts are told.

use std::sync::Arc;

use crate::graph::{NotKnown, Times, View};

use super::{
    ask::Ask,
    error::{ApiError, Code, Result},
    scalars::{Date, DateTime},
};

/// The viewer's part of what held on a day and was known at a moment; both are now where nothing is
/// said, and what is not known yet is known as now.
pub(super) async fn told(
    ask: &Ask,
    as_of: Option<Date>,
    known_at: Option<DateTime>,
) -> Result<Arc<View>> {
    let times = Times {
        as_of: as_of.map(|day| day.0),
        known_at: known_at.map(|moment| moment.0.to_utc()),
    };
    let graph = match times.known_at {
        Some(moment) if moment < ask.app.clock.now() => {
            ask.note_loaded();
            let (live, newest) = (&ask.app.live, ask.view.present());
            let caller = ask.view.viewer().caller();
            Some(live.known_at(&caller, moment, newest).await?)
        }
        _ => None,
    };
    Ok(match times == Times::default() {
        true => Arc::clone(&ask.view),
        false => Arc::new(ask.view.told(times, graph)),
    })
}

impl From<NotKnown> for ApiError {
    fn from(error: NotKnown) -> Self {
        match error {
            NotKnown::Store(error) => error.into(),
            NotKnown::Busy => Self::new(Code::Limited, NotKnown::Busy.to_string()),
            NotKnown::Ahead => Self::new(Code::Unavailable, NotKnown::Ahead.to_string()),
        }
    }
}
