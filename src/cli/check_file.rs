//! Lists of subjects to be checked, and the answers behind their columns.

use std::{fs::File, io::Read, path::Path};

use crate::{
    app::App,
    catalogue::{CheckColumn, Checks},
    check::{CheckInput, Echo, Receipt},
    sources::{SHEET_BYTES_MAX, Sheet, SheetRow, read_sheet},
};

use super::Stop;

/// Headings of the answers.
pub(super) const ANSWERS: [&str; 9] = [
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

/// A list with the columns that say who is meant.
pub(super) struct CheckFile {
    pub(super) sheet: Sheet,
    columns: Vec<Option<CheckColumn>>,
}

impl CheckFile {
    pub(super) fn open(path: &Path, checks: &Checks) -> Result<Self, Stop> {
        let place = path.display();
        let failed = |line: Option<i64>, reason: String| {
            let line = line.map_or(String::new(), |line| format!(":{line}"));
            Stop::Failed(format!("{place}{line}: {reason}"))
        };
        let mut bytes = Vec::new();
        let read = File::open(path)
            .and_then(|file| file.take(SHEET_BYTES_MAX + 1).read_to_end(&mut bytes));
        read.map_err(|error| failed(None, error.to_string()))?;
        let sheet = read_sheet(&bytes, |heading| checks.column(heading).is_some());
        let sheet = sheet.map_err(|error| failed(error.line, error.reason))?;
        let headings = sheet.headings.iter();
        let columns: Vec<_> = headings.map(|heading| checks.column(heading)).collect();
        let tells = |column: &Option<CheckColumn>| {
            column.is_some_and(|column| column != CheckColumn::Division)
        };
        if !columns.iter().any(tells) {
            let known = checks.headings().collect::<Vec<_>>().join("、");
            let reason = format!("has no column that says who is meant; known headings: {known}");
            return Err(failed(Some(1), reason));
        }
        Ok(Self { sheet, columns })
    }

    /// Who is meant in a row: of several columns of a kind the first that is filled.
    pub(super) fn input(&self, row: &SheetRow) -> CheckInput {
        let cell = |wanted: CheckColumn| {
            let cells = self.columns.iter().zip(&row.cells);
            let mut filled =
                cells.filter(|(column, cell)| **column == Some(wanted) && !cell.trim().is_empty());
            filled.next().map(|(_, cell)| cell.trim().to_owned())
        };
        let texts = Echo {
            uscc: cell(CheckColumn::Uscc),
            org_code: cell(CheckColumn::OrgCode),
            name: cell(CheckColumn::Name),
            division: cell(CheckColumn::Division),
            case_number: cell(CheckColumn::CaseNumber),
        };
        CheckInput::new(texts, None)
    }
}

/// The answer's cells, in the order of [`ANSWERS`].
pub(super) fn cells(app: &App, receipt: &Receipt) -> [String; 9] {
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
        receipt.name(&app.config.hub.province),
        receipt.digest.clone(),
    ]
}
