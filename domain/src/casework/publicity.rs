//! How long a record is shown, and when it may be repaired: by the rules of the day on which it was
//! determined (国家发展改革委令第36号; 第58号 before).

use chrono::{Months, NaiveDate};

use super::narrowest;
use crate::{
    credit_record::{CreditRecordKind, Tier},
    division::{DivisionCode, DivisionTree},
};

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicityRule {
    /// Kinds of records that it is about.
    pub kinds: Vec<CreditRecordKind>,
    /// The grade; any where none is said.
    pub tier: Option<Tier>,
    /// Whether such records are shown at all.
    pub is_public: bool,
    /// Months before which it may not be repaired; from the day of determination.
    pub min_months: u32,
    /// Months after which it ends by itself; none where it does not end by time.
    pub max_months: Option<u32>,
    /// Whether repair needs a public commitment (信用承诺).
    pub needs_commitment: bool,
    /// Whether it ends by time only once it was set right: what is uncorrected goes on (国家发展改革委令第36号).
    pub needs_correction: bool,
    /// Whether the hub decides on repair, or a source's word is all that ends it: the courts' list.
    pub is_mirrored: bool,
    /// Where it holds, with all below; everywhere where none is said.
    pub division: Option<DivisionCode>,
    /// The first day of determination that it is about.
    pub from: NaiveDate,
    /// The last one.
    pub to: Option<NaiveDate>,
    /// What it rests on.
    pub legal_basis: String,
    /// Whether the article's text was at hand.
    pub verified: bool,
}

/// From when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The day of determination.
    pub start: NaiveDate,
    /// The last day before it may be repaired.
    pub minimum: NaiveDate,
    /// The last day; none where it does not end by time.
    pub maximum: Option<NaiveDate>,
}

/// All rules.
#[derive(Debug, Clone, Default)]
pub struct PublicityRules(pub Vec<PublicityRule>);

impl PublicityRules {
    /// The rule for a record that was determined on a day in a division: of those that fit the first one of
    /// the narrowest place.
    pub fn rule(
        &self,
        kind: CreditRecordKind,
        tier: Option<Tier>,
        on: NaiveDate,
        place: Option<DivisionCode>,
        tree: &DivisionTree,
    ) -> Option<&PublicityRule> {
        let holds = |rule: &&PublicityRule| {
            let is_tier = rule.tier.is_none() || rule.tier == tier;
            let is_then = rule.from <= on && rule.to.is_none_or(|to| on <= to);
            rule.kinds.contains(&kind) && is_tier && is_then
        };
        narrowest(
            self.0.iter().filter(holds),
            |rule| rule.division,
            place,
            tree,
        )
    }
}

impl PublicityRule {
    /// The window of a record that was determined on a day. Months end on the corresponding day, or
    /// else on the month's last (民法典 §202).
    pub fn window(&self, start: NaiveDate) -> Window {
        let after = |months: u32| {
            start
                .checked_add_months(Months::new(months))
                .unwrap_or(NaiveDate::MAX)
        };
        Window {
            start,
            minimum: after(self.min_months),
            maximum: self.max_months.map(after),
        }
    }
}
