//! How services write bytes as text.

use base64::{Engine, engine::general_purpose::STANDARD};

/// How bytes are written as text.
#[derive(Debug, Clone, Copy)]
pub(super) enum Coding {
    Base64,
    Hex,
}

impl Coding {
    pub(super) const CHOICES: [(&'static str, Self); 2] =
        [("base64", Self::Base64), ("hex", Self::Hex)];

    pub(super) fn write(self, bytes: &[u8]) -> String {
        match self {
            Self::Base64 => STANDARD.encode(bytes),
            Self::Hex => crate::hex(bytes),
        }
    }

    pub(super) fn read(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Base64 => {
                // Java's encoder may break lines.
                let text: String = text.split_ascii_whitespace().collect();
                STANDARD.decode(text).ok()
            }
            Self::Hex => {
                let (pairs, rest) = text.as_bytes().as_chunks::<2>();
                let byte = |pair: &[u8; 2]| {
                    let digits = pair.iter().all(u8::is_ascii_hexdigit);
                    let text = str::from_utf8(pair).ok().filter(|_| digits)?;
                    u8::from_str_radix(text, 16).ok()
                };
                rest.is_empty().then(|| pairs.iter().map(byte).collect())?
            }
        }
    }
}
