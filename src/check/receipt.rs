//! Receipts: what was asked and told, kept under the audit log's entry, which commits to its bytes.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{audit::EntryId, check::Verdict, id::digest_of, viewer::Viewer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::graph::View;

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
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    answers: Vec<KeptAnswer>,
}

/// One answer: its bytes as they were told, so that their digest is the same for ever.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptAnswer {
    answer: Box<RawValue>,
    /// Whether a person was asked about.
    is_person: bool,
    /// The official, by his number; of other persons nothing is kept.
    official: Option<i64>,
    /// The bodies that were reviewed and left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    excluded: Vec<i64>,
    /// What was said with it; of what was kept before that was kept, it is said anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notice: Option<String>,
}

/// What is to be kept of one answer.
pub(super) struct NewAnswer {
    pub(super) answer: Answer,
    pub(super) is_person: bool,
    pub(super) official: Option<i64>,
    pub(super) excluded: Vec<i64>,
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
    /// The answer's bytes: JSON.
    pub bytes: String,
    /// Whether a person was asked about, and the official, by his number.
    pub is_person: bool,
    pub official: Option<i64>,
    /// The bodies that were reviewed and left out.
    pub excluded: Vec<i64>,
    /// The day on which it was asked.
    pub on: NaiveDate,
}

impl Asker {
    /// As whom a view's viewer asks.
    pub(super) fn of(view: &View) -> Self {
        let viewer = view.viewer();
        Self {
            role: viewer.role.to_string(),
            divisions: viewer.divisions.iter().map(ToString::to_string).collect(),
            agency: viewer.agency.map(|code| code.to_string()),
            on: view.day(),
        }
    }

    /// A digest of the place, whatever the day.
    pub(super) fn digest(&self) -> String {
        let mut areas = self.divisions.clone();
        areas.sort_unstable();
        let agency = self.agency.as_deref().unwrap_or_default();
        digest_of(&[&self.role, &areas.join(" "), agency])
    }

    /// Whether a viewer acts in the same place: the role, for the same areas and the same body.
    pub(super) fn is(&self, viewer: &Viewer) -> bool {
        let mut areas: Vec<String> = viewer.divisions.iter().map(ToString::to_string).collect();
        let mut own = self.divisions.clone();
        areas.sort_unstable();
        own.sort_unstable();
        let agency = viewer.agency.map(|code| code.to_string());
        self.role == viewer.role.as_str() && self.agency == agency && areas == own
    }
}

impl Kept {
    pub(super) fn new(
        asked: &Asked,
        view: &View,
        backdrop: &Backdrop,
        checking: &Checking,
        answers: Vec<NewAnswer>,
    ) -> Self {
        let said = |answer: &Answer| notice(answer, backdrop.data_as_of, backdrop.sources);
        let keep = |new: NewAnswer| KeptAnswer {
            notice: Some(said(&new.answer)),
            answer: RawValue::from_string(new.answer.json()).expect("it is JSON"),
            is_person: new.is_person,
            official: new.official,
            excluded: new.excluded,
        };
        Self {
            format: FORMAT,
            asked_at: checking.clock.now(),
            asked_by: Asker::of(view),
            purpose: asked.purpose.clone(),
            reference: asked.reference.clone(),
            data_version: backdrop.version,
            data_as_of: backdrop.data_as_of,
            resolver_version: checking.resolver_version(),
            sources: backdrop.sources,
            answers: answers.into_iter().map(keep).collect(),
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

    /// The receipt of one answer.
    pub fn receipt(&self, id: ReceiptId) -> Result<Option<Receipt>, NotRead> {
        let Some(kept) = self.answers.get(id.place) else {
            return Ok(None);
        };
        let bytes = kept.answer.get();
        let answer: Answer =
            serde_json::from_str(bytes).map_err(|error| NotRead(error.to_string()))?;
        let said = || notice(&answer, self.data_as_of, self.sources);
        Ok(Some(Receipt {
            notice: kept.notice.clone().unwrap_or_else(said),
            id,
            asked_at: self.asked_at,
            purpose: self.purpose.clone(),
            reference: self.reference.clone(),
            data_version: self.data_version,
            data_as_of: self.data_as_of,
            resolver_version: self.resolver_version.clone(),
            digest: crate::hex(&Sha256::digest(bytes)),
            answer,
            bytes: bytes.to_owned(),
            is_person: kept.is_person,
            official: kept.official,
            excluded: kept.excluded.clone(),
            on: self.asked_by.on,
        }))
    }
}

/// What the audit log says in words: what came of how many questions.
pub(super) fn object<'a>(answers: impl Iterator<Item = &'a Answer>) -> String {
    let mut verdicts: Vec<(Verdict, usize)> = Vec::new();
    for answer in answers {
        let mut known = verdicts.iter_mut();
        match known.find(|(verdict, _)| *verdict == answer.verdict) {
            Some((_, count)) => *count += 1,
            None => verdicts.push((answer.verdict, 1)),
        }
    }
    let told = verdicts
        .iter()
        .map(|(verdict, count)| format!("{verdict} {count}"));
    told.collect::<Vec<_>>().join(", ")
}

/// What is kept can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the receipt can't be read: {0}")]
pub struct NotRead(String);

impl NotRead {
    pub(super) fn of(reason: impl fmt::Display) -> Self {
        Self(reason.to_string())
    }
}

impl Receipt {
    /// Its id as clients know it, in a hub of this province.
    pub fn name(&self, province: &str) -> String {
        self.id.name(province)
    }
}

impl ReceiptId {
    /// As clients know it, in a hub of this province.
    pub fn name(&self, province: &str) -> String {
        format!("chk_{province}_{self}")
    }

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
