//! The databases' own bulk load of a CSV file into a table of texts: rows per second. It checks
//! nothing, identifies nobody and remembers nothing: what speed there is to be had at all.

use std::{path::Path, time::Instant};

use sqlx::{
    Connection, Executor, PgConnection, Sqlite, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

/// Rows in one statement: below SQLite's 32,766 bound values.
const ROWS_PER_STATEMENT: usize = 1_000;

fn columns(path: &Path) -> anyhow::Result<usize> {
    Ok(csv::Reader::from_path(path)?.headers()?.len())
}

fn table(columns: usize) -> String {
    let columns: Vec<String> = (0..columns).map(|at| format!("c{at} text")).collect();
    format!("CREATE TABLE bulk ({})", columns.join(", "))
}

/// PostgreSQL's `COPY`.
pub fn copy(url: &str, path: &Path) -> anyhow::Result<f64> {
    runtime()?.block_on(async {
        let mut connection = PgConnection::connect(url).await?;
        connection.execute("DROP TABLE IF EXISTS bulk").await?;
        connection
            .execute(sqlx::AssertSqlSafe(table(columns(path)?)))
            .await?;
        let started = Instant::now();
        let mut copy = connection
            .copy_in_raw("COPY bulk FROM STDIN (FORMAT csv, HEADER true)")
            .await?;
        copy.read_from(tokio::fs::File::open(path).await?).await?;
        let rows = copy.finish().await?;
        Ok(rows as f64 / started.elapsed().as_secs_f64())
    })
}

/// One transaction of batched inserts, on the settings that the hub's own database has.
pub fn insert(path: &Path) -> anyhow::Result<f64> {
    let folder = tempfile::tempdir()?;
    runtime()?.block_on(async {
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("bulk.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        let width = columns(path)?;
        connection
            .execute(sqlx::AssertSqlSafe(table(width)))
            .await?;
        let batch = ROWS_PER_STATEMENT.min(32_766 / width);
        let row = format!("({})", vec!["?"; width].join(","));
        let statement = |rows: usize| {
            format!(
                "INSERT INTO bulk VALUES {}",
                vec![row.as_str(); rows].join(",")
            )
        };
        let full = statement(batch);
        let started = Instant::now();
        let mut tx = connection.begin().await?;
        let mut reader = csv::Reader::from_path(path)?;
        let (mut cells, mut rows, mut waiting) = (Vec::new(), 0_u64, 0);
        let mut record = csv::StringRecord::new();
        loop {
            let is_end = !reader.read_record(&mut record)?;
            if !is_end {
                cells.extend(record.iter().map(str::to_owned));
                waiting += 1;
            }
            if waiting == batch || is_end && waiting > 0 {
                let text = if waiting == batch {
                    full.clone()
                } else {
                    statement(waiting)
                };
                let mut query = sqlx::query::<Sqlite>(sqlx::AssertSqlSafe(text));
                for cell in cells.drain(..) {
                    query = query.bind(cell);
                }
                query.execute(&mut *tx).await?;
                rows += waiting as u64;
                waiting = 0;
            }
            if is_end {
                break;
            }
        }
        tx.commit().await?;
        Ok(rows as f64 / started.elapsed().as_secs_f64())
    })
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}
