//! `/reconcile` as clients of the Entity Reconciliation API 0.2 see it.

mod extending;
mod matching;
mod rights;
mod scope;
mod shape;
mod suggesting;
mod wire;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{Reply, Wire, text};
use crate::support::{Db, Hub, made};

const SERVICE: &str = "/reconcile";

/// A client with or without a token.
struct Client<'a> {
    wire: &'a Wire,
    token: Option<&'a str>,
}

impl Client<'_> {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.wire.request(method, path);
        match self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn get(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        Reply::to(self.request(Method::GET, path).query(fields)).await
    }

    async fn post(&self, fields: &[(&str, &str)]) -> Reply {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = self
            .request(Method::POST, SERVICE)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.finish());
        Reply::to(request).await
    }

    /// A batch of queries, posted.
    async fn match_all(&self, queries: &Value) -> Value {
        let reply = self.post(&[("queries", &queries.to_string())]).await;
        assert_eq!(reply.status, 200, "{queries}\n{}", reply.text);
        let answer = reply.json();
        shape::assert_results(&answer);
        answer
    }

    /// One query's candidates.
    async fn match_one(&self, query: &Value) -> Vec<Value> {
        let mut answer = self.match_all(&json!({ "q": query })).await;
        let candidates = answer["q"]["result"].take();
        candidates.as_array().cloned().expect("a list")
    }

    async fn extend(&self, ids: &[&str], properties: &[&str]) -> Value {
        let properties: Vec<Value> = properties.iter().map(|id| json!({ "id": id })).collect();
        let query = json!({ "ids": ids, "properties": properties }).to_string();
        let reply = self.post(&[("extend", &query)]).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let answer = reply.json();
        shape::assert_extension(&answer);
        answer
    }

    /// Suggested bodies.
    async fn suggest(&self, prefix: &str) -> Vec<Value> {
        let reply = self
            .get("/reconcile/suggest/entity", &[("prefix", prefix)])
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let mut answer = reply.json();
        shape::assert_suggestions(&answer);
        answer["result"].take().as_array().cloned().expect("a list")
    }
}

/// One member of each.
fn each<'a>(of: &'a [Value], member: &str) -> Vec<&'a str> {
    of.iter().map(|one| text(&one[member])).collect()
}

/// The codes of bodies in the town.
const WATER: &str = "佛山市禅城区水务局";
const SCHOOL: &str = "佛山市禅城区第一小学";

/// A hub with a few bodies: an office with a superior, a former and a second name; two of the same
/// name in different divisions; a school.
struct Town {
    hub: Hub,
    wire: Wire,
    bodies: Vec<made::Body>,
    _db: Db,
}

impl Town {
    async fn new() -> Self {
        let db = Db::sqlite();
        let hub = Hub::on(&db).await;
        let government = made::body(1, "佛山市禅城区人民政府", "440604");
        let water = made::body(2, WATER, "440604")
            .superior(&government.uscc)
            .former("佛山市禅城区水利局")
            .alias("禅城区河长制办公室");
        let bodies = vec![
            government,
            water,
            made::body(3, "政务服务中心", "440604"),
            made::body(4, "政务服务中心", "440606"),
            made::body_of(made::uscc("12", "440604", 5), SCHOOL, "440604"),
            made::body(6, "佛山市禅城区<b>&\"某\"</b>局", "440604"),
        ];
        let register = made::register(&bodies);
        let report = hub
            .ingest("agency_register", &[("a.csv", &register)], |_| {})
            .await;
        assert_eq!(report.counts.stored, 6, "{report:?}");
        let wire = Wire::to(&hub).await;
        Self {
            hub,
            wire,
            bodies,
            _db: db,
        }
    }

    fn code(&self, at: usize) -> &str {
        self.bodies[at].uscc.as_str()
    }

    fn as_public(&self) -> Client<'_> {
        Client {
            wire: &self.wire,
            token: None,
        }
    }

    fn with<'a>(&'a self, token: &'a str) -> Client<'a> {
        Client {
            wire: &self.wire,
            token: Some(token),
        }
    }
}
