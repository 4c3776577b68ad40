//! Commands, their arguments and their streams.

use std::collections::BTreeSet;

use super::call;
use crate::support::{Db, made, zhengxin};

#[test]
fn every_command_explains_itself() {
    let mut seen = BTreeSet::new();
    let mut left = vec![Vec::<String>::new()];
    while let Some(command) = left.pop() {
        let help = zhengxin(command.iter().map(String::as_str).chain(["--help"]))
            .run()
            .ended(0);
        assert_eq!(help.err, "", "{help:#?}");
        assert!(help.out.contains("Usage: zhengxin"), "{help:#?}");
        assert!(
            help.out.contains("--database-url <URL>") && help.out.contains("--config <FILE>"),
            "{help:#?}"
        );
        let below = help
            .out
            .lines()
            .skip_while(|line| *line != "Commands:")
            .skip(1)
            .take_while(|line| !line.is_empty());
        for line in below {
            let mut words = line.split_whitespace();
            let name = words.next().expect("a command has a name");
            assert!(words.next().is_some(), "{name} is not explained: {line:?}");
            if name != "help" {
                left.push([command.clone(), vec![name.to_owned()]].concat());
            }
        }
        seen.insert(command.join(" "));
    }
    for command in [
        "demo",
        "serve",
        "ingest",
        "resolve",
        "token issue",
        "schema print",
        "migrate",
        "doctor",
        "catalogue check",
        "outbound send",
        "outbound list",
        "outbound retry",
    ] {
        assert!(seen.contains(command), "{command} is not in {seen:?}");
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    let db = Db::sqlite();
    for arguments in [
        &["frobnicate"][..],
        &["ingest"],
        &["ingest", "court_debtors", "--no-such-flag"],
        &["ingest", "court_debtors", "--as-of", "yesterday"],
        &["ingest", "court_debtors", "--approve", "first"],
        &["resolve"],
        &["outbound", "retry"],
        &["outbound", "retry", "1", "--all-refused"],
        &["outbound", "list", "--state", "LOST"],
        &["resolve", "--name", "佛山市样例局", "--division", "nowhere"],
        &["token", "issue", "--role", "KING"],
        &["token", "issue", "--role", "PUBLIC"],
        &[
            "token",
            "issue",
            "--role",
            "AGENCY",
            "--agency",
            "11440604TXT00001XX",
        ],
        &["migrate", "-o", "xml"],
    ] {
        let ran = call(&db, arguments.iter().copied()).ended(2);
        assert!(
            ran.out.is_empty() && !ran.err.is_empty() && !ran.err.contains("panicked"),
            "{ran:#?}"
        );
    }
    let ran = zhengxin::<&str>([]).run().ended(2);
    assert!(ran.err.contains("Usage: zhengxin"), "{ran:#?}");
}

#[test]
fn an_unknown_source_is_refused_and_the_known_ones_are_named() {
    let db = Db::sqlite();
    let file = db.file("list.csv", b"a,b\n").display().to_string();
    for arguments in [
        &["ingest", "court_debtor"][..],
        &["ingest", "court_debtor", "--file", &file],
    ] {
        let said = call(&db, arguments.iter().copied()).refused(2);
        for word in ["court_debtor\"", "agency_register", "court_debtors"] {
            assert!(said.contains(word), "{word} is not in {said}");
        }
    }
}

#[test]
fn a_source_without_files_and_without_an_address_is_wrong_usage() {
    let said = call(&Db::sqlite(), ["ingest", "court_debtors"]).refused(2);
    assert!(
        said.contains("--file") && said.contains("sources.court_debtors.url"),
        "{said}"
    );
}

#[test]
fn an_unreadable_file_ends_with_1_and_is_named() {
    let db = Db::sqlite();
    let missing = db.folder().join("missing.csv").display().to_string();
    let folder = db.folder().display().to_string();
    for path in [&missing, &folder] {
        let said = call(&db, ["ingest", "court_debtors", "--file", path]).refused(1);
        assert!(said.contains(path.as_str()), "{said}");
    }
    let said = call(&db, ["resolve", "--file", &missing]).refused(1);
    assert!(said.contains(&missing), "{said}");
}

#[test]
fn data_goes_to_standard_output_and_nothing_else_does() {
    let db = Db::sqlite();
    let file = db.file(
        "register.csv",
        &made::register(&[made::body(1, "佛山市样例局", "440600")]),
    );
    let ran = call(
        &db,
        [
            "ingest",
            "agency_register",
            "-q",
            "-o",
            "json",
            "--file",
            &file.display().to_string(),
        ],
    )
    .ended(0);
    assert_eq!(ran.err, "", "quiet is quiet");
    let report = ran.json();
    for count in [
        "received",
        "stored",
        "unchanged",
        "rejected",
        "unresolved",
        "withdrawn",
    ] {
        assert!(report[count].is_i64(), "{count} is missing: {report:#}");
    }
    assert_eq!(
        (report["state"].as_str(), report["stored"].as_i64()),
        (Some("DONE"), Some(1)),
        "{report:#}"
    );
    // Logs go elsewhere, however many.
    let ran = call(
        &db,
        [
            "ingest",
            "agency_register",
            "-vv",
            "-o",
            "jsonl",
            "--file",
            &file.display().to_string(),
        ],
    )
    .ended(0);
    assert_eq!(ran.out.trim_end().lines().count(), 1, "{ran:#?}");
    assert_eq!(ran.json()["unchanged"], 1);
}

#[test]
fn a_year_is_assessed_of_divisions_that_there_are() {
    let db = Db::sqlite();
    let year = ["assess", "annual", "open", "--year", "2025", "--division"];
    let refused = call(&db, year.into_iter().chain(["999999"])).refused(2);
    assert!(refused.contains("there is no division 999999"), "{refused}");
    let refused = call(
        &db,
        year.into_iter()
            .chain(["440600", "--objections-from", "2206-01-01"]),
    )
    .refused(2);
    assert!(
        refused.contains("up to the end of the following year"),
        "{refused}"
    );
}
