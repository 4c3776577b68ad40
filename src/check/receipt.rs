//! Receipts: what was asked and told, kept under the audit log's entry, which commits to its bytes.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{audit::EntryId, check::Verdict, privacy::mask_numbers, viewer::Viewer};
use serde::{Deserialize, Serialize};

use super::{Answer, Asked, Backdrop, Checking, backdrop::Sources, notice};

/// The encoding of what is kept.
const FORMAT: u8 = 1;

/// The id of a check: the entry of its request in the audit log, and its place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiptId {
    pub entry: EntryId,
    pub place: usize,
}

/// What is kept of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    format: u8,
    pub asked_at: DateTime<Utc>,
    pub asked_by: Asker,
    pub purpose: String,
    pub reference: Option<String>,
    pub data_version: i64,
    pub data_as_of: DateTime<Utc>,
    pub resolver_version: String,
    sources: Sources,
    pub answers: Vec<Answer>,
    /// The officials who were asked about, by their numbers; of others nothing is kept.
    pub officials: Vec<Option<i64>>,
}

/// As who was asked: which bodies and persons may be checked depends on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asker {
    pub role: String,
    pub divisions: Vec<String>,
    pub agency: Option<String>,
    /// The day on which rights were measured.
    pub on: NaiveDate,
}

/// One answer with what it was told against.
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    pub id: ReceiptId,
    pub asked_at: DateTime<Utc>,
    pub purpose: String,
    pub reference: Option<String>,
    pub data_version: i64,
    pub data_as_of: DateTime<Utc>,
    pub resolver_version: String,
    pub digest: String,
    pub notice: String,
    pub answer: Answer,
    /// The official who was asked about, by his number.
    pub official: Option<i64>,
}

impl Asker {
    /// Whether a viewer acts in the same place: the role, for the same areas and the same body.
    pub(super) fn is(&self, viewer: &Viewer) -> bool {
        let areas = viewer.divisions.iter().map(ToString::to_string);
        let agency = viewer.agency.map(|code| code.to_string());
        self.role == viewer.role.as_str()
            && self.agency == agency
            && areas.eq(self.divisions.iter().cloned())
    }
}

impl Kept {
    pub(super) fn new(
        asked: &Asked,
        viewer: &Viewer,
        backdrop: &Backdrop,
        checking: &Checking,
        answers: Vec<Answer>,
        officials: Vec<Option<i64>>,
    ) -> Self {
        Self {
            format: FORMAT,
            asked_at: checking.clock.now(),
            asked_by: Asker {
                role: viewer.role.to_string(),
                divisions: viewer.divisions.iter().map(ToString::to_string).collect(),
                agency: viewer.agency.map(|code| code.to_string()),
                on: checking.clock.today(),
            },
            purpose: mask_numbers(&asked.purpose).into_owned(),
            reference: asked
                .reference
                .as_deref()
                .map(|text| mask_numbers(text).into_owned()),
            data_version: backdrop.version,
            data_as_of: backdrop.data_as_of,
            resolver_version: checking.resolver_version(),
            sources: backdrop.sources,
            answers,
            officials,
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts, numbers and days are JSON")
    }

    /// What was kept, from its bytes.
    pub fn read(bytes: &[u8]) -> Result<Self, NotRead> {
        let kept: Self =
            serde_json::from_slice(bytes).map_err(|error| NotRead(error.to_string()))?;
        match kept.format {
            FORMAT => Ok(kept),
            other => Err(NotRead(format!("format {FORMAT} expected, found {other}"))),
        }
    }

    /// What the audit log says of it in words: how many were asked about, and what came of it.
    pub(super) fn object(&self) -> String {
        let mut verdicts: Vec<(Verdict, usize)> = Vec::new();
        for answer in &self.answers {
            match verdicts
                .iter_mut()
                .find(|(verdict, _)| *verdict == answer.verdict)
            {
                Some((_, count)) => *count += 1,
                None => verdicts.push((answer.verdict, 1)),
            }
        }
        let told = verdicts
            .iter()
            .map(|(verdict, count)| format!("{verdict} {count}"));
        told.collect::<Vec<_>>().join(", ")
    }

    /// The receipt of one answer.
    pub fn receipt(&self, id: ReceiptId) -> Option<Receipt> {
        let answer = self.answers.get(id.place)?.clone();
        Some(Receipt {
            id,
            asked_at: self.asked_at,
            purpose: self.purpose.clone(),
            reference: self.reference.clone(),
            data_version: self.data_version,
            data_as_of: self.data_as_of,
            resolver_version: self.resolver_version.clone(),
            digest: answer.digest(),
            notice: notice(&answer, self.data_as_of, self.sources),
            answer,
            official: self.officials.get(id.place).copied().flatten(),
        })
    }
}

/// What is kept can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the receipt can't be read: {0}")]
pub struct NotRead(String);

impl Receipt {
    /// Its id as clients know it, in a hub of this province.
    pub fn name(&self, province: &str) -> String {
        format!("chk_{province}_{}", self.id)
    }
}

impl ReceiptId {
    /// The id that clients know by this name in a hub of this province.
    pub fn named(name: &str, province: &str) -> Option<Self> {
        let rest = name.strip_prefix("chk_")?.strip_prefix(province)?;
        rest.strip_prefix('_')?.parse().ok()
    }
}

impl fmt::Display for ReceiptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.entry, self.place)
    }
}

impl FromStr for ReceiptId {
    type Err = NotRead;

    fn from_str(text: &str) -> Result<Self, NotRead> {
        let unread = || NotRead(format!("{text:?} is no id of a check"));
        let (entry, place) = text.rsplit_once('-').ok_or_else(unread)?;
        Ok(Self {
            entry: entry.parse().map_err(|_| unread())?,
            place: place.parse().map_err(|_| unread())?,
        })
    }
}
