//! The hashes of the log.

use sha2::Digest as _;
use sm3::Digest as _;

/// A hash: 32 bytes, whichever function made it.
pub type Hash = [u8; 32];

/// What the chain begins with.
pub const ZERO: Hash = [0; 32];

/// Which function hashes; each checkpoint names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HashKind {
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SM3 (GB/T 32905-2016).
    Sm3,
}

crate::text_enum!(HashKind {
    Sha256 => "sha256",
    Sm3 => "sm3",
});

impl HashKind {
    /// The leaf of an entry: H(0x00 ‖ record).
    pub fn leaf(self, record: &[u8]) -> Hash {
        self.hash(&[&[0], record])
    }

    /// The node over two subtrees: H(0x01 ‖ left ‖ right).
    pub fn node(self, left: &Hash, right: &Hash) -> Hash {
        self.hash(&[&[1], left, right])
    }

    /// The next link of the chain: H(0x02 ‖ previous ‖ leaf).
    pub fn chain(self, previous: &Hash, leaf: &Hash) -> Hash {
        self.hash(&[&[2], previous, leaf])
    }

    /// What an entry says of its payload: H(0x03 ‖ salt ‖ payload). Without the salt, which is erased
    /// with the payload, it tells nothing of what that was.
    pub fn commitment(self, salt: &[u8], payload: &[u8]) -> Hash {
        self.hash(&[&[3], salt, payload])
    }

    /// The root of a tree without leaves: H().
    pub fn empty(self) -> Hash {
        self.hash(&[])
    }

    fn hash(self, parts: &[&[u8]]) -> Hash {
        match self {
            Self::Sha256 => {
                let mut hash = sha2::Sha256::new();
                parts
                    .iter()
                    .for_each(|part| sha2::Digest::update(&mut hash, part));
                hash.finalize().into()
            }
            Self::Sm3 => {
                let mut hash = sm3::Sm3::new();
                parts
                    .iter()
                    .for_each(|part| sm3::Digest::update(&mut hash, part));
                hash.finalize().into()
            }
        }
    }
}
