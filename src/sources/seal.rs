//! The seal of kept files: AES-256-GCM over one chunk after another (the STREAM construction), so that a file of
//! any length is sealed and opened in bounded memory, and no chunk can be changed, left out, moved or taken from
//! another file.
//!
//! An object is eight bytes that say so, a salt of 32, and the chunks: 64 KiB of content (the last one has what is
//! left, if only nothing) and a tag of 16. The chunks' key is HKDF-SHA256 of the object's own key and the salt, so it is
//! never used twice; a nonce is seven zero bytes, the chunk's number (4, highest first) and whether it is the
//! last (1); the associated data is the digest of the plain bytes.

use std::{
    fmt,
    io::{self, Read, Write},
};

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
};

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

/// Seals what is written to it. What is not finished can't be opened.
pub(super) struct Sealer<W> {
    inner: W,
    chunks: Chunks,
    chunk: Vec<u8>,
}

impl<W: Write> Sealer<W> {
    /// Begins an object.
    pub fn new(mut inner: W, key: &DataKey, digest: &str) -> io::Result<Self> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(io::Error::other)?;
        inner.write_all(&MAGIC)?;
        inner.write_all(&salt)?;
        Ok(Self {
            inner,
            chunks: Chunks::new(key, &salt, digest)?,
            chunk: Vec::with_capacity(CHUNK_BYTES + TAG_BYTES),
        })
    }

    /// Ends it with its last chunk.
    pub fn finish(mut self) -> io::Result<W> {
        self.put(true)?;
        Ok(self.inner)
    }

    /// Gives it up.
    pub fn into_inner(self) -> W {
        self.inner
    }

    fn put(&mut self, is_last: bool) -> io::Result<()> {
        self.chunks.seal(&mut self.chunk, is_last)?;
        self.inner.write_all(&self.chunk)?;
        self.chunk.clear();
        Ok(())
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits: only what comes behind it tells that it is not the last.
        if self.chunk.len() == CHUNK_BYTES && !bytes.is_empty() {
            self.put(false)?;
        }
        let taken = bytes.len().min(CHUNK_BYTES - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Opens an object; one without a key is as it came, and must not be sealed.
pub(super) struct Opener<R> {
    inner: R,
    key: Option<DataKey>,
    digest: String,
    state: State,
    /// What is opened, and how much of it is read.
    chunk: Vec<u8>,
    read: usize,
}

enum State {
    Start,
    /// Chunks, and the first byte of the next one.
    Sealed(Chunks, Option<u8>),
    Plain,
    End,
    Failed,
}

impl<R: Read> Opener<R> {
    /// Opens what `inner` yields; nothing of it is read yet.
    pub fn new(inner: R, key: Option<DataKey>, digest: &str) -> Self {
        Self {
            inner,
            key,
            digest: digest.to_owned(),
            state: State::Start,
            chunk: Vec::new(),
            read: 0,
        }
    }

    /// Makes the next bytes ready.
    fn go_on(&mut self) -> io::Result<()> {
        self.read = 0;
        self.chunk.clear();
        // Whoever reads on behind an error must not take it for the end.
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Start => self.state = self.start()?,
            State::Sealed(mut chunks, first) => {
                self.chunk.extend(first);
                let wanted = CHUNK_BYTES + TAG_BYTES + 1 - self.chunk.len();
                self.take(wanted)?;
                let is_last = self.chunk.len() <= CHUNK_BYTES + TAG_BYTES;
                let first = if is_last { None } else { self.chunk.pop() };
                chunks.open(&mut self.chunk, is_last)?;
                self.state = match is_last {
                    true => State::End,
                    false => State::Sealed(chunks, first),
                };
            }
            State::Plain => {
                self.take(CHUNK_BYTES)?;
                self.state = match self.chunk.is_empty() {
                    true => State::End,
                    false => State::Plain,
                };
            }
            State::End => self.state = State::End,
            State::Failed => return Err(Unopened::Start.into()),
        }
        Ok(())
    }

    fn start(&mut self) -> io::Result<State> {
        self.take(MAGIC.len())?;
        let is_sealed = self.chunk == MAGIC;
        let key = match (&self.key, is_sealed) {
            (Some(key), true) => key.clone(),
            (Some(_), false) => return Err(Unopened::Start.into()),
            (None, true) => return Err(Unopened::NoKey.into()),
            (None, false) => return Ok(State::Plain),
        };
        self.chunk.clear();
        self.take(SALT_BYTES)?;
        let salt = self.chunk.as_slice().try_into();
        let salt = salt.map_err(|_| Unopened::Start)?;
        let chunks = Chunks::new(&key, salt, &self.digest)?;
        self.chunk.clear();
        Ok(State::Sealed(chunks, None))
    }

    fn take(&mut self, bytes: usize) -> io::Result<()> {
        let mut next = (&mut self.inner).take(bytes as u64);
        next.read_to_end(&mut self.chunk).map(drop)
    }
}

impl<R: Read> Read for Opener<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.read == self.chunk.len() {
            if matches!(self.state, State::End) || into.is_empty() {
                return Ok(0);
            }
            self.go_on()?;
        }
        let taken = into.len().min(self.chunk.len() - self.read);
        into[..taken].copy_from_slice(&self.chunk[self.read..self.read + taken]);
        self.read += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "ab12";

    fn key(of: u8) -> DataKey {
        DataKey::new([of; DATA_KEY_BYTES])
    }

    fn seal(plain: &[u8]) -> Vec<u8> {
        let mut sealer = Sealer::new(Vec::new(), &key(1), DIGEST).expect("it begins");
        sealer.write_all(plain).expect("it is taken");
        sealer.finish().expect("it ends")
    }

    fn open(sealed: &[u8], key: Option<DataKey>, digest: &str) -> Result<Vec<u8>, String> {
        let mut plain = Vec::new();
        let read = Opener::new(sealed, key, digest).read_to_end(&mut plain);
        read.map(|_| plain).map_err(|error| error.to_string())
    }

    fn plain(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at * 31 % 251) as u8).collect()
    }

    #[test]
    fn what_is_sealed_opens_again_at_every_length() {
        for chunks in 0..4 {
            for off in [-1_i64, 0, 1] {
                let length = (chunks * CHUNK_BYTES as i64 + off).max(0) as usize;
                let (plain, sealed) = (plain(length), seal(&plain(length)));
                let all = length.div_ceil(CHUNK_BYTES).max(1);
                let expected = MAGIC.len() + SALT_BYTES + length + all * TAG_BYTES;
                assert_eq!(sealed.len(), expected, "{length}");
                assert_eq!(open(&sealed, Some(key(1)), DIGEST), Ok(plain), "{length}");
            }
        }
    }

    #[test]
    fn one_content_is_never_sealed_twice_alike() {
        let (one, other) = (seal(b"content"), seal(b"content"));
        assert_ne!(one[MAGIC.len()..], other[MAGIC.len()..]);
        assert!(
            one.iter()
                .zip(&other)
                .skip(MAGIC.len() + SALT_BYTES)
                .any(|(a, b)| a != b)
        );
    }

    #[test]
    fn whatever_is_changed_is_refused() {
        let plain = plain(2 * CHUNK_BYTES + 100);
        let sealed = seal(&plain);
        let header = MAGIC.len() + SALT_BYTES;
        let whole = CHUNK_BYTES + TAG_BYTES;
        let (first, second) = (header, header + whole);
        let (third, end) = (second + whole, sealed.len());
        assert_eq!(end - third, 100 + TAG_BYTES);
        let chunk = |from: usize, to: usize| &sealed[from..to];
        let parts = |parts: &[&[u8]]| parts.concat();
        let start = chunk(0, header);
        let mut changed: Vec<(&str, Vec<u8>)> = vec![
            ("cut behind a chunk", sealed[..third].to_vec()),
            ("cut behind the first", sealed[..second].to_vec()),
            ("cut within", sealed[..second + 5].to_vec()),
            ("cut by one byte", sealed[..end - 1].to_vec()),
            ("nothing but its start", start.to_vec()),
            ("cut in its salt", sealed[..header - 1].to_vec()),
            ("nothing", Vec::new()),
            ("longer", parts(&[&sealed, b"x"])),
            (
                "two chunks changed about",
                parts(&[
                    start,
                    chunk(second, third),
                    chunk(first, second),
                    chunk(third, end),
                ]),
            ),
            (
                "one left out",
                parts(&[start, chunk(first, second), chunk(third, end)]),
            ),
            (
                "one twice",
                parts(&[
                    start,
                    chunk(first, second),
                    chunk(first, second),
                    chunk(third, end),
                ]),
            ),
            (
                "another's start",
                parts(&[chunk_of(&seal(&plain), header), &sealed[header..]]),
            ),
        ];
        for at in (0..sealed.len())
            .step_by(997)
            .chain([0, 7, 8, header - 1, end - 1])
        {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            changed.push(("one bit", flipped));
        }
        for (what, changed) in changed {
            let opened = open(&changed, Some(key(1)), DIGEST);
            let error = opened.expect_err(what);
            assert!(error.contains("not what was kept"), "{what}: {error}");
        }
    }

    fn chunk_of(sealed: &[u8], header: usize) -> &[u8] {
        &sealed[..header]
    }

    #[test]
    fn neither_another_key_nor_another_digest_opens_it() {
        let sealed = seal(b"content");
        for (key, digest) in [(Some(key(2)), DIGEST), (Some(key(1)), "ab13")] {
            let error = open(&sealed, key, digest).expect_err("it is another's");
            assert!(error.contains("chunk 0"), "{error}");
        }
        let error = open(&sealed, None, DIGEST).expect_err("there is no key");
        assert!(error.contains("key is not in the database"), "{error}");
    }

    #[test]
    fn what_was_kept_before_is_read_as_it_is_and_can_not_stand_for_what_is_sealed() {
        let before = zstd::bulk::compress(&plain(200_000), 3).expect("it is packed");
        assert_eq!(open(&before, None, DIGEST), Ok(before.clone()));
        let error = open(&before, Some(key(1)), DIGEST).expect_err("it is not sealed");
        assert!(error.contains("not what was kept"), "{error}");
    }
}
