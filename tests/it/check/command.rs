//! `zhengxin check`: what it says, how it ends, lists of many, and replaying a receipt.

use std::path::Path;

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{LISTED, SOUND};
use crate::{
    api::catalogue_with,
    support::{Db, Hub, Program, made, on_both, zhengxin},
};

fn calling(db: &Db, arguments: &[&str]) -> Program {
    let place = [
        "--database-url".to_owned(),
        db.url(),
        "--data".to_owned(),
        db.folder().display().to_string(),
    ];
    zhengxin(arguments.iter().map(ToString::to_string).chain(place))
}

/// A listed body and a sound one, brought in by the command line.
fn filled(db: &Db) -> [made::Body; 2] {
    let bodies = [
        made::body(2, LISTED, "440600"),
        made::body(3, SOUND, "440600"),
    ];
    let register = db.file("a.csv", &made::register(&bodies));
    let list = db.file("c.jsonl", &made::court_jsonl(&[made::listing(1, LISTED)]));
    for (source, file) in [("agency_register", register), ("court_debtors", list)] {
        calling(
            db,
            &["ingest", source, "--file", &file.display().to_string()],
        )
        .run()
        .ended(0);
    }
    bodies
}

#[tokio::test(flavor = "multi_thread")]
async fn one_subject_is_checked_and_its_receipt_replayed() {
    on_both(async |db| {
        filled(&db);
        let told = |arguments: &[&str], code: i32| -> Value {
            let all = [arguments, &["-o", "json"]].concat();
            serde_json::from_str(&calling(&db, &all).run().ended(code).out).expect("JSON")
        };
        let hit = told(&["check", "--name", LISTED, "--purpose", "联合惩戒"], 3);
        assert_eq!(
            (&hit["verdict"], &hit["answer"]["records"][0]["kind"]),
            (&"LISTED".into(), &"JUDGMENT_DEBTOR".into())
        );
        told(&["check", "--name", SOUND, "--purpose", "联合惩戒"], 0);
        told(
            &["check", "--name", "佛山市不存局", "--purpose", "联合惩戒"],
            4,
        );
        calling(&db, &["check", "--name", SOUND]).run().ended(2);
        calling(&db, &["check", "--purpose", "x"]).run().ended(2);
        calling(&db, &["check", "--name", SOUND, "--purpose", " "])
            .run()
            .ended(2);
        // The listing is removed; the receipt is told anew from the data that it names.
        let empty = db
            .file(
                "none.jsonl",
                &made::court_jsonl(&[made::listing(7, "佛山市不存局")]),
            )
            .display()
            .to_string();
        calling(&db, &["ingest", "court_debtors", "--file", &empty])
            .run()
            .ended(0);
        told(&["check", "--name", LISTED, "--purpose", "联合惩戒"], 0);
        let id = hit["id"].as_str().expect("an id");
        let replayed = told(&["check", "--replay", id], 0);
        assert_eq!(
            (&replayed["agrees"], &replayed["replayedDigest"]),
            (&true.into(), &hit["answerDigest"])
        );
        calling(&db, &["check", "--replay", "chk_440000_nothing"])
            .run()
            .ended(1);
        calling(&db, &["audit", "verify"]).run().ended(0);
        // Whoever replays is written down first.
        let hub = Hub::on(&db).await;
        hub.app.audit.integrate().await.expect("it is put together");
        let auditor = hub.token(Role::Auditor, &["440000"], None);
        let query = "{ auditEntries(filter: { action: READ }, first: 9) { edges { node { subject object } } } }";
        let seen = hub.data(Some(&auditor), query).await;
        let replay = |id: &str| json!({ "node": { "subject": "command line", "object": format!("check --replay {id}") } });
        assert_eq!(seen["auditEntries"]["edges"], json!([replay("chk_440000_nothing"), replay(id)]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_told_again_leaves_like_an_export() {
    on_both(async |db| {
        filled(&db);
        let list = format!("单位名称\n{LISTED}\n{SOUND}\n佛山市不存局\n");
        let file = db.file("list.csv", list.as_bytes()).display().to_string();
        let check = || calling(&db, &["check", "--file", &file, "--purpose", "批量", "--reference", "样函1号"]).run().ended(3).out;
        let hub = Hub::on(&db).await;
        let exports = async || {
            hub.app.audit.integrate().await.expect("it is put together");
            let auditor = hub.token(Role::Auditor, &[], None);
            let query = "{ auditEntries(first: 5, filter: { action: EXPORT }) { edges { node { object purpose reference role agencies } } } }";
            let data = hub.data(Some(&auditor), query).await;
            data["auditEntries"]["edges"].as_array().cloned().unwrap_or_default()
        };
        let first = check();
        assert_eq!(exports().await, Vec::<Value>::new(), "told for the first time it has the check's entry");
        assert_eq!(check(), first);
        let left = exports().await;
        let node = &left[0]["node"];
        assert_eq!((left.len(), &node["purpose"], &node["reference"], &node["role"]), (1, &"批量".into(), &"样函1号".into(), &"AUTHORITY".into()));
        assert!(node["object"].as_str().is_some_and(|object| object.starts_with("check --file")), "{node}");
        assert_eq!(node["agencies"].as_array().map(Vec::len), Some(2), "{node}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_durable_entry_the_command_line_tells_nothing() {
    on_both(async |db| {
        filled(&db);
        let list = |name: &str, bodies: &str| {
            db.file(name, format!("单位名称\n{bodies}\n").as_bytes())
                .display()
                .to_string()
        };
        let (known, new) = (list("known.csv", LISTED), list("new.csv", SOUND));
        calling(&db, &["check", "--file", &known, "--purpose", "x"])
            .run()
            .ended(3);
        db.audit_log(false).await;
        let ledger = db.folder().join("ledger.csv").display().to_string();
        for arguments in [
            &["check", "--name", LISTED, "--purpose", "x"][..],
            &["check", "--file", &new, "--purpose", "x"],
            // What was answered before leaves as little.
            &["check", "--file", &known, "--purpose", "x"],
            &["ledger", "--file", &ledger],
        ] {
            let ran = calling(&db, arguments).run().ended(1);
            assert_eq!(ran.out, "", "{arguments:?}");
            assert!(ran.err.contains("audit"), "{arguments:?}: {}", ran.err);
        }
        assert!(!std::path::Path::new(&ledger).exists());
        db.audit_log(true).await;
        calling(&db, &["check", "--file", &known, "--purpose", "x"])
            .run()
            .ended(3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_says_why_the_bytes_are_others() {
    on_both(async |db| {
        filled(&db);
        let file = db
            .file("list.csv", format!("单位名称\n{LISTED}\n").as_bytes())
            .display()
            .to_string();
        let checked = calling(
            &db,
            &["check", "--name", LISTED, "--purpose", "x", "-o", "json"],
        )
        .run()
        .ended(3)
        .json();
        let whole = calling(&db, &["check", "--file", &file, "--purpose", "x"])
            .run()
            .ended(3)
            .err;
        let id = checked["id"].as_str().expect("an id");
        let replayed = |id: &str, folder: &Path, code: i32| {
            let folder = folder.display().to_string();
            let program = calling(&db, &["check", "--replay", id.trim(), "-o", "json"]);
            program
                .env("ZHENGXIN__CATALOGUE__DIR", &folder)
                .run()
                .ended(code)
                .json()
        };
        // Another catalogue that says the same of the body, and one by which whoever asked may check nobody.
        let same = db.folder().join("same");
        catalogue_with(
            &same,
            &[("checks.toml", "# General knowledge", "# The same knowledge")],
        );
        let told = replayed(id, &same, 0);
        assert_eq!(
            (&told["agrees"], &told["reason"]),
            (&true.into(), &Value::Null)
        );
        assert_ne!(told["resolverVersion"], told["replayedBy"], "{told}");
        let other = db.folder().join("other");
        catalogue_with(
            &other,
            &[("access.toml", "check = \"all\"", "check = \"own\"")],
        );
        let reason = "it was told by another catalogue";
        let told = replayed(id, &other, 1);
        assert_eq!(
            (&told["agrees"], &told["reason"]),
            (&false.into(), &reason.into()),
            "{told}"
        );
        let told = replayed(&whole, &other, 1);
        assert_eq!(told["reasons"], serde_json::json!([reason]), "{told}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_answered_behind_their_own_columns_in_whatever_form_they_come() {
    let db = Db::sqlite();
    let bodies = filled(&db);
    let list = format!(
        "核查清单,,\n序号,单位名称,统一社会信用代码,备注\n1,{LISTED},,=1+1\n2,,{},\n3,佛山市不存局,,\n",
        bodies[1].uscc
    );
    let table = format!("单位 名称,备注\n{LISTED},x\n");
    for (name, bytes, rows) in [
        ("utf8.csv", list.clone().into_bytes(), 3),
        ("gb.csv", made::gb18030(list.as_bytes()), 3),
        ("book.xlsx", made::workbook(table.as_bytes()), 1),
    ] {
        let file = db.file(name, &bytes).display().to_string();
        let out = calling(&db, &["check", "--file", &file, "--purpose", "批量"])
            .run()
            .ended(3)
            .out;
        let mut reader = csv::Reader::from_reader(out.as_bytes());
        let headings = reader.headers().expect("headings").clone();
        let at = |heading: &str| {
            headings
                .iter()
                .position(|known| known == heading)
                .expect("a heading")
        };
        let told: Vec<csv::StringRecord> =
            reader.records().collect::<Result<_, _>>().expect("rows");
        assert_eq!(told.len(), rows, "{out}");
        assert_eq!(&told[0][at("结论")], "LISTED");
        assert!(told[0][at("回执编号")].starts_with("chk_440000_"));
        if rows == 3 {
            assert_eq!(headings.iter().next(), Some("序号"));
            assert_eq!(
                (&told[1][at("结论")], &told[2][at("结论")]),
                ("CLEAR", "UNKNOWN_SUBJECT")
            );
            assert_eq!(&told[0][at("备注")], "'=1+1", "no formula leaves");
        }
    }
    // The same list again is not asked again; its receipt proves all of it, whatever came later.
    let file = db.file("utf8.csv", list.as_bytes()).display().to_string();
    let check = || {
        calling(&db, &["check", "--file", &file, "--purpose", "批量"])
            .run()
            .ended(3)
    };
    let (first, second) = (check(), check());
    assert_eq!((&first.out, &first.err), (&second.out, &second.err));
    let empty = made::court_jsonl(&[made::listing(7, "佛山市不存局")]);
    let empty = db.file("none.jsonl", &empty).display().to_string();
    calling(&db, &["ingest", "court_debtors", "--file", &empty])
        .run()
        .ended(0);
    let receipt = first.err.trim();
    assert!(receipt.starts_with("chl_440000_"), "{receipt}");
    let replayed = calling(&db, &["check", "--replay", receipt, "-o", "json"])
        .run()
        .ended(0)
        .out;
    let replayed: Value = serde_json::from_str(&replayed).expect("JSON");
    assert_eq!(
        (&replayed["agrees"], &replayed["rows"]),
        (&true.into(), &3.into())
    );
    calling(&db, &["check", "--replay", "chl_440000_nothing"])
        .run()
        .ended(1);

    for (name, text, says) in [
        ("a.csv", "甲,乙\n1,2\n", "none of the expected headings"),
        (
            "b.csv",
            "区划代码\n440600\n",
            "no column that says who is meant",
        ),
        ("c.csv", "名称\n甲,乙\n", "c.csv:2: has 2 columns"),
    ] {
        let file = db.file(name, text.as_bytes()).display().to_string();
        let ran = calling(&db, &["check", "--file", &file, "--purpose", "批量"])
            .run()
            .ended(1);
        assert!(ran.err.contains(says), "{}", ran.err);
    }
}
