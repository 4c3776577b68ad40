//! Tokens that are believed no longer though their time is not over.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use domain::revocation::{Revocation, Revoked};

use super::{claims::LEEWAY_S, local::LIFE_S_MAX};

/// How long a revocation is kept: no token that it concerns outlives this.
pub const REVOCATION_KEPT: TimeDelta = TimeDelta::seconds(LIFE_S_MAX + 2 * LEEWAY_S);

/// All that is revoked, for quick look-ups.
#[derive(Debug, Default)]
pub(super) struct Denied {
    tokens: HashSet<String>,
    /// With the last second at which a token may have been issued that is revoked.
    subjects: HashMap<String, i64>,
}

impl Denied {
    pub(super) fn of(revocations: impl IntoIterator<Item = Revocation>) -> Self {
        let mut denied = Self::default();
        for Revocation { what, at, .. } in revocations {
            match what {
                Revoked::Token(id) => drop(denied.tokens.insert(id)),
                Revoked::Subject(subject) => {
                    // The issuer's clock may be ahead of the one that said `at`.
                    let until = at.timestamp().saturating_add(LEEWAY_S);
                    let known = denied.subjects.entry(subject).or_insert(until);
                    *known = (*known).max(until);
                }
            }
        }
        denied
    }

    pub(super) fn holds(&self, token: &str, subject: &str, issued: i64) -> bool {
        let until = self.subjects.get(subject);
        self.tokens.contains(token) || until.is_some_and(|until| issued <= *until)
    }
}
