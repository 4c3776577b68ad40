//! What becomes of a request whose client is gone.

use std::{sync::Arc, time::Duration};

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use super::with_one_record;
use crate::api::Wire;
use crate::support::Db;

/// Longer than anything takes that is not wrong.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn what_nobody_waits_for_is_executed_no_further() {
    // Only there a read can be made to wait for as long as a test wants.
    let Some(db) = Db::postgres() else { return };
    let hub = with_one_record(&db).await;
    let wire = Wire::to(&hub).await;
    let token = hub.everything();
    let database = db.connect().await;
    let locking = database.begin().await.expect("a transaction");
    locking
        .execute_unprepared("LOCK TABLE evidence IN ACCESS EXCLUSIVE MODE")
        .await
        .expect("it is locked");
    // Whatever is executed holds the version that it reads.
    let graph = hub.app.live.now();
    let holders = async |are_enough: &dyn Fn(usize) -> bool| {
        let waiting = async {
            while !are_enough(Arc::strong_count(&graph)) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, waiting).await.is_ok()
    };
    let before = Arc::strong_count(&graph);
    let query = json!({ "query": "{ creditRecords { edges { node { evidence { digest } } } } }" });
    let asking: Vec<_> = (0..3)
        .map(|_| {
            let request = wire.post().bearer_auth(&token).body(query.to_string());
            tokio::spawn(request.send())
        })
        .collect();
    assert!(
        holders(&|count| count >= before + 3).await,
        "they are executed"
    );
    asking.iter().for_each(tokio::task::JoinHandle::abort);
    assert!(holders(&|count| count <= before).await, "and then no more");
    locking.rollback().await.expect("it is free again");
}
