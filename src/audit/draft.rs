//! An entry before it has an id and a moment.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::{
    audit::{Action, Actor, Entry, EntryId, HashKind, Outcome, commitment},
    privacy::mask_numbers,
    viewer::{Role, Viewer},
};

use crate::store::KeptPayload;

use super::Unavailable;

/// Who did what the hub did by itself.
const HUB: &str = "hub";
/// Characters of what is told of an object, of a purpose, of a reference.
const TEXT_CHARS_MAX: usize = 1_000;
/// Bodies that one entry names.
const BODIES_MAX: usize = 5_000;

/// What an entry is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub actor: Actor,
    pub action: Action,
    /// What exactly: fields, a mutation with its object's id, a file.
    pub object: String,
    /// The numbers of the bodies whose records it is about.
    pub agencies: Vec<i64>,
    pub purpose: Option<String>,
    /// The case or document that is its occasion.
    pub reference: Option<String>,
    pub outcome: Outcome,
    /// The request, as the log of requests names it.
    pub request: String,
    pub document: Option<String>,
}

impl Draft {
    /// Something that a viewer did.
    pub fn by(viewer: &Viewer, action: Action, object: impl Into<String>) -> Self {
        Self {
            actor: Actor {
                subject: viewer.subject.clone(),
                issuer: viewer.issuer.clone(),
                role: viewer.role,
                areas: viewer.divisions.iter().map(ToString::to_string).collect(),
                agency: viewer.agency.as_ref().map(ToString::to_string),
            },
            action,
            object: object.into(),
            agencies: Vec::new(),
            purpose: None,
            reference: None,
            outcome: Outcome::Allowed,
            request: String::new(),
            document: None,
        }
    }

    /// Something that whoever runs the hub did on its machine.
    pub fn by_hub(action: Action, object: impl Into<String>) -> Self {
        let hub = Viewer {
            subject: "command line".to_owned(),
            role: Role::Operator,
            ..Viewer::public()
        };
        Self::by(&hub, action, object)
    }

    /// Something that the hub did by itself.
    pub fn by_itself(action: Action, object: impl Into<String>) -> Self {
        let mut draft = Self::by_hub(action, object);
        draft.actor.subject = HUB.to_owned();
        draft
    }

    /// The same on behalf of somebody who asked for it once.
    pub fn by_itself_for(viewer: &Viewer, action: Action, object: impl Into<String>) -> Self {
        let hub = Viewer {
            subject: HUB.to_owned(),
            issuer: None,
            ..viewer.clone()
        };
        Self::by(&hub, action, object)
    }

    /// The same about these bodies: as many entries as it takes to name them all.
    pub fn about(self, bodies: &BTreeSet<i64>) -> Vec<Self> {
        let bodies: Vec<i64> = bodies.iter().copied().collect();
        let parts = bodies.chunks(BODIES_MAX).count();
        if parts < 2 {
            return vec![Self {
                agencies: bodies,
                ..self
            }];
        }
        let part = |(at, bodies): (usize, &[i64])| Self {
            agencies: bodies.to_vec(),
            object: format!("{} ({} of {parts})", self.object, at + 1),
            ..self.clone()
        };
        bodies.chunks(BODIES_MAX).enumerate().map(part).collect()
    }

    /// The entry's bytes, with an id of its own.
    pub(super) fn seal(
        self,
        kind: HashKind,
        now: DateTime<Utc>,
        payload: Option<Vec<u8>>,
    ) -> Result<(Entry, Option<KeptPayload>), Unavailable> {
        let mut random = [0; 26];
        getrandom::fill(&mut random).map_err(|_| Unavailable)?;
        let (for_id, salt) = random.split_first_chunk::<10>().expect("26 bytes");
        let salt: [u8; 16] = salt.try_into().expect("16 bytes are left");
        let Self { mut agencies, .. } = self;
        agencies.sort_unstable();
        agencies.dedup();
        let entry = Entry {
            id: EntryId::new(now, *for_id),
            at: DateTime::from_timestamp_micros(now.timestamp_micros()).ok_or(Unavailable)?,
            actor: self.actor,
            action: self.action,
            object: bounded(self.object),
            agencies,
            purpose: self.purpose.map(masked),
            reference: self.reference.map(masked),
            outcome: self.outcome,
            request: self.request,
            document: self.document,
            commitment: payload
                .as_ref()
                .map(|payload| commitment(kind, &salt, payload)),
        };
        let payload = payload.map(|payload| KeptPayload {
            salt: salt.to_vec(),
            payload,
        });
        Ok((entry, payload))
    }
}

/// What a client wrote: without numbers of persons, as everywhere.
fn masked(text: String) -> String {
    bounded(mask_numbers(&text).into_owned())
}

fn bounded(text: String) -> String {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
