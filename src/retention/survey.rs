//! Whether keys and objects of raw deliveries belong together: for the doctor.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::TryStreamExt;

use crate::{
    catalogue::Catalogue,
    raw_key::KeyRing,
    sources::RawStore,
    store::{RawLook, RawPlace, Store},
};

use super::{BATCH, Error, ends};

/// What is over is erased within a day; what is not by then, nobody erases.
const LATE: TimeDelta = TimeDelta::days(2);

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Objects that can be read.
    pub objects: u64,
    /// Of these, kept before objects were sealed.
    pub unsealed: u64,
    /// Sealed objects of which nobody has the key, with the digest of one.
    pub without_key: Found,
    /// Keys whose object is not in the store.
    pub without_object: Found,
    /// Objects whose key is destroyed and that still stand.
    pub unremoved: Found,
    /// Objects that are kept for longer than their sources' periods.
    pub overdue: Found,
    /// Keys under a key-encryption key that the file does not have.
    pub unknown_kek: Found,
    /// Keys under another key-encryption key than the newest.
    pub earlier_kek: u64,
}

/// How many, and one of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub count: u64,
    pub one: Option<String>,
}

impl Found {
    fn note(&mut self, digest: &str) {
        self.count += 1;
        self.one.get_or_insert_with(|| digest.to_owned());
    }
}

/// Compares the raw store with the database.
pub async fn survey(
    (store, raw): (&Store, &RawStore),
    ring: Option<&KeyRing>,
    catalogue: &Catalogue,
    now: DateTime<Utc>,
) -> Result<Survey, Error> {
    let mut standing = HashSet::new();
    let mut listed = std::pin::pin!(raw.list());
    while let Some(object) = listed.try_next().await? {
        standing.insert((object.digest, object.generation));
    }
    let mut found = Survey::default();
    let mut behind: Option<RawPlace> = None;
    loop {
        let keys = store.list_raw_keys(RawLook::All, behind.as_ref(), BATCH as u64);
        let keys = keys.await?;
        let Some(last) = keys.last() else { break };
        behind = Some((last.digest.clone(), last.generation));
        let mut live = Vec::new();
        for key in keys {
            let stands = standing.remove(&(key.digest.clone(), key.generation));
            match (&key.erasure, stands) {
                (Some(_), true) => found.unremoved.note(&key.digest),
                (Some(_), false) => {}
                (None, false) => found.without_object.note(&key.digest),
                (None, true) if key.wrapped.is_none() => {
                    match raw.is_first_sealed(&key.digest).await? {
                        true => found.without_key.note(&key.digest),
                        false => found.unsealed += 1,
                    }
                    found.objects += 1;
                }
                (None, true) => found.objects += 1,
            }
            if let Some(wrapped) = &key.wrapped {
                match ring {
                    Some(ring) if ring.newest() == wrapped.kek => {}
                    Some(ring) if ring.has(&wrapped.kek) => found.earlier_kek += 1,
                    _ => found.unknown_kek.note(&key.digest),
                }
            }
            if key.erasure.is_none() && stands {
                live.push(key);
            }
        }
        for (key, end) in ends(store, catalogue, live).await? {
            if end.at + LATE <= now {
                found.overdue.note(&key.digest);
            }
        }
    }
    // What is left nothing knows.
    for (digest, generation) in standing {
        match generation > 0 || raw.is_first_sealed(&digest).await? {
            true => found.without_key.note(&digest),
            false => {
                found.objects += 1;
                found.unsealed += 1;
            }
        }
    }
    Ok(found)
}

impl Survey {
    /// One sentence; an error names what is wrong.
    pub fn told(&self) -> Result<String, String> {
        let wrong = [
            (
                &self.without_key,
                "sealed objects have no key in the database",
            ),
            (&self.without_object, "keys have no object in the raw store"),
            (
                &self.unremoved,
                "objects still stand though their key is destroyed",
            ),
            (
                &self.overdue,
                "objects are kept for longer than their sources' raw_days",
            ),
            (
                &self.unknown_kek,
                "keys are wrapped by a key that hub.raw_key_file does not have",
            ),
        ];
        let wrong = wrong.into_iter().filter(|(found, _)| found.count > 0);
        let wrong: Vec<String> = wrong
            .map(|(found, what)| {
                let one = found.one.as_deref().unwrap_or_default();
                format!("{} {what}, such as {one}", found.count)
            })
            .collect();
        if !wrong.is_empty() {
            return Err(wrong.join("; "));
        }
        let mut told = vec![format!("{} objects", self.objects)];
        if self.unsealed > 0 {
            told.push(format!(
                "{} of them kept before objects were sealed",
                self.unsealed
            ));
        }
        if self.earlier_kek > 0 {
            told.push(format!(
                "{} keys under an earlier key-encryption key; `zhengxin raw rewrap` moves them",
                self.earlier_kek
            ));
        }
        Ok(told.join("; "))
    }
}
