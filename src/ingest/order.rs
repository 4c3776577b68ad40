//! What is asked of an ingest, and what it reports.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use domain::run::{RunCounts, RunState};
use serde::Serialize;

use crate::{
    config::Place,
    sources::LandError,
    store::{self, Reject},
};

/// The feed of a delivery that names none.
pub const FEED_DEFAULT: &str = "default";
/// Characters of a feed's name.
pub const FEED_CHARS_MAX: usize = 64;

/// How the message of a run begins that was only tried.
pub const ONLY_TRIED: &str = "dry run, nothing was stored";

/// Where a delivery comes from.
#[derive(Debug, Clone)]
pub enum From {
    /// These files, as one delivery.
    Files(Vec<PathBuf>),
    /// What this place has to give.
    Place(Box<Place>),
    /// A held run, let in.
    Approved(i64),
    /// The raw files of an earlier run, read again as they were kept.
    Reread(i64),
}

/// What is to be brought in.
#[derive(Debug, Clone)]
pub struct Order {
    pub source: String,
    pub feed: Option<String>,
    pub from: From,
    /// Of when it speaks; now, where nobody says.
    pub as_of: Option<DateTime<Utc>>,
    /// It says only what changed, whatever its source usually does.
    pub partial: bool,
    /// Everything is done but the closing.
    pub dry_run: bool,
}

/// What became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub source: String,
    pub feed: String,
    pub run: i64,
    pub state: String,
    #[serde(flatten)]
    pub counts: RunCounts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    pub rejects: Vec<Reject>,
    pub warnings: Vec<String>,
    /// The number of its entry in the change log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<i64>,
    /// Rows of sources that came to something else with it.
    pub reresolved: u64,
    pub seconds: f64,
    #[serde(skip)]
    pub outcome: Option<RunState>,
}

/// Why nothing could even be tried.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no source {key:?}; expected one of {}", .known.join(", "))]
    UnknownSource { key: String, known: Vec<String> },
    #[error("a feed's name has 1 to {FEED_CHARS_MAX} characters")]
    Feed,
    #[error("the delivery speaks of a day to come; --as-of is of when it speaks")]
    Future,
    #[error("run {run} of {key} can't be read again: {reason}")]
    Reread {
        run: i64,
        key: String,
        reason: String,
    },
    #[error("source {key} can't be brought in from there: {reason}")]
    Place { key: String, reason: String },
    #[error(transparent)]
    Land(LandError),
    #[error(transparent)]
    Store(#[from] store::Error),
}
