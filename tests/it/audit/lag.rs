//! How far what others can hold against the log lags behind it.

use domain::audit::{Checkpoint, NoteKey, SignedNote};
use zhengxin::{
    app::open_audit,
    audit::{NotCosigned, SigningKey},
    telemetry,
};

use super::{audit_on, write};
use crate::support::{Db, Hub, on_both, zhengxin};

pub(super) const WITNESS: &str = "w.example";

const SECOND: &str = "w2.example";

pub(super) fn witness(db: &Db) -> (SigningKey, NoteKey) {
    witness_called(db, "witness.key", WITNESS)
}

fn witness_called(db: &Db, file: &str, name: &str) -> (SigningKey, NoteKey) {
    let key = SigningKey::open(&db.folder().join(file)).expect("it is made");
    let public = key.public(name);
    (key, public)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_witness_signed_is_kept_if_it_states_this_log() {
    on_both(async |db| {
        let (key, public) = witness(&db);
        let (second, other) = witness_called(&db, "second.key", SECOND);
        let keys = vec![public.clone(), other.clone()];
        let (audit, store) = audit_on(&db, |config| config.audit.keys = keys).await;
        write(&audit, 40).await;
        let lag = audit.lag().await.expect("it is read");
        assert_eq!((lag.entries, lag.unstated.entries), (40, 40));
        assert!(lag.unstated.since.is_some());
        let unwitnessed = lag.unwitnessed.expect("there is a witness");
        assert_eq!(unwitnessed.entries, 40);

        let note = audit.checkpoint(true).await.expect("it is sound");
        let note = note.expect("it grew");
        let lag = audit.lag().await.expect("it is read");
        assert_eq!((lag.unstated.entries, lag.unstated.since), (0, None));
        let cosigned = key.sign(WITNESS, note.clone());
        // A stranger's signature, another log, one that is longer and one that forked.
        let stranger = SigningKey::open(&db.folder().join("stranger.key")).expect("it is made");
        let restated = |change: &dyn Fn(&mut Checkpoint)| {
            let mut stated = Checkpoint::parse(&note.body).expect("a checkpoint");
            change(&mut stated);
            let unsigned = SignedNote {
                body: stated.body(),
                signatures: Vec::new(),
            };
            key.sign(WITNESS, unsigned)
        };
        for (note, is_refused) in [
            (
                note.clone(),
                (|error| matches!(error, NotCosigned::Stranger)) as fn(&NotCosigned) -> bool,
            ),
            (stranger.sign(WITNESS, note.clone()), |error| {
                matches!(error, NotCosigned::Stranger)
            }),
            (
                restated(&|stated| stated.origin = "other/1".to_owned()),
                |error| matches!(error, NotCosigned::OtherLog(_)),
            ),
            (restated(&|stated| stated.size = 41), |error| {
                matches!(
                    error,
                    NotCosigned::Longer {
                        stated: 41,
                        has: 40
                    }
                )
            }),
            (restated(&|stated| stated.root[0] ^= 1), |error| {
                matches!(error, NotCosigned::Forked(40))
            }),
        ] {
            let error = audit.take_cosigned(&note).await.expect_err("it is refused");
            assert!(is_refused(&error), "{error}");
        }
        assert_eq!(
            audit.lag().await.expect("it is read").unwitnessed,
            Some(unwitnessed)
        );
        for _ in 0..2 {
            assert_eq!(
                audit
                    .take_cosigned(&cosigned)
                    .await
                    .expect("it is this log"),
                40
            );
        }
        // Another witness signs the same: both stand.
        let twice = second.sign(SECOND, note.clone());
        audit.take_cosigned(&twice).await.expect("it is this log");
        let kept = store.list_audit_witnessed(39, 1).await.expect("it is read");
        let kept: SignedNote = kept[0].note.parse().expect("a note");
        for of in [&public, &other] {
            assert_eq!(kept.signatures_of(of).count(), 1, "{kept}");
        }
        write(&audit, 10).await;
        let lag = audit.lag().await.expect("it is read");
        let behind = lag.unwitnessed.expect("there is a witness");
        assert_eq!((behind.entries, lag.unstated.entries), (10, 10));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_and_doctor_say_how_far_it_is() {
    on_both(async |db| {
        let (key, public) = witness(&db);
        let keys = format!("[\"{public}\"]");
        let hub = Hub::with(&db, |config| config.audit.keys = vec![public.clone()]).await;
        write(&hub.app.audit, 5).await;
        hub.later(60);
        let told = telemetry::metrics(&hub.app, None).await;
        for line in [
            "zhengxin_audit_entries 5",
            "zhengxin_audit_pending 0",
            "zhengxin_audit_unstated 5",
            "zhengxin_audit_unstated_age 60",
            "zhengxin_audit_unwitnessed 5",
            "zhengxin_audit_unwitnessed_age 60",
        ] {
            assert!(told.lines().any(|told| told == line), "{line}: {told}");
        }
        let doctor = |keys: &str| {
            let (url, data) = (db.url(), db.folder().display().to_string());
            let ran = zhengxin([
                "doctor",
                "--database-url",
                &url,
                "--data",
                &data,
                "-o",
                "json",
            ])
            .env("ZHENGXIN__AUDIT__KEYS", keys)
            .run();
            let told = ran.json();
            let mut findings = told.as_array().expect("a list").iter();
            let found = findings.find(|finding| finding["what"] == "audit log");
            let found = found.expect("it looks at it").clone();
            (
                found["ok"] == true,
                found["told"].as_str().unwrap_or_default().to_owned(),
            )
        };
        // By the clock of the machine all of it was long ago.
        let (is_good, told) = doctor(&keys);
        assert!(
            !is_good && told.contains("no checkpoint states its last 5"),
            "{told}"
        );
        let audit = open_audit(
            &hub.app.config,
            hub.app.store.clone(),
            hub.app.clock.clone(),
        );
        let audit = audit.expect("there is a key");
        let note = audit
            .checkpoint(true)
            .await
            .expect("it is sound")
            .expect("it grew");
        let (is_good, told) = doctor(&keys);
        assert!(
            !is_good && told.contains("no witness signed its last 5"),
            "{told}"
        );
        let (is_good, told) = doctor("[]");
        assert!(
            is_good && told.contains("no witness in audit.keys"),
            "{told}"
        );
        let file = db.file(
            "cosigned.note",
            key.sign(WITNESS, note).to_string().as_bytes(),
        );
        let (url, data) = (db.url(), db.folder().display().to_string());
        let file = file.display().to_string();
        let taken = zhengxin([
            "audit",
            "cosigned",
            &file,
            "--database-url",
            &url,
            "--data",
            &data,
            "-o",
            "json",
        ])
        .env("ZHENGXIN__AUDIT__KEYS", &keys)
        .run()
        .ended(0);
        assert_eq!(taken.json()["entries"], 5);
        assert_eq!(
            doctor(&keys),
            (true, "5 entries; 0 not witnessed yet".to_owned())
        );
        // What is durable and was not put into the log for long.
        super::change(&hub.app.audit, &hub.app.store, 9).await;
        let (is_good, told) = doctor(&keys);
        assert!(!is_good && told.contains("1 entries wait"), "{told}");
    })
    .await;
}
