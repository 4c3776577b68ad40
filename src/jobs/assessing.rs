//! Grading and warning as things change: whom a change concerns is looked at anew, and on another day
//! everybody.

use std::time::Duration;

use chrono::NaiveDate;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::assess::{Assessing, Assessment, Error};

/// Between two looks at whether it is another day.
const BETWEEN_LOOKS: Duration = Duration::from_secs(60);
/// Bodies that are looked at for the day's sake before those whom a change concerns: it waits no longer than they take.
const PORTION: usize = 10_000;
/// After a failure.
const RETRY: Duration = Duration::from_secs(5);

/// Grades and warns, until it is stopped. What others changed while nobody did is made up for at the start,
/// by looking at everybody.
pub async fn assess_changes(assessing: Assessing, stopping: CancellationToken) {
    let following = async {
        let mut committed = assessing.live.committed();
        let mut looking = Looking::new(assessing, PORTION);
        loop {
            committed.borrow_and_update();
            match looking.step().await {
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
            if looking.is_over() {
                tokio::select! {
                    _ = committed.changed() => {}
                    () = sleep(BETWEEN_LOOKS) => {}
                }
            }
        }
    };
    tokio::select! {
        () = following => {}
        () = stopping.cancelled() => {}
    }
}

/// A look at everybody, portion by portion, and between them at whom changes concern.
pub struct Looking {
    assessing: Assessing,
    portion: usize,
    /// The day of the look at everybody.
    day: Option<NaiveDate>,
    /// Who is still to be looked at for that day's sake.
    left: Vec<i64>,
}

impl Looking {
    /// One that has not begun, of so many at once.
    pub fn new(assessing: Assessing, portion: usize) -> Self {
        Self {
            assessing,
            portion,
            day: None,
            left: Vec::new(),
        }
    }

    /// Whether everybody was looked at on the day of the last step.
    pub fn is_over(&self) -> bool {
        self.left.is_empty()
    }

    /// Looks at whom the changes since the last step concern, and then at a portion of those who are left; on another
    /// day that is everybody.
    pub async fn step(&mut self) -> Result<Assessment, Error> {
        let today = self.assessing.clock.today();
        let (graph, concerned) = self.assessing.live.take_concerned();
        if self.day != Some(today) || concerned.is_none() {
            self.day = Some(today);
            self.left = graph.all_agencies().collect();
        }
        let changed: Vec<i64> = concerned.into_iter().flatten().collect();
        let rest = self.left.len().saturating_sub(self.portion);
        let portion = self.left.split_off(rest);
        let mut sum = Assessment::default();
        for bodies in [changed, portion] {
            if bodies.is_empty() {
                continue;
            }
            match self.assessing.assess(&bodies).await {
                Ok(done) => sum.add(done),
                // Who was quicker has looked at the same, and looks at what comes.
                Err(Error::Behind) => {
                    tracing::warn!(
                        "nobody is warned by this process: bodies are graded and warned by newer rules, or on a \
                         later day; `zhengxin doctor` tells which"
                    );
                    self.left.clear();
                    return Ok(Assessment::default());
                }
                Err(error) => {
                    self.assessing.live.concern_all();
                    return Err(error);
                }
            }
        }
        Ok(sum)
    }
}
