//! The raw store is away: nothing is refused for it that is as good as ever.

use std::{fs, path::PathBuf, sync::Arc};

use zhengxin::{config::Place, ingest::Error, jobs::Jobs, sources::RawStore};

use super::{COURT, mail_runs, town};
use crate::support::{
    Db, Hub, count,
    faulty::{Fails, Faulty},
    made, on_both,
};

/// A hub with a drop folder over a store that may fail.
async fn hub_over(db: &Db, source: &str, store: &Faulty) -> (Hub, PathBuf) {
    let folder = db.folder().join("drops");
    fs::create_dir(&folder).expect("the folder is ours");
    let mut hub = Hub::with(db, |config| {
        let place = Place {
            folder: Some(folder.clone()),
            ..Place::default()
        };
        config.sources.insert(source.to_owned(), place);
    })
    .await;
    hub.ingest.raw = RawStore::over(Arc::new(store.clone()));
    (hub, folder)
}

fn list() -> Vec<u8> {
    let listings = [1, 2].map(|id| made::listing(id, "佛山市禅城区样例局"));
    made::court_jsonl(&listings)
}

/// Drops it while the store fails so, then while it is well again.
async fn is_only_put_off(hub: &Hub, folder: &std::path::Path, store: &Faulty, fails: Fails) {
    let mut jobs = Jobs::new(&hub.app.config, &hub.ingest);
    store.set(fails);
    for _ in 0..3 {
        jobs.tick().await;
        hub.later(60);
    }
    assert!(folder.join("it").exists(), "{fails:?}: it stays");
    assert!(!folder.join("refused").exists(), "{fails:?}");
    store.set(Fails::Nothing);
    jobs.tick().await;
    assert!(!folder.join("it").exists(), "{fails:?}: it is brought in");
    assert!(!folder.join("refused").exists(), "{fails:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_waits_for_the_raw_store() {
    on_both(async |db| {
        for fails in [Fails::Keeping, Fails::Opening, Fails::Reading] {
            let (db, store) = (db.another(), Faulty::default());
            let (hub, folder) = hub_over(&db, COURT, &store).await;
            fs::write(folder.join("it"), list()).expect("the folder is ours");
            fs::write(folder.join("it.ok"), "").expect("the folder is ours");
            is_only_put_off(&hub, &folder, &store, fails).await;
            let rows = count(&hub, "SELECT COUNT(*) FROM evidence").await;
            assert_eq!(rows, 2, "{fails:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_whose_attachment_can_not_be_kept_comes_later() {
    on_both(async |db| {
        let store = Faulty::default();
        let (hub, folder) = hub_over(&db, "mailbox", &store).await;
        let register = made::register(&town());
        hub.ingest("agency_register", &[("r.csv", &register)], |_| {})
            .await;
        let letter = mail_runs::letter(1);
        // The letter itself is kept already.
        let kept = hub.ingest.raw.land_bytes("it", &letter).await;
        kept.expect("the store is well");
        fs::write(folder.join("it"), &letter).expect("the folder is ours");
        fs::write(folder.join("it.ok"), "").expect("the folder is ours");
        is_only_put_off(&hub, &folder, &store, Fails::Keeping).await;
        assert_eq!(count(&hub, "SELECT COUNT(*) FROM clue").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_brings_a_file_by_hand_is_told_that_it_is_the_store() {
    let db = Db::sqlite();
    let store = Faulty::default();
    let (hub, _) = hub_over(&db, COURT, &store).await;
    for fails in [Fails::Keeping, Fails::Opening, Fails::Reading] {
        store.set(fails);
        let files: [(&str, &[u8]); 1] = [("list.jsonl", &list())];
        let tried = hub.try_ingest(COURT, &files, |_| {}).await;
        let error = tried.expect_err("it is not in");
        assert!(matches!(&error, Error::Land(_)), "{error:?}");
        assert!(error.to_string().contains("no space left"), "{error}");
        store.set(Fails::Nothing);
    }
}
