//! `/export/ledger.csv` and `.xlsx`: the ledger as the viewer sees it, as a file.

use std::{
    io::{Seek, SeekFrom},
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, Method, Response, StatusCode, header},
    routing::any,
};
use domain::audit::Action;
use tokio_util::io::ReaderStream;

use crate::{
    config::StatusProfile,
    outbound::{LedgerFilter, TableForm, write_ledger},
    telemetry,
};

use super::{
    Door,
    accept::Media,
    graphql::Code,
    rate,
    refusal::No,
    request::{answered, caller, wanted_version},
    respond::Seen,
};

const FORMS: [(&str, TableForm); 2] = [
    ("/export/ledger.csv", TableForm::Csv),
    ("/export/ledger.xlsx", TableForm::Xlsx),
];

/// Values of one parameter.
const VALUES_MAX: usize = 50;

/// The addresses.
pub(super) fn routes() -> Router<Arc<Door>> {
    FORMS
        .into_iter()
        .fold(Router::new(), |router, (address, form)| {
            let handler = move |State(door): State<Arc<Door>>, request: Request| async move {
                let trace = telemetry::trace_id();
                let seen = Seen {
                    version: door.app.live.now().seq(),
                    profile: StatusProfile::Audit,
                    trace: &trace,
                };
                let served = export(&door, request, form, &trace);
                answered(served, Media::Json, "GET", seen).await
            };
            router.route(address, any(handler))
        })
}

async fn export(
    door: &Arc<Door>,
    request: Request,
    form: TableForm,
    trace: &str,
) -> Result<Response<Body>, No> {
    if request.method() != Method::GET {
        let message = "expected GET".to_owned();
        return Err(No::http(
            StatusCode::METHOD_NOT_ALLOWED,
            Code::Invalid,
            message,
        ));
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let peer: Option<IpAddr> = peer.map(|peer| peer.0.ip());
    let caller = caller(door, peer, request.headers(), trace).await?;
    door.rates.charge(&caller.rate, rate::EXPORT)?;
    let filter = filter(request.uri().query().unwrap_or_default())?;
    let request_path = request.uri().path().to_owned();
    let viewer = caller.session.viewer.clone();
    let access = &door.app.catalogue.access;
    // Whoever may read cases at all may have them as a file; which, his view says.
    if !access.may_read(viewer.role, "Query", "cases")
        || !access.may_read(viewer.role, "Case", "events")
    {
        let message = "this role may not ask this / 该角色无权导出".to_owned();
        let no = No::http(StatusCode::FORBIDDEN, Code::Forbidden, message);
        door.audit_denied(&caller, &no).await;
        return Err(no);
    }
    let graph = wanted_version(door, request.headers()).await?;
    let view = door.app.view_for(&graph, viewer, caller.purpose.as_deref());
    let app = Arc::clone(&door.app);
    let file = tokio::task::spawn_blocking(move || {
        let mut file = tempfile::tempfile()?;
        let now = app.clock.now();
        let written = write_ledger((&view, &app.catalogue), &filter, form, now, &mut file);
        let written = written.map_err(std::io::Error::other)?;
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        Ok::<_, std::io::Error>((file, length, written.bodies))
    });
    let failed = |error: &dyn std::fmt::Display| {
        tracing::error!(%error, "a ledger can't be written");
        let message = "internal error / 内部错误".to_owned();
        No::http(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, message)
    };
    let (file, length, bodies) = file
        .await
        .map_err(|error| failed(&error))?
        .map_err(|error| failed(&error))?;
    let draft = caller.draft(Action::Export, request_path);
    door.app.audit.record_all(draft.about(&bodies)).await?;
    let stream = ReaderStream::new(tokio::fs::File::from_std(file));
    let mut response = Response::new(Body::from_stream(stream));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(form.media()));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The names by which cases are chosen.
const NAMES: &str = "workflow, stage, division, agency, handler, open, overdue, underObjection, openedFrom, \
                     openedBefore, dueFrom, dueBefore";

fn filter(query: &str) -> Result<LedgerFilter, No> {
    let wrong = |message: String| No::http(StatusCode::BAD_REQUEST, Code::Invalid, message);
    let mut filter = LedgerFilter::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let said = |what: &str| wrong(format!("{name}: expected {what}"));
        let is_so = || read(&value).ok_or_else(|| said("true or false"));
        let day = || read(&value).ok_or_else(|| said("a day such as 2026-05-01"));
        let body = || read(&value).ok_or_else(|| said("a unified social credit code"));
        match name.as_ref() {
            "workflow" => filter.workflow.push(value.into_owned()),
            "stage" => filter.stage.push(value.into_owned()),
            "division" => {
                let code = read(&value);
                let code = code.ok_or_else(|| said("a division code of 6 or 9 digits"))?;
                filter.division = Some(code);
            }
            "agency" => filter.agency = Some(body()?),
            "handler" => filter.handler = Some(body()?),
            "open" => filter.open = Some(is_so()?),
            "overdue" => filter.overdue = Some(is_so()?),
            "underObjection" => filter.under_objection = Some(is_so()?),
            "openedFrom" => filter.opened_from = Some(day()?),
            "openedBefore" => filter.opened_before = Some(day()?),
            "dueFrom" => filter.due_from = Some(day()?),
            "dueBefore" => filter.due_before = Some(day()?),
            _ => return Err(wrong(format!("expected {NAMES}"))),
        }
    }
    if filter.workflow.len().max(filter.stage.len()) > VALUES_MAX {
        return Err(wrong(format!("at most {VALUES_MAX} values each")));
    }
    Ok(filter)
}

fn read<T: FromStr>(value: &str) -> Option<T> {
    value.parse().ok()
}
