//! Opening: each chunk is proven before a byte of it is read.

use std::io::{self, Read};

use super::{CHUNK_BYTES, Chunks, DataKey, MAGIC, SALT_BYTES, TAG_BYTES, Unopened};

/// Opens an object; one without a key is as it came, and must not be sealed.
pub(in crate::sources) struct Opener<R> {
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
