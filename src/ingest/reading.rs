//! The pure half of a delivery, on a thread that may block: bytes become rows, rows become facts,
//! facts go out in batches. Nothing in here writes.

use std::{
    collections::{BTreeSet, HashMap},
    io::{BufRead, BufReader, Read},
};

use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::{
    catalogue::{Catalogue, Form, Source},
    graph::Graph,
    sources::{BadRow, Columns, Item, RawRow, Unreadable, read_csv, read_json},
    store::{Fact, ROWS_PER_BATCH, Reject, StagedRow},
};

use super::{
    identify::{Identified, Identifier, row_id},
    row::FormReader,
};

/// Warnings that a report tells; a file may have as many unknown columns as it likes.
const WARNINGS_MAX: usize = 50;

/// A batch of rows of one form.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub yields: &'static str,
    pub rows: Vec<StagedRow>,
    pub rejects: Vec<Reject>,
    /// Rows whose subject could not be told, among `rows`.
    pub unresolved: i64,
    pub received: i64,
    pub out_of_scope: i64,
    /// Rows of the source that this batch told of, rejected ones included.
    pub seen: Vec<i64>,
    /// Rejected rows that could not even be told apart: what they list is not known.
    pub keyless: i64,
}

/// What is known once all files are read.
#[derive(Debug, Default)]
pub(super) struct DeliveryRead {
    /// Which kinds of facts the delivery told of.
    pub yields: BTreeSet<&'static str>,
    pub warnings: Vec<String>,
}

/// A file that can't be read, by name.
#[derive(Debug, thiserror::Error)]
#[error("{file}{}: {reason}", .line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct FileError {
    pub file: String,
    pub line: Option<i64>,
    pub reason: String,
}

pub(super) struct Reading<'a> {
    source: &'a Source,
    feed: &'a str,
    catalogue: &'a Catalogue,
    graph: &'a Graph,
    /// The day in China on which it is read.
    today: NaiveDate,
    columns: Columns,
    readers: Vec<FormReader<'a>>,
    batches: mpsc::Sender<Batch>,
    batch: Batch,
    /// Rows and declared totals, by form.
    counted: HashMap<usize, i64>,
    /// On which page of a list with a declared total each row came.
    pages: HashMap<i64, usize>,
    files: usize,
    form_before: Option<usize>,
    declared: HashMap<usize, i64>,
    done: DeliveryRead,
}

/// The file that is being read.
struct Current {
    name: String,
    form: Option<usize>,
    total: Option<i64>,
    rows: i64,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        source: &'a Source,
        feed: &'a str,
        catalogue: &'a Catalogue,
        graph: &'a Graph,
        today: NaiveDate,
        batches: mpsc::Sender<Batch>,
    ) -> Self {
        let columns = Columns::of(source);
        let readers = source
            .form
            .iter()
            .map(|form| FormReader::new(form, &columns, &catalogue.divisions))
            .collect();
        Self {
            source,
            feed,
            catalogue,
            graph,
            today,
            columns,
            readers,
            batches,
            batch: Batch::default(),
            counted: HashMap::new(),
            pages: HashMap::new(),
            files: 0,
            form_before: None,
            declared: HashMap::new(),
            done: DeliveryRead::default(),
        }
    }

    /// Reads one file; all files of the delivery go through here in their order.
    pub(super) fn file(&mut self, name: &str, input: impl Read) -> Result<(), FileError> {
        let mut current = Current {
            name: name.to_owned(),
            form: None,
            total: None,
            rows: 0,
        };
        self.files += 1;
        let read = self.rows_of(input, &mut current);
        let unreadable = |error: Unreadable| FileError {
            file: name.to_owned(),
            line: error.line,
            reason: error.reason,
        };
        read.map_err(unreadable)?;
        // A page of nothing but bad rows is one more of what came before it.
        let form = current
            .form
            .or(self.form_before.filter(|_| current.rows > 0));
        match (form, current.total) {
            (Some(form), total) => {
                self.form_before = Some(form);
                *self.counted.entry(form).or_default() += current.rows;
                if let Some(total) = total {
                    let before = self.declared.insert(form, total);
                    if let Some(before) = before.filter(|before| *before != total) {
                        let reason =
                            format!("declares a total of {total}, a page before it {before}");
                        return Err(unreadable(Unreadable::new(reason)));
                    }
                }
                Ok(())
            }
            (None, Some(total)) if total > 0 => Err(unreadable(Unreadable::new(format!(
                "declares a total of {total} and has no row"
            )))),
            // An empty page says that there is nothing.
            (None, _) => Ok(()),
        }
    }

    /// Hands on the last batch and says what was read, or that what was declared did not come.
    pub(super) fn finish(mut self) -> Result<DeliveryRead, FileError> {
        for (form, declared) in &self.declared {
            let counted = self.counted.get(form).copied().unwrap_or(0);
            if counted != *declared {
                return Err(FileError {
                    file: format!(
                        "{} {}",
                        self.source.key.get_ref(),
                        self.source.form[*form].name
                    ),
                    line: None,
                    reason: format!("{declared} rows are declared and {counted} came"),
                });
            }
        }
        self.flush().map_err(|error| FileError {
            file: String::new(),
            line: None,
            reason: error.reason,
        })?;
        Ok(self.done)
    }

    fn rows_of(&mut self, input: impl Read, current: &mut Current) -> Result<(), Unreadable> {
        let mut input = BufReader::with_capacity(64 * 1_024, input);
        let first = loop {
            let start = input
                .fill_buf()
                .map_err(|error| Unreadable::new(error.to_string()))?;
            if start.is_empty() {
                return Err(Unreadable::new("is empty"));
            }
            let blank = start
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace())
                .count();
            match start.get(blank) {
                Some(first) => break *first,
                None => input.consume(blank),
            }
        };
        let columns = self.columns.clone();
        let envelope = &self.source.envelope;
        match first {
            b'P' if input.buffer().starts_with(b"PK\x03\x04") => Err(Unreadable::new(
                "is a workbook or archive; expected CSV, JSON or JSON Lines",
            )),
            b'{' | b'[' => read_json(&columns, envelope, input, &mut |item| {
                self.item(item, current)
            }),
            _ => read_csv(&columns, input, &mut |item| self.item(item, current)),
        }
    }

    fn item(&mut self, item: Item, current: &mut Current) -> Result<(), Unreadable> {
        match item {
            Item::Headings(headings) => self.form_by_headings(&headings, current),
            Item::Row(row) => self.row(row, current),
            Item::Bad(bad) => {
                current.rows += 1;
                self.batch.received += 1;
                self.batch.keyless += 1;
                self.reject(current, bad);
                self.flush_if_full()
            }
            Item::Total(total) => {
                current.total = Some(total);
                Ok(())
            }
            Item::UnknownColumn(column) => {
                let warning = format!(
                    "{}: column {column:?} is unknown and was not kept",
                    current.name
                );
                if self.done.warnings.len() < WARNINGS_MAX && !self.done.warnings.contains(&warning)
                {
                    self.done.warnings.push(warning);
                }
                Ok(())
            }
        }
    }

    fn form_by_headings(
        &mut self,
        headings: &[String],
        current: &mut Current,
    ) -> Result<(), Unreadable> {
        let told = |form: &Form| form.told_by.iter().all(|column| headings.contains(column));
        let Some(form) = self.source.form.iter().position(told) else {
            return Err(Unreadable::at(1, self.no_form("the headings", headings)));
        };
        let missing = self.readers[form].missing_columns(headings);
        if !missing.is_empty() {
            return Err(Unreadable::at(
                1,
                format!(
                    "lacks the column(s) {}: its layout changed",
                    missing.join(", ")
                ),
            ));
        }
        self.begin_form(form, current)
    }

    fn no_form(&self, what: &str, found: &[String]) -> String {
        let forms: Vec<_> = self
            .source
            .form
            .iter()
            .map(|form| format!("{} ({})", form.name, form.told_by.join(", ")))
            .collect();
        format!(
            "{what} {found:?} fit none of the source's forms: {}",
            forms.join("; ")
        )
    }

    fn begin_form(&mut self, form: usize, current: &mut Current) -> Result<(), Unreadable> {
        let yields = self.source.form[form].yields.as_str();
        if self.batch.yields != yields {
            self.flush()?;
            self.batch.yields = yields;
        }
        self.done.yields.insert(yields);
        current.form = Some(form);
        Ok(())
    }

    fn form_by_row(&mut self, row: &RawRow, current: &mut Current) -> Result<usize, Unreadable> {
        if let Some(form) = current.form {
            return Ok(form);
        }
        let has = |column: &String| {
            self.columns
                .slot(column)
                .is_some_and(|slot| row.cells[slot].is_some())
        };
        let Some(form) = self
            .source
            .form
            .iter()
            .position(|form| form.told_by.iter().all(has))
        else {
            return Err(Unreadable::at(
                row.line,
                self.no_form("the first row's keys", &[]),
            ));
        };
        let missing = self.readers[form].missing_keys(row);
        if !missing.is_empty() {
            let reason = format!(
                "lacks the key(s) {}: its layout changed",
                missing.join(", ")
            );
            return Err(Unreadable::at(row.line, reason));
        }
        self.begin_form(form, current)?;
        Ok(form)
    }

    fn row(&mut self, mut row: RawRow, current: &mut Current) -> Result<(), Unreadable> {
        let form = self.form_by_row(&row, current)?;
        current.rows += 1;
        self.batch.received += 1;
        let reader = &self.readers[form];
        let item = reader
            .form
            .item
            .as_ref()
            .and_then(|item| self.catalogue.lists.item(item.get_ref()));
        let identifier = Identifier {
            graph: self.graph,
            item,
            today: self.today,
        };
        let key = reader.key(&row);
        let row_id = key.as_ref().map(|key| {
            row_id(
                self.source.key.get_ref(),
                self.feed,
                reader.form.yields,
                key,
            )
        });
        if let Some(row_id) = row_id.filter(|_| current.total.is_some()) {
            let page = *self.pages.entry(row_id).or_insert(self.files);
            if page != self.files {
                // For each row that comes again another one does not come, and the total is right.
                let reason = "came on an earlier page already: the list moved while it was pulled";
                return Err(Unreadable::at(row.line, reason));
            }
        }
        match (identifier.identify(reader, &mut row), key, row_id) {
            (Ok(Identified::OutOfScope), ..) => self.batch.out_of_scope += 1,
            (Ok(Identified::Fact(fact)), Some(source_key), Some(row_id)) => {
                let content = reader.evidence(&row);
                self.batch.unresolved += i64::from(matches!(fact, Fact::Mention(_)));
                self.batch.seen.push(row_id);
                self.batch.rows.push(StagedRow {
                    row_id,
                    source_key,
                    location: format!("{}:{}", current.name, row.line),
                    digest: crate::hex(&Sha256::digest(&content)),
                    content,
                    fact,
                });
            }
            (Ok(Identified::Fact(_)), ..) => {
                self.batch.keyless += 1;
                let column = reader.form.key.first().map(|columns| columns.join(" + "));
                let reason = "is empty: nothing identifies the row".to_owned();
                self.reject(
                    current,
                    BadRow {
                        line: row.line,
                        column,
                        reason,
                    },
                );
            }
            (Err(refused), _, row_id) => {
                match row_id {
                    Some(row_id) => self.batch.seen.push(row_id),
                    None => self.batch.keyless += 1,
                }
                let bad = BadRow {
                    line: row.line,
                    column: Some(refused.column),
                    reason: refused.reason,
                };
                self.reject(current, bad);
            }
        }
        self.flush_if_full()
    }

    fn reject(&mut self, current: &Current, bad: BadRow) {
        self.batch.rejects.push(Reject {
            file: current.name.clone(),
            line: bad.line,
            column: bad.column,
            reason: bad.reason,
        });
    }

    fn flush_if_full(&mut self) -> Result<(), Unreadable> {
        let is_full = self.batch.rows.len() >= ROWS_PER_BATCH
            || self.batch.rejects.len() >= ROWS_PER_BATCH
            || self.batch.received >= 16 * ROWS_PER_BATCH as i64;
        if is_full { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Unreadable> {
        let yields = self.batch.yields;
        let batch = std::mem::replace(
            &mut self.batch,
            Batch {
                yields,
                ..Batch::default()
            },
        );
        if batch.received == 0 {
            return Ok(());
        }
        // Only when the writing half has failed is nobody there to take it.
        self.batches
            .blocking_send(batch)
            .map_err(|_| Unreadable::new("the delivery was given up"))
    }
}
