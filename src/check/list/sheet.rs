//! A list as it comes: its columns, and who is meant in a row.

use sha2::{Digest, Sha256};

use crate::{
    catalogue::{CheckColumn, Checks},
    sources::read_sheet,
};

use super::super::{BATCH_MAX, CheckInput, Echo, NotChecked, input::hidden};

/// Characters of a cell, in UTF-16: a workbook, in which the answers stand beside them, takes 32,767 such.
const CELL_CHARS_MAX: usize = 32_000;

/// A list that was read.
pub(super) struct ReadList {
    /// SHA-256 of the file, in hexadecimal.
    pub(super) digest: String,
    pub(super) headings: Vec<String>,
    /// Rows that are answered together, each with its cells.
    pub(super) parts: Vec<Vec<Vec<String>>>,
}

impl ReadList {
    /// Reads CSV in whatever charset, or a workbook. Numbers of persons are hidden in its cells as they come in.
    pub(super) fn read(bytes: &[u8], checks: &Checks) -> Result<Self, NotChecked> {
        let wrong = |line: Option<i64>, reason: String| {
            let line = line.map_or(String::new(), |line| format!("{line}: "));
            NotChecked::Invalid(format!("list:{line}{reason}"))
        };
        let sheet = read_sheet(bytes, |heading| checks.column(heading).is_some());
        let sheet = sheet.map_err(|error| wrong(error.line, error.reason))?;
        if !Columns::of(&sheet.headings, checks).tell_who() {
            let known = checks.headings().collect::<Vec<_>>().join("、");
            let reason = format!("has no column that says who is meant; known headings: {known}");
            return Err(wrong(Some(1), reason));
        }
        let headings = std::iter::once((1, &sheet.headings));
        let rows = sheet.rows.iter().map(|row| (row.line, &row.cells));
        for (line, cells) in headings.chain(rows) {
            let longest = cells.iter().map(|cell| cell.encode_utf16().count()).max();
            if let Some(count) = longest.filter(|count| *count > CELL_CHARS_MAX) {
                let reason =
                    format!("a cell has {count} characters, expected at most {CELL_CHARS_MAX}");
                return Err(wrong(Some(line), reason));
            }
        }
        let rows = sheet.rows.into_iter();
        let rows: Vec<Vec<String>> = rows
            .map(|row| row.cells.iter().map(|cell| hidden(cell)).collect())
            .collect();
        Ok(Self {
            digest: crate::hex(&Sha256::digest(bytes)),
            headings: sheet.headings.iter().map(|one| hidden(one)).collect(),
            parts: rows.chunks(BATCH_MAX).map(<[_]>::to_vec).collect(),
        })
    }

    pub(super) fn rows(&self) -> usize {
        self.parts.iter().map(Vec::len).sum()
    }
}

/// What the columns of a list say.
pub(super) struct Columns(Vec<Option<CheckColumn>>);

impl Columns {
    pub(super) fn of(headings: &[String], checks: &Checks) -> Self {
        Self(
            headings
                .iter()
                .map(|heading| checks.column(heading))
                .collect(),
        )
    }

    fn tell_who(&self) -> bool {
        let mut columns = self.0.iter().flatten();
        columns.any(|column| *column != CheckColumn::Division)
    }

    /// Who is meant in a row: of several columns of a kind the first that is filled.
    pub(super) fn input(&self, row: &[String]) -> CheckInput {
        let cell = |wanted: CheckColumn| {
            let cells = self.0.iter().zip(row);
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
