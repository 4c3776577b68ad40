//! Watch lists (关注名单): the subjects that a client registers by the resolution of a check, and what becomes of them,
//! as far as a check would tell him. See `docs/checks.md`.

mod raise;

use std::sync::Arc;

use domain::{casework::MeasureScope, check::Verdict, id::digest_of, viewer::Viewer};
use serde::{Deserialize, Serialize};

use crate::{
    catalogue::Catalogue,
    clock::Clock,
    graph::{CursorError, Live, Restricts, View, WatchPage, WatchRequest},
    store::{self, NewWatchList, Store, WatchList, WatchTarget, WatchWritten, Watched},
};

use super::{CheckInput, TEXT_CHARS_MAX, hidden};

pub use raise::Raised;

/// Subjects in one request.
pub const WATCH_BATCH_MAX: usize = 500;

/// What a list is to be.
#[derive(Debug, Clone)]
pub struct NewList {
    /// The key under which it is asked for.
    pub key: String,
    pub title: String,
    /// What for (征信业管理条例, article 22: every enquiry has its purpose).
    pub purpose: String,
    /// The case or document that is its occasion.
    pub reference: Option<String>,
}

/// Why a step with a list was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotWatched {
    /// What was asked can't be asked so: which part, and what was expected.
    #[error("{0}")]
    Invalid(String),
    #[error("there is no such watch list / 没有该关注名单")]
    NotFound,
    #[error("the watch list has ended / 关注名单已终止")]
    Ended,
    #[error(
        "a client has at most {} watch lists / 关注名单至多 {} 份",
        store::WATCH_LISTS_MAX,
        store::WATCH_LISTS_MAX
    )]
    TooManyLists,
    #[error(
        "a watch list has at most {} subjects / 每份名单至多 {} 个主体",
        store::WATCHED_MAX,
        store::WATCHED_MAX
    )]
    TooManySubjects,
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// A subject that was not registered, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedSubject {
    /// The how-manieth it was, from 1.
    pub place: usize,
    /// What a check says of it.
    pub verdict: Verdict,
    /// What was tried and found.
    pub reason: String,
}

/// What came of registering subjects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// How many the list did not have before.
    pub added: u64,
    pub refused: Vec<RefusedSubject>,
}

/// What watch lists are kept and told with.
#[derive(Clone)]
pub struct Watching {
    pub catalogue: Arc<Catalogue>,
    pub store: Store,
    pub live: Arc<Live>,
    pub clock: Clock,
    /// Who is told of whose lists.
    pub targets: Arc<Vec<WatchTarget>>,
}

impl Watching {
    /// Begins a list for who asks, in his role and for his areas and body.
    pub async fn create(&self, view: &View, new: NewList) -> Result<WatchList, NotWatched> {
        let text = |key: &str, text: &str| {
            let text = hidden(text.trim());
            match (1..=TEXT_CHARS_MAX).contains(&text.chars().count()) {
                true => Ok(text),
                false => Err(NotWatched::Invalid(format!(
                    "{key}: 1 to {TEXT_CHARS_MAX} characters expected"
                ))),
            }
        };
        let viewer = view.viewer();
        let reference = new.reference.as_deref();
        let list = NewWatchList {
            owner: viewer.client(),
            request: digest_of(&[&viewer.client(), &new.key]),
            viewer: viewer.clone(),
            title: text("title", &new.title)?,
            purpose: text("purpose", &new.purpose)?,
            reference: reference.map(|one| text("reference", one)).transpose()?,
            since: view.version(),
        };
        let made = self.store.create_watch_list(list, self.clock.now()).await?;
        made.ok_or(NotWatched::TooManyLists)
    }

    /// The list with this number, if it is the viewer's.
    pub async fn find(&self, viewer: &Viewer, id: i64) -> Result<Option<WatchList>, store::Error> {
        self.store.watch_list(&viewer.client(), id).await
    }

    /// A viewer's lists, the newest first, from behind one, at most `limit`.
    pub async fn lists(
        &self,
        viewer: &Viewer,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<WatchList>, store::Error> {
        self.store
            .watch_lists(&viewer.client(), before, limit)
            .await
    }

    /// How many lists a viewer has had.
    pub async fn count(&self, viewer: &Viewer) -> Result<u64, store::Error> {
        self.store.count_watch_lists(&viewer.client()).await
    }

    /// Registers subjects. Each is told as a check tells it, and only a settled one that the viewer may check is
    /// taken in.
    pub async fn add(
        &self,
        view: &View,
        list: i64,
        inputs: &[CheckInput],
    ) -> Result<Registered, NotWatched> {
        let list = self.own(view, list, inputs.len()).await?;
        let (mut subjects, mut refused) = (Vec::new(), Vec::new());
        for (place, input) in (1..).zip(inputs) {
            match view.settled_body(&input.question(view)) {
                Ok(agency) => subjects.extend(self.subject(view, agency)),
                Err((verdict, told)) => refused.push(RefusedSubject {
                    place,
                    verdict,
                    reason: told.steps.join("；"),
                }),
            }
        }
        let now = self.clock.now();
        let written = self.store.add_watched(list.id, &subjects, now).await?;
        Ok(Registered {
            added: done(written)?,
            refused,
        })
    }

    fn subject(&self, view: &View, agency: i64) -> Option<Watched> {
        let known = view.present().agency(agency)?;
        Some(Watched {
            agency,
            uscc: known.fact.uscc.to_string(),
            since: view.version(),
            added_at: self.clock.now(),
        })
    }

    /// Takes the bodies with these codes out of a list; how many it had.
    pub async fn remove(
        &self,
        view: &View,
        list: i64,
        codes: &[String],
    ) -> Result<u64, NotWatched> {
        let list = self.own(view, list, codes.len()).await?;
        done(self.store.remove_watched(list.id, codes).await?)
    }

    /// Ends a list: nothing is told of it any more.
    pub async fn end(&self, view: &View, list: i64) -> Result<(), NotWatched> {
        let list = self.own(view, list, 0).await?;
        let written = self.store.end_watch_list(list.id, self.clock.now()).await?;
        done(written).map(|_| ())
    }

    /// What became of a list's subjects behind a cursor, up to the view's version.
    pub async fn changes(
        &self,
        view: &View,
        list: &WatchList,
        after: Option<&str>,
        limit: usize,
    ) -> Result<WatchPage, CursorError> {
        let request = WatchRequest {
            list,
            after,
            now: Some(self.clock.now()),
            limit,
            restricts: self.restricts(),
        };
        self.live.watch_page(view, request).await
    }

    /// Whether a measure is one against its subject, by its code.
    pub fn restricts(&self) -> Restricts {
        let catalogue = Arc::clone(&self.catalogue);
        Arc::new(move |code| {
            catalogue.casework.measures.scope(code) != Some(MeasureScope::Incentive)
        })
    }

    /// The viewer's list, where so many subjects may be named at once.
    async fn own(&self, view: &View, list: i64, named: usize) -> Result<WatchList, NotWatched> {
        if named > WATCH_BATCH_MAX {
            let reason = format!("subjects: at most {WATCH_BATCH_MAX}, found {named}");
            return Err(NotWatched::Invalid(reason));
        }
        let list = self.find(view.viewer(), list).await?;
        let list = list.ok_or(NotWatched::NotFound)?;
        match list.ended_at {
            None => Ok(list),
            Some(_) => Err(NotWatched::Ended),
        }
    }
}

fn done(written: WatchWritten) -> Result<u64, NotWatched> {
    match written {
        WatchWritten::Done(count) => Ok(count),
        WatchWritten::Ended => Err(NotWatched::Ended),
        WatchWritten::TooMany => Err(NotWatched::TooManySubjects),
    }
}
