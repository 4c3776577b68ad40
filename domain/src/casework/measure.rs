//! Measures (惩戒措施、守信激励): data, each with its basis.

use chrono::NaiveDate;

use super::narrowest;
use crate::{
    credit_record::Tier,
    division::{DivisionCode, DivisionTree},
};

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

/// One measure, as it stands in one place at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Its code; several of one code differ in place or time, never in scope.
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
    /// Where it holds, with all below; everywhere where none is said.
    pub division: Option<DivisionCode>,
    /// The first day on which it may be imposed.
    pub from: NaiveDate,
    /// The last one.
    pub to: Option<NaiveDate>,
}

/// All measures.
#[derive(Debug, Clone, Default)]
pub struct Measures(pub Vec<Measure>);

impl Measure {
    /// Whether it may be imposed from a day on.
    pub fn is_in_force(&self, on: NaiveDate) -> bool {
        self.from <= on && self.to.is_none_or(|to| on <= to)
    }
}

impl Measures {
    /// The measure of a code for a day in a division: of several the one of the narrowest place. Where none is
    /// in force then, the last one of that place tells what it was.
    pub fn rule(
        &self,
        code: &str,
        on: NaiveDate,
        place: Option<DivisionCode>,
        tree: &DivisionTree,
    ) -> Option<&Measure> {
        let of_code = self.0.iter().filter(|measure| measure.code == code);
        let then = of_code.clone().filter(|measure| measure.is_in_force(on));
        let division = |measure: &Measure| measure.division;
        narrowest(then, division, place, tree)
            .or_else(|| narrowest(of_code.rev(), division, place, tree))
    }

    /// What kind of measure a code stands for, wherever it holds.
    pub fn scope(&self, code: &str) -> Option<MeasureScope> {
        let mut measures = self.0.iter();
        let known = measures.find(|measure| measure.code == code);
        known.map(|measure| measure.scope)
    }
}
