//! From an input to what casework is asked for.

use std::sync::Arc;

use async_graphql::ID;
use domain::{
    casework::{Command, Deed, Regarding},
    privacy::mask_numbers,
};
use serde::{Deserialize, Serialize};

use crate::casework::{Asked, Outcome, Target};

use super::{
    super::{
        ask::Ask,
        error::{ApiError, Result},
        mutation::{Done, NotDone, Refusal, VersionConflict, once},
        node::{NodeKind, number_of},
    },
    Objection, Repair, Sanction,
};

/// Characters of a basis, a note, and other words.
const WORDS_CHARS_MAX: usize = 2_000;
/// Pieces of evidence with one step.
const EVIDENCE_MAX: usize = 20;
/// Hexadecimal digits of a SHA-256.
const DIGEST_CHARS: usize = 64;

/// What every input of a step has.
pub(super) struct Common {
    pub key: String,
    pub version: i32,
    pub basis: Option<String>,
    pub note: Option<String>,
    pub evidence: Vec<String>,
}

/// What a step is about, by global id.
#[derive(Debug)]
pub(super) enum Of<'a> {
    Clue(&'a ID),
    Record(&'a ID),
    Case(&'a ID),
    Sanction(&'a ID),
    Repair(&'a ID),
    Objection(&'a ID),
    /// A new case about a body.
    Agency(&'a ID),
    /// A new case about the body of a record.
    Subject(&'a ID),
    /// The body of a warning, about which a case begins.
    Warned(&'a ID),
    /// Neither a body nor a record, or both.
    Unsaid,
}

/// What was done, as it is kept under its key.
#[derive(Serialize, Deserialize)]
pub(super) struct Settled {
    pub(super) case: i64,
}

type Step = std::result::Result<(Target, i64), NotDone>;

/// What a step is about, as the viewer may see it; who saw another version is told so.
fn target(ask: &Ask, of: &Of<'_>, common: &Common) -> Step {
    let number = |kind, id: &ID| number_of(ask, kind, id);
    let view = &ask.view;
    let seen = i64::from(common.version);
    let of_part = |standing: Option<(i64, i64, i64)>| {
        let (case, events, version) = standing.ok_or_else(missing)?;
        if version != seen {
            return Err(NotDone::Changed(VersionConflict::new(version)));
        }
        Ok((Target::Case(case), events))
    };
    let plain = |target: Option<Target>| Ok((target.ok_or_else(missing)?, seen));
    match of {
        Of::Clue(id) => plain(number(NodeKind::Clue, id).map(Target::Clue)),
        Of::Record(id) => plain(number(NodeKind::CreditRecord, id).map(Target::Record)),
        Of::Case(id) => plain(number(NodeKind::Case, id).map(Target::Case)),
        Of::Agency(id) => {
            let id = number(NodeKind::Agency, id);
            let key = common.key.clone();
            plain(id.map(|id| Target::Agency { id, key }))
        }
        Of::Subject(id) => {
            let record = number(NodeKind::CreditRecord, id);
            let key = common.key.clone();
            plain(record.map(|record| Target::BodyOf {
                occasion: Regarding::Record(record),
                key,
            }))
        }
        Of::Warned(id) => {
            let warning = number(NodeKind::Warning, id).map(Regarding::Warning);
            let key = common.key.clone();
            plain(warning.map(|occasion| Target::BodyOf { occasion, key }))
        }
        Of::Unsaid => Err(NotDone::Refused(Refusal::new(
            "NEEDS_SUBJECT",
            "a body or a record is needed, not both / 单位与记录须择一写明",
        ))),
        Of::Sanction(id) => {
            let number = number(NodeKind::Sanction, id);
            let sanction = number.and_then(|id| Sanction::by_number(view, id));
            of_part(sanction.map(|sanction| sanction.standing()))
        }
        Of::Repair(id) => {
            let number = number(NodeKind::Repair, id);
            let repair = number.and_then(|id| Repair::by_number(view, id));
            of_part(repair.map(|repair| repair.standing()))
        }
        Of::Objection(id) => {
            let number = number(NodeKind::Objection, id);
            let objection = number.and_then(|id| Objection::by_number(view, id));
            of_part(objection.map(|objection| objection.standing()))
        }
    }
}

fn missing() -> NotDone {
    NotDone::Refused(Refusal::new(
        "NOT_FOUND",
        "there is no such thing / 没有该对象",
    ))
}

/// The number of a body that a command names, whoever may see it: whether it is competent casework says.
pub(super) fn body(ask: &Ask, id: &ID) -> std::result::Result<i64, NotDone> {
    let number = number_of(ask, NodeKind::Agency, id);
    let known = number.filter(|id| ask.view.present().agency(*id).is_some());
    known.ok_or_else(|| {
        NotDone::Refused(Refusal::new(
            "AGENCY_NOT_FOUND",
            "there is no such agency / 没有该单位",
        ))
    })
}

/// The number of a sanction, an application or an objection.
pub(super) fn part(ask: &Ask, kind: NodeKind, id: &ID) -> std::result::Result<i64, NotDone> {
    number_of(ask, kind, id).ok_or_else(missing)
}

/// A number of something in a case, from 1.
pub(super) fn ordinal(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// Words as they are kept.
pub(in crate::api::graphql) fn words(written: Option<&str>, what: &str) -> Result<Option<String>> {
    let Some(written) = written else {
        return Ok(None);
    };
    let words = mask_numbers(written.trim()).into_owned();
    match words.chars().count() {
        0 => Ok(None),
        count if count <= WORDS_CHARS_MAX => Ok(Some(words)),
        _ => Err(ApiError::invalid(format!(
            "{what} has at most {WORDS_CHARS_MAX} characters"
        ))),
    }
}

/// Digests of evidence as they are kept.
pub(in crate::api::graphql) fn digests(written: Vec<String>) -> Result<Vec<String>> {
    if written.len() > EVIDENCE_MAX {
        let message = format!("at most {EVIDENCE_MAX} pieces of evidence with one step");
        return Err(ApiError::invalid(message));
    }
    let is_digest = |text: &String| {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        text.len() == DIGEST_CHARS && text.bytes().all(is_hex)
    };
    if !written.iter().all(is_digest) {
        let message = format!(
            "evidence is named by its SHA-256: {DIGEST_CHARS} hexadecimal digits, small letters"
        );
        return Err(ApiError::invalid(message));
    }
    Ok(written)
}

/// Takes one step, once under its key.
pub(super) async fn step(
    ask: &Ask,
    name: &str,
    common: Common,
    of: Of<'_>,
    deed: std::result::Result<Deed, NotDone>,
    identified_by: Option<String>,
) -> Result<Done<Settled, NotDone>> {
    let basis = words(common.basis.as_deref(), "a basis")?;
    let note = words(common.note.as_deref(), "a note")?;
    let evidence = digests(common.evidence.clone())?;
    // By what was written: what it is about may have moved on since, by this very step.
    let version = common.version;
    let said = (&basis, &note, &evidence, &identified_by);
    let request = format!("{of:?} {version} {:?} {said:?}", deed.as_ref().ok());
    let target = target(ask, &of, &common);
    let asked = match (target, deed) {
        (Ok((target, version)), Ok(deed)) => Ok(Asked {
            target,
            version,
            command: Command {
                deed,
                basis,
                note,
                evidence,
            },
            identified_by: words(identified_by.as_deref(), "who determined it")?,
        }),
        (Err(not_done), _) | (_, Err(not_done)) => Err(not_done),
    };
    let casework = ask.app.casework();
    let view = Arc::clone(&ask.view);
    let attempt = Box::pin(async move {
        let asked = match asked {
            Ok(asked) => asked,
            Err(not_done) => return Ok(Done::Not(not_done)),
        };
        Ok(match casework.act(&view, asked).await? {
            Outcome::Done(case) => Done::Well(Settled { case }),
            Outcome::Gone => Done::Not(missing()),
            Outcome::Changed { current } => {
                Done::Not(NotDone::Changed(VersionConflict::new(current)))
            }
            Outcome::Refused(refused) => Done::Not(NotDone::Refused(Refusal::by(
                refused.code,
                refused.message,
                refused.basis,
            ))),
        })
    });
    once(ask, common.key, &[name, &request], attempt).await
}
