//! The ledger (台账) of an area as a file: every case that a viewer sees and that fits, with its stage,
//! deadline, measures and outcome; the filter and the time stand in it.

mod csv;
mod filter;
mod guard;
mod row;
mod xlsx;

use std::{
    collections::BTreeSet,
    io::{Seek, Write},
};

pub use filter::LedgerFilter;
pub use guard::guarded;

use chrono::{DateTime, Utc};

use crate::{catalogue::Catalogue, graph::View};

/// The form in which a table is written as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableForm {
    Csv,
    Xlsx,
}

impl TableForm {
    /// Its media type.
    pub fn media(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// Why a file can't be written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("the ledger can't be written: {0}")]
    Io(#[from] std::io::Error),
    #[error("the ledger can't be written: {0}")]
    Csv(#[from] ::csv::Error),
    #[error("the ledger can't be written: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
}

/// What a written file has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    pub cases: usize,
    /// The bodies that these are about.
    pub bodies: BTreeSet<i64>,
}

/// Writes the ledger; returns what is in it. Cells that a spreadsheet would take for a formula
/// are texts.
pub fn write_ledger(
    (view, catalogue): (&View, &Catalogue),
    filter: &LedgerFilter,
    form: TableForm,
    now: DateTime<Utc>,
    out: impl Write + Seek + Send,
) -> Result<Written, LedgerError> {
    let told = now.with_timezone(&domain::date::china_offset());
    let head = [
        ["政务诚信台账", ""].map(str::to_owned),
        ["筛选条件".to_owned(), filter.words()],
        ["生成时间".to_owned(), told.to_rfc3339()],
        ["数据版本".to_owned(), view.version().to_string()],
        ["经办人".to_owned(), view.viewer().subject.clone()],
    ];
    let predicate = filter.predicate();
    let rows = view.case_rows(&predicate);
    let mut bodies = BTreeSet::new();
    let rows = rows.filter_map(|row| {
        let known = view.case_at(row)?;
        let about = view.case_agencies(&known.fact).into_iter();
        bodies.extend(about.filter_map(|row| Some(view.agency_at(row)?.id)));
        row::row(view, catalogue, row)
    });
    let cases = match form {
        TableForm::Csv => csv::write(&head, rows, out)?,
        TableForm::Xlsx => xlsx::write(&head, rows, out)?,
    };
    Ok(Written { cases, bodies })
}
