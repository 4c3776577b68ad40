//! The answers to a list as a file: behind the list's own columns.

use std::io::{Seek, Write};

use rust_xlsxwriter::{Format, Workbook};
use tokio::sync::mpsc::Receiver;

use crate::outbound::{LedgerForm, guarded};

use super::super::Receipt;

/// Headings of the answers.
pub const ANSWERS: [&str; 9] = [
    "结论",
    "命中代码",
    "命中单位",
    "有效记录",
    "惩戒措施",
    "前身记录",
    "须知",
    "回执编号",
    "答复摘要",
];

/// The answer's cells, in the order of [`ANSWERS`].
pub(super) fn cells(province: &str, receipt: &Receipt) -> [String; 9] {
    let answer = &receipt.answer;
    let agency = answer.resolution.agency.as_ref();
    let candidates = answer.resolution.candidates.iter();
    let candidates =
        candidates.map(|choice| format!("{} {}", choice.agency.uscc, choice.agency.name));
    let measures = answer
        .sanctions
        .iter()
        .map(|sanction| sanction.title.as_str());
    [
        answer.verdict.to_string(),
        agency.map(|body| body.uscc.clone()).unwrap_or_default(),
        agency.map_or_else(
            || candidates.collect::<Vec<_>>().join("；"),
            |body| body.name.clone(),
        ),
        answer.of.records.to_string(),
        measures.collect::<Vec<_>>().join("；"),
        answer.of.inherited.to_string(),
        receipt.notice.clone(),
        receipt.name(province),
        receipt.digest.clone(),
    ]
}

/// Lines of a CSV file, with cells that a spreadsheet would take for formulas as texts.
pub(super) fn csv_lines(lines: &[Vec<String>]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        writer.write_record(line.iter().map(|cell| guarded(cell).into_owned()))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// Writes lines as they come, the headings first.
pub(super) fn write(
    form: LedgerForm,
    mut lines: Receiver<Vec<Vec<String>>>,
    mut out: impl Write + Seek + Send,
) -> std::io::Result<()> {
    match form {
        LedgerForm::Csv => {
            // The mark by which spreadsheets know UTF-8.
            out.write_all("\u{feff}".as_bytes())?;
            while let Some(lines) = lines.blocking_recv() {
                out.write_all(&csv_lines(&lines)?)?;
            }
        }
        LedgerForm::Xlsx => {
            let mut workbook = Workbook::new();
            let (bold, plain) = (Format::new().set_bold(), Format::new());
            let failed = std::io::Error::other;
            let sheet = workbook
                .add_worksheet_with_constant_memory()
                .map_err(failed)?;
            let mut row = 0;
            while let Some(lines) = lines.blocking_recv() {
                for line in lines {
                    let format = if row == 0 { &bold } else { &plain };
                    for (column, cell) in (0..).zip(&line) {
                        if !cell.is_empty() {
                            sheet
                                .write_string_with_format(row, column, guarded(cell), format)
                                .map_err(failed)?;
                        }
                    }
                    row += 1;
                }
            }
            workbook.save_to_writer(out).map_err(failed)?;
        }
    }
    Ok(())
}
