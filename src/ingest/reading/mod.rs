//! The pure half of a delivery, on a thread that may block: bytes become rows, rows become facts,
//! facts go out in batches. Nothing in here writes.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::{self, BufRead, BufReader, Read},
};

use domain::privacy::mask_numbers;
use serde::de::IgnoredAny;
use tokio::{runtime::Handle, sync::mpsc};

use crate::{
    catalogue::{Catalogue, Reader, Source},
    graph::Graph,
    person_key::PersonKey,
    sources::{
        BadRow, Columns, Item, MojibakeWatch, RawRow, RawStore, Unreadable, read_csv, read_json,
        read_mail, read_xlsx, read_xml,
    },
    store::{NewRun, RowFeedback},
};

use super::{
    ahead::{Ahead, read_ahead},
    listener::{Listener, Version},
    row::FormReader,
};

mod batch;
mod form;
mod row;

pub(super) use batch::Batch;
pub(super) use row::said;

use row::check_types;

/// Warnings that a report tells; a file may have as many unknown columns as it likes.
const WARNINGS_MAX: usize = 50;

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
    new: &'a NewRun,
    catalogue: &'a Catalogue,
    graph: &'a Graph,
    person_key: Option<&'a PersonKey>,
    columns: Columns,
    readers: Vec<FormReader<'a>>,
    batches: mpsc::Sender<Batch>,
    /// Keeps what is attached to a message.
    raw: RawStore,
    batch: Batch,
    /// Rows and declared totals, by form.
    counted: HashMap<usize, i64>,
    /// On which page of a list with a declared total each row came, or of changes each of its words.
    pages: HashMap<i64, usize>,
    files: usize,
    form_before: Option<usize>,
    declared: HashMap<usize, i64>,
    /// Rows of all files, and those of them that were refused, by form; of letters nobody asks.
    refused: BTreeMap<usize, (i64, Refused)>,
    /// The columns that files without headings had, with the first of those files, by form.
    seen: BTreeMap<usize, (String, Vec<bool>)>,
    done: DeliveryRead,
}

/// How many rows were refused, by the column for which they were.
type Refused = BTreeMap<String, i64>;

/// The file that is being read.
struct Current {
    name: String,
    form: Option<usize>,
    total: Option<i64>,
    rows: i64,
    /// Rows that came just so on an earlier page of a list of changes.
    repeated: i64,
    refused: Refused,
    /// The columns, by their slots, that any row had; none where headings said which there are.
    seen: Option<Vec<bool>>,
    /// Of an exchange table whose owner wants to hear what became of his rows.
    listener: Option<Listener>,
}

impl Current {
    fn see(&mut self, row: &RawRow) {
        let cells = self.seen.iter_mut().flatten().zip(&row.cells);
        cells.for_each(|(seen, cell)| *seen |= cell.is_some());
    }

    /// What the owner of the row's exchange table hears of it.
    fn hears(&self, version: Option<Version>, refused: Option<&str>) -> Option<RowFeedback> {
        // A shifted row has numbers of persons where none are looked for.
        let refused = refused.map(mask_numbers);
        self.listener.as_ref()?.hears(version?, refused.as_deref())
    }
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        source: &'a Source,
        new: &'a NewRun,
        catalogue: &'a Catalogue,
        graph: &'a Graph,
        person_key: Option<&'a PersonKey>,
        batches: mpsc::Sender<Batch>,
        raw: RawStore,
    ) -> Self {
        let columns = Columns::of(source);
        let readers = source
            .form
            .iter()
            .map(|form| FormReader::new(form, &columns, &catalogue.divisions))
            .collect();
        Self {
            source,
            new,
            catalogue,
            graph,
            person_key,
            columns,
            readers,
            batches,
            raw,
            batch: Batch::default(),
            counted: HashMap::new(),
            pages: HashMap::new(),
            files: 0,
            form_before: None,
            declared: HashMap::new(),
            refused: BTreeMap::new(),
            seen: BTreeMap::new(),
            done: DeliveryRead::default(),
        }
    }

    /// Reads one file; all files of the delivery go through here in their order.
    pub(super) fn file(&mut self, name: &str, input: impl Read + Send) -> Result<(), FileError> {
        let mut current = Current {
            name: name.to_owned(),
            form: None,
            total: None,
            rows: 0,
            repeated: 0,
            refused: Refused::new(),
            seen: None,
            listener: Listener::of(self.source, name, &self.columns, &self.new.feed),
        };
        self.files += 1;
        let read = self.rows_of(input, &mut current);
        let unreadable = |error: Unreadable| FileError {
            file: name.to_owned(),
            line: error.line,
            reason: mask_numbers(&error.reason).into_owned(),
        };
        let read = read.and_then(|()| check_types(current.rows, &current.refused));
        let read = match read {
            // Anybody can write to a mailbox: one letter that can't be read must not keep the others
            // from ever coming in.
            Err(Unreadable { line, reason }) if self.source.is_letter_of(name) => {
                let line = line.unwrap_or(1);
                let bad = BadRow {
                    line,
                    column: None,
                    reason,
                };
                match current.rows {
                    0 => self.item(Item::Bad(bad), &mut current),
                    _ => Ok(()),
                }
            }
            read => read,
        };
        read.map_err(unreadable)?;
        // A page of nothing but bad rows is one more of what came before it.
        let form = current
            .form
            .or(self.form_before.filter(|_| current.rows > 0));
        match (form, current.total) {
            (Some(form), total) => {
                self.form_before = Some(form);
                if !self.source.is_letter_of(name) {
                    self.note_columns(form, &current);
                    let (rows, refused) = self.refused.entry(form).or_default();
                    *rows += current.rows;
                    for (column, times) in current.refused {
                        *refused.entry(column).or_default() += times;
                    }
                }
                *self.counted.entry(form).or_default() += current.rows - current.repeated;
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

    /// Hands on the last batch and says what was read, or that what was declared did not come, or that
    /// its files together show what none shows alone.
    pub(super) fn finish(mut self) -> Result<DeliveryRead, FileError> {
        let wrong = |form: usize, reason: String| FileError {
            file: format!(
                "{} {}",
                self.source.key.get_ref(),
                self.source.form[form].name
            ),
            line: None,
            reason,
        };
        for (form, declared) in &self.declared {
            let counted = self.counted.get(form).copied().unwrap_or(0);
            if counted != *declared {
                let reason = format!("{declared} rows are declared and {counted} came");
                return Err(wrong(*form, reason));
            }
        }
        for (form, (rows, refused)) in &self.refused {
            check_types(*rows, refused).map_err(|error| wrong(*form, error.reason))?;
        }
        self.check_columns()?;
        self.flush().map_err(|error| FileError {
            file: String::new(),
            line: None,
            reason: error.reason,
        })?;
        Ok(self.done)
    }

    fn rows_of(
        &mut self,
        input: impl Read + Send,
        current: &mut Current,
    ) -> Result<(), Unreadable> {
        let mut input = BufReader::with_capacity(64 * 1_024, input);
        let first = loop {
            let start = input.fill_buf().map_err(failed)?;
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
        let (source, columns, raw) = (self.source, self.columns.clone(), self.raw.clone());
        let mut watch = MojibakeWatch::default();
        let mut sink = |item| self.item(watch.judge(item), current);
        let start = input.buffer();
        // A value on a line of its own with an object behind it is no heading.
        let end = start.iter().position(|byte| *byte == b'\n');
        let is_lines = end.is_some_and(|end| {
            start.get(end + 1) == Some(&b'{')
                && serde_json::from_slice::<IgnoredAny>(&start[..end]).is_ok()
        });
        let is_workbook =
            start.starts_with(b"PK\x03\x04") || start.starts_with(b"\xD0\xCF\x11\xE0");
        if source.reader == Some(Reader::Mail) {
            let mut attach = |name: &str, bytes: &[u8]| {
                let landed = Handle::current().block_on(raw.land_bytes(name, bytes));
                landed
                    .map(|landed| landed.digest)
                    .map_err(|error| Unreadable::new(error.to_string()))
            };
            read_mail(&columns, input, &mut attach, &mut sink)?;
            return watch.finish();
        }
        let read = |ahead: &mut Ahead| {
            if is_workbook {
                // A workbook's directory stands at its end, so it is read from a file.
                let mut spooled = tempfile::tempfile().map_err(failed)?;
                let bytes_max = source.bounds.file_bytes_max;
                io::copy(&mut input.take(bytes_max), &mut spooled).map_err(failed)?;
                io::Seek::rewind(&mut spooled).map_err(failed)?;
                return read_xlsx(&columns, BufReader::new(spooled), ahead);
            }
            match first {
                b'<' => read_xml(&columns, &source.envelope, input, ahead),
                b'{' | b'[' => read_json(&columns, &source.envelope, input, ahead),
                _ if is_lines => read_json(&columns, &source.envelope, input, ahead),
                _ => read_csv(&columns, input, ahead),
            }
        };
        read_ahead(read, sink)?;
        watch.finish()
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
}

fn failed(error: io::Error) -> Unreadable {
    Unreadable::new(error.to_string())
}
