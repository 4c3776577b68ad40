//! Bringing in what lies in a drop folder, and putting it away: brought in, held or refused, with a
//! report beside it. What is interrupted before it is put away is brought in again, which is harmless.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use domain::{date::china_offset, run::RunState};
use serde_json::json;

use crate::{
    catalogue::{Extent, Source},
    config::Place,
    ingest::{Error, From, Ingest, Order, Progress, Report},
    sources::{AFTERWARDS, DropFolder, Dropped, LandError, Look},
};

/// Bytes of a name that are kept where it is put away, its end: a file system takes 255, and a mark
/// and an ending are added.
const NAME_BYTES_MAX: usize = 180;
/// Names that are tried for a delivery that has no run.
const MARKS_MAX: u32 = 1_000;

/// A source's drop folder.
#[derive(Clone)]
pub struct Drops {
    ingest: Ingest,
    source: Source,
    feed: Option<String>,
    folder: Arc<Mutex<DropFolder>>,
}

/// What became of a dropped delivery.
pub enum Brought {
    /// There was a run; this is its report.
    Report(Box<Report>),
    /// It can't be one, for this reason.
    Refused(String),
    /// It stays where it is, for this reason.
    Later(String),
    /// Nothing can be brought in now: the database or the raw store is away, or somebody else brings
    /// this source in.
    Away(String),
}

impl Drops {
    /// The drop folder of a source; none where none is configured.
    pub fn of(ingest: &Ingest, source: &Source, place: &Place) -> Option<Self> {
        let folder = place.folder.as_ref()?;
        Some(Self {
            ingest: ingest.clone(),
            source: source.clone(),
            feed: place.feed.clone(),
            folder: Arc::new(Mutex::new(DropFolder::new(folder))),
        })
    }

    /// What lies there. `at_once` takes files for complete that were not seen resting.
    pub async fn look(&self, at_once: bool) -> io::Result<Look> {
        let now = self.ingest.clock.now();
        self.on_folder(move |folder| folder.look(now, at_once))
            .await?
    }

    /// Brings one delivery in and puts it away. What `asked` says goes before what the delivery
    /// says of itself, and that before what is configured.
    pub async fn bring(&self, dropped: &Dropped, asked: &Order, progress: Progress<'_>) -> Brought {
        let it = dropped.clone();
        if !matches!(
            self.on_folder(move |folder| folder.has_changed(&it)).await,
            Ok(false)
        ) {
            return Brought::Later("it was written or taken away meanwhile".to_owned());
        }
        let said = match &dropped.sidecar {
            Ok(said) => said,
            Err(reason) => return self.refuse(dropped, asked, reason.clone()).await,
        };
        if said.extent == Some(Extent::Full) && self.source.extent == Extent::Delta {
            let reason = "it says extent = \"full\", and the source delivers only what changed";
            return self.refuse(dropped, asked, reason.to_owned()).await;
        }
        let order = Order {
            source: self.source.key.get_ref().clone(),
            feed: asked
                .feed
                .clone()
                .or_else(|| said.feed.clone())
                .or_else(|| self.feed.clone()),
            from: From::Files(dropped.files.clone()),
            as_of: asked.as_of.or(said.as_of),
            partial: asked.partial || said.extent == Some(Extent::Delta),
            dry_run: asked.dry_run,
        };
        let report = match self.ingest.run(&order, progress).await {
            Ok(report) => report,
            Err(Error::Land(LandError::Read { source, .. }))
                if source.kind() == io::ErrorKind::NotFound =>
            {
                return Brought::Later("it was taken away meanwhile".to_owned());
            }
            // Another file may well be read, but none be kept.
            Err(Error::Land(error @ LandError::Read { .. })) => {
                return Brought::Later(error.to_string());
            }
            Err(Error::Land(error)) if error.may_pass() => {
                return Brought::Away(error.to_string());
            }
            Err(error @ (Error::Land(_) | Error::Feed | Error::Future)) => {
                return self.refuse(dropped, asked, error.to_string()).await;
            }
            Err(error) => return Brought::Away(error.to_string()),
        };
        if !order.dry_run {
            let folder = match report.outcome {
                Some(RunState::Done | RunState::Partly) => AFTERWARDS[0],
                Some(RunState::Held) => AFTERWARDS[1],
                _ => AFTERWARDS[2],
            };
            let told = serde_json::to_value(&report).expect("a report always serialises");
            self.put_away(dropped, folder, report.run.to_string(), told)
                .await;
        }
        Brought::Report(Box::new(report))
    }

    async fn refuse(&self, dropped: &Dropped, asked: &Order, reason: String) -> Brought {
        if !asked.dry_run {
            let now = self.ingest.clock.now().with_timezone(&china_offset());
            let mark = now.format("%Y%m%dT%H%M%S").to_string();
            let told = json!({
                "source": self.source.key.get_ref(),
                "state": RunState::Failed.as_str(),
                "message": reason,
            });
            self.put_away(dropped, AFTERWARDS[2], mark, told).await;
        }
        Brought::Refused(reason)
    }

    /// Moves it into one of the folders beside it. What can't be moved stays, and is not brought in
    /// again by this process unless somebody writes it.
    async fn put_away(
        &self,
        dropped: &Dropped,
        into: &'static str,
        mark: String,
        told: serde_json::Value,
    ) {
        let it = dropped.clone();
        let put = self.on_folder(move |folder| {
            // Somebody wrote it meanwhile: what lies there now is another delivery.
            if folder.has_changed(&it) {
                return Ok(());
            }
            let put = put(&folder.path().join(into), &mark, &it, &told);
            if put.is_err() {
                folder.leave(&it);
            }
            put
        });
        if let Ok(Err(error)) | Err(error) = put.await {
            tracing::error!(
                source = %self.source.key.get_ref(), delivery = %dropped.name.display(), %error,
                "what was dropped can't be put away"
            );
        }
    }

    async fn on_folder<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut DropFolder) -> T + Send + 'static,
    ) -> io::Result<T> {
        let folder = Arc::clone(&self.folder);
        let done = tokio::task::spawn_blocking(move || {
            work(&mut folder.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.map_err(io::Error::other)
    }
}

/// Moves all entries of a delivery, and writes its report first: a delivery without one would be a
/// riddle, a report without its delivery is told by the next.
fn put(folder: &Path, mark: &str, it: &Dropped, told: &serde_json::Value) -> io::Result<()> {
    fs::create_dir(folder).or_else(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Ok(()),
        _ => Err(error),
    })?;
    if !fs::symlink_metadata(folder)?.is_dir() {
        let reason = format!("{} is no folder", folder.display());
        return Err(io::Error::other(reason));
    }
    let marks = (1..=MARKS_MAX).map(|number| match number {
        1 => mark.to_owned(),
        _ => format!("{mark}_{number}"),
    });
    let name = it.name.to_string_lossy();
    let is_free = |mark: &String| {
        let target = target(folder, mark, &name);
        let report = target.with_added_extension("report.json");
        [target, report]
            .iter()
            .all(|path| fs::symlink_metadata(path).is_err())
    };
    let mark = marks
        .into_iter()
        .find(is_free)
        .ok_or_else(|| io::Error::other("all names for it are taken"))?;
    let report = target(folder, &mark, &name).with_added_extension("report.json");
    fs::write(report, format!("{told:#}\n"))?;
    for entry in &it.entries {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        fs::rename(entry, target(folder, &mark, &name))?;
    }
    Ok(())
}

fn target(folder: &Path, mark: &str, name: &str) -> PathBuf {
    let start = name.ceil_char_boundary(name.len().saturating_sub(NAME_BYTES_MAX));
    folder.join(format!("{mark}-{}", &name[start..]))
}
