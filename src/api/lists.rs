//! `/check/lists`: lists of subjects that are handed over as files, and their answers as files.

use std::{
    io::{Seek, SeekFrom},
    net::SocketAddr,
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Path, Request, State},
    http::{HeaderValue, Method, Response, StatusCode, header},
    routing::any,
};
use chrono::NaiveDate;
use domain::{audit::Action, audit::EntryId, viewer::Viewer};
use serde_json::{Value, json};
use tokio_util::io::ReaderStream;

use crate::{
    audit::Draft,
    check::{Asked, LIST_BYTES_MAX, Lists, NotChecked, ReceiptId, whole_name, whole_named},
    config::StatusProfile,
    outbound::TableForm,
    store::CheckList,
    telemetry,
};

use super::{
    Door,
    accept::Media,
    graphql::{ApiError, Code},
    pipeline::Caller,
    rate,
    refusal::No,
    request::{answered, caller, read_bytes},
    respond::Seen,
};

/// What is asked for.
#[derive(Debug, Clone)]
enum Wanted {
    /// A list is handed over.
    Taken,
    /// How far one is.
    State(String),
    /// Its answers.
    Answers(String, TableForm),
}

/// The addresses.
pub(super) fn routes() -> Router<Arc<Door>> {
    let take = |State(door): State<Arc<Door>>, request: Request| async move {
        serve(&door, request, "POST", Wanted::Taken).await
    };
    let tell = |State(door): State<Arc<Door>>, Path(id): Path<String>, request: Request| async move {
        serve(&door, request, "GET", Wanted::State(id)).await
    };
    let write = |State(door): State<Arc<Door>>,
                 Path((id, file)): Path<(String, String)>,
                 request: Request| async move {
        let wanted = match file.as_str() {
            "answers.csv" => Wanted::Answers(id, TableForm::Csv),
            "answers.xlsx" => Wanted::Answers(id, TableForm::Xlsx),
            // No list has such a name.
            _ => Wanted::State(file),
        };
        serve(&door, request, "GET", wanted).await
    };
    Router::new()
        .route("/check/lists", any(take))
        .route("/check/lists/{id}", any(tell))
        .route("/check/lists/{id}/{file}", any(write))
}

async fn serve(
    door: &Arc<Door>,
    request: Request,
    method: &'static str,
    wanted: Wanted,
) -> Response<Body> {
    let trace = telemetry::trace_id();
    let seen = Seen {
        version: door.app.live.now().seq(),
        profile: StatusProfile::Audit,
        trace: &trace,
    };
    let served = admitted(door, request, method, wanted, &trace);
    answered(served, Media::Json, method, seen).await
}

async fn admitted(
    door: &Arc<Door>,
    request: Request,
    method: &'static str,
    wanted: Wanted,
    trace: &str,
) -> Result<Response<Body>, No> {
    if request.method() != Method::try_from(method).unwrap_or_default() {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return Err(No::http(
            status,
            Code::Invalid,
            format!("expected {method}"),
        ));
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|peer| peer.0.ip());
    let caller = caller(door, peer, request.headers(), trace).await?;
    let viewer = &caller.session.viewer;
    if !door
        .app
        .catalogue
        .access
        .may_read(viewer.role, "Query", "sanctionChecks")
    {
        let message = "this role may not ask this / 该角色无权核查".to_owned();
        let no = No::http(StatusCode::FORBIDDEN, Code::Forbidden, message);
        door.audit_denied(&caller, &no).await;
        return Err(no);
    }
    let lists = door.app.lists();
    match wanted {
        Wanted::Taken => {
            door.rates.charge(&caller.rate, rate::EXPORT)?;
            take(&lists, &caller, request).await
        }
        Wanted::State(id) => match whole_named(&id, &lists.province) {
            Some(entry) => told_whole(&lists, viewer, entry).await,
            None => {
                let list = find(&lists, viewer, &id).await?;
                told(&lists, &list, StatusCode::OK).await
            }
        },
        Wanted::Answers(id, form) => {
            door.rates.charge(&caller.rate, rate::EXPORT)?;
            let list = find(&lists, viewer, &id).await?;
            write(door, &lists, &caller, &list, form).await
        }
    }
}

async fn take(lists: &Lists, caller: &Caller, request: Request) -> Result<Response<Body>, No> {
    let viewer = &caller.session.viewer;
    let mut asked = Asked {
        inputs: Vec::new(),
        as_of: None,
        purpose: caller.purpose.clone().unwrap_or_default(),
        reference: caller.reference.clone(),
        request: caller.trace.clone(),
    };
    let stated = ask(&mut asked, request.uri().query().unwrap_or_default());
    let bytes = match stated {
        Ok(()) => read_bytes(request.into_body(), LIST_BYTES_MAX as usize).await,
        Err(no) => Err(no),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(no) => {
            lists.note_refused(viewer, &asked).await?;
            return Err(no);
        }
    };
    let list = lists.accept(viewer, &asked, bytes.to_vec(), true).await?;
    told(lists, &list, StatusCode::ACCEPTED).await
}

/// Puts to a list what its address asks.
fn ask(asked: &mut Asked, query: &str) -> Result<(), No> {
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "purpose" => asked.purpose = value.into_owned(),
            "reference" => asked.reference = Some(value.into_owned()),
            "asOf" => {
                let day = value.parse::<NaiveDate>();
                let day =
                    day.map_err(|_| No::invalid("asOf: a day such as 2026-04-20 expected"))?;
                asked.as_of = Some(day);
            }
            _ => return Err(No::invalid("expected purpose, reference or asOf")),
        }
    }
    Ok(())
}

/// A list that the viewer may see; one that he may not does not exist.
async fn find(lists: &Lists, viewer: &Viewer, id: &str) -> Result<CheckList, No> {
    let found = lists.find(viewer, id).await?;
    found.ok_or_else(no_list)
}

fn no_list() -> No {
    let message = "no such list / 无此名单".to_owned();
    No::http(StatusCode::NOT_FOUND, Code::NotFound, message)
}

/// What is kept under the receipt of a whole list, also when the list is kept no longer: each row's receipt has a verdict,
/// and an entry of the log.
async fn told_whole(lists: &Lists, viewer: &Viewer, entry: EntryId) -> Result<Response<Body>, No> {
    let whole = lists.whole_for(viewer, entry).await?.ok_or_else(no_list)?;
    let parts = whole.parts().map_err(NotChecked::from)?;
    let first = |(entry, answers): &(EntryId, usize)| {
        let id = ReceiptId {
            entry: *entry,
            place: 0,
        };
        json!({ "first": id.name(&lists.province), "answers": answers })
    };
    let told = json!({
        "receipt": whole_name(entry, &lists.province),
        "id": whole.list,
        "state": "DONE",
        "rows": parts.iter().map(|(_, answers)| answers).sum::<usize>(),
        "purpose": whole.purpose,
        "reference": whole.reference,
        "digest": whole.digest,
        "answersDigest": whole.answers,
        "receipts": parts.iter().map(first).collect::<Vec<_>>(),
    });
    Ok(json_of(&told, StatusCode::OK))
}

fn json_of(told: &Value, status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::from(told.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// How far a list is, and what came of it.
async fn told(lists: &Lists, list: &CheckList, status: StatusCode) -> Result<Response<Body>, No> {
    let entry = list
        .entry
        .as_deref()
        .and_then(|bytes| bytes.try_into().ok());
    let entry = entry.map(EntryId);
    let whole = match entry {
        Some(entry) => lists.whole(entry).await?,
        None => None,
    };
    let state = match (entry, &list.refused) {
        (Some(_), _) => "DONE",
        (None, Some(_)) => "REFUSED",
        (None, None) => "RUNNING",
    };
    let told = json!({
        "id": list.id,
        "state": state,
        "rows": list.rows,
        "answered": list.answered,
        "purpose": list.purpose,
        "reference": list.reference,
        "asOf": list.as_of,
        "askedAt": list.asked_at.to_rfc3339(),
        "finishedAt": list.finished_at.map(|at| at.to_rfc3339()),
        "digest": list.digest,
        "reason": list.refused,
        "receipt": entry.map(|entry| whole_name(entry, &lists.province)),
        "answersDigest": whole.as_ref().map(|whole| &whole.answers),
    });
    let mut response = json_of(&told, status);
    if status == StatusCode::ACCEPTED
        && let Ok(place) = HeaderValue::try_from(format!("/check/lists/{}", list.id))
    {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

async fn write(
    door: &Arc<Door>,
    lists: &Lists,
    caller: &Caller,
    list: &CheckList,
    form: TableForm,
) -> Result<Response<Body>, No> {
    if list.entry.is_none() {
        let message = format!(
            "{} of {} rows are answered / 尚未核查完毕",
            list.answered, list.rows
        );
        return Err(No::http(StatusCode::CONFLICT, Code::Conflict, message));
    }
    let mut file = tempfile::tempfile().map_err(NotChecked::from)?;
    let copy = file.try_clone().map_err(NotChecked::from)?;
    let about = lists.write(list, form, copy).await?;
    let length = file.seek(SeekFrom::End(0)).map_err(NotChecked::from)?;
    file.seek(SeekFrom::Start(0)).map_err(NotChecked::from)?;
    let draft = Draft {
        purpose: Some(list.purpose.clone()),
        reference: caller.reference.clone().or_else(|| list.reference.clone()),
        ..caller.draft(Action::Export, format!("/check/lists/{}", list.id))
    };
    for draft in draft.about(&about) {
        door.app.audit.record(draft, None).await?;
    }
    let stream = ReaderStream::new(tokio::fs::File::from_std(file));
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media()));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    let attached = HeaderValue::from_static("attachment");
    headers.insert(header::CONTENT_DISPOSITION, attached);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

impl From<NotChecked> for No {
    fn from(error: NotChecked) -> Self {
        let status = match &error {
            NotChecked::Invalid(_) | NotChecked::TooLong => StatusCode::BAD_REQUEST,
            NotChecked::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            NotChecked::Gone => StatusCode::GONE,
            NotChecked::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            NotChecked::Store(_) | NotChecked::NotRead(_) | NotChecked::Io(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        };
        let error = ApiError::from(error);
        // A database that does not answer is asked again later.
        let status = match error.code {
            Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => status,
        };
        Self {
            reason: error.reason,
            ..Self::http(status, error.code, error.message)
        }
    }
}
