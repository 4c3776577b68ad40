//! Grading and warning as things change: whom a change concerns is looked at anew, and on another day
//! everybody.

use std::time::Duration;

use chrono::NaiveDate;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::assess::{Assessing, Assessment, Error};

/// Between two looks at whether it is another day.
const BETWEEN_LOOKS: Duration = Duration::from_secs(60);
/// After a failure.
const RETRY: Duration = Duration::from_secs(5);

/// How far assessing has come.
#[derive(Debug, Clone, Copy, Default)]
struct Reached {
    seq: i64,
    day: Option<NaiveDate>,
}

/// Grades and warns, until it is stopped. What others changed while nobody did is made up for at the start,
/// by looking at everybody.
pub async fn assess_changes(assessing: Assessing, stopping: CancellationToken) {
    let following = async {
        let mut reached = Reached::default();
        let mut committed = assessing.live.committed();
        loop {
            match follow(&assessing, &mut reached).await {
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
                _ = committed.wait_for(|seq| *seq > reached.seq) => {}
                () = sleep(BETWEEN_LOOKS) => {}
            }
        }
    };
    tokio::select! {
        () = following => {}
        () = stopping.cancelled() => {}
    }
}

/// Looks at whom the changes since then concern.
async fn follow(assessing: &Assessing, reached: &mut Reached) -> Result<Assessment, Error> {
    let today = assessing.clock.today();
    let (graph, concerned) = assessing.live.concerned_since(reached.seq);
    let bodies: Vec<i64> = match concerned {
        Some(concerned) if reached.day == Some(today) => concerned.into_iter().collect(),
        _ => graph.all_agencies().collect(),
    };
    let done = match bodies.is_empty() {
        true => Assessment::default(),
        false => assessing.assess(&bodies).await?,
    };
    *reached = Reached {
        seq: graph.seq(),
        day: Some(today),
    };
    Ok(done)
}
