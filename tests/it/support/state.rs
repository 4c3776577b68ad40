//! What a database holds, as text: straight from the tables, so that it does not lean on the code
//! whose work it judges.

use std::{collections::HashMap, fmt::Write};

use entities::{
    agency, agency_name, assessment, change, checkpoint, clue, credit_record, decision, evidence,
    indicator, mention, post, succession,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, Database, DatabaseConnection, DbBackend, EntityTrait,
    QueryFilter, QueryOrder, Statement,
};

use super::{Db, Hub};

async fn connect(url: &str) -> DatabaseConnection {
    let url = match url.strip_prefix("sqlite:") {
        Some(path) => format!("sqlite://{path}"),
        None => url.to_owned(),
    };
    Database::connect(url).await.expect("the database opens")
}

impl Hub {
    /// A connection of the test's own to the hub's database.
    pub(crate) async fn database(&self) -> DatabaseConnection {
        connect(&self.app.config.database_url()).await
    }
}

impl Db {
    /// A connection of the test's own.
    pub(crate) async fn connect(&self) -> DatabaseConnection {
        connect(&self.url()).await
    }

    /// All that a hub on it knows now, as [`state`] tells it.
    pub(crate) async fn state(&self) -> String {
        known(self.connect().await).await
    }
}

/// All that the hub knows now, sorted, without what depends on when and in which runs it came.
pub(crate) async fn state(hub: &Hub) -> String {
    known(hub.database().await).await
}

async fn known(db: DatabaseConnection) -> String {
    let changes = change::Entity::find().all(&db).await.expect("a table");
    let is_closed: HashMap<i64, bool> = changes
        .iter()
        .map(|change| (change.id, change.seq.is_some()))
        .collect();
    let stands =
        |from: i64, to: Option<i64>| is_closed[&from] && !to.is_some_and(|to| is_closed[&to]);
    let agencies = agency::Entity::find().all(&db).await.expect("a table");
    let names = agency_name::Entity::find()
        .order_by_asc(agency_name::Column::Ordinal)
        .all(&db)
        .await
        .expect("a table");
    let code_of: HashMap<i64, String> = agencies
        .iter()
        .map(|row| (row.id, row.uscc.clone()))
        .collect();

    let mut lines = Vec::new();
    for row in agencies
        .iter()
        .filter(|row| stands(row.change_from, row.change_to))
    {
        let names: Vec<_> = names
            .iter()
            .filter(|name| name.agency_id == row.id && name.change_from == row.change_from)
            .map(|name| format!("{}={}", name.relation, name.name))
            .collect();
        lines.push(format!(
            "agency {} {} v{} {} {} {} in {} {:?} {:?} under {:?} {:?} {names:?}",
            row.uscc,
            row.id,
            row.version,
            row.kind,
            row.name,
            row.content_hash,
            row.division,
            row.established_on,
            row.abolished_on,
            row.superior,
            row.competent
        ));
    }
    for row in succession::Entity::find().all(&db).await.expect("a table") {
        if stands(row.change_from, row.change_to) {
            lines.push(format!(
                "succession {} v{} {:?} {} {} {:?} {:?} on {} by {:?}",
                row.id,
                row.version,
                row.from_uscc,
                row.from_name,
                row.kind,
                row.to_uscc,
                row.to_name,
                row.effective_on,
                row.basis
            ));
        }
    }
    for row in credit_record::Entity::find()
        .all(&db)
        .await
        .expect("a table")
    {
        if stands(row.change_from, row.change_to) {
            lines.push(format!(
                "record {} v{} {} of {} {} {} on {} by {} {:?} ended {:?} {:?} {:?} {:?} {:?}",
                row.id,
                row.version,
                row.status,
                match (row.agency_id, row.official_id) {
                    (Some(agency), None) => code_of[&agency].clone(),
                    (None, Some(official)) => official.to_string(),
                    both => panic!("a record is about one: {both:?}"),
                },
                row.kind,
                row.catalogue_item,
                row.identified_on,
                row.identified_by,
                row.case_number,
                row.ended_on,
                row.end_ground,
                row.tier,
                row.domain,
                row.amount_cents
            ));
        }
    }
    for row in mention::Entity::find().all(&db).await.expect("a table") {
        if stands(row.change_from, row.change_to) {
            lines.push(format!(
                "mention {} v{} {} {} {:?} in {:?} {} {} {:?}",
                row.id,
                row.version,
                row.outcome,
                row.text,
                row.code,
                row.division,
                row.score,
                row.candidates,
                row.steps
            ));
        }
    }
    for row in clue::Entity::find().all(&db).await.expect("a table") {
        if stands(row.change_from, row.change_to) {
            lines.push(format!(
                "clue {} v{} {} of {:?} by {} {:?} {} {:?} at {} due {:?} {:?}",
                row.id,
                row.version,
                row.stage,
                row.agencies,
                row.channel,
                row.category,
                row.title,
                row.content,
                row.received_at,
                row.due_on,
                row.amount_cents
            ));
        }
    }
    for row in indicator::Entity::find().all(&db).await.expect("a table") {
        if stands(row.change_from, row.change_to) {
            lines.push(format!(
                "indicator {} v{} {} of {} {} {} to {} is {}",
                row.id,
                row.version,
                row.code,
                code_of[&row.agency_id],
                row.title,
                row.period_from,
                row.period_to,
                row.value
            ));
        }
    }
    for row in post::Entity::find().all(&db).await.expect("a table") {
        if stands(row.change_from, row.change_to) {
            lines.push(format!(
                "post {} v{} {} {} of {} ({}) at {} from {:?} to {:?}",
                row.id,
                row.version,
                row.title,
                row.name,
                row.official_id,
                row.person,
                row.agency_uscc,
                row.valid_from,
                row.valid_to
            ));
        }
    }
    for row in assessment::Entity::find().all(&db).await.expect("a table") {
        if stands(row.change_from, row.change_to) {
            lines.push(format!(
                "assessment {} v{} by {} {} to {} of {:?} {:?} {:?} {:?} of {:?} {:?} {:?}",
                row.id,
                row.version,
                row.assessor,
                row.period_from,
                row.period_to,
                row.uscc,
                row.division,
                row.indicator,
                row.score,
                row.full_score,
                row.grade,
                row.report
            ));
        }
    }
    for row in decision::Entity::find().all(&db).await.expect("a table") {
        if stands(row.change_from, row.change_to) {
            lines.push(format!(
                "decision {} v{} {} {:?} of {:?} {:?} in {} within {:?} by {} {:?} without {:?}",
                row.id,
                row.version,
                row.judgement,
                row.agency_id,
                row.name,
                row.code,
                row.source,
                row.reach,
                row.by_subject,
                row.reason,
                row.excluded
            ));
        }
    }
    for row in checkpoint::Entity::find().all(&db).await.expect("a table") {
        lines.push(format!(
            "checkpoint {}/{} {} at {}",
            row.source, row.feed, row.list, row.place
        ));
    }
    for row in evidence::Entity::find().all(&db).await.expect("a table") {
        if stands(row.change_from, row.change_withdrawn) {
            lines.push(format!(
                "evidence {} of row {} {}/{} {} {:?} {}",
                row.id, row.row_id, row.source, row.feed, row.yields, row.source_key, row.content
            ));
        }
    }
    db.close().await.expect("it closes");
    lines.sort();
    lines.join("\n")
}

/// Rows of facts and evidence that an unclosed or taken-back change brought or ended: none, unless
/// a delivery is under way.
pub(crate) async fn leftovers(hub: &Hub) -> String {
    let db = hub.database().await;
    let mut told = String::new();
    for (table, to) in [
        ("agency", "change_to"),
        ("agency_name", "change_from"),
        ("succession", "change_to"),
        ("mention", "change_to"),
        ("credit_record", "change_to"),
        ("clue", "change_to"),
        ("indicator", "change_to"),
        ("post", "change_to"),
        ("assessment", "change_to"),
        ("decision", "change_to"),
        ("evidence", "change_withdrawn"),
    ] {
        let closed = "(SELECT id FROM change WHERE seq IS NOT NULL)";
        let sql = format!(
            "SELECT COUNT(*) AS n FROM {table} WHERE \
             change_from NOT IN {closed} OR {to} IS NOT NULL AND {to} NOT IN {closed}"
        );
        let rows = number(&db, &sql).await;
        if rows > 0 {
            let _ = writeln!(told, "{rows} of {table}");
        }
    }
    db.close().await.expect("it closes");
    told
}

/// What a query counts.
pub(crate) async fn count(hub: &Hub, sql: &str) -> i64 {
    let db = hub.database().await;
    let counted = number(&db, sql).await;
    db.close().await.expect("it closes");
    counted
}

/// What a query counts, in a database that no hub of this process is on.
pub(crate) async fn count_on(db: &Db, sql: &str) -> i64 {
    let db = db.connect().await;
    let counted = number(&db, sql).await;
    db.close().await.expect("it closes");
    counted
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await;
    row.expect("the query is good")
        .expect("a count is a row")
        .try_get_by_index(0)
        .expect("a count is a number")
}

/// Where a text stands in the whole database: `table.column`, in any column that holds text.
pub(crate) async fn anywhere(hub: &Hub, needle: &str) -> Vec<String> {
    let db = hub.database().await;
    let backend = db.get_database_backend();
    let find = if backend == DbBackend::Postgres {
        "STRPOS"
    } else {
        "INSTR"
    };
    let columns = match backend {
        DbBackend::Postgres => {
            "SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = current_schema()"
        }
        _ => {
            "SELECT m.name AS t, p.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'"
        }
    };
    let columns = db
        .query_all_raw(Statement::from_string(backend, columns))
        .await
        .expect("a catalogue");
    assert!(columns.len() > 50, "the search must look at all tables");
    let mut found = Vec::new();
    for column in columns {
        let (table, column): (String, String) = (
            column.try_get("", "t").expect("a name"),
            column.try_get("", "c").expect("a name"),
        );
        let sql = format!(
            "SELECT COUNT(*) FROM \"{table}\" WHERE {find}(CAST(\"{column}\" AS TEXT), '{}') > 0",
            needle.replace('\'', "''")
        );
        if number(&db, &sql).await > 0 {
            found.push(format!("{table}.{column}"));
        }
    }
    db.close().await.expect("it closes");
    found
}

/// The number of the newest version of the one evidence column that a filter tells.
pub(crate) async fn evidence_of(hub: &Hub, source_key: &str) -> Vec<evidence::Model> {
    let db = hub.database().await;
    let rows = evidence::Entity::find()
        .filter(evidence::Column::SourceKey.eq(source_key))
        .order_by_asc(evidence::Column::ChangeFrom)
        .all(&db)
        .await
        .expect("a table");
    db.close().await.expect("it closes");
    rows
}
