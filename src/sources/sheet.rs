//! Lists that somebody hands over to be worked through row by row: any columns, of which some are known by
//! their headings. All cells are kept, so that answers can be written behind them.

use std::io::Cursor;

use calamine::{Reader as _, SheetType, Xlsx};

use super::{
    Unreadable,
    text::Charset,
    whole_text::{charset_of, in_utf8},
    xlsx_guard,
    xlsx_rows::{Rows, unreadable},
};

/// Bytes of a list.
pub const SHEET_BYTES_MAX: u64 = 32 * 1_048_576;
/// Rows of a list, without its headings.
pub const SHEET_ROWS_MAX: usize = 100_000;
/// Columns of a list.
const COLUMNS_MAX: usize = 256;
/// Rows at the beginning among which the headings are looked for: titles stand above them.
const TITLE_ROWS_MAX: usize = 20;

/// A list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    pub headings: Vec<String>,
    pub rows: Vec<SheetRow>,
}

/// One row, as wide as the headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetRow {
    /// Its line in the file, from 1.
    pub line: i64,
    pub cells: Vec<String>,
}

/// Reads CSV in whatever charset, or a workbook's first sheet that has such a heading.
pub fn read_sheet(bytes: &[u8], is_heading: impl Fn(&str) -> bool) -> Result<Sheet, Unreadable> {
    if bytes.len() as u64 > SHEET_BYTES_MAX {
        let reason = format!("has more than {SHEET_BYTES_MAX} bytes");
        return Err(Unreadable::new(reason));
    }
    let charset = charset_of(bytes, None).map_err(Unreadable::new)?;
    let mut list = List::new(&is_heading);
    match charset {
        Charset::Binary => read_workbook(bytes, &mut list)?,
        charset => {
            let text = in_utf8(bytes, charset).map_err(Unreadable::new)?;
            read_text(&text, &mut list)?;
        }
    }
    match list.sheet.headings.is_empty() {
        true => Err(Unreadable::new(format!(
            "has none of the expected headings in its first {TITLE_ROWS_MAX} rows"
        ))),
        false => Ok(list.sheet),
    }
}

fn read_text(text: &[u8], list: &mut List<'_>) -> Result<(), Unreadable> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .from_reader(text);
    let mut record = csv::StringRecord::new();
    let broken = |error: csv::Error| Unreadable::new(format!("is no CSV: {error}"));
    while reader.read_record(&mut record).map_err(broken)? {
        let line = record.position().map_or(0, |place| place.line() as i64);
        list.take(line, record.iter().map(str::to_owned).collect())?;
    }
    Ok(())
}

fn read_workbook(bytes: &[u8], list: &mut List<'_>) -> Result<(), Unreadable> {
    xlsx_guard::check(Cursor::new(bytes))?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let sheets = book.sheets_metadata().iter();
    let sheets = sheets.filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
    for name in names {
        let cells = book.worksheet_cells_reader(&name);
        let mut rows = Rows::of(cells.map_err(|error| unreadable(&error))?);
        list.seen = 0;
        while let Some((line, cells)) = rows.next()? {
            let width = cells.iter().map(|(column, _)| *column as usize + 1).max();
            let mut row = vec![String::new(); width.unwrap_or(0).min(COLUMNS_MAX + 1)];
            for (column, cell) in cells {
                let text = cell.map_err(|reason| Unreadable::at(line, reason))?;
                if let Some(slot) = row.get_mut(column as usize) {
                    *slot = text.unwrap_or_default();
                }
            }
            list.take(line, row)?;
            if list.sheet.headings.is_empty() && list.seen >= TITLE_ROWS_MAX {
                break;
            }
        }
        if !list.sheet.headings.is_empty() {
            break;
        }
    }
    Ok(())
}

/// A list as it is read.
struct List<'a> {
    is_heading: &'a dyn Fn(&str) -> bool,
    sheet: Sheet,
    /// Rows that were passed over.
    seen: usize,
}

impl<'a> List<'a> {
    fn new(is_heading: &'a dyn Fn(&str) -> bool) -> Self {
        let sheet = Sheet::default();
        Self {
            is_heading,
            sheet,
            seen: 0,
        }
    }

    fn take(&mut self, line: i64, mut cells: Vec<String>) -> Result<(), Unreadable> {
        while cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        if cells.len() > COLUMNS_MAX {
            let reason = format!("has more than {COLUMNS_MAX} columns");
            return Err(Unreadable::at(line, reason));
        }
        let width = self.sheet.headings.len();
        if width == 0 {
            self.seen += 1;
            if self.seen <= TITLE_ROWS_MAX && cells.iter().any(|cell| (self.is_heading)(cell)) {
                self.sheet.headings = cells.iter().map(|cell| cell.trim().to_owned()).collect();
            }
            return Ok(());
        }
        if cells.is_empty() {
            return Ok(());
        }
        if cells.len() > width {
            let reason = format!("has {} columns, and {width} have headings", cells.len());
            return Err(Unreadable::at(line, reason));
        }
        if self.sheet.rows.len() == SHEET_ROWS_MAX {
            let reason = format!(
                "is row {}, and at most {SHEET_ROWS_MAX} are taken",
                SHEET_ROWS_MAX + 1
            );
            return Err(Unreadable::at(line, reason));
        }
        cells.resize(width, String::new());
        self.sheet.rows.push(SheetRow { line, cells });
        Ok(())
    }
}
