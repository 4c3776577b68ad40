//! Configuration, and databases that can not be used.

use std::fs;

use sea_orm::{ConnectionTrait, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use super::{call, finding};
use crate::support::{Db, made, on_both, zhengxin};

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
