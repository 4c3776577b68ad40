//! A thousand numbers of made-up persons go in by every door and come out by none: not in what is kept, told, logged,
//! measured, written to files or, in builds that send traces, sent as such.

mod ask;
mod change;
mod deliver;
mod planted;
mod scene;
mod watch;

use std::{collections::BTreeMap, fs, path::Path};

use zhengxin::{
    auth::Auth,
    clock::Clock,
    config::{self, LocalKey},
};

use super::{PATIENCE, Server, traces::Collector};
use crate::{
    notify::{Receiver, SECRET},
    support::{KEY, made},
};

pub(super) use ask::form;
pub(super) use planted::Canaries;
use planted::wide;
use scene::Scene;

const BUREAU: &str = "佛山市禅城区样例局";

/// All files below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("it is there") {
        let path = entry.expect("it can be read").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false => found.push(path),
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_numbers_go_in_and_none_comes_out() {
    let scene = Scene::new();
    tokio::task::block_in_place(|| scene.deliver());
    let log = scene.outside.path().join("serve.jsonl");
    let key = scene.db.folder().join("person.key").display().to_string();
    let mut settings = vec![
        ("AUTH__LOCAL__KEY", KEY),
        ("SERVER__NOTICE_SECONDS", "0"),
        ("HUB__PERSON_KEY_FILE", &key),
    ];
    let receiver = Receiver::start().await;
    let secret = scene.db.file("secret", SECRET.as_bytes());
    let secret = secret.display().to_string();
    settings.extend([
        ("NOTIFY__COURT__URL", receiver.url.as_str()),
        ("NOTIFY__COURT__SECRET_FILE", secret.as_str()),
        ("NOTIFY__COURT__ALLOW", "[\"127.0.0.0/8\"]"),
        (
            "NOTIFY__COURT__WATCH",
            "{ subject = \"test\", role = \"COURT\" }",
        ),
    ]);
    let collector = Collector::start().await;
    if cfg!(feature = "otel") {
        settings.extend(collector.settings());
    }
    let program = Server::program(&scene.db, &settings);
    let program = ["-o", "json", "-vv"]
        .iter()
        .fold(program, |program, word| program.argument(word));
    let mut server = Server::started(program.start_logging_to(&log));
    let believes = config::Auth {
        local: Some(LocalKey {
            key: Some(KEY.to_owned()),
            ..LocalKey::default()
        }),
        ..config::Auth::default()
    };
    let auth = Auth::new(&believes, Clock::system()).expect("the key is long enough");
    scene.ask(&server, &auth, &receiver).await;
    server.running.terminate();
    assert!(server.running.ends_within(PATIENCE));
    let traces = collector.taken();
    let is_told = traces.windows(8).any(|part| part == b"/graphql");
    assert_eq!(is_told, cfg!(feature = "otel"), "{} bytes", traces.len());
    scene.tell("traces", traces);
    let bundle = scene.db.folder().join("bundle.jsonl").display().to_string();
    let ledger = scene.db.folder().join("ledger.csv").display().to_string();
    tokio::task::block_in_place(|| {
        scene
            .call(&["audit", "export", "--bundle", &bundle])
            .ended(0);
        scene.call(&["ledger", "--file", &ledger]).ended(0);
        scene.call(&["doctor"]);
    });

    let canaries = &scene.canaries;
    assert!(canaries.count() >= 1_000, "{}", canaries.count());
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (place, bytes) in scene.told.borrow().iter() {
        found
            .entry(place.clone())
            .or_default()
            .extend(canaries.in_bytes(bytes));
    }
    let kept = files(scene.db.folder());
    assert!(
        kept.len() > 20,
        "database, log of audit, raw deliveries: {kept:?}"
    );
    let exported = scene.outside.path().join("ledger.xlsx");
    for path in kept.iter().chain([&log, &exported]) {
        let name = path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        found
            .entry(name)
            .or_default()
            .extend(canaries.in_file(path));
    }
    found.retain(|_, found| !found.is_empty());
    for found in found.values_mut() {
        found.sort();
        found.dedup_by_key(|found| found.split(':').next().unwrap_or_default().to_owned());
    }
    assert!(found.is_empty(), "{found:#?}");

    // The search finds one wherever it is, and however it is written there.
    let (number, phone) = (canaries.number("control"), canaries.phone("control"));
    let text = format!("某{}，{number}，{}", wide(&phone), "y".repeat(9_000));
    assert_eq!(canaries.in_bytes(text.as_bytes()).len(), 2);
    for gap in [" ", " - ", ".", "–", "—", "_", "\u{a0}", "\t", "  "] {
        let phone = [&phone[..3], &phone[3..7], &phone[7..]].join(gap);
        let number = [&number[..6], &number[6..14], &number[14..]].join(gap);
        let text = format!("2026-05-01 {phone}，1.5 {number}");
        assert_eq!(canaries.in_bytes(text.as_bytes()).len(), 2, "{text}");
    }
    let packed = zstd::bulk::compress(text.as_bytes(), 3).expect("it is packed");
    let book = made::workbook(format!("号码\n{number}\n{phone}\n").as_bytes());
    for (name, bytes) in [
        ("packed", packed),
        ("book.xlsx", book),
        ("plain", text.into_bytes()),
    ] {
        let path = scene.outside.path().join(name);
        fs::write(&path, bytes).expect("the folder is ours");
        assert_eq!(canaries.in_file(&path).len(), 2, "{name}");
    }
}
