//! Characters: which charset a file is in, and reading it as UTF-8.
//!
//! A byte-order mark decides, then strict UTF-8, then GB18030. GB18030 accepts almost anything, so
//! a file that is UTF-8 for a good while and then is not is a damaged one, never GB18030.

use std::io::{self, Read};

use encoding_rs::{DecoderResult, GB18030};

/// The charset of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    /// UTF-8 with a byte-order mark.
    Utf8Bom,
    Gb18030,
}

impl Charset {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Charset::Utf8 => "UTF-8",
            Charset::Utf8Bom => "UTF-8 with BOM",
            Charset::Gb18030 => "GB18030",
        }
    }

    /// The charset of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Charset::Utf8, Charset::Utf8Bom, Charset::Gb18030]
            .into_iter()
            .find(|known| known.as_str() == name)
    }
}

/// So many well-formed UTF-8 sequences beyond ASCII do not come about by accident in GB18030 text.
const UTF8_SEQUENCES_SURE: u64 = 32;

/// Watches a file's bytes go by and tells the charset at the end.
#[derive(Debug, Default)]
pub struct CharsetWatch {
    start: Vec<u8>,
    /// Bytes of a sequence that the last chunk cut in two.
    carry: Vec<u8>,
    read: u64,
    sequences: u64,
    /// Where the first byte stands that is not UTF-8.
    broken_at: Option<u64>,
}

impl CharsetWatch {
    /// Takes the next bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        let missing = 4_usize.saturating_sub(self.start.len()).min(bytes.len());
        self.start.extend_from_slice(&bytes[..missing]);
        if self.broken_at.is_some() {
            return;
        }
        let joined;
        let chunk = if self.carry.is_empty() {
            bytes
        } else {
            joined = [self.carry.as_slice(), bytes].concat();
            &joined
        };
        let base = self.read - self.carry.len() as u64;
        self.read += bytes.len() as u64;
        let (valid, broken) = match std::str::from_utf8(chunk) {
            Ok(text) => (text.len(), false),
            Err(error) => (error.valid_up_to(), error.error_len().is_some()),
        };
        // A byte that begins a sequence beyond ASCII has both upper bits set.
        self.sequences += chunk[..valid].iter().filter(|byte| **byte >= 0xC0).count() as u64;
        if broken {
            self.broken_at = Some(base + valid as u64);
        }
        self.carry = chunk[valid..].to_vec();
        if broken {
            self.carry.clear();
        }
    }

    /// The charset of what went by, or why there is none.
    pub fn finish(self) -> Result<Charset, String> {
        match self.start.as_slice() {
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
                return Err("is UTF-16; expected UTF-8 or GB18030".to_owned());
            }
            _ => {}
        }
        let has_bom = self.start.starts_with(&[0xEF, 0xBB, 0xBF]);
        let is_utf8 = if has_bom {
            Charset::Utf8Bom
        } else {
            Charset::Utf8
        };
        let sure = has_bom || self.sequences >= UTF8_SEQUENCES_SURE;
        match self.broken_at {
            None if self.carry.is_empty() => Ok(is_utf8),
            None if sure => Err(format!(
                "ends inside a character (byte {}): it is cut off",
                self.read
            )),
            Some(at) if sure => Err(format!("is UTF-8 up to byte {at} and damaged there")),
            _ => Ok(Charset::Gb18030),
        }
    }
}

/// Bytes decoded at once.
const CHUNK: usize = 64 * 1_024;

/// Reads GB18030 as UTF-8; what is neither is an error, never a replacement character.
pub struct Gb18030Reader<R> {
    inner: R,
    decoder: encoding_rs::Decoder,
    source: Vec<u8>,
    /// Bytes in `source` that are not decoded yet.
    pending: std::ops::Range<usize>,
    decoded: Vec<u8>,
    taken: usize,
    offset: u64,
    ended: bool,
}

impl<R: Read> Gb18030Reader<R> {
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            decoder: GB18030.new_decoder_without_bom_handling(),
            source: vec![0; CHUNK],
            pending: 0..0,
            decoded: Vec::new(),
            taken: 0,
            offset: 0,
            ended: false,
        }
    }

    fn decode_more(&mut self) -> io::Result<()> {
        if self.pending.is_empty() && !self.ended {
            let read = self.inner.read(&mut self.source)?;
            self.pending = 0..read;
            self.ended = read == 0;
        }
        let mut text = vec![0; CHUNK * 3];
        let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
            &self.source[self.pending.clone()],
            &mut text,
            self.ended,
        );
        self.pending.start += read;
        self.offset += read as u64;
        text.truncate(written);
        self.decoded = text;
        self.taken = 0;
        match result {
            DecoderResult::Malformed(..) if self.ended => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "ends inside a character: it is cut off",
            )),
            DecoderResult::Malformed(..) => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("is neither UTF-8 nor GB18030 (byte {})", self.offset),
            )),
            DecoderResult::InputEmpty | DecoderResult::OutputFull => Ok(()),
        }
    }
}

impl<R: Read> Read for Gb18030Reader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.decoded.len() {
            if self.ended
                && self.pending.is_empty()
                && self.taken == self.decoded.len()
                && self.decoded.is_empty()
            {
                return Ok(0);
            }
            self.decode_more()?;
            if self.ended && self.decoded.is_empty() {
                return Ok(0);
            }
        }
        let count = into.len().min(self.decoded.len() - self.taken);
        into[..count].copy_from_slice(&self.decoded[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charset(bytes: &[u8], chunk: usize) -> Result<Charset, String> {
        let mut watch = CharsetWatch::default();
        bytes.chunks(chunk).for_each(|chunk| watch.take(chunk));
        watch.finish()
    }

    #[test]
    fn charsets_are_told_however_the_bytes_are_chunked() {
        let text = "政务诚信，说到做到。".repeat(8);
        let (gb, ..) = GB18030.encode(&text);
        for chunk in [1, 2, 3, 7, 4_096] {
            assert_eq!(charset(text.as_bytes(), chunk), Ok(Charset::Utf8));
            assert_eq!(
                charset(format!("\u{feff}{text}").as_bytes(), chunk),
                Ok(Charset::Utf8Bom)
            );
            assert_eq!(charset(&gb, chunk), Ok(Charset::Gb18030));
            assert_eq!(charset(b"plain", chunk), Ok(Charset::Utf8));
            let cut = &text.as_bytes()[..text.len() - 1];
            assert!(charset(cut, chunk).expect_err("cut").contains("cut off"));
            let damaged = [text.as_bytes(), &[0xFF], text.as_bytes()].concat();
            assert!(
                charset(&damaged, chunk)
                    .expect_err("damaged")
                    .contains("damaged")
            );
            assert!(charset(&[0xFF, 0xFE, 0x2F, 0x65], chunk).is_err());
        }
    }

    #[test]
    fn gb18030_is_read_or_refused_but_never_replaced() {
        let text = "佛山市禅城区，𠮷。".repeat(20_000);
        let (gb, ..) = GB18030.encode(&text);
        let mut read = String::new();
        Gb18030Reader::new(&*gb)
            .read_to_string(&mut read)
            .expect("it is GB18030");
        assert_eq!(read, text);
        for bad in [&[0xB7, 0xF0, 0xFF, 0x41][..], &[0xB7][..]] {
            let error = Gb18030Reader::new(bad)
                .read_to_string(&mut String::new())
                .expect_err("not GB18030");
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }
}
