//! An entry before it has an id and a moment.

use chrono::{DateTime, Utc};
use domain::{
    audit::{Action, Actor, Entry, EntryId, HashKind, Outcome, commitment},
    viewer::{Role, Viewer},
};

use crate::store::KeptPayload;

use super::Unavailable;

/// Characters of what is told of an object, of a purpose, of a reference.
const TEXT_CHARS_MAX: usize = 1_000;

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
        draft.actor.subject = "hub".to_owned();
        draft
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
            purpose: self.purpose.map(bounded),
            reference: self.reference.map(bounded),
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

fn bounded(text: String) -> String {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
