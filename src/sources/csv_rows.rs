//! CSV files as rows.

use std::io::Read;

use super::{BadRow, Columns, Item, RawRow, Sink, Unreadable};

/// Bytes in one row at most.
const ROW_BYTES_MAX: usize = 4 * 1_048_576;
/// Bytes in one field at most.
const FIELD_BYTES_MAX: usize = 1_048_576;

/// Columns at most.
const COLUMNS_MAX: usize = 1_024;

/// Reads a CSV file with headings. A last row that lacks columns means that the file was cut off.
pub fn read_csv(
    columns: &Columns,
    input: impl Read,
    sink: &mut impl Sink,
) -> Result<(), Unreadable> {
    let mut tail = Tail::of(input);
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .buffer_capacity(64 * 1_024)
        .from_reader(&mut tail);
    let headings = reader.headers().map_err(|error| unreadable(&error))?;
    if headings.len() > COLUMNS_MAX {
        let reason = format!("has more than {COLUMNS_MAX} columns");
        return Err(Unreadable::at(1, reason));
    }
    let headings: Vec<String> = headings
        .iter()
        .map(|heading| heading.trim().trim_start_matches('\u{feff}').to_owned())
        .collect();
    let slots: Vec<Option<usize>> = headings
        .iter()
        .map(|heading| columns.slot(heading))
        .collect();
    for (heading, slot) in headings.iter().zip(&slots) {
        if slot.is_none() && !heading.is_empty() {
            sink.take(Item::UnknownColumn(heading.clone()))?;
        }
    }
    let width = headings.len();
    sink.take(Item::Headings(headings))?;

    // A short row is handed on only once another follows it: as the last one it means a cut.
    let mut short: Option<BadRow> = None;
    let mut record = csv::StringRecord::new();
    while reader
        .read_record(&mut record)
        .map_err(|error| unreadable(&error))?
    {
        if let Some(bad) = short.take() {
            sink.take(Item::Bad(bad))?;
        }
        let line = record.position().map_or(0, |place| place.line() as i64);
        if record.len() != width {
            let bad = BadRow {
                line,
                column: None,
                reason: format!("has {} columns, expected {width}", record.len()),
            };
            if record.len() < width {
                short = Some(bad)
            } else {
                sink.take(Item::Bad(bad))?
            }
            continue;
        }
        if let Some(place) = record.iter().position(|cell| cell.len() > FIELD_BYTES_MAX) {
            let column = columns_name(reader.headers().ok(), place);
            let reason = format!("is longer than {FIELD_BYTES_MAX} bytes");
            sink.take(Item::Bad(BadRow {
                line,
                column,
                reason,
            }))?;
            continue;
        }
        let mut cells = vec![None; columns.len()];
        for (cell, slot) in record.iter().zip(&slots) {
            if let Some(slot) = slot {
                cells[*slot] = Some(cell.to_owned());
            }
        }
        sink.take(Item::Row(RawRow { line, cells }))?;
    }
    drop(reader);
    match short {
        Some(bad) => Err(Unreadable::at(
            bad.line,
            format!("the last row {}: the file is cut off", bad.reason),
        )),
        None if tail.is_inside_quotes() => {
            Err(Unreadable::new("ends inside a quoted field: it is cut off"))
        }
        None => Ok(()),
    }
}

fn columns_name(headings: Option<&csv::StringRecord>, place: usize) -> Option<String> {
    headings
        .and_then(|headings| headings.get(place))
        .map(str::to_owned)
}

fn unreadable(error: &csv::Error) -> Unreadable {
    let line = error.position().map(|place| place.line() as i64);
    Unreadable {
        line,
        reason: format!("can't be read as CSV: {error}"),
    }
}

/// Follows the quoting as bytes go by: a file that ends inside a quoted field is cut off, which the
/// CSV reader takes for the field's end. A quotation mark inside a field that does not begin with
/// one is a character like any other.
struct Tail<R> {
    inner: R,
    place: Place,
    /// Bytes of the row that is being read.
    row_bytes: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    FieldStart,
    Plain,
    Quoted,
    /// Behind a mark inside a quoted field: the field's end, or the first of two for one.
    MarkInQuoted,
}

impl<R> Tail<R> {
    fn of(inner: R) -> Self {
        Self {
            inner,
            place: Place::FieldStart,
            row_bytes: 0,
        }
    }

    fn is_inside_quotes(&self) -> bool {
        self.place == Place::Quoted
    }
}

impl<R: Read> Read for Tail<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(into)?;
        for byte in &into[..read] {
            self.row_bytes += 1;
            if *byte == b'\n' && self.place != Place::Quoted {
                self.row_bytes = 0;
            }
            // A mark that nobody closes would make one row of all the rest.
            if self.row_bytes > ROW_BYTES_MAX {
                let reason = format!(
                    "has a row of more than {ROW_BYTES_MAX} bytes; is a quotation mark not closed?"
                );
                return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, reason));
            }
            self.place = match (self.place, byte) {
                (Place::Quoted, b'"') => Place::MarkInQuoted,
                (Place::Quoted, _) => Place::Quoted,
                (Place::FieldStart | Place::MarkInQuoted, b'"') => Place::Quoted,
                (_, b',' | b'\n' | b'\r') => Place::FieldStart,
                _ => Place::Plain,
            };
        }
        Ok(read)
    }
}
