//! What clients write in watch lists and reviews of false matches, and what a webhook tells of it.

use std::time::{Duration, Instant};

use chrono::{Days, Utc};
use domain::viewer::Role;
use serde_json::{Value, json};

use super::{BUREAU, Scene};
use crate::{notify::Receiver, support::made};

/// How long the hub may take to tell by itself.
const TOLD_WITHIN: Duration = Duration::from_secs(60);

impl Scene {
    /// Watches the bureau, reviews a name, and waits until the webhook has told of one thing more.
    pub(super) async fn watch(
        &self,
        post: &impl AsyncFn(Role, &str, Value) -> Value,
        receiver: &Receiver,
    ) {
        let c = &self.canaries;
        let create = "mutation ($input: CreateWatchListInput!) { createWatchList(input: $input) { __typename ... on WatchListSuccess { list { id title purpose reference } } ... on Refusal { code message } } }";
        let input = json!({ "key": c.words("watch key"), "title": c.words("watch title"), "purpose": c.words("watch purpose"), "reference": c.words("watch reference") });
        let told = post(Role::Court, create, json!({ "input": input })).await;
        let list = told["data"]["createWatchList"]["list"]["id"].clone();
        assert!(list.is_string(), "{told}");
        let add = "mutation ($input: AddWatchSubjectsInput!) { addWatchSubjects(input: $input) { __typename ... on WatchListSuccess { count refused { place verdict reason } } ... on Refusal { code message } } }";
        let subjects = json!([{ "name": BUREAU }, { "name": c.words("watched name") }, { "uscc": c.number("watched code") }, { "orgCode": c.phone("watched org code"), "division": c.phone("watched division") }]);
        let input = json!({ "key": c.words("watch key"), "listId": list, "subjects": subjects });
        let told = post(Role::Court, add, json!({ "input": input })).await;
        assert_eq!(told["data"]["addWatchSubjects"]["count"], 1, "{told}");
        let remove = "mutation ($input: RemoveWatchSubjectsInput!) { removeWatchSubjects(input: $input) { __typename } }";
        let input = json!({ "key": c.words("watch key"), "listId": list, "usccs": [c.number("watched code")] });
        post(Role::Court, remove, json!({ "input": input })).await;

        // 样例局 may be several, and one of them is not meant.
        let exclude = "mutation ($input: ExcludeFalseMatchInput!) { excludeFalseMatch(input: $input) { __typename ... on CheckExclusionSuccess { exclusion { id name reason reference } } ... on Refusal { code message } } }";
        let until = Utc::now().date_naive() + Days::new(30);
        let bureau = made::uscc("11", "440604", 2);
        let review = |name: Value| {
            json!({ "key": c.words("review key"), "name": name, "uscc": bureau.to_string(), "reason": c.words("review reason"),
                "reference": c.words("review reference"), "expiresOn": until.to_string() })
        };
        post(
            Role::Court,
            exclude,
            json!({ "input": review(json!(c.words("reviewed name"))) }),
        )
        .await;
        let told = post(
            Role::Court,
            exclude,
            json!({ "input": review(json!("样例局")) }),
        )
        .await;
        let review = told["data"]["excludeFalseMatch"]["exclusion"]["id"].clone();
        assert!(review.is_string(), "{told}");
        let check =
            r#"{ sanctionCheck(input: { name: "样例局" }, purpose: "x") { answer notice } }"#;
        let told = post(Role::Court, check, json!({})).await;
        assert!(
            told.to_string().contains("经人工复核已排除 1 个机构"),
            "{told}"
        );
        let revoke = "mutation ($input: RevokeExclusionInput!) { revokeExclusion(input: $input) { __typename } }";
        let input = json!({ "key": c.words("review key"), "exclusionId": review, "reason": c.words("revoked") });
        post(Role::Court, revoke, json!({ "input": input })).await;

        // One listing more: the hub tells of it by itself.
        let mut listing = made::listing(900, BUREAU);
        listing.duty = c.words("watched duty");
        let file = made::court_jsonl(&[listing]);
        tokio::task::block_in_place(|| self.bring("court_debtors", "more.jsonl", &file, 1));
        let deadline = Instant::now() + TOLD_WITHIN;
        while receiver.got().is_empty() {
            assert!(Instant::now() < deadline, "the webhook is not told");
            tokio::task::yield_now().await;
        }
        for got in receiver.got() {
            assert!(got.body.to_string().contains(BUREAU), "{}", got.body);
            self.tell("webhook", &got.raw);
        }
        let everything = "query ($list: ID!) { watchLists(first: 5) { edges { node { title purpose reference subjects(first: 5) { edges { node { uscc } } } } } } \
             watchChanges(list: $list) { changes { kind subject { name } record { caseNumber } } } \
             checkExclusions(inForce: false) { edges { node { name division reason reference by revokeReason } } } }";
        let told = post(Role::Court, everything, json!({ "list": list })).await;
        assert!(told.to_string().contains("RECORD_ADDED"), "{told}");
        let end =
            "mutation ($input: EndWatchListInput!) { endWatchList(input: $input) { __typename } }";
        let input = json!({ "key": c.words("watch key"), "listId": list });
        post(Role::Court, end, json!({ "input": input })).await;
    }
}
