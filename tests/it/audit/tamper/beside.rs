//! What stands beside the entries: the tree's nodes, what stands behind the end, what entries commit to, and the file
//! of the changes' own entries.

use domain::audit::Checkpoint;
use sea_orm::{ConnectionTrait, Database};
use zhengxin::audit::Audit;

use super::super::{audit_on, draft, hand, on_day, write};
use crate::support::{Db, on_both};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_of_the_tree_and_what_stands_behind_the_end_are_verified_too() {
    on_both(async |db| {
        let (audit, _) = audit_on(&db, |_| {}).await;
        write(&audit, 600).await;
        let hand = hand(&db).await;
        let fault = async || {
            audit
                .verify(None)
                .await
                .expect("it is read")
                .map(|_| ())
                .expect_err("it is bad")
        };
        let run = async |sql: &str| {
            hand.execute_unprepared(sql).await.expect("it runs");
        };
        run("UPDATE audit_node SET place = 2 WHERE place = 1").await;
        assert_eq!(fault().await.seq, 256);
        run("UPDATE audit_node SET place = 1 WHERE place = 2").await;
        assert_eq!(
            audit
                .verify(None)
                .await
                .expect("it is read")
                .expect("it is sound")
                .entries,
            600
        );
        run("INSERT INTO audit_node SELECT level, 9, hash FROM audit_node WHERE place = 0").await;
        assert_eq!(fault().await.seq, 600);
        run("DELETE FROM audit_node WHERE place = 9").await;
        run("INSERT INTO audit_object (agency_id, seq) VALUES (1, 600)").await;
        assert!(fault().await.reason.contains("behind the log's end"));
        run("DELETE FROM audit_object WHERE seq = 600").await;
        run("DELETE FROM audit_head").await;
        assert_eq!(fault().await.seq, 0, "all of it stands behind the end");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_signed_that_is_not_what_was_hashed() {
    on_both(async |db| {
        let (audit, _) = audit_on(&db, |_| {}).await;
        write(&audit, 20).await;
        audit.checkpoint(true).await.expect("it is sound").expect("it grew");
        write(&audit, 20).await;
        let hand = hand(&db).await;
        let sql = "UPDATE audit_entry SET record = (SELECT record FROM audit_entry WHERE seq = 3) WHERE seq = 31";
        hand.execute_unprepared(sql).await.expect("it runs");
        let refused = audit.checkpoint(true).await.expect_err("it is another log");
        assert!(refused.to_string().contains("entry 31"), "{refused}");
        let note = audit.last_checkpoint().await.expect("it is read").expect("there is one");
        assert_eq!(Checkpoint::parse(&note.body).expect("a checkpoint").size, 20);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_entry_commits_to_is_missed_until_its_time_is_over() {
    on_both(async |db| {
        let (audit, store) = audit_on(&db, |_| {}).await;
        let written = write(&audit, 8).await;
        // 1,830 days after 2026-11-20 it need be kept no longer.
        let [last, over] = ["2031-11-24", "2031-11-25"].map(|day| on_day(&db, &store, day));
        // The first and the fifth that were written commit to something; which is the first in the log, chance says.
        let rows = store.list_audit(0, 8).await.expect("it is read");
        let place = |at: usize| rows.iter().position(|row| row.id == written[at].0);
        let mut places = [0, 4].map(|at| place(at).expect("it is in the log") as i64);
        places.sort_unstable();
        let [first, second] = places;
        let told = async |audit: &Audit| audit.verify(None).await.expect("it is read");
        let hand = hand(&db).await;
        let sql = format!(
            "DELETE FROM audit_payload WHERE id = (SELECT id FROM audit_entry WHERE seq = {second})"
        );
        hand.execute_unprepared(&sql).await.expect("it runs");
        for audit in [&audit, &last] {
            let fault = told(audit).await.expect_err("it is missing");
            let expected = (second, "its payload is missing before its time");
            assert_eq!((fault.seq, &*fault.reason), expected);
        }
        told(&over).await.expect("its time is over");
        // So it is when the hub itself erases what is over.
        assert_eq!(over.erase().await.expect("it is erased"), 1);
        told(&over).await.expect("its time is over");
        let fault = told(&audit).await.expect_err("the other is missing, too");
        assert_eq!(fault.seq, first);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_file_of_changes_is_looked_at_too() {
    let db = Db::sqlite();
    let (audit, _) = audit_on(&db, |_| {}).await;
    write(&audit, 8).await;
    let main = Database::connect(db.url().replacen("sqlite:", "sqlite://", 1)).await;
    let main = main.expect("the database opens");
    let run = async |sql: &str| {
        let ran = main.execute_unprepared(sql).await;
        ran.expect("it runs");
    };
    let told = async || audit.verify(None).await.expect("it is read");
    told().await.expect("it is sound");
    for (spoil, mend, reason) in [
        (
            "INSERT INTO audit_payload (id, salt, payload) VALUES (x'01', x'02', x'03')",
            "DELETE FROM audit_payload",
            "a payload is kept of which there is no entry",
        ),
        (
            "INSERT INTO audit_pending (id, record) VALUES (x'01', x'02')",
            "DELETE FROM audit_pending",
            "what waits for its place is not what its id says",
        ),
    ] {
        run(spoil).await;
        let fault = told().await.expect_err("it is bad");
        assert_eq!((fault.seq, &*fault.reason), (8, reason));
        run(mend).await;
        told().await.expect("it is sound again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_was_copied_stops_nobody_and_has_one_place() {
    on_both(async |db| {
        let (audit, store) = audit_on(&db, |_| {}).await;
        write(&audit, 8).await;
        let own = hand(&db).await;
        // One that is in the log waits again, before and behind others.
        let sql = "INSERT INTO audit_pending (id, record) SELECT id, record FROM audit_entry WHERE seq = 3";
        own.execute_unprepared(sql).await.expect("it runs");
        write(&audit, 4).await;
        // On SQLite one may stand in both files.
        audit.record(draft(1), None).await.expect("it is durable");
        if let Db::Sqlite(folder) = &db {
            let main = folder.path().join("zhengxin.db");
            assert!(main.exists(), "{}", db.url());
            let sql = format!(
                "ATTACH '{}' AS main_file; INSERT INTO main_file.audit_pending (id, record) SELECT id, record FROM main.audit_entry WHERE seq = 12",
                main.display()
            );
            own.execute_unprepared(&sql).await.expect("it runs");
        }
        write(&audit, 2).await;
        assert_eq!(audit.pending().await.expect("it is read").count, 0);
        assert_eq!(store.list_audit(0, 100).await.expect("it is read").len(), 15);
        let verified = audit.verify(None).await.expect("it is read");
        assert_eq!(verified.expect("it is sound").entries, 15);
    })
    .await;
}
