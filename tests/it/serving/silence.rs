//! What clients send, and who they are, stays out of log and metrics.

use std::fs;

use domain::viewer::{Role, Scope};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Message, client::IntoClientRequest},
};
use zhengxin::{
    auth::{Auth, Grant},
    clock::Clock,
    config::{self, LocalKey},
};

use crate::support::{Db, Hub, KEY};

use super::{PATIENCE, Server, client, text_at};

/// Rounds of requests, each with canaries of its own.
const ROUNDS: usize = 40;

/// Things of which none may be told.
#[derive(Default)]
struct Canaries(Vec<String>);

impl Canaries {
    fn name(&mut self) -> String {
        self.plant(|n| format!("金丝雀某{n:05}"))
    }

    fn word(&mut self) -> String {
        self.plant(|n| format!("canary{n:05}"))
    }

    /// As a citizen number is written; the check character is nobody's.
    fn number(&mut self) -> String {
        self.plant(|n| format!("44060419{n:05}1231X"))
    }

    fn phone(&mut self) -> String {
        self.plant(|n| format!("139001{n:05}"))
    }

    fn plant(&mut self, make: impl Fn(usize) -> String) -> String {
        let canary = make(self.0.len());
        self.0.push(canary.clone());
        canary
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_log_nor_metrics_tell_what_clients_send() {
    let db = Db::sqlite();
    let log = db.folder().join("log.jsonl");
    let settings = [("AUTH__LOCAL__KEY", KEY), ("SERVER__NOTICE_SECONDS", "0")];
    let program = Server::program(&db, &settings)
        .argument("-o")
        .argument("json");
    let mut server = Server::started(program.start_logging_to(&log));
    let believes = config::Auth {
        local: Some(LocalKey {
            key: Some(KEY.to_owned()),
            key_file: None,
            beside_issuers: false,
        }),
        ..config::Auth::default()
    };
    let auth = Auth::new(&believes, Clock::system()).expect("the key is long enough");
    let (client, mut canaries) = (client(), Canaries::default());
    let (mut asked, mut traces, mut refusals) = (0, Vec::new(), String::new());
    for _ in 0..ROUNDS {
        let subject = canaries.word();
        let grant = Grant {
            subject,
            role: Role::Congress,
            divisions: vec!["440000".parse().expect("a division's code")],
            agency: None,
            scopes: vec![Scope::Adhoc],
            minutes: 60,
        };
        let token = auth.issue(&grant).expect("the hub has a key");
        let resolve = format!(
            "query {}($a: String) {{ {}: resolve(input: {{ name: \"{}\", division: $a }}) {{ outcome }} }} # {}",
            canaries.word(),
            canaries.word(),
            canaries.name(),
            canaries.number()
        );
        let wrong = format!(
            "{{ {} agency(uscc: \"{}\") {{ {} }} }}",
            canaries.word(),
            canaries.number(),
            canaries.word()
        );
        let broken = format!("{{ \"{}", canaries.phone());
        let bodies = [
            json!({ "query": resolve, "variables": { "a": "440604", "b": canaries.phone() } })
                .to_string(),
            json!({ "query": wrong, "operationName": canaries.word() }).to_string(),
            json!({ "query": broken, "extensions": { "x": canaries.word() } }).to_string(),
            format!("{{\"query\": {}", canaries.name()),
        ];
        for body in bodies {
            let answer = client
                .post(format!(
                    "{}/graphql?{}={}",
                    server.base,
                    canaries.word(),
                    canaries.phone()
                ))
                .bearer_auth(&token)
                .header("content-type", "application/json")
                .header("x-purpose", canaries.word())
                .header("x-reference", canaries.number())
                .header("user-agent", canaries.word())
                .header("referer", format!("http://{}/", canaries.word()))
                .header("traceparent", format!("00-{}-x", canaries.word()))
                .header("cookie", format!("a={}", canaries.word()))
                .body(body)
                .send()
                .await
                .expect("it answers");
            let told: Value = answer.json().await.expect("JSON");
            let trace = told["errors"][0]["extensions"]["traceId"].as_str();
            traces.extend(trace.map(str::to_owned));
            if told["data"].is_null() {
                refusals.push_str(&told.to_string());
            }
            asked += 1;
        }
        let refused = client
            .post(format!("{}/graphql", server.base))
            .bearer_auth(canaries.word())
            .header("content-type", "application/json")
            .body("{}");
        let path = client.get(format!(
            "{}/{}/{}",
            server.base,
            canaries.word(),
            canaries.phone()
        ));
        let file = client.get(format!("{}/console/{}", server.base, canaries.word()));
        let preview = client.get(format!(
            "{}/reconcile/preview?id={}",
            server.base,
            canaries.number()
        ));
        let method = reqwest::Method::from_bytes(canaries.word().to_uppercase().as_bytes())
            .expect("a method");
        let odd = client.request(method, format!("{}/graphql", server.base));
        for request in [refused, path, file, preview, odd] {
            let told = request.send().await.expect("it answers");
            refusals.push_str(&format!("{:?}", told.headers()));
            refusals.push_str(&told.text().await.expect("a text"));
            asked += 1;
        }
    }
    assert!(refusals.matches("INVALID").count() >= ROUNDS, "{refusals}");
    let metrics = text_at(&format!("{}/metrics", server.admin)).await;
    server.running.terminate();
    assert!(server.running.ends_within(PATIENCE));

    let log = fs::read_to_string(&log).expect("it wrote a log");
    assert!(canaries.0.len() >= 1_000, "{}", canaries.0.len());
    let folded = log.to_lowercase();
    for canary in &canaries.0 {
        assert!(
            !folded.contains(&canary.to_lowercase()),
            "the log tells {canary}"
        );
        assert!(
            !metrics.contains(canary.as_str()),
            "the metrics tell {canary}"
        );
        assert!(
            !refusals.contains(canary.as_str()),
            "a refusal tells {canary}"
        );
    }
    // It is silent of these, not of everything.
    let lines: Vec<Value> = log
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect();
    let answered: Vec<_> = lines
        .iter()
        .filter(|line| line["message"] == "answered")
        .collect();
    assert_eq!(answered.len(), asked);
    for (field, value) in [
        ("role", json!("CONGRESS")),
        ("code", json!("INVALID")),
        ("route", json!("/graphql")),
        ("status", json!(401)),
    ] {
        assert!(
            answered.iter().any(|line| line[field] == value),
            "no line with {field} {value}"
        );
    }
    assert!(answered.iter().any(|line| line["cost"].as_u64() > Some(0)));
    assert!(!traces.is_empty());
    for trace in traces {
        assert!(
            answered
                .iter()
                .any(|line| line["span"]["trace.id"] == *trace),
            "no line of {trace}"
        );
    }
    assert!(
        answered.iter().all(|line| line.get("peer").is_none()),
        "nobody asked for addresses"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_bears_the_name_that_its_client_gave_it() {
    let db = Db::sqlite();
    let base = Hub::on(&db).await.serve().await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let ask = async |parents: &[&str]| {
        let mut request = client()
            .post(format!("{base}/graphql"))
            .header("content-type", "application/json")
            .body("{}");
        for parent in parents {
            request = request.header("traceparent", *parent);
        }
        let answer: Value = request
            .send()
            .await
            .expect("it answers")
            .json()
            .await
            .expect("JSON");
        answer["errors"][0]["extensions"]["traceId"]
            .as_str()
            .expect("a name")
            .to_owned()
    };
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    assert_eq!(ask(&[&parent]).await, trace);
    for made_up in [
        ask(&[]).await,
        ask(&["00-0-0-0"]).await,
        ask(&[&parent, &parent]).await,
    ] {
        assert_ne!(made_up, trace);
        assert!(
            made_up.len() == 32 && made_up.bytes().all(|c| c.is_ascii_hexdigit()),
            "{made_up}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_operation_over_a_socket_has_a_line_of_its_own() {
    let db = Db::sqlite();
    let log = db.folder().join("log.jsonl");
    let settings = [("AUTH__LOCAL__KEY", KEY), ("SERVER__NOTICE_SECONDS", "0")];
    let program = Server::program(&db, &settings)
        .argument("-o")
        .argument("json");
    let mut server = Server::started(program.start_logging_to(&log));
    let mut canaries = Canaries::default();
    let address = server.base.replace("http://", "ws://") + "/graphql";
    let mut request = address.into_client_request().expect("an address");
    let protocol = "graphql-transport-ws".parse().expect("a header's value");
    let headers = request.headers_mut();
    headers.insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await.expect("it is let in");
    let known = format!("query {} {{ __typename }}", canaries.word());
    let wrong = format!("{{ {} }}", canaries.word());
    let follow = "subscription { creditRecordChanged { cursor } }".to_owned();
    let ids = [canaries.word(), canaries.word(), canaries.word()];
    let mut said = vec![json!({ "type": "connection_init" })];
    for (id, query) in ids.iter().zip([known, wrong, follow]) {
        let payload = json!({ "query": query, "operationName": null });
        said.push(json!({ "type": "subscribe", "id": id, "payload": payload }));
    }
    said.push(json!({ "type": "complete", "id": ids[2] }));
    for message in said {
        let message = Message::text(message.to_string());
        socket.send(message).await.expect("it is heard");
    }
    // The acknowledgement, a result with its end, and a refusal.
    for _ in 0..4 {
        socket.next().await.expect("it answers").expect("a message");
    }
    socket.close(None).await.expect("it is closed");
    server.running.terminate();
    assert!(server.running.ends_within(PATIENCE));
    let log = fs::read_to_string(&log).expect("it wrote a log");
    assert!(
        canaries.0.iter().all(|canary| !log.contains(canary)),
        "{log}"
    );
    let lines = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let operations: Vec<Value> = lines
        .filter(|line: &Value| line["span"]["kind"] == "operation" && line["message"] == "answered")
        .collect();
    let mut told: Vec<_> = operations
        .iter()
        .map(|line| {
            assert_eq!(line["role"], "PUBLIC", "{line}");
            assert!(line["span"]["trace.id"].is_string() && line.get("peer").is_none());
            let is_answered = line["bytes"].as_u64() > Some(0);
            (line["status"].as_u64(), line["code"].as_str(), is_answered)
        })
        .collect();
    told.sort_unstable();
    let wanted = [
        (Some(200), None, false),
        (Some(200), None, true),
        (Some(400), Some("INVALID"), true),
    ];
    assert_eq!(told, wanted, "{log}");
}
