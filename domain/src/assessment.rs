//! Assessments by third parties (第三方评估): what somebody else measured, on a scale of his own.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::{
    division::DivisionCode,
    id::{Kind, stable_id},
    uscc::Uscc,
};

/// Kinds of assessments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssessmentKind {
    /// By the rules, day by day.
    Continuous,
    /// Of a year.
    Annual,
    /// By a third party.
    ThirdParty,
}

/// One line of a third party's assessment: of one indicator, or as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AssessmentLine {
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

impl AssessmentLine {
    /// The stable number of the assessment that a source's line belongs to: lines of one assessor
    /// about the same period of the same body or division are one.
    pub fn assessment_id(&self, source: &str) -> i64 {
        let subject = match (&self.uscc, self.division) {
            (Some(uscc), _) => uscc.to_string(),
            (None, Some(division)) => division.to_string(),
            (None, None) => String::new(),
        };
        let (from, to) = (self.period_from.to_string(), self.period_to.to_string());
        let parts = ["whole", source, &self.assessor, &from, &to, &subject];
        stable_id(Kind::Assessment, &parts)
    }
}
