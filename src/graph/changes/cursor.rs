//! A place in the change log, as a text that a client keeps and gives back.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};

use crate::store::{self, Entry, Store};

use super::FollowError;

/// How long it can be read what was missed.
const KEPT: TimeDelta = TimeDelta::days(30);
/// Bytes of a cursor's text.
const BYTES_MAX: usize = 128;
/// How long it is waited for a version that another process has told of already.
pub(in crate::graph) const PATIENCE: Duration = Duration::from_secs(2);

/// Why nothing can be told after a cursor.
#[derive(Debug, thiserror::Error)]
pub enum CursorError {
    #[error("`after` is no cursor of this hub's change log / 游标无效")]
    Invalid,
    #[error("what came after the cursor is kept no longer: read the list anew / 游标已过期")]
    Expired,
    #[error("the version that the cursor is of is not here yet / 尚未到达该版本")]
    NotReached,
    #[error(transparent)]
    Follow(#[from] FollowError),
}

impl From<store::Error> for CursorError {
    fn from(error: store::Error) -> Self {
        Self::Follow(error.into())
    }
}

/// Behind one record's change in one entry of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) seq: i64,
    /// When that entry was closed: another log's has another moment. A version's number has none.
    closed: Option<i64>,
    /// The greatest number of all stands behind the whole entry.
    pub(super) id: i64,
}

impl Place {
    pub(super) fn of(entry: &Entry, id: i64) -> Self {
        Self::at(entry.seq, entry.closed_at, id)
    }

    /// Behind what the entry with this number and closing did to the thing with this number.
    pub(super) fn at(seq: i64, closed_at: DateTime<Utc>, id: i64) -> Self {
        Self {
            seq,
            closed: Some(closed_at.timestamp_micros()),
            id,
        }
    }

    /// Behind all that this version has.
    pub(super) fn behind(seq: i64) -> Self {
        Self {
            seq,
            closed: None,
            id: i64::MAX,
        }
    }

    /// The place that a text names, if it is one of this log and what follows is still kept.
    pub(super) async fn find(
        store: &Store,
        text: &str,
        now: DateTime<Utc>,
    ) -> Result<Self, CursorError> {
        let place = Self::read(text).ok_or(CursorError::Invalid)?;
        let entries = store.entries(place.seq - 1, place.seq + 1).await?;
        let own = entries.iter().find(|entry| entry.seq == place.seq);
        let next = entries.iter().find(|entry| entry.seq > place.seq);
        match own {
            // Before the first change there is a version, too.
            None if place.seq == 0 => {}
            None if place.seq < store.newest_seq().await? => return Err(CursorError::Expired),
            None => return Err(CursorError::Invalid),
            Some(own) => {
                let closed = own.closed_at.timestamp_micros();
                if place.closed.is_some_and(|told| told != closed) {
                    return Err(CursorError::Invalid);
                }
            }
        }
        match next {
            Some(missed) if missed.closed_at < now - KEPT => Err(CursorError::Expired),
            _ => Ok(place),
        }
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() > BYTES_MAX {
            return None;
        }
        let number = |text: &str| {
            let number = text.parse::<i64>().ok().filter(|number| *number >= 0)?;
            (number.to_string() == text).then_some(number)
        };
        if let Some(version) = number(text) {
            return (version < i64::MAX).then(|| Self::behind(version));
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let mut parts = std::str::from_utf8(&bytes).ok()?.split('.').map(number);
        let place = Self {
            seq: parts.next()??,
            closed: Some(parts.next()??),
            id: parts.next()??,
        };
        let is_whole = parts.next().is_none() && place.seq > 0 && place.seq < i64::MAX;
        is_whole.then_some(place)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.closed {
            None => write!(f, "{}", self.seq),
            Some(closed) => {
                let text = format!("{}.{closed}.{}", self.seq, self.id);
                f.write_str(&URL_SAFE_NO_PAD.encode(text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        for place in [
            Place::behind(0),
            Place::behind(17),
            Place {
                seq: 17,
                closed: Some(1_764_000_000_000_000),
                id: 4,
            },
        ] {
            assert_eq!(Place::read(&place.to_string()), Some(place));
        }
        let written = |text: &str| URL_SAFE_NO_PAD.encode(text);
        for wrong in [
            String::new(),
            "-1".to_owned(),
            "01".to_owned(),
            i64::MAX.to_string(),
            "99999999999999999999".to_owned(),
            "x".repeat(BYTES_MAX + 1),
            written("1.2"),
            written("1.2.3.4"),
            written("1.2.x"),
            written("0.2.3"),
            written("1.-2.3"),
        ] {
            assert_eq!(Place::read(&wrong), None, "{wrong}");
        }
    }
}
