//! File packages in a folder.

use std::{fs, path::Path};

use domain::outbox::OutboxState;
use serde_json::Value;
use sha2::{Digest, Sha256};
use zhengxin::config::{Channel, Place};

use super::{LAYOUT, deliver, hub_with, listing, outbox, round, states, tamper, told};
use crate::support::{Db, Hub, on_both};

pub(super) async fn hub_and_folder(
    db: &Db,
    changes: &[(&str, &str, &str)],
) -> (Hub, std::path::PathBuf) {
    let folder = db.folder().join("platform");
    fs::create_dir_all(&folder).expect("the folder is ours");
    let place = Place {
        folder: Some(folder.clone()),
        ..Place::default()
    };
    (hub_with(db, Channel::Package, place, changes).await, folder)
}

/// The files of a folder, sorted.
fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| entry.path().is_file());
    let mut names: Vec<_> = files
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn spool(folder: &Path) -> std::path::PathBuf {
    folder.join(".outgoing")
}

#[tokio::test]
async fn a_package_is_complete_with_its_manifest_and_sent_once() {
    on_both(async |db| {
        let (hub, folder) = hub_and_folder(&db, &[]).await;
        deliver(&hub, "2026-11-20", &[listing(1), listing(2)]).await;
        let report = round(&hub).await;
        assert_eq!((report.sent, report.troubles.len()), (2, 0), "{report:#?}");
        let names = files(&folder);
        let [file, manifest] = &names[..] else {
            panic!("{names:?}")
        };
        assert!(
            file.starts_with("ZWSX_20261120_") && file.ends_with(".csv"),
            "{names:?}"
        );
        let bytes = fs::read(folder.join(file)).expect("it is there");
        let told: Value =
            serde_json::from_slice(&fs::read(folder.join(manifest)).expect("it is there"))
                .expect("a manifest is JSON");
        let digest: String = Sha256::digest(&bytes)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(told["wjm"], *file);
        assert_eq!((&told["jls"], &told["sha256"]), (&2.into(), &digest.into()));
        let mut reader = csv::Reader::from_reader(&bytes[..]);
        let headings = reader.headers().expect("headings").clone();
        assert_eq!(
            (&headings[0], &headings[5], headings.len()),
            ("xxbh", "jgmc", 24)
        );
        let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
        let numbers: Vec<_> = rows.iter().map(|row| row[0].to_owned()).collect();
        let entries = outbox(&hub).await;
        let expected: Vec<_> = entries
            .iter()
            .map(|entry| entry.number.to_string())
            .collect();
        assert_eq!(numbers, expected);
        assert!(rows.iter().all(|row| &row[5] == "佛山市样例局"), "{rows:?}");
        assert_eq!(entries[0].package.as_deref(), file.strip_suffix(".csv"));
        assert_eq!(files(&spool(&folder)), Vec::<String>::new());

        assert_eq!(
            round(&hub).await,
            zhengxin::outbound::RoundReport::default()
        );
        assert_eq!(files(&folder), names);
    })
    .await;
}

#[tokio::test]
async fn whoever_is_killed_at_a_package_never_hands_it_over_twice() {
    on_both(async |db| {
        let (hub, folder) = hub_and_folder(&db, &[]).await;
        deliver(&hub, "2026-11-20", &[listing(1), listing(2)]).await;
        round(&hub).await;
        let names = files(&folder);
        let killed = "UPDATE outbox SET state = 'UNKNOWN', claim = 'of one who is dead'";

        // Behind the hand-over, and the platform has collected the package already.
        for name in &names {
            fs::rename(folder.join(name), db.folder().join(name)).expect("both are ours");
        }
        tamper(&hub, killed).await;
        hub.it_is("2026-11-21");
        assert_eq!(round(&hub).await.sent, 2);
        assert_eq!(files(&folder), Vec::<String>::new(), "it is not made again");

        // Between the file and its manifest.
        fs::rename(db.folder().join(&names[0]), folder.join(&names[0])).expect("both are ours");
        fs::rename(db.folder().join(&names[1]), spool(&folder).join(&names[1]))
            .expect("both are ours");
        tamper(&hub, killed).await;
        hub.it_is("2026-11-22");
        assert_eq!(round(&hub).await.sent, 2);
        assert_eq!(files(&folder), names);

        // Before it was noted as leaving: it is made anew, and what lay in the spool is gone.
        for name in &names {
            fs::rename(folder.join(name), spool(&folder).join(name)).expect("both are ours");
        }
        tamper(&hub, &format!("{killed}, sent_at = NULL")).await;
        hub.it_is("2026-11-23");
        assert_eq!(round(&hub).await.sent, 2);
        let anew = files(&folder);
        assert_eq!(anew.len(), 2);
        assert!(anew[0].starts_with("ZWSX_20261123_"), "{anew:?}");
        assert_eq!(files(&spool(&folder)), Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn feedback_files_settle_messages_and_are_put_aside() {
    on_both(async |db| {
        let (hub, folder) = hub_and_folder(&db, &[]).await;
        deliver(&hub, "2026-11-20", &[listing(1), listing(2), listing(3)]).await;
        round(&hub).await;
        let numbers: Vec<_> = outbox(&hub)
            .await
            .iter()
            .map(|entry| entry.number.to_string())
            .collect();
        let feedback = "ZWSX.feedback.csv";
        let text = format!(
            "\u{FEFF}xxbh,clzt,hzbh,sbyy\n{},0,HZ1,\n{},1,,主体不存在\n",
            numbers[0], numbers[1]
        );
        fs::write(folder.join(feedback), &text).expect("the folder is ours");
        let report = round(&hub).await;
        assert_eq!(
            (report.accepted, report.refused, report.troubles.len()),
            (1, 1, 0),
            "{report:#?}"
        );
        assert_eq!(
            told(&hub).await,
            [
                "v1 ACCEPTED INSERT",
                "v1 REFUSED INSERT 主体不存在",
                "v1 SENT INSERT"
            ]
        );
        assert_eq!(outbox(&hub).await[0].receipt.as_deref(), Some("HZ1"));

        // It grows, and the rest is read too; then it says nothing new and goes.
        fs::write(
            folder.join(feedback),
            format!("{text}{},0,HZ3,\n7-1,0,,\n", numbers[2]),
        )
        .expect("the folder is ours");
        let report = round(&hub).await;
        assert_eq!(
            (report.accepted, report.troubles.len()),
            (1, 1),
            "{report:#?}"
        );
        assert!(files(&folder).contains(&feedback.to_owned()));
        round(&hub).await;
        assert!(!files(&folder).contains(&feedback.to_owned()));
        assert_eq!(files(&folder.join("feedback-done")), [feedback]);

        // The refused one is mended; its next version is new to the platform, the others are not.
        let all = [1, 2, 3].map(|id| listing(id).published("2025-05-05"));
        deliver(&hub, "2026-11-21", &all).await;
        assert_eq!(round(&hub).await.sent, 3);
        let told = told(&hub).await;
        assert_eq!(
            told.iter()
                .filter(|line| line.starts_with("v2"))
                .collect::<Vec<_>>(),
            ["v2 SENT UPDATE", "v2 SENT INSERT", "v2 SENT UPDATE"]
                .iter()
                .collect::<Vec<_>>()
        );
    })
    .await;
}

#[tokio::test]
async fn feedback_that_can_not_be_read_is_named_and_stays() {
    let db = Db::sqlite();
    let (hub, folder) = hub_and_folder(&db, &[]).await;
    deliver(&hub, "2026-11-20", &[listing(1)]).await;
    round(&hub).await;
    fs::write(folder.join("a.feedback.csv"), "xxbh,zt\n1-1,0\n").expect("the folder is ours");
    fs::write(folder.join("b.feedback.csv"), "xxbh,clzt\n1-1,0,0,0\n").expect("the folder is ours");
    std::os::unix::fs::symlink("/etc/passwd", folder.join("c.feedback.csv")).expect("a link");
    let report = round(&hub).await;
    assert_eq!(report.troubles.len(), 2, "{report:#?}");
    assert!(
        report.troubles[0].contains("a.feedback.csv") && report.troubles[0].contains("clzt"),
        "{report:#?}"
    );
    assert_eq!(files(&folder).len(), 5, "all of it stays");
    assert_eq!(states(&hub).await, [OutboxState::Sent]);
}

#[tokio::test]
async fn packages_are_cut_and_xml_is_written_where_the_layout_says_so() {
    let db = Db::sqlite();
    let changes = [
        (
            LAYOUT,
            "form = \"csv\"",
            "form = { xml = { root = \"sjb\", row = \"jl\" } }",
        ),
        (LAYOUT, "rows_max = 1000", "rows_max = 2"),
        (LAYOUT, "value = \"0\"", "value = \"<&\\u0001>\""),
    ];
    let (hub, folder) = hub_and_folder(&db, &changes).await;
    deliver(&hub, "2026-11-20", &[listing(1), listing(2), listing(3)]).await;
    assert_eq!(round(&hub).await.sent, 3);
    let names = files(&folder);
    assert_eq!(names.len(), 4, "{names:?}");
    let text: String = names
        .iter()
        .filter(|name| name.ends_with(".xml"))
        .map(|name| fs::read_to_string(folder.join(name)).expect("it is there"))
        .collect();
    assert_eq!(text.matches("<jl><xxbh>").count(), 3, "{text}");
    assert!(
        text.contains("<env_flag>&lt;&amp;&gt;</env_flag></jl>"),
        "{text}"
    );
    let mut reader = quick_xml::Reader::from_str(&text);
    while reader.read_event().expect("it is well-formed") != quick_xml::events::Event::Eof {}
}

#[tokio::test]
async fn a_folder_that_is_missing_is_a_trouble_and_costs_nothing() {
    let db = Db::sqlite();
    let (hub, folder) = hub_and_folder(&db, &[]).await;
    deliver(&hub, "2026-11-20", &[listing(1)]).await;
    fs::remove_dir_all(&folder).expect("it is ours");
    fs::write(&folder, "no folder").expect("it is ours");
    let report = round(&hub).await;
    assert_eq!(report.put_off, 1, "{report:#?}");
    assert!(
        report.troubles.iter().any(|told| told.contains("platform")),
        "{report:#?}"
    );
    fs::remove_file(&folder).expect("it is ours");
    fs::create_dir(&folder).expect("it is ours");
    hub.it_is("2026-11-21");
    assert_eq!(round(&hub).await.sent, 1);
}
