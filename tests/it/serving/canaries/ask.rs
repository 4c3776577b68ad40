//! What clients write, over GraphQL and at other addresses.

use std::fs;

use domain::viewer::{Role, Scope};
use serde_json::{Value, json};
use zhengxin::auth::{Auth, Grant};

use super::{
    super::{Server, client, text_at},
    Scene,
};
use crate::notify::Receiver;

impl Scene {
    pub(super) async fn ask(&self, server: &Server, auth: &Auth, receiver: &Receiver) {
        let c = &self.canaries;
        let http = client();
        let roles = [
            Role::Authority,
            Role::Government,
            Role::Court,
            Role::Operator,
            Role::Congress,
        ];
        let token = |role: Role| {
            let grant = Grant {
                subject: "test".to_owned(),
                role,
                divisions: vec!["440000".parse().expect("a division")],
                agency: None,
                scopes: vec![Scope::Adhoc],
                minutes: 60,
            };
            auth.issue(&grant).expect("there is a key")
        };
        let post = async |role: Role, query: &str, variables: Value| {
            let request = http
                .post(format!("{}/graphql", server.base))
                .bearer_auth(token(role))
                .header("x-purpose", c.number("header purpose"))
                .header("x-reference", c.phone("header reference"))
                .json(&json!({ "query": query, "variables": variables }));
            let answer = request.send().await.expect("it answers");
            let body = answer.bytes().await.expect("a body");
            self.tell(&format!("answer to {role}"), &body);
            serde_json::from_slice::<Value>(&body).expect("JSON")
        };
        // All that the deliveries became.
        let everything = [
            "{ clues(first: 100) { totalCount edges { node { title content category evidence { sourceKey location } } } } }",
            "{ creditRecords(first: 100) { totalCount edges { node { caseNumber identifiedBy domain evidence { sourceKey } agency { name } } } } }",
            "{ agencies(first: 100) { totalCount edges { node { name aliases { name } formerNames { name } } } } }",
            "{ mentions(first: 100) { totalCount edges { node { text context { name text } resolution { steps } evidence { sourceKey } } } } }",
            "{ sources { runs(first: 50) { edges { node { message } } } } }",
            "{ sources { runs(first: 3) { edges { node { rejects(first: 20) { edges { node { column reason file } } } } } } } }",
        ];
        for query in everything {
            let mut refusals = Vec::new();
            for role in roles {
                let told = post(role, query, json!({})).await;
                refusals.extend(told.get("errors").cloned());
            }
            assert!(refusals.len() < roles.len(), "{query}: {refusals:?}");
        }
        let check = "query ($input: SanctionCheckInput!, $for: String!) { sanctionCheck(input: $input, purpose: $for, reference: $for) \
             { id answer notice purpose reference resolution { steps } } }";
        let resolve = "query ($input: ResolveInput!) { resolve(input: $input) { outcome steps } }";
        let search = "query ($text: String!) { search(text: $text) { title matched } }";
        let filter =
            "query ($text: String!) { agencies(filter: { name: { eq: $text } }) { totalCount } }";
        for n in 0..30 {
            let role = roles[n % 3];
            for key in [
                "name",
                "uscc",
                "orgCode",
                "division",
                "caseNumber",
                "personName",
                "identityNumber",
            ] {
                let variables = json!({ "input": { key: c.number("check input") }, "for": c.words("check purpose") });
                post(role, check, variables).await;
            }
            let person = json!({ "personName": format!("甲某{}", c.phone("check person")), "identityNumber": c.number("check person") });
            post(role, check, json!({ "input": person, "for": "sanction" })).await;
            let variables = json!({ "input": { "name": c.words("resolve"), "division": c.phone("resolve division") } });
            post(role, resolve, variables).await;
            post(role, search, json!({ "text": c.words("search") })).await;
            post(role, filter, json!({ "text": c.phone("filter") })).await;
            let wrong = format!(
                "{{ agency(uscc: \"{}\") {{ name }} }}",
                c.number("inline argument")
            );
            post(role, &wrong, json!({ "x": c.phone("variable of nothing") })).await;
            // By an alias whoever wrote it is answered, and nobody else hears of it.
            let aliased = format!("{{ a{}: __typename }}", c.phone("alias"));
            let aliased = http
                .post(format!("{}/graphql", server.base))
                .bearer_auth(token(role))
                .json(&json!({ "query": aliased }));
            aliased.send().await.expect("it answers");
            post(
                role,
                &format!("{{ {} }} # {}", c.phone("no field"), c.number("comment")),
                json!({}),
            )
            .await;
        }
        self.change(&post, c).await;
        self.watch(&post, receiver).await;
        let query = json!({ "q0": { "query": c.words("reconcile") } }).to_string();
        for path in [
            format!("/reconcile?queries={}", form(&query)),
            format!("/reconcile/preview?id={}", c.number("preview")),
            format!("/export/ledger.csv?division={}", c.phone("export division")),
            format!("/export/ledger.csv?stage={}", c.phone("export stage")),
            format!("/{}", c.number("address")),
            "/export/ledger.csv".to_owned(),
            "/export/ledger.xlsx".to_owned(),
        ] {
            let request = http
                .get(format!("{}{path}", server.base))
                .bearer_auth(token(Role::Authority));
            let answer = request.send().await.expect("it answers");
            let is_book = path.ends_with("xlsx");
            let body = answer.bytes().await.expect("a body");
            match is_book {
                true => {
                    fs::write(self.outside.path().join("ledger.xlsx"), &body).expect("it is ours")
                }
                false => self.tell("answers to addresses", &body),
            }
        }
        self.tell(
            "metrics",
            text_at(&format!("{}/metrics", server.admin)).await,
        );
    }
}

pub(in crate::serving) fn form(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
