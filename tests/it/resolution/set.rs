//! The published set: made-up bodies on real divisions, and what each of many questions must come to.

use std::path::PathBuf;

use chrono::NaiveDate;
use domain::resolution::Outcome;
use serde::Deserialize;

/// Where the set stands.
pub(super) const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/resolution");

/// A file of the set.
pub(super) fn path(file: &str) -> PathBuf {
    PathBuf::from(FOLDER).join(file)
}

/// How much a question says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Tier {
    /// String and day alone settle who is meant, or that nobody or several are.
    Strong,
    /// It takes context, a general rule of the reforms, or one repaired error.
    Medium,
    /// Plausible only: something for a person to look at.
    Weak,
}

impl Tier {
    pub(super) const ALL: [Self; 3] = [Self::Strong, Self::Medium, Self::Weak];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Strong => "STRONG",
            Self::Medium => "MEDIUM",
            Self::Weak => "WEAK",
        }
    }
}

/// A question and its right answers, a row of `pairs.csv`.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Pair {
    pub(super) id: String,
    /// `dev` or `test`, by the cluster's digest: whoever tunes looks at `dev` only.
    pub(super) split: String,
    /// What the question turns on; rows of one cluster are never parted.
    pub(super) cluster: String,
    pub(super) tier: Tier,
    /// The rule or trap that it is about.
    pub(super) category: String,
    pub(super) name: String,
    pub(super) uscc: String,
    pub(super) org_code: String,
    pub(super) division: String,
    /// The document's day; none is today.
    pub(super) as_of: Option<NaiveDate>,
    /// The outcomes that are right, parted by `|`.
    pub(super) expected_outcome: String,
    /// Codes, parted by `|`: the body that is meant, or all that could be.
    pub(super) expected: String,
    /// Why.
    pub(super) note: String,
}

impl Pair {
    /// The outcomes that are right.
    pub(super) fn outcomes(&self) -> Vec<Outcome> {
        let outcome = |text: &str| {
            let outcome = text.parse();
            outcome.unwrap_or_else(|_| panic!("{}: {text:?} is no outcome", self.id))
        };
        self.expected_outcome.split('|').map(outcome).collect()
    }

    /// The codes of the bodies that are meant.
    pub(super) fn bodies(&self) -> Vec<&str> {
        self.expected
            .split('|')
            .filter(|code| !code.is_empty())
            .collect()
    }

    /// What is asked.
    pub(super) fn question(&self) -> [&str; 4] {
        [&self.name, &self.uscc, &self.org_code, &self.division]
    }

    /// Whether exactly one body is meant, and an answer may name it.
    pub(super) fn means_one(&self) -> bool {
        self.bodies().len() == 1 && self.outcomes().into_iter().any(tells)
    }

    /// Whether the right answer is that several are meant, and nothing else.
    pub(super) fn means_several(&self) -> bool {
        self.outcomes() == [Outcome::Ambiguous]
    }
}

/// Whether an outcome names one body.
pub(super) fn tells(outcome: Outcome) -> bool {
    is_confident(outcome) || outcome == Outcome::Fuzzy
}

/// Whether an outcome names one body as settled.
pub(super) fn is_confident(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::ExactCode | Outcome::ExactName | Outcome::Alias | Outcome::Successor
    )
}

/// A row of the register, as far as names are concerned.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Registered {
    #[serde(rename = "统一社会信用代码")]
    pub(super) uscc: String,
    #[serde(rename = "机构名称")]
    pub(super) name: String,
    #[serde(rename = "行政区划代码")]
    pub(super) division: String,
    #[serde(rename = "别名")]
    pub(super) aliases: String,
    #[serde(rename = "撤销日期")]
    pub(super) abolished_on: Option<NaiveDate>,
}

/// A succession event.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Event {
    #[serde(rename = "前身统一社会信用代码")]
    pub(super) from: String,
    #[serde(rename = "前身名称")]
    pub(super) from_name: String,
    #[serde(rename = "后继统一社会信用代码")]
    pub(super) to: String,
    #[serde(rename = "后继名称")]
    pub(super) to_name: String,
    #[serde(rename = "生效日期")]
    pub(super) effective_on: NaiveDate,
}

/// All rows of one of the set's files.
pub(super) fn rows<T: serde::de::DeserializeOwned>(file: &str) -> Vec<T> {
    let path = path(file);
    let mut reader = csv::Reader::from_path(&path).expect("the set stands in the repository");
    let rows: Result<Vec<T>, _> = reader.deserialize().collect();
    rows.unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
