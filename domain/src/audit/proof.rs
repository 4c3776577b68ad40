//! Proofs over the tree (RFC 6962 §2.1.1, §2.1.2; verified as RFC 9162 §2.1.3 and §2.1.4 say).
//!
//! A proof is a list of subtrees; which ones, numbers alone tell. Their hashes are whoever's who has
//! them, so nothing here reads anything.

use std::ops::Range;

use super::hash::{Hash, HashKind};

/// The subtrees that prove that an entry is in a tree, from the leaf upwards.
pub fn inclusion_ranges(index: u64, size: u64) -> Vec<Range<u64>> {
    let mut ranges = Vec::new();
    let (mut low, mut high) = (0, size);
    while high - low > 1 {
        let middle = low + split(high - low);
        if index < middle {
            ranges.push(middle..high);
            high = middle;
        } else {
            ranges.push(low..middle);
            low = middle;
        }
    }
    ranges.reverse();
    ranges
}

/// The subtrees that prove that a tree grew out of an earlier one.
pub fn consistency_ranges(old: u64, size: u64) -> Vec<Range<u64>> {
    let mut ranges = Vec::new();
    if old == 0 || old >= size {
        return ranges;
    }
    let (mut low, mut high) = (0, size);
    while high != old {
        let middle = low + split(high - low);
        if old <= middle {
            ranges.push(middle..high);
            high = middle;
        } else {
            ranges.push(low..middle);
            low = middle;
        }
    }
    // The old root itself is known to whoever asks.
    if low != 0 {
        ranges.push(low..high);
    }
    ranges.reverse();
    ranges
}

/// The biggest power of two below a number of leaves.
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// The complete subtrees that a range is made of, the first first, as `(level, place)`. The range is one
/// that a proof names, or a tree's whole.
pub fn pieces(range: &Range<u64>) -> Vec<(u32, u64)> {
    let mut pieces = Vec::new();
    let mut at = range.start;
    while at < range.end {
        let fits = (range.end - at).ilog2();
        let level = fits.min(at.trailing_zeros());
        pieces.push((level, at >> level));
        at += 1 << level;
    }
    pieces
}

/// The root over complete subtrees that stand beside each other, the bigger first.
pub fn fold(kind: HashKind, hashes: &[Hash]) -> Hash {
    let mut hashes = hashes.iter().rev();
    let Some(last) = hashes.next() else {
        return kind.empty();
    };
    hashes.fold(*last, |right, left| kind.node(left, &right))
}

/// Whether a proof shows that a leaf stands at a place of the tree with this root.
pub fn verify_inclusion(
    kind: HashKind,
    leaf: &Hash,
    (index, size): (u64, u64),
    proof: &[Hash],
    root: &Hash,
) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for other in proof {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            hash = kind.node(other, &hash);
            while at % 2 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = kind.node(&hash, other);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether a proof shows that the tree with the second root begins with all leaves of the first.
pub fn verify_consistency(
    kind: HashKind,
    (old, size): (u64, u64),
    (old_root, root): (&Hash, &Hash),
    proof: &[Hash],
) -> bool {
    if old > size {
        return false;
    }
    if old == size {
        return proof.is_empty() && old_root == root;
    }
    if old == 0 {
        return proof.is_empty() && *old_root == kind.empty();
    }
    let mut proof = proof.iter();
    let first = match old.is_power_of_two() {
        true => Some(old_root),
        false => proof.next(),
    };
    let Some(first) = first else {
        return false;
    };
    let shift = (old - 1).trailing_ones();
    let (mut at, mut last) = ((old - 1) >> shift, (size - 1) >> shift);
    let (mut of_old, mut of_new) = (*first, *first);
    for other in proof {
        if last == 0 {
            return false;
        }
        if at % 2 == 1 || at == last {
            of_old = kind.node(other, &of_old);
            of_new = kind.node(other, &of_new);
            while at % 2 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            of_new = kind.node(&of_new, other);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && of_old == *old_root && of_new == *root
}
