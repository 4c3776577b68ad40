//! Indicators: evidenced measurements about a body that are neither allegations nor records.

use chrono::NaiveDate;
use rust_decimal::Decimal;

/// One measurement, without its identity and evidence.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Indicator {
    /// The measured body's stable number.
    pub agency_id: i64,
    /// What is measured, such as `disclosure.late`.
    pub code: String,
    /// What that is called.
    pub title: String,
    /// The first day that it is about.
    pub period_from: NaiveDate,
    /// The last day that it is about.
    pub period_to: NaiveDate,
    /// What was measured, in the unit that the title says.
    pub value: Decimal,
}
