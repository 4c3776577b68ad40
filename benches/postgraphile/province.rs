//! 100,000 agencies as the hub takes them from a register, and a million records put straight into its
//! table; and the same rows as PostGraphile wants them, with relations, indexes, and a user with a row rule.

#[path = "../common/register.rs"]
mod register;

use std::{path::Path, process::Command};

use sqlx::{Connection, PgConnection, Row};

use super::servers::Servers;

/// The database's owner, for whom there are no row rules.
pub const OWNER: &str = "zhengxin";
/// A user who sees the province's rows.
pub const READER: &str = "reader";

/// Codes of agencies that are asked for one by one.
const ASKED: i64 = 1_000;

const AGENCIES: usize = 100_000;

/// Records in turn for all agencies, spread over kinds, tiers and eleven years.
const RECORDS: &str = "
WITH made AS (
    INSERT INTO change (seq, cause, closed_at)
    SELECT max(seq) + 1, 'delivery', now() FROM change RETURNING id
), body AS (
    SELECT id, division, row_number() OVER (ORDER BY id) - 1 AS at FROM agency
), counted AS (
    SELECT count(*) AS bodies FROM agency
)
INSERT INTO credit_record (id, change_from, version, row_id, content_hash, source, agency_id, kind,
    tier, status, catalogue_item, amount_cents, identified_on, identified_by, case_number, ended_on)
SELECT 1000000000000 + n, made.id, 1, 1000000000000 + n, n, 'court_debtors', body.id,
    (ARRAY['BREACH', 'ARREARS', 'JUDGMENT_DEBTOR'])[1 + n % 3],
    (ARRAY['MINOR', 'GENERAL', 'SERIOUS', NULL])[1 + n / 7 % 4],
    CASE WHEN n % 10 < 8 THEN 'ACTIVE' ELSE 'DELISTED' END,
    (ARRAY['breach.confirmed', 'arrears.established', 'court.judgment_debtor'])[1 + n % 3],
    100 * (1 + n % 100000), date '2015-01-01' + (n * 7919 % 4200)::int,
    '广东省广州市中级人民法院', '（2023）粤01执' || n + 1 || '号',
    CASE WHEN n % 10 < 8 THEN NULL ELSE date '2026-08-01' END
FROM generate_series(0::bigint, 999999) n
CROSS JOIN made
CROSS JOIN counted
JOIN body ON body.at = n % counted.bodies
";

/// Tables as PostGraphile wants them, in a schema of their own: keys of one column, a relation, an index
/// for each question, and a number to sum where groups are counted, which its aggregates don't.
const FOR_POSTGRAPHILE: &str = "
CREATE SCHEMA beside;
CREATE TABLE beside.agency AS
    SELECT id, uscc, kind, name, division FROM agency ORDER BY division, id;
CREATE TABLE beside.credit_record AS
    SELECT record.id, agency_id, record.kind, tier, status, identified_on, identified_by, case_number,
        1 AS one, left(division, 4) || '00' AS place
    FROM credit_record record JOIN agency ON agency.id = agency_id ORDER BY record.id;
ALTER TABLE beside.agency ADD PRIMARY KEY (id), ADD UNIQUE (uscc);
ALTER TABLE beside.credit_record ADD PRIMARY KEY (id),
    ADD FOREIGN KEY (agency_id) REFERENCES beside.agency (id);
CREATE INDEX ON beside.agency (division, id);
CREATE INDEX ON beside.credit_record (agency_id, identified_on DESC, id);
CREATE INDEX ON beside.credit_record (identified_on DESC, id);
CREATE INDEX ON beside.credit_record (place, tier);
CREATE ROLE reader LOGIN;
GRANT USAGE ON SCHEMA beside TO reader;
GRANT SELECT ON beside.agency, beside.credit_record TO reader;
ALTER TABLE beside.agency ENABLE ROW LEVEL SECURITY;
ALTER TABLE beside.credit_record ENABLE ROW LEVEL SECURITY;
CREATE POLICY area ON beside.agency FOR SELECT TO reader
    USING (division >= '440000' AND division < '450000');
CREATE POLICY area ON beside.credit_record FOR SELECT TO reader
    USING (place >= '440000' AND place < '450000');
";

/// Fills the database; returns codes of agencies.
pub fn fill(servers: &Servers, folder: &Path, url: &str) -> anyhow::Result<Vec<String>> {
    let (_, register) = register::make(folder, AGENCIES)?;
    let mut ingest = servers.zhengxin(false);
    done(
        ingest
            .args(["ingest", "agency_register", "--file"])
            .arg(&register),
    )?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut database = PgConnection::connect(url).await?;
        for statements in [RECORDS, FOR_POSTGRAPHILE] {
            sqlx::raw_sql(statements).execute(&mut database).await?;
        }
        sqlx::raw_sql("VACUUM FULL ANALYZE")
            .execute(&mut database)
            .await?;
        let rows = sqlx::query("SELECT uscc FROM agency ORDER BY md5(uscc) LIMIT $1")
            .bind(ASKED)
            .fetch_all(&mut database)
            .await?;
        rows.iter().map(|row| Ok(row.try_get("uscc")?)).collect()
    })
}

fn done(command: &mut Command) -> anyhow::Result<()> {
    let output = command.output()?;
    anyhow::ensure!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
