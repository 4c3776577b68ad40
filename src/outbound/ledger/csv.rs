//! As CSV in UTF-8 with a mark, which spreadsheets need to read Chinese.

use std::io::Write;

use super::{
    LedgerError,
    guard::guarded,
    row::{COLUMNS, Row},
};

pub(super) fn write(
    head: &[[String; 2]],
    rows: impl Iterator<Item = Row>,
    mut out: impl Write,
) -> Result<usize, LedgerError> {
    out.write_all("\u{feff}".as_bytes())?;
    let mut writer = ::csv::WriterBuilder::new().flexible(true).from_writer(out);
    for [name, value] in head {
        writer.write_record([guarded(name).as_ref(), guarded(value).as_ref()])?;
    }
    writer.write_record(COLUMNS)?;
    let mut count = 0;
    for row in rows {
        writer.write_record(row.iter().map(|cell| guarded(cell).into_owned()))?;
        count += 1;
    }
    writer.flush()?;
    Ok(count)
}
