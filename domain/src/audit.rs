//! The audit log: its entries and their bytes, the chain and the tree over them, and checkpoints.
//!
//! Three hashes hold it together, each with a first byte of its own, so that none can be taken for
//! another: a leaf over an entry's record, a node over two subtrees (both as in RFC 6962), and a chain
//! over the entry before. The chain finds a local edit at once; the tree gives short proofs; a signed
//! checkpoint says which tree it was. `docs/audit.md` specifies the bytes, with test vectors.

mod checkpoint;
mod entry;
mod hash;
mod proof;
mod read;
mod tree;

pub use checkpoint::{Checkpoint, KEY_BYTES, Malformed, NoteKey, SignedNote};
pub use entry::{Action, Actor, Entry, EntryId, Outcome, commitment};
pub use hash::{Hash, HashKind, ZERO};
pub use proof::{
    consistency_ranges, fold, inclusion_ranges, pieces, verify_consistency, verify_inclusion,
};
pub use read::Unreadable;
pub use tree::Frontier;

#[cfg(test)]
mod tests;
