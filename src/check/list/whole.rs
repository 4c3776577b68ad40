//! The receipt of a whole list: which file it was, and the receipts of all its rows.

use std::collections::BTreeMap;

use domain::audit::EntryId;
use serde::{Deserialize, Serialize};

use super::super::{NotRead, receipt::Asker};

/// The encoding of what is kept.
const FORMAT: u8 = 1;

/// What is kept of a whole list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Whole {
    pub(super) format: u8,
    /// The list's id.
    pub list: String,
    /// SHA-256 of its file, in hexadecimal.
    pub digest: String,
    pub asked_by: Asker,
    pub purpose: String,
    pub reference: Option<String>,
    /// How many rows came to which verdict.
    pub verdicts: BTreeMap<String, usize>,
    /// Entries of the audit log under which the answers are kept, in the order of the rows, and how many under each.
    pub parts: Vec<(String, usize)>,
    /// SHA-256 of all answers' digests, each with a line feed, in the order of the rows; in hexadecimal.
    pub answers: String,
}

impl Whole {
    pub(super) const FORMAT: u8 = FORMAT;

    pub(super) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers are JSON")
    }

    /// What was kept, from its bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, NotRead> {
        let whole: Self = serde_json::from_slice(bytes).map_err(NotRead::of)?;
        match whole.format {
            FORMAT => Ok(whole),
            other => Err(NotRead::of(format!(
                "format {FORMAT} expected, found {other}"
            ))),
        }
    }

    /// The entries of its parts, and how many answers each has.
    pub fn parts(&self) -> Result<Vec<(EntryId, usize)>, NotRead> {
        let entry = |(entry, count): &(String, usize)| {
            let id = entry.parse::<EntryId>();
            id.map(|id| (id, *count))
                .map_err(|_| NotRead::of(format!("{entry:?} is no entry")))
        };
        self.parts.iter().map(entry).collect()
    }

    /// How many rows came to what, in words.
    pub(super) fn words(&self) -> String {
        let told = self.verdicts.iter();
        let told = told.map(|(verdict, count)| format!("{verdict} {count}"));
        told.collect::<Vec<_>>().join(", ")
    }
}

/// The id of a whole list's receipt as clients know it, in a hub of this province.
pub fn whole_name(entry: EntryId, province: &str) -> String {
    format!("chl_{province}_{entry}")
}

/// The entry that clients know by this name in a hub of this province.
pub fn whole_named(name: &str, province: &str) -> Option<EntryId> {
    let rest = name.strip_prefix("chl_")?.strip_prefix(province)?;
    rest.strip_prefix('_')?.parse().ok()
}
