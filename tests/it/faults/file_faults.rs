//! What goes wrong with the files of a delivery.

use std::ops::Range;

use serde_json::Value;

use super::{
    kinds::Law,
    luck::Luck,
    row::{Fate, Row},
    workbook,
};
use crate::support::made;

/// How files are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Written {
    /// JSON Lines.
    Lines,
    Csv,
}

/// The files of a delivery.
pub(crate) struct Files {
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) written: Written,
    /// What is in them.
    pub(crate) rows: Vec<Row>,
    /// One that is named and not there.
    pub(crate) is_missing: bool,
}

impl Files {
    /// The list as one file.
    pub(crate) fn of(rows: &[Row], written: Written) -> Self {
        Self {
            files: vec![(format!("list.{}", written.ending()), written.bytes(rows))],
            written,
            rows: rows.to_vec(),
            is_missing: false,
        }
    }

    /// The one file, where it is text that nothing is wrong with yet.
    fn one(&mut self) -> Option<&mut Vec<u8>> {
        match self.files.as_mut_slice() {
            [(_, bytes)] if std::str::from_utf8(bytes).is_ok() => Some(bytes),
            _ => None,
        }
    }
}

impl Written {
    fn ending(self) -> &'static str {
        match self {
            Written::Lines => "jsonl",
            Written::Csv => "csv",
        }
    }

    fn bytes(self, rows: &[Row]) -> Vec<u8> {
        match self {
            Written::Lines => rows
                .iter()
                .flat_map(|row| (row.json() + "\n").into_bytes())
                .collect(),
            Written::Csv => {
                let mut writer = csv::Writer::from_writer(Vec::new());
                for record in table(rows) {
                    writer.write_record(&record).expect("memory takes it");
                }
                writer.into_inner().expect("memory takes it")
            }
        }
    }
}

/// Headings and rows as cells.
fn table(rows: &[Row]) -> Vec<Vec<String>> {
    let Some(first) = rows.first() else {
        return Vec::new();
    };
    let headings: Vec<String> = first.object.keys().cloned().collect();
    let cell = |row: &Row, heading: &String| match row.object.get(heading) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let cells = rows
        .iter()
        .map(|row| headings.iter().map(|heading| cell(row, heading)).collect());
    let cells: Vec<Vec<String>> = cells.collect();
    [vec![headings.clone()], cells].concat()
}

/// Shorter rows are not worth a cut.
const CUT_BYTES_MIN: usize = 8;

/// Where a file may be cut so that it can be seen: inside a JSON row, or in a CSV row before its
/// last column. One that ends between rows, or in the last column, is another whole file.
fn cut_places(bytes: &[u8], written: Written) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let (mut start, mut comma, mut is_quoted) = (0, 0, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => comma = at,
            b'\n' if written == Written::Lines || !is_quoted => {
                let end = if written == Written::Lines {
                    at.saturating_sub(1)
                } else {
                    comma
                };
                if end > start + CUT_BYTES_MIN {
                    places.push(start + 1..end);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    places
}

pub(super) fn cut(files: &mut Files, luck: &mut Luck) -> Option<Law> {
    let written = files.written;
    let bytes = files.one()?;
    let places = cut_places(bytes, written);
    let place = luck
        .pick(places.get(..).filter(|places| !places.is_empty())?)
        .clone();
    bytes.truncate(luck.within(place));
    Some(Law::Refused)
}

pub(super) fn damaged(files: &mut Files, luck: &mut Luck) -> Option<Law> {
    let bytes = files.one().filter(|bytes| bytes.len() > 400)?;
    let at = luck.below(bytes.len());
    // No text in UTF-8 has this byte.
    bytes[at] = 0xFF;
    Some(Law::Refused)
}

pub(super) fn empty(files: &mut Files, luck: &mut Luck) -> Option<Law> {
    *files.one()? = luck.pick(&[&b""[..], b"\n\n", b" "]).to_vec();
    Some(Law::Refused)
}

pub(super) fn missing(files: &mut Files, _: &mut Luck) -> Option<Law> {
    files.is_missing = true;
    Some(Law::Refused)
}

pub(super) fn twice(files: &mut Files, _: &mut Luck) -> Option<Law> {
    let (_, bytes) = files.files.first()?;
    let again = (format!("again.{}", files.written.ending()), bytes.clone());
    files.files.push(again);
    files.rows = [files.rows.as_slice(), &files.rows].concat();
    Some(Law::Whole)
}

pub(super) fn two_files(files: &mut Files, luck: &mut Luck) -> Option<Law> {
    let at = luck.within(1..files.rows.len().max(2));
    let (first, second) = files
        .rows
        .split_at_checked(at)
        .filter(|(_, second)| !second.is_empty())?;
    let parts = [("first", first), ("second", second)];
    let written = files.written;
    files.files = parts
        .map(|(name, rows)| (format!("{name}.{}", written.ending()), written.bytes(rows)))
        .to_vec();
    Some(Law::Whole)
}

pub(super) fn gb18030(files: &mut Files, _: &mut Luck) -> Option<Law> {
    let bytes = files.one()?;
    *bytes = made::gb18030(bytes);
    Some(Law::Whole)
}

/// Rows that must be unreadable before a file is.
const FEW: usize = 3;

pub(super) fn mojibake(files: &mut Files, _: &mut Luck) -> Option<Law> {
    let bytes = files.one()?;
    // A row or two may be typed so, and are no more than bad rows; each has two case numbers at most.
    let cases = std::str::from_utf8(bytes).ok()?.matches('粤').count();
    if cases < 2 * FEW {
        return None;
    }
    // UTF-8 that somebody took for GBK and wrote down as UTF-8 again.
    let (text, ..) = encoding_rs::GBK.decode_without_bom_handling(bytes);
    *bytes = text.into_owned().into_bytes();
    Some(Law::Refused)
}

pub(super) fn bom(files: &mut Files, _: &mut Luck) -> Option<Law> {
    let bytes = files.one()?;
    *bytes = made::with_bom(bytes);
    Some(Law::Whole)
}

pub(super) fn utf16(files: &mut Files, luck: &mut Luck) -> Option<Law> {
    let bytes = files.one()?;
    let text = format!("\u{feff}{}", std::str::from_utf8(bytes).ok()?);
    let is_little = luck.one_in(2);
    let units = text.encode_utf16();
    *bytes = units
        .flat_map(|unit| {
            if is_little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            }
        })
        .collect();
    Some(Law::Either)
}

pub(super) fn crlf(files: &mut Files, _: &mut Luck) -> Option<Law> {
    let bytes = files.one()?;
    let mut ended = Vec::with_capacity(bytes.len());
    for byte in bytes.iter() {
        if *byte == b'\n' && ended.last() != Some(&b'\r') {
            ended.push(b'\r');
        }
        ended.push(*byte);
    }
    *bytes = ended;
    Some(Law::Whole)
}

pub(super) fn open_quote(files: &mut Files, luck: &mut Luck) -> Option<Law> {
    if files.written != Written::Csv {
        return None;
    }
    let bytes = files.one()?;
    // At a field's beginning, in a row: it swallows all rows behind it.
    let headings = bytes.iter().position(|byte| *byte == b'\n')?;
    let is_start = |at: &usize| bytes[at - 1] == b',' && bytes[*at] != b'"' && bytes[*at] != b',';
    let starts: Vec<usize> = (headings + 2..bytes.len()).filter(is_start).collect();
    let is_plain = !bytes.contains(&b'"');
    let at = *luck.pick(
        starts
            .get(..)
            .filter(|starts| is_plain && !starts.is_empty())?,
    );
    bytes.insert(at, b'"');
    Some(Law::Refused)
}

/// Bytes of a cell: a workbook has room for no more.
const CELL_BYTES_MAX: usize = 30_000;

fn becomes(files: &mut Files, bytes: Vec<u8>, law: Law) -> Option<Law> {
    files.one()?;
    // A cell holds one text without NUL; rows that are odd as JSON are not odd there.
    let is_cell = |value: &Value| match value {
        Value::String(text) => {
            !text.contains('\0') && text.trim() == text && text.len() < CELL_BYTES_MAX
        }
        value => value.is_number(),
    };
    let is_plain = |row: &Row| row.text.is_none() && row.object.values().all(is_cell);
    if !files.rows.iter().all(is_plain) {
        return None;
    }
    files.files = vec![("list.xlsx".to_owned(), bytes)];
    Some(law)
}

pub(super) fn workbook(files: &mut Files, _: &mut Luck) -> Option<Law> {
    let bytes = workbook::of(&table(&files.rows));
    becomes(files, bytes, Law::Either)
}

pub(super) fn cut_workbook(files: &mut Files, luck: &mut Luck) -> Option<Law> {
    let mut bytes = workbook::of(&table(&files.rows));
    bytes.truncate(luck.within(4..bytes.len()));
    becomes(files, bytes, Law::Refused)
}

pub(super) fn zip_bomb(files: &mut Files, _: &mut Luck) -> Option<Law> {
    becomes(files, workbook::bomb().to_vec(), Law::Refused)
}

pub(super) fn far_cell(files: &mut Files, _: &mut Luck) -> Option<Law> {
    let bytes = workbook::with_far_cell(&table(&files.rows));
    let law = becomes(files, bytes, Law::Either)?;
    // It is a row without a key.
    let far = Row {
        fate: Fate::Keyless,
        ..files.rows.first()?.clone()
    };
    files.rows.push(far);
    Some(law)
}
