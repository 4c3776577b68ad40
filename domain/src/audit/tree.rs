//! The Merkle tree of RFC 6962 as it grows: of all that is over, only the roots of its complete
//! subtrees are kept.

use super::hash::{Hash, HashKind};

/// The right edge of a tree: the roots of the complete subtrees that it is made of, the biggest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// A frontier as it was kept; none where there can't be so many peaks.
    pub fn of(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of its complete subtrees, the biggest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf. Each complete subtree that it makes, itself included, is told as
    /// `(level, place, hash)`: the place-th of those with 2^level leaves.
    pub fn push(&mut self, kind: HashKind, leaf: Hash, mut made: impl FnMut(u32, u64, &Hash)) {
        let place = self.size;
        made(0, place, &leaf);
        let mut hash = leaf;
        let below = self.size.trailing_ones();
        for level in 1..=below {
            // As many peaks end here as the size has ones at its end.
            let left = self.peaks.pop().expect("one peak for each one of the size");
            hash = kind.node(&left, &hash);
            made(level, place >> level, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The tree's root.
    pub fn root(&self, kind: HashKind) -> Hash {
        super::proof::fold(kind, &self.peaks)
    }
}
