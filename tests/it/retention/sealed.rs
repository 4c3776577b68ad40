//! What lies in the raw store tells nothing without its key, and can't be changed unseen.

use super::{
    CANARY, COURT, HOTLINE, bring, digest, erasures, files, hub, list, object, reread, retention,
    turn,
};
use crate::support::{Db, count, on_both};

/// Which files hold a text, packed or not.
fn holding(folder: &std::path::Path, text: &str) -> Vec<String> {
    let holds = |bytes: &[u8]| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    let mut found = Vec::new();
    for path in files(folder) {
        let bytes = std::fs::read(&path).expect("it can be read");
        let unpacked = zstd::stream::decode_all(bytes.as_slice()).unwrap_or_default();
        if holds(&bytes) || holds(&unpacked) {
            found.push(
                path.file_name()
                    .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
            );
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_raw_store_nor_database_holds_a_word_of_what_is_only_counted() {
    on_both(async |db| {
        let hub = hub(&db).await;
        let run = bring(&hub, COURT).await;
        assert_eq!((run.counts.stored, run.counts.out_of_scope), (1, 1));
        let sealed = std::fs::read(object(&db, &digest(&list()), 0)).expect("it is kept");
        assert!(sealed.starts_with(b"ZXSEAL1\n"));
        assert_eq!(holding(db.folder(), CANARY), Vec::<String>::new());
        let kept = "SELECT COUNT(*) FROM raw_key WHERE LENGTH(wrapped) = 60 AND kek IS NOT NULL";
        assert_eq!(count(&hub, kept).await, 2);
        // The search sees it where it is, packed or not.
        db.file("plain", &list());
        let packed = zstd::bulk::compress(&list(), 3).expect("it is packed");
        db.file("packed", &packed);
        let mut found = holding(db.folder(), CANARY);
        found.sort();
        assert_eq!(found, ["packed", "plain"]);
        let again = reread(&hub, run.run).await.expect("it is kept");
        assert_eq!((again.counts.received, again.counts.out_of_scope), (2, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_object_is_refused_and_nothing_of_it_is_read() {
    let db = Db::sqlite();
    let hub = hub(&db).await;
    let run = bring(&hub, COURT).await;
    let path = object(&db, &digest(&list()), 0);
    let sealed = std::fs::read(&path).expect("it is kept");
    let mut flipped = sealed.clone();
    flipped[60] ^= 1;
    let another = files(&db.folder().join("raw"));
    let another = another.into_iter().find(|other| *other != path);
    let another = std::fs::read(another.expect("the register's")).expect("it can be read");
    let unsealed = zstd::bulk::compress(b"{}\n", 3).expect("it is packed");
    let before = hub.told().await;
    for (what, bytes) in [
        ("one bit", flipped),
        ("cut", sealed[..sealed.len() - 1].to_vec()),
        ("another's", another),
        ("not sealed", unsealed),
        ("nothing", Vec::new()),
    ] {
        std::fs::write(&path, bytes).expect("the folder is ours");
        let error = reread(&hub, run.run).await.expect_err(what);
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            text.push_str(&error.to_string());
            cause = error.source();
        }
        assert!(text.contains("not what was kept"), "{what}: {text}");
    }
    std::fs::write(&path, sealed).expect("the folder is ours");
    reread(&hub, run.run).await.expect("it is whole again");
    assert_eq!(hub.told().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_before_objects_were_sealed_is_read_taken_over_and_erased() {
    on_both(async |db| {
        let hub = hub(&db).await;
        let run = bring(&hub, COURT).await;
        bring(&hub, HOTLINE).await;
        let path = object(&db, &digest(&list()), 0);
        let packed = zstd::bulk::compress(&list(), 3).expect("it is packed");
        std::fs::write(&path, &packed).expect("the folder is ours");
        let hand = hub.database().await;
        for table in ["raw_key", "raw_delivery"] {
            let sql = format!("DELETE FROM {table} WHERE digest = '{}'", digest(&list()));
            sea_orm::ConnectionTrait::execute_unprepared(&hand, &sql)
                .await
                .expect("it runs");
        }
        reread(&hub, run.run).await.expect("it is read as it is");
        let retention = retention(&hub);
        let turned = turn(&retention).await;
        assert_eq!((turned.adopted, turned.erased), (1, 0));
        assert_eq!(turn(&retention).await.adopted, 0);
        // Whose it is the runs tell: the hotline's twenty days hold.
        hub.it_is("2026-12-09");
        assert_eq!(turn(&retention).await.erased, 0);
        hub.it_is("2026-12-10");
        assert_eq!(turn(&retention).await.erased, 1);
        assert!(!path.exists());
        assert_eq!(erasures(&hub).await.len(), 1);
        // And the next time it is sealed.
        bring(&hub, COURT).await;
        let sealed = std::fs::read(object(&db, &digest(&list()), 1)).expect("it is kept");
        assert!(sealed.starts_with(b"ZXSEAL1\n"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_whose_key_was_lost_are_sealed_anew_when_they_come_again() {
    on_both(async |db| {
        let hub = hub(&db).await;
        let run = bring(&hub, COURT).await;
        let hand = hub.database().await;
        let sql = "DELETE FROM raw_key";
        sea_orm::ConnectionTrait::execute_unprepared(&hand, sql)
            .await
            .expect("it runs");
        let error = reread(&hub, run.run).await.expect_err("it can't be opened");
        assert!(
            format!("{error:?}").contains("NoKey")
                || error.to_string().contains("not in the database"),
            "{error:?}"
        );
        bring(&hub, COURT).await;
        let again = reread(&hub, run.run).await.expect("it is sealed anew");
        assert_eq!(again.counts.received, 2);
    })
    .await;
}
