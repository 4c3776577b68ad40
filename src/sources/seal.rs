//! The seal of kept files: AES-256-GCM over one chunk after another (the STREAM construction), so that a file of
//! any length is sealed and opened in bounded memory, and no chunk can be changed, left out, moved or taken from
//! another file.
//!
//! An object is eight bytes that say so, a salt of 32, and the chunks: 64 KiB of content (the last one has what is
//! left, if only nothing) and a tag of 16. The chunks' key is HKDF-SHA256 of the object's own key and the salt, so it is
//! never used twice; a nonce is seven zero bytes, the chunk's number (4, highest first) and whether it is the
//! last (1); the associated data is the digest of the plain bytes.

mod opening;
mod sealing;
#[cfg(test)]
mod tests;

use std::{fmt, io};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
};

pub(super) use opening::Opener;
pub(super) use sealing::Sealer;

/// Bytes of a key.
pub const DATA_KEY_BYTES: usize = 32;
/// How a sealed object begins.
pub(super) const MAGIC: [u8; 8] = *b"ZXSEAL1\n";
const SALT_BYTES: usize = 32;
const CHUNK_BYTES: usize = 64 * 1_024;
const TAG_BYTES: usize = 16;

/// An object's own key.
#[derive(Clone, PartialEq, Eq)]
pub struct DataKey([u8; DATA_KEY_BYTES]);

impl DataKey {
    /// A key of these bytes.
    pub fn new(bytes: [u8; DATA_KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// A key that nobody has.
    pub fn fresh() -> io::Result<Self> {
        let mut bytes = [0; DATA_KEY_BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Self(bytes))
    }

    /// Its bytes, to be wrapped.
    pub fn bytes(&self) -> &[u8; DATA_KEY_BYTES] {
        &self.0
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}

/// Why an object can't be opened.
#[derive(Debug, thiserror::Error)]
enum Unopened {
    #[error("it is not what was kept: chunk {0} was changed, moved or cut, or belongs elsewhere")]
    Chunk(u32),
    #[error("it is not what was kept: it does not begin as a sealed object does")]
    Start,
    #[error("it is sealed, and its key is not in the database")]
    NoKey,
}

/// It was the store that failed, as far as readers are concerned: see [`super::RawWatch`].
impl From<Unopened> for io::Error {
    fn from(unopened: Unopened) -> Self {
        io::Error::other(object_store::Error::Generic {
            store: "raw",
            source: Box::new(unopened),
        })
    }
}

/// What seals or opens chunks, in their order.
struct Chunks {
    key: LessSafeKey,
    digest: String,
    next: u32,
}

impl Chunks {
    fn new(key: &DataKey, salt: &[u8; SALT_BYTES], digest: &str) -> io::Result<Self> {
        let secret = Salt::new(HKDF_SHA256, salt).extract(&key.0);
        let derived = secret.expand(&[&MAGIC], &AES_256_GCM);
        let key = derived.map_err(io::Error::other)?;
        Ok(Self {
            key: LessSafeKey::new(UnboundKey::from(key)),
            digest: digest.to_owned(),
            next: 0,
        })
    }

    fn nonce(&mut self, is_last: bool) -> io::Result<Nonce> {
        let mut nonce = [0; NONCE_LEN];
        nonce[7..11].copy_from_slice(&self.next.to_be_bytes());
        nonce[11] = u8::from(is_last);
        let next = self.next.checked_add(1);
        self.next = next.ok_or_else(|| io::Error::other("it has too many chunks"))?;
        Ok(Nonce::assume_unique_for_key(nonce))
    }

    fn seal(&mut self, chunk: &mut Vec<u8>, is_last: bool) -> io::Result<()> {
        let nonce = self.nonce(is_last)?;
        let aad = Aad::from(self.digest.as_bytes());
        let sealed = self.key.seal_in_place_append_tag(nonce, aad, chunk);
        sealed.map_err(io::Error::other)
    }

    fn open(&mut self, chunk: &mut Vec<u8>, is_last: bool) -> io::Result<()> {
        let number = self.next;
        let nonce = self.nonce(is_last)?;
        let aad = Aad::from(self.digest.as_bytes());
        let opened = self.key.open_in_place(nonce, aad, chunk);
        let length = opened.map_err(|_| Unopened::Chunk(number))?.len();
        chunk.truncate(length);
        Ok(())
    }
}
