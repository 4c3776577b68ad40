//! Checkpoints: what the log was at a moment, as a signed note (C2SP signed-note and tlog-checkpoint).

use std::{fmt, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};

use super::hash::{Hash, HashKind};

/// Bytes of an Ed25519 key.
pub const KEY_BYTES: usize = 32;
/// What signed notes call Ed25519.
const ED25519: u8 = 1;
/// What a signature's line begins with.
const DASH: &str = "\u{2014} ";

/// Why a text is no note or no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

fn malformed(reason: impl Into<String>) -> Malformed {
    Malformed(reason.into())
}

/// What the log was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// How many entries it had.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Hash,
    /// The last link of the chain over them.
    pub chain: Hash,
    /// By which function all of this was hashed.
    pub kind: HashKind,
    /// When it was made, to the second.
    pub at: DateTime<Utc>,
}

impl Checkpoint {
    /// The text that is signed.
    pub fn body(&self) -> String {
        format!(
            "{}\n{}\n{}\nchain {}\nhash {}\ntime {}\n",
            self.origin,
            self.size,
            BASE64_STANDARD.encode(self.root),
            BASE64_STANDARD.encode(self.chain),
            self.kind,
            self.at.to_rfc3339_opts(SecondsFormat::Secs, true),
        )
    }

    /// Reads the text; what would not be written so is refused.
    pub fn parse(body: &str) -> Result<Self, Malformed> {
        let lines: Vec<&str> = body.lines().collect();
        let [origin, size, root, chain, kind, at] = lines[..] else {
            return Err(malformed("a checkpoint has six lines"));
        };
        let word = |line: &'_ str, name: &str| {
            let word = line
                .strip_prefix(name)
                .and_then(|line| line.strip_prefix(' '));
            word.map(str::to_owned)
                .ok_or_else(|| malformed(format!("the line of {name} is missing")))
        };
        let checkpoint = Self {
            origin: origin.to_owned(),
            size: size
                .parse()
                .map_err(|_| malformed("its size is no number"))?,
            root: hash(root)?,
            chain: hash(&word(chain, "chain")?)?,
            kind: word(kind, "hash")?
                .parse()
                .map_err(|_| malformed("its hash is unknown"))?,
            at: DateTime::parse_from_rfc3339(&word(at, "time")?)
                .map_err(|_| malformed("its time is none"))?
                .to_utc(),
        };
        match checkpoint.body() == body {
            true => Ok(checkpoint),
            false => Err(malformed("it is not written as checkpoints are")),
        }
    }
}

fn hash(text: &str) -> Result<Hash, Malformed> {
    let bytes = BASE64_STANDARD.decode(text).ok();
    let hash = bytes.and_then(|bytes| bytes.try_into().ok());
    hash.ok_or_else(|| malformed("a hash has 32 bytes in base64"))
}

/// Whose signature on notes is believed: a name and an Ed25519 key, written `name+id+key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteKey {
    /// Whose key, without spaces and `+`.
    pub name: String,
    /// The public key.
    pub public: [u8; KEY_BYTES],
}

impl NoteKey {
    /// By which a signature's line tells its key: the first bytes of a hash over name and key.
    pub fn id(&self) -> [u8; 4] {
        let mut hash = Sha256::new();
        hash.update(self.name.as_bytes());
        hash.update([b'\n', ED25519]);
        hash.update(self.public);
        let hash = hash.finalize();
        [hash[0], hash[1], hash[2], hash[3]]
    }
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend(self.public);
        let id = u32::from_be_bytes(self.id());
        write!(f, "{}+{id:08x}+{}", self.name, BASE64_STANDARD.encode(key))
    }
}

impl FromStr for NoteKey {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let wrong = || malformed("a key is written name+id+key");
        // Base64 has a plus of its own.
        let mut parts = text.trim().splitn(3, '+');
        let (name, _, key) = match (parts.next(), parts.next(), parts.next()) {
            (Some(name), Some(id), Some(key)) if is_name(name) => (name, id, key),
            _ => return Err(wrong()),
        };
        let key = BASE64_STANDARD.decode(key).map_err(|_| wrong())?;
        let (kind, public) = key.split_first().ok_or_else(wrong)?;
        let public = public.try_into().map_err(|_| wrong())?;
        let name = name.to_owned();
        let key = Self { name, public };
        match *kind == ED25519 && key.to_string() == text.trim() {
            true => Ok(key),
            false => Err(malformed("the key's id is that of another key")),
        }
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['+', ' ', '\n'])
}

/// A note with its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    /// The text that is signed, with its last line's end.
    pub body: String,
    /// Name, key id and signature, in their order.
    pub signatures: Vec<(String, [u8; 4], Vec<u8>)>,
}

impl SignedNote {
    /// The same with one more signature.
    pub fn signed_by(mut self, key: &NoteKey, signature: Vec<u8>) -> Self {
        self.signatures
            .push((key.name.clone(), key.id(), signature));
        self
    }

    /// The same with what others signed of the same text.
    pub fn joined(mut self, other: &Self) -> Self {
        let others = other.signatures.iter().filter(|_| self.body == other.body);
        let others: Vec<_> = others
            .filter(|one| !self.signatures.contains(one))
            .cloned()
            .collect();
        self.signatures.extend(others);
        self
    }

    /// The signatures that claim to be by this key.
    pub fn signatures_of<'a>(&'a self, key: &NoteKey) -> impl Iterator<Item = &'a [u8]> {
        let (name, id) = (key.name.clone(), key.id());
        let of_key = self
            .signatures
            .iter()
            .filter(move |(by, with, _)| *by == name && *with == id);
        of_key.map(|(_, _, signature)| signature.as_slice())
    }
}

impl fmt::Display for SignedNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.body)?;
        for (name, id, signature) in &self.signatures {
            let bytes = [id.as_slice(), signature].concat();
            writeln!(f, "{DASH}{name} {}", BASE64_STANDARD.encode(bytes))?;
        }
        Ok(())
    }
}

impl FromStr for SignedNote {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (body, lines) = text
            .rsplit_once("\n\n")
            .ok_or_else(|| malformed("a note has an empty line before its signatures"))?;
        let signature = |line: &str| {
            let (name, bytes) = line.strip_prefix(DASH)?.split_once(' ')?;
            let bytes = BASE64_STANDARD.decode(bytes).ok()?;
            let (id, signature) = bytes.split_first_chunk()?;
            is_name(name).then(|| (name.to_owned(), *id, signature.to_vec()))
        };
        let signatures: Option<Vec<_>> = lines.lines().map(signature).collect();
        let signatures = signatures.ok_or_else(|| malformed("a signature's line is none"))?;
        if signatures.is_empty() {
            return Err(malformed("a note without a signature"));
        }
        let body = format!("{body}\n");
        Ok(Self { body, signatures })
    }
}
