//! Of which times facts are told.

use std::sync::Arc;

use chrono::{DateTime as Moment, Duration, NaiveTime, Utc};
use domain::date::china_offset;

use crate::graph::{Graph, NotKnown, Times, View};

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
        Some(moment) if moment < ask.app.clock.now() => Some(version_at(ask, moment).await?),
        _ => None,
    };
    Ok(match times == Times::default() {
        true => Arc::clone(&ask.view),
        false => Arc::new(ask.view.told(times, graph)),
    })
}

/// The same part of what stood when the day of which a view tells was over: how bodies were graded and warned about and
/// where cases were has no day of its own but the one on which the hub wrote it down.
pub(super) async fn as_it_stood(ask: &Ask, view: &Arc<View>) -> Result<Arc<View>> {
    let next = view.past_day().and_then(|day| day.succ_opt());
    let midnight = next.and_then(|day| {
        day.and_time(NaiveTime::MIN)
            .and_local_timezone(china_offset())
            .earliest()
    });
    let Some(midnight) = midnight else {
        return Ok(Arc::clone(view));
    };
    // Times in the change log are exact to the microsecond.
    let end = midnight.to_utc() - Duration::microseconds(1);
    // What was not known then is not told, either.
    if view.known_at().is_some_and(|moment| moment <= end) {
        return Ok(Arc::clone(view));
    }
    let times = Times {
        as_of: Some(view.day()),
        known_at: Some(end),
    };
    let graph = version_at(ask, end).await?;
    Ok(Arc::new(view.told(times, Some(graph))))
}

/// The version that was known at a moment which is over.
async fn version_at(ask: &Ask, moment: Moment<Utc>) -> Result<Arc<Graph>> {
    ask.note_loaded();
    let caller = ask.view.viewer().caller();
    let newest = ask.view.present();
    Ok(ask.app.live.known_at(&caller, moment, newest).await?)
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
