//! What people write in cases, decisions and reports.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{Scene, planted::Canaries};

impl Scene {
    /// Steps in cases, and decisions, with words in them.
    pub(super) async fn change(
        &self,
        post: &impl AsyncFn(Role, &str, Value) -> Value,
        c: &Canaries,
    ) {
        let told = post(Role::Authority, "{ clues(first: 20) { edges { node { id version } } } agencies(first: 9) { edges { node { id name } } } }", json!({})).await;
        let agencies = told["data"]["agencies"]["edges"]
            .as_array()
            .expect("a list");
        let to = agencies
            .iter()
            .find(|edge| edge["node"]["name"] == "佛山市样例局");
        let to = &to.expect("it is there")["node"]["id"];
        let transfer = "mutation ($input: TransferClueInput!) { transferClue(input: $input) { __typename ... on Refusal { code message } } }";
        let mut done = 0;
        for (n, edge) in told["data"]["clues"]["edges"]
            .as_array()
            .expect("a list")
            .iter()
            .enumerate()
        {
            let clue = &edge["node"];
            let input = json!({ "key": format!("{} t{n}", c.words("key")), "clueId": clue["id"], "version": clue["version"], "to": to, "note": c.words("note") });
            let told = post(Role::Authority, transfer, json!({ "input": input })).await;
            done +=
                usize::from(told["data"]["transferClue"]["__typename"] == "TransferClueSuccess");
        }
        assert!(done > 3, "{done} were transferred");
        let strange = json!({ "key": c.words("key"), "clueId": c.phone("id in an input"), "version": 1, "to": c.number("id in an input"), "note": c.words("note") });
        post(Role::Authority, transfer, json!({ "input": strange })).await;
        let report = "mutation ($input: RecordZeroReportInput!) { recordZeroReport(input: $input) { __typename } }";
        let input = json!({ "key": c.phone("key"), "division": "440000", "workflow": "court", "day": "2026-04-20", "note": c.words("zero report") });
        post(Role::Court, report, json!({ "input": input })).await;
        let told = post(
            Role::Operator,
            "{ mentions(first: 9) { edges { node { id version } } } }",
            json!({}),
        )
        .await;
        let decide = "mutation ($input: DecideMentionInput!) { decideMention(input: $input) { __typename } }";
        for (n, edge) in told["data"]["mentions"]["edges"]
            .as_array()
            .expect("a list")
            .iter()
            .enumerate()
        {
            let mention = &edge["node"];
            let input = json!({ "key": format!("{} d{n}", c.words("key")), "mentionId": mention["id"], "version": mention["version"], "judgement": "UNSURE", "reason": c.words("decision") });
            post(Role::Operator, decide, json!({ "input": input })).await;
        }
        let revoke = "mutation ($input: RevokeTokenInput!) { revokeToken(input: $input) { __typename ... on Refusal { code } } }";
        let input =
            json!({ "key": c.words("key"), "jti": "nobodys", "reason": c.words("revocation") });
        let told = post(Role::Security, revoke, json!({ "input": input })).await;
        assert_eq!(
            told["data"]["revokeToken"]["__typename"], "RevokeTokenSuccess",
            "{told}"
        );
        let notes = "{ cases(first: 50) { edges { node { events { note } } } } mentionDecisions(first: 20) { edges { node { reason } } } zeroReports(workflow: \"court\") { note } }";
        post(Role::Authority, notes, json!({})).await;
    }
}
