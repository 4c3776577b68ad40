//! Lists of subjects that came over HTTP are answered, one after another.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{
    check::{Lists, NotChecked},
    store::Store,
};

/// Between two looks for a list that waits.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// Between two attempts at a list that failed.
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(60);
/// Between two looks for lists that are old.
const BETWEEN_ERASURES: Duration = Duration::from_secs(3_600);
/// Lists that are answered before the next look.
const LISTS_AT_ONCE: u64 = 16;
/// By this name one process answers lists, of several over one database.
const CLAIM: &str = "check_lists";

/// Answers lists until it is stopped; one under way goes on from its next part when a hub runs again.
pub async fn answer_lists(lists: Lists, store: Store, stopping: CancellationToken) {
    let mut erased: Option<Instant> = None;
    let mut failed = HashMap::new();
    while !stopping.is_cancelled() {
        if erased.is_none_or(|at| at.elapsed() > BETWEEN_ERASURES) {
            erased = Some(Instant::now());
            if let Err(error) = lists.erase().await {
                tracing::warn!(%error, "old lists can't be erased");
            }
        }
        if let Err(error) = answer_waiting(&lists, &store, &mut failed, &stopping).await {
            tracing::warn!(%error, "lists can't be answered");
        }
        tokio::select! {
            () = sleep(BETWEEN_LOOKS) => {}
            () = stopping.cancelled() => {}
        }
    }
}

async fn answer_waiting(
    lists: &Lists,
    store: &Store,
    failed: &mut HashMap<String, Instant>,
    stopping: &CancellationToken,
) -> Result<(), NotChecked> {
    failed.retain(|_, at| at.elapsed() < BETWEEN_ATTEMPTS);
    let mut waiting = lists.waiting(LISTS_AT_ONCE + failed.len() as u64).await?;
    waiting.retain(|id| !failed.contains_key(id));
    if waiting.is_empty() {
        return Ok(());
    }
    let Some(claim) = store.claim(CLAIM).await? else {
        return Ok(());
    };
    for id in waiting {
        // What one list fails by is no reason to let the others wait.
        if let Err(error) = lists.work(&id, || stopping.is_cancelled()).await {
            tracing::warn!(%error, list = id, "a list can't be answered");
            failed.insert(id, Instant::now());
        }
    }
    claim.release().await;
    Ok(())
}
