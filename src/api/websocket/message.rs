//! The messages of the protocol, and why a socket is closed.

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes};
use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};

use crate::api::{answer::Answer, strict};

/// Bytes of a client's message.
pub(super) const MESSAGE_BYTES_MAX: usize = 64 * 1_024;
/// Bytes of a reason for closing, as the protocol has it.
const REASON_BYTES_MAX: usize = 123;

/// What a client says.
#[derive(Debug)]
pub(super) enum Said {
    Init(Map<String, Value>),
    Ping(Option<Map<String, Value>>),
    Pong,
    Subscribe {
        id: String,
        payload: Map<String, Value>,
    },
    Complete {
        id: String,
    },
}

/// Why a socket is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Close {
    GoingAway,
    TooManyMessages,
    TooBig,
    TooManySockets,
    InvalidMessage,
    Unauthorized,
    Forbidden,
    InitTimeout,
    IdInUse(String),
    InitTwice,
    Fault,
}

impl Said {
    /// What a message says, if it is one of a client.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut object = strict::object(text.as_bytes()).ok()?;
        let payload = match object.remove("payload") {
            None | Some(Value::Null) => None,
            Some(Value::Object(payload)) => Some(payload),
            Some(_) => return None,
        };
        let id = || match object.get("id") {
            Some(Value::String(id)) if !id.is_empty() => Some(id.clone()),
            _ => None,
        };
        match object.get("type")?.as_str()? {
            "connection_init" => Some(Self::Init(payload.unwrap_or_default())),
            "ping" => Some(Self::Ping(payload)),
            "pong" => Some(Self::Pong),
            "subscribe" => Some(Self::Subscribe {
                id: id()?,
                payload: payload?,
            }),
            "complete" => Some(Self::Complete { id: id()? }),
            _ => None,
        }
    }
}

pub(super) fn ack() -> Message {
    Message::Text(Utf8Bytes::from_static(r#"{"type":"connection_ack"}"#))
}

pub(super) fn pong(payload: Option<Map<String, Value>>) -> Message {
    let pong = match payload {
        Some(payload) => json!({ "type": "pong", "payload": payload }),
        None => json!({ "type": "pong" }),
    };
    Message::Text(pong.to_string().into())
}

pub(super) fn next(id: &str, answer: &Answer) -> Option<Message> {
    let body = std::str::from_utf8(&answer.body).ok()?;
    Some(of(id, "next", body))
}

/// Of a refusal only its errors are told.
pub(super) fn error(id: &str, answer: &Answer) -> Option<Message> {
    #[derive(Deserialize)]
    struct Errors<'a> {
        #[serde(borrow)]
        errors: &'a RawValue,
    }
    let refused: Errors<'_> = serde_json::from_slice(&answer.body).ok()?;
    Some(of(id, "error", refused.errors.get()))
}

pub(super) fn complete(id: &str) -> Message {
    let complete = json!({ "id": id, "type": "complete" });
    Message::Text(complete.to_string().into())
}

fn of(id: &str, kind: &str, payload: &str) -> Message {
    let id = Value::from(id);
    let text = format!(r#"{{"id":{id},"type":"{kind}","payload":{payload}}}"#);
    Message::Text(text.into())
}

impl Close {
    pub(super) fn frame(&self) -> CloseFrame {
        let (code, reason) = match self {
            Close::GoingAway => (1001, "Going away"),
            Close::TooManyMessages => (1008, "Too many messages"),
            Close::TooBig => (1009, "Message too big"),
            Close::TooManySockets => (1013, "Too many connections"),
            Close::InvalidMessage => (4400, "Invalid message"),
            Close::Unauthorized => (4401, "Unauthorized"),
            Close::Forbidden => (4403, "Forbidden"),
            Close::InitTimeout => (4408, "Connection initialisation timeout"),
            Close::IdInUse(id) => return in_use(id),
            Close::InitTwice => (4429, "Too many initialisation requests"),
            Close::Fault => (4500, "Internal server error"),
        };
        CloseFrame {
            code,
            reason: reason.into(),
        }
    }
}

/// The id may be longer than a reason.
fn in_use(id: &str) -> CloseFrame {
    let (start, end) = ("Subscriber for ", " already exists");
    let mut left = REASON_BYTES_MAX - start.len() - end.len();
    if id.len() > left {
        left = id.floor_char_boundary(left);
    }
    let id = id.get(..left).unwrap_or(id);
    CloseFrame {
        code: 4409,
        reason: format!("{start}{id}{end}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_client_may_say_is_read() {
        for good in [
            r#"{"type":"connection_init"}"#,
            r#"{"type":"connection_init","payload":null}"#,
            r#"{"type":"ping","payload":{"a":1}}"#,
            r#"{"type":"pong"}"#,
            r#"{"id":"1","type":"subscribe","payload":{}}"#,
            r#"{"id":"1","type":"complete","more":true}"#,
        ] {
            assert!(Said::read(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"type":1}"#,
            r#"{"type":"next","id":"1","payload":{}}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"connection_init","payload":"x"}"#,
            r#"{"type":"ping","payload":[]}"#,
            r#"{"type":"subscribe","payload":{}}"#,
            r#"{"id":"","type":"subscribe","payload":{}}"#,
            r#"{"id":1,"type":"subscribe","payload":{}}"#,
            r#"{"id":"1","type":"subscribe"}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"ping","type":"ping"}"#,
        ] {
            assert!(Said::read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_reason_is_never_too_long() {
        for id in ["1", &"x".repeat(1_000), &"政信".repeat(100)] {
            let frame = Close::IdInUse(id.to_owned()).frame();
            assert!(frame.reason.len() <= REASON_BYTES_MAX, "{}", frame.reason);
            assert!(frame.reason.ends_with(" already exists"));
        }
        let frame = Close::IdInUse("7".to_owned()).frame();
        assert_eq!(frame.reason.as_str(), "Subscriber for 7 already exists");
    }
}
