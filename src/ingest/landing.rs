//! Landing: what a delivery is, and its bytes kept before anything reads them.

use chrono::{DateTime, TimeDelta, Utc};
use domain::run::RunState;

use reqwest::Url;
use sha2::{Digest, Sha256};

use crate::{
    catalogue::{Extent, Pull, Source},
    clock::Clock,
    config::Place,
    sources::{
        self, Charset, Checkpoints, Fetched, Journal, LandError, Landed, Landing, PullError,
        exchange::{self, ExchangeError},
        imap::{self, ImapError},
    },
    store::{self, Delivery, NewRun, RawFile, Run},
};

use super::{
    Error, From, Ingest, Order, Progress, ReadSoFar,
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

impl Unlanded {
    /// Whether it was the way that failed, and what came by it before is as good as ever.
    pub(super) fn is_of_the_way(&self) -> bool {
        match self {
            Self::Pull(error) => {
                matches!(error, PullError::Fetch { .. } | PullError::Land { .. })
            }
            Self::Exchange(error) => !matches!(error, ExchangeError::Stuck { .. }),
            Self::Imap(_) | Self::Store(_) => true,
            Self::File(error) => error.may_pass(),
            Self::Place(_) => false,
        }
    }
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
        let mut from = None;
        if let From::Place(place) = &order.from {
            let channel = channel(source, place).map_err(|reason| Error::Place {
                key: key.clone(),
                reason,
            })?;
            is_full &= !channel.is_delta();
            from = Some(place_digest(source, place, order, is_full));
        }
        // The end of today is now: what is said of today must not outlast tomorrow's list.
        let data_as_of = order
            .as_of
            .map_or(started_at, |as_of| as_of.min(started_at));
        let mut new = NewRun {
            source: key.clone(),
            feed: feed.to_owned(),
            is_full,
            place: from,
            reread_of: match order.from {
                From::Reread(id) => Some(id),
                _ => None,
            },
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
            new.is_full &= !order.partial;
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
            let gone = self.raw.why_gone(&file.digest).await;
            if let Some(gone) = gone.map_err(Error::Land)? {
                let reason = format!("its file {} (SHA-256 {}) {gone}", file.name, file.digest);
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

    /// Keeps the raw bytes of what lies here, and names it in the run; what is fetched comes later.
    pub(super) async fn land(
        &self,
        source: &Source,
        order: &Order,
        new: &mut NewRun,
    ) -> Result<Fetched, Unlanded> {
        let mut fetched = Fetched::default();
        match &order.from {
            From::Files(paths) => {
                let bytes_max = source.bounds.file_bytes_max;
                let raw = self.raw.of(source.key.get_ref());
                for path in paths {
                    let landed = raw.land_file(path, bytes_max).await;
                    // What came before a failure is kept and named too.
                    new.files.extend(landed.as_ref().ok().map(raw_file));
                    fetched.files.push(landed?);
                }
            }
            From::Place(_) => {}
            From::Approved(_) | From::Reread(_) => {
                fetched.files.extend(new.files.iter().map(landed));
            }
        }
        Ok(fetched)
    }

    /// Fetches what a place has to give, from where its feed was read to, and goes on with what an
    /// interrupted run had landed. A run that is only tried writes nothing there.
    pub(super) async fn fetch(
        &self,
        source: &Source,
        (place, is_tried): (&Place, bool),
        new: &NewRun,
        delivery: &mut Delivery,
        progress: Progress<'_>,
    ) -> Result<Fetched, Unlanded> {
        let mut before = self.store.find_checkpoints(&new.source, &new.feed).await?;
        let (mut files, mut begun_at, mut warnings) = (Vec::new(), None, Vec::new());
        let earlier = delivery.earlier.take();
        if let Some(earlier) = &earlier {
            files.extend(earlier.files.iter().map(landed));
            begun_at = Some(earlier.data_as_of);
            warnings.push(format!(
                "it goes on with run {}, which was interrupted: {} of its files had landed",
                earlier.run,
                files.len()
            ));
        }
        if let Some(whole) = earlier.as_ref().filter(|earlier| earlier.is_whole) {
            return Ok(Fetched {
                files,
                checkpoints: whole.checkpoints.clone(),
                warnings,
            });
        }
        let journal = Noting {
            delivery,
            clock: &self.clock,
        };
        let told = |rows: u64| {
            progress(ReadSoFar {
                rows: rows as i64,
                ..ReadSoFar::default()
            });
        };
        let channel = channel(source, place).map_err(Unlanded::Place)?;
        let raw = self.raw.of(source.key.get_ref());
        let mut landing = match channel {
            // Pages are walked through again, as far as they had landed.
            Channel::Http { .. } => Landing::over(&raw, journal, files),
            // What is read from a checkpoint on goes on from the one that was reached.
            Channel::Exchange | Channel::Imap => {
                before.extend(earlier.into_iter().flat_map(|earlier| earlier.checkpoints));
                Landing::behind(&raw, journal, files)
            }
        };
        landing.fetched.warnings = warnings;
        match channel {
            Channel::Http { url, lists } => {
                let service = sources::service(&self.egress, source, place, &self.clock)
                    .map_err(|error| Unlanded::Place(error.to_string()))?;
                let lists = (source, lists.as_slice());
                let land = &mut landing;
                sources::pull(&service, land, &url, lists, &before, begun_at, told).await?;
            }
            Channel::Exchange => {
                // What an earlier run could not tell, having ended too soon.
                if !is_tried {
                    let untold = self.tell_feedback(source, &new.feed, place).await?;
                    landing.fetched.warnings.extend(untold);
                }
                let now = new.started_at;
                exchange::fetch(place, &mut landing, source, &before, now, told).await?;
            }
            Channel::Imap => imap::fetch(place, &mut landing, source, &before, told).await?,
        }
        let fetched = landing.fetched;
        delivery
            .note_whole(&fetched.checkpoints, self.clock.now())
            .await?;
        Ok(fetched)
    }
}

/// Notes in the run what lands.
struct Noting<'a> {
    delivery: &'a Delivery,
    clock: &'a Clock,
}

impl Journal for Noting<'_> {
    async fn landed(
        &mut self,
        at: usize,
        file: &Landed,
        so_far: &Checkpoints,
    ) -> Result<(), String> {
        let (file, now) = (raw_file(file), self.clock.now());
        let noted = self.delivery.note_landed(at, &file, so_far, now).await;
        noted.map_err(|error| error.to_string())
    }

    async fn left_aside(&mut self, from: usize) -> Result<(), String> {
        let left = self.delivery.leave_aside(from).await;
        left.map_err(|error| error.to_string())
    }
}

/// What is fetched, and how: an interrupted run is gone on with only where all of it is as it was. It is
/// taken of debugging forms: should those ever change, something is fetched once more, and nothing else
/// happens.
fn place_digest(source: &Source, place: &Place, order: &Order, is_full: bool) -> String {
    let how = (&source.pull, &source.exchange, &source.mailbox);
    let what = (&place.url, &place.lists, order.as_of, is_full);
    crate::hex(&Sha256::digest(format!("{how:?} {what:?}")))
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
