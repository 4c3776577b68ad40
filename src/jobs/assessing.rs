//! Grading and warning as things change: whom a change concerns is looked at anew, and on another day
//! everybody.

use std::time::Duration;

use chrono::NaiveDate;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::assess::{Assessing, Assessment, Error};

/// Between two looks at whether it is another day.
const BETWEEN_LOOKS: Duration = Duration::from_secs(60);
/// Bodies that are looked at for the day's sake before whom a change concerns: it waits no longer than they take.
const AT_ONCE: usize = 10_000;
/// After a failure.
const RETRY: Duration = Duration::from_secs(5);

/// Grades and warns, until it is stopped. What others changed while nobody did is made up for at the start,
/// by looking at everybody.
pub async fn assess_changes(assessing: Assessing, stopping: CancellationToken) {
    let following = async {
        let mut day = None;
        let mut committed = assessing.live.committed();
        loop {
            committed.borrow_and_update();
            match assess_concerned(&assessing, &mut day).await {
                Ok(done) => {
                    let Assessment {
                        scored,
                        raised,
                        cleared,
                        ..
                    } = done;
                    if scored + raised + cleared > 0 {
                        tracing::info!(scored, raised, cleared, "assessed");
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "can't be assessed");
                    sleep(RETRY).await;
                    continue;
                }
            }
            tokio::select! {
                _ = committed.changed() => {}
                () = sleep(BETWEEN_LOOKS) => {}
            }
        }
    };
    tokio::select! {
        () = following => {}
        () = stopping.cancelled() => {}
    }
}

/// Looks at whom the changes since the last look concern, and on another day than `day`, which was that look's, at
/// everybody: at some after the others, and between them at whom changes concern meanwhile.
pub async fn assess_concerned(
    assessing: &Assessing,
    day: &mut Option<NaiveDate>,
) -> Result<Assessment, Error> {
    let today = assessing.clock.today();
    let (mut sum, mut left) = (Assessment::default(), Vec::new());
    loop {
        let (graph, concerned) = assessing.live.take_concerned();
        let concerned = concerned.filter(|_| *day == Some(today));
        if concerned.is_none() {
            *day = Some(today);
            left = graph.all_agencies().collect();
        }
        let changed = concerned.filter(|concerned| !concerned.is_empty());
        let bodies: Vec<i64> = match changed {
            Some(changed) => changed.into_iter().collect(),
            None => left.split_off(left.len().saturating_sub(AT_ONCE)),
        };
        if bodies.is_empty() {
            return Ok(sum);
        }
        match assessing.assess(&bodies).await {
            Ok(done) => sum.add(done),
            // Who was quicker has looked at the same, and looks at what comes.
            Err(Error::Behind) => {
                tracing::info!("bodies are graded and warned by newer rules, or on a later day");
                return Ok(Assessment::default());
            }
            Err(error) => {
                assessing.live.concern_all();
                return Err(error);
            }
        }
        if left.is_empty() {
            return Ok(sum);
        }
    }
}
