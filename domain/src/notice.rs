//! What subscribers are told of warnings and of watched subjects: of which, in which words of the wire, and when.

mod timing;

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    assess::{Warning, WarningAct, WarningEvent, WarningLevel, WarningState},
    change::ChangeCause,
    id::digest_of,
    watch::WatchKind,
};

pub use timing::{Quiet, Timing};

/// What a notice says of a warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoticeKind {
    /// It was raised.
    Raised,
    /// It is more serious now.
    Changed,
    /// What was to be done was not done in time: it went a step further up.
    Escalated,
    /// Its cause is gone, or somebody closed it.
    Closed,
}

crate::text_enum!(NoticeKind {
    Raised => "warning.raised",
    Changed => "warning.changed",
    Escalated => "warning.escalated",
    Closed => "warning.closed",
});
crate::text_serde!(NoticeKind);

/// How far a notice has come on its way to a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeState {
    /// It waits to be sent.
    Pending,
    /// Somebody has begun to send it, and what came of that is not noted (yet).
    Sending,
    /// It was taken in.
    Delivered,
    /// It was tried as often as it may be.
    Dead,
    /// The subscriber wants no more notices. While one stands so, none is sent to him.
    Gone,
}

crate::text_enum!(NoticeState {
    Pending => "PENDING",
    Sending => "SENDING",
    Delivered => "DELIVERED",
    Dead => "DEAD",
    Gone => "GONE",
});

/// A version of a warning as it is told: what it was then, whatever has become of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it says.
    pub kind: NoticeKind,
    /// When that happened.
    pub at: DateTime<Utc>,
    /// The warning's version.
    pub version: u32,
    /// The warning in that version.
    pub warning: Warning,
    /// Whom it is about.
    pub agency: NoticeAgency,
}

/// What became of a watched subject, as its client is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchNotice {
    /// What it says.
    pub watch: WatchKind,
    /// What made it.
    pub cause: ChangeCause,
    /// When the change was closed.
    pub at: DateTime<Utc>,
    /// Its place in the change log.
    pub cursor: String,
    /// The list, by its number.
    pub list: i64,
    /// What the client began it for.
    #[serde(default)]
    pub purpose: Option<String>,
    /// The case or document for which the client began it.
    pub reference: Option<String>,
    /// The subject.
    pub subject: NoticeAgency,
    /// Whose record, measure or identity it is: the subject itself, or one from which it inherits.
    pub about: NoticeAgency,
    /// The record, by its number, where it is about one.
    pub record: Option<i64>,
    /// The measure, by its number, where it is about one.
    pub sanction: Option<i64>,
}

/// What a subscriber is told, of the one or the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Told {
    /// A version of a warning.
    Warning(Notice),
    /// An event of a watched subject.
    Watch(WatchNotice),
}

impl Told {
    /// The warning's version; an event has one.
    pub fn version(&self) -> u32 {
        match self {
            Self::Warning(notice) => notice.version,
            Self::Watch(_) => 1,
        }
    }

    /// What it says, as the message's type.
    pub fn kind(&self) -> String {
        match self {
            Self::Warning(notice) => notice.kind.to_string(),
            Self::Watch(notice) => format!("watch.{}", notice.watch.as_str().to_lowercase()),
        }
    }

    /// Whom it is about.
    pub fn agency(&self) -> &NoticeAgency {
        match self {
            Self::Warning(notice) => &notice.agency,
            Self::Watch(notice) => &notice.subject,
        }
    }

    /// What it says of a warning, if it is about one.
    pub fn warning(&self) -> Option<&Notice> {
        match self {
            Self::Warning(notice) => Some(notice),
            Self::Watch(_) => None,
        }
    }
}

/// The body that a notice is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeAgency {
    /// Its code.
    pub uscc: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub division: String,
}

/// Of which warnings a subscriber is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// About bodies in these divisions; everywhere where absent.
    pub divisions: Option<BTreeSet<String>>,
    /// As serious as this, or more.
    pub min_level: WarningLevel,
    /// By these red lines; by all where none is named.
    pub red_lines: BTreeSet<String>,
    /// Of which the body with this code is to hear; whoever is where absent.
    pub warned: Option<String>,
}

impl Wanted {
    /// Whether a notice is one of them, by the codes of those who are warned.
    pub fn takes(&self, notice: &Notice, warned: &[String]) -> bool {
        let (warning, division) = (&notice.warning, &notice.agency.division);
        let is_within = |divisions: &BTreeSet<String>| divisions.contains(division);
        let hears = |code: &String| warned.contains(code);
        warning.level >= self.min_level
            && self.warned.as_ref().is_none_or(hears)
            && (self.red_lines.is_empty() || self.red_lines.contains(&warning.red_line))
            && self.divisions.as_ref().is_none_or(is_within)
    }
}

impl NoticeKind {
    /// What is to be told of an event, by level and state of the warning before it; nothing of most.
    pub fn of(event: &WarningEvent, before: Option<(WarningLevel, WarningState)>) -> Option<Self> {
        let was_open = before.is_some_and(|(_, state)| state.is_open());
        let rises = before.is_some_and(|(level, _)| event.after.level > level);
        match event.act {
            WarningAct::Raise => Some(Self::Raised),
            WarningAct::Follow if rises => Some(Self::Changed),
            WarningAct::Escalate => Some(Self::Escalated),
            // That the cause of a closed warning is gone is no news.
            WarningAct::Clear | WarningAct::Resolve | WarningAct::Dismiss if was_open => {
                Some(Self::Closed)
            }
            _ => None,
        }
    }
}

/// The id of the message that tells a subscriber of a version: the same however often it is sent.
pub fn message_id(subscriber: &str, warning: i64, version: u32) -> String {
    let digest = digest_of(&[subscriber, &warning.to_string(), &version.to_string()]);
    format!("msg_{}", &digest[..32])
}

/// How long a message waits after each time that it failed, in seconds: the example of the Standard
/// Webhooks specification. It is tried once more than there are waits, within about three days.
const WAITS: [u64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// Up to this part of a wait is put on it, so that what failed together does not return together.
const JITTER_MAX: f64 = 0.1;

/// How long a message waits that was tried so often, by a random number from 0 to 1; none where it is
/// not tried any more.
pub fn wait(attempts: i64, random: f64) -> Option<Duration> {
    let tried = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let wait = Duration::from_secs(*WAITS.get(tried)?);
    Some(wait.mul_f64(1.0 + JITTER_MAX * random.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests;
