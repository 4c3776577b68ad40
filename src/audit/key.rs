//! The key that signs checkpoints: Ed25519, in a file.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use domain::audit::{NoteKey, SignedNote};

use crate::key_file;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
#[error("the audit key {place}: {reason}")]
pub struct KeyError {
    place: String,
    reason: String,
}

impl KeyError {
    pub(super) fn of(path: &Path, reason: impl fmt::Display) -> Self {
        Self {
            place: path.display().to_string(),
            reason: reason.to_string(),
        }
    }
}

/// What signs.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    path: PathBuf,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey")
    }
}

impl SigningKey {
    /// The key in a file, if there is one.
    pub fn find(path: &Path) -> Result<Option<Self>, KeyError> {
        path.exists().then(|| Self::open(path)).transpose()
    }

    /// The key in a file of 64 hexadecimal digits; a fresh one is written where there is none.
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        let failed = |reason: String| KeyError::of(path, reason);
        if !path.exists() {
            key_file::make(path).map_err(|error| failed(error.to_string()))?;
        }
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let seed = key_file::parse(text.trim());
        let seed = seed.ok_or_else(|| failed("64 hexadecimal digits are expected".to_owned()))?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed);
        Ok(Self {
            pair: pair.map_err(|error| failed(error.to_string()))?,
            path: path.to_owned(),
        })
    }

    /// The file that it is in.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Its public half, under a name.
    pub fn public(&self, name: &str) -> NoteKey {
        let public = self.pair.public_key().as_ref();
        NoteKey {
            name: name.to_owned(),
            public: public.try_into().expect("an Ed25519 key has 32 bytes"),
        }
    }

    /// The note with its signature.
    pub fn sign(&self, name: &str, note: SignedNote) -> SignedNote {
        let signature = self.pair.sign(note.body.as_bytes()).as_ref().to_vec();
        note.signed_by(&self.public(name), signature)
    }
}

/// Whether a note bears a good signature by a key.
pub fn is_signed_by(note: &SignedNote, key: &NoteKey) -> bool {
    let public = UnparsedPublicKey::new(&ED25519, key.public);
    let mut signatures = note.signatures_of(key);
    signatures.any(|signature| public.verify(note.body.as_bytes(), signature).is_ok())
}
