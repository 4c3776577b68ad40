//! As a workbook, row by row: what is written leaves memory at once.

use std::io::{Seek, Write};

use rust_xlsxwriter::{Format, Workbook};

use super::{
    LedgerError,
    guard::guarded,
    row::{COLUMNS, Row},
};

pub(super) fn write(
    head: &[[String; 2]],
    rows: impl Iterator<Item = Row>,
    out: impl Write + Seek + Send,
) -> Result<usize, LedgerError> {
    let mut workbook = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name("台账")?;
    for (column, heading) in (0..).zip(COLUMNS) {
        sheet.write_with_format(0, column, heading, &bold)?;
    }
    let mut count = 0;
    for row in rows {
        count += 1;
        for (column, cell) in (0..).zip(&row) {
            if !cell.is_empty() {
                sheet.write_string(count as u32, column, guarded(cell))?;
            }
        }
    }
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name("表头说明")?;
    for (row, [name, value]) in (0..).zip(head) {
        sheet.write_string_with_format(row, 0, guarded(name), &bold)?;
        sheet.write_string(row, 1, guarded(value))?;
    }
    workbook.save_to_writer(out)?;
    Ok(count)
}
