//! Stable numbers for things that sources tell of.
//!
//! A number is derived from what identifies the thing at its source, never handed out in order of
//! arrival, so a delivery that is repeated, split or resumed ends in the same numbers.

use sha2::{Digest, Sha256};

/// The kinds of things that carry a stable number; the kind goes into the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A body of the register, identified by its unified social credit code.
    Agency,
    /// A row of a source, identified by source, feed and the row's key.
    Row,
    /// A government-integrity record, identified by its row.
    CreditRecord,
    /// A row that names someone not resolved, identified by its row.
    Mention,
    /// A succession event, identified by its row.
    Succession,
    /// One content of one row, identified by the row and the content's digest.
    Evidence,
    /// An allegation, identified by its row.
    Clue,
    /// A measurement about a body, identified by its row.
    Indicator,
    /// An official's post, identified by its row.
    Post,
    /// A line of a third party's assessment, identified by its row.
    Assessment,
    /// A public official, identified by the keyed digest of the citizen number.
    Official,
    /// What an exchange table's owner hears of a row, identified by its version and what it came to.
    Feedback,
    /// A decision about a source's text, identified by source, text, codes and reach.
    Decision,
    /// A case, identified by what it is about.
    Case,
    /// A measure on a subject, identified by its record and its place in the case.
    Sanction,
    /// An application for repair, likewise.
    Repair,
    /// An objection, likewise.
    Objection,
    /// A body's score by the default rule pack, identified by the body.
    Score,
    /// A warning, identified by the body, the red line and the how-manieth time.
    Warning,
    /// An annual assessment, identified by year and division.
    Campaign,
    /// An objection to a score of one, identified by its place there.
    CampaignObjection,
    /// What one change did to a watched subject, identified by the change, the subject and the thing.
    WatchEvent,
    /// The same for one list.
    WatchNotice,
}

/// The first 63 bits of SHA-256 over kind and parts: positive, and with a million things of a kind
/// a collision has a chance below 10⁻⁷.
pub fn stable_id(kind: Kind, parts: &[&str]) -> i64 {
    let mut hash = Sha256::new();
    hash.update([kind as u8]);
    add_parts(&mut hash, parts);
    first_63_bits(&hash.finalize())
}

/// SHA-256 over parts, in hexadecimal.
pub fn digest_of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    add_parts(&mut hash, parts);
    format!("{:x}", hash.finalize())
}

fn add_parts(hash: &mut Sha256, parts: &[&str]) {
    for part in parts {
        // Lengths keep ("ab", "c") and ("a", "bc") apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
}

/// A number derived from another one, such as a record's from its row's.
pub fn derived_id(kind: Kind, from: i64, content: &str) -> i64 {
    stable_id(kind, &[&from.to_string(), content])
}

fn first_63_bits(digest: &[u8]) -> i64 {
    let mut head = [0_u8; 8];
    head.copy_from_slice(&digest[..8]);
    (u64::from_be_bytes(head) >> 1) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_depend_on_kind_and_on_where_parts_end() {
        assert_eq!(
            stable_id(Kind::Row, &["a", "b"]),
            stable_id(Kind::Row, &["a", "b"])
        );
        assert_ne!(
            stable_id(Kind::Row, &["a", "b"]),
            stable_id(Kind::Agency, &["a", "b"])
        );
        assert_ne!(
            stable_id(Kind::Row, &["ab", "c"]),
            stable_id(Kind::Row, &["a", "bc"])
        );
        assert!(stable_id(Kind::Mention, &["x"]) >= 0);
    }
}
