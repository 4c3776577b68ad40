//! What is asked, and written into the audit log before it is answered: one entry a request. Without a
//! durable entry there is no answer.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{Value, Variables, parser::types::ExecutableDocument};
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    audit::{Action, Outcome},
    privacy::mask_numbers,
    viewer::{Role, Viewer},
};

use crate::{
    app::App,
    audit::{Draft, Unavailable},
    store::OwnEntry,
};

use super::{
    Door,
    answer::Answer,
    graphql::Code,
    operation::roots,
    pipeline::{Caller, Prepared},
    refusal::No,
};

/// Refusals of those whom nobody knows that are written down in one minute; what comes beyond it is
/// counted, so that a flood of bad tokens fills no disk.
const UNKNOWN_A_MINUTE: u64 = 60;

/// How many refusals of unknown callers were written down lately: bad tokens take no place from fields that the public
/// asks for.
#[derive(Debug, Default)]
pub(super) struct Unknown {
    tokens: InMinute,
    fields: InMinute,
}

/// How many were written down in this minute, and when it began.
#[derive(Debug, Default)]
struct InMinute(Mutex<(Option<DateTime<Utc>>, u64)>);

impl InMinute {
    /// Whether one more may be written down; then how many were not since the last minute began.
    fn admit(&self, now: DateTime<Utc>) -> Option<u64> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = seen
            .0
            .is_none_or(|since| now - since >= TimeDelta::minutes(1));
        let passed_over = match is_over {
            true => {
                let passed_over = seen.1.saturating_sub(UNKNOWN_A_MINUTE);
                *seen = (Some(now), 0);
                passed_over
            }
            false => 0,
        };
        seen.1 += 1;
        (seen.1 <= UNKNOWN_A_MINUTE).then_some(passed_over)
    }
}

impl From<Unavailable> for No {
    fn from(unavailable: Unavailable) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::http(status, Code::Unavailable, unavailable.to_string()).because("AUDIT_UNAVAILABLE")
    }
}

impl Caller {
    /// An entry about what he does.
    pub(super) fn draft(&self, action: Action, object: impl Into<String>) -> Draft {
        Draft {
            purpose: self.purpose.clone(),
            reference: self.reference.clone(),
            request: self.trace.clone(),
            ..Draft::by(&self.session.viewer, action, object)
        }
    }
}

impl Door {
    /// Writes down that audited fields were read, where any were; the answer tells about which bodies.
    pub(super) async fn audit_read(
        &self,
        prepared: &Prepared,
        caller: &Caller,
        answer: &Answer,
    ) -> Result<(), No> {
        let object = match prepared.audited() {
            Some(fields) => fields,
            // Of a bare id the document does not say what it names.
            None if answer.has_met_official => "Query.node Official".to_owned(),
            None => return Ok(()),
        };
        let outcome = match answer.is_refused {
            true => Outcome::Denied,
            false => Outcome::Allowed,
        };
        let mut draft = Draft {
            outcome,
            agencies: answer.agencies.to_vec(),
            document: Some(prepared.document_id()),
            ..caller.draft(Action::Read, object)
        };
        let purposes = answer.occasions.iter().map(|one| one.purpose.clone());
        let references = answer
            .occasions
            .iter()
            .filter_map(|one| one.reference.clone());
        draft.purpose = joined(purposes).or(draft.purpose);
        draft.reference = joined(references).or(draft.reference);
        self.app.audit.record(draft, None).await?;
        Ok(())
    }

    /// The hub as a mutation is to use it: its change carries the entry about it.
    pub(super) fn accompanied(
        &self,
        prepared: &Prepared,
        caller: &Caller,
    ) -> Result<(Arc<App>, Arc<OwnEntry>), No> {
        let draft = self.draft_of_change(prepared, caller);
        let (store, own) = self.app.audit.accompany(&self.app.store, draft)?;
        let app = App {
            store,
            ..App::clone(&self.app)
        };
        Ok((Arc::new(app), own))
    }

    /// Writes down what came of a mutation whose change did not carry its entry: it was refused, it
    /// failed, or it was made before.
    pub(super) async fn audit_change(
        &self,
        prepared: &Prepared,
        caller: &Caller,
        own: &OwnEntry,
        outcome: Outcome,
    ) -> Result<(), No> {
        if !own.is_durable() {
            let draft = Draft {
                outcome,
                ..self.draft_of_change(prepared, caller)
            };
            self.app.audit.record(draft, None).await?;
        }
        Ok(())
    }

    fn draft_of_change(&self, prepared: &Prepared, caller: &Caller) -> Draft {
        Draft {
            document: Some(prepared.document_id()),
            ..caller.draft(Action::Change, prepared.asked_of())
        }
    }

    /// Writes down that fields were asked for that may not be read. The refusal stands either way.
    pub(super) async fn audit_denied(&self, caller: &Caller, no: &No) {
        self.note_denied(caller, &no.message).await;
    }

    /// The same of what executing found out.
    pub(super) async fn note_forbidden(&self, caller: &Caller, answer: &Answer) {
        if let Some(told) = &answer.forbidden {
            self.note_denied(caller, told).await;
        }
    }

    async fn note_denied(&self, caller: &Caller, told: &str) {
        let mut object = told.to_owned();
        if caller.session.viewer.role == Role::Public {
            match self.unknown.fields.admit(self.app.clock.now()) {
                Some(passed_over) => note_passed_over(&mut object, passed_over),
                None => return,
            }
        }
        let draft = Draft {
            outcome: Outcome::Denied,
            ..caller.draft(Action::Denied, object)
        };
        // The writer says in the log what hinders it.
        let _ = self.app.audit.record(draft, None).await;
    }

    /// Writes down that a token was refused, and why; never the token. The refusal stands either way.
    pub(super) async fn audit_token(&self, reason: &str, trace: &str) {
        let Some(passed_over) = self.unknown.tokens.admit(self.app.clock.now()) else {
            return;
        };
        let mut object = reason.to_owned();
        note_passed_over(&mut object, passed_over);
        let draft = Draft {
            outcome: Outcome::Denied,
            request: trace.to_owned(),
            ..Draft::by(&Viewer::public(), Action::Token, object)
        };
        let _ = self.app.audit.record(draft, None).await;
    }
}

/// Several texts as one.
fn joined(texts: impl Iterator<Item = String>) -> Option<String> {
    let texts: Vec<String> = texts.collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

fn note_passed_over(object: &mut String, passed_over: u64) {
    if passed_over > 0 {
        object.push_str(&format!(
            "; {passed_over} more before it were not written down"
        ));
    }
}

/// What a mutation is asked of: its fields, with the ids that their inputs name and none of their words.
pub(super) fn asked_of(
    document: &ExecutableDocument,
    name: Option<&str>,
    variables: &Variables,
) -> String {
    let mut told = Vec::new();
    for field in roots(document, name) {
        told.push(field.name.node.to_string());
        for (_, value) in &field.arguments {
            let of_variable = |name: async_graphql::Name| {
                let value = variables.get(&name).cloned();
                Ok::<_, std::convert::Infallible>(value.unwrap_or(Value::Null))
            };
            let Ok(value) = value.node.clone().into_const_with(of_variable);
            ids(&value, &mut told);
        }
    }
    told.join(" ")
}

fn ids(value: &Value, told: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    // Whose tokens are refused must be told as it was said.
                    Value::String(text) if ["jti", "subject"].contains(&name.as_str()) => {
                        told.push(format!("{name}={text}"));
                    }
                    Value::String(text) if is_id(name) => {
                        told.push(format!("{name}={}", mask_numbers(text)));
                    }
                    _ => ids(value, told),
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| ids(item, told)),
        _ => {}
    }
}

/// Whether a member of an input names a thing.
fn is_id(name: &str) -> bool {
    name.ends_with("Id") || ["id", "run", "agency", "division"].contains(&name)
}
