//! Results as bytes, and errors that tell nothing of the inside.

use std::{io::Write as _, sync::Arc};

use async_graphql::{Response, ServerError, Value};
use bytes::Bytes;
use serde_json::{Map, Value as Json, json};

use crate::telemetry;

use super::{
    bounded::Bounded,
    graphql::{Ask, Code, Occasion},
    refusal::{No, Stage},
};

/// Bytes of an answer.
const ANSWER_BYTES_MAX: usize = 10 * 1_024 * 1_024;
/// Errors that one answer tells.
const ERRORS_MAX: usize = 5;

/// One GraphQL result: a JSON object of `data`, `errors` and `extensions`.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) body: Bytes,
    /// At which stage it was refused; none where it was executed, and `data` stands in it.
    pub(super) refused: Option<Stage>,
    /// Whether there are errors in it.
    pub(super) has_errors: bool,
    /// Whether something asked for in it is not there, or not the caller's to see.
    pub(super) is_refused: bool,
    /// What is told of a kind of things that may not be read, which executing found out: a filter, an order.
    pub(super) forbidden: Option<Arc<str>>,
    /// The bodies about which audited fields tell in it.
    pub(super) agencies: Arc<[i64]>,
    /// Whether an official was found by his id in it.
    pub(super) has_met_official: bool,
    /// For what they do, where what was asked says so itself.
    pub(super) occasions: Arc<[Occasion]>,
}

impl Answer {
    /// The result of an execution on this version of the graph.
    pub(super) fn of(executed: &Response, version: i64, trace: &str) -> Result<Self, No> {
        // What the library itself finds wrong, before or while it executes, is the document or a value
        // in it: then nothing counts as executed. Our resolvers' errors carry a code.
        let was_executed = executed.errors.iter().all(|error| code_of(error).is_some());
        let errors: Vec<Json> = executed
            .errors
            .iter()
            .take(ERRORS_MAX)
            .map(|error| error_json(error, trace))
            .collect();
        if !errors.is_empty() {
            let partly = "PARTIAL";
            telemetry::note_code(if was_executed {
                partly
            } else {
                Code::Invalid.as_str()
            });
        }
        let mut body = Bounded::new(ANSWER_BYTES_MAX);
        let written = write(&mut body, executed, was_executed, &errors, version);
        written.map_err(|_| {
            let message =
                format!("the answer has more than {ANSWER_BYTES_MAX} bytes: ask for smaller pages");
            No::new(Stage::Document, Code::Limited, message)
        })?;
        Ok(Self {
            body: body.bytes.into(),
            refused: (!was_executed).then_some(Stage::Document),
            has_errors: !errors.is_empty(),
            is_refused: false,
            forbidden: executed
                .errors
                .iter()
                .find(|error| code_of(error) == Some(Code::Forbidden.as_str()))
                .map(|error| error.message.as_str().into()),
            agencies: Arc::default(),
            has_met_official: false,
            occasions: Arc::default(),
        })
    }

    /// The same, with what the audit log is to say of it.
    pub(super) fn about(mut self, ask: &Ask) -> Self {
        self.agencies = ask.audited();
        self.occasions = ask.occasions();
        self.has_met_official = ask.has_met_official();
        self.is_refused = ask.is_refused();
        self
    }

    /// A refusal before anything was executed: a well-formed result without `data`.
    pub(super) fn refusal(no: &No, version: i64, trace: &str) -> Self {
        let extensions = extensions(no.code.as_str(), no.reason, trace);
        let error = json!({ "message": no.message, "extensions": extensions });
        let result = json!({ "errors": [error], "extensions": { "version": version } });
        Self {
            body: result.to_string().into(),
            refused: Some(no.stage),
            has_errors: true,
            is_refused: true,
            forbidden: None,
            agencies: Arc::default(),
            has_met_official: false,
            occasions: Arc::default(),
        }
    }
}

/// Writes a result; fails where there is no more room.
fn write(
    body: &mut Bounded,
    executed: &Response,
    was_executed: bool,
    errors: &[Json],
    version: i64,
) -> std::io::Result<()> {
    body.write_all(b"{")?;
    if was_executed {
        body.write_all(b"\"data\":")?;
        serde_json::to_writer(&mut *body, &executed.data)?;
    }
    if !errors.is_empty() {
        body.write_all(if was_executed {
            b",\"errors\":"
        } else {
            b"\"errors\":"
        })?;
        serde_json::to_writer(&mut *body, errors)?;
    }
    write!(body, ",\"extensions\":{{\"version\":{version}}}}}")
}

fn code_of(error: &ServerError) -> Option<&str> {
    told(error, "code")
}

fn told<'a>(error: &'a ServerError, name: &str) -> Option<&'a str> {
    match error.extensions.as_ref()?.get(name)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn extensions(code: &str, reason: Option<&str>, trace: &str) -> Json {
    match reason {
        Some(reason) => json!({ "code": code, "reason": reason, "traceId": trace }),
        None => json!({ "code": code, "traceId": trace }),
    }
}

fn error_json(error: &ServerError, trace: &str) -> Json {
    let (code, message) = match code_of(error) {
        Some(code) => (code, error.message.as_str()),
        // The library's texts repeat what was asked; the place is enough.
        None if error.path.is_empty() => (
            Code::Invalid.as_str(),
            "the query does not fit the schema here / 查询与模式不符",
        ),
        None => (
            Code::Invalid.as_str(),
            "a value does not fit its type here / 取值与类型不符",
        ),
    };
    let mut object = Map::new();
    object.insert("message".to_owned(), Json::String(message.to_owned()));
    if !error.locations.is_empty() {
        object.insert("locations".to_owned(), json!(error.locations));
    }
    if !error.path.is_empty() {
        object.insert("path".to_owned(), json!(error.path));
    }
    object.insert(
        "extensions".to_owned(),
        extensions(code, told(error, "reason"), trace),
    );
    Json::Object(object)
}
