//! One entry, and its one sequence of bytes.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};

use crate::viewer::Role;

use super::{
    hash::{Hash, HashKind},
    read::{Reader, Unreadable},
};

/// The first byte of a record: which encoding it is.
const VERSION: u8 = 1;
/// The length that stands for a part that is absent.
const ABSENT: u32 = u32::MAX;

/// An entry's id: 128 bits, the first of which are its time (as UUID version 7 of RFC 9562).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub [u8; 16]);

impl EntryId {
    /// The id of something at a moment, with ten random bytes.
    pub fn new(at: DateTime<Utc>, random: [u8; 10]) -> Self {
        let mut id = [0; 16];
        let millis = at.timestamp_millis().max(0) as u64;
        id[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        id[6..].copy_from_slice(&random);
        id[6] = 0x70 | id[6] & 0x0f;
        id[8] = 0x80 | id[8] & 0x3f;
        Self(id)
    }

    /// The moment that it was made at, to the millisecond.
    pub fn at(&self) -> DateTime<Utc> {
        let mut millis = [0; 8];
        millis[2..].copy_from_slice(&self.0[..6]);
        DateTime::from_timestamp_millis(i64::from_be_bytes(millis)).unwrap_or_default()
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            if [4, 6, 8, 10].contains(&at) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl FromStr for EntryId {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
        let mut id = [0; 16];
        if digits.len() != 32 {
            return Err(Unreadable("an id has 32 hexadecimal digits"));
        }
        for (byte, pair) in id.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok();
            let number = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
            *byte = number.ok_or(Unreadable("an id has hexadecimal digits"))?;
        }
        Ok(Self(id))
    }
}

/// What kind of thing was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A field was read that `access.toml` marks as audited.
    Read,
    /// A mutation.
    Change,
    /// A sanction check.
    Check,
    /// Something left as a file.
    Export,
    /// A field was asked for that the role may not read.
    Denied,
    /// A token was refused.
    Token,
    /// The hub started with another catalogue or configuration than the last time.
    Configuration,
}

crate::text_enum!(Action {
    Read => "READ",
    Change => "CHANGE",
    Check => "CHECK",
    Export => "EXPORT",
    Denied => "DENIED",
    Token => "TOKEN",
    Configuration => "CONFIGURATION",
});

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Allowed,
    /// It was refused.
    Denied,
    /// Something broke; of a change this may mean that nobody knows whether it was made.
    Failed,
}

crate::text_enum!(Outcome {
    Allowed => "ALLOWED",
    Denied => "DENIED",
    Failed => "FAILED",
});

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The token's subject, a number at its issuer and no name.
    pub subject: String,
    /// Who issued the token; none for the hub itself and for who brought none.
    pub issuer: Option<String>,
    /// In which role.
    pub role: Role,
    /// For which areas: codes of divisions.
    pub areas: Vec<String>,
    /// For which body: its unified social credit code.
    pub agency: Option<String>,
}

/// One entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: EntryId,
    /// When, to the microsecond.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: Actor,
    /// What kind of thing.
    pub action: Action,
    /// What exactly: fields, a mutation with its object's id, a file.
    pub object: String,
    /// The numbers of the bodies whose records it was about, each once, ascending.
    pub agencies: Vec<i64>,
    /// The purpose that was stated.
    pub purpose: Option<String>,
    /// The case or document that was stated as its occasion.
    pub reference: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// The request, as the log of requests names it.
    pub request: String,
    /// The SHA-256 of the document that was executed.
    pub document: Option<String>,
    /// What it says of the payload beside it.
    pub commitment: Option<Hash>,
}

/// A salted hash of a payload.
pub fn commitment(kind: HashKind, salt: &[u8; 16], payload: &[u8]) -> Hash {
    kind.commitment(salt, payload)
}

impl Entry {
    /// Its record: the only sequence of bytes that stands for it.
    pub fn encode(&self) -> Vec<u8> {
        let mut record = vec![VERSION];
        put(&mut record, &self.id.0);
        put(&mut record, &self.at.timestamp_micros().to_be_bytes());
        put(&mut record, self.actor.subject.as_bytes());
        put_some(&mut record, self.actor.issuer.as_ref());
        put(&mut record, self.actor.role.as_str().as_bytes());
        let mut areas = Vec::new();
        for area in &self.actor.areas {
            put(&mut areas, area.as_bytes());
        }
        put(&mut record, &areas);
        put_some(&mut record, self.actor.agency.as_ref());
        put(&mut record, self.action.as_str().as_bytes());
        put(&mut record, self.object.as_bytes());
        let agencies: Vec<u8> = self
            .agencies
            .iter()
            .flat_map(|agency| agency.to_be_bytes())
            .collect();
        put(&mut record, &agencies);
        put_some(&mut record, self.purpose.as_ref());
        put_some(&mut record, self.reference.as_ref());
        put(&mut record, self.outcome.as_str().as_bytes());
        put(&mut record, self.request.as_bytes());
        put_some(&mut record, self.document.as_ref());
        put_some(&mut record, self.commitment.as_ref());
        record
    }

    /// Reads a record; what would not be encoded so is refused.
    pub fn decode(record: &[u8]) -> Result<Self, Unreadable> {
        let mut reader = Reader::new(record);
        if reader.byte()? != VERSION {
            return Err(Unreadable("an encoding of another version"));
        }
        let entry = Self {
            id: EntryId(reader.array()?),
            at: DateTime::from_timestamp_micros(i64::from_be_bytes(reader.array()?))
                .ok_or(Unreadable("a moment out of bounds"))?,
            actor: Actor {
                subject: reader.text()?,
                issuer: reader.optional_text()?,
                role: reader.word()?,
                areas: reader.list(Reader::text)?,
                agency: reader.optional_text()?,
            },
            action: reader.word()?,
            object: reader.text()?,
            agencies: reader.numbers()?,
            purpose: reader.optional_text()?,
            reference: reader.optional_text()?,
            outcome: reader.word()?,
            request: reader.text()?,
            document: reader.optional_text()?,
            commitment: reader.optional_array()?,
        };
        reader.end()?;
        if !entry.agencies.is_sorted_by(|a, b| a < b) {
            return Err(Unreadable("bodies out of order"));
        }
        Ok(entry)
    }
}

/// A part: its length as four bytes, the highest first, and its bytes.
fn put(record: &mut Vec<u8>, part: &[u8]) {
    let length = u32::try_from(part.len()).unwrap_or(ABSENT - 1);
    record.extend(length.to_be_bytes());
    record.extend(&part[..length as usize]);
}

/// A part that may be absent.
fn put_some(record: &mut Vec<u8>, part: Option<impl AsRef<[u8]>>) {
    match part {
        Some(part) => put(record, part.as_ref()),
        None => record.extend(ABSENT.to_be_bytes()),
    }
}
