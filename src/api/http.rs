//! `POST /graphql`: from bytes to a guarded, scoped execution and back.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, Extension, State},
    http::{HeaderMap, Method, Response, StatusCode, header},
};

use super::{
    Door,
    accept::{self, Media},
    asked::Asked,
    graphql::Code,
    pipeline::Caller,
    rate,
    refusal::No,
    request::{
        answered, check_content_type, purpose, read_body, session, trace_id, wanted_version,
    },
    respond::{Seen, answer, refusal},
};

pub(super) async fn graphql(
    State(door): State<Arc<Door>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    method: Method,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let trace = trace_id();
    let seen = Seen {
        version: door.app.live.now().seq(),
        trace: &trace,
    };
    let accepted: Vec<&str> = headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let accepted = (!accepted.is_empty()).then(|| accepted.join(","));
    let Some(media) = accept::choose(accepted.as_deref()) else {
        let message = "expected Accept: application/json or application/graphql-response+json";
        let no = No::http(StatusCode::NOT_ACCEPTABLE, Code::Invalid, message);
        return refusal(&no, Media::Json, seen);
    };
    let peer = peer.map(|Extension(ConnectInfo(peer))| peer.ip());
    let served = serve(&door, peer, &method, &headers, body, media, &trace);
    answered(served, media, "POST", seen).await
}

async fn serve(
    door: &Arc<Door>,
    peer: Option<IpAddr>,
    method: &Method,
    headers: &HeaderMap,
    body: Body,
    media: Media,
    trace: &str,
) -> Result<Response<Body>, No> {
    if method != Method::POST {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return Err(No::http(status, Code::Invalid, "expected POST"));
    }
    check_content_type(headers, "application/json")?;
    let viewer = session(door, headers, trace).await?.viewer;
    let rate = door.rates.key(&viewer, peer, headers);
    door.rates.charge(&rate, rate::DOOR)?;
    let caller = Caller {
        viewer,
        rate,
        purpose: purpose(headers).map(str::to_owned),
        trace: trace.to_owned(),
    };
    let asked = Asked::from_json(&read_body(body).await?)?;
    let prepared = door.prepare(asked, &caller)?;
    let graph = wanted_version(door, headers).await?;
    Ok(answer(
        media,
        door.execute(&prepared, &caller, &graph).await?,
    ))
}
