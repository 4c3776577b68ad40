//! Webhooks, after the Standard Webhooks specification.

use std::{path::Path, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use domain::notice::{Notice, NoticeAgency, Told, WatchNotice};
use reqwest::{Method, Url};
use serde::Serialize;

use crate::{
    config::Place,
    egress::{self, Door, Egress, Request, repeatable_message},
    store::ClaimedNotice,
};

use super::{Error, Outcome, Trial, api_id, signature::Secrets};

/// Requests to a subscriber's host in a second, where he does not say otherwise.
const PER_SECOND: std::num::NonZeroU32 = std::num::NonZeroU32::new(20).expect("not zero");
/// How long a host is left alone that can't be reached at all.
const UNREACHED: Duration = Duration::from_secs(60);

/// The way to one subscriber.
pub(super) struct Webhook {
    door: Door,
    url: Url,
    secrets: Secrets,
}

impl Webhook {
    pub(super) fn new(
        name: &str,
        place: &Place,
        secret_file: &Path,
        egress: &Egress,
    ) -> Result<Self, Error> {
        let wrong = |key, reason: String| Error::Subscriber {
            name: name.to_owned(),
            key,
            reason,
        };
        let text = std::fs::read_to_string(secret_file);
        let text = text.map_err(|error| {
            let reason = format!("{} can't be read: {error}", secret_file.display());
            wrong("secret_file", reason)
        })?;
        let secrets = Secrets::read(&text);
        let secrets = secrets.map_err(|reason| {
            let reason = format!("{}: {reason}", secret_file.display());
            wrong("secret_file", reason)
        })?;
        let door = egress.door(place).map_err(|source| Error::Egress {
            name: name.to_owned(),
            source,
        })?;
        // An address may hold a password, so it is not repeated.
        let url = place.url.as_deref().and_then(|url| url.parse().ok());
        Ok(Self {
            door: door.paced(place.requests_per_second.unwrap_or(PER_SECOND)),
            url: url.ok_or_else(|| wrong("url", "is no address".to_owned()))?,
            secrets,
        })
    }

    /// Sends a notice, once.
    pub(super) async fn send(
        &self,
        claimed: &ClaimedNotice,
        province: &str,
        now: DateTime<Utc>,
    ) -> Trial {
        let payload = payload(claimed, province);
        let mut request = Request::new(Method::POST, self.url.clone());
        request.headers = self
            .secrets
            .headers(&claimed.message, now.timestamp(), &payload);
        request.body = Some(Bytes::from(payload));
        match self.door.send(&request).await {
            Ok(answer) => Trial {
                outcome: Outcome::Done,
                status: Some(answer.status.as_u16()),
                error: None,
            },
            Err(error) => failed(&error),
        }
    }
}

/// What a request means that got no good answer.
fn failed(error: &egress::Error) -> Trial {
    use egress::Error as E;
    let (outcome, status) = match error {
        E::Status { status: 410, .. } => (Outcome::Gone, Some(410)),
        E::Status {
            status,
            retry_after,
            ..
        } => (Outcome::Failed(*retry_after), Some(*status)),
        E::Redirect { status, .. } => (Outcome::Failed(None), Some(*status)),
        // It said that it has it, and then something that we don't want to know.
        E::TooLong { .. } | E::Packed { .. } | E::CutOff { .. } => (Outcome::Done, None),
        E::LeftAlone { for_s, .. } => (Outcome::Down(Duration::from_secs(*for_s)), None),
        E::Limited { retry_after, .. } => (Outcome::Down(*retry_after), None),
        E::Client { .. } | E::Certificates { .. } | E::Signing { .. } => {
            (Outcome::Down(UNREACHED), None)
        }
        _ => (Outcome::Failed(None), None),
    };
    Trial {
        outcome,
        status,
        error: Some(repeatable_message(&error.to_string())),
    }
}

#[derive(Serialize)]
struct Payload<'a> {
    r#type: String,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Warning(WarningData<'a>),
    Watch(WatchData<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WarningData<'a> {
    warning_id: String,
    version: u32,
    agency: Agency<'a>,
    red_line: &'a str,
    level: &'static str,
    state: &'static str,
    message: &'a str,
    due_on: Option<NaiveDate>,
    raised_at: String,
}

/// By which keys a client finds what became of a subject, and nothing of what it says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WatchData<'a> {
    list_id: String,
    reference: Option<&'a str>,
    cursor: &'a str,
    kind: &'static str,
    cause: &'static str,
    subject: Agency<'a>,
    about: Agency<'a>,
    inherited: bool,
    record_id: Option<String>,
    sanction_id: Option<String>,
}

#[derive(Serialize)]
struct Agency<'a> {
    uscc: &'a str,
    name: &'a str,
}

impl<'a> From<&'a NoticeAgency> for Agency<'a> {
    fn from(agency: &'a NoticeAgency) -> Self {
        Self {
            uscc: &agency.uscc,
            name: &agency.name,
        }
    }
}

/// What is sent: the same bytes at each try.
fn payload(claimed: &ClaimedNotice, province: &str) -> String {
    let (at, data) = match &claimed.notice {
        Told::Warning(notice) => (notice.at, Data::Warning(of_warning(notice, province))),
        Told::Watch(notice) => (notice.at, Data::Watch(of_watch(notice, province))),
    };
    let payload = Payload {
        r#type: claimed.notice.kind(),
        timestamp: moment(at),
        data,
    };
    serde_json::to_string(&payload).expect("a payload is plain data")
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn of_warning<'a>(notice: &'a Notice, province: &str) -> WarningData<'a> {
    let warning = &notice.warning;
    WarningData {
        warning_id: api_id("wrn", province, warning.number()),
        version: notice.version,
        agency: (&notice.agency).into(),
        red_line: &warning.red_line,
        level: warning.level.as_str(),
        state: warning.state.as_str(),
        message: &warning.message,
        due_on: warning.due_on,
        raised_at: moment(warning.raised_at),
    }
}

fn of_watch<'a>(notice: &'a WatchNotice, province: &str) -> WatchData<'a> {
    let id = |prefix: &'static str| move |number| api_id(prefix, province, number);
    WatchData {
        list_id: api_id("wch", province, notice.list),
        reference: notice.reference.as_deref(),
        cursor: &notice.cursor,
        kind: notice.watch.as_str(),
        cause: notice.cause.as_str(),
        subject: (&notice.subject).into(),
        about: (&notice.about).into(),
        inherited: notice.subject != notice.about,
        record_id: notice.record.map(id("crd")),
        sanction_id: notice.sanction.map(id("san")),
    }
}
