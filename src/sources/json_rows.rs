//! JSON documents (one page, one list) and JSON Lines as rows.

use std::{
    collections::BTreeSet,
    fmt,
    io::{BufRead, BufReader, Read},
};

use domain::date::java_date;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value, value::RawValue};

use crate::catalogue::Envelope;

use super::{
    BadRow, Columns, Item, RawRow, Sink, Unreadable,
    json_document::Document,
    json_walk::{TREE_BYTES_MAX, small},
};

/// A document is read whole, so it is bounded; longer lists come as JSON Lines or in pages.
pub const JSON_DOCUMENT_BYTES_MAX: u64 = 64 * 1_024 * 1_024;
/// One line of JSON Lines at most.
const LINE_BYTES_MAX: usize = 4 * 1_024 * 1_024;
/// Unknown keys that are told of a file; a hostile file has as many as it likes.
const UNKNOWN_KEYS_MAX: usize = 50;
/// Characters of an unknown key, or of a total that is none, that are told.
const TOLD_CHARS_MAX: usize = 100;

/// Reads JSON Lines, or one JSON document whose rows stand where the envelope says.
pub fn read_json(
    columns: &Columns,
    envelope: &Envelope,
    input: impl Read,
    sink: &mut impl Sink,
) -> Result<(), Unreadable> {
    let mut input = BufReader::with_capacity(64 * 1_024, input);
    let mut first = Vec::new();
    // Blank lines before the first say nothing.
    let mut line = 0;
    while first.iter().all(u8::is_ascii_whitespace) {
        first.clear();
        if read_line(&mut input, &mut first, line + 1)? == 0 {
            return Err(Unreadable::new("is empty"));
        }
        line += 1;
    }
    let mut reader = Reader {
        columns,
        envelope,
        unknown: BTreeSet::new(),
    };
    let is_whole = first.len() <= LINE_BYTES_MAX;
    let is_object = first.trim_ascii_start().starts_with(b"{");
    let is_lines = is_whole
        && match Document::read(&first, envelope, []) {
            // A whole value with a row behind it is a row of its own, though a bad one.
            _ if !is_object => {
                serde_json::from_slice::<IgnoredAny>(&first).is_ok()
                    && input.fill_buf().map_err(io_error)?.starts_with(b"{")
            }
            Ok(document) => document.rows().is_err(),
            // A broken first line is told from a document's by the line behind it, unless it plainly
            // goes on there.
            Err(_) => {
                let last = first.trim_ascii_end().last();
                !matches!(last, Some(b'[' | b'{' | b',' | b':'))
                    && input.fill_buf().map_err(io_error)?.starts_with(b"{")
            }
        };
    if is_lines {
        reader.read_lines(first, line, &mut input, sink)
    } else {
        reader.read_document(first, &mut input, sink)
    }
}

struct Reader<'a> {
    columns: &'a Columns,
    envelope: &'a Envelope,
    unknown: BTreeSet<String>,
}

impl Reader<'_> {
    fn read_lines(
        &mut self,
        first: Vec<u8>,
        first_line: i64,
        input: &mut impl BufRead,
        sink: &mut impl Sink,
    ) -> Result<(), Unreadable> {
        let mut text = first;
        let mut line = first_line;
        loop {
            let is_terminated = text.ends_with(b"\n");
            if !text.iter().all(u8::is_ascii_whitespace) {
                let item = match self.row(&text, line) {
                    Ok(row) => Item::Row(row),
                    Err(bad) if bad.is_eof && !is_terminated => {
                        return Err(Unreadable::at(
                            line,
                            "ends inside a row: the file is cut off",
                        ));
                    }
                    Err(bad) => bad.item(line),
                };
                sink.take(item)?;
            }
            text.clear();
            line += 1;
            if read_line(input, &mut text, line)? == 0 {
                return self.tell_unknown(sink);
            }
        }
    }

    fn read_document(
        &mut self,
        mut text: Vec<u8>,
        input: &mut impl BufRead,
        sink: &mut impl Sink,
    ) -> Result<(), Unreadable> {
        let room = JSON_DOCUMENT_BYTES_MAX.saturating_sub(text.len() as u64);
        let read = input
            .take(room + 1)
            .read_to_end(&mut text)
            .map_err(io_error)?;
        if read as u64 > room {
            return Err(Unreadable::new(format!(
                "is a JSON document of more than {JSON_DOCUMENT_BYTES_MAX} bytes; bring long lists as JSON Lines"
            )));
        }
        let document = Document::read(&text, self.envelope, [])?;
        document.check_code()?;
        if let Some(total) = document.totals().next() {
            let total = number(total).ok_or_else(|| {
                let told = total.get().chars().take(TOLD_CHARS_MAX);
                Unreadable::new(format!("declares the total {}", told.collect::<String>()))
            })?;
            sink.take(Item::Total(total))?;
        }
        let mut line = 0;
        document.rows()?.each(|row| {
            line += 1;
            sink.take(self.item(row.get().as_bytes(), line))
        })?;
        self.tell_unknown(sink)
    }

    /// A row of a document, which may be no longer than a line.
    fn item(&mut self, text: &[u8], line: i64) -> Item {
        if text.len() > LINE_BYTES_MAX {
            return Item::Bad(BadRow {
                line,
                column: None,
                reason: format!("is longer than {LINE_BYTES_MAX} bytes"),
            });
        }
        match self.row(text, line) {
            Ok(row) => Item::Row(row),
            Err(bad) => bad.item(line),
        }
    }

    fn row(&mut self, text: &[u8], line: i64) -> Result<RawRow, BadKey> {
        let mut cells = vec![None; self.columns.len()];
        self.fill(text, &mut cells)?;
        if let Some(slot) = self
            .envelope
            .nested
            .as_deref()
            .and_then(|key| self.columns.slot(key))
            && let Some(nested) = cells[slot].take().filter(|nested| !nested.is_empty())
        {
            self.fill(nested.as_bytes(), &mut cells)
                .map_err(|bad| BadKey {
                    key: self.envelope.nested.clone(),
                    ..bad
                })?;
        }
        Ok(RawRow { line, cells })
    }

    /// Reads an object's members straight into their slots; a filled slot is never emptied.
    fn fill(&mut self, text: &[u8], cells: &mut [Option<String>]) -> Result<(), BadKey> {
        let mut json = serde_json::Deserializer::from_slice(text);
        let members = Members {
            columns: self.columns,
            cells,
            unknown: &mut self.unknown,
        };
        let read = json
            .deserialize_map(members)
            .and_then(|structured| json.end().map(|()| structured));
        let structured = read.map_err(|error| BadKey {
            key: None,
            is_eof: error.is_eof(),
            reason: format!("is no JSON object: {error}"),
        })?;
        match structured {
            None => Ok(()),
            key => Err(BadKey {
                key,
                is_eof: false,
                reason: "is a list or an object, expected one value".to_owned(),
            }),
        }
    }

    fn tell_unknown(&mut self, sink: &mut impl Sink) -> Result<(), Unreadable> {
        std::mem::take(&mut self.unknown)
            .into_iter()
            .try_for_each(|key| sink.take(Item::UnknownColumn(key)))
    }
}

struct BadKey {
    key: Option<String>,
    is_eof: bool,
    reason: String,
}

impl BadKey {
    fn item(self, line: i64) -> Item {
        Item::Bad(BadRow {
            line,
            column: self.key,
            reason: self.reason,
        })
    }
}

struct Members<'a> {
    columns: &'a Columns,
    cells: &'a mut [Option<String>],
    unknown: &'a mut BTreeSet<String>,
}

impl<'de> Visitor<'de> for Members<'_> {
    /// A column that a field is read from and that has several values.
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut structured = None;
        while let Some(key) = map.next_key::<String>()? {
            match self.columns.slot(&key) {
                Some(slot) => {
                    let value = taken_apart(map.next_value()?)?;
                    if self.columns.is_read(slot) && is_structured(&value) {
                        structured = Some(key.chars().take(TOLD_CHARS_MAX).collect());
                        continue;
                    }
                    match scalar(&value) {
                        Some(text) => self.cells[slot] = Some(text),
                        // It is there and says nothing, which tells a row's form all the same.
                        None => drop(self.cells[slot].get_or_insert_default()),
                    }
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                    if self.unknown.len() < UNKNOWN_KEYS_MAX && !self.unknown.contains(&key) {
                        let told = key.chars().take(TOLD_CHARS_MAX);
                        self.unknown.insert(told.collect());
                    }
                }
            }
        }
        Ok(structured)
    }
}

fn is_structured(value: &Value) -> bool {
    match value {
        Value::Object(members) => java_day(members).is_none(),
        Value::Array(_) => true,
        _ => false,
    }
}

/// A member's value, unless it is a structure whose tree would need too much memory.
fn taken_apart<E: serde::de::Error>(value: &RawValue) -> Result<Value, E> {
    let text = value.get();
    if text.len() > TREE_BYTES_MAX && text.starts_with(['[', '{']) {
        let reason = format!("a list or an object inside has more than {TREE_BYTES_MAX} bytes");
        return Err(E::custom(reason));
    }
    serde_json::from_str(text).map_err(E::custom)
}

/// A member's text: scalars as written, Java's date objects as a day, other structures as JSON.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(members) => Some(java_day(members).unwrap_or_else(|| value.to_string())),
        Value::Array(_) => Some(value.to_string()),
    }
}

fn java_day(members: &Map<String, Value>) -> Option<String> {
    let part = |key: &str| {
        members
            .get(key)?
            .as_i64()
            .and_then(|number| i32::try_from(number).ok())
    };
    // `day` is the day of the week, `date` the day of the month.
    let day = java_date(part("year")?, part("month")?, part("date")?).ok()?;
    Some(day.to_string())
}

fn number(value: &RawValue) -> Option<i64> {
    let value = small(value)?;
    value
        .as_i64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .filter(|number| *number >= 0)
}

fn read_line(input: &mut impl BufRead, into: &mut Vec<u8>, line: i64) -> Result<usize, Unreadable> {
    let read = input
        .take(LINE_BYTES_MAX as u64 + 1)
        .read_until(b'\n', into)
        .map_err(io_error)?;
    // The first line of a document may be all of it, so only what no document may be is refused.
    if read > LINE_BYTES_MAX && line > 1 {
        return Err(Unreadable::at(
            line,
            format!("is longer than {LINE_BYTES_MAX} bytes"),
        ));
    }
    Ok(read)
}

fn io_error(error: std::io::Error) -> Unreadable {
    Unreadable::new(error.to_string())
}
