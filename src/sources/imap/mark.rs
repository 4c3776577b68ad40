//! How far a folder was read, as its checkpoint says it: `7 120 33:2,45:1` is UIDVALIDITY 7, all read
//! up to UID 120, but for 33 and 45, which are there and were not given, in two runs and in one.

use std::{collections::BTreeMap, fmt};

use super::Listed;

/// Messages that are asked for again at most; behind so many nothing more is read for now.
const WITHHELD_MAX: usize = 100;
/// Runs in which a message is asked for that is not given.
pub(super) const TRIES_MAX: u32 = 10;

/// How far a folder was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    validity: u32,
    last: u32,
    /// How often each was not given.
    withheld: BTreeMap<u32, u32>,
}

/// What becomes of a message that was not given.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Withheld {
    Again,
    GivenUp,
    /// Too many are asked for again already.
    TooMany,
}

impl Mark {
    /// What a checkpoint says; the very beginning where the folder's numbers are others by now.
    pub(super) fn of(checkpoint: Option<&str>, validity: u32) -> Self {
        let known = checkpoint.and_then(parse);
        known
            .filter(|known| known.validity == validity)
            .unwrap_or(Self {
                validity,
                last: 0,
                withheld: BTreeMap::new(),
            })
    }

    /// The last message up to which all is read.
    pub(super) fn last(&self) -> u32 {
        self.last
    }

    /// Messages before it that are asked for again.
    pub(super) fn withheld(&self) -> Vec<u32> {
        self.withheld.keys().copied().collect()
    }

    /// Asks for none any more but these, and tells which are left out.
    pub(super) fn keep_only(&mut self, there: &[Listed]) -> Vec<u32> {
        let is_there = |uid: &u32| there.iter().any(|listed| listed.uid == *uid);
        let (kept, gone) = self.withheld().into_iter().partition(is_there);
        let kept: Vec<u32> = kept;
        self.withheld.retain(|uid, _| kept.contains(uid));
        gone
    }

    /// Nothing more is to be had of a message.
    pub(super) fn pass(&mut self, uid: u32) {
        self.withheld.remove(&uid);
        self.last = self.last.max(uid);
    }

    /// A message that is there was not given.
    pub(super) fn withhold(&mut self, uid: u32) -> Withheld {
        let tries = self.withheld.get(&uid).copied().unwrap_or(0) + 1;
        if tries >= TRIES_MAX {
            self.pass(uid);
            return Withheld::GivenUp;
        }
        if tries == 1 && self.withheld.len() == WITHHELD_MAX {
            return Withheld::TooMany;
        }
        self.pass(uid);
        self.withheld.insert(uid, tries);
        Withheld::Again
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.validity, self.last)?;
        for (at, (uid, tries)) in self.withheld.iter().enumerate() {
            let before = if at == 0 { ' ' } else { ',' };
            write!(f, "{before}{uid}:{tries}")?;
        }
        Ok(())
    }
}

fn parse(text: &str) -> Option<Mark> {
    let mut words = text.split(' ');
    let (validity, last) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let withheld = words.next().unwrap_or_default().split(',');
    let withheld = withheld.filter(|one| !one.is_empty()).map(|one| {
        let (uid, tries) = one.split_once(':')?;
        Some((uid.parse().ok()?, tries.parse().ok()?))
    });
    Some(Mark {
        validity,
        last,
        withheld: withheld.collect::<Option<_>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_is_written() {
        for text in ["7 3", "7 120 33:2,45:1"] {
            assert_eq!(Mark::of(Some(text), 7).to_string(), text);
            assert_eq!(Mark::of(Some(text), 8).to_string(), "8 0");
        }
        for text in [None, Some(""), Some("7"), Some("7 3 x"), Some("7 3 2:x")] {
            assert_eq!(Mark::of(text, 7).to_string(), "7 0", "{text:?}");
        }
    }

    #[test]
    fn what_is_withheld_is_bounded_in_number_and_in_tries() {
        let mut mark = Mark::of(None, 7);
        for uid in 1..=WITHHELD_MAX as u32 {
            assert_eq!(mark.withhold(uid), Withheld::Again);
        }
        assert_eq!(mark.withhold(101), Withheld::TooMany);
        assert_eq!(mark.last(), 100, "it comes with the next run");
        for _ in 2..TRIES_MAX {
            assert_eq!(mark.withhold(1), Withheld::Again);
        }
        assert_eq!(mark.withhold(1), Withheld::GivenUp);
        assert_eq!(mark.withhold(101), Withheld::Again);
        let there = Listed { uid: 101, bytes: 1 };
        assert_eq!(mark.keep_only(&[there]).len(), 98 + 1);
        assert_eq!(mark.to_string(), "7 101 101:1");
    }
}
