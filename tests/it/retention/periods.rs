//! For how long raw deliveries are kept, and what is left of them.

use std::sync::Arc;

use zhengxin::{
    retention::{Error, StoredKeys, Turned},
    sources::RawStore,
};

use super::{COURT, HOTLINE, bring, digest, erasures, hub, list, object, reread, retention, turn};
use crate::support::{
    count,
    faulty::{Fails, Faulty},
    on_both,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_period_of_those_who_delivered_it_counts() {
    on_both(async |db| {
        let hub = hub(&db).await;
        let (run, path) = (bring(&hub, COURT).await, object(&db, &digest(&list()), 0));
        // The hotline can't read it, and delivered it all the same.
        bring(&hub, HOTLINE).await;
        let retention = retention(&hub);
        let (told, nothing) = (hub.told().await, Turned::default());
        let evidence = "SELECT COUNT(*) FROM evidence WHERE digest IS NOT NULL";
        let rows = count(&hub, evidence).await;
        for moment in [
            "2026-11-20T10:00:00",
            "2026-11-30T09:00:00",
            "2026-12-09T23:00:00",
            "2026-12-10T08:59:59",
        ] {
            hub.it_is_now(moment);
            assert_eq!(turn(&retention).await, nothing, "{moment}");
            reread(&hub, run.run).await.expect("it is kept");
        }
        hub.it_is_now("2026-12-10T09:00:00");
        let erased = Turned {
            adopted: 0,
            erased: 1,
            removed: 1,
        };
        assert_eq!(turn(&retention).await, erased);
        assert_eq!(turn(&retention).await, nothing, "it is done once");
        assert!(!path.exists());
        let left = "SELECT COUNT(*) FROM raw_key WHERE wrapped IS NULL AND kek IS NULL";
        assert_eq!(count(&hub, left).await, 1);
        let error = reread(&hub, run.run).await.expect_err("it is gone");
        let text = error.to_string();
        for word in [
            "list.jsonl",
            &digest(&list()),
            "erased on 2026-12-10",
            "20 days of hotline",
        ] {
            assert!(text.contains(word), "{text}");
        }
        let expected = format!(
            "hub eraseRaw {}: the 20 days of hotline since 2026-11-20 were over",
            digest(&list())
        );
        assert_eq!(erasures(&hub).await, [expected]);
        // Rows, digests and answers are as they were.
        assert_eq!(
            (hub.told().await, count(&hub, evidence).await),
            (told, rows)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_delivery_begins_a_period_and_reading_again_begins_none() {
    on_both(async |db| {
        let hub = hub(&db).await;
        let run = bring(&hub, COURT).await;
        let retention = retention(&hub);
        hub.it_is("2026-11-28");
        let again = bring(&hub, COURT).await;
        assert_eq!(again.counts.unchanged, 1, "{again:#?}");
        hub.it_is("2026-12-07");
        reread(&hub, run.run).await.expect("it is kept");
        assert_eq!(turn(&retention).await.erased, 0);
        hub.it_is("2026-12-08");
        assert_eq!(turn(&retention).await.erased, 1);
        // What comes again when it was over is kept anew, under another key, for another period.
        hub.it_is("2026-12-20");
        let anew = bring(&hub, COURT).await;
        assert_eq!(anew.counts.unchanged, 1, "{anew:#?}");
        let of = |generation| object(&db, &digest(&list()), generation);
        assert!(!of(0).exists() && of(1).exists());
        reread(&hub, run.run).await.expect("it is there again");
        hub.it_is("2026-12-30");
        assert_eq!(turn(&retention).await.erased, 1);
        assert!(!of(1).exists());
        assert_eq!(erasures(&hub).await.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_killed_behind_the_key_finds_the_object_the_next_time() {
    on_both(async |db| {
        let mut hub = hub(&db).await;
        let store = Faulty::default();
        let keys = StoredKeys {
            store: hub.app.store.clone(),
            ring: hub.app.raw_keys.clone(),
            clock: hub.app.clock.clone(),
        };
        hub.ingest.raw = RawStore::over(Arc::new(store.clone())).with_keys(Arc::new(keys));
        let mut retention = retention(&hub);
        retention.raw = hub.ingest.raw.clone();
        let run = bring(&hub, COURT).await;
        hub.it_is("2026-12-01");
        store.set(Fails::Deleting);
        for _ in 0..2 {
            let error = retention.turn().await.expect_err("it can't be deleted");
            assert!(matches!(error, Error::Land(_)), "{error:?}");
        }
        // The key went first: nobody reads it any more though it is there.
        let error = reread(&hub, run.run).await.expect_err("it is erased");
        assert!(
            error.to_string().contains("erased on 2026-12-01"),
            "{error}"
        );
        assert_eq!(erasures(&hub).await.len(), 1);
        store.set(Fails::Nothing);
        // What comes again meanwhile has an object of its own, and keeps it.
        bring(&hub, COURT).await;
        let turned = turn(&retention).await;
        assert_eq!((turned.erased, turned.removed), (0, 1));
        assert_eq!(turn(&retention).await, Turned::default());
        reread(&hub, run.run).await.expect("the new one is kept");
        assert_eq!(erasures(&hub).await.len(), 1);
    })
    .await;
}
