//! HTTP and GraphQL: translation only. The transport is our own, over the library's execution.

mod accept;
mod answer;
mod asked;
mod audited;
mod bounded;
mod cache;
mod documents;
pub mod graphql;
mod guard;
mod http;
mod lease;
mod ledger;
mod lists;
mod operation;
mod order;
mod origin;
mod pipeline;
mod rate;
mod reconcile;
mod refusal;
mod request;
mod respond;
mod sse;
mod stream;
mod strict;
mod subscribe;
mod turns;
mod websocket;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::HeaderMap,
    middleware,
    response::Response,
    routing::{any, get},
};

use crate::{
    app::App,
    catalogue::Access,
    serve::{alive, ready_answer},
    telemetry,
    web::{self, Asset},
};

use cache::{Cache, Residence};
pub use documents::{Wrong, WrongDocuments};

use documents::Documents;
use graphql::ApiSchema;
use guard::Facts;
use lease::Open;
use rate::Rates;
use turns::Turns;

pub(crate) use turns::executing_max;

/// Bytes of a request's body.
const BODY_BYTES_MAX: usize = 256 * 1_024;

/// What the transport needs.
pub(crate) struct Door {
    pub(crate) app: Arc<App>,
    schema: ApiSchema,
    facts: Facts,
    residence: Residence,
    cache: Cache,
    documents: Documents,
    rates: Rates,
    sdl: Asset,
    /// The sockets and event streams that are open.
    open: Open,
    turns: Turns,
    /// How many refusals of unknown callers were written into the audit log lately.
    unknown: audited::Unknown,
}

/// The addresses of the hub, unless a document that is to be trusted is not good.
pub fn router(app: App) -> Result<Router, WrongDocuments> {
    let sdl = graphql::sdl();
    let cache = Cache::new(app.config.server.cache_bytes, Arc::clone(&app.answers));
    let facts =
        Facts::of(&graphql::whole_sdl()).expect("a test checks that the schema is reckoned with");
    let documents = Documents::load(&app.config.documents, &facts)?;
    let proxies = &app.config.server.trusted_proxies;
    let door = Arc::new(Door {
        rates: Rates::new(&app.config.rates, proxies, None),
        app: Arc::new(app),
        residence: Residence::known(),
        cache,
        schema: graphql::schema(),
        facts,
        documents,
        sdl: Asset::new("application/graphql; charset=utf-8", sdl.into()),
        open: Open::default(),
        turns: Turns::default(),
        unknown: audited::Unknown::default(),
    });
    let observed = telemetry::Access::of(&door.app.config.telemetry);
    let graphql = any(http::graphql);
    let graphql = match origin::cors(&door.app.config.server.origins) {
        Some(cors) => graphql.layer(cors),
        None => graphql,
    };
    let origins = &door.app.config.reconcile.origins;
    let reconcile = reconcile::routes(origins.iter().map(|origin| origin.0.as_str()));
    let router = Router::new()
        .route("/graphql", graphql)
        .merge(reconcile)
        .merge(ledger::routes())
        .merge(lists::routes())
        .route("/schema.graphql", get(schema_text))
        .route("/healthz", get(alive))
        .route("/readyz", get(ready))
        .with_state(door)
        .merge(web::routes())
        .layer(middleware::from_fn_with_state(observed, telemetry::observe));
    Ok(router)
}

/// What the table of rights and the schema do not agree on, a sentence each: fields that the table
/// forgets (they are refused), and those that it names and the schema lacks.
pub fn disagreements(access: &Access) -> Vec<String> {
    let facts =
        Facts::of(&graphql::whole_sdl()).expect("a test checks that the schema is reckoned with");
    let forgotten = facts
        .fields()
        .filter(|(type_name, field)| !access.names(type_name, field))
        .map(|(type_name, field)| format!("fields.{type_name}.{field} is missing"));
    let gone = access
        .named()
        .filter(|(type_name, field)| {
            !field.starts_with("__") && facts.field(type_name, field).is_none()
        })
        .map(|(type_name, field)| {
            format!("fields.{type_name}.{field}: the schema has no such field")
        });
    let mut told: Vec<String> = forgotten.chain(gone).collect();
    told.sort_unstable();
    told
}

async fn schema_text(State(door): State<Arc<Door>>, headers: HeaderMap) -> Response {
    door.sdl.answer(&headers)
}

/// Ready: the graph is loaded, or this would not listen, and the database has its schema.
async fn ready(State(door): State<Arc<Door>>) -> Response {
    ready_answer(&door.app, &door.app.store).await
}
