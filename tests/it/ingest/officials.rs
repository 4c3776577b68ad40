//! Listings of natural persons: an official is told by his number, doubted by his name, and nobody
//! else is kept.

use domain::{
    run::{RunCounts, RunState},
    viewer::Role,
};
use serde_json::json;

use super::{COURT, OFFICIALS, bring_town, done, town};
use crate::support::{
    Db, Hub, anywhere, count, leftovers,
    made::{self, Listing},
    moment, on_both,
    rows::{self, Row, post},
};

/// Made-up numbers, of a division that is none, with right check characters.
const OFFICIAL: &str = "000000199001010018";
const OTHER: &str = "000000199001020013";
const STRANGER: &str = "000000199001030019";
/// The official's name, and those of others.
const NAME: &str = "甲某乙";
const OTHERS: [&str; 2] = ["丙某丁", "戊某己"];
/// What an official's record is told as here.
const RECORD: &str = "SELECT COUNT(*) FROM credit_record WHERE official_id IS NOT NULL \
                      AND agency_id IS NULL AND change_to IS NULL AND status = 'ACTIVE'";

/// A hub that knows the town and one official of its first district.
async fn hub(db: &Db) -> Hub {
    let hub = Hub::with_person_key(db).await;
    bring_town(&hub).await;
    bring(&hub, &[in_office(NAME, OFFICIAL)]).await;
    hub
}

/// Somebody in office in the first district since March 2024.
fn in_office(name: &str, number: &str) -> Row {
    post(name, number, town()[1].uscc.as_str(), "样例局长")
}

async fn bring(hub: &Hub, posts: &[Row]) {
    let report = hub
        .ingest(OFFICIALS, &[("posts.csv", &rows::file(posts))], |_| {})
        .await;
    assert_eq!(report.outcome, Some(RunState::Done), "{report:#?}");
}

/// Removes all files of a folder, as their time comes.
fn forget_files(folder: &std::path::Path) {
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        match path.is_dir() {
            true => forget_files(&path),
            false => std::fs::remove_file(&path).expect("it is ours"),
        }
    }
}

async fn list(hub: &Hub, day: &str, listings: &[Listing]) -> RunCounts {
    hub.it_is(day);
    let file = made::court_jsonl(listings);
    let report = hub.ingest(COURT, &[("list.jsonl", &file)], |_| {}).await;
    assert_eq!(report.outcome, Some(RunState::Done), "{report:#?}");
    report.counts
}

/// One listing a person, who is an official only in the first, and perhaps in the last two.
fn persons() -> Vec<Listing> {
    let said = format!("责令被执行人{NAME}（身份证{OFFICIAL}）支付样例款");
    vec![
        made::listing(1, NAME).code(OFFICIAL).duty(&said),
        // Who bears the same name is somebody else.
        made::listing(2, NAME).code(OTHER),
        made::listing(3, NAME),
        made::listing(4, NAME).code("000000199001010013"),
        made::listing(5, OTHERS[0]).code("0000001990****0018"),
        made::listing(6, OTHERS[0]).code(STRANGER),
        made::listing(7, NAME).code("0000001990****0018"),
        made::listing(8, OTHERS[1]).code(OFFICIAL),
    ]
}

#[tokio::test]
async fn an_official_is_told_by_his_number_and_nobody_by_his_name() {
    on_both(async |db| {
        let with_column = {
            let platform = String::from_utf8(made::court_platform(&persons())).expect("text");
            // The column of persons' numbers instead of that of codes.
            platform
                .replacen("zzjgdm", "#", 1)
                .replacen("sfzhm", "zzjgdm", 1)
                .replacen('#', "sfzhm", 1)
        };
        for (file, bytes) in [
            ("page.json", made::court_page(&persons(), 8)),
            ("details.jsonl", made::court_jsonl(&persons())),
            ("platform.csv", made::court_platform(&persons())),
            ("persons.csv", with_column.into_bytes()),
        ] {
            let db = db.another();
            let hub = hub(&db).await;
            let report = hub.ingest(COURT, &[(file, &bytes)], |_| {}).await;
            let counts = RunCounts {
                received: 8,
                stored: 1,
                unresolved: 2,
                out_of_scope: 5,
                ..RunCounts::default()
            };
            done(&report, counts);
            assert_eq!(count(&hub, RECORD).await, 1, "{file}");
            assert_eq!(
                hub.mentions().await,
                ["戊** CONFLICT", "甲** AMBIGUOUS"],
                "{file}"
            );
            assert_eq!(leftovers(&hub).await, "");

            // A number stands nowhere, whole or masked, and a name only with its post.
            for number in [
                OFFICIAL,
                OTHER,
                STRANGER,
                "0000001990",
                "000000******",
                "****0018",
            ] {
                let found = anywhere(&hub, number).await;
                assert_eq!(found, Vec::<String>::new(), "{file}: {number}");
            }
            assert_eq!(anywhere(&hub, NAME).await, ["post.name"], "{file}");
            for other in OTHERS {
                assert_eq!(anywhere(&hub, other).await, Vec::<String>::new(), "{file}");
            }
            // What is said of him is there without either.
            let said = anywhere(&hub, "责令被执行人甲**（身份证").await;
            assert_eq!(said, ["evidence.content"], "{file}");
            let told = format!("{report:?}");
            assert!(!told.contains(OFFICIAL) && !told.contains(NAME), "{told}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_masked_listing_says_why_people_must_look_and_shows_no_name() {
    on_both(async |db| {
        let hub = hub(&db).await;
        let masks = [
            "0000001990****0018",
            "000000XXXXXXXX0018",
            "000000************",
        ];
        let listings: Vec<Listing> = (1..)
            .zip(masks)
            .map(|(id, mask)| made::listing(id, NAME).code(mask))
            .collect();
        let counts = list(&hub, "2026-11-20", &listings).await;
        assert_eq!((counts.unresolved, counts.stored), (3, 0), "{counts:?}");
        let query = "{ mentions { edges { node { text division { code } evidence { sourceKey } \
                     resolution { outcome agency { name } candidates { reason } steps } } } } }";
        let authority = hub.token(Role::Authority, &["440000"], None);
        let answer = hub.query_for(Some(&authority), "sanction", query).await;
        let edges = answer["data"]["mentions"]["edges"]
            .as_array()
            .expect("edges");
        assert_eq!(edges.len(), 3);
        for edge in edges {
            let node = &edge["node"];
            assert_eq!(
                (&node["text"], &node["division"]["code"]),
                (&json!("甲**"), &json!("440604"))
            );
            let resolution = &node["resolution"];
            assert_eq!(resolution["outcome"], "AMBIGUOUS");
            assert_eq!(
                (&resolution["agency"], &resolution["candidates"]),
                (&json!(null), &json!([]))
            );
            let step = resolution["steps"][0].as_str().unwrap_or_default();
            assert!(step.contains("masked") && step.contains("遮盖"), "{step}");
        }

        // The court tells the whole number later: then it is told.
        let listings = [made::listing(1, NAME).code(OFFICIAL), listings[1].clone()];
        let counts = list(&hub, "2026-11-21", &listings).await;
        assert_eq!((counts.stored, counts.unresolved), (1, 1), "{counts:?}");
        assert_eq!(count(&hub, RECORD).await, 1);
        assert_eq!(hub.mentions().await, ["甲** AMBIGUOUS"]);
    })
    .await;
}

#[tokio::test]
async fn a_post_counts_when_it_is_held_on_the_day_of_the_listing_or_now() {
    let outside = made::uscc("11", "440604", 4_711);
    let bureau = town()[1].uscc;
    for (from, to, body, listed_on, told_on, is_record) in [
        ("2024-03-01", "", &bureau, "2025-03-04", "2026-11-20", true),
        // He left since.
        (
            "2024-03-01",
            "2025-12-31",
            &bureau,
            "2025-03-04",
            "2026-11-20",
            true,
        ),
        (
            "2024-03-01",
            "2025-03-04",
            &bureau,
            "2025-03-04",
            "2026-11-20",
            true,
        ),
        // He left before.
        (
            "2024-03-01",
            "2025-03-03",
            &bureau,
            "2025-03-04",
            "2026-11-20",
            false,
        ),
        // He came since.
        ("2025-03-05", "", &bureau, "2025-03-04", "2026-11-20", true),
        ("2026-11-21", "", &bureau, "2025-03-04", "2026-11-20", false),
        ("2026-11-21", "", &bureau, "2025-03-04", "2026-11-21", true),
        // He came and left between.
        (
            "2025-04-01",
            "2025-12-31",
            &bureau,
            "2025-03-04",
            "2026-11-20",
            false,
        ),
        // A body that is none of ours.
        (
            "2024-03-01",
            "",
            &outside,
            "2025-03-04",
            "2026-11-20",
            false,
        ),
        ("", "", &bureau, "2025-03-04", "2026-11-20", true),
    ] {
        let db = Db::sqlite();
        let hub = Hub::with_person_key(&db).await;
        bring_town(&hub).await;
        let post = post(NAME, OFFICIAL, body.as_str(), "样例局长");
        bring(&hub, &[post.with("任职起", from).with("任职止", to)]).await;
        let listing = made::listing(1, NAME).code(OFFICIAL).published(listed_on);
        let counts = list(&hub, told_on, &[listing]).await;
        let case = format!("{from} to {to} in {body}, listed {listed_on}, told {told_on}");
        assert_eq!(counts.stored, i64::from(is_record), "{case}");
        assert_eq!(counts.out_of_scope, i64::from(!is_record), "{case}");
        assert_eq!(count(&hub, RECORD).await, i64::from(is_record), "{case}");
    }
}

#[tokio::test]
async fn a_listing_that_comes_again_finds_whom_the_register_learned_of_since() {
    on_both(async |db| {
        let hub = Hub::with_person_key(&db).await;
        bring_town(&hub).await;
        let listing = [made::listing(1, NAME).code(OFFICIAL)];
        assert_eq!(list(&hub, "2026-11-20", &listing).await.out_of_scope, 1);
        assert_eq!(count(&hub, RECORD).await, 0);
        // Without the raw file nobody can be found before.
        forget_files(&db.folder().join("raw"));
        bring(&hub, &[in_office(NAME, OFFICIAL)]).await;
        assert_eq!(count(&hub, RECORD).await, 0);
        assert_eq!(list(&hub, "2026-11-21", &listing).await.stored, 1);
        assert_eq!(list(&hub, "2026-11-22", &listing).await.unchanged, 1);
        assert_eq!(count(&hub, RECORD).await, 1);

        // And what the court lists no longer is no longer listed.
        let other = [made::listing(9, "佛山市禅城区样例局")];
        assert_eq!(list(&hub, "2026-11-23", &other).await.withdrawn, 1);
        assert_eq!(count(&hub, RECORD).await, 0);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn what_was_listed_before_is_told_when_the_register_learns_of_him() {
    on_both(async |db| {
        let hub = Hub::with_person_key(&db).await;
        bring_town(&hub).await;
        // A full list, a later change that nobody repeats, and one that was already ended.
        assert_eq!(
            list(&hub, "2026-11-18", &[made::listing(1, NAME).code(OFFICIAL)])
                .await
                .out_of_scope,
            1
        );
        hub.it_is("2026-11-19");
        let change = made::court_jsonl(&[
            made::listing(2, NAME).code(OFFICIAL),
            made::listing(3, OTHERS[0]).code(OTHER),
            made::listing(4, NAME).code("0000001990****0018"),
        ]);
        let report = hub
            .ingest(COURT, &[("change.jsonl", &change)], |order| {
                order.partial = true
            })
            .await;
        assert_eq!(report.counts.out_of_scope, 3, "{report:#?}");
        hub.it_is("2026-11-20");
        bring(&hub, &[in_office(NAME, OFFICIAL)]).await;
        assert_eq!(count(&hub, RECORD).await, 2);
        assert_eq!(hub.mentions().await, ["甲** AMBIGUOUS"]);
        let runs = "SELECT COUNT(*) FROM run WHERE source = 'court_debtors'";
        assert_eq!(count(&hub, runs).await, 4, "each delivery was read again");
        // Nobody was heard of by that.
        let heard = "SELECT COUNT(*) FROM source \
                     WHERE key = 'court_debtors' AND last_success_at >= '2026-11-20'";
        assert_eq!(count(&hub, heard).await, 0);

        // The register says it again: nothing has changed and nothing is read.
        bring(&hub, &[in_office(NAME, OFFICIAL)]).await;
        assert_eq!(count(&hub, runs).await, 4);
        // It learns of another one: each delivery is read once more, not each reading of it.
        bring(
            &hub,
            &[in_office(NAME, OFFICIAL), in_office(OTHERS[0], OTHER)],
        )
        .await;
        assert_eq!(count(&hub, RECORD).await, 3);
        assert_eq!(count(&hub, runs).await, 6);
        for secret in [OFFICIAL, OTHER] {
            assert_eq!(anywhere(&hub, secret).await, Vec::<String>::new());
        }
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn a_conflict_ends_when_the_registers_name_is_mended() {
    on_both(async |db| {
        let hub = Hub::with_person_key(&db).await;
        bring_town(&hub).await;
        bring(&hub, &[in_office("甲某丙", OFFICIAL)]).await;
        let listings = [made::listing(1, NAME).code(OFFICIAL)];
        assert_eq!(list(&hub, "2026-11-20", &listings).await.unresolved, 1);
        assert_eq!(hub.mentions().await, ["甲** CONFLICT"]);
        bring(&hub, &[in_office(NAME, OFFICIAL)]).await;
        assert_eq!(hub.mentions().await, Vec::<String>::new());
        assert_eq!(count(&hub, RECORD).await, 1);
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn who_waits_for_people_is_judged_anew_where_no_raw_file_is_left() {
    on_both(async |db| {
        let hub = hub(&db).await;
        let listings = [
            made::listing(1, OTHERS[0]).code(OFFICIAL),
            made::listing(2, "甲*乙").code("0000001990****0018"),
        ];
        assert_eq!(list(&hub, "2026-11-20", &listings).await.unresolved, 2);
        assert_eq!(hub.mentions().await, ["丙** CONFLICT", "甲** AMBIGUOUS"]);
        forget_files(&db.folder().join("raw"));
        // The register of bodies says nothing of persons.
        let more = made::body(7, "佛山市禅城区新样局", "440604");
        let mut bodies = town();
        bodies.push(more);
        let register = made::register(&bodies);
        hub.ingest(super::REGISTER, &[("r.csv", &register)], |_| {})
            .await;
        assert_eq!(hub.mentions().await.len(), 2);
        // Nobody of that name, and nobody of that number, is an official any more.
        bring(&hub, &[in_office(OTHERS[1], OTHER)]).await;
        assert_eq!(hub.mentions().await, Vec::<String>::new());
        assert_eq!(leftovers(&hub).await, "");
    })
    .await;
}

#[tokio::test]
async fn a_masked_name_beside_a_masked_number_waits_for_people() {
    on_both(async |db| {
        let hub = hub(&db).await;
        let masked = |id: i64, name: &str| made::listing(id, name).code("0000001990****0018");
        let listings = [
            masked(1, "甲*乙"),
            masked(2, "甲**"),
            masked(3, "甲XX"),
            masked(4, "甲*丙"),
            masked(5, "甲*"),
            masked(6, "乙**"),
            masked(7, "**乙"),
        ];
        let counts = list(&hub, "2026-11-20", &listings).await;
        assert_eq!(
            (counts.unresolved, counts.out_of_scope, counts.stored),
            (3, 4, 0),
            "{counts:?}"
        );
        assert_eq!(hub.mentions().await, vec!["甲** AMBIGUOUS"; 3]);
        assert_eq!(count(&hub, RECORD).await, 0);
    })
    .await;
}

#[tokio::test]
async fn where_the_description_does_not_ask_for_officials_none_is_told() {
    let db = Db::sqlite();
    let folder = db.folder().join("catalogue");
    crate::api::catalogue_with(&folder, &[]);
    let path = folder.join("sources/court_debtors.toml");
    let text = std::fs::read_to_string(&path).expect("it was copied");
    let mut source: toml::Table = text.parse().expect("it is TOML");
    for form in source["form"].as_array_mut().expect("forms") {
        let removed = form.as_table_mut().expect("a form").remove("officials");
        assert!(removed.is_some());
    }
    std::fs::write(&path, source.to_string()).expect("the folder is ours");
    let key = db.file(
        "person.key",
        b"a key for the numbers of made-up persons alone",
    );
    let hub = Hub::with(&db, |config| {
        config.catalogue.dir = Some(folder);
        config.hub.person_key_file = Some(key);
    })
    .await;
    bring_town(&hub).await;
    bring(&hub, &[in_office(NAME, OFFICIAL)]).await;
    let counts = list(&hub, "2026-11-20", &persons()).await;
    assert_eq!(
        (counts.out_of_scope, counts.unresolved),
        (8, 0),
        "{counts:?}"
    );
}

#[tokio::test]
async fn a_listing_of_an_official_that_is_wrong_is_rejected_without_number_and_name() {
    on_both(async |db| {
        let hub = hub(&db).await;
        let case = format!("{NAME}{OFFICIAL}号");
        let listings = [
            made::listing(1, NAME).code(OFFICIAL).case(&case),
            made::listing(2, NAME)
                .code(OFFICIAL)
                .published("2027-03-04"),
        ];
        let file = made::court_jsonl(&listings);
        let report = hub.ingest(COURT, &[("list.jsonl", &file)], |_| {}).await;
        assert_eq!(
            (report.counts.rejected, report.counts.stored),
            (2, 0),
            "{report:#?}"
        );
        let told = format!("{report:?}");
        assert!(!told.contains(OFFICIAL) && !told.contains(NAME), "{told}");
        assert_eq!(anywhere(&hub, OFFICIAL).await, Vec::<String>::new());
        assert_eq!(anywhere(&hub, NAME).await, ["post.name"]);
    })
    .await;
}

#[tokio::test]
async fn a_body_with_an_officials_number_in_its_row_is_that_body() {
    on_both(async |db| {
        let hub = hub(&db).await;
        let listing = made::listing(1, "佛山市禅城区样例局").code(OFFICIAL);
        assert_eq!(list(&hub, "2026-11-20", &[listing]).await.stored, 1);
        assert_eq!(
            hub.records().await,
            ["佛山市禅城区样例局 ACTIVE 2025-03-04 -"]
        );
        assert_eq!(count(&hub, RECORD).await, 0);
        assert_eq!(anywhere(&hub, OFFICIAL).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_mark_ends_an_officials_listing_even_where_it_comes_first() {
    on_both(async |db| {
        let hub = hub(&db).await;
        let change = |id: i64, delist: &str| {
            let mut row = made::listing(id, NAME).code(OFFICIAL).detail();
            row["delist"] = delist.into();
            format!("{row}\n")
        };
        let bring = async |day: &str, rows: String| {
            let files = [("changes.jsonl", rows.as_bytes())];
            let as_of = |order: &mut zhengxin::ingest::Order| {
                order.partial = true;
                order.as_of = Some(moment(day));
            };
            let report = hub.ingest(COURT, &files, as_of).await;
            assert_eq!(report.outcome, Some(RunState::Done), "{report:#?}");
        };
        bring("2026-11-18", change(1, "0") + &change(2, "1")).await;
        assert_eq!(count(&hub, RECORD).await, 1);
        bring("2026-11-19", change(1, "1")).await;
        assert_eq!(count(&hub, RECORD).await, 0);
        bring("2026-11-17", change(2, "0")).await;
        assert_eq!(count(&hub, RECORD).await, 0, "it had ended before it was heard of");
        let all = "SELECT COUNT(*) FROM credit_record WHERE official_id IS NOT NULL AND change_to IS NULL AND status = 'DELISTED'";
        assert_eq!(count(&hub, all).await, 2);
        assert_eq!(anywhere(&hub, OFFICIAL).await, Vec::<String>::new());
        assert_eq!(anywhere(&hub, NAME).await, ["post.name"]);
    })
    .await;
}
