//! Grading and warning, through GraphQL and the command line.

mod alike;
mod annual;
mod campaign;
mod causes;
mod forward;
mod grading;
mod lines;
mod overview;
mod packs;
mod rules;
mod stream;
mod warnings;
mod ways;

use std::sync::atomic::{AtomicU32, Ordering};

use domain::{uscc::Uscc, viewer::Role};
use serde_json::Value;
use zhengxin::assess::Assessment;

use crate::support::{Db, Hub, made};

const BUREAU: &str = "佛山市样例承诺局";
const CITY: &str = "佛山市人民政府";

/// A bureau and the government above it.
struct Scene {
    hub: Hub,
    bureau: Uscc,
    keys: AtomicU32,
}

impl Scene {
    async fn on(db: &Db) -> Self {
        Self::of(Hub::on(db).await).await
    }

    async fn of(hub: Hub) -> Self {
        hub.it_is("2026-04-20");
        let city = made::body(1, CITY, "440600");
        let bureau = made::body(2, BUREAU, "440600").superior(&city.uscc);
        let other = made::body(3, "珠海市样例承诺局", "440400");
        let code = bureau.uscc;
        let register = made::register(&[city, bureau, other]);
        hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
            .await;
        Self {
            hub,
            bureau: code,
            keys: AtomicU32::new(0),
        }
    }

    fn token(&self, role: Role) -> String {
        let agency = (role == Role::Agency).then_some(&self.bureau);
        self.hub.token(role, &["440600"], agency)
    }

    async fn data(&self, role: Role, query: &str) -> Value {
        self.hub.data(Some(&self.token(role)), query).await
    }

    async fn assess(&self) -> Assessment {
        let assessing = self.hub.app.assessing();
        assessing
            .assess_all()
            .await
            .expect("everybody can be graded")
    }

    /// The court lists the bureau so many times.
    async fn listed(&self, listings: &[i64]) {
        let listings: Vec<_> = listings
            .iter()
            .map(|n| made::listing(*n, BUREAU).published("2026-03-02"))
            .collect();
        // A list that names nobody of ours is one all the same.
        let listings = match listings.is_empty() {
            true => vec![made::listing(999, "样例贸易有限公司")],
            false => listings,
        };
        let file = made::court_jsonl(&listings);
        self.hub
            .ingest("court_debtors", &[("c.jsonl", &file)], |_| {})
            .await;
    }

    /// The warnings that a role sees, newest first.
    async fn warnings(&self, role: Role) -> Vec<Value> {
        let query = "{ warnings(first: 50) { totalCount edges { node { id version redLine level state \
             message count caused episode escalations dueOn dueIsProvisional workingDaysLeft redLineVersion redLineDigest agency { name } \
             records(first: 5) { totalCount } } } } }";
        let data = self.data(role, query).await;
        let edges = data["warnings"]["edges"].as_array().expect("a list");
        assert_eq!(data["warnings"]["totalCount"], edges.len());
        edges.iter().map(|edge| edge["node"].clone()).collect()
    }

    /// The only warning by a red line.
    async fn warning(&self, red_line: &str) -> Value {
        let all = self.warnings(Role::Authority).await;
        let mut by_line = all.into_iter().filter(|one| one["redLine"] == red_line);
        by_line
            .next()
            .unwrap_or_else(|| panic!("no warning by {red_line}"))
    }

    /// Does something about a warning as it stands; the whole outcome.
    async fn act(&self, role: Role, name: &str, warning: &Value, note: Option<&str>) -> Value {
        self.act_with(&self.token(role), name, warning, note).await
    }

    async fn act_with(
        &self,
        token: &str,
        name: &str,
        warning: &Value,
        note: Option<&str>,
    ) -> Value {
        let key = self.keys.fetch_add(1, Ordering::SeqCst);
        let (id, version) = (&warning["id"], &warning["version"]);
        let note = note.map_or(String::new(), |note| format!(r#", note: "{note}""#));
        let query = format!(
            r#"mutation {{ {name}(input: {{ key: "act {key}", warningId: {id}, version: {version}{note} }}) {{
                __typename ... on WarningSuccess {{ warning {{ version state dueOn }} }}
                ... on Refusal {{ code }} ... on VersionConflict {{ current }} }} }}"#
        );
        let answer = self.hub.query(Some(token), &query).await;
        match answer.get("errors") {
            Some(errors) => errors[0]["extensions"]["code"].clone(),
            None => answer["data"][name].clone(),
        }
    }
}
