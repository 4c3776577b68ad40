//! The bodies and the cases, in a hub's database.

use std::path::Path;

use domain::division::DivisionCode;
use sqlx::{Connection, QueryBuilder, Row, Sqlite, SqliteConnection};
use zhengxin::{app::App, clock::Clock, config::Config};

use crate::{
    cases::{Made, make},
    ingest::ingest,
    register,
};

const AGENCIES: usize = 20_000;
const CASES: u32 = 100_000;
/// Cases in one statement.
const BATCH: usize = 1_000;

/// Bodies, taken in as always, and cases about them put straight into their table.
pub async fn fill(config: &Config, clock: Clock, folder: &Path) -> anyhow::Result<Vec<Made>> {
    let (_, register) = register::make(folder, AGENCIES)?;
    let app = App::start(config.clone(), clock).await?;
    ingest(&app, "agency_register", &register, false).await?;
    let catalogue = app.catalogue.clone();
    drop(app);
    let mut database = SqliteConnection::connect(&config.database_url()).await?;
    let mut tx = database.begin().await?;
    let rows = sqlx::query("SELECT id, division FROM agency WHERE change_to IS NULL ORDER BY id");
    let rows = rows.fetch_all(&mut *tx).await?;
    let body = |row: &sqlx::sqlite::SqliteRow| -> anyhow::Result<(i64, DivisionCode)> {
        Ok((
            row.try_get("id")?,
            row.try_get::<String, _>("division")?.parse()?,
        ))
    };
    let bodies: Vec<_> = rows.iter().map(body).collect::<Result<_, _>>()?;
    let change = sqlx::query(
        "INSERT INTO change (seq, cause, closed_at) \
         SELECT max(seq) + 1, 'casework', '2026-01-01T00:00:00+00:00' FROM change RETURNING id",
    );
    let change: i64 = change.fetch_one(&mut *tx).await?.try_get("id")?;
    let made: Vec<Made> = (0..CASES).map(|n| make(n, &catalogue, &bodies)).collect();
    for batch in made.chunks(BATCH) {
        let states: Vec<String> = batch
            .iter()
            .map(|made| serde_json::to_string(&made.case))
            .collect::<Result<_, _>>()?;
        let mut insert = QueryBuilder::<Sqlite>::new(
            "INSERT INTO casefile (id, change_from, version, workflow, stage, agency_id, state) ",
        );
        insert.push_values(batch.iter().zip(states), |mut row, (made, state)| {
            let case = &made.case;
            row.push_bind(made.id)
                .push_bind(change)
                .push_bind(i64::from(case.events));
            row.push_bind(&case.workflow)
                .push_bind(&case.stage)
                .push_bind(case.about.agency)
                .push_bind(state);
        });
        insert.build().execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(made)
}
