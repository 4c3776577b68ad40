//! A big province on SQLite: a register, taken in as always, and records put straight into their table.

#[path = "../common/ingest.rs"]
mod ingest;
#[path = "../common/register.rs"]
mod register;

use std::path::Path;

use sqlx::{Connection, Row};
use zhengxin::{app::App, clock::Clock, config::Config, demo::World};

pub(super) use ingest::ingest;

/// Of a hundred records so many hold, unless it is said otherwise: of 350,000 bodies with a million records one in
/// twelve has one that does. Of 4,072 departments in Zhejiang 1.4 % had a low grade (2018).
pub(super) const HOLDING: i64 = 3;

/// Records in turn for all bodies, spread over kinds, tiers and eleven years; of a hundred the first few hold.
const RECORDS: &str = "
WITH RECURSIVE counted(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < $1),
body AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS at FROM agency),
bodies AS (SELECT count(*) AS number FROM agency)
INSERT INTO credit_record (id, change_from, version, row_id, content_hash, source, agency_id, kind,
    tier, status, catalogue_item, amount_cents, identified_on, identified_by, under_objection, is_withheld)
SELECT 1000000000000 + n, $2, 1, 1000000000000 + n, n, 'credit_platform', body.id,
    CASE n % 3 WHEN 0 THEN 'BREACH' WHEN 1 THEN 'ARREARS' ELSE 'JUDGMENT_DEBTOR' END,
    CASE n / 7 % 4 WHEN 0 THEN 'MINOR' WHEN 1 THEN 'GENERAL' WHEN 2 THEN 'SERIOUS' END,
    CASE WHEN n % 100 < $3 THEN 'ACTIVE' ELSE 'DELISTED' END,
    CASE n % 3 WHEN 0 THEN 'breach.confirmed' WHEN 1 THEN 'arrears.established' ELSE 'court.judgment_debtor' END,
    100 * (1 + n % 100000), date('2015-01-01', '+' || (n * 7919 % 4200) || ' days'),
    '样例认定局', 0, 0
FROM counted CROSS JOIN bodies JOIN body ON body.at = n % bodies.number";

/// A register, taken in as always, and records put straight into their table.
pub(super) async fn fill(
    config: &Config,
    folder: &Path,
    agencies: usize,
    records: usize,
    holding: i64,
) -> anyhow::Result<World> {
    let (world, register) = register::make(folder, agencies)?;
    let app = App::start(config.clone(), Clock::system()).await?;
    ingest(&app, "agency_register", &register, false).await?;
    drop(app);
    let mut database = sqlx::SqliteConnection::connect(&config.database_url()).await?;
    let change = sqlx::query("INSERT INTO change (seq, cause, closed_at) SELECT max(seq) + 1, 'delivery', '2026-01-01T00:00:00+00:00' FROM change RETURNING id")
        .fetch_one(&mut database)
        .await?
        .try_get::<i64, _>("id")?;
    sqlx::query(RECORDS)
        .bind(records as i64)
        .bind(change)
        .bind(holding)
        .execute(&mut database)
        .await?;
    Ok(world)
}
