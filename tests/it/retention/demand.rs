//! Erased because somebody has to: for good.

use std::path::PathBuf;

use domain::run::RunState;
use entities::raw_key;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use zhengxin::retention::Error;

use super::{COURT, bring, digest, erasures, files, hub, list, object, reread, retention};
use crate::support::{Db, on_both, zhengxin};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_on_demand_is_never_kept_again_and_all_else_stays() {
    on_both(async |db| {
        let hub = hub(&db).await;
        let run = bring(&hub, COURT).await;
        let (told, digest) = (hub.told().await, digest(&list()));
        let retention = retention(&hub);
        for (digest, reason, is_it) in [
            ("ab", "x", "no digest"),
            (&*"0".repeat(64), "x", "ever kept"),
            (&*digest, "  ", "a reason"),
        ] {
            let error = retention.erase(digest, reason).await.expect_err(is_it);
            assert!(error.to_string().contains(is_it), "{error}");
        }
        reread(&hub, run.run).await.expect("it is kept");
        // A number in the reason is nobody's to keep either.
        let reason = "本人要求，身份证 11010519491231002X";
        retention
            .erase(&digest, reason)
            .await
            .expect("it is erased");
        assert!(!object(&db, &digest, 0).exists());
        let error = reread(&hub, run.run).await.expect_err("it is gone");
        let text = error.to_string();
        assert!(
            text.contains("erased on 2026-11-20") && text.contains("本人要求"),
            "{text}"
        );
        assert!(!text.contains("11010519491231002X"), "{text}");
        let error = retention.erase(&digest, "x").await.expect_err("once");
        assert!(matches!(error, Error::Erased { .. }), "{error:?}");

        hub.it_is("2026-11-25");
        let again = bring(&hub, COURT).await;
        assert_eq!(again.outcome, Some(RunState::Failed), "{again:#?}");
        let message = again.message.unwrap_or_default();
        assert!(
            message.contains("not kept again") && message.contains("本人要求"),
            "{message}"
        );
        assert!(!object(&db, &digest, 0).exists() && !object(&db, &digest, 1).exists());
        assert_eq!(hub.told().await, told);
        let [entry] = &erasures(&hub).await[..] else {
            panic!("one entry")
        };
        assert!(
            entry.starts_with(&format!("command line eraseRaw {digest}: 本人要求")),
            "{entry}"
        );
        assert!(!entry.contains("11010519491231002X"), "{entry}");
    })
    .await;
}

#[tokio::test]
async fn nothing_of_a_destroyed_key_stays_in_the_database_file() {
    let db = Db::sqlite();
    let hub = hub(&db).await;
    bring(&hub, COURT).await;
    let own = hub.database().await;
    let digest = digest(&list());
    let found = raw_key::Entity::find()
        .filter(raw_key::Column::Digest.eq(&digest))
        .one(&own);
    let key = found
        .await
        .expect("a table")
        .and_then(|row| row.wrapped)
        .expect("it has a key");
    // All that was written stands in the file itself then.
    let told = async || {
        own.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)")
            .await
            .expect("it runs");
        let holds = |path: &PathBuf| {
            let bytes = std::fs::read(path).expect("it can be read");
            bytes.windows(key.len()).any(|part| part == key)
        };
        files(db.folder()).iter().filter(|path| holds(path)).count()
    };
    assert_eq!(told().await, 1, "the search sees it");
    retention(&hub)
        .erase(&digest, "本人要求")
        .await
        .expect("it is erased");
    assert_eq!(told().await, 0);
}

#[test]
fn the_command_line_erases() {
    let db = Db::sqlite();
    let data = db.folder().display().to_string();
    let file = db.file("a.jsonl", &list()).display().to_string();
    let call = |arguments: &[&str]| {
        let place = ["--data", &data, "-o", "json"];
        zhengxin(arguments.iter().copied().chain(place)).run()
    };
    let run = call(&["ingest", COURT, "--file", &file]).ended(0).json()["run"].to_string();
    let digest = digest(&list());
    let raw = ["raw", "erase", &digest, "--reason", "ordered by the court"];
    let told = call(&raw).ended(0).json();
    assert_eq!(told["erased"], digest);
    let again = call(&raw).ended(1);
    assert!(again.err.contains("already"), "{again:#?}");
    let unknown = "0".repeat(64);
    let unknown = call(&["raw", "erase", &unknown, "--reason", "x"]).ended(1);
    assert!(unknown.err.contains("ever kept"), "{unknown:#?}");
    call(&["raw", "erase", &digest]).ended(2);
    let reread = call(&["ingest", COURT, "--reread", &run]).ended(1);
    assert!(reread.err.contains("ordered by the court"), "{reread:#?}");
    let verified = call(&["audit", "verify"]).ended(0).json();
    assert!(
        verified["pending"] == 1 || verified["entries"] == 1,
        "{verified}"
    );
    let doctor = call(&["doctor"]);
    assert!(doctor.out.contains("raw keys"), "{doctor:#?}");
}
