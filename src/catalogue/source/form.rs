//! Forms: a layout in which a source delivers, and what becomes of its rows.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

/// What a form's rows come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Yields {
    Agency,
    Succession,
    CreditRecord,
    /// Allegations; where `record` says so, what is established of them.
    Clue,
    /// Decisions that a body had to make public: an indicator about that body.
    Disclosure,
    /// What was measured of a body, or what it was commended for: an indicator.
    Indicator,
    Post,
    Assessment,
}

impl Yields {
    /// Its one spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Yields::Agency => "agency",
            Yields::Succession => "succession",
            Yields::CreditRecord => "credit_record",
            Yields::Clue => "clue",
            Yields::Disclosure => "disclosure",
            Yields::Indicator => "indicator",
            Yields::Post => "post",
            Yields::Assessment => "assessment",
        }
    }

    /// The fields that a form must, and those that it may, fill.
    pub(super) fn fields(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Yields::Agency => (
                &["uscc", "name", "division"],
                &[
                    "superior",
                    "competent",
                    "former_names",
                    "aliases",
                    "established_on",
                    "abolished_on",
                    "nature",
                ],
            ),
            Yields::Succession => (
                &["from_name", "kind", "effective_on"],
                &["from_uscc", "to_uscc", "to_name", "basis"],
            ),
            Yields::CreditRecord => (
                &["subject_name", "identified_on", "identified_by"],
                &[
                    "subject_code",
                    "subject_org_code",
                    "subject_person",
                    "subject_division",
                    "case_number",
                    "performance",
                    "domain",
                    "amount",
                ],
            ),
            Yields::Clue => (
                &["title", "received_at"],
                &[
                    "subject_name",
                    "subject_code",
                    "subject_org_code",
                    "subject_division",
                    "category",
                    "content",
                    "due_on",
                    "passed_on",
                    "ended_on",
                    "amount",
                    "domain",
                    "identified_on",
                    "identified_by",
                    "overdue_since",
                ],
            ),
            Yields::Disclosure => (
                &["subject_name", "decided_on"],
                &["subject_code", "reported_on", "state"],
            ),
            Yields::Indicator => (
                &[
                    "subject_name",
                    "code",
                    "title",
                    "value",
                    "period_from",
                    "period_to",
                ],
                &["subject_code"],
            ),
            Yields::Post => (&["person", "name", "agency", "title"], &["from", "to"]),
            Yields::Assessment => (
                &["assessor", "period_from", "period_to"],
                &[
                    "uscc",
                    "division",
                    "indicator",
                    "score",
                    "full_score",
                    "grade",
                    "report",
                ],
            ),
        }
    }
}

/// How a field's text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// As it is.
    Text,
    /// A day.
    Date,
    /// A day and, where it is written, the time.
    Moment,
    /// A unified social credit code whose check character must be right.
    Uscc,
    /// A code of the subject, however broken: it is noted, and the name decides.
    SubjectCode,
    /// A division code of the tree.
    Division,
    /// Several names, parted by `;`.
    Names,
    /// A court's case number.
    CaseNumber,
    /// An amount in yuan.
    Yuan,
    /// An amount in 万元.
    TenThousandYuan,
    /// A number.
    Decimal,
    /// One of the words in a lookup.
    Code,
    /// A natural person's number: its keyed digest takes its place before anything else is done.
    Person,
}

/// The source's words and ours for them.
pub type Words = BTreeMap<String, String>;

/// How one field is filled.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Columns or keys, of which the first that says something is taken.
    pub from: Vec<String>,
    #[serde(rename = "as")]
    pub read_as: FieldType,
    /// A row without it is rejected.
    #[serde(default)]
    pub required: bool,
    /// The column itself may be missing from a file.
    #[serde(default)]
    pub column_optional: bool,
    /// Characters at most.
    #[serde(default = "chars_max")]
    pub chars_max: usize,
    /// A longer text is cut there, instead of rejecting the row.
    #[serde(default)]
    pub cut: bool,
    /// The source's lookup that its words stand in; goes with `as = "code"`.
    pub lookup: Option<String>,
    /// The words of that lookup.
    #[serde(skip)]
    pub words: Words,
}

fn chars_max() -> usize {
    500
}

/// Columns and the values of which each must have one.
pub type Condition = BTreeMap<String, Vec<String>>;

/// Which rows are allegations, told by a category; the rest is counted and not stored.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sort {
    /// The column of the category.
    pub by: String,
    /// Categories whose rows are kept.
    #[serde(default)]
    pub keep: Vec<String>,
    /// Categories whose rows are counted only.
    #[serde(default)]
    pub count: Vec<String>,
    /// What becomes of any other category: `keep`, `count`, or the row is rejected.
    #[serde(default)]
    pub other: Other,
}

/// What becomes of a category that is not named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Other {
    Keep,
    Count,
    #[default]
    Reject,
}

/// Which rows of allegations are established, and so records.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Established {
    /// The catalogue item of these records.
    pub item: Spanned<String>,
    pub when: Condition,
    /// Those among them that are of another item: the first that fits.
    #[serde(default)]
    pub instead: Vec<Instead>,
}

/// Which established rows are records of another catalogue item.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instead {
    pub item: Spanned<String>,
    pub when: Condition,
}

impl Established {
    /// The catalogue items of these records.
    pub fn items(&self) -> impl Iterator<Item = &Spanned<String>> {
        let others = self.instead.iter().map(|other| &other.item);
        std::iter::once(&self.item).chain(others)
    }
}

/// Which listings of natural persons are records: those of public officials.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officials {
    /// Which posts make him one; any of these is enough.
    pub posts: Vec<HeldPost>,
    /// Where that stands.
    pub basis: String,
    /// Whether the basis was at hand when it was written down.
    pub verified: bool,
}

/// When a post in a body of the register must be held for a listing to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldPost {
    /// On the day of the listing.
    WhenListed,
    /// On the day of which the delivery speaks.
    Now,
}

/// How decisions are judged that a body had to make public.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Working days for reporting a decision.
    pub working_days: u32,
    /// Where that number stands.
    pub basis: String,
    /// Whether the basis was at hand when it was written down.
    pub verified: bool,
    /// What the indicators are called.
    pub published: String,
    pub in_time: String,
    pub late: String,
    pub revoked: String,
}

/// One layout in which a source delivers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    pub name: String,
    pub yields: Yields,
    /// Columns or keys that together tell this form from the source's others.
    pub told_by: Vec<String>,
    /// What identifies a row: the first of these sets of columns that is filled.
    pub key: Vec<Vec<String>>,
    /// Forms of one family tell of the same rows, under the same keys; those of another, or of none,
    /// of others.
    #[serde(default)]
    pub family: String,
    /// Columns of a key that may be empty.
    #[serde(default)]
    pub key_may_lack: Vec<String>,
    /// The catalogue item of the records that it yields.
    pub item: Option<Spanned<String>>,
    pub fields: BTreeMap<String, Field>,
    /// Columns that are kept as evidence though nothing is made of them.
    #[serde(default)]
    pub keep: Vec<String>,
    /// Columns that are known and not kept: personal data, or of no use.
    #[serde(default)]
    pub drop: Vec<String>,
    /// Only such rows are read; the rest, such as test rows, is counted.
    #[serde(default)]
    pub only: Condition,
    /// A row with any of these says that what it identifies is listed no longer.
    #[serde(default)]
    pub ends: Condition,
    /// Columns whose values are a closed list: another value rejects the row.
    #[serde(default)]
    pub closed: Condition,
    /// Columns that `only`, `ends`, `closed`, `sort` and `record` ask and that a file may lack: then
    /// they ask nothing.
    #[serde(default)]
    pub optional: Vec<String>,
    pub sort: Option<Sort>,
    pub record: Option<Established>,
    pub term: Option<Term>,
    /// Without it natural persons are counted and nothing else.
    pub officials: Option<Officials>,
}

/// What holds of every form of a source, such as of the columns that an exchange table adds.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Common {
    #[serde(default)]
    pub drop: Vec<String>,
    #[serde(default)]
    pub only: Condition,
    #[serde(default)]
    pub ends: Condition,
    #[serde(default)]
    pub closed: Condition,
}

impl Form {
    /// Takes over what holds of every form; what a form says itself stands. Columns that only the
    /// common part asks may be absent, as a file has none of those that a table adds.
    pub(super) fn take(&mut self, common: &Common) {
        self.drop.extend(common.drop.iter().cloned());
        let own: BTreeSet<String> = self.asked().map(str::to_owned).collect();
        for (own_condition, common) in [
            (&mut self.only, &common.only),
            (&mut self.ends, &common.ends),
            (&mut self.closed, &common.closed),
        ] {
            for (column, values) in common {
                if !own.contains(column) {
                    self.optional.push(column.clone());
                }
                own_condition
                    .entry(column.clone())
                    .or_insert_with(|| values.clone());
            }
        }
    }

    /// The columns that say what becomes of a row.
    pub fn asked(&self) -> impl Iterator<Item = &str> {
        let conditions = self.only.keys().chain(self.ends.keys());
        let conditions = conditions
            .chain(self.closed.keys())
            .chain(self.established());
        let sorted = self.sort.iter().map(|sort| &sort.by);
        conditions.chain(sorted).map(String::as_str)
    }

    /// The columns by which an allegation is established.
    fn established(&self) -> impl Iterator<Item = &String> {
        self.record.iter().flat_map(|record| {
            let others = record.instead.iter().flat_map(|other| other.when.keys());
            record.when.keys().chain(others)
        })
    }

    /// Whether a file, or a row, may lack a column that is asked.
    pub fn may_lack(&self, column: &str) -> bool {
        let mut fields = self.fields.values().filter(|field| field.column_optional);
        self.optional.iter().any(|optional| optional == column)
            || fields.any(|field| field.from.iter().any(|from| from == column))
    }

    /// All columns that are known.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.kept_columns()
            .chain(self.drop.iter().map(String::as_str))
            .chain(self.asked())
    }

    /// The columns that stand in the evidence.
    pub fn kept_columns(&self) -> impl Iterator<Item = &str> {
        let used = self.fields.values().flat_map(|field| &field.from);
        let dropped = |column: &&str| !self.drop.iter().any(|dropped| dropped == column);
        // By what an allegation was established has to be seen later, too.
        used.chain(self.key.iter().flatten())
            .chain(&self.keep)
            .chain(self.established())
            .map(String::as_str)
            .filter(dropped)
    }
}
