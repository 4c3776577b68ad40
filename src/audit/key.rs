//! The key that signs checkpoints: Ed25519, in a file.

use std::{fmt, io::Write as _, path::Path};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use domain::audit::{KEY_BYTES, NoteKey, SignedNote};

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
#[error("the audit key {place}: {reason}")]
pub struct KeyError {
    place: String,
    reason: String,
}

/// What signs.
pub struct SigningKey(Ed25519KeyPair);

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
        let failed = |reason: String| KeyError {
            place: path.display().to_string(),
            reason,
        };
        if !path.exists() {
            make(path).map_err(|error| failed(error.to_string()))?;
        }
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        let seed = seed(text.trim());
        let seed = seed.ok_or_else(|| failed("64 hexadecimal digits are expected".to_owned()))?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed);
        Ok(Self(pair.map_err(|error| failed(error.to_string()))?))
    }

    /// Its public half, under a name.
    pub fn public(&self, name: &str) -> NoteKey {
        let public = self.0.public_key().as_ref();
        NoteKey {
            name: name.to_owned(),
            public: public.try_into().expect("an Ed25519 key has 32 bytes"),
        }
    }

    /// The note with its signature.
    pub fn sign(&self, name: &str, note: SignedNote) -> SignedNote {
        let signature = self.0.sign(note.body.as_bytes()).as_ref().to_vec();
        note.signed_by(&self.public(name), signature)
    }
}

/// Whether a note bears a good signature by a key.
pub fn is_signed_by(note: &SignedNote, key: &NoteKey) -> bool {
    let public = UnparsedPublicKey::new(&ED25519, key.public);
    let mut signatures = note.signatures_of(key);
    signatures.any(|signature| public.verify(note.body.as_bytes(), signature).is_ok())
}

fn make(path: &Path) -> std::io::Result<()> {
    let mut seed = [0; KEY_BYTES];
    getrandom::fill(&mut seed).map_err(std::io::Error::other)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Whole or not at all, and of several processes that try the first one's stands.
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    writeln!(file, "{}", crate::hex(&seed))?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(_) if path.exists() => Ok(()),
        Err(error) => Err(error.error),
    }
}

fn seed(text: &str) -> Option<[u8; KEY_BYTES]> {
    let mut seed = [0; KEY_BYTES];
    if text.len() != 2 * KEY_BYTES || !text.is_ascii() {
        return None;
    }
    for (at, byte) in seed.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(seed)
}
