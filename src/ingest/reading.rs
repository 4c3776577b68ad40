//! The pure half of a delivery, on a thread that may block: bytes become rows, rows become facts,
//! facts go out in batches. Nothing in here writes.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::{self, BufRead, BufReader, Read},
};

use domain::{
    date::china_offset,
    id::{Kind, stable_id},
    privacy::mask_numbers,
};
use sha2::{Digest, Sha256};
use tokio::{runtime::Handle, sync::mpsc};

use crate::{
    catalogue::{Catalogue, Form, Reader, Source},
    graph::Graph,
    sources::{
        BadRow, Columns, Item, MojibakeWatch, RawRow, RawStore, Unreadable, read_csv, read_json,
        read_mail, read_xlsx, read_xml,
    },
    store::{Fact, HashedFact, NewRun, ROWS_PER_BATCH, Reject, RowFeedback, StagedRow},
};

use super::{
    ahead::{Ahead, read_ahead},
    fate::Fate,
    field::Refused,
    identify::{Identified, Identifier, Named, row_id},
    listener::{Listener, Version},
    person_key::PersonKey,
    row::FormReader,
};

/// Warnings that a report tells; a file may have as many unknown columns as it likes.
const WARNINGS_MAX: usize = 50;

/// Bytes of contents in a batch: rows are usually small, and may be megabytes.
const BATCH_BYTES_MAX: usize = 8 * 1_024 * 1_024;
/// Rows that must be refused for a column before it counts as retyped.
const RETYPED_ROWS_MIN: i64 = 20;

/// A batch of rows of one form.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub yields: &'static str,
    pub rows: Vec<StagedRow>,
    pub rejects: Vec<Reject>,
    /// Rows whose subject could not be told, among `rows`.
    pub unresolved: i64,
    pub received: i64,
    /// Lines of rows that are none of ours.
    pub counted: Vec<i64>,
    /// Rows of the source that this batch told of, rejected ones included.
    pub seen: Vec<i64>,
    /// Rejected rows that could not even be told apart: what they list is not known.
    pub keyless: i64,
    /// Bytes of the rows' contents.
    pub bytes: usize,
    /// What owners of exchange tables are to hear of their rows.
    pub feedback: Vec<RowFeedback>,
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
    done: DeliveryRead,
}

/// The file that is being read.
struct Current {
    name: String,
    form: Option<usize>,
    total: Option<i64>,
    rows: i64,
    /// Rows that came just so on an earlier page of a list of changes.
    repeated: i64,
    /// Rows that were refused, by the column for which they were.
    refused: BTreeMap<String, i64>,
    /// Of an exchange table whose owner wants to hear what became of his rows.
    listener: Option<Listener>,
}

impl Current {
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
            refused: BTreeMap::new(),
            listener: Listener::of(self.source, name, &self.columns, &self.new.feed),
        };
        self.files += 1;
        let read = self.rows_of(input, &mut current);
        let unreadable = |error: Unreadable| FileError {
            file: name.to_owned(),
            line: error.line,
            reason: mask_numbers(&error.reason).into_owned(),
        };
        let read = read.and_then(|()| Self::check_types(&current));
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

    fn form_by_headings(
        &mut self,
        headings: &[String],
        current: &mut Current,
    ) -> Result<(), Unreadable> {
        // As the description writes them.
        let known: Vec<String> = headings
            .iter()
            .filter_map(|heading| self.columns.slot(heading))
            .map(|slot| self.columns.name(slot).to_owned())
            .collect();
        let told = |form: &Form| form.told_by.iter().all(|column| known.contains(column));
        let Some(form) = self.source.form.iter().position(told) else {
            return Err(Unreadable::at(1, self.no_form("the headings", headings)));
        };
        let missing = self.readers[form].missing_columns(&known);
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
        // Where none is known there may be no headings at all, but somebody's name and number.
        let is_known = |heading: &String| self.columns.slot(heading).is_some();
        let told = match found.iter().any(is_known) {
            true => format!("{found:?}"),
            false if found.is_empty() => String::new(),
            false => format!("({} of them, none known)", found.len()),
        };
        format!(
            "{what} {told} fit none of the source's forms: {}",
            forms.join("; ")
        )
    }

    fn begin_form(&mut self, form: usize, current: &mut Current) -> Result<(), Unreadable> {
        if self.readers[form].has_persons() && self.person_key.is_none() {
            return Err(Unreadable::new(
                "tells of natural persons by their numbers, which are kept as keyed digests only: \
                 configure hub.person_key_file",
            ));
        }
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
        let version = current
            .listener
            .as_ref()
            .and_then(|to| to.version(&row, self.person_key));
        let digested = match self.person_key {
            Some(key) => reader.digest(&mut row, key),
            None => Ok(()),
        };
        // A person who can't be told can't be told apart either.
        let key = digested.is_ok().then(|| reader.key(&row)).flatten();
        let (source, feed) = (self.source.key.get_ref(), &self.new.feed);
        let row_id = key
            .as_ref()
            .map(|key| row_id(source, feed, reader.form, key));
        if let Some(row_id) = row_id.filter(|_| current.total.is_some()) {
            // Changes may well tell of a row twice; the same word twice counts once.
            let word = match self.new.is_full {
                true => row_id,
                false => stable_id(Kind::Row, &said(&row)),
            };
            let page = *self.pages.entry(word).or_insert(self.files);
            match page == self.files {
                true => {}
                false if self.new.is_full => {
                    // For each row that comes again another one does not come, and the total is right.
                    let reason =
                        "came on an earlier page already: the list moved while it was pulled";
                    return Err(Unreadable::at(row.line, reason));
                }
                false => current.repeated += 1,
            }
        }
        let told = digested.and_then(|()| match reader.fates.judge(&row)? {
            Fate::Counted => Ok(Identified::OutOfScope),
            Fate::Ended => Ok(Identified::Ended {
                may_be_ours: self.identifier(form).may_be_ours(reader, &row),
            }),
            Fate::Read => self.identifier(form).identify(reader, &mut row),
        });
        let told = match told {
            Ok(Identified::OutOfScope) => {
                self.batch.counted.push(row.line);
                return self.flush_if_full();
            }
            Ok(Identified::Ended { may_be_ours }) => Ok((None, may_be_ours)),
            Ok(Identified::Fact(fact)) => Ok((Some(*fact), false)),
            Err(refused) => Err(refused),
        };
        match (told, key, row_id) {
            (Ok((fact, keeps_end)), Some(source_key), Some(row_id)) => {
                let heard = current.hears(version, None);
                self.batch.feedback.extend(heard);
                let content = reader.evidence(&row);
                self.batch.bytes += content.len();
                let source_key = mask_numbers(&source_key).into_owned();
                self.batch.unresolved += i64::from(matches!(fact, Some(Fact::Mention(_))));
                // What is listed no longer is told of too.
                self.batch.seen.push(row_id);
                let named = fact.as_ref().and_then(|_| Named::read(reader, &row).ok());
                self.batch.rows.push(StagedRow {
                    row_id,
                    source_key,
                    location: format!("{}:{}", current.name, row.line),
                    digest: crate::hex(&Sha256::digest(&content)),
                    content,
                    fact: fact.map(HashedFact::from),
                    form: reader.form.name.clone(),
                    subject: named.and_then(|named| named.text()),
                    keeps_end,
                });
            }
            (Ok(_), ..) => {
                self.batch.keyless += 1;
                let column = reader.form.key.first().map(|columns| columns.join(" + "));
                let reason = "is empty: nothing identifies the row".to_owned();
                let heard = current.hears(version, Some(&reason));
                self.batch.feedback.extend(heard);
                self.reject(
                    current,
                    BadRow {
                        line: row.line,
                        column,
                        reason,
                    },
                );
            }
            (Err(Refused { column, reason }), _, row_id) => {
                match row_id {
                    Some(row_id) => self.batch.seen.push(row_id),
                    None => self.batch.keyless += 1,
                }
                let heard = current.hears(version, Some(&reason));
                self.batch.feedback.extend(heard);
                *current.refused.entry(column.clone()).or_default() += 1;
                let bad = BadRow {
                    line: row.line,
                    column: Some(column),
                    reason,
                };
                self.reject(current, bad);
            }
        }
        self.flush_if_full()
    }

    fn identifier(&self, form: usize) -> Identifier<'a> {
        let form = &self.source.form[form];
        Identifier {
            as_of: self
                .new
                .data_as_of
                .with_timezone(&china_offset())
                .date_naive(),
            person_key: self.person_key,
            ..Identifier::of(
                self.source,
                form,
                self.catalogue,
                self.graph,
                self.new.started_at,
            )
        }
    }

    /// A column that most rows are refused for has another type than it had: that is no matter of
    /// single rows, and nothing of the delivery goes in.
    fn check_types(current: &Current) -> Result<(), Unreadable> {
        let retyped = current
            .refused
            .iter()
            .find(|(_, refused)| **refused >= RETYPED_ROWS_MIN && **refused * 2 > current.rows);
        match retyped {
            Some((column, refused)) => Err(Unreadable::new(format!(
                "column {column} is not what it should be in {refused} of {} rows: its layout \
                 changed",
                current.rows
            ))),
            None => Ok(()),
        }
    }

    fn reject(&mut self, current: &Current, bad: BadRow) {
        self.batch.rejects.push(Reject {
            file: current.name.clone(),
            line: bad.line,
            column: bad.column,
            // A shifted row has numbers of persons where none are looked for.
            reason: mask_numbers(&bad.reason).into_owned(),
        });
    }

    fn flush_if_full(&mut self) -> Result<(), Unreadable> {
        let is_full = self.batch.rows.len() >= ROWS_PER_BATCH
            || self.batch.rejects.len() >= ROWS_PER_BATCH
            || self.batch.bytes >= BATCH_BYTES_MAX
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

fn failed(error: io::Error) -> Unreadable {
    Unreadable::new(error.to_string())
}

/// What a row says, cell by cell.
pub(super) fn said(row: &RawRow) -> Vec<&str> {
    let cells = row.cells.iter();
    cells.map(|cell| cell.as_deref().unwrap_or("\0")).collect()
}
