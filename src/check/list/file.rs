//! The answers to a list as a file: behind the list's own columns.

use std::{
    collections::BTreeSet,
    io::{Seek, Write},
};

use rust_xlsxwriter::{Format, Workbook};
use tokio::sync::mpsc::{self, Receiver};

use crate::{
    outbound::{TableForm, guarded},
    store::CheckList,
};

use super::{
    super::{NotChecked, Receipt},
    Lists,
};

/// Parts that wait to be written into a file.
const PARTS_AHEAD: usize = 2;

/// Headings of the answers.
pub const ANSWERS: [&str; 10] = [
    "结论",
    "命中代码",
    "命中单位",
    "有效记录",
    "惩戒措施",
    "前身记录",
    "须知",
    "回执编号",
    "答复摘要",
    "前身惩戒措施",
];

/// The answer's cells, in the order of [`ANSWERS`].
fn cells(province: &str, receipt: &Receipt) -> [String; 10] {
    let answer = &receipt.answer;
    let agency = answer.resolution.agency.as_ref();
    let candidates = answer.resolution.candidates.iter();
    let candidates =
        candidates.map(|choice| format!("{} {}", choice.agency.uscc, choice.agency.name));
    let measures = answer
        .sanctions
        .iter()
        .map(|sanction| sanction.title.as_str());
    let theirs = answer
        .inherited_sanctions
        .iter()
        .map(|line| line.sanction.title.as_str());
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
        theirs.collect::<Vec<_>>().join("；"),
    ]
}

/// Lines of a CSV file, with cells that a spreadsheet would take for formulas as texts.
fn csv_lines(lines: &[Vec<String>]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        writer.write_record(line.iter().map(|cell| guarded(cell).into_owned()))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// Writes lines as they come, the headings first.
fn write(
    form: TableForm,
    mut lines: Receiver<Vec<Vec<String>>>,
    mut out: impl Write + Seek + Send,
) -> std::io::Result<()> {
    match form {
        TableForm::Csv => {
            // The mark by which spreadsheets know UTF-8.
            out.write_all("\u{feff}".as_bytes())?;
            while let Some(lines) = lines.blocking_recv() {
                out.write_all(&csv_lines(&lines)?)?;
            }
        }
        TableForm::Xlsx => {
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

impl Lists {
    /// Writes a finished list with its answers; the bodies that these are about.
    pub async fn write(
        &self,
        list: &CheckList,
        form: TableForm,
        out: impl Write + Seek + Send + 'static,
    ) -> Result<BTreeSet<i64>, NotChecked> {
        let mut about = BTreeSet::new();
        let (lines, taken) = mpsc::channel(PARTS_AHEAD);
        let writing = tokio::task::spawn_blocking(move || write(form, taken, out));
        let mut headings = vec![Self::headings(list)?];
        for part in 0..Self::parts(list) {
            let told = self.part(list, part).await?.rows;
            about.extend(self.about(&told));
            headings.extend(told.into_iter().map(|told| self.line(told)));
            // Whoever writes is gone only where it failed, and then says why.
            if lines.send(std::mem::take(&mut headings)).await.is_err() {
                break;
            }
        }
        if !headings.is_empty() {
            let _ = lines.send(headings).await;
        }
        drop(lines);
        writing.await.expect("writing does not panic")?;
        Ok(about)
    }

    /// The bodies that the answers to these rows name.
    pub fn about(&self, told: &[(Vec<String>, Receipt)]) -> BTreeSet<i64> {
        let graph = self.live.now();
        let bodies = told.iter().flat_map(|(_, receipt)| receipt.answer.bodies());
        let bodies = bodies.filter_map(|code| Some(graph.agency_by_code(&code)?.id));
        bodies.collect()
    }

    /// A row's line: its own cells, then the answer's.
    pub fn line(&self, (mut row, receipt): (Vec<String>, Receipt)) -> Vec<String> {
        row.extend(cells(&self.province, &receipt));
        row
    }

    /// Lines as CSV.
    pub fn csv(lines: &[Vec<String>]) -> Result<Vec<u8>, NotChecked> {
        Ok(csv_lines(lines).map_err(std::io::Error::from)?)
    }
}
