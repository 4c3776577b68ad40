//! XML documents as rows: `<row><CF_WSH>…</CF_WSH></row>` or `<row><field name="CF_WSH">…`.

use std::{collections::BTreeSet, io::BufRead};

use quick_xml::{escape::unescape, events::Event};

use crate::catalogue::Envelope;

use super::{
    BadRow, Columns, Item, RawRow, Sink, Unreadable,
    xml_tokens::{TOKEN_BYTES_MAX, XmlTokens, attributes, resolve},
};

/// Bytes in one field at most.
const FIELD_BYTES_MAX: usize = 1_048_576;
/// Unknown elements that are told of a file; a hostile file has as many as it likes.
const UNKNOWN_FIELDS_MAX: usize = 50;

/// Reads the rows that stand where the envelope says. A row's elements are its columns, by their
/// names without prefix or by their attribute `name` where they have one.
pub fn read_xml(
    columns: &Columns,
    envelope: &Envelope,
    input: impl BufRead,
    sink: &mut impl Sink,
) -> Result<(), Unreadable> {
    let Some(row) = &envelope.xml_row else {
        return Err(Unreadable::new(
            "is XML, and the source's description names no xml_row; expected CSV or JSON",
        ));
    };
    let mut reader = Reader {
        columns,
        row: row.split('/').collect(),
        total: envelope
            .xml_total
            .as_deref()
            .map(|path| path.split('/').collect()),
        tokens: XmlTokens::new(input, TOKEN_BYTES_MAX),
        rows: 0,
        unknown: BTreeSet::new(),
    };
    reader.document(sink)?;
    let unknown = std::mem::take(&mut reader.unknown);
    unknown
        .into_iter()
        .try_for_each(|name| sink.take(Item::UnknownColumn(name)))
}

struct Reader<'a, R> {
    columns: &'a Columns,
    row: Vec<&'a str>,
    total: Option<Vec<&'a str>>,
    tokens: XmlTokens<R>,
    rows: i64,
    unknown: BTreeSet<String>,
}

/// A field of a row, or what stood in its place.
struct Text {
    text: String,
    is_bad: Option<&'static str>,
}

impl<R: BufRead> Reader<'_, R> {
    fn document(&mut self, sink: &mut impl Sink) -> Result<(), Unreadable> {
        let mut path: Vec<String> = Vec::new();
        loop {
            match self.tokens.next()? {
                None => return Ok(()),
                Some(Event::Start(tag)) => path.push(tag.local_name().as_ref().to_owned()),
                Some(Event::End(_)) => {
                    path.pop();
                    continue;
                }
                Some(_) => continue,
            }
            if ends_with(&path, &self.row) {
                let item = self.row()?;
                sink.take(item)?;
                path.pop();
            } else if self
                .total
                .as_ref()
                .is_some_and(|total| ends_with(&path, total))
            {
                let told = self.text()?;
                let total = told.text.trim().parse().ok().filter(|total| *total >= 0);
                let total = total.ok_or_else(|| {
                    let told: String = told.text.trim().chars().take(40).collect();
                    Unreadable::new(format!("declares the total {told:?}"))
                })?;
                sink.take(Item::Total(total))?;
                path.pop();
            }
        }
    }

    /// Reads a row whose tag was just read, to its end.
    fn row(&mut self) -> Result<Item, Unreadable> {
        self.rows += 1;
        let line = self.rows;
        let mut cells: Vec<Option<String>> = vec![None; self.columns.len()];
        let mut bad: Option<BadRow> = None;
        loop {
            let name = match self.tokens.next()? {
                Some(Event::Start(tag)) => match attributes(&tag, "name").next() {
                    Some(name) => unescape(&name).unwrap_or_default().into_owned(),
                    None => tag.local_name().as_ref().to_owned(),
                },
                Some(Event::End(_)) | None => break,
                Some(_) => continue,
            };
            let field = self.text()?;
            let Some(slot) = self.columns.slot(&name) else {
                if self.unknown.len() < UNKNOWN_FIELDS_MAX {
                    self.unknown.insert(name.chars().take(100).collect());
                }
                continue;
            };
            let twice = cells[slot].is_some().then_some("stands twice in one row");
            if let Some(reason) = field.is_bad.or(twice) {
                bad.get_or_insert(BadRow {
                    line,
                    column: Some(name),
                    reason: reason.to_owned(),
                });
            }
            // An empty one is there and says nothing, which tells a row's form all the same.
            cells[slot] = Some(field.text.trim().to_owned());
        }
        Ok(bad.map_or(Item::Row(RawRow { line, cells }), Item::Bad))
    }

    /// Reads the text of an element whose tag was just read, to its end.
    fn text(&mut self) -> Result<Text, Unreadable> {
        let (mut text, mut depth, mut is_bad) = (String::new(), 0, None);
        loop {
            match self.tokens.next()? {
                Some(Event::Text(piece)) => text.push_str(&piece.xml10_content()),
                Some(Event::CData(piece)) => text.push_str(&piece.xml10_content()),
                Some(Event::GeneralRef(reference)) => text.push_str(&resolve(&reference)?),
                Some(Event::Start(_)) => {
                    depth += 1;
                    is_bad = Some("has elements inside; expected a text");
                }
                Some(Event::End(_)) if depth > 0 => depth -= 1,
                Some(Event::End(_)) | None => return Ok(Text { text, is_bad }),
                Some(_) => {}
            }
            if text.len() > FIELD_BYTES_MAX {
                is_bad = Some("is longer than 1 MiB");
                text.clear();
            }
        }
    }
}

fn ends_with(path: &[String], end: &[&str]) -> bool {
    path.len() >= end.len()
        && path[path.len() - end.len()..]
            .iter()
            .zip(end)
            .all(|(name, wanted)| name == wanted)
}
