//! Sanction checks: what is answered, whom an answer reaches, and what a receipt proves.

mod closed;
mod command;
mod exclusions;
mod lists;
mod persons;
mod predecessors;
mod receipts;
mod rights;
mod verdicts;
mod watch;

use domain::{uscc::Uscc, viewer::Role};
use serde_json::{Value, json};

use crate::support::{Db, Hub, made};

/// Of a check all that is told of its verdict.
const TOLD: &str = "id verdict notice answerDigest answer dataVersion asOf purpose reference \
     resolution { outcome agency { name } steps candidates { agency { name } } } \
     records { identifiedBy caseNumber status agency { name } } sanctions { measure { code } status } \
     inherited { caseNumber agency { name } } input { uscc name caseNumber }";

const LISTED: &str = "佛山市样例承诺局";
const SOUND: &str = "佛山市样例文化馆";
const HEIR: &str = "佛山市样例统筹局";
const GONE: &str = "佛山市样例招商局";
const ELSEWHERE: &str = "东莞市样例局";
const CASE: &str = "（2025）粤0604执90001号";

/// A city's bodies, one of which is listed, one of which came of a listed one, and one of another city.
struct Scene {
    hub: Hub,
    listed: Uscc,
    sound: Uscc,
    heir: Uscc,
    elsewhere: Uscc,
}

impl Scene {
    async fn on(db: &Db) -> Self {
        Self::of(Hub::with_person_key(db).await).await
    }

    async fn of(hub: Hub) -> Self {
        hub.it_is("2026-04-20");
        let superior = made::body(1, "佛山市人民政府", "440600");
        let bodies = vec![
            made::body(2, LISTED, "440600").superior(&superior.uscc),
            made::body(3, SOUND, "440600"),
            made::body(4, HEIR, "440600"),
            made::body(5, GONE, "440600").abolished("2026-01-01"),
            made::body(6, ELSEWHERE, "441900"),
            made::body(7, "佛山市禅城区水务局", "440604"),
            made::body(8, "佛山市南海区水务局", "440605"),
            superior,
        ];
        let events = made::successions(&[(
            (Some(&bodies[3].uscc), GONE),
            (Some(&bodies[2].uscc), HEIR),
            "合并",
            "2026-01-01",
            "样发〔2026〕1号",
        )]);
        let files: [(&str, &[u8]); 2] = [("a.csv", &made::register(&bodies)), ("s.csv", &events)];
        hub.ingest("agency_register", &files, |_| {}).await;
        let list = made::court_jsonl(&[
            made::listing(1, LISTED).case(CASE),
            made::listing(2, GONE).published("2025-06-01"),
            made::listing(3, ELSEWHERE),
        ]);
        let report = hub
            .ingest("court_debtors", &[("c.jsonl", &list)], |_| {})
            .await;
        assert_eq!(report.counts.stored, 3, "{report:#?}");
        let [listed, sound, heir, elsewhere] = [0, 1, 2, 4].map(|at: usize| bodies[at].uscc);
        Self {
            hub,
            listed,
            sound,
            heir,
            elsewhere,
        }
    }

    fn court(&self) -> String {
        self.hub.token(Role::Court, &["440600"], None)
    }

    /// One check by the city's court.
    async fn check(&self, input: &str) -> Value {
        self.check_by(&self.court(), input).await
    }

    async fn check_by(&self, token: &str, input: &str) -> Value {
        let query = format!(
            r#"{{ sanctionCheck(input: {{ {input} }}, purpose: "联合惩戒", reference: "样函1号") {{ {TOLD} }} }}"#
        );
        self.hub.data(Some(token), &query).await["sanctionCheck"].clone()
    }

    async fn verdict(&self, input: &str) -> String {
        let check = self.check(input).await;
        check["verdict"].as_str().expect("a verdict").to_owned()
    }

    async fn receipt(&self, token: &str, id: &Value) -> Value {
        let query = format!("{{ sanctionCheckReceipt(id: {id}) {{ {TOLD} }} }}");
        self.hub.data(Some(token), &query).await["sanctionCheckReceipt"].clone()
    }
}

fn name(of: &str) -> String {
    format!("name: {}", json!(of))
}
