//! The keys that wrap the keys of raw deliveries: in a file outside the database, so that neither it nor
//! the raw store alone gives anything away.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::{Digest, Sha256};

use crate::key_file;

/// Digits of a key's id.
const ID_CHARS: usize = 16;

/// Why the keys can't be had.
#[derive(Debug, thiserror::Error)]
#[error("the key file of raw deliveries {place}: {reason}")]
pub struct KeyFileError {
    place: String,
    reason: String,
}

/// Why a key can't be unwrapped.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("it is wrapped by the key {kek}, which {place} does not have (it has {known})")]
    Unknown {
        kek: String,
        place: String,
        known: String,
    },
    #[error("what the database has of it was changed, or belongs to another object")]
    Changed,
}

/// The keys of one file. The last one wraps; all of them unwrap.
#[derive(Clone)]
pub struct KeyRing(Arc<Inner>);

struct Inner {
    place: PathBuf,
    keys: Vec<Kek>,
}

struct Kek {
    id: String,
    key: LessSafeKey,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing({})", self.known())
    }
}

impl KeyRing {
    /// The keys in a file, one a line as 64 hexadecimal digits, the newest last.
    pub fn open(path: &Path) -> Result<Self, KeyFileError> {
        let failed = |reason: String| KeyFileError {
            place: path.display().to_string(),
            reason,
        };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let mut keys = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let key = key_file::parse(line).ok_or_else(|| {
                failed(format!(
                    "line {}: 64 hexadecimal digits are expected",
                    at + 1
                ))
            })?;
            keys.push(Kek::new(&key));
        }
        match keys.is_empty() {
            true => Err(failed("there is no key in it".to_owned())),
            false => Ok(Self(Arc::new(Inner {
                place: path.to_owned(),
                keys,
            }))),
        }
    }

    /// The same; a file with a fresh key is written where there is none.
    pub fn open_or_make(path: &Path) -> Result<Self, KeyFileError> {
        if !path.exists() {
            key_file::make(path).map_err(|error| KeyFileError {
                place: path.display().to_string(),
                reason: error.to_string(),
            })?;
        }
        Self::open(path)
    }

    /// The id of the key that wraps.
    pub fn newest(&self) -> &str {
        &self.0.keys.last().expect("there is a key").id
    }

    /// Whether a key is in the file.
    pub fn has(&self, kek: &str) -> bool {
        self.0.keys.iter().any(|key| key.id == kek)
    }

    /// Wraps the key of an object with this digest: the wrapping key's id, and nonce, key and tag.
    pub fn wrap(
        &self,
        digest: &str,
        key: &[u8; key_file::KEY_BYTES],
    ) -> Result<(String, Vec<u8>), getrandom::Error> {
        let kek = self.0.keys.last().expect("there is a key");
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce)?;
        let mut wrapped = key.to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        kek.key
            .seal_in_place_append_tag(unique, Aad::from(digest.as_bytes()), &mut wrapped)
            .expect("32 bytes are not too long");
        Ok((kek.id.clone(), [&nonce[..], &wrapped].concat()))
    }

    /// Unwraps the key of an object with this digest.
    pub fn unwrap(
        &self,
        digest: &str,
        kek: &str,
        wrapped: &[u8],
    ) -> Result<[u8; key_file::KEY_BYTES], Wrong> {
        let Some(kek) = self.0.keys.iter().find(|key| key.id == kek) else {
            return Err(Wrong::Unknown {
                kek: kek.to_owned(),
                place: self.0.place.display().to_string(),
                known: self.known(),
            });
        };
        let (nonce, sealed) = wrapped.split_first_chunk().ok_or(Wrong::Changed)?;
        let (nonce, mut sealed) = (Nonce::assume_unique_for_key(*nonce), sealed.to_vec());
        let aad = Aad::from(digest.as_bytes());
        let opened = kek.key.open_in_place(nonce, aad, &mut sealed);
        let opened = opened.map_err(|_| Wrong::Changed)?;
        <[u8; key_file::KEY_BYTES]>::try_from(&*opened).map_err(|_| Wrong::Changed)
    }

    /// The ids of all keys.
    pub fn ids(&self) -> Vec<&str> {
        self.0.keys.iter().map(|key| key.id.as_str()).collect()
    }

    fn known(&self) -> String {
        self.ids().join(", ")
    }
}

impl Kek {
    /// Its id says nothing of it: a part of its digest.
    fn new(key: &[u8; key_file::KEY_BYTES]) -> Self {
        let digest = Sha256::new()
            .chain_update(b"zhengxin raw key ")
            .chain_update(key)
            .finalize();
        let unbound = UnboundKey::new(&AES_256_GCM, key).expect("it has 32 bytes");
        Self {
            id: crate::hex(&digest)[..ID_CHARS].to_owned(),
            key: LessSafeKey::new(unbound),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn ring(folder: &Path, lines: &[&str]) -> Result<KeyRing, String> {
        let path = folder.join("raw.key");
        std::fs::write(&path, lines.join("\n")).expect("the folder is ours");
        KeyRing::open(&path).map_err(|error| error.to_string())
    }

    #[test]
    fn the_last_key_wraps_and_all_unwrap() {
        let folder = tempfile::tempdir().expect("a folder");
        let (old, new) = ("11".repeat(32), "2A".repeat(32));
        let before = ring(folder.path(), &[&old]).expect("good");
        let (kek, wrapped) = before.wrap("ab", &KEY).expect("it is wrapped");
        let after = ring(folder.path(), &["# of 2026", &old, "", &new]).expect("good");
        assert_eq!(after.unwrap("ab", &kek, &wrapped), Ok(KEY));
        let (newer, rewrapped) = after.wrap("ab", &KEY).expect("it is wrapped");
        assert_ne!(kek, newer);
        assert_eq!((newer.as_str(), after.has(&kek)), (after.newest(), true));
        assert_eq!(after.unwrap("ab", &newer, &rewrapped), Ok(KEY));
        // The file of before lacks the newer one, and says which.
        let error = before
            .unwrap("ab", &newer, &rewrapped)
            .expect_err("unknown");
        let text = error.to_string();
        assert!(
            text.contains(&newer) && text.contains(&kek) && text.contains("raw.key"),
            "{text}"
        );
    }

    #[test]
    fn a_wrapped_key_is_one_objects_and_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let ring = ring(folder.path(), &[&"11".repeat(32)]).expect("good");
        let (kek, wrapped) = ring.wrap("ab", &KEY).expect("it is wrapped");
        assert_eq!(ring.unwrap("ac", &kek, &wrapped), Err(Wrong::Changed));
        for at in 0..wrapped.len() {
            let mut changed = wrapped.clone();
            changed[at] ^= 1;
            assert_eq!(
                ring.unwrap("ab", &kek, &changed),
                Err(Wrong::Changed),
                "{at}"
            );
        }
        for short in [0, 5, 12, wrapped.len() - 1] {
            let cut = &wrapped[..short];
            assert_eq!(ring.unwrap("ab", &kek, cut), Err(Wrong::Changed), "{short}");
        }
    }

    #[test]
    fn what_is_no_key_file_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        for (lines, says) in [
            (&["abc"][..], "line 1"),
            (&["", "# none"], "no key"),
            (&[&"g".repeat(64)], "64 hexadecimal"),
        ] {
            let error = ring(folder.path(), lines).expect_err("it is none");
            assert!(error.contains(says) && error.contains("raw.key"), "{error}");
        }
        assert!(KeyRing::open(&folder.path().join("absent")).is_err());
    }
}
