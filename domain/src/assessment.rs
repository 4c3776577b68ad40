//! Assessments by third parties (第三方评估): what somebody else measured, on a scale of his own.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::{division::DivisionCode, uscc::Uscc};

/// One line of a third party's assessment: of one indicator, or as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Assessment {
    /// Who assessed.
    pub assessor: String,
    /// The first day that it is about.
    pub period_from: NaiveDate,
    /// The last day that it is about.
    pub period_to: NaiveDate,
    /// The assessed body.
    pub uscc: Option<Uscc>,
    /// The assessed division, where it is no single body.
    pub division: Option<DivisionCode>,
    /// The assessor's name of what is measured; none of the assessment as a whole.
    pub indicator: Option<String>,
    /// Points.
    pub score: Option<Decimal>,
    /// Points at most; scores with different ones are never merged.
    pub full_score: Option<Decimal>,
    /// The assessor's grade.
    pub grade: Option<String>,
    /// The number of the report.
    pub report: Option<String>,
}
