//! Landing: what a delivery is, and its bytes kept before anything reads them.

use chrono::{DateTime, TimeDelta, Utc};
use domain::run::RunState;

use reqwest::Url;

use crate::{
    catalogue::{Extent, Source},
    config::Place,
    sources::{
        Charset, Checkpoints, LandError, Landed, PullError,
        exchange::{self, ExchangeError},
        imap::{self, ImapError},
        pull_pages,
    },
    store::{self, NewRun, RawFile},
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
}

/// How a place is reached.
enum Channel {
    Http(Url),
    Exchange,
    Imap,
}

/// Tells the channel by the address, and whether the source has anything to say about it.
fn channel(source: &Source, place: &Place) -> Result<Channel, String> {
    let Some(url) = &place.url else {
        return Err("no address is configured".to_owned());
    };
    // The address is not repeated: there may be a password inside.
    let url = Url::parse(url).map_err(|error| format!("the address is none: {error}"))?;
    match url.scheme() {
        "http" | "https" if source.pull.is_empty() => {
            Err("its description names no list to pull".to_owned())
        }
        "http" | "https" => Ok(Channel::Http(url)),
        "postgres" | "postgresql" | "mysql" | "mariadb" | "sqlite" | "imap" | "imaps"
            if source.extent == Extent::Full =>
        {
            // A full delivery withdraws what it lacks, and these bring what is new.
            Err("it is read behind a checkpoint, expected extent = \"delta\"".to_owned())
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
        if let From::Place(place) = &order.from {
            channel(source, place).map_err(|reason| Error::Place {
                key: key.clone(),
                reason,
            })?;
        }
        // The end of today is now: what is said of today must not outlast tomorrow's list.
        let data_as_of = order
            .as_of
            .map_or(started_at, |as_of| as_of.min(started_at));
        let mut new = NewRun {
            source: key.clone(),
            feed: feed.to_owned(),
            is_full: source.extent == Extent::Full && !order.partial,
            data_as_of,
            started_at,
            files: Vec::new(),
        };
        if let From::Approved(id) = order.from {
            let not_held = || store::Error::NotHeld {
                id,
                source_key: key.clone(),
            };
            let held = self.store.find_run(id).await?.ok_or_else(not_held)?;
            if held.source != *key || held.state != RunState::Held {
                return Err(not_held().into());
            }
            new.feed = held.feed;
            new.is_full = held.is_full;
            new.data_as_of = held.data_as_of;
            new.files = self.store.list_run_files(id).await?;
        }
        Ok(new)
    }

    /// Keeps the raw bytes of all files, and names them in the run.
    pub(super) async fn land(
        &self,
        source: &Source,
        order: &Order,
        new: &mut NewRun,
        progress: Progress<'_>,
    ) -> Result<Vec<Landed>, Unlanded> {
        let mut files = Vec::new();
        let landed = self
            .land_into(&mut files, source, order, new, progress)
            .await;
        // What came before a failure is kept and named too.
        new.files = files.iter().map(raw_file).collect();
        landed.map(|()| files)
    }

    async fn land_into(
        &self,
        files: &mut Vec<Landed>,
        source: &Source,
        order: &Order,
        new: &NewRun,
        progress: Progress<'_>,
    ) -> Result<(), Unlanded> {
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
            From::Place(place) => match channel(source, place).map_err(Unlanded::Place)? {
                Channel::Http(url) => {
                    for pull in &source.pull {
                        let told = |rows: u64| progress(rows as i64);
                        let (base, bearer) = (url.as_str(), place.secret.as_deref());
                        let pages =
                            pull_pages(&self.egress, &self.raw, base, bearer, source, pull, told);
                        files.extend(pages.await?);
                    }
                }
                Channel::Exchange => {
                    let (before, now) = (Checkpoints::new(), new.started_at);
                    let told = |rows: u64| progress(rows as i64);
                    let fetched = exchange::fetch(place, &self.raw, source, &before, now, told);
                    files.extend(fetched.await?.files);
                }
                Channel::Imap => {
                    let before = Checkpoints::new();
                    let told = |mails: u64| progress(mails as i64);
                    let fetched = imap::fetch(place, &self.raw, source, &before, told);
                    files.extend(fetched.await?.files);
                }
            },
            From::Approved(_) => files.extend(new.files.iter().map(landed)),
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
