//! What the doctor finds.

use super::{call, finding};
use crate::support::{Db, KEY, zhengxin};

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
