//! From a durable entry to a proof, on both databases.

use domain::audit::{Checkpoint, HashKind, verify_consistency, verify_inclusion};
use zhengxin::audit::{SigningKey, Unwitnessed, WitnessRequest, is_signed_by};

use super::{audit_on, change, draft, on_day, write};
use crate::support::{on_both, zhengxin as command};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_down_is_in_the_log_once_proved_and_verified() {
    on_both(async |db| {
        let (audit, store) = audit_on(&db, |_| {}).await;
        assert_eq!(
            audit
                .verify(None)
                .await
                .expect("it is read")
                .expect("it is sound")
                .entries,
            0
        );
        let ids = write(&audit, 700).await;
        assert_eq!(audit.pending().await.expect("it is read").count, 0);
        let early = audit
            .checkpoint(true)
            .await
            .expect("it is sound")
            .expect("it grew");
        assert_eq!(
            audit.checkpoint(true).await.expect("it is sound"),
            None,
            "nothing is new"
        );
        // A change's entry waits.
        change(&audit, &store, 700).await;
        let pending = audit.pending().await.expect("it is read");
        let more = pending.oldest.expect("it waits");
        assert_eq!(pending.count, 1);
        assert_eq!(audit.integrate().await.expect("it is put together"), 1);
        assert_eq!(audit.integrate().await.expect("nothing is left"), 0);
        let note = audit
            .checkpoint(true)
            .await
            .expect("it is sound")
            .expect("it grew");
        let verified = audit
            .verify(None)
            .await
            .expect("it is read")
            .expect("it is sound");
        assert_eq!(
            (verified.entries, verified.checkpoints, verified.covered),
            (701, 2, 701)
        );
        // Each entry has its place, and a proof under the last checkpoint.
        let stated = Checkpoint::parse(&note.body).expect("a checkpoint");
        assert_eq!((stated.size, stated.root), (701, verified.root));
        let mut places = Vec::new();
        for id in ids.iter().step_by(23).chain([&more]) {
            let proof = audit
                .prove(*id)
                .await
                .expect("it is read")
                .expect("it is in the log");
            let leaf = stated.kind.leaf(&proof.entry.record);
            let place = proof.entry.seq as u64;
            let is_proved = verify_inclusion(
                stated.kind,
                &leaf,
                (place, 701),
                &proof.hashes,
                &stated.root,
            );
            assert!(is_proved, "entry {place}");
            places.push(place);
        }
        assert_eq!(places.last(), Some(&700), "the last one written");
        let earlier = Checkpoint::parse(&early.body).expect("a checkpoint");
        let growth = audit.prove_growth(700, 701).await.expect("it is read");
        assert!(verify_consistency(
            stated.kind,
            (700, 701),
            (&earlier.root, &stated.root),
            &growth
        ));
        // What an entry commits to is told by its id.
        let payload = audit
            .payload(ids[4])
            .await
            .expect("it is what was committed to");
        assert_eq!(payload.as_deref(), Some(&b"{\"n\":4}"[..]));
        assert_eq!(audit.payload(ids[5]).await.expect("it has none"), None);
        assert_eq!(
            audit.erase().await.expect("it is written"),
            0,
            "nothing is so old"
        );
        let over = on_day(&db, &store, "2031-11-25");
        assert_eq!(over.erase().await.expect("it is written"), 175);
        assert_eq!(audit.payload(ids[4]).await.expect("it is erased"), None);
        assert_eq!(
            over.verify(None)
                .await
                .expect("it is read")
                .expect("it is sound")
                .entries,
            701
        );
        // Another process over the same database goes on with the same log, under the same key.
        let (other, _) = audit_on(&db, |_| {}).await;
        other.record(draft(1), None).await.expect("it is durable");
        other.integrate().await.expect("it is put together");
        let note = other
            .checkpoint(true)
            .await
            .expect("it is sound")
            .expect("it grew");
        let key = audit
            .log()
            .key
            .as_ref()
            .expect("there is one")
            .public(&audit.log().origin);
        assert!(is_signed_by(&note, &key));
        let head = store
            .audit_head()
            .await
            .expect("it is read")
            .expect("it has begun");
        assert_eq!(head.frontier.size(), 702);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_is_hashed_by_sm3_where_that_is_configured() {
    on_both(async |db| {
        let (audit, _) = audit_on(&db, |config| config.audit.hash = HashKind::Sm3).await;
        write(&audit, 300).await;
        let note = audit
            .checkpoint(true)
            .await
            .expect("it is sound")
            .expect("it grew");
        let stated = Checkpoint::parse(&note.body).expect("a checkpoint");
        assert_eq!(stated.kind, HashKind::Sm3);
        let verified = audit.verify(Some(&stated)).await.expect("it is read");
        assert_eq!(verified.expect("it is sound").root, stated.root);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_hash_than_the_one_with_which_the_log_began_is_refused() {
    on_both(async |db| {
        let (audit, _) = audit_on(&db, |_| {}).await;
        write(&audit, 3).await;
        audit.checkpoint(true).await.expect("it is sound");
        let config = "[audit]\nhash = \"sm3\"\n";
        let config = db.file("sm3.toml", config.as_bytes()).display().to_string();
        let (data, url) = (db.folder().display().to_string(), db.url());
        let run = |more: &[&str]| {
            let whole = ["--config", &config, "--data", &data, "--database-url", &url];
            command(whole.iter().chain(more)).run()
        };
        let refused = run(&["audit", "verify"]);
        assert_eq!(refused.code, Some(1), "{}", refused.out);
        let told = "audit.hash is sm3, and the log began with sha256";
        assert!(refused.err.contains(told), "{}", refused.err);
        let findings = run(&["doctor", "-o", "json"]);
        assert!(findings.out.contains(told), "{}", findings.out);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_witness_signs_what_grew_and_neither_shrunk_nor_forked() {
    let db = crate::support::Db::sqlite();
    let (audit, _) = audit_on(&db, |_| {}).await;
    let log = audit
        .log()
        .key
        .as_ref()
        .expect("there is one")
        .public(&audit.log().origin);
    let asked = async |old: u64| {
        let note = audit
            .last_checkpoint()
            .await
            .expect("it is read")
            .expect("there is one");
        let size = Checkpoint::parse(&note.body).expect("a checkpoint").size;
        let proof = audit.prove_growth(old, size).await.expect("it is read");
        let request = WitnessRequest { old, proof, note };
        request
            .to_string()
            .parse::<WitnessRequest>()
            .expect("it is read as it was written")
    };
    write(&audit, 10).await;
    audit.checkpoint(true).await.expect("it is sound");
    let first = asked(0).await;
    assert_eq!(
        first
            .check(None, &log)
            .expect("the first one is taken")
            .size,
        10
    );
    write(&audit, 20).await;
    audit.checkpoint(true).await.expect("it is sound");
    let second = asked(10).await;
    assert_eq!(
        second.check(Some(&first.note), &log).expect("it grew").size,
        30
    );
    let told = |wrong: Result<Checkpoint, Unwitnessed>| {
        wrong.map(|_| ()).expect_err("not signed").to_string()
    };
    assert!(told(first.check(Some(&second.note), &log)).contains("shrank from 30 entries to 10"));
    assert!(told(asked(7).await.check(Some(&first.note), &log)).contains("prove from there"));
    let mut wrong = second.clone();
    wrong.proof[0][0] ^= 1;
    assert!(told(wrong.check(Some(&first.note), &log)).contains("forked"));
    // Another history under the same key.
    let elsewhere = crate::support::Db::sqlite();
    let [own, copy] = [&db, &elsewhere].map(|db| db.folder().join("audit.key"));
    std::fs::copy(own, copy).expect("the folders are ours");
    let (other, _) = audit_on(&elsewhere, |_| {}).await;
    write(&other, 40).await;
    let note = other
        .checkpoint(true)
        .await
        .expect("it is sound")
        .expect("it grew");
    let proof = other.prove_growth(30, 40).await.expect("it is read");
    let forked = WitnessRequest {
        old: 30,
        proof,
        note,
    };
    assert!(told(forked.check(Some(&second.note), &log)).contains("forked"));
    let key = SigningKey::open(&elsewhere.folder().join("witness.key")).expect("it is made");
    let cosigned = key.sign("witness.example", second.note.clone());
    assert!(
        is_signed_by(&cosigned, &log) && is_signed_by(&cosigned, &key.public("witness.example"))
    );
    let foreign = key.public(&audit.log().origin);
    assert!(told(second.check(None, &foreign)).contains("not signed by the log's key"));
}
