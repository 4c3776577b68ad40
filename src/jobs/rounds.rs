//! What leaves the hub, round after round: telling subscribers, and sending what waits in the outbox.

use std::{
    fmt::{Debug, Display},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{notify::Notify, outbound::Outbound};

use super::in_grace;

/// Between the end of one round and the beginning of the next, at most …
const BETWEEN_TELLINGS: Duration = Duration::from_secs(5);
const BETWEEN_SENDINGS: Duration = Duration::from_secs(15);
/// … and at least, where something was committed or noticed: so soon it leaves for a webhook.
const BETWEEN_TELLINGS_MIN: Duration = Duration::from_millis(200);

/// Tells subscribers until it is stopped, soon after a version was `committed` or a watched subject's event was written
/// down; what the last round did not note is sent again, under the same id, when its claim has run out. Each has rounds
/// of his own: nobody waits for who takes his time.
pub async fn notify(notify: Notify, committed: watch::Receiver<i64>, stopping: CancellationToken) {
    let (notify, stopping) = (&notify, &stopping);
    let words = ["a round over the notices", "a subscriber could not be told"];
    let rounds = notify.subscribers().map(|name| {
        let (mut committed, mut noticed) = (committed.clone(), notify.noticed());
        let pause = async move || {
            sleep(BETWEEN_TELLINGS_MIN).await;
            let news = async {
                tokio::select! {
                    _ = committed.changed() => {}
                    _ = noticed.changed() => {}
                }
            };
            // Who has no more versions to come is told of what waits all the same.
            let _ = timeout(BETWEEN_TELLINGS, news).await;
        };
        go_round(move || notify.round_for(name), pause, words, stopping)
    });
    join_all(rounds).await;
}

/// Sends what waits in the outbox until it is stopped; what the last round did not note is asked for by the next one.
pub async fn send(outbound: Outbound, stopping: CancellationToken) {
    let words = ["a round over the outbox", "the outbox could not be sent"];
    let pause = async || sleep(BETWEEN_SENDINGS).await;
    go_round(|| outbound.round(), pause, words, &stopping).await;
}

/// Goes round until it is stopped, and tells of each round in which something was done, or that failed.
async fn go_round<R, E, F>(
    round: impl Fn() -> F,
    mut pause: impl AsyncFnMut(),
    [done, failed]: [&str; 2],
    stopping: &CancellationToken,
) where
    R: Debug + Default + PartialEq,
    E: Display,
    F: Future<Output = Result<R, E>>,
{
    while !stopping.is_cancelled() {
        match in_grace(round(), stopping).await {
            None => return,
            Some(Ok(report)) if report == R::default() => {}
            Some(Ok(report)) => tracing::info!(?report, "{done}"),
            Some(Err(error)) => tracing::warn!(%error, "{failed}"),
        }
        stopping.run_until_cancelled(pause()).await;
    }
}
