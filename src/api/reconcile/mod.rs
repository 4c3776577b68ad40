//! `/reconcile`: the Entity Reconciliation API 0.2, by which OpenRefine and its like match lists of
//! their own with the register. Translation only; whoever asks sees what GraphQL would show him.

mod extend;
mod form;
mod hint;
mod kind;
mod manifest;
mod preview;
mod property;
mod query;
mod sight;
mod suggest;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, Method, Response, StatusCode, header},
    routing::any,
};
use serde_json::Value as Json;
use tower_http::cors::CorsLayer;

use crate::{config::StatusProfile, telemetry};

use super::{
    Door,
    accept::Media,
    graphql::Code,
    refusal::No,
    request::{answered, viewer, wanted_version},
    respond::{Seen, bytes},
};

use form::Form;
use sight::Sight;

const SERVICE: &str = "/reconcile";
const SUGGEST_ENTITY: &str = "/reconcile/suggest/entity";
const SUGGEST_TYPE: &str = "/reconcile/suggest/type";
const SUGGEST_PROPERTY: &str = "/reconcile/suggest/property";
const PROPERTIES: &str = "/reconcile/properties";
const PREVIEW: &str = "/reconcile/preview";

/// The service's addresses; pages of these origins may ask them from a browser.
pub(super) fn routes<'a>(origins: impl Iterator<Item = &'a str>) -> Router<Arc<Door>> {
    let origins: Vec<HeaderValue> = origins.filter_map(|origin| origin.parse().ok()).collect();
    let cors = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE]);
    [
        SERVICE,
        SUGGEST_ENTITY,
        SUGGEST_TYPE,
        SUGGEST_PROPERTY,
        PROPERTIES,
        PREVIEW,
    ]
    .into_iter()
    .fold(Router::new(), |router, address| {
        let handler = move |State(door): State<Arc<Door>>, request: Request| async move {
            handle(&door, request, address).await
        };
        router.route(address, any(handler))
    })
    .layer(cors)
}

async fn handle(door: &Arc<Door>, request: Request, address: &str) -> Response<Body> {
    let trace = telemetry::trace_id();
    let seen = Seen {
        version: door.app.live.now().seq(),
        profile: StatusProfile::Audit,
        trace: &trace,
    };
    let allow = match address {
        SERVICE => "GET, HEAD, POST",
        _ => "GET, HEAD",
    };
    answered(
        serve(door, request, address, &trace),
        Media::Json,
        allow,
        seen,
    )
    .await
}

async fn serve(
    door: &Arc<Door>,
    request: Request,
    address: &str,
    trace: &str,
) -> Result<Response<Body>, No> {
    let (head, body) = request.into_parts();
    let is_served = match head.method {
        Method::GET | Method::HEAD => true,
        Method::POST => address == SERVICE,
        _ => false,
    };
    if !is_served {
        let message = format!("{} is not served here", head.method);
        return Err(No::http(
            StatusCode::METHOD_NOT_ALLOWED,
            Code::Invalid,
            message,
        ));
    }
    let peer = head.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map(|ConnectInfo(peer)| peer.ip());
    let viewer = viewer(door, peer, &head.headers, trace).await?;
    let form = Form::of(&head, body).await?;
    if form.get("callback")?.is_some() {
        return Err(No::invalid("JSONP is not served: ask for plain JSON"));
    }
    let graph = wanted_version(door, &head.headers).await?;
    let sight = Sight {
        view: door.app.view(&graph, viewer),
        access: &door.app.catalogue.access,
        has_token: head.headers.contains_key(header::AUTHORIZATION),
    };
    let answer = match address {
        SUGGEST_ENTITY => suggest::entities(&sight, &form)?,
        SUGGEST_TYPE => suggest::types(&form)?,
        SUGGEST_PROPERTY => suggest::properties(&sight, &form)?,
        PROPERTIES => extend::proposal(&sight, &form)?,
        PREVIEW => return preview::page(&sight, &form),
        _ => match (form.get("queries")?, form.get("extend")?) {
            (Some(queries), None) => query::batch(&sight, queries)?,
            (None, Some(wanted)) => extend::rows(&sight, wanted)?,
            (Some(_), Some(_)) => {
                return Err(No::invalid("either queries or extend, not both"));
            }
            (None, None) if head.method == Method::POST => {
                return Err(No::invalid("the form has neither queries nor extend"));
            }
            (None, None) => manifest::manifest(&head)?,
        },
    };
    Ok(json(&answer))
}

fn json(answer: &Json) -> Response<Body> {
    bytes(StatusCode::OK, Media::Json, answer.to_string().into())
}
