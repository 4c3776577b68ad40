//! File packages: rows in a file, and a manifest that makes it complete.
//!
//! A package is written into a spool first, noted as leaving, and handed over by renaming. So after
//! a kill a file in the spool was not handed over, and one that was noted and is not there was:
//! even where the platform has collected it meanwhile, it is not made a second time.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    catalogue::{Feedback, Layout, Package, PackageForm},
    config::Place,
    store::Outgoing,
};

use super::{Error, Outbound, message::Message, round::Claim, rows, trial::Trial};

/// Where packages are written before they are handed over, inside the platform's folder.
const SPOOL: &str = ".outgoing";
/// Hexadecimal digits of a package's digest in its name.
const DIGEST_CHARS: usize = 16;

/// The folder that a platform collects packages from.
#[derive(Clone)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    layout: Package,
    columns: Vec<String>,
}

/// A package: its name, and its file and manifest in the order in which they are handed over.
pub(super) struct Parcel {
    pub name: String,
    files: Vec<(String, Vec<u8>)>,
}

impl Folder {
    pub(super) fn new(key: &str, layout: &Layout, place: &Place) -> Result<Self, Error> {
        let package = layout.package.clone().ok_or(Error::Channel {
            target: key.to_owned(),
            channel: "package",
        })?;
        let path = place.folder.clone().ok_or(Error::Place {
            target: key.to_owned(),
            expected: "place.folder",
        })?;
        Ok(Self {
            path,
            layout: package,
            columns: layout.columns().map(|column| column.name.clone()).collect(),
        })
    }

    pub(super) fn rows_max(&self) -> usize {
        self.layout.rows_max
    }

    pub(super) fn feedback(&self) -> Option<&Feedback> {
        self.layout.feedback.as_ref()
    }

    /// Makes a package. The same rows on the same day make the same package.
    pub(super) fn parcel(&self, messages: &[Message], day: NaiveDate) -> Parcel {
        let content = match &self.layout.form {
            PackageForm::Csv => rows::csv(&self.columns, messages),
            PackageForm::Xml { root, row } => rows::xml(&self.columns, messages, (root, row)),
        };
        let digest = crate::hex(&Sha256::digest(&content));
        let name = self
            .layout
            .name
            .replace("{date}", &day.format("%Y%m%d").to_string())
            .replace("{digest}", &digest[..DIGEST_CHARS]);
        let file = self.file(&name);
        let manifest = &self.layout.manifest;
        let told: Map<String, Value> = [
            (manifest.file.clone(), file.clone().into()),
            (manifest.rows.clone(), messages.len().into()),
            (manifest.digest.clone(), digest.into()),
        ]
        .into_iter()
        .collect();
        let told = format!("{}\n", Value::Object(told)).into_bytes();
        let files = vec![(file, content), (self.manifest(&name), told)];
        Parcel { name, files }
    }

    fn file(&self, name: &str) -> String {
        match self.layout.form {
            PackageForm::Csv => format!("{name}.csv"),
            PackageForm::Xml { .. } => format!("{name}.xml"),
        }
    }

    fn manifest(&self, name: &str) -> String {
        format!("{name}{}", self.layout.manifest.suffix)
    }

    /// Writes a package into the spool, whole and durable.
    fn spool(&self, parcel: &Parcel) -> io::Result<()> {
        let spool = self.path.join(SPOOL);
        fs::create_dir_all(&spool)?;
        for (name, content) in &parcel.files {
            let part = spool.join(format!("{name}.part"));
            let mut file = File::create(&part)?;
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&part, spool.join(name))?;
        }
        File::open(&spool)?.sync_all()
    }

    /// Moves what stands in the spool under a package's name to where the platform collects it, the
    /// manifest last. What is not there was moved before.
    fn hand_over(&self, name: &str) -> io::Result<()> {
        for file in [self.file(name), self.manifest(name)] {
            let (from, to) = (self.path.join(SPOOL).join(&file), self.path.join(&file));
            if !from.try_exists()? {
                continue;
            }
            if !to.try_exists()? {
                fs::rename(&from, &to)?;
            } else if fs::read(&from)? == fs::read(&to)? {
                fs::remove_file(&from)?;
            } else {
                let reason = format!("{file} is there already, with another content");
                return Err(io::Error::new(io::ErrorKind::AlreadyExists, reason));
            }
        }
        File::open(&self.path)?.sync_all()
    }

    /// Removes a package from the spool that will not be handed over.
    fn discard(&self, name: &str) -> io::Result<()> {
        for file in [self.file(name), self.manifest(name)] {
            match fs::remove_file(self.path.join(SPOOL).join(&file)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Does something with files where that may block.
    async fn on_disk(
        &self,
        work: impl FnOnce(&Self) -> io::Result<()> + Send + 'static,
    ) -> Result<(), String> {
        let folder = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&folder)).await;
        done.map_err(|error| error.to_string())?
            .map_err(|error| format!("folder {}: {error}", shown(&self.path)))
    }
}

impl Outbound {
    /// Puts messages into one package and hands it over; what an earlier round had got to its
    /// package is brought to its end first.
    pub(super) async fn in_package(
        &self,
        folder: &Folder,
        claim: &Claim,
        rows: &[Outgoing],
        messages: &[Message],
    ) -> Result<Vec<Trial>, Error> {
        let mut trials: BTreeMap<i64, Trial> = BTreeMap::new();
        let mut fresh = Vec::new();
        let mut handed: BTreeMap<&str, Result<(), String>> = BTreeMap::new();
        for message in messages {
            let row = rows.iter().find(|row| row.id == message.id);
            let begun = row.and_then(|row| Some((row.package.as_deref()?, row.sent_at.is_some())));
            match begun.filter(|_| claim.is_open) {
                None => fresh.push(message.clone()),
                Some((name, false)) => {
                    let owned = name.to_owned();
                    // What can't be removed lies in the spool and is never handed over.
                    if let Err(error) = folder.on_disk(move |folder| folder.discard(&owned)).await {
                        tracing::warn!(error, package = name, "a package stays in the spool");
                    }
                    fresh.push(message.clone());
                }
                Some((name, true)) => {
                    if !handed.contains_key(name) {
                        let owned = name.to_owned();
                        let done = folder.on_disk(move |folder| folder.hand_over(&owned)).await;
                        handed.insert(name, done);
                    }
                    let trial = match &handed[name] {
                        Ok(()) => Trial::Sent,
                        Err(reason) => Trial::Open(reason.clone()),
                    };
                    trials.insert(message.id, trial);
                }
            }
        }
        if !fresh.is_empty() {
            let trial = self.hand_in(folder, claim, &fresh).await?;
            trials.extend(fresh.iter().map(|message| (message.id, trial.clone())));
        }
        Ok(messages
            .iter()
            .filter_map(|message| trials.remove(&message.id))
            .collect())
    }

    async fn hand_in(
        &self,
        folder: &Folder,
        claim: &Claim,
        messages: &[Message],
    ) -> Result<Trial, Error> {
        let parcel = folder.parcel(messages, self.clock.today());
        let (name, ids) = (
            parcel.name.clone(),
            messages
                .iter()
                .map(|message| message.id)
                .collect::<Vec<_>>(),
        );
        self.store.note_package(&claim.token, &ids, &name).await?;
        if let Err(reason) = folder.on_disk(move |folder| folder.spool(&parcel)).await {
            return Ok(Trial::Down(reason));
        }
        self.store
            .note_leaving(&claim.token, &ids, self.clock.now())
            .await?;
        Ok(
            match folder.on_disk(move |folder| folder.hand_over(&name)).await {
                Ok(()) => Trial::Sent,
                Err(reason) => Trial::Open(reason),
            },
        )
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
