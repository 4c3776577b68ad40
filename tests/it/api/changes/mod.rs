//! `creditRecordChanged`: what becomes of records, live and after a cursor.

mod audited;
mod cursors;
mod following;
mod reading_back;
mod scope;
mod watched;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::viewer::Role;
use serde_json::{Value, json};

use super::{Wire, streams::Events, text};
use crate::support::{Db, Hub, made};

const CHANCHENG: &str = "佛山市禅城区样例局";
const NANHAI: &str = "佛山市南海区样例局";
const XIANGZHOU: &str = "珠海市香洲区样例局";
const SHARED: &str = "样例共用局";

/// A hub of which one subject may follow as much as a test wants.
async fn hub_on(db: &Db) -> Hub {
    Hub::with(db, |config| config.server.streams.per_subject = 10_000).await
}

/// One change as it was told.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    cursor: String,
    record: String,
    /// `CHANGE CAUSE agency STATUS`, with dashes where the record is not told.
    what: String,
    version: i64,
}

impl Told {
    fn of(event: &Value) -> Self {
        assert!(event.get("errors").is_none(), "{event}");
        let change = &event["data"]["creditRecordChanged"];
        let or_dash = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let parts = [
            &change["change"],
            &change["cause"],
            &change["record"]["agency"]["name"],
            &change["record"]["status"],
        ];
        Self {
            cursor: text(&change["cursor"]).to_owned(),
            record: text(&change["recordId"]).to_owned(),
            what: parts.map(or_dash).join(" "),
            version: event["extensions"]["version"].as_i64().expect("a version"),
        }
    }

    /// The number of the change in the log, which is the first thing in its cursor.
    fn change(&self) -> i64 {
        let bytes = URL_SAFE_NO_PAD.decode(&self.cursor).expect("a cursor");
        let text = String::from_utf8(bytes).expect("a cursor");
        let number = text
            .split('.')
            .next()
            .and_then(|number| number.parse().ok());
        number.expect("a number")
    }

    /// What is the same whenever it is told.
    fn told(&self) -> String {
        let (change, _) = self.parts();
        format!("{} {} {change}", self.cursor, self.record)
    }

    /// Whether this is what was told live. The record and its body are told to who may see them at
    /// the time.
    fn is_as_live(&self, live: &Self) -> bool {
        let words = self.parts().1.split(' ').zip(live.parts().1.split(' '));
        let mut words = words.map(|(word, live)| word == live || [word, live].contains(&"-"));
        self.told() == live.told() && words.all(|is_same| is_same)
    }

    /// What became of the record, and the record.
    fn parts(&self) -> (&str, &str) {
        let mut spaces = self.what.match_indices(' ');
        let (at, _) = spaces.nth(1).expect("four words");
        (&self.what[..at], &self.what[at + 1..])
    }
}

/// Who follows.
#[derive(Debug, Clone)]
struct Follower {
    token: Option<String>,
    filter: Value,
}

impl Follower {
    fn body(&self, after: Option<&str>) -> Value {
        let query = "subscription ($filter: CreditRecordFilter, $after: String) { \
             creditRecordChanged(filter: $filter, after: $after) { \
               cursor recordId change cause record { id status agency { name } } } }";
        json!({ "query": query, "variables": { "filter": self.filter, "after": after } })
    }

    async fn follow(&self, wire: &Wire, after: Option<&str>) -> Events {
        Events::of(wire, self.token.as_deref(), &self.body(after)).await
    }

    /// So many changes after a cursor.
    async fn after(&self, wire: &Wire, cursor: &str, count: usize) -> Vec<Told> {
        let mut events = self.follow(wire, Some(cursor)).await;
        let mut told = Vec::new();
        while told.len() < count {
            told.push(next(&mut events).await);
        }
        told
    }

    /// The reason for which nothing is told after a cursor.
    async fn refused(&self, wire: &Wire, cursor: &str) -> String {
        let mut events = self.follow(wire, Some(cursor)).await;
        let event = events.next().await.expect("an event");
        assert!(event.data.get("data").is_none(), "{}", event.data);
        assert_eq!(
            events.next().await.map(|end| end.kind),
            Some("complete".to_owned())
        );
        text(&event.data["errors"][0]["extensions"]["reason"]).to_owned()
    }
}

async fn next(events: &mut Events) -> Told {
    let event = events.next().await.expect("the stream goes on");
    assert_eq!(event.kind, "next", "{event:?}");
    let told = Told::of(&event.data);
    assert_eq!(event.id, told.cursor);
    told
}

fn whats(told: &[Told]) -> Vec<&str> {
    told.iter().map(|told| told.what.as_str()).collect()
}

/// Four bodies: two in one city, of which one has a second name that another there bears, too, and one
/// in another city.
fn bodies() -> Vec<made::Body> {
    vec![
        made::body(1, CHANCHENG, "440604").alias(SHARED),
        made::body(2, "佛山市禅城区别样局", "440604").alias(SHARED),
        made::body(3, NANHAI, "440605"),
        made::body(4, XIANGZHOU, "440402"),
    ]
}

/// A listing of the body with this number.
fn listing(id: i64, body: usize) -> made::Listing {
    let body = &bodies()[body - 1];
    made::listing(id, &body.cells[1]).code(body.uscc)
}

async fn register(hub: &Hub, bodies: &[made::Body]) {
    let file = made::register(bodies);
    let report = hub
        .ingest("agency_register", &[("a.csv", &file)], |_| {})
        .await;
    assert!(report.change.is_some(), "{report:?}");
}

/// A delivery of the court's whole list; returns its number in the log.
async fn court(hub: &Hub, listings: &[made::Listing]) -> i64 {
    let file = made::court_jsonl(listings);
    let report = hub
        .ingest("court_debtors", &[("b.jsonl", &file)], |_| {})
        .await;
    report.change.unwrap_or_else(|| panic!("{report:?}"))
}

/// Who may see what of them: all, one city, one district, one body, what is published; and with filters.
fn followers(hub: &Hub) -> Vec<(&'static str, Follower)> {
    let of = |token: Option<String>, filter: Value| Follower { token, filter };
    let government = |division: &str| Some(hub.token(Role::Government, &[division], None));
    let own = hub.token(Role::Agency, &["440604"], Some(&bodies()[0].uscc));
    vec![
        ("the province", of(government("440000"), Value::Null)),
        ("a city", of(government("440600"), Value::Null)),
        ("another city", of(government("440400"), Value::Null)),
        ("a district", of(government("440604"), Value::Null)),
        ("a body", of(Some(own), Value::Null)),
        ("the public", of(None, Value::Null)),
        (
            "the province, of what holds",
            of(government("440000"), json!({ "status": ["ACTIVE"] })),
        ),
        (
            "the province, of a city",
            of(
                government("440000"),
                json!({ "agency": { "division": { "within": "440600" } } }),
            ),
        ),
        (
            "the public, of a city",
            of(
                None,
                json!({ "agency": { "division": { "within": "440600" } } }),
            ),
        ),
    ]
}
