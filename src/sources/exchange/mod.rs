//! Exchange tables (库表, 前置机): another's table read behind a watermark, and his feedback table
//! written. Each page of rows is kept as JSON Lines, so what reads files reads tables.

mod feedback;
mod time;

use chrono::{DateTime, TimeDelta, Utc};
use serde::ser::{Serialize, Serializer};

use crate::{
    catalogue::{EXCHANGE_ROWS, Exchange, Source},
    config::Place,
    tables::{self, Access, Mark, Selection, Start, Table, Tables},
};

use super::{Checkpoints, Journal, LandError, Landing};

pub use feedback::{Feedback, write_feedback};

/// A row whose time is further ahead of ours never moves the watermark: what is put in until then
/// would be passed over.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(10);

/// Why a table could not be read, or written to.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    #[error("its description names no exchange table")]
    Undescribed,
    #[error("exchange table {table}: {source}")]
    Table {
        table: String,
        source: tables::Error,
    },
    #[error("exchange table {table}: {source}")]
    Land { table: String, source: LandError },
    #[error(
        "exchange table {table}: reading does not move on from time {time:?} and id {id:?}; are \
         they exact and in order?"
    )]
    Stuck {
        table: String,
        time: String,
        id: String,
    },
}

/// Reads what is new in a source's exchange tables, and once more what stands shortly before it: rows
/// can appear later than their time says. What is brought twice does no harm.
/// What came before a failure stays in `landing`.
pub async fn fetch<J: Journal>(
    place: &Place,
    landing: &mut Landing<'_, J>,
    source: &Source,
    before: &Checkpoints,
    now: DateTime<Utc>,
    mut progress: impl FnMut(u64),
) -> Result<(), ExchangeError> {
    if source.exchange.is_empty() {
        return Err(ExchangeError::Undescribed);
    }
    let is_named = |exchange: &&Exchange| {
        place.lists.is_empty()
            || place
                .lists
                .iter()
                .any(|name| name == exchange.table.as_str())
    };
    for exchange in source.exchange.iter().filter(is_named) {
        fetch_table(place, landing, exchange, before, now, &mut progress).await?;
    }
    Ok(())
}

async fn fetch_table<J: Journal>(
    place: &Place,
    landing: &mut Landing<'_, J>,
    exchange: &Exchange,
    before: &Checkpoints,
    now: DateTime<Utc>,
    progress: impl FnMut(u64),
) -> Result<(), ExchangeError> {
    let name = exchange.table.as_str().to_owned();
    let failed = |source| ExchangeError::Table {
        table: name.clone(),
        source,
    };
    let mut tables = Tables::open(place, Access::Read).await.map_err(failed)?;
    let table = tables.table(&exchange.table).await.map_err(failed)?;
    let selection = select(exchange, &table).map_err(failed)?;

    let unplaced = tables.unplaced(&selection).await.map_err(failed)?;
    if unplaced > 0 {
        let (time, id) = (&selection.time.name, &selection.id.name);
        landing.fetched.warnings.push(format!(
            "table {name}: {unplaced} rows without {time} or {id} are not read"
        ));
    }
    let mut reading = Reading {
        exchange,
        tables,
        selection,
        landing,
        now,
        last: before.get(&name).and_then(|text| parse_mark(text)),
        rows: 0,
        progress,
    };
    reading.read_all(before.get(&name)).await?;
    reading.note_mark();
    Ok(())
}

/// The columns of the description, or all that the table has, with what orders the rows.
fn select<'a>(exchange: &'a Exchange, table: &'a Table) -> Result<Selection<'a>, tables::Error> {
    let time = table.column(&exchange.time)?;
    let id = table.column(&exchange.id)?;
    let mut columns = Vec::new();
    for name in &exchange.columns {
        columns.push(table.column(name)?);
    }
    if columns.is_empty() {
        columns.extend(&table.columns);
    }
    for needed in [time, id] {
        if !columns.contains(&needed) {
            columns.push(needed);
        }
    }
    Ok(Selection {
        table: &table.name,
        columns,
        time,
        id,
    })
}

/// A run's reading of a table.
struct Reading<'a, 'l, J, P> {
    exchange: &'a Exchange,
    tables: Tables,
    selection: Selection<'a>,
    landing: &'a mut Landing<'l, J>,
    now: DateTime<Utc>,
    /// The watermark.
    last: Option<Mark>,
    rows: u64,
    progress: P,
}

impl<J: Journal, P: FnMut(u64)> Reading<'_, '_, J, P> {
    async fn read_all(&mut self, before: Option<&String>) -> Result<(), ExchangeError> {
        let name = self.exchange.table.as_str();
        let Some(last) = self.last.clone() else {
            if before.is_some() {
                self.landing.fetched.warnings.push(format!(
                    "table {name}: its checkpoint is none, so it is read from the beginning"
                ));
            }
            return self
                .read(Start::Beginning, None, self.exchange.rows_max)
                .await;
        };
        // What is read again is not counted, or many rows at one time would keep a run from ever
        // getting behind them.
        match time::earlier(&last.time, self.exchange.late_minutes) {
            Some(at) => self.read(Start::At(at), Some(&last), u64::MAX).await?,
            None => self.landing.fetched.warnings.push(format!(
                "table {name}: {:?} is no time, so late rows are not looked for",
                last.time
            )),
        }
        self.read(Start::Behind(last), None, self.exchange.rows_max)
            .await
    }

    /// Reads and keeps page after page.
    async fn read(
        &mut self,
        mut start: Start,
        until: Option<&Mark>,
        rows_max: u64,
    ) -> Result<(), ExchangeError> {
        let (mut left, before) = (rows_max, self.last.clone());
        while left > 0 {
            let asked = left.min(u64::from(self.exchange.batch_rows.max(1))) as u32;
            let page = self
                .tables
                .page(&self.selection, &start, until, asked)
                .await;
            let page = page.map_err(|source| ExchangeError::Table {
                table: self.exchange.table.as_str().to_owned(),
                source,
            })?;
            let (Some((first, _)), Some((last, _))) = (page.rows.first(), page.rows.last()) else {
                return Ok(());
            };
            let next = Start::Behind(last.clone());
            if next == start {
                return Err(ExchangeError::Stuck {
                    table: self.exchange.table.as_str().to_owned(),
                    time: last.time.clone(),
                    id: last.id.clone(),
                });
            }
            let name = format!(
                "{}{EXCHANGE_ROWS}{}/{} to {}/{}",
                self.exchange.table.as_str(),
                first.time,
                first.id,
                last.time,
                last.id
            );
            if until.is_none() {
                let counts = |mark: &&Mark| self.moves_watermark(mark);
                let seen = page.rows.iter().rev().map(|(mark, _)| mark).find(counts);
                self.last = seen.cloned().or(self.last.take());
            }
            // Whoever goes on after an interruption begins there, late rows included.
            self.note_mark();
            self.land(&name, &page.rows).await?;
            let rows = page.rows.len() as u64;
            self.rows += rows;
            (self.progress)(self.rows);
            left = left.saturating_sub(rows);
            start = next;
            if !page.has_more {
                return Ok(());
            }
        }
        if self.last == before {
            let (time, id) = before.map_or_else(Default::default, |mark| (mark.time, mark.id));
            let table = self.exchange.table.as_str().to_owned();
            return Err(ExchangeError::Stuck { table, time, id });
        }
        let told = format!(
            "table {}: {rows_max} rows were read, the others come with the next run",
            self.exchange.table.as_str()
        );
        self.landing.fetched.warnings.push(told);
        Ok(())
    }

    fn moves_watermark(&self, mark: &Mark) -> bool {
        time::moment(&mark.time).is_some_and(|moment| moment <= self.now + AHEAD_MAX)
    }

    fn note_mark(&mut self) {
        let name = self.exchange.table.as_str();
        let told = self.last.as_ref();
        let told = told.map(|mark| (name.to_owned(), format!("{}\t{}", mark.time, mark.id)));
        self.landing.fetched.checkpoints.extend(told);
    }

    async fn land(
        &mut self,
        name: &str,
        rows: &[(Mark, tables::Row)],
    ) -> Result<(), ExchangeError> {
        let mut lines = Vec::new();
        for (_, cells) in rows {
            let line = Line {
                columns: &self.selection.columns,
                cells,
            };
            serde_json::to_writer(&mut lines, &line).expect("text to memory can't fail");
            lines.push(b'\n');
        }
        let landed = self.landing.land(name, &lines).await;
        landed.map_err(|source| ExchangeError::Land {
            table: self.exchange.table.as_str().to_owned(),
            source,
        })
    }
}

/// A row as an object, in the order of the columns.
struct Line<'a> {
    columns: &'a [&'a tables::Column],
    cells: &'a [Option<String>],
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let names = self.columns.iter().map(|column| &column.name);
        to.collect_map(names.zip(self.cells))
    }
}

/// A checkpoint: a time, a tab and an id, each as the database tells it.
fn parse_mark(text: &str) -> Option<Mark> {
    let (time, id) = text.split_once('\t')?;
    Some(Mark {
        time: time.to_owned(),
        id: id.to_owned(),
    })
}
