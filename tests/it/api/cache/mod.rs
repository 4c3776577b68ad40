//! Kept answers are exact: of the version that they name, of the day, and of nobody else's scope.

mod scopes;
mod versions;

use zhengxin::telemetry::AnswersCounted;

use crate::support::Hub;

/// What the hub's answer cache did since.
fn since(hub: &Hub, before: AnswersCounted) -> AnswersCounted {
    let now = hub.app.answers.now();
    AnswersCounted {
        hits: now.hits - before.hits,
        misses: now.misses - before.misses,
        shared: now.shared - before.shared,
        bytes: now.bytes,
    }
}

/// Lets many clients run at once; each must end well.
async fn all_at_once<F>(clients: impl IntoIterator<Item = F>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let clients: Vec<_> = clients.into_iter().map(tokio::spawn).collect();
    for client in clients {
        client.await.expect("a client found something wrong");
    }
}
