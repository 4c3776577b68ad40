//! Entries of what is done on the hub's machine, and of how the hub starts.

use domain::audit::{Action, Entry};
use zhengxin::store::{AuditFilter, Store};

use super::audit_on;
use crate::support::{CatalogueCopy, Db, Hub, on_both, zhengxin};

/// The entries of an action, the oldest first, as `subject role object`.
async fn entries(db: &Db, action: Action) -> Vec<String> {
    let (audit, store) = audit_on(db, |_| {}).await;
    audit.integrate().await.expect("it is put together");
    let verified = audit.verify(None).await.expect("it is read");
    verified.expect("it is sound");
    told(&store, action).await
}

async fn told(store: &Store, action: Action) -> Vec<String> {
    let filter = AuditFilter {
        action: Some(action),
        ..AuditFilter::default()
    };
    let rows = store.find_audit(&filter, None, 100).await;
    let rows = rows.expect("it is read");
    rows.iter()
        .rev()
        .map(|row| Entry::decode(&row.record).expect("an entry"))
        .map(|entry| {
            format!(
                "{} {} {}",
                entry.actor.subject, entry.actor.role, entry.object
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_another_configuration_or_catalogue_has_an_entry() {
    on_both(async |db| {
        let catalogue = CatalogueCopy::make();
        catalogue.spoil(
            "sources/hotline.toml",
            "\nextent",
            "\nraw_days = 77\nextent",
        );
        let mut starts = Vec::new();
        // Twice as before, with another setting, as at first, and with another catalogue.
        for (nth, noted) in [(0, 1), (0, 1), (1, 2), (0, 3), (2, 4), (2, 4)] {
            let folder = catalogue.path().to_owned();
            let hub = Hub::with(&db, |config| match nth {
                0 => {}
                1 => config.audit.keep_days = 200,
                _ => config.catalogue.dir = Some(folder),
            })
            .await;
            hub.app.note_start().await.expect("it is durable");
            starts = entries(&db, Action::Configuration).await;
            assert_eq!(starts.len(), noted, "{starts:#?}");
        }
        assert!(
            starts
                .iter()
                .all(|start| start.starts_with("command line OPERATOR catalogue "))
        );
        assert_eq!(starts[0], starts[2], "as at first is as at first");
        let catalogue_of = |start: &str| start.split(' ').nth(4).map(str::to_owned);
        assert_eq!(catalogue_of(&starts[0]), catalogue_of(&starts[1]));
        assert_ne!(catalogue_of(&starts[2]), catalogue_of(&starts[3]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_command_line_takes_out_or_changes_has_an_entry() {
    on_both(async |db| {
        let (url, data) = (db.url(), db.folder().display().to_string());
        let call = |arguments: &[&str]| {
            let place = ["--database-url", &url, "--data", &data, "-o", "json"];
            zhengxin(arguments.iter().chain(&place)).run().ended(0)
        };
        let file = db.folder().join("ledger.csv").display().to_string();
        call(&["ledger", "--file", &file]);
        let exports = entries(&db, Action::Export).await;
        assert_eq!(exports, [format!("command line OPERATOR ledger {file}")]);
        call(&[
            "token",
            "revoke",
            "--subject",
            "zhang.san",
            "--reason",
            "left",
        ]);
        call(&["token", "revoke", "--jti", "4711"]);
        call(&["notify", "retry", "--all"]);
        call(&["outbound", "retry", "--all-refused"]);
        let changes = entries(&db, Action::Change).await;
        let expected = [
            "revokeToken zhang.san",
            "revokeToken 4711",
            "notify retry --all",
            "outbound retry --all-refused",
        ];
        let sorted = |mut told: Vec<String>| {
            told.sort_unstable();
            told
        };
        let all = |told: &[&str]| {
            let told = told.iter();
            sorted(
                told.map(|what| format!("command line OPERATOR {what}"))
                    .collect(),
            )
        };
        // Which comes first hangs on how fast what waits is found.
        assert_eq!(sorted(changes), all(&expected));
        // What comes to nothing has one more that says so.
        let lost = |arguments: &[&str]| {
            let place = ["--database-url", &url, "--data", &data, "-o", "json"];
            zhengxin(arguments.iter().chain(&place)).run().ended(1)
        };
        lost(&["notify", "replay", "4711"]);
        lost(&["outbound", "retry", "4711"]);
        lost(&[
            "assess",
            "annual",
            "open",
            "--year",
            "1999",
            "--division",
            "440600",
        ]);
        lost(&["ingest", "court_debtors", "--approve", "4711"]);
        let changes = entries(&db, Action::Change).await;
        let failed = [
            "notify replay 4711",
            "outbound retry 4711",
            "annual open 440600 1999",
            "approveRun 4711",
        ];
        let twice = [&expected[..], &failed, &failed].concat();
        assert_eq!(sorted(changes), all(&twice));
        let bundle = db.folder().join("log.jsonl").display().to_string();
        call(&["audit", "export", "--bundle", &bundle]);
        let exports = entries(&db, Action::Export).await;
        assert_eq!(
            exports[1],
            format!("command line OPERATOR audit bundle {bundle}")
        );
    })
    .await;
}
