//! A log that grows while it is verified: an honest one is sound, and a cut of its end is found all the same.

use domain::audit::{Checkpoint, SignedNote};
use sea_orm::ConnectionTrait;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use zhengxin::audit::{Audit, SigningKey};

use super::super::{audit_on, hand, write};
use crate::support::on_both;

/// Verifications while others write.
const LOOKS: usize = 12;

/// Writes until it is stopped, and signs what it wrote where it is to.
fn writing(audit: &Audit, signs: bool) -> (CancellationToken, JoinHandle<()>) {
    let (audit, stop) = (audit.clone(), CancellationToken::new());
    let stopped = stop.clone();
    let task = tokio::spawn(async move {
        while !stopped.is_cancelled() {
            write(&audit, 8).await;
            if signs {
                audit.checkpoint(true).await.expect("it is sound");
            }
        }
    });
    (stop, task)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_cut_is_found_while_others_write() {
    on_both(async |db| {
        let (audit, _) = audit_on(&db, |_| {}).await;
        write(&audit, 600).await;
        let (stop, task) = writing(&audit, true);
        let mut entries = 600;
        for look in 0..LOOKS {
            let verified = audit.verify(None).await.expect("it is read");
            let verified = verified.unwrap_or_else(|fault| panic!("look {look}: {fault}"));
            assert!(verified.entries >= entries);
            entries = verified.entries;
        }
        stop.cancel();
        task.await.expect("it writes");
        // A checkpoint that was signed states more than is left.
        let note = audit.last_checkpoint().await.expect("it is read").expect("there is one");
        let stated = Checkpoint {
            size: 1_000_000,
            ..Checkpoint::parse(&note.body).expect("a checkpoint")
        };
        let unsigned = SignedNote {
            body: stated.body(),
            signatures: Vec::new(),
        };
        let key = SigningKey::open(&db.folder().join("audit.key")).expect("it is there");
        let note = key.sign(&stated.origin, unsigned);
        let sql = format!(
            "INSERT INTO audit_checkpoint (size, at, note) SELECT 1000000, at, '{note}' FROM audit_checkpoint ORDER BY size LIMIT 1"
        );
        let hand = hand(&db).await;
        hand.execute_unprepared(&sql).await.expect("it runs");
        let (stop, task) = writing(&audit, false);
        for look in 0..LOOKS {
            let told = audit.verify(None).await.expect("it is read");
            let fault = told.expect_err("its end is missing");
            assert!(fault.reason.contains("1000000 entries are stated"), "look {look}: {fault}");
        }
        stop.cancel();
        task.await.expect("it writes");
    })
    .await;
}
