//! What leaves as traces: names from closed lists, and nothing that a client wrote or a source delivered. The spans are
//! looked at here as the exporter gets them; builds with the `otel` feature export those of the canaries' hub, too.

use std::{
    fmt,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes};
use domain::viewer::{Role, Scope};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};
use tracing::{
    Dispatch, Event, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::NoSubscriber,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
};
use zhengxin::{auth::Grant, telemetry};

use super::{
    canaries::{Canaries, form},
    client,
};
use crate::support::{Db, Hub, made};

/// Rounds of requests, each with canaries of its own.
const ROUNDS: usize = 20;
/// All fields of spans and events that may leave.
const FIELDS: [&str; 13] = [
    "bytes", "code", "cost", "document", "kind", "message", "method", "ms", "peer", "role",
    "route", "status", "trace.id",
];

/// A collector of traces that takes whatever is sent.
pub(super) struct Collector {
    url: String,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Collector {
    pub(super) async fn start() -> Self {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&taken);
        let take = move |body: Bytes| async move {
            into.lock().expect("nobody panics with it").extend(body);
        };
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(take)).await });
        Self {
            url: format!("http://{address}"),
            taken,
        }
    }

    /// How a hub sends all of its traces here.
    pub(super) fn settings(&self) -> [(&'static str, &str); 3] {
        [
            ("TELEMETRY__OTLP", &self.url),
            ("TELEMETRY__OTLP_ALLOW", "[\"127.0.0.0/8\"]"),
            ("TELEMETRY__TRACE_PART", "1.0"),
        ]
    }

    pub(super) fn taken(&self) -> Vec<u8> {
        self.taken.lock().expect("nobody panics with it").clone()
    }
}

/// What an exporter gets: the fields of spans and events, each with its value.
#[derive(Clone, Default)]
struct Exported(Arc<Mutex<Vec<(&'static str, String)>>>);

impl Exported {
    fn count(&self, of: &str) -> usize {
        let fields = self.0.lock().expect("nobody panics with it");
        fields.iter().filter(|(name, _)| *name == of).count()
    }
}

impl Visit for Exported {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut fields = self.0.lock().expect("nobody panics with it");
        fields.push((field.name(), format!("{value:?}")));
    }
}

impl<S: Subscriber> Layer<S> for Exported {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        attributes.record(&mut self.clone());
    }

    fn on_record(&self, _: &Id, values: &Record<'_>, _: Context<'_, S>) {
        values.record(&mut self.clone());
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut self.clone());
    }
}

/// Brings in what is full of canaries, accepted and rejected.
async fn deliver(hub: &Hub, canaries: &Canaries) {
    let body = made::body(1, "佛山市样例局", "440600").alias(&canaries.phone("alias"));
    hub.ingest(
        "agency_register",
        &[("r.csv", &made::register(&[body]))],
        |_| {},
    )
    .await;
    let listings = (1..=ROUNDS as i64).map(|n| {
        let name = format!("甲某{}", canaries.number("listed name"));
        let mut listing = made::listing(
            n,
            if n % 2 == 0 {
                "佛山市样例局"
            } else {
                &name
            },
        );
        listing.duty = canaries.words("duty");
        listing
    });
    let list = made::court_jsonl(&listings.collect::<Vec<_>>());
    hub.ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
        .await;
}

/// Asks with canaries wherever a client can write something; how many requests that were.
async fn ask(hub: &Hub, base: &str, canaries: &Canaries) -> usize {
    let (c, http) = (canaries, client());
    let mut asked = 0;
    for n in 0..ROUNDS {
        let grant = Grant {
            subject: c.number("subject"),
            role: [Role::Court, Role::Authority][n % 2],
            divisions: vec!["440000".parse().expect("a division")],
            agency: None,
            scopes: vec![Scope::Adhoc],
            minutes: 60,
        };
        let token = hub.app.auth.issue(&grant).expect("the hub has a key");
        let check = "query ($input: SanctionCheckInput!, $for: String!) { sanctionCheck(input: $input, purpose: $for, reference: $for) { id answer } }";
        let (word, name) = (c.words("purpose"), c.words("name"));
        let mutation = "mutation ($input: CreateWatchListInput!) { createWatchList(input: $input) { __typename } }";
        let bodies = [
            json!({ "query": check, "variables": { "input": { "name": name, "uscc": c.number("code") }, "for": word } }).to_string(),
            json!({ "query": mutation, "variables": { "input": { "key": c.phone("key"), "title": c.words("title"), "purpose": word } } }).to_string(),
            json!({ "query": format!("query q{} {{ a{}: search(text: \"{}\") {{ title }} }} # {}", c.phone("operation"), c.phone("alias"), c.words("text"), c.number("comment")) }).to_string(),
            json!({ "query": format!("{{ agency(uscc: \"{}\") {{ f{} }} }}", c.number("argument"), c.phone("field")), "operationName": c.number("operation's name") }).to_string(),
            json!({ "id": c.number("document"), "extensions": { "persistedQuery": { "sha256Hash": c.number("document") } } }).to_string(),
            format!("{{\"query\": {}", c.number("no JSON")),
        ];
        let posts = bodies.into_iter().map(|body| {
            let address = format!("{base}/graphql?{}={}", c.phone("key"), c.number("value"));
            let request = http
                .post(address)
                .header("content-type", "application/json");
            request.body(body).bearer_auth(&token)
        });
        let list = format!("名称\n甲某{}\n", c.number("row"));
        let refused = http
            .post(format!("{base}/graphql"))
            .bearer_auth(c.number("token"));
        let (purpose, query) = (form(&word), form(&c.words("query")));
        let handed_in = http
            .post(format!("{base}/check/lists?purpose={purpose}"))
            .bearer_auth(&token)
            .body(list);
        let gets = [
            format!("graphql?query={query}"),
            format!("reconcile?queries={query}"),
            format!("reconcile/preview?id={}", c.number("id")),
            format!("export/ledger.csv?division={}", c.phone("division")),
            format!("check/lists/{}", c.phone("list")),
            format!("console/{}", c.phone("file")),
            c.number("address"),
        ];
        let gets = gets.map(|path| http.get(format!("{base}/{path}")).bearer_auth(&token));
        for request in posts.chain([refused, handed_in]).chain(gets) {
            let request = request
                .header("x-purpose", c.number("header"))
                .header("x-reference", c.phone("header"))
                .header("user-agent", c.number("header"))
                .header("cookie", format!("a={}", c.phone("header")))
                .header("traceparent", format!("00-{}-x", c.number("header")))
                .header("tracestate", format!("a={}", c.phone("header")));
            request.send().await.expect("it answers");
            asked += 1;
        }
    }
    asked
}

/// One operation over a socket; what it is called is its client's.
async fn operate(base: &str, canaries: &Canaries) {
    let address = base.replace("http://", "ws://") + "/graphql";
    let mut request = address.into_client_request().expect("an address");
    let protocol = "graphql-transport-ws".parse().expect("a header's value");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await.expect("it is let in");
    let query = format!("query q{} {{ __typename }}", canaries.phone("operation"));
    let said = [
        json!({ "type": "connection_init", "payload": { "x": canaries.number("payload") } }),
        json!({ "type": "subscribe", "id": canaries.number("id"), "payload": { "query": query } }),
    ];
    for message in said {
        let message = Message::text(message.to_string());
        socket.send(message).await.expect("it is heard");
    }
    // The acknowledgement, a result with its end.
    for _ in 0..3 {
        socket.next().await.expect("it answers").expect("a message");
    }
    socket.close(None).await.expect("it is closed");
}

#[tokio::test]
async fn no_number_of_a_person_would_leave_in_a_trace() {
    let (exported, canaries) = (Exported::default(), Canaries::default());
    let layer = exported.clone().with_filter(telemetry::traced());
    // All of it runs in this thread.
    let _here = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));
    // Beside another one it is asked what it takes of whatever other tests come by first; alone it would not be.
    let _beside = Dispatch::new(NoSubscriber::default());
    let db = Db::sqlite();
    let hub = Hub::with_person_key(&db).await;
    deliver(&hub, &canaries).await;
    let base = hub.serve().await;
    let asked = ask(&hub, &base, &canaries).await;
    operate(&base, &canaries).await;

    let spans = exported.count("kind");
    assert!(
        spans > asked,
        "{spans} spans of {asked} requests and an operation"
    );
    assert!(exported.count("message") > asked, "each has its line");
    let fields = exported.0.lock().expect("nobody panics with it");
    for (name, value) in fields.iter() {
        assert!(FIELDS.contains(name), "{name} leaves: {value}");
        let found = canaries.in_bytes(value.as_bytes());
        assert!(found.is_empty(), "{name} tells {found:?}");
    }
    for (name, value) in [
        ("route", "/graphql"),
        ("role", "COURT"),
        ("kind", "operation"),
    ] {
        let is_told = fields
            .iter()
            .any(|field| field.0 == name && field.1.contains(value));
        assert!(is_told, "no {name} {value}: it sees nothing");
    }
}
