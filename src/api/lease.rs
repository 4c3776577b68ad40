//! How many sockets and event streams are open, in all and of one subject, and for how long whoever
//! opened them is let in.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use domain::viewer::Role;

use crate::{auth::Session, telemetry};

use super::{Door, graphql::Code, refusal::No};

/// The open ones, by subject; those of the public count in all only, for they have no name.
#[derive(Debug, Default)]
pub(super) struct Open(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    in_all: usize,
    by_subject: HashMap<String, usize>,
}

/// One that is open for as long as this lives.
#[derive(Debug)]
pub(super) struct Lease {
    open: Arc<Mutex<Counts>>,
    subject: Option<String>,
    _told: telemetry::Open,
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut counts = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        counts.in_all -= 1;
        let Some(subject) = &self.subject else { return };
        if let Some(count) = counts.by_subject.get_mut(subject) {
            *count -= 1;
            if *count == 0 {
                counts.by_subject.remove(subject);
            }
        }
    }
}

impl Door {
    /// A place for one more, if there is one.
    pub(super) fn lease(&self, session: &Session) -> Result<Lease, No> {
        let limits = &self.app.config.server.streams;
        let viewer = &session.viewer;
        let subject = (viewer.role != Role::Public).then(|| viewer.caller());
        let open = Arc::clone(&self.open.0);
        let mut counts = open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_subject = subject.as_ref().and_then(|it| counts.by_subject.get(it));
        let is_full = counts.in_all >= limits.in_all
            || of_subject.is_some_and(|count| *count >= limits.per_subject);
        if is_full {
            let message = "too many streams are open already / 已开的连接过多";
            let status = StatusCode::TOO_MANY_REQUESTS;
            return Err(No::http(status, Code::Limited, message));
        }
        counts.in_all += 1;
        if let Some(subject) = &subject {
            *counts.by_subject.entry(subject.clone()).or_default() += 1;
        }
        drop(counts);
        Ok(Lease {
            open,
            subject,
            _told: telemetry::open_stream(),
        })
    }

    /// Whether who was let in still is.
    pub(super) fn is_let_in(&self, session: &Session) -> bool {
        let now = self.app.clock.now();
        self.app.auth.still_valid(session) && session.expires.is_none_or(|end| end > now)
    }

    /// Until who was let in is so no more; for ever where that does not happen.
    pub(super) async fn let_in_no_more(&self, session: &Session) {
        let recheck = self.app.config.server.streams.recheck;
        while self.is_let_in(session) {
            let left = session.expires.map(|end| end - self.app.clock.now());
            let left = left.and_then(|left| left.to_std().ok());
            // The end itself is not missed by a moment.
            let left = left.map(|left| left + Duration::from_millis(1));
            tokio::time::sleep(left.map_or(recheck, |left| left.min(recheck))).await;
        }
    }
}
