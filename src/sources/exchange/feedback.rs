//! Feedback (反馈表): the table's owner is told what became of his rows.

use chrono::{DateTime, Utc};

use crate::{
    catalogue::{ColumnName, Exchange},
    config::Place,
    tables::{Access, Column, Tables},
};

use super::{ExchangeError, time};

/// What became of a received row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// Its `id` in the exchange table.
    pub row_id: String,
    pub ok: bool,
    /// Why it was refused; empty where it was not.
    pub reason: String,
}

/// Tells what became of the rows of a run where the source wants to hear it; what was told already
/// is left alone. Answers how many rows were written.
pub async fn write_feedback(
    place: &Place,
    exchange: &Exchange,
    run: &str,
    rows: &[Feedback],
    now: DateTime<Utc>,
) -> Result<u64, ExchangeError> {
    let Some(wanted) = &exchange.feedback else {
        return Ok(0);
    };
    let told = rows.iter().filter(|row| !row.ok || wanted.accepted);
    let state = |row: &Feedback| if row.ok { &wanted.ok } else { &wanted.refused };
    let reason = |row: &Feedback| row.reason.chars().take(wanted.reason_chars).collect();
    let told: Vec<Vec<String>> = told
        .map(|row| {
            vec![
                row.row_id.clone(),
                run.to_owned(),
                state(row).clone(),
                reason(row),
                time::written(now),
            ]
        })
        .collect();
    if told.is_empty() {
        return Ok(0);
    }
    let failed = |source| ExchangeError::Table {
        table: wanted.table.as_str().to_owned(),
        source,
    };
    let mut tables = Tables::open(place, Access::Write).await.map_err(failed)?;
    let table = tables.table(&wanted.table).await.map_err(failed)?;
    let names: [&ColumnName; 5] = [
        &wanted.id,
        &wanted.run,
        &wanted.state,
        &wanted.reason,
        &wanted.time,
    ];
    let columns = names.iter().map(|name| table.column(name));
    let columns: Vec<&Column> = columns.collect::<Result<_, _>>().map_err(failed)?;
    // The first two columns are what is told only once.
    let written = tables.insert_absent(&table.name, &columns, 2, &told).await;
    written.map_err(failed)
}
