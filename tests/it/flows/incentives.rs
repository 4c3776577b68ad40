//! What those get who keep faith: granted by the body that the list names, ended by term or a record.

use domain::viewer::Role;
use serde_json::json;

use super::{BUREAU, DEVELOPMENT, Story, Who, id};
use crate::support::{made, on_both};

const PILOTS: &str = r#"measure: "incentive.pilots", basis: "清单""#;

#[tokio::test]
async fn an_incentive_is_granted_to_who_has_no_record_and_ends_with_its_term() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let authority = &story.authority;
        let body = story.id_of(BUREAU).await;
        let the_body = ("agencyId", body.as_str());
        // A measure that follows records is no incentive, and who names a body must be the right one.
        let other = r#"measure: "internal.honours", basis: "清单""#;
        let refused = story.refused(authority, "grantIncentive", the_body, other).await;
        assert_eq!(refused, "NOT_INCENTIVE");
        let refused = story.refused(authority, "grantIncentive", the_body, r#"measure: "incentive.pilots""#).await;
        assert_eq!(refused, "NEEDS_BASIS");
        let own = Who(Role::Authority, "440600", Some(story.bureau));
        assert_eq!(story.refused(&own, "grantIncentive", the_body, PILOTS).await, "WRONG_BODY");
        let culture = Who(Role::Authority, "440600", Some(made::uscc("11", "440600", 4)));
        assert_eq!(story.refused(&culture, "grantIncentive", the_body, PILOTS).await, "WRONG_BODY");
        let too_long = format!(r#"{PILOTS}, endsOn: "2027-04-21""#);
        let refused = story.refused(authority, "grantIncentive", the_body, &too_long).await;
        assert_eq!(refused, "TERM_NOT_ALLOWED");

        let development = Who(Role::Authority, "440600", Some(made::uscc("11", "440600", 3)));
        let case = story.done(&development, "grantIncentive", the_body, PILOTS).await;
        assert_eq!((&case["stage"], &case["open"], &case["record"]), (&json!("GRANTED"), &json!(true), &json!(null)));
        let refused = story.refused(authority, "grantIncentive", the_body, PILOTS).await;
        assert_eq!(refused, "IMPOSED_BEFORE");
        let query = "{ sanctions(first: 5) { totalCount edges { node { id agency { name } record { id } imposedBy \
             status startsOn endsOn measure { code scope verified example } } } } }";
        let data = story.data(authority, query).await;
        let sanction = data["sanctions"]["edges"][0]["node"].clone();
        assert_eq!(data["sanctions"]["totalCount"], 1);
        let measure = json!({ "code": "incentive.pilots", "scope": "INCENTIVE", "verified": false, "example": true });
        assert_eq!(sanction["measure"], measure);
        assert_eq!((&sanction["record"], &sanction["agency"]["name"]), (&json!(null), &json!(BUREAU)));
        assert_eq!((&sanction["imposedBy"], &sanction["status"]), (&json!(DEVELOPMENT), &json!("ACTIVE")));
        assert_eq!((&sanction["startsOn"], &sanction["endsOn"]), (&json!("2026-04-20"), &json!("2027-04-20")));
        let of_body = format!(r#"{{ node(id: "{body}") {{ ... on Agency {{ sanctions {{ edges {{ node {{ id }} }} }} }} }} }}"#);
        let data = story.data(&story.agency, &of_body).await;
        assert_eq!(data["node"]["sanctions"]["edges"][0]["node"]["id"], sanction["id"]);
        assert_eq!(story.hub.data(None, "{ sanctions(first: 5) { totalCount } }").await["sanctions"]["totalCount"], 0);

        // On its last day it runs, on the next it is over, and its case with it.
        for (day, expired, status, stage) in [
            ("2027-04-20", 0, "ACTIVE", "GRANTED"),
            ("2027-04-21", 1, "EXPIRED", "ENDED"),
        ] {
            assert_eq!(story.turn_on(day).await.expired, expired, "on {day}");
            let query = format!(r#"{{ node(id: "{}") {{ ... on Case {{ stage sanctions {{ status }} }} }} }}"#, id(&case));
            let data = story.data(authority, &query).await;
            assert_eq!(data["node"], json!({ "stage": stage, "sanctions": [{ "status": status }] }), "on {day}");
        }
        assert_eq!(story.turn_on("2027-04-21").await.expired, 0);
        // Then it may be granted anew, and lifted.
        let case = story.done(authority, "grantIncentive", the_body, PILOTS).await;
        let sanction = id(&case["sanctions"][0]);
        let case = story.done(authority, "liftSanction", ("sanctionId", &sanction), r#"basis: "撤销""#).await;
        assert_eq!((&case["stage"], &case["sanctions"][0]["status"]), (&json!("ENDED"), &json!("LIFTED")));
    })
    .await;
}

#[tokio::test]
async fn a_record_ends_incentives_and_keeps_others_from_being_granted() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let body = story.id_of(BUREAU).await;
        let the_body = ("agencyId", body.as_str());
        let case = story.done(&story.authority, "grantIncentive", the_body, PILOTS).await;
        assert_eq!(story.turn_on("2026-04-21").await.closed, 0, "nothing against it");
        let listing = made::court_jsonl(&[made::listing(1, BUREAU)]);
        story.hub.ingest("court_debtors", &[("c.jsonl", &listing)], |_| {}).await;
        assert_eq!(story.refused(&story.authority, "grantIncentive", the_body, r#"measure: "incentive.projects", basis: "清单""#).await, "LIVE_RECORD");
        assert_eq!(story.turn_on("2026-04-22").await.closed, 1);
        assert_eq!(story.turn_on("2026-04-22").await.closed, 0);
        let query = format!(r#"{{ node(id: "{}") {{ ... on Case {{ stage open sanctions {{ status endsOn }} events {{ act party }} }} }} }}"#, id(&case));
        let data = story.data(&story.authority, &query).await;
        let expected = json!({
            "stage": "ENDED", "open": false, "sanctions": [{ "status": "LIFTED", "endsOn": "2026-04-22" }],
            "events": [{ "act": "GRANT_INCENTIVE", "party": "AUTHORITY" }, { "act": "END_INCENTIVE", "party": "CLOCK" }],
        });
        assert_eq!(data["node"], expected);
    })
    .await;
}
