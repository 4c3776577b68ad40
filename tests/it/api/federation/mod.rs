//! What a gateway asks a hub: its schema with keys, and things by their keys.

mod entities;
mod service;
mod sight;

use domain::{
    uscc::Uscc,
    viewer::{Role, Scope},
};
use serde_json::{Value, json};
use zhengxin::auth::Grant;

use crate::api::{Reply, Wire};
use crate::support::{Db, Hub, made};

/// By representations, as gateways write it.
const ENTITIES: &str = "query($representations: [_Any!]!) { \
     _entities(representations: $representations) { __typename \
     ... on Agency { uscc name } ... on Division { code name } \
     ... on CreditRecord { id caseNumber agency { uscc } } ... on Source { key province title } } }";

/// Two bodies, each with a record, in two prefectures.
struct World {
    hub: Hub,
    wire: Wire,
    gateway: String,
    bodies: [Uscc; 2],
    _db: Db,
}

impl World {
    async fn new() -> Self {
        let db = Db::sqlite();
        let hub = Hub::on(&db).await;
        let bodies = [made::uscc("11", "440604", 1), made::uscc("11", "441900", 2)];
        let register = [
            made::body_of(bodies[0], "佛山市禅城区甲局", "440604"),
            made::body_of(bodies[1], "东莞市乙局", "441900"),
        ];
        let register = made::register(&register);
        hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
            .await;
        let listing = |at: usize| {
            let listing = made::listing(8_800_001 + at as i64, "名单所写").code(bodies[at]);
            let listing = listing.case(&format!("(2024)粤0604执9000{}号", at + 1));
            format!("{}\n", listing.published("2025-01-01").detail())
        };
        let listings = listing(0) + &listing(1);
        hub.ingest("court_debtors", &[("b.jsonl", listings.as_bytes())], |_| {})
            .await;
        let wire = Wire::to(&hub).await;
        let gateway = gateway_of(&hub, Role::Government, &["440000"], None);
        Self {
            hub,
            wire,
            gateway,
            bodies,
            _db: db,
        }
    }

    async fn ask(&self, representations: Value) -> Reply {
        let variables = json!({ "representations": representations });
        let token = Some(self.gateway.as_str());
        self.wire.ask_with(token, ENTITIES, &variables).await
    }

    /// The answer to representations of which none is refused.
    async fn entities(&self, representations: Value) -> Vec<Value> {
        let reply = self.ask(representations).await;
        assert!(reply.codes().is_empty(), "{}", reply.text);
        let entities = reply.json()["data"]["_entities"].take();
        entities.as_array().expect("a list").clone()
    }

    async fn data(&self, query: &str) -> Value {
        self.wire.data(Some(&self.gateway), query).await
    }
}

/// A token with the gateway's right.
fn gateway_of(hub: &Hub, role: Role, areas: &[&str], own: Option<Uscc>) -> String {
    let areas = areas.iter().map(|code| code.parse().expect("a code"));
    let grant = Grant {
        subject: "gateway".to_owned(),
        role,
        divisions: areas.collect(),
        agency: own,
        scopes: vec![Scope::Adhoc, Scope::Gateway],
        minutes: 60,
    };
    hub.app.auth.issue(&grant).expect("the hub has a key")
}
