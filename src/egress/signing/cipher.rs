//! Ciphers as services use them: which, how its blocks hang together, what fills the last one, and
//! how the key is written.

use aws_lc_rs::{
    cipher::{
        AES_128, AES_256, DecryptingKey, DecryptionContext, EncryptingKey, EncryptionContext,
        UnboundCipherKey,
    },
    digest::{SHA1_FOR_LEGACY_USE_ONLY, digest},
    iv::FixedLength,
};

use super::{
    Error, Words,
    coding::Coding,
    cryptography::{BLOCK, BadCipher, Cryptography, Mode},
};

/// What fills the last block.
#[derive(Debug, Clone, Copy)]
enum Padding {
    Pkcs7,
    Zero,
    None,
}

/// A key with its algorithm.
enum Key {
    Aes128([u8; 16]),
    Aes256([u8; 32]),
    Sm4([u8; 16]),
}

/// A cipher as a place describes it: `extra.cipher` such as `aes-128-ecb` or `sm4-cbc`,
/// `extra.padding` (`pkcs7`, `zero` or `none`), for CBC `extra.iv`, and how the key is written:
/// `extra.key_as` is `text`, `hex`, `base64` or `sha1prng` (what Java's key generator makes of a
/// text).
pub(super) struct Cipher {
    key: Key,
    mode: Mode,
    padding: Padding,
}

/// The keys of `extra` that [`Cipher::of`] reads.
pub(super) const CIPHER_KEYS: [&str; 4] = ["cipher", "padding", "iv", "key_as"];

impl Cipher {
    pub(super) fn of(words: &Words<'_>, default: &str, key: &str) -> Result<Self, Error> {
        let name = words.extra("cipher").unwrap_or(default);
        let unknown = || {
            words.wrong("extra.cipher must be one of aes-128, aes-256 and sm4 with -ecb or -cbc")
        };
        let (algorithm, mode) = name.rsplit_once('-').ok_or_else(unknown)?;
        let key = key_bytes(words, key)?;
        let unfit = || {
            words.wrong(format!(
                "the key does not have the length that {name} needs"
            ))
        };
        let short = || key.as_slice().try_into().map_err(|_| unfit());
        let key = match algorithm {
            "aes-128" => Key::Aes128(short()?),
            "sm4" => Key::Sm4(short()?),
            "aes-256" => Key::Aes256(key.as_slice().try_into().map_err(|_| unfit())?),
            _ => return Err(unknown()),
        };
        let mode = match mode {
            "ecb" => Mode::Ecb,
            "cbc" => Mode::Cbc(iv(words)?),
            _ => return Err(unknown()),
        };
        let padding = words.choice(
            "padding",
            &[
                ("pkcs7", Padding::Pkcs7),
                ("zero", Padding::Zero),
                ("none", Padding::None),
            ],
        )?;
        Ok(Self { key, mode, padding })
    }

    /// The family's name in upper case, `AES` or `SM4`.
    pub(super) fn family(&self) -> &'static str {
        match self.key {
            Key::Aes128(_) | Key::Aes256(_) => "AES",
            Key::Sm4(_) => "SM4",
        }
    }

    pub(super) fn encrypt(
        &self,
        plain: &[u8],
        cryptography: &dyn Cryptography,
    ) -> Result<Vec<u8>, BadCipher> {
        let mut blocks = plain.to_vec();
        let missing = BLOCK - plain.len() % BLOCK;
        match self.padding {
            Padding::Pkcs7 => blocks.resize(plain.len() + missing, missing as u8),
            Padding::Zero => blocks.resize(plain.len().next_multiple_of(BLOCK), 0),
            Padding::None if missing == BLOCK => {}
            Padding::None => return Err(BadCipher),
        }
        match &self.key {
            Key::Sm4(key) => cryptography.sm4_encrypt(key, self.mode, &mut blocks)?,
            Key::Aes128(_) | Key::Aes256(_) => {
                let key = self.aes()?;
                let (key, context) = match self.mode {
                    Mode::Ecb => (EncryptingKey::ecb(key), EncryptionContext::None),
                    Mode::Cbc(iv) => (
                        EncryptingKey::cbc(key),
                        EncryptionContext::Iv128(FixedLength::from(iv)),
                    ),
                };
                let key = key.map_err(|_| BadCipher)?;
                key.less_safe_encrypt(&mut blocks, context)
                    .map_err(|_| BadCipher)?;
            }
        }
        Ok(blocks)
    }

    pub(super) fn decrypt(
        &self,
        packed: &[u8],
        cryptography: &dyn Cryptography,
    ) -> Result<Vec<u8>, BadCipher> {
        if packed.is_empty() || !packed.len().is_multiple_of(BLOCK) {
            return Err(BadCipher);
        }
        let mut blocks = packed.to_vec();
        match &self.key {
            Key::Sm4(key) => cryptography.sm4_decrypt(key, self.mode, &mut blocks)?,
            Key::Aes128(_) | Key::Aes256(_) => {
                let key = self.aes()?;
                let (key, context) = match self.mode {
                    Mode::Ecb => (DecryptingKey::ecb(key), DecryptionContext::None),
                    Mode::Cbc(iv) => (
                        DecryptingKey::cbc(key),
                        DecryptionContext::Iv128(FixedLength::from(iv)),
                    ),
                };
                let key = key.map_err(|_| BadCipher)?;
                key.decrypt(&mut blocks, context).map_err(|_| BadCipher)?;
            }
        }
        let length = match self.padding {
            Padding::Pkcs7 => {
                let last = blocks.last().copied().unwrap_or(0);
                let padded = usize::from(last);
                let start = blocks.len().checked_sub(padded).ok_or(BadCipher)?;
                let is_sound = (1..=BLOCK).contains(&padded)
                    && blocks[start..].iter().all(|byte| *byte == last);
                if !is_sound {
                    return Err(BadCipher);
                }
                start
            }
            Padding::Zero => blocks
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(0, |at| at + 1),
            Padding::None => blocks.len(),
        };
        blocks.truncate(length);
        Ok(blocks)
    }

    fn aes(&self) -> Result<UnboundCipherKey, BadCipher> {
        let key = match &self.key {
            Key::Aes128(key) => UnboundCipherKey::new(&AES_128, key),
            Key::Aes256(key) => UnboundCipherKey::new(&AES_256, key),
            Key::Sm4(_) => return Err(BadCipher),
        };
        key.map_err(|_| BadCipher)
    }
}

impl std::fmt::Debug for Cipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cipher({}, …)", self.family())
    }
}

fn key_bytes(words: &Words<'_>, key: &str) -> Result<Vec<u8>, Error> {
    #[derive(Clone, Copy)]
    enum KeyAs {
        Text,
        Coded(Coding),
        Sha1Prng,
    }
    let key_as = words.choice(
        "key_as",
        &[
            ("text", KeyAs::Text),
            ("hex", KeyAs::Coded(Coding::Hex)),
            ("base64", KeyAs::Coded(Coding::Base64)),
            ("sha1prng", KeyAs::Sha1Prng),
        ],
    )?;
    match key_as {
        KeyAs::Text => Ok(key.as_bytes().to_vec()),
        KeyAs::Coded(coding) => coding
            .read(key)
            .ok_or_else(|| words.wrong("the key is not written as extra.key_as says")),
        KeyAs::Sha1Prng => {
            let seed = digest(&SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
            let first = digest(&SHA1_FOR_LEGACY_USE_ONLY, seed.as_ref());
            Ok(first.as_ref()[..16].to_vec())
        }
    }
}

/// The vector of CBC, 16 characters or 32 hexadecimal digits.
fn iv(words: &Words<'_>) -> Result<[u8; BLOCK], Error> {
    let text = words.must("iv")?;
    let bytes = match text.len() {
        BLOCK => Some(text.as_bytes().to_vec()),
        _ => Coding::Hex.read(text),
    };
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| words.wrong("extra.iv must have 16 characters or 32 hexadecimal digits"))
}

#[cfg(test)]
mod tests;
