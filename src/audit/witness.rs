//! A witness: somebody elsewhere who keeps the last checkpoint that he saw, and signs the next one only
//! if the log grew out of that one. So it can neither shrink nor be told to two people in two ways.

use std::str::FromStr;

use base64::{Engine, prelude::BASE64_STANDARD};
use domain::audit::{Checkpoint, Hash, NoteKey, SignedNote, verify_consistency};

use super::is_signed_by;

/// Why a witness does not sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the witness does not sign: {0}")]
pub struct Unwitnessed(String);

fn not<T>(reason: impl Into<String>) -> Result<T, Unwitnessed> {
    Err(Unwitnessed(reason.into()))
}

/// A checkpoint, and the proof that the log grew out of an earlier size: `old` and the size, the hashes,
/// one a line, an empty line, the signed checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessRequest {
    pub old: u64,
    pub proof: Vec<Hash>,
    pub note: SignedNote,
}

impl std::fmt::Display for WitnessRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.proof {
            writeln!(f, "{}", BASE64_STANDARD.encode(hash))?;
        }
        write!(f, "\n{}", self.note)
    }
}

impl FromStr for WitnessRequest {
    type Err = Unwitnessed;

    fn from_str(text: &str) -> Result<Self, Unwitnessed> {
        let Some((head, note)) = text.split_once("\n\n") else {
            return not("what it is asked is no request");
        };
        let mut lines = head.lines();
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old ")?.parse().ok());
        let hash = |line: &str| BASE64_STANDARD.decode(line).ok()?.try_into().ok();
        let proof: Option<Vec<Hash>> = lines.map(hash).collect();
        match (old, proof, note.parse()) {
            (Some(old), Some(proof), Ok(note)) => Ok(Self { old, proof, note }),
            _ => not("what it is asked is no request"),
        }
    }
}

impl WitnessRequest {
    /// Whether a witness may sign: the checkpoint is the log's, and continues the one that he keeps.
    pub fn check(
        &self,
        last: Option<&SignedNote>,
        log: &NoteKey,
    ) -> Result<Checkpoint, Unwitnessed> {
        let next = stated(&self.note)?;
        if next.origin != log.name || !is_signed_by(&self.note, log) {
            return not("the checkpoint is not signed by the log's key");
        }
        let Some(last) = last else {
            return Ok(next);
        };
        let last = stated(last)?;
        if last.origin != next.origin || last.kind != next.kind {
            return not("it is another log than the one that it keeps a checkpoint of");
        }
        if next.size < last.size {
            return not(format!(
                "the log shrank from {} entries to {}",
                last.size, next.size
            ));
        }
        if next.size > last.size && self.old != last.size {
            return not(format!(
                "it keeps a checkpoint of {} entries: prove from there",
                last.size
            ));
        }
        // Of one size the proof is empty, and the roots must be the same.
        let proof = if next.size == last.size {
            &[]
        } else {
            self.proof.as_slice()
        };
        let (sizes, roots) = ((last.size, next.size), (&last.root, &next.root));
        match verify_consistency(next.kind, sizes, roots, proof) {
            true => Ok(next),
            false => not(format!(
                "the log forked: its first {} entries are others now",
                last.size
            )),
        }
    }
}

fn stated(note: &SignedNote) -> Result<Checkpoint, Unwitnessed> {
    Checkpoint::parse(&note.body).map_err(|error| Unwitnessed(error.to_string()))
}
