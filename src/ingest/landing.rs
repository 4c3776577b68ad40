//! Landing: what a delivery is, and its bytes kept before anything reads them.

use chrono::{DateTime, TimeDelta, Utc};
use domain::run::RunState;

use reqwest::Url;

use crate::{
    catalogue::{Extent, Pull, Source},
    config::Place,
    sources::{
        self, Charset, Fetched, LandError, Landed, PullError,
        exchange::{self, ExchangeError},
        imap::{self, ImapError},
    },
    store::{self, NewRun, RawFile, Run},
};

use super::{
    Error, From, Ingest, Order, Progress,
    order::{FEED_CHARS_MAX, FEED_DEFAULT},
};

/// How far ahead a delivery's day may end.
const AS_OF_AHEAD_MAX: TimeDelta = TimeDelta::hours(24);

/// Why the bytes could not be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unlanded {
    #[error(transparent)]
    File(#[from] LandError),
    #[error(transparent)]
    Pull(#[from] PullError),
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    #[error(transparent)]
    Imap(#[from] ImapError),
    #[error("{0}")]
    Place(String),
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// How a place is reached.
enum Channel<'a> {
    Http { url: Url, lists: Vec<&'a Pull> },
    Exchange,
    Imap,
}

impl Channel<'_> {
    /// Whether it brings changes only, whatever its source usually says.
    fn is_delta(&self) -> bool {
        match self {
            Self::Http { lists, .. } => lists.iter().any(|list| list.extent == Some(Extent::Delta)),
            // They are read from a checkpoint on.
            Self::Exchange | Self::Imap => true,
        }
    }
}

/// Tells the channel by the address, and whether the source has anything to say about it.
fn channel<'a>(source: &'a Source, place: &Place) -> Result<Channel<'a>, String> {
    let Some(url) = &place.url else {
        return Err("no address is configured".to_owned());
    };
    // The address is not repeated: there may be a password inside.
    let url = Url::parse(url).map_err(|error| format!("the address is none: {error}"))?;
    match url.scheme() {
        "http" | "https" if source.pull.is_empty() => {
            Err("its description names no list to pull".to_owned())
        }
        "http" | "https" => {
            let lists = source.lists(&place.lists)?;
            Ok(Channel::Http { url, lists })
        }
        "postgres" | "postgresql" | "mysql" | "mariadb" | "sqlite" => Ok(Channel::Exchange),
        "imap" | "imaps" => Ok(Channel::Imap),
        scheme => Err(format!("addresses of the kind {scheme:?} are not known")),
    }
}

impl Ingest {
    /// What run this will be.
    pub(super) async fn new_run(
        &self,
        source: &Source,
        order: &Order,
        started_at: DateTime<Utc>,
    ) -> Result<NewRun, Error> {
        let key = source.key.get_ref();
        let is_ahead = |as_of| as_of > started_at + AS_OF_AHEAD_MAX;
        if order.as_of.is_some_and(is_ahead) {
            return Err(Error::Future);
        }
        let feed = order.feed.as_deref().unwrap_or(FEED_DEFAULT);
        if !(1..=FEED_CHARS_MAX).contains(&feed.chars().count()) {
            return Err(Error::Feed);
        }
        let mut is_full = source.extent == Extent::Full && !order.partial;
        if let From::Place(place) = &order.from {
            let channel = channel(source, place).map_err(|reason| Error::Place {
                key: key.clone(),
                reason,
            })?;
            is_full &= !channel.is_delta();
        }
        // The end of today is now: what is said of today must not outlast tomorrow's list.
        let data_as_of = order
            .as_of
            .map_or(started_at, |as_of| as_of.min(started_at));
        let mut new = NewRun {
            source: key.clone(),
            feed: feed.to_owned(),
            is_full,
            is_fetched: matches!(order.from, From::Place(_)),
            data_as_of,
            started_at,
            files: Vec::new(),
        };
        if let From::Approved(id) = order.from {
            let held = self.held_run(key, id).await?;
            new.feed = held.feed;
            new.is_full = held.is_full;
            new.data_as_of = held.data_as_of;
            new.files = self.store.list_run_files(id).await?;
        }
        if let From::Reread(id) = order.from {
            self.reread(id, &mut new).await?;
        }
        Ok(new)
    }

    /// Makes the run one of the same delivery as an earlier one, whose raw files must all be there.
    async fn reread(&self, id: i64, new: &mut NewRun) -> Result<(), Error> {
        let refused = |reason: String| Error::Reread {
            run: id,
            key: new.source.clone(),
            reason,
        };
        let run = self.store.find_run(id).await?;
        let Some(run) = run.filter(|run| run.source == new.source) else {
            return Err(refused("there is no such run".to_owned()));
        };
        if run.state == RunState::Running {
            return Err(refused("it has not ended".to_owned()));
        }
        let files = self.store.list_run_files(id).await?;
        if files.is_empty() {
            return Err(refused("it kept no file".to_owned()));
        }
        for file in &files {
            if !self.raw.holds(&file.digest).await.map_err(Error::Land)? {
                let reason = format!(
                    "its file {} (SHA-256 {}) is no longer in the raw store",
                    file.name, file.digest
                );
                return Err(refused(reason));
            }
        }
        new.feed = run.feed;
        new.is_full = run.is_full;
        new.data_as_of = run.data_as_of;
        new.files = files;
        Ok(())
    }

    /// The run of this source that is held.
    pub(super) async fn held_run(&self, source: &str, id: i64) -> store::Result<Run> {
        let found = self.store.find_run(id).await?;
        let is_held = |run: &Run| run.source == source && run.state == RunState::Held;
        found.filter(is_held).ok_or_else(|| store::Error::NotHeld {
            id,
            source_key: source.to_owned(),
        })
    }

    /// Keeps the raw bytes of all files, and names them in the run.
    pub(super) async fn land(
        &self,
        source: &Source,
        order: &Order,
        new: &mut NewRun,
        progress: Progress<'_>,
    ) -> Result<Fetched, Unlanded> {
        let mut fetched = Fetched::default();
        let landed = self
            .land_into(&mut fetched, source, order, new, progress)
            .await;
        // What came before a failure is kept and named too.
        new.files = fetched.files.iter().map(raw_file).collect();
        landed.map(|()| fetched)
    }

    async fn land_into(
        &self,
        fetched: &mut Fetched,
        source: &Source,
        order: &Order,
        new: &NewRun,
        progress: Progress<'_>,
    ) -> Result<(), Unlanded> {
        let files = &mut fetched.files;
        match &order.from {
            From::Files(paths) => {
                for path in paths {
                    files.push(
                        self.raw
                            .land_file(path, source.bounds.file_bytes_max)
                            .await?,
                    );
                }
            }
            From::Place(place) => self.fetch(fetched, source, place, new, progress).await?,
            From::Approved(_) | From::Reread(_) => files.extend(new.files.iter().map(landed)),
        }
        Ok(())
    }

    /// Fetches what a place has to give, from where its feed was read to.
    async fn fetch(
        &self,
        fetched: &mut Fetched,
        source: &Source,
        place: &Place,
        new: &NewRun,
        progress: Progress<'_>,
    ) -> Result<(), Unlanded> {
        let before = self.store.find_checkpoints(&new.source, &new.feed).await?;
        let told = |rows: u64| progress(rows as i64);
        match channel(source, place).map_err(Unlanded::Place)? {
            Channel::Http { url, lists } => {
                let service = sources::service(&self.egress, source, place, &self.clock)
                    .map_err(|error| Unlanded::Place(error.to_string()))?;
                let source = (source, lists.as_slice());
                sources::pull(&service, &self.raw, &url, source, &before, fetched, told).await?;
            }
            Channel::Exchange => {
                // What an earlier run could not tell, having ended too soon.
                let last = self.store.list_runs(&new.source, None, 1).await?;
                if let Some(last) = last
                    .first()
                    .filter(|last| last.feed == new.feed && last.state.is_in())
                {
                    let told = self.tell_feedback(source, place, last.id, &[]).await?;
                    fetched.warnings.extend(told);
                }
                let (raw, now) = (&self.raw, new.started_at);
                let new = exchange::fetch(place, raw, source, &before, now, told).await?;
                fetched.files = new.files;
                fetched.checkpoints = new.checkpoints;
                fetched.warnings.extend(new.warnings);
            }
            Channel::Imap => {
                *fetched = imap::fetch(place, &self.raw, source, &before, told).await?;
            }
        }
        Ok(())
    }
}

/// The name under which a file without a charset is kept.
const NO_CHARSET: &str = "unknown";

fn raw_file(landed: &Landed) -> RawFile {
    let charset = landed
        .charset
        .as_ref()
        .map_or(NO_CHARSET, |charset| charset.as_str());
    RawFile {
        name: landed.name.clone(),
        digest: landed.digest.clone(),
        bytes: landed.bytes as i64,
        charset: charset.to_owned(),
    }
}

fn landed(file: &RawFile) -> Landed {
    Landed {
        charset: Charset::named(&file.charset).ok_or_else(|| "has no charset".to_owned()),
        name: file.name.clone(),
        digest: file.digest.clone(),
        bytes: file.bytes as u64,
    }
}
