//! Characters: which charset a file is in, and reading it as UTF-8.
//!
//! A byte-order mark decides, then strict UTF-8, then what the file or its transport declares, then
//! GB18030. GB18030 accepts almost anything, so a file that is UTF-8 for a good while and then is
//! not is a damaged one, never GB18030; what it accepts wrongly `mojibake` finds.

use std::io::{self, Read};

use encoding_rs::{BIG5, DecoderResult, Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// The charset of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    Utf8,
    /// UTF-8 with a byte-order mark.
    Utf8Bom,
    Gb18030,
    Big5,
    Utf16Le,
    Utf16Be,
    /// No text: a workbook.
    Binary,
}

impl Charset {
    const ALL: [Self; 7] = [
        Charset::Utf8,
        Charset::Utf8Bom,
        Charset::Gb18030,
        Charset::Big5,
        Charset::Utf16Le,
        Charset::Utf16Be,
        Charset::Binary,
    ];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Charset::Utf8 => "UTF-8",
            Charset::Utf8Bom => "UTF-8 with BOM",
            Charset::Gb18030 => "GB18030",
            Charset::Big5 => "Big5",
            Charset::Utf16Le => "UTF-16LE",
            Charset::Utf16Be => "UTF-16BE",
            Charset::Binary => "binary",
        }
    }

    /// The charset of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// How it is decoded, where it is neither UTF-8 nor binary.
    pub(super) fn encoding(self) -> Option<&'static Encoding> {
        match self {
            Charset::Utf8 | Charset::Utf8Bom | Charset::Binary => None,
            Charset::Gb18030 => Some(GB18030),
            Charset::Big5 => Some(BIG5),
            Charset::Utf16Le => Some(UTF_16LE),
            Charset::Utf16Be => Some(UTF_16BE),
        }
    }

    /// The charset of bytes that are not UTF-8 and that declare this.
    fn declared(label: &str) -> Result<Self, String> {
        match Encoding::for_label(label.trim().as_bytes()) {
            // What declares UTF-8 and is not is GB18030 under a wrong label.
            Some(known) if [UTF_8, GBK, GB18030].contains(&known) => Ok(Charset::Gb18030),
            Some(known) if known == BIG5 => Ok(Charset::Big5),
            Some(known) if known == UTF_16LE => Ok(Charset::Utf16Le),
            Some(known) if known == UTF_16BE => Ok(Charset::Utf16Be),
            _ => {
                let label: String = label.chars().take(LABEL_CHARS_TOLD).collect();
                Err(format!(
                    "declares the charset {label:?}; expected UTF-8, UTF-16, GB18030 (GBK, GB2312) or Big5"
                ))
            }
        }
    }
}

/// So many well-formed UTF-8 sequences beyond ASCII do not come about by accident in GB18030 text.
pub(super) const UTF8_SEQUENCES_SURE: u64 = 32;
/// Bytes at a file's start in which an XML declaration is looked for.
const START_BYTES: usize = 256;
/// Characters of a foreign charset's name that an error repeats.
const LABEL_CHARS_TOLD: usize = 40;

/// Watches a file's bytes go by and tells the charset at the end.
#[derive(Debug, Default)]
pub struct CharsetWatch {
    /// What the transport says.
    declared: Option<String>,
    start: Vec<u8>,
    /// Bytes of a sequence that the last chunk cut in two.
    carry: Vec<u8>,
    read: u64,
    sequences: u64,
    /// Where the first byte stands that is not UTF-8.
    broken_at: Option<u64>,
}

impl CharsetWatch {
    /// One whose transport declares a charset.
    pub fn declaring(charset: Option<&str>) -> Self {
        Self {
            declared: charset.map(str::to_owned),
            ..Self::default()
        }
    }

    /// Takes the next bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        let missing = START_BYTES.saturating_sub(self.start.len());
        self.start
            .extend_from_slice(&bytes[..missing.min(bytes.len())]);
        let base = self.read - self.carry.len() as u64;
        self.read += bytes.len() as u64;
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
        let declared = self.declared.as_deref().or_else(|| in_prolog(&self.start));
        let says_utf16 = declared.is_some_and(|label| {
            Encoding::for_label(label.trim().as_bytes())
                .is_some_and(|known| known == UTF_16LE || known == UTF_16BE)
        });
        let wide = match self.start.as_slice() {
            [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => {
                return Err("is UTF-32; expected UTF-8, UTF-16 or GB18030".to_owned());
            }
            [b'P', b'K', 3, 4, ..] | [0xD0, 0xCF, 0x11, 0xE0, ..] => return Ok(Charset::Binary),
            [0xFF, 0xFE, ..] => Some(Charset::Utf16Le),
            [0xFE, 0xFF, ..] => Some(Charset::Utf16Be),
            // Without a mark the zeros of the first ASCII characters tell the order.
            [0, low, ..] if says_utf16 && *low > 0 => Some(Charset::Utf16Be),
            [low, 0, ..] if says_utf16 && *low > 0 => Some(Charset::Utf16Le),
            _ => None,
        };
        match wide {
            Some(_) if !self.read.is_multiple_of(2) => {
                return Err(cut_off(self.read));
            }
            Some(wide) => return Ok(wide),
            None => {}
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
            None if sure => Err(cut_off(self.read)),
            Some(at) if sure => Err(format!("is UTF-8 up to byte {at} and damaged there")),
            _ => declared.map_or(Ok(Charset::Gb18030), Charset::declared),
        }
    }
}

fn cut_off(bytes: u64) -> String {
    format!("ends inside a character (byte {bytes}): it is cut off")
}

/// The charset that an XML declaration names.
fn in_prolog(start: &[u8]) -> Option<&str> {
    let start = start.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(start);
    let end = start.iter().position(|byte| *byte == b'>')?;
    let prolog = std::str::from_utf8(&start[..end]).ok()?;
    let label = prolog.strip_prefix("<?xml")?.split_once("encoding")?.1;
    let label = label.trim_start().strip_prefix('=')?.trim_start();
    let quote = label.chars().next().filter(|mark| "\"'".contains(*mark))?;
    label[1..].split_once(quote).map(|(label, _)| label)
}

/// Bytes decoded at once.
const CHUNK: usize = 64 * 1_024;

/// Reads another charset as UTF-8; what is not of it is an error, never a replacement character.
pub struct DecodedReader<R> {
    inner: R,
    encoding: &'static Encoding,
    decoder: encoding_rs::Decoder,
    source: Vec<u8>,
    /// Bytes in `source` that are not decoded yet.
    pending: std::ops::Range<usize>,
    decoded: Vec<u8>,
    taken: usize,
    offset: u64,
    ended: bool,
}

impl<R: Read> DecodedReader<R> {
    pub fn new(inner: R, encoding: &'static Encoding) -> Self {
        Self {
            inner,
            encoding,
            decoder: encoding.new_decoder_with_bom_removal(),
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
                format!(
                    "is neither UTF-8 nor {} (byte {})",
                    self.encoding.name(),
                    self.offset
                ),
            )),
            DecoderResult::InputEmpty | DecoderResult::OutputFull => Ok(()),
        }
    }
}

impl<R: Read> Read for DecodedReader<R> {
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
            assert_eq!(
                charset(&[0xFF, 0xFE, 0x2F, 0x65], chunk),
                Ok(Charset::Utf16Le)
            );
            assert!(charset(&[0xFF, 0xFE, 0x2F], chunk).is_err());
            assert_eq!(charset(b"PK\x03\x04\xFF\xD8", chunk), Ok(Charset::Binary));
        }
    }

    #[test]
    fn gb18030_is_read_or_refused_but_never_replaced() {
        let text = "佛山市禅城区，𠮷。".repeat(20_000);
        let (gb, ..) = GB18030.encode(&text);
        let mut read = String::new();
        DecodedReader::new(&*gb, GB18030)
            .read_to_string(&mut read)
            .expect("it is GB18030");
        assert_eq!(read, text);
        for bad in [&[0xB7, 0xF0, 0xFF, 0x41][..], &[0xB7][..]] {
            let error = DecodedReader::new(bad, GB18030)
                .read_to_string(&mut String::new())
                .expect_err("not GB18030");
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }

    #[test]
    fn utf_8_goes_before_what_is_declared_and_gb18030_behind_it() {
        let text = "<?xml version='1.0' encoding='LABEL'?><名称>佛山市样例局</名称>";
        let (gb, ..) = GB18030.encode(text);
        let (big5, ..) = BIG5.encode("<名稱>樣例局</名稱>");
        let labelled = |bytes: &[u8], label: &str| {
            let at = bytes.windows(5).position(|five| five == b"LABEL");
            let at = at.expect("it has a label");
            let named = [&bytes[..at], label.as_bytes(), &bytes[at + 5..]].concat();
            charset(&named, 7)
        };
        for label in ["utf-8", "GBK", "gb2312", "GB18030"] {
            assert_eq!(labelled(&gb, label), Ok(Charset::Gb18030), "{label}");
            assert_eq!(labelled(text.as_bytes(), label), Ok(Charset::Utf8));
        }
        let refused = labelled(&gb, "shift_jis").expect_err("it is not read");
        assert!(refused.contains("shift_jis"), "{refused}");
        assert_eq!(labelled(text.as_bytes(), "shift_jis"), Ok(Charset::Utf8));
        let mut watch = CharsetWatch::declaring(Some("big5"));
        watch.take(&big5);
        assert_eq!(watch.finish(), Ok(Charset::Big5));
    }

    #[test]
    fn utf_16_is_read_in_both_orders() {
        let text = "佛山市禅城区，𠮷。".repeat(5_000);
        let units = || std::iter::once(0xFEFF).chain(text.encode_utf16());
        let orders: [(Vec<u8>, _); 2] = [
            (
                units().flat_map(u16::to_le_bytes).collect(),
                Charset::Utf16Le,
            ),
            (
                units().flat_map(u16::to_be_bytes).collect(),
                Charset::Utf16Be,
            ),
        ];
        for (bytes, order) in orders {
            assert_eq!(charset(&bytes, 11), Ok(order));
            let encoding = order.encoding().expect("it is decoded");
            let mut read = String::new();
            DecodedReader::new(&*bytes, encoding)
                .read_to_string(&mut read)
                .expect("it is UTF-16");
            assert_eq!(read, text);
        }
    }
}
