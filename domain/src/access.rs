//! Which rows a role sees: one rule for each kind of thing, the same for every path to it.

/// A row rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RowRule {
    /// No row.
    Nothing,
    /// Every row.
    All,
    /// Rows of the viewer's divisions and of all below them.
    Subtree,
    /// Rows of the viewer's divisions themselves: a congress and the government of its own level.
    Level,
    /// Rows of the body that the viewer acts for.
    Own,
    /// Rows that are made public.
    Published,
}

crate::text_enum!(RowRule {
    Nothing => "nothing",
    All => "all",
    Subtree => "subtree",
    Level => "level",
    Own => "own",
    Published => "published",
});

/// Kinds of things that have a row rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Thing {
    /// Bodies, with their names and successions.
    Agency,
    /// Government-integrity records, with their evidence.
    CreditRecord,
    /// Rows whose subject is not resolved, with their evidence.
    Mention,
    /// Allegations, with their evidence.
    Clue,
    /// Measurements about bodies, with their evidence.
    Indicator,
    /// Assessments of bodies and divisions.
    Assessment,
    /// Public officials, with their posts and what is recorded of them.
    Official,
    /// Cases, with the measures, applications and objections in them.
    Case,
    /// Sources and their runs.
    Source,
    /// Whom a sanction check finds: bodies and officials with what stands against them.
    Check,
}

crate::text_enum!(Thing {
    Agency => "agency",
    CreditRecord => "credit_record",
    Mention => "mention",
    Clue => "clue",
    Indicator => "indicator",
    Assessment => "assessment",
    Official => "official",
    Case => "case",
    Source => "source",
    Check => "check",
});

/// A role's row rules, one for each kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowRules {
    /// For [`Thing::Agency`].
    pub agency: RowRule,
    /// For [`Thing::CreditRecord`].
    pub credit_record: RowRule,
    /// For [`Thing::Mention`].
    pub mention: RowRule,
    /// For [`Thing::Clue`].
    pub clue: RowRule,
    /// For [`Thing::Indicator`].
    pub indicator: RowRule,
    /// For [`Thing::Assessment`].
    pub assessment: RowRule,
    /// For [`Thing::Official`]; [`RowRule::Nothing`] without a purpose that allows more.
    pub official: RowRule,
    /// For [`Thing::Case`].
    pub case: RowRule,
    /// For [`Thing::Source`].
    pub source: RowRule,
    /// For [`Thing::Check`].
    pub check: RowRule,
}
