//! The command line: what it says, where, and how it ends.

use std::{collections::BTreeSet, fs, path::Path};

use domain::viewer::Role;
use sea_orm::{ConnectionTrait, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use serde_json::{Value, json};
use zhengxin::{
    auth::Auth,
    clock::Clock,
    config::{self, LocalKey},
    demo::files::PLATFORM,
};

use crate::support::{CatalogueCopy, Db, Hub, KEY, Ran, made, on_both, zhengxin};

/// A call on a database of its own.
fn call<'a>(db: &Db, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
    let place = [
        "--database-url".to_owned(),
        db.url(),
        "--data".to_owned(),
        db.folder().display().to_string(),
    ];
    zhengxin(arguments.into_iter().map(str::to_owned).chain(place)).run()
}

// Help and usage

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

// Configuration

#[test]
fn an_unknown_key_of_the_configuration_is_named() {
    let db = Db::sqlite();
    let config = db.file(
        "bad.toml",
        b"[server]\nlisten = \"127.0.0.1:0\"\n\n[database]\nmigarte = true\n",
    );
    let config = config.display().to_string();
    for command in [
        &["migrate"][..],
        &["ingest", "court_debtors"],
        &["token", "issue", "--role", "COURT"],
    ] {
        let said = call(&db, command.iter().copied().chain(["--config", &config])).refused(1);
        for word in ["migarte", "bad.toml", "line 5"] {
            assert!(said.contains(word), "{word} is not in {said}");
        }
    }
    let ran = zhengxin(["migrate"])
        .env("ZHENGXIN__DATABASE__MIGARTE", "true")
        .run();
    let said = ran.refused(1);
    assert!(
        said.contains("ZHENGXIN__DATABASE__MIGARTE") && said.contains("migarte"),
        "{said}"
    );
    let ran = zhengxin(["migrate"])
        .env("ZHENGXIN__NOWHERE__KEY", "1")
        .run();
    let said = ran.refused(1);
    assert!(
        said.contains("ZHENGXIN__NOWHERE__KEY") && said.contains("nowhere"),
        "{said}"
    );
}

#[test]
fn a_value_of_the_wrong_kind_and_a_missing_file_are_named() {
    let db = Db::sqlite();
    let config = db
        .file("bad.toml", b"[server]\nlisten = \"everywhere\"\n")
        .display()
        .to_string();
    let said = call(&db, ["migrate", "--config", &config]).refused(1);
    assert!(
        said.contains("bad.toml") && said.contains("line 2"),
        "{said}"
    );
    let said = call(&db, ["migrate", "--config", "/nowhere/zhengxin.toml"]).refused(1);
    assert!(said.contains("/nowhere/zhengxin.toml"), "{said}");
    let said = zhengxin(["migrate"])
        .env("ZHENGXIN__SERVER__LISTEN", "everywhere")
        .run()
        .refused(1);
    assert!(said.contains("ZHENGXIN__SERVER__LISTEN"), "{said}");
}

#[test]
fn the_environment_goes_before_the_file_and_flags_before_both() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("zhengxin.toml");
    fs::write(
        &file,
        format!("[database]\ndata = {:?}\n", folder.path().join("of file")),
    )
    .expect("the folder is ours");
    let run = |environment: bool, flag: bool| {
        let mut arguments = vec![
            "migrate".to_owned(),
            "--config".to_owned(),
            file.display().to_string(),
        ];
        if flag {
            arguments.extend([
                "--data".to_owned(),
                folder.path().join("of flag").display().to_string(),
            ]);
        }
        let mut program = zhengxin(arguments);
        if environment {
            let data = folder.path().join("of environment").display().to_string();
            program = program.env("ZHENGXIN__DATABASE__DATA", &data);
        }
        program.run().ended(0);
    };
    let made = |name: &str| folder.path().join(name).join("zhengxin.db").exists();
    run(false, false);
    assert_eq!(
        ["of file", "of environment", "of flag"].map(made),
        [true, false, false]
    );
    run(true, false);
    assert_eq!(
        ["of file", "of environment", "of flag"].map(made),
        [true, true, false]
    );
    run(true, true);
    assert_eq!(
        ["of file", "of environment", "of flag"].map(made),
        [true, true, true]
    );
}

#[test]
fn a_password_in_an_address_is_never_shown() {
    for address in [
        "postgres://hub:geheim@127.0.0.1:1/zhengxin",
        "mysql://hub:geheim@127.0.0.1:1/zhengxin",
    ] {
        let ran = zhengxin(["migrate", "-vv", "--database-url", address])
            .run()
            .ended(1);
        assert!(
            !ran.err.contains("geheim") && !ran.out.contains("geheim"),
            "{ran:#?}"
        );
        assert!(ran.err.contains("127.0.0.1"), "{ran:#?}");
    }
}

// The database's state

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_is_said_in_one_sentence() {
    let db = Db::sqlite();
    call(&db, ["migrate"]).ended(0);
    let file = db
        .file(
            "register.csv",
            &made::register(&[made::body(1, "佛山市样例局", "440600")]),
        )
        .display()
        .to_string();
    let holder = db.connect().await;
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let lock = holder
        .begin_with_options(options)
        .await
        .expect("nobody else writes");
    let said = call(&db, ["ingest", "agency_register", "--file", &file]).refused(1);
    assert!(said.contains("locked"), "{said}");
    lock.rollback().await.expect("it was begun");
    call(&db, ["ingest", "agency_register", "--file", &file]).ended(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_fresh_database_is_said_in_one_sentence() {
    let db = Db::sqlite();
    fs::write(db.folder().join("zhengxin.db"), b"").expect("the folder is ours");
    let holder = db.connect().await;
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Exclusive),
        ..TransactionOptions::default()
    };
    let _lock = holder
        .begin_with_options(options)
        .await
        .expect("nobody else writes");
    let said = call(&db, ["migrate"]).refused(1);
    assert!(said.contains("locked"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_release_is_left_alone_by_every_command() {
    on_both(async |db| {
        call(&db, ["migrate"]).ended(0);
        let connection = db.connect().await;
        connection
            .execute_unprepared("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_of_tomorrow', 0)")
            .await
            .expect("the table is there");
        connection.close().await.expect("it closes");
        let file = db.file("register.csv", &made::register(&[made::body(1, "佛山市样例局", "440600")])).display().to_string();
        for arguments in [
            &["migrate"][..],
            &["ingest", "agency_register", "--file", &file],
            &["resolve", "--name", "佛山市样例局"],
            &["serve", "--listen", "127.0.0.1:0"],
        ] {
            let said = call(&db, arguments.iter().copied()).refused(1);
            assert!(said.contains("newer") && said.contains("m20990101_000001_of_tomorrow"), "{said}");
        }
        let told = call(&db, ["doctor", "-o", "json"]).ended(1).json();
        let schema = finding(&told, "database schema");
        assert!(schema["ok"] == false && schema["told"].as_str().is_some_and(|told| told.contains("newer")), "{told:#}");
    })
    .await;
}

#[test]
fn migrating_twice_does_nothing_the_second_time() {
    let db = Db::sqlite();
    let applied = call(&db, ["migrate", "-o", "json"]).ended(0).json()["applied"].as_i64();
    assert!(applied.is_some_and(|steps| steps > 0));
    assert_eq!(
        call(&db, ["migrate", "-o", "json"]).ended(0).json()["applied"],
        0
    );
}

#[test]
fn a_database_that_lacks_steps_is_not_touched_where_that_is_forbidden() {
    let db = Db::sqlite();
    let config = db
        .file("zhengxin.toml", b"[database]\nmigrate = false\n")
        .display()
        .to_string();
    let said = call(
        &db,
        ["resolve", "--name", "佛山市样例局", "--config", &config],
    )
    .refused(1);
    assert!(said.contains("zhengxin migrate"), "{said}");
    call(&db, ["migrate", "--config", &config]).ended(0);
    call(
        &db,
        ["resolve", "--name", "佛山市样例局", "--config", &config],
    )
    .ended(0);
}

// Schema, catalogue, doctor

#[test]
fn the_schema_that_is_printed_is_the_one_that_is_kept() {
    let printed = zhengxin(["schema", "print"]).run().ended(0);
    assert_eq!(printed.err, "");
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    assert!(
        printed.out == fs::read_to_string(kept).expect("it is kept"),
        "schema.graphql is not what is printed"
    );
    assert!(
        printed.out.contains("type Query {") && printed.out.contains("agency(uscc: Uscc!): Agency")
    );
}

#[test]
fn the_built_in_catalogue_and_its_copy_are_good_and_the_same() {
    let built_in = zhengxin(["catalogue", "check", "-o", "json"])
        .run()
        .ended(0)
        .json();
    let copy = CatalogueCopy::make();
    let copied = zhengxin([
        "catalogue",
        "check",
        "-o",
        "json",
        &copy.path().display().to_string(),
    ])
    .run()
    .ended(0);
    assert_eq!(copied.json()["fingerprint"], built_in["fingerprint"]);
    let files = fs::read_dir(copy.path().join("sources")).expect("the sources stand there");
    let mut sources: Vec<String> = files
        .filter_map(|file| {
            file.expect("an entry")
                .path()
                .file_stem()
                .map(|name| name.display().to_string())
        })
        .collect();
    sources.sort();
    assert_eq!(built_in["sources"], json!(sources));
    // Where it can't be found at all.
    let ran = zhengxin(["catalogue", "check", "/nowhere"]).run().ended(1);
    assert!(
        !ran.err.is_empty() && !ran.err.contains("panicked"),
        "{ran:#?}"
    );
}

#[test]
fn mistakes_of_the_catalogue_are_told_with_file_line_and_key() {
    let court = "sources/court_debtors.toml";
    let mut untold = Vec::new();
    let register = "sources/agency_register.toml";
    for (file, from, to, key) in [
        (
            court,
            "extent = \"full\"",
            "extent = \"full\"\ncolour = \"red\"",
            "colour",
        ),
        (court, "cadence = \"P1D\"", "cadence = \"daily\"", "cadence"),
        (
            court,
            "cron = \"30 5,17 * * *\"",
            "cron = \"0 30 5 * * *\"",
            "cron",
        ),
        (
            register,
            "cron = \"30 3 * * 3,6\"",
            "cron = \"0 0 31 2 *\"",
            "cron",
        ),
        (
            court,
            "jitter = \"PT30M\"",
            "jitter = \"half an hour\"",
            "jitter",
        ),
        (court, "extent = \"full\"", "extent = \"whole\"", "extent"),
        (
            court,
            "item = \"court.judgment_debtor\"",
            "item = \"court.nothing\"",
            "item",
        ),
        (court, "key = \"court_debtors\"", "key = \"court\"", "key"),
        (court, "case_number = {", "case_nummer = {", "case_nummer"),
        (register, "as = \"date\"", "as = \"day\"", "as"),
        (
            register,
            "rows_min_share = 0.8",
            "rows_min_share = \"most\"",
            "rows_min_share",
        ),
        ("lists/base.toml", "level = 3", "level = 4", "level"),
        (
            "lists/base.toml",
            "kind = \"BREACH\"",
            "kind = \"BRAECH\"",
            "kind",
        ),
        (
            "lists/base.toml",
            "code = \"arrears.established\"",
            "code = \"breach.confirmed\"",
            "code",
        ),
        (
            "lists/base.toml",
            "verified = true",
            "verified = maybe",
            "verified",
        ),
        ("access.toml", "\"AUDITOR\"]", "\"AUDITORS\"]", "sets"),
        (
            "access.toml",
            "viewer = \"everyone\"",
            "viewer = \"everybody\"",
            "viewer",
        ),
        (
            "access.toml",
            "agency = \"published\"",
            "agency = \"public\"",
            "agency",
        ),
        (
            "access.toml",
            "[rows.CONGRESS]",
            "[rows.CONGRES]",
            "CONGRES",
        ),
        (
            "access.toml",
            "sanction = \"punishers\"",
            "sanction = \"hangmen\"",
            "purposes.sanction",
        ),
        // The public's is the first.
        (
            "access.toml",
            "official = \"nothing\"",
            "official = \"all\"",
            "rows.PUBLIC.official",
        ),
        (
            "access.toml",
            "official = \"own\"",
            "official = \"published\"",
            "rows.AGENCY.official",
        ),
        (
            court,
            "posts = [\"when_listed\"",
            "posts = [\"ever\"",
            "posts",
        ),
        (
            "calendar/2025.toml",
            "\"2025-01-28\"",
            "\"2025-01-32\"",
            "days_off",
        ),
        (
            "divisions.csv",
            "110101,东城区,COUNTY",
            "110101,东城区,DISTRICT",
            "level",
        ),
    ] {
        let copy = CatalogueCopy::make();
        let mut line = copy.spoil(file, from, to);
        if to.contains('\n') {
            line += 1;
        }
        let ran = copy.check().ended(1);
        assert_eq!(ran.out, "", "{ran:#?}");
        let place = format!("{file}, line {line}");
        let is_told = ran
            .err
            .lines()
            .any(|said| said.contains(&place) && said.contains(key));
        if !is_told {
            untold.push(format!("{place} with {key}: {}", ran.err));
        }
    }
    assert!(untold.is_empty(), "{untold:#?}");
}

#[test]
fn all_mistakes_of_the_catalogue_are_told_at_once_and_stop_the_start() {
    let copy = CatalogueCopy::make();
    let first = copy.spoil("lists/base.toml", "level = 3", "level = 4");
    let second = copy.spoil(
        "sources/court_debtors.toml",
        "cadence = \"P1D\"",
        "cadence = \"daily\"",
    );
    fs::remove_file(copy.path().join("access.toml")).expect("it is there");
    let ran = copy.check().ended(1);
    for place in [
        format!("lists/base.toml, line {first}"),
        format!("court_debtors.toml, line {second}"),
        "access.toml".to_owned(),
    ] {
        assert!(
            ran.err.contains(place.as_str()),
            "{place} is not told: {ran:#?}"
        );
    }
    let db = Db::sqlite();
    let config = format!(
        "[catalogue]\ndir = {:?}\n",
        copy.path().display().to_string()
    );
    let config = db
        .file("zhengxin.toml", config.as_bytes())
        .display()
        .to_string();
    let ran = call(
        &db,
        ["resolve", "--name", "佛山市样例局", "--config", &config],
    )
    .ended(1);
    assert!(
        ran.err.contains(&format!("lists/base.toml, line {first}")),
        "{ran:#?}"
    );
    let told = call(&db, ["doctor", "-o", "json", "--config", &config])
        .ended(1)
        .json();
    assert_eq!(finding(&told, "catalogue")["ok"], false, "{told:#}");
}

fn finding<'a>(told: &'a Value, what: &str) -> &'a Value {
    let findings = told.as_array().expect("a list");
    findings
        .iter()
        .find(|finding| finding["what"] == what)
        .unwrap_or_else(|| panic!("no {what} in {told:#}"))
}

#[test]
fn the_doctor_finds_nothing_wrong_where_nothing_is() {
    let db = Db::sqlite();
    call(&db, ["migrate"]).ended(0);
    let key = db.file("local.key", KEY.as_bytes());
    let config = db.file(
        "zhengxin.toml",
        format!("[auth.local]\nkey_file = {:?}\n", key.display().to_string()).as_bytes(),
    );
    let config = config.display().to_string();
    let told = call(&db, ["doctor", "-o", "json", "--config", &config])
        .ended(0)
        .json();
    assert!(
        told.as_array()
            .is_some_and(|findings| findings.iter().all(|finding| finding["ok"] == true)),
        "{told:#}"
    );
    for what in [
        "configuration",
        "catalogue",
        "database",
        "database schema",
        "database journal_mode",
        "raw deliveries",
        "tokens",
    ] {
        finding(&told, what);
    }
    let table = call(&db, ["doctor", "--config", &config]).ended(0).out;
    assert!(table.lines().all(|line| line.starts_with("ok ")), "{table}");
}

#[test]
fn the_doctor_says_what_is_wrong() {
    let db = Db::sqlite();
    let mut missed = Vec::new();
    let blocked = db.file("a file", b"").display().to_string();
    let short = db.file("short.key", b"short").display().to_string();
    for (config, what, says) in [
        (String::new(), "database schema", "migrate"),
        (
            "[server]\nlitsen = 1\n".to_owned(),
            "configuration",
            "litsen",
        ),
        (
            format!("[raw]\nfolder = {blocked:?}\n"),
            "raw deliveries",
            "",
        ),
        (
            "[raw]\ns3 = \"s3://bucket/prefix\"\n".to_owned(),
            "raw deliveries",
            "s3",
        ),
        (
            format!("[auth.local]\nkey_file = {short:?}\n"),
            "tokens",
            "32",
        ),
        (
            "[auth.local]\nkey_file = \"/nowhere/key\"\n".to_owned(),
            "tokens",
            "/nowhere/key",
        ),
        (
            "[catalogue]\ndir = \"/nowhere\"\n".to_owned(),
            "catalogue",
            "/nowhere",
        ),
    ] {
        let path = db
            .file("zhengxin.toml", config.as_bytes())
            .display()
            .to_string();
        let ran = call(&db, ["doctor", "-o", "json", "--config", &path]).ended(1);
        let told = ran.json();
        let wrong = finding(&told, what);
        let is_told = wrong["told"]
            .as_str()
            .is_some_and(|told| told.contains(says) && told.len() > 5);
        if wrong["ok"] != false || !is_told {
            missed.push(format!("{config}: {wrong}"));
            continue;
        }
        let table = call(&db, ["doctor", "--config", &path]).ended(1).out;
        assert!(
            table
                .lines()
                .any(|line| line.starts_with("WRONG") && line.contains(what)),
            "{table}"
        );
    }
    assert!(missed.is_empty(), "{missed:#?}");
    let told = zhengxin([
        "doctor",
        "-o",
        "json",
        "--database-url",
        "postgres://nobody@127.0.0.1:1/none",
        "--data",
        &db.folder().display().to_string(),
    ])
    .run()
    .ended(1)
    .json();
    assert_eq!(finding(&told, "database")["ok"], false, "{told:#}");
}

// Resolving, tokens

/// A database that knows two bodies of one short name, and one more.
fn with_bodies(db: &Db) -> [made::Body; 3] {
    let bodies = [
        made::body(1, "佛山市样例局", "440600"),
        made::body(2, "佛山市禅城区样例局", "440604").alias("区样例局"),
        made::body(3, "佛山市南海区样例局", "440605").alias("区样例局"),
    ];
    let file = db
        .file("register.csv", &made::register(&bodies))
        .display()
        .to_string();
    call(db, ["ingest", "agency_register", "--file", &file]).ended(0);
    bodies
}

#[tokio::test(flavor = "multi_thread")]
async fn resolve_answers_each_line_of_a_file_in_its_order() {
    on_both(async |db| {
        let bodies = with_bodies(&db);
        let [city, chancheng, nanhai] = bodies.each_ref().map(|body| body.uscc);
        let rows = [
            (
                "区样例局",
                String::new(),
                String::new(),
                "",
                "AMBIGUOUS",
                None,
            ),
            (
                "佛山市不存局",
                String::new(),
                String::new(),
                "",
                "NONE",
                None,
            ),
            (
                "",
                chancheng.to_string(),
                String::new(),
                "",
                "EXACT_CODE",
                Some(chancheng),
            ),
            (
                "",
                String::new(),
                made::hyphenated(&nanhai),
                "",
                "EXACT_CODE",
                Some(nanhai),
            ),
            (
                "佛山市样例局",
                made::broken(&city),
                String::new(),
                "",
                "EXACT_NAME",
                Some(city),
            ),
            (
                "区样例局",
                String::new(),
                String::new(),
                "440605",
                "ALIAS",
                Some(nanhai),
            ),
            (
                "佛山市样例局",
                chancheng.to_string(),
                String::new(),
                "",
                "CONFLICT",
                None,
            ),
            ("", String::new(), String::new(), "", "NONE", None),
        ];
        let mut file = String::from("name,uscc,org_code,division\n");
        for (name, code, org_code, division, ..) in &rows {
            file.push_str(&format!("{name},{code},{org_code},{division}\n"));
        }
        for bytes in [file.as_bytes().to_vec(), made::with_bom(file.as_bytes())] {
            let path = db.file("names.csv", &bytes).display().to_string();
            let ran = call(&db, ["resolve", "--file", &path]).ended(0);
            let lines: Vec<Value> = ran
                .out
                .lines()
                .map(|line| serde_json::from_str(line).expect("one object a line"))
                .collect();
            assert_eq!(lines.len(), rows.len(), "{ran:#?}");
            for (line, (name, .., outcome, agency)) in lines.iter().zip(&rows) {
                assert_eq!(line["outcome"], *outcome, "{name}: {line:#}");
                assert_eq!(
                    line["agency"]["uscc"].as_str(),
                    agency.as_ref().map(|code| code.as_str()),
                    "{line:#}"
                );
                let keys: BTreeSet<_> = line
                    .as_object()
                    .expect("an object")
                    .keys()
                    .map(String::as_str)
                    .collect();
                assert_eq!(
                    keys,
                    BTreeSet::from(["agency", "candidates", "outcome", "score", "steps"])
                );
            }
            assert_eq!(lines[0]["candidates"].as_array().map(Vec::len), Some(2));
        }
    })
    .await;
}

#[test]
fn resolve_answers_one_question_and_survives_a_line_that_is_none() {
    let db = Db::sqlite();
    let bodies = with_bodies(&db);
    let one = call(
        &db,
        ["resolve", "--name", "区样例局", "--division", "440604"],
    )
    .ended(0)
    .json();
    assert_eq!(
        (one["outcome"].as_str(), one["agency"]["uscc"].as_str()),
        (Some("ALIAS"), Some(bodies[1].uscc.as_str()))
    );
    let one = call(&db, ["resolve", "--uscc", bodies[0].uscc.as_str()])
        .ended(0)
        .json();
    assert_eq!(one["agency"]["name"], "佛山市样例局");
    assert_eq!(
        call(&db, ["resolve", "--name", "区样例局", "--name", "x"]).code,
        Some(2)
    );

    let file = db
        .file(
            "names.csv",
            "division,name\n佛山,区样例局\n440604,区样例局\n".as_bytes(),
        )
        .display()
        .to_string();
    let ran = call(&db, ["resolve", "--file", &file]).ended(0);
    let lines: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 2, "a line for each row: {ran:#?}");
    assert!(
        lines[0]["error"]
            .as_str()
            .is_some_and(|error| error.contains("佛山")),
        "{ran:#?}"
    );
    assert_eq!(lines[1]["outcome"], "ALIAS");
}

#[test]
fn a_file_of_names_without_any_known_column_is_no_list_of_nobodies() {
    let db = Db::sqlite();
    with_bodies(&db);
    let file = db
        .file("names.csv", "机构名称\n佛山市样例局\n".as_bytes())
        .display()
        .to_string();
    let ran = call(&db, ["resolve", "--file", &file]);
    assert!(
        !ran.out.contains("NONE"),
        "nobody was asked for, and nobody was found: {ran:#?}"
    );
}

#[test]
fn a_token_needs_a_key_and_says_what_was_asked_for() {
    let db = Db::sqlite();
    let said = call(&db, ["token", "issue", "--role", "COURT"]).refused(1);
    assert!(said.contains("auth.local.key"), "{said}");

    let key = db.file("local.key", KEY.as_bytes()).display().to_string();
    let config = db
        .file(
            "zhengxin.toml",
            format!("[auth.local]\nkey_file = {key:?}\n").as_bytes(),
        )
        .display()
        .to_string();
    let body = made::uscc("11", "440604", 2);
    let issue = |minutes: &str| {
        call(
            &db,
            [
                "token",
                "issue",
                "--role",
                "AGENCY",
                "--division",
                "440604",
                "--division",
                "440605",
                "--agency",
                body.as_str(),
                "--minutes",
                minutes,
                "--config",
                &config,
            ],
        )
    };
    let token = issue("60").ended(0).out;
    let believes = config::Auth {
        local: Some(LocalKey {
            key: Some(KEY.to_owned()),
            key_file: None,
        }),
        ..config::Auth::default()
    };
    let auth = Auth::new(&believes, Clock::system()).expect("the key is long enough");
    let viewer = auth
        .viewer(Some(&format!("Bearer {}", token.trim())))
        .expect("a token of this key");
    assert_eq!((viewer.role, viewer.agency), (Role::Agency, Some(body)));
    assert_eq!(
        viewer
            .divisions
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["440604", "440605"]
    );
    for minutes in ["0", "721"] {
        let said = issue(minutes).refused(1);
        assert!(said.contains("720"), "{said}");
    }
}

// Serving

async fn get(url: &str) -> (u16, String) {
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let answer = client.get(url).send().await.expect("it answers");
    (
        answer.status().as_u16(),
        answer.text().await.expect("a text"),
    )
}

/// What stands behind `ready` on the last line.
fn ready(lines: &[String]) -> String {
    let last = lines.last().expect("there is one");
    last.strip_prefix("ready ")
        .unwrap_or_else(|| panic!("{last:?} is no ready line"))
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_takes_a_free_port_is_ready_and_sees_what_is_brought_in_beside_it() {
    on_both(async |db| {
        let place = [db.url(), db.folder().display().to_string()];
        let mut server = zhengxin([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--database-url",
            &place[0],
            "--data",
            &place[1],
        ])
        .start();
        let url = ready(&server.lines_until("ready "));
        let base = url
            .strip_suffix("/graphql")
            .expect("the address of the API")
            .to_owned();
        assert_eq!(get(&format!("{base}/healthz")).await.0, 200);
        assert_eq!(get(&format!("{base}/readyz")).await.0, 200);
        assert_eq!(
            get(&format!("{base}/schema.graphql")).await.1,
            zhengxin(["schema", "print"]).run().out
        );

        with_bodies(&db);
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client");
        // It waits for the version that is demanded.
        let answer = client
            .post(&url)
            .header("X-Min-Version", "1")
            .json(&json!({ "query": "{ viewer { role } }" }))
            .send()
            .await
            .expect("it answers");
        let answer: Value = answer.json().await.expect("JSON");
        assert_eq!(answer["data"]["viewer"]["role"], "PUBLIC", "{answer:#}");
        assert_eq!(answer["extensions"]["version"], 1, "{answer:#}");

        let address = base.trim_start_matches("http://").to_owned();
        let said = zhengxin([
            "serve",
            "--listen",
            &address,
            "--database-url",
            &place[0],
            "--data",
            &place[1],
        ])
        .run()
        .refused(1);
        assert!(said.contains(&address), "{said}");
        assert!(server.is_alive());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_prints_a_token_for_each_role_and_answers_the_first_query_of_the_readme() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("demo").display().to_string();
    let mut demo = zhengxin(["demo", "--listen", "127.0.0.1:0", "--data", &data]).start();
    let lines = demo.lines_until("ready ");
    let url = ready(&lines);

    let mut tokens = Vec::new();
    for line in &lines[..lines.len() - 1] {
        let parts: Vec<_> = line.split(' ').collect();
        let &["token", role, division, token] = parts.as_slice() else {
            panic!("{line:?} is no token line")
        };
        let role: Role = role.parse().expect("a role of the contract");
        let is_code = division.parse::<domain::division::DivisionCode>().is_ok();
        assert!(division == "-" || is_code, "{line}");
        tokens.push((role, token.to_owned()));
    }
    let roles: Vec<_> = tokens.iter().map(|(role, _)| *role).collect();
    let expected: Vec<_> = Role::ALL
        .iter()
        .copied()
        .filter(|role| *role != Role::Public)
        .collect();
    assert_eq!(roles, expected);

    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let ask = async |token: &str, body: String| -> Value {
        let request = client
            .post(&url)
            .bearer_auth(token)
            .header("Content-Type", "application/json")
            .body(body);
        request
            .send()
            .await
            .expect("it answers")
            .json()
            .await
            .expect("JSON")
    };
    for (role, token) in &tokens {
        let answer = ask(token, json!({ "query": "{ viewer { role } }" }).to_string()).await;
        assert_eq!(
            answer["data"]["viewer"]["role"],
            role.as_str(),
            "{answer:#}"
        );
    }

    let government = &tokens
        .iter()
        .find(|(role, _)| *role == Role::Government)
        .expect("a token")
        .1;
    for readme in ["README.md", "README.zh-CN.md"] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(readme))
            .expect("it is there");
        let body = text
            .split("<<'EOF'\n")
            .nth(1)
            .and_then(|rest| rest.split("\nEOF").next());
        // As `curl -d` sends it.
        let body = body.expect("the first query").replace(['\r', '\n'], "");
        let answer = ask(government, body).await;
        assert!(answer.get("errors").is_none(), "{readme}: {answer:#}");
        let agencies = &answer["data"]["agencies"];
        assert!(
            agencies["totalCount"]
                .as_i64()
                .is_some_and(|count| count > 5),
            "{readme}: {answer:#}"
        );
        let edges = agencies["edges"].as_array().expect("edges");
        assert_eq!(edges.len(), 5);
        for edge in edges {
            let record = &edge["node"]["creditRecords"]["edges"][0]["node"];
            let kind = record["kind"].as_str().unwrap_or_default();
            assert!(["JUDGMENT_DEBTOR", "ARREARS"].contains(&kind), "{answer:#}");
            assert!(record["evidence"][0]["location"].is_string(), "{answer:#}");
        }
    }

    // What it leaves is for other commands to use: here with its key, and the hub still serving.
    let config = Path::new(&data).join("zhengxin.toml").display().to_string();
    let token = zhengxin(["token", "issue", "--role", "OPERATOR", "--config", &config])
        .run()
        .ended(0)
        .out;
    let answer = ask(
        token.trim(),
        json!({ "query": "{ agencies { totalCount } }" }).to_string(),
    )
    .await;
    assert_eq!(
        answer["data"]["agencies"]["totalCount"], 2_000,
        "{answer:#}"
    );
    demo.kill();

    // A folder with something else in it is nobody's to empty.
    let other = folder.path().join("other");
    fs::create_dir(&other).expect("the folder is ours");
    fs::write(other.join("keep.txt"), "keep").expect("the folder is ours");
    let said = zhengxin([
        "demo",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &other.display().to_string(),
    ])
    .run()
    .refused(2);
    assert!(said.contains(&other.display().to_string()), "{said}");
    assert!(other.join("keep.txt").exists());
}

#[tokio::test]
async fn a_configured_source_is_pulled_from_its_address() {
    let db = Db::sqlite();
    let hub = Hub::on(&db).await;
    let scale = zhengxin::demo::Scale {
        prefectures: 3,
        agencies: 100,
        listings: 50,
        agency_share: 5,
        ..zhengxin::demo::Scale::SMALL
    };
    let world = std::sync::Arc::new(zhengxin::demo::World::make(
        3,
        &scale,
        &hub.app.catalogue.divisions,
    ));
    let (address, _task) = zhengxin::demo::serve(world).await.expect("a free port");
    let config = format!(
        "[sources.agency_register]\nurl = \"http://{address}/agency_register\"\nallow = [\"127.0.0.0/8\"]\n[sources.court_debtors]\nurl = \"http://{address}/court_debtors\"\nallow = [\"127.0.0.0/8\"]\nfeed = \"province\"\n"
    );
    let config = db
        .file("zhengxin.toml", config.as_bytes())
        .display()
        .to_string();
    let arguments =
        |source: &'static str| ["ingest", source, "-o", "json", "--config"].map(str::to_owned);
    for (source, feed, rows) in [
        ("agency_register", "default", 100),
        ("court_debtors", "province", 50),
    ] {
        let place = [
            config.clone(),
            "--database-url".to_owned(),
            db.url(),
            "--data".to_owned(),
            db.folder().display().to_string(),
        ];
        let program = zhengxin(arguments(source).into_iter().chain(place));
        let ran = tokio::task::spawn_blocking(|| program.run())
            .await
            .expect("it runs")
            .ended(0);
        let report = ran.json();
        assert_eq!(report["feed"], feed, "{report:#}");
        assert!(
            report["received"]
                .as_i64()
                .is_some_and(|received| received >= rows),
            "{report:#}"
        );
    }
}

#[test]
fn a_report_of_many_rejected_rows_shows_some_and_counts_all() {
    let db = Db::sqlite();
    with_bodies(&db);
    let mut file = PLATFORM.join(",") + "\n";
    for _ in 0..50 {
        file.push_str("too,few\n");
    }
    file.push_str(&",".repeat(PLATFORM.len() - 1));
    file.push('\n');
    let path = db.file("list.csv", file.as_bytes()).display().to_string();
    let ran = call(&db, ["ingest", "court_debtors", "--file", &path]).ended(5);
    assert!(
        ran.out.contains("rejected       51") && ran.out.contains("and 31 more"),
        "{ran:#?}"
    );
}
