//! Annual assessments through GraphQL, by the roles that act.

mod audited;
mod corrections;
mod frozen;
mod moved;
mod objections;
mod past;
mod public;
mod refusals;
mod replay;
mod same;
mod story;
mod together;

use std::sync::atomic::{AtomicU32, Ordering};

use domain::{uscc::Uscc, viewer::Role};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::support::{Db, Hub, made};

const CITY: &str = "佛山市人民政府";
const BUREAU: &str = "佛山市样例承诺局";
const DISTRICT: &str = "禅城区样例承诺局";

/// What is asked of an outcome.
const OUTCOME: &str = "__typename ... on Refusal { code } ... on VersionConflict { current } \
     ... on AnnualAssessmentSuccess { campaign { id version state } objection { id version upheld corrections } \
     assessment { id publication { decision from } } }";

/// A city, one of its bureaus, one of a district's, and one of another city.
struct Year {
    hub: Hub,
    city: Uscc,
    bureau: Uscc,
    district: Uscc,
    keys: AtomicU32,
}

impl Year {
    /// On the second of March 2026, a Monday; nothing is known of any body.
    async fn on(db: &Db) -> Self {
        Self::of(Hub::on(db).await).await
    }

    async fn of(hub: Hub) -> Self {
        hub.it_is("2026-03-02");
        let city = made::body(1, CITY, "440600");
        let bureau = made::body(2, BUREAU, "440600").superior(&city.uscc);
        let district = made::body(3, DISTRICT, "440604");
        let other = made::body(4, "珠海市样例承诺局", "440400");
        let codes = [city.uscc, bureau.uscc, district.uscc];
        let register = made::register(&[city, bureau, district, other]);
        hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
            .await;
        let [city, bureau, district] = codes;
        Self {
            hub,
            city,
            bureau,
            district,
            keys: AtomicU32::new(0),
        }
    }

    /// The court lists bodies, each under a number, from these days on; its list is whole each time.
    async fn listed(&self, listings: &[(i64, &str, &str)]) {
        let listings: Vec<_> = listings
            .iter()
            .map(|(n, name, on)| made::listing(*n, name).published(on))
            .collect();
        let file = made::court_jsonl(&listings);
        self.hub
            .ingest("court_debtors", &[("c.jsonl", &file)], |_| {})
            .await;
    }

    fn token(&self, role: Role) -> Option<String> {
        let agency = (role == Role::Agency).then_some(&self.bureau);
        (role != Role::Public).then(|| self.hub.token(role, &["440600"], agency))
    }

    async fn data(&self, role: Role, query: &str) -> Value {
        self.hub.data(self.token(role).as_deref(), query).await
    }

    /// Does something; the outcome, or the code of the error.
    async fn act_as(&self, token: Option<&str>, name: &str, input: &str) -> Value {
        let key = self.keys.fetch_add(1, Ordering::SeqCst);
        let query = format!(
            r#"mutation {{ {name}(input: {{ key: "annual {key}", {input} }}) {{ {OUTCOME} }} }}"#
        );
        let answer = self.hub.query(token, &query).await;
        match answer.get("errors") {
            Some(errors) => errors[0]["extensions"]["code"].clone(),
            None => answer["data"][name].clone(),
        }
    }

    async fn act(&self, role: Role, name: &str, input: &str) -> Value {
        self.act_as(self.token(role).as_deref(), name, input).await
    }

    /// The city's assessment of a year is opened; it.
    async fn opened(&self, year: i32) -> Value {
        let input = format!(r#"year: {year}, division: "440600""#);
        let done = self
            .act(Role::Authority, "openAnnualAssessment", &input)
            .await;
        assert_eq!(done["__typename"], "AnnualAssessmentSuccess", "{done}");
        self.campaign(Role::Authority, year).await
    }

    /// The city's assessment of a year as a role sees it; null where it does not.
    async fn campaign(&self, role: Role, year: i32) -> Value {
        let query = format!(
            r#"{{ annualCampaigns(year: {year}, division: "440600", first: 1) {{ totalCount edges {{ node {{
                id version year state asOf objectionsFrom objectionsUntil rulePackDigest inputsDigest resultsDigest
                publication {{ decision from }}
                ranking(first: 10) {{ totalCount edges {{ node {{ id name rank groupRank score grade
                    before {{ grade change }} agency {{ uscc }} assessment {{ id kind state score
                        contributions {{ rule points }} }} }} }} }}
                distribution {{ level kind bodies grades {{ grade count }} }} }} }} }} }}"#
        );
        self.data(role, &query).await["annualCampaigns"]["edges"][0]["node"].clone()
    }

    /// Confirms the assessment as it stands.
    async fn confirm(&self, campaign: &Value) -> Value {
        let (id, version) = (&campaign["id"], &campaign["version"]);
        let input = format!("campaignId: {id}, version: {version}");
        self.act(Role::Authority, "confirmAnnualAssessment", &input)
            .await
    }

    /// Confirms the assessment as it stands, which can be done; it.
    async fn confirmed(&self, year: i32) -> Value {
        let done = self
            .confirm(&self.campaign(Role::Authority, year).await)
            .await;
        assert_eq!(done["campaign"]["state"], "CONFIRMED", "{done}");
        self.campaign(Role::Authority, year).await
    }

    /// The record for which a body lost points by a rule.
    async fn record_behind(&self, campaign: &Value, name: &str, rule: &str) -> Value {
        let query = format!(
            "{{ node(id: {}) {{ ... on Assessment {{ contributions {{ rule records(first: 5) {{ edges {{ node {{ id }} }} }} }} }} }} }}",
            row(campaign, name)["assessment"]["id"]
        );
        let data = self.data(Role::Authority, &query).await;
        let parts = data["node"]["contributions"].as_array().expect("a list");
        let part = parts.iter().find(|part| part["rule"] == rule);
        part.expect("it counts")["records"]["edges"][0]["node"]["id"].clone()
    }

    /// The bureau objects, in other words each time; the objection's id.
    async fn objected(&self, campaign: &Value) -> Value {
        let words = self.keys.load(Ordering::SeqCst);
        let input = format!(
            r#"campaignId: {}, text: "得分有误（{words}）""#,
            campaign["id"]
        );
        let filed = self.act(Role::Agency, "objectToAssessment", &input).await;
        assert_eq!(filed["objection"]["version"], 1, "{filed}");
        filed["objection"]["id"].clone()
    }

    /// An objection is upheld, with corrections of records and indicators.
    async fn uphold(&self, objection: &Value, corrections: &str) -> Value {
        let input = format!(
            r#"objectionId: {objection}, version: 1, upheld: true, reason: "经核实", {corrections}"#
        );
        self.act(Role::Authority, "decideAssessmentObjection", &input)
            .await
    }

    /// Makes something public as it stands.
    async fn publish(&self, what: &Value, from: &str) -> Value {
        let (id, version) = (&what["id"], &what["version"]);
        let input = format!(
            r#"id: {id}, version: {version}, decision: "样例信用办〔2026〕1号", from: "{from}""#
        );
        self.act(Role::Authority, "publishAssessment", &input).await
    }
}

/// A decimal number, which stands in JSON as a text.
fn number(value: &Value) -> Decimal {
    let text = value.as_str().expect("a decimal");
    text.parse().expect("a decimal")
}

/// Names in the order of the ranking, with their ranks.
fn ranking(campaign: &Value) -> Vec<(String, i64)> {
    let edges = campaign["ranking"]["edges"].as_array().expect("a list");
    let of = |edge: &Value| {
        let node = &edge["node"];
        let name = node["name"].as_str().expect("a name").to_owned();
        (name, node["rank"].as_i64().expect("a rank"))
    };
    edges.iter().map(of).collect()
}

/// A body's own row.
fn row<'a>(campaign: &'a Value, name: &str) -> &'a Value {
    let edges = campaign["ranking"]["edges"].as_array().expect("a list");
    let mut rows = edges.iter().map(|edge| &edge["node"]);
    let found = rows.find(|row| row["name"] == name);
    found.unwrap_or_else(|| panic!("{name} is not in {campaign}"))
}
