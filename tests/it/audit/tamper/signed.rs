//! What was signed last is kept beside the key: nothing is signed that did not grow out of it.

use domain::audit::{Checkpoint, SignedNote};
use zhengxin::audit::NotSigned;

use super::{
    super::{audit_on, write},
    ENTRIES, Victim,
};
use crate::support::{Db, on_both, zhengxin};

/// What `doctor` says of the log.
fn doctor(db: &Db) -> (bool, String) {
    let (url, data) = (db.url(), db.folder().display().to_string());
    let ran = zhengxin([
        "doctor",
        "-o",
        "json",
        "--database-url",
        &url,
        "--data",
        &data,
    ])
    .run();
    let told = ran.json();
    let mut findings = told.as_array().expect("a list").iter();
    let found = findings.find(|finding| finding["what"] == "audit log");
    let found = found.expect("it looks at it");
    let says = found["told"].as_str().unwrap_or_default().to_owned();
    (found["ok"] == true, says)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_written_anew_is_not_signed_again() {
    on_both(async |db| {
        let mut victim = Victim::on(&db, 3).await;
        let file = db.folder().join("audit.key.signed");
        let kept = std::fs::read_to_string(&file).expect("it is kept");
        let note: SignedNote = kept.parse().expect("a note");
        let stated = Checkpoint::parse(&note.body).expect("a checkpoint");
        assert_eq!(stated, victim.outside);

        // An entry is another, with all hashes behind it; what states more than those before it is gone.
        let mut sql = victim.rewritten(12).sql;
        sql.push("DELETE FROM audit_checkpoint WHERE size > 8".to_owned());
        sql.push("DELETE FROM audit_witnessed".to_owned());
        victim.run(&sql).await;
        write(&victim.audit, 8).await;
        let refused = victim.audit.checkpoint(true).await.expect_err("it is another log");
        assert!(matches!(&refused, NotSigned::Rewound { size, .. } if *size == ENTRIES as u64), "{refused}");
        assert!(refused.to_string().contains("audit.key.signed"), "{refused}");
        assert!(victim.verify(false).await.is_err());
        let (is_good, told) = doctor(&db);
        assert!(!is_good && told.contains("nothing more is signed"), "{told}");
        // Neither where its own checkpoint is put back.
        let note = kept.replace('\'', "''");
        let put = format!(
            "INSERT INTO audit_checkpoint (size, at, note) SELECT {ENTRIES}, at, '{note}' FROM audit_checkpoint ORDER BY size LIMIT 1"
        );
        victim.run(&[put]).await;
        let refused = victim.audit.checkpoint(true).await.expect_err("it is another log");
        assert!(refused.to_string().contains("these entries are others"), "{refused}");
        victim.run(&[format!("DELETE FROM audit_checkpoint WHERE size = {ENTRIES}")]).await;

        // A file that nobody signed is believed as little.
        std::fs::write(&file, kept.replace("time 2", "time 3")).expect("the folder is ours");
        let refused = victim.audit.checkpoint(true).await.expect_err("it is not signed");
        assert!(refused.to_string().contains("not signed by this log's key"), "{refused}");
        // Whoever brought an older state back on purpose takes it away, and starts anew.
        std::fs::remove_file(&file).expect("the folder is ours");
        let refused = victim.audit.checkpoint(true).await.expect_err("it has seen another log");
        assert!(matches!(refused, NotSigned::Missed), "{refused}");
        let (audit, _) = audit_on(&db, |_| {}).await;
        let note = audit.checkpoint(true).await.expect("it is let");
        assert!(note.is_some() && file.exists());
    })
    .await;
}

/// What no checkpoint states yet can be made anew with all its hashes: whoever put it into the log knows better.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_stated_yet_is_missed_by_who_wrote_it_down() {
    on_both(async |db| {
        let victim = Victim::on(&db, 4).await;
        write(&victim.audit, 8).await;
        let mut sql = victim.rolled_back(ENTRIES).sql;
        sql.push(
            "DELETE FROM audit_payload WHERE id NOT IN (SELECT id FROM audit_entry)".to_owned(),
        );
        victim.run(&sql).await;
        let told = victim.verify(true).await;
        assert!(told.is_ok(), "it fits all that was signed: {told:?}");
        for more in [0, 20] {
            write(&victim.audit, more).await;
            let refused = victim.audit.checkpoint(true).await.expect_err("it shrank");
            assert!(
                refused.to_string().contains("is not there any more"),
                "{refused}"
            );
        }
        // Another process has seen nothing else.
        let (audit, _) = audit_on(&db, |_| {}).await;
        assert!(audit.checkpoint(true).await.expect("it is let").is_some());
    })
    .await;
}
