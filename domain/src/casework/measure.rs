//! Measures (惩戒措施、守信激励): data, each with its basis.

use chrono::NaiveDate;

use crate::credit_record::Tier;

/// What kind of measure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MeasureScope {
    /// 内部联合惩戒
    Internal,
    /// 外部（司法）惩戒
    Judicial,
    /// 守信激励
    Incentive,
}

crate::text_enum!(MeasureScope {
    Internal => "INTERNAL",
    Judicial => "JUDICIAL",
    Incentive => "INCENTIVE",
});

/// Whom a measure may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// A body.
    Agency,
    /// A public official.
    Official,
}

crate::text_enum!(SubjectKind { Agency => "AGENCY", Official => "OFFICIAL" });

/// One measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Its code.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// Its kind.
    pub scope: MeasureScope,
    /// What it rests on.
    pub legal_basis: String,
    /// Whether the article's text was at hand.
    pub verified: bool,
    /// 示例：no statute fixes it.
    pub is_example: bool,
    /// Which body imposes it: a key of `competence.toml`.
    pub imposed_by: String,
    /// Grades of records that it may follow.
    pub tiers: Vec<Tier>,
    /// Whom it may be about.
    pub subjects: Vec<SubjectKind>,
    /// Its longest term; as long as the record holds where none is said.
    pub months: Option<u32>,
    /// Whether a filed objection suspends it.
    pub suspended_by_objection: bool,
    /// Whether it ends as soon as a record about its subject holds: an incentive.
    pub ends_with_record: bool,
    /// The first day on which it may be imposed.
    pub from: NaiveDate,
    /// The last one.
    pub to: Option<NaiveDate>,
}

/// All measures.
#[derive(Debug, Clone, Default)]
pub struct Measures(pub Vec<Measure>);

impl Measures {
    /// The measure with this code.
    pub fn get(&self, code: &str) -> Option<&Measure> {
        self.0.iter().find(|measure| measure.code == code)
    }
}
