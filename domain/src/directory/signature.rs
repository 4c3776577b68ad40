//! Which characters a text has, in 64 bits: tells most pairs apart without reading them.

/// A bit for each character's hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signature(u64);

impl Signature {
    pub fn of(text: &str) -> Self {
        let bit = |c: char| 1 << ((c as u32).wrapping_mul(0x9e37_79b1) >> 26);
        Self(text.chars().fold(0, |bits, c| bits | bit(c)))
    }

    /// Whether all characters may be found in `other`.
    pub fn may_be_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    /// Whether one edit may lead from one to the other.
    pub fn may_be_one_edit_from(self, other: Self) -> bool {
        (self.0 & !other.0).count_ones() <= 1 && (other.0 & !self.0).count_ones() <= 1
    }

    /// About how many characters both have.
    pub fn shared(self, other: Self) -> u32 {
        (self.0 & other.0).count_ones()
    }
}
