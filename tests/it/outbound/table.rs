//! An exchange table in SQLite and in PostgreSQL.

use domain::outbox::OutboxState;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use zhengxin::config::{Channel, Place};

use super::{deliver, hub_with, listing, outbox, round, states, tamper, told};
use crate::support::{Db, Hub, on_both};

const TABLE: &str = "CREATE TABLE zwsx_record (
    xxbh VARCHAR(64) PRIMARY KEY, opt_type VARCHAR(1), jlbh VARCHAR(32), bbh VARCHAR(8), bgxh VARCHAR(32),
    jgmc VARCHAR(200), tyshxydm VARCHAR(18), xzqhdm VARCHAR(12), jllx VARCHAR(20), sxdj VARCHAR(10),
    jlzt VARCHAR(10), qdtm VARCHAR(64), sxxw VARCHAR(200), rdyj VARCHAR(500), ssly VARCHAR(100),
    sjje NUMERIC(18, 2), rdrq DATE CHECK (rdrq >= '2000-01-01'), rdbm VARCHAR(200), ah VARCHAR(64),
    zzrq DATE, zzyy VARCHAR(500), cscs VARCHAR(2000), cd_time TIMESTAMP NOT NULL, env_flag VARCHAR(1))";
const FEEDBACK: &str = "CREATE TABLE zwsx_feedback (xxbh VARCHAR(64), clzt VARCHAR(4), hzbh VARCHAR(64), sbyy VARCHAR(500))";

/// The platform's database: another one of the same kind as the hub's.
async fn platform(db: &Db) -> (Db, DatabaseConnection) {
    let other = db.another();
    if let Db::Sqlite(_) = other {
        other.file("zhengxin.db", b"");
    }
    let connection = other.connect().await;
    for table in [TABLE, FEEDBACK] {
        connection
            .execute_unprepared(table)
            .await
            .expect("the statement is good");
    }
    (other, connection)
}

async fn hub_to(db: &Db, other: &Db) -> Hub {
    let place = Place {
        url: Some(other.url()),
        ..Place::default()
    };
    hub_with(db, Channel::Table, place, &[]).await
}

async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection
        .query_all_raw(statement)
        .await
        .expect("the query is good");
    rows.iter()
        .map(|row| row.try_get_by_index(0).expect("a text"))
        .collect()
}

async fn feed_back(connection: &DatabaseConnection, number: &str, rest: &str) {
    let sql = format!("INSERT INTO zwsx_feedback VALUES ('{number}', {rest})");
    connection
        .execute_unprepared(&sql)
        .await
        .expect("the statement is good");
}

const ROWS: &str = "SELECT opt_type || ' ' || jgmc || ' ' || CAST(rdrq AS TEXT) || ' ' || jlzt || ' ' || \
     COALESCE(CAST(zzrq AS TEXT), '-') || ' ' || COALESCE(CAST(sjje AS TEXT), '-') FROM zwsx_record ORDER BY bgxh, xxbh";

#[tokio::test]
async fn rows_are_inserted_once_and_feedback_rows_settle_them() {
    on_both(async |db| {
        let (other, connection) = platform(&db).await;
        let hub = hub_to(&db, &other).await;
        deliver(&hub, "2026-11-20", &[listing(1), listing(2)]).await;
        let report = round(&hub).await;
        assert_eq!((report.sent, report.troubles.len()), (2, 0), "{report:#?}");
        assert_eq!(
            texts(&connection, ROWS).await,
            [
                "I 佛山市样例局 2025-03-04 有效 - -",
                "I 佛山市样例局 2025-03-04 有效 - -"
            ]
        );
        let numbers: Vec<_> = outbox(&hub)
            .await
            .iter()
            .map(|entry| entry.number.to_string())
            .collect();
        feed_back(&connection, &numbers[0], "'0', 'HZ1', NULL").await;
        feed_back(&connection, &numbers[1], "'1', NULL, '主体''不存在'").await;
        let report = round(&hub).await;
        assert_eq!(
            (report.accepted, report.refused, report.sent),
            (1, 1, 0),
            "{report:#?}"
        );
        assert_eq!(
            told(&hub).await,
            ["v1 ACCEPTED INSERT", "v1 REFUSED INSERT 主体'不存在"]
        );
        assert_eq!(outbox(&hub).await[0].receipt.as_deref(), Some("HZ1"));

        // Both are taken off the list, and the refused one the platform never held.
        deliver(&hub, "2026-11-21", &[listing(3)]).await;
        let report = round(&hub).await;
        assert_eq!((report.sent, report.cancelled), (2, 1), "{report:#?}");
        let mut rows = texts(&connection, ROWS).await.split_off(2);
        rows.sort();
        assert_eq!(
            rows,
            [
                "I 佛山市样例局 2025-03-04 有效 - -",
                "U 佛山市样例局 2025-03-04 已移出 2026-11-21 -",
            ]
        );
        connection.close().await.expect("it closes");
    })
    .await;
}

#[tokio::test]
async fn a_row_whose_sender_was_killed_is_looked_for_and_not_inserted_again() {
    on_both(async |db| {
        let (other, connection) = platform(&db).await;
        let hub = hub_to(&db, &other).await;
        deliver(&hub, "2026-11-20", &[listing(1), listing(2), listing(3)]).await;
        round(&hub).await;
        // All were claimed and sent, one of them by a transaction that never was committed.
        let gone = outbox(&hub).await[1].number.to_string();
        let sql = format!("DELETE FROM zwsx_record WHERE xxbh = '{gone}'");
        connection
            .execute_unprepared(&sql)
            .await
            .expect("the statement is good");
        tamper(
            &hub,
            "UPDATE outbox SET state = 'UNKNOWN', claim = 'of one who is dead'",
        )
        .await;
        hub.it_is("2026-11-21");
        assert_eq!(round(&hub).await.sent, 3);
        // Its number is the table's key: inserting one again would have failed.
        assert_eq!(texts(&connection, ROWS).await.len(), 3);
        let days = texts(
            &connection,
            "SELECT CAST(cd_time AS TEXT) FROM zwsx_record ORDER BY cd_time",
        )
        .await;
        assert!(
            days[0].starts_with("2026-11-20 09:00") && days[1] == days[0],
            "{days:?}"
        );
        assert!(days[2].starts_with("2026-11-21 09:00"), "{days:?}");
        connection.close().await.expect("it closes");
    })
    .await;
}

#[tokio::test]
async fn a_row_that_the_table_does_not_take_is_refused_alone() {
    on_both(async |db| {
        let (other, connection) = platform(&db).await;
        let hub = hub_to(&db, &other).await;
        let old = listing(2).published("1999-12-31");
        deliver(&hub, "2026-11-20", &[listing(1), old, listing(3)]).await;
        let report = round(&hub).await;
        assert_eq!((report.sent, report.refused), (2, 1), "{report:#?}");
        let refused = outbox(&hub).await;
        let refused: Vec<_> = refused
            .iter()
            .filter(|entry| entry.state == OutboxState::Refused)
            .collect();
        assert_eq!(refused.len(), 1);
        assert!(
            refused[0]
                .reason
                .as_deref()
                .is_some_and(|why| why.contains("refused")),
            "{refused:#?}"
        );
        assert_eq!(texts(&connection, ROWS).await.len(), 2);
        connection.close().await.expect("it closes");
    })
    .await;
}

#[tokio::test]
async fn a_table_that_is_missing_is_a_trouble_and_refuses_nothing() {
    on_both(async |db| {
        let (other, connection) = platform(&db).await;
        let hub = hub_to(&db, &other).await;
        connection
            .execute_unprepared("ALTER TABLE zwsx_record RENAME TO elsewhere")
            .await
            .expect("the statement is good");
        deliver(&hub, "2026-11-20", &[listing(1)]).await;
        let report = round(&hub).await;
        assert_eq!(
            (report.put_off, report.refused, report.troubles.len()),
            (1, 0, 1),
            "{report:#?}"
        );
        assert!(report.troubles[0].contains("zwsx_record"), "{report:#?}");
        assert_eq!(states(&hub).await, [OutboxState::Pending]);
        connection
            .execute_unprepared("ALTER TABLE elsewhere RENAME TO zwsx_record")
            .await
            .expect("the statement is good");
        hub.it_is("2026-11-21");
        assert_eq!(round(&hub).await.sent, 1);
        connection.close().await.expect("it closes");
    })
    .await;
}

#[tokio::test]
async fn an_address_that_is_wrong_is_said_without_its_password() {
    for url in [
        "oracle://hub:geheim@a/b",
        "postgres://hub:geheim@a:notaport/b",
        "mysql://hub:geheim@127.0.0.1:1/b",
    ] {
        let db = Db::sqlite();
        let place = Place {
            url: Some(url.to_owned()),
            ..Place::default()
        };
        let hub = hub_with(&db, Channel::Table, place, &[]).await;
        deliver(&hub, "2026-11-20", &[listing(1)]).await;
        let report = round(&hub).await;
        assert_eq!(
            (report.put_off, report.troubles.len()),
            (1, 1),
            "{report:#?}"
        );
        assert!(!format!("{report:?}").contains("geheim"), "{report:#?}");
        assert!(!format!("{:?}", outbox(&hub).await).contains("geheim"));
    }
}
