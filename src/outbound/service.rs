//! The signed service: one message a request.

use reqwest::{Method, Url};
use serde_json::{Map, Value};

use crate::{
    catalogue::{Layout, SendService},
    clock::Clock,
    config::Place,
    egress::{self, Egress},
};

use super::{
    Error,
    message::Message,
    trial::{Trial, short},
};

/// A platform's service.
pub(super) struct Service {
    service: egress::Service,
    base: Url,
    layout: SendService,
    columns: Vec<String>,
}

impl Service {
    pub(super) fn new(
        key: &str,
        layout: &Layout,
        place: &Place,
        egress: &Egress,
        clock: &Clock,
    ) -> Result<Self, Error> {
        let layout_of_service = layout.service.clone().ok_or(Error::Channel {
            target: key.to_owned(),
            channel: "service",
        })?;
        // An address may hold a password, so it is not repeated.
        let wrong = |expected| Error::Place {
            target: key.to_owned(),
            expected,
        };
        let url = place.url.as_deref().ok_or(wrong("place.url"))?;
        let mut base: Url = url.parse().map_err(|_| wrong("place.url as https://…"))?;
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let closed = |source| Error::Egress {
            target: key.to_owned(),
            source,
        };
        let door = egress.door(place).map_err(closed)?;
        let pace = place.requests_per_second;
        let door = pace.map_or(door.clone(), |pace| door.paced(pace));
        let dialect = layout_of_service.signing;
        Ok(Self {
            service: egress::Service::new(door, dialect, place, clock.clone()).map_err(closed)?,
            base,
            layout: layout_of_service,
            columns: layout.columns().map(|column| column.name.clone()).collect(),
        })
    }

    /// Sends a message. One whose outcome is open is asked for first where the platform can be
    /// asked; else it is sent again under its number, by which the platform tells it.
    pub(super) async fn deliver(&self, message: &Message, is_open: bool) -> Trial {
        if is_open && let Some(query) = &self.layout.query {
            match self.ask(message, query).await {
                Asked::Missing => {}
                Asked::Settled(trial) => return trial,
            }
        }
        let url = match self.base.join(&self.layout.path) {
            Ok(url) => url,
            Err(error) => return Trial::Down(error.to_string()),
        };
        let body = Some(self.body(message));
        let answer = self.service.send_once(Method::POST, url, body).await;
        match answer {
            Ok(answer) => self.judge(&answer.body),
            Err(error) => failed(error),
        }
    }

    fn body(&self, message: &Message) -> Value {
        let cells = message
            .row
            .iter()
            .map(|cell| cell.clone().map_or(Value::Null, Value::from));
        let row: Map<_, _> = self.columns.iter().cloned().zip(cells).collect();
        match &self.layout.row {
            Some(key) => Value::Object(Map::from_iter([(key.clone(), row.into())])),
            None => row.into(),
        }
    }

    fn judge(&self, answer: &[u8]) -> Trial {
        let Some((code, answer)) = self.code(answer) else {
            // It may well have been taken in.
            return Trial::Open("its answer has no code where the layout says".to_owned());
        };
        let reason = self.reason(&code, &answer);
        if self.layout.answer.accepted.contains(&code) {
            Trial::Accepted(text_at(&answer, self.layout.answer.receipt.as_deref()))
        } else if self.layout.answer.later.contains(&code) {
            Trial::NotNow(reason)
        } else {
            Trial::Refused(reason)
        }
    }

    async fn ask(&self, message: &Message, query: &crate::catalogue::Query) -> Asked {
        let url = self.base.join(&query.path).map(|mut url| {
            url.query_pairs_mut()
                .append_pair(&query.parameter, &message.number);
            url
        });
        let answer = match url {
            Ok(url) => self.service.call(Method::GET, url, None).await,
            Err(error) => return Asked::Settled(Trial::Down(error.to_string())),
        };
        let open = |reason: String| Asked::Settled(Trial::Open(reason));
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Asked::Settled(Trial::Down(error.to_string())),
        };
        let Some((code, answer)) = self.code(&answer.body) else {
            return open("its answer has no code where the layout says".to_owned());
        };
        let reason = self.reason(&code, &answer);
        if query.missing.contains(&code) {
            Asked::Missing
        } else if query.refused.contains(&code) {
            Asked::Settled(Trial::Refused(reason))
        } else if self.layout.answer.accepted.contains(&code) {
            let receipt = text_at(&answer, self.layout.answer.receipt.as_deref());
            Asked::Settled(Trial::Accepted(receipt))
        } else {
            open(reason)
        }
    }

    fn code(&self, answer: &[u8]) -> Option<(String, Value)> {
        let answer: Value = serde_json::from_slice(answer).ok()?;
        let code = text_at(&answer, Some(&self.layout.answer.code))?;
        Some((code, answer))
    }

    fn reason(&self, code: &str, answer: &Value) -> String {
        let said = text_at(answer, self.layout.answer.reason.as_deref()).unwrap_or_default();
        short(&format!("code {code}: {said}"))
    }
}

enum Asked {
    Missing,
    Settled(Trial),
}

/// What a request without an answer means for its message.
fn failed(error: egress::Error) -> Trial {
    use egress::Error as E;
    let reason = error.to_string();
    match error {
        E::Address
        | E::Range { .. }
        | E::Certificates { .. }
        | E::Client { .. }
        | E::Forbidden { .. }
        | E::Elsewhere { .. }
        | E::Unconnected { .. }
        | E::Limited { .. }
        | E::LeftAlone { .. }
        | E::Signing { .. } => Trial::Down(reason),
        E::Redirect { .. } => Trial::Refused(reason),
        // It came too slowly or too early: nothing is wrong with it.
        E::Status {
            status: 408 | 425, ..
        } => Trial::NotNow(reason),
        // It meets something that is there, which may be itself.
        E::Status { status: 409, .. } => Trial::Open(reason),
        // Who we are, where we ask and how often is nothing that the message could mend.
        E::Status {
            status: 401 | 403 | 404 | 405 | 429 | 503,
            ..
        } => Trial::Down(reason),
        E::Status {
            status: 300..=499, ..
        } => Trial::Refused(reason),
        // Behind anything else it may have been taken in.
        _ => Trial::Open(reason),
    }
}

fn text_at(answer: &Value, pointer: Option<&str>) -> Option<String> {
    match answer.pointer(pointer?)? {
        Value::String(text) => Some(short(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}
