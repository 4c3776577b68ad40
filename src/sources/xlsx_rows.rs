//! Workbooks (.xlsx) as rows, cell by cell: nothing is ever allocated by the size that a sheet
//! declares.

use std::{
    collections::HashMap,
    io::{Read, Seek},
};

use calamine::{Reader as _, SheetType, Xlsx, XlsxCellReader, XlsxError};

use super::{
    BadRow, Columns, Item, RawRow, Sink, Unreadable,
    xlsx_cell::{Text, text_of},
    xlsx_guard,
};

/// Columns of a sheet at most.
const COLUMNS_MAX: u32 = 1_024;
/// Cells of a workbook at most.
const CELLS_MAX: u64 = 20_000_000;
/// Reads the one sheet of a workbook that has the source's columns. Its headings are its first row
/// with at least two filled cells, so a title above them is passed over.
pub fn read_xlsx(
    columns: &Columns,
    mut input: impl Read + Seek,
    sink: &mut impl Sink,
) -> Result<(), Unreadable> {
    let mut start = [0; 4];
    input
        .read_exact(&mut start)
        .map_err(|_| Unreadable::new("is no whole workbook: it is cut off"))?;
    if start == [0xD0, 0xCF, 0x11, 0xE0] {
        return Err(Unreadable::new(
            "is a workbook of the old kind (.xls) or one with a password; expected .xlsx without one",
        ));
    }
    xlsx_guard::check(&mut input)?;
    input
        .rewind()
        .map_err(|error| Unreadable::new(error.to_string()))?;
    let mut book = Xlsx::new(input).map_err(|error| unreadable(&error))?;
    let Some(sheet) = sheet_of(&mut book, columns)? else {
        return Err(Unreadable::new("is a workbook without headings"));
    };
    let cells = book
        .worksheet_cells_reader(&sheet)
        .map_err(|error| unreadable(&error))?;
    let mut rows = Rows::of(cells);
    let headings = rows.headings()?.unwrap_or_default();
    let mut slots = HashMap::new();
    for (column, heading) in &headings {
        if *column >= COLUMNS_MAX {
            return Err(too_wide());
        }
        slots.insert(*column, columns.slot(heading));
        if columns.slot(heading).is_none() {
            sink.take(Item::UnknownColumn(heading.clone()))?;
        }
    }
    let names = headings.into_iter().collect::<HashMap<_, _>>();
    sink.take(Item::Headings(names.values().cloned().collect()))?;
    while let Some((line, cells)) = rows.next()? {
        if cells.iter().all(|(_, cell)| matches!(cell, Ok(None))) {
            continue;
        }
        sink.take(item(columns, &slots, &names, line, cells))?;
    }
    Ok(())
}

/// The first sheet that has a known column, else the first that has headings at all. A second one
/// with the same headings would be left out without a word, so there must be none.
fn sheet_of<R: Read + Seek>(
    book: &mut Xlsx<R>,
    columns: &Columns,
) -> Result<Option<String>, Unreadable> {
    let sheets = book.sheets_metadata().iter();
    let names: Vec<_> = sheets
        .filter(|sheet| sheet.typ == SheetType::WorkSheet)
        .map(|sheet| sheet.name.clone())
        .collect();
    let mut found: Option<(String, Vec<String>)> = None;
    let mut other = None;
    for name in names {
        let cells = book
            .worksheet_cells_reader(&name)
            .map_err(|error| unreadable(&error))?;
        let mut rows = Rows::of(cells);
        let Some(headings) = rows.headings()? else {
            continue;
        };
        let mut known: Vec<_> = headings
            .into_iter()
            .map(|(_, heading)| heading)
            .filter(|heading| columns.slot(heading).is_some())
            .collect();
        known.sort_unstable();
        match &found {
            _ if known.is_empty() => drop(other.get_or_insert(name)),
            None => found = Some((name, known)),
            Some((first, same)) if *same == known => {
                return Err(Unreadable::new(format!(
                    "has the same headings in the sheets {first:?} and {name:?}; expected one sheet with rows"
                )));
            }
            Some(_) => {}
        }
    }
    Ok(found.map(|(name, _)| name).or(other))
}

/// Cells by their columns from 0.
pub(super) type Cells = Vec<(u32, Text)>;

/// The cells of a sheet, row by row.
pub(super) struct Rows<'a, R: Read + Seek> {
    cells: XlsxCellReader<'a, R>,
    /// The first cell of the row behind the one that was handed on.
    next: Option<((u32, u32), Text)>,
    cells_read: u64,
    is_ended: bool,
}

impl<'a, R: Read + Seek> Rows<'a, R> {
    pub(super) fn of(cells: XlsxCellReader<'a, R>) -> Self {
        Self {
            cells,
            next: None,
            cells_read: 0,
            is_ended: false,
        }
    }

    /// The next row with cells: its number from 1, and the cells by their columns from 0.
    pub(super) fn next(&mut self) -> Result<Option<(i64, Cells)>, Unreadable> {
        let mut row: Option<(u32, Cells)> = None;
        loop {
            let ((number, column), text) = match self.next.take() {
                Some(cell) => cell,
                None if self.is_ended => break,
                None => match self.cells.next_cell().map_err(|error| unreadable(&error))? {
                    Some(cell) => {
                        self.cells_read += 1;
                        (cell.get_position(), text_of(cell.get_value()))
                    }
                    None => {
                        self.is_ended = true;
                        break;
                    }
                },
            };
            if self.cells_read > CELLS_MAX {
                return Err(Unreadable::new(format!("has more than {CELLS_MAX} cells")));
            }
            match &mut row {
                None => row = Some((number, vec![(column, text)])),
                Some((current, cells)) if *current == number => {
                    if text != Ok(None) {
                        cells.push((column, text));
                    }
                    if cells.len() > COLUMNS_MAX as usize {
                        return Err(too_wide());
                    }
                }
                Some((current, _)) if *current < number => {
                    self.next = Some(((number, column), text));
                    break;
                }
                Some((current, _)) => {
                    let reason = format!("has row {} behind row {}", number + 1, *current + 1);
                    return Err(Unreadable::new(reason));
                }
            }
        }
        Ok(row.map(|(number, cells)| (i64::from(number) + 1, cells)))
    }

    /// The first row with at least two filled cells.
    fn headings(&mut self) -> Result<Option<Vec<(u32, String)>>, Unreadable> {
        while let Some((_, cells)) = self.next()? {
            let filled: Vec<_> = cells
                .into_iter()
                .filter_map(|(column, cell)| Some((column, cell.ok()??.trim().to_owned())))
                .filter(|(_, heading)| !heading.is_empty())
                .collect();
            if filled.len() > 1 {
                return Ok(Some(filled));
            }
        }
        Ok(None)
    }
}

fn item(
    columns: &Columns,
    slots: &HashMap<u32, Option<usize>>,
    names: &HashMap<u32, String>,
    line: i64,
    cells: Cells,
) -> Item {
    let bad = |column: Option<String>, reason: String| {
        Item::Bad(BadRow {
            line,
            column,
            reason,
        })
    };
    let mut row = vec![None; columns.len()];
    for (column, cell) in cells {
        let text = match cell {
            Ok(None) => continue,
            Ok(Some(text)) => text,
            // What nobody reads may be wrong.
            Err(_) if slots.get(&column) == Some(&None) => continue,
            Err(reason) => return bad(names.get(&column).cloned(), reason),
        };
        match slots.get(&column) {
            Some(Some(slot)) => row[*slot] = Some(text),
            Some(None) => {}
            None => {
                let reason = format!("has a cell in column {}, which has no heading", column + 1);
                return bad(None, reason);
            }
        }
    }
    Item::Row(RawRow { line, cells: row })
}

fn too_wide() -> Unreadable {
    Unreadable::new(format!("has more than {COLUMNS_MAX} columns"))
}

pub(super) fn unreadable(error: &XlsxError) -> Unreadable {
    Unreadable::new(match error {
        XlsxError::XmlEof(part) => {
            format!("is a workbook whose part ends inside {part}: it is cut off")
        }
        XlsxError::FileNotFound(_) | XlsxError::RelationshipNotFound => {
            "is an archive and no workbook; expected .xlsx, CSV, JSON or XML".to_owned()
        }
        error => format!("is a workbook that can't be read: {error}"),
    })
}
