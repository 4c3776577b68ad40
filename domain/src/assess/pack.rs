//! Rule packs (规则包): headings on three levels, rules below them, grades.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::{agency::AgencyKind, credit_record::CreditRecordStatus};

use super::condition::Condition;

/// A published set of rules by which bodies are graded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulePack {
    /// Its key, such as `general`.
    pub key: String,
    /// Which one of its versions.
    pub version: String,
    /// What it is called.
    pub title: String,
    /// The first day that may be graded by it.
    pub from: NaiveDate,
    /// The last one.
    pub to: Option<NaiveDate>,
    /// Whether bodies are graded by it where no pack is named.
    pub is_default: bool,
    /// Points that a body begins with.
    pub base: Decimal,
    /// The lowest score.
    pub least: Decimal,
    /// The highest one.
    pub most: Decimal,
    /// What it rests on.
    pub legal_basis: String,
    /// Whether it is 示例，非法定.
    pub is_illustrative: bool,
    /// Grades, the best first.
    pub grades: Vec<Grade>,
    /// Headings; a parent stands before its children.
    pub headings: Vec<Heading>,
    /// Rules; their order means nothing.
    pub rules: Vec<Rule>,
    /// SHA-256 of its file, in hexadecimal.
    pub digest: String,
}

/// One grade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grade {
    /// Such as `A`.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// The lowest score that has it; the worst grade has none.
    pub at_least: Option<Decimal>,
}

/// A heading: an indicator (指标) of one of three levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Such as `1.2.1`.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// Position of the heading above it, which stands before it.
    pub parent: Option<usize>,
    /// What its points are multiplied by: the weight of its heading of the first level.
    pub weight: Decimal,
    /// The sum below it is at least this.
    pub least: Option<Decimal>,
    /// And at most this.
    pub most: Option<Decimal>,
    /// Keys of the sources that tell what is looked at below it, on the third level.
    pub sources: Vec<String>,
}

/// What a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// Records that stood so on the day; never repaired or withdrawn ones.
    Records(Vec<CreditRecordStatus>),
    /// Measurements.
    Indicators,
}

/// How what a rule finds becomes points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counting {
    /// So many for each fact, fewer for an old one.
    Each(Decimal, Vec<Decay>),
    /// So many where there are so many facts.
    Once(Decimal, usize),
    /// So many where there is no such fact.
    None(Decimal),
    /// By the highest band that what is measured reaches.
    Bands(Measured, Vec<Band>),
}

/// From an age on a fact counts this much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decay {
    /// Days.
    pub after_days: u32,
    /// Its share of the points.
    pub factor: Decimal,
}

/// What is measured over the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measured {
    /// The sum of what is owed, in CNY.
    Amount,
    /// The sum of the values.
    Value,
    /// How many there are.
    Count,
    /// The value of the newest one.
    Latest,
}

crate::text_enum!(Measured {
    Amount => "AMOUNT",
    Value => "VALUE",
    Count => "COUNT",
    Latest => "LATEST",
});

/// Points from a measure on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// From this on.
    pub at_least: Decimal,
    /// Points.
    pub points: Decimal,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Such as `breach.serious`.
    pub code: String,
    /// Position of its heading among the headings.
    pub heading: usize,
    /// What it is called.
    pub title: String,
    /// What it rests on.
    pub legal_basis: String,
    /// Whether its points are 示例，非法定.
    pub is_illustrative: bool,
    /// What it looks at.
    pub of: Of,
    /// Kinds of bodies that it is about; all where none is named.
    pub bodies: Vec<AgencyKind>,
    /// Which facts.
    pub when: Condition,
    /// What they come to.
    pub counting: Counting,
    /// Its points at most, lost or earned.
    pub cap: Option<Decimal>,
    /// Position of the grade that is the best while it gives points.
    pub veto: Option<usize>,
}

impl RulePack {
    /// Whether a day may be graded by it.
    pub fn is_in_force(&self, on: NaiveDate) -> bool {
        self.from <= on && self.to.is_none_or(|to| on <= to)
    }

    /// Position of a grade.
    pub fn grade(&self, code: &str) -> Option<usize> {
        self.grades.iter().position(|grade| grade.code == code)
    }

    /// What a contribution's rule is called, and what it rests on.
    pub fn rule(&self, code: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.code == code)
    }

    /// The heading with this code.
    pub fn heading(&self, code: &str) -> Option<&Heading> {
        self.headings.iter().find(|heading| heading.code == code)
    }
}
