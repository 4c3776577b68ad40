//! Sealing: chunks are put out as they fill.

use std::io::{self, Write};

use super::{CHUNK_BYTES, Chunks, DataKey, MAGIC, SALT_BYTES, TAG_BYTES};

/// Seals what is written to it. What is not finished can't be opened.
pub(in crate::sources) struct Sealer<W> {
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
