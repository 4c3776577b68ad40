//! Chinese cryptography goes through a trait, so that a certified device can take the software's
//! place.

use sm3::{Digest, Sm3};
use sm4::{
    Sm4,
    cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit},
};

/// Bytes of a block, of AES as of SM4.
pub(super) const BLOCK: usize = 16;

/// How blocks hang together.
#[derive(Clone, Copy)]
pub enum Mode {
    Ecb,
    /// With this initialisation vector.
    Cbc([u8; BLOCK]),
}

/// Why nothing was encrypted or decrypted; it says nothing of key and text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text does not fit the cipher: another key, mode, padding or coding is needed")]
pub struct BadCipher;

/// Chinese cryptography. `blocks` is a whole number of blocks of 16 bytes.
pub trait Cryptography: Send + Sync {
    fn sm3(&self, bytes: &[u8]) -> [u8; 32];
    fn sm4_encrypt(&self, key: &[u8; 16], mode: Mode, blocks: &mut [u8]) -> Result<(), BadCipher>;
    fn sm4_decrypt(&self, key: &[u8; 16], mode: Mode, blocks: &mut [u8]) -> Result<(), BadCipher>;
}

/// Chinese cryptography in software.
#[derive(Debug, Clone, Copy)]
pub struct Software;

impl Cryptography for Software {
    fn sm3(&self, bytes: &[u8]) -> [u8; 32] {
        Sm3::digest(bytes).into()
    }

    fn sm4_encrypt(&self, key: &[u8; 16], mode: Mode, blocks: &mut [u8]) -> Result<(), BadCipher> {
        let cipher = Sm4::new(key.into());
        let (blocks, _) = blocks.as_chunks_mut::<BLOCK>();
        let mut before = match mode {
            Mode::Ecb => None,
            Mode::Cbc(iv) => Some(iv),
        };
        for block in blocks {
            if let Some(before) = &before {
                mix(block, before);
            }
            cipher.encrypt_block(block.into());
            before = before.map(|_| *block);
        }
        Ok(())
    }

    fn sm4_decrypt(&self, key: &[u8; 16], mode: Mode, blocks: &mut [u8]) -> Result<(), BadCipher> {
        let cipher = Sm4::new(key.into());
        let (blocks, _) = blocks.as_chunks_mut::<BLOCK>();
        let mut before = match mode {
            Mode::Ecb => None,
            Mode::Cbc(iv) => Some(iv),
        };
        for block in blocks {
            let packed = *block;
            cipher.decrypt_block(block.into());
            if let Some(before) = &mut before {
                mix(block, before);
                *before = packed;
            }
        }
        Ok(())
    }
}

fn mix(block: &mut [u8; BLOCK], with: &[u8; BLOCK]) {
    for (byte, other) in block.iter_mut().zip(with) {
        *byte ^= other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_vectors_come_out() {
        assert_eq!(
            crate::hex(&Software.sm3(b"abc")),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
        let key = 0x0123_4567_89ab_cdef_fedc_ba98_7654_3210_u128.to_be_bytes();
        let mut block = key;
        let encrypted = Software.sm4_encrypt(&key, Mode::Ecb, &mut block);
        assert_eq!(encrypted, Ok(()));
        assert_eq!(crate::hex(&block), "681edf34d206965e86b3e94f536e4246");
        let decrypted = Software.sm4_decrypt(&key, Mode::Ecb, &mut block);
        assert_eq!((decrypted, block), (Ok(()), key));
    }
}
