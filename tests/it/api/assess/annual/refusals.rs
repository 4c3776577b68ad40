//! Who may do what, and when.

use std::sync::Arc;

use domain::{
    assess::{Campaign, CampaignRefused},
    uscc::Uscc,
    viewer::{Role, Viewer},
};
use serde_json::{Value, json};
use zhengxin::assess::{CampaignDone, Opening};

use super::{BUREAU, DISTRICT, Year};
use crate::support::{Hub, count, on_both};

fn refused(code: &str) -> Value {
    json!({ "__typename": "Refusal", "code": code })
}

#[tokio::test]
async fn each_step_is_for_its_role_and_its_time() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        let open = r#"year: 2025, division: "440600""#;
        for role in [Role::Congress, Role::Government, Role::Court, Role::Agency, Role::Assessor] {
            assert_eq!(year.act(role, "openAnnualAssessment", open).await, "FORBIDDEN", "{role}");
        }
        let other = r#"year: 2025, division: "440400""#;
        assert_eq!(year.act(Role::Authority, "openAnnualAssessment", other).await, refused("WRONG_BODY"));
        for (input, code) in [
            (r#"year: 2026, division: "440600""#, "TOO_EARLY"),
            (r#"year: 1999, division: "440600""#, "NO_RULE"),
            (r#"year: 2025, division: "440600", rulePack: "nobody""#, "NO_RULE"),
            (r#"year: 2025, division: "440600", objectionsFrom: "2026-03-01""#, "BACKDATED"),
        ] {
            assert_eq!(year.act(Role::Authority, "openAnnualAssessment", input).await, refused(code), "{input}");
        }
        year.hub.it_is("2026-01-14");
        assert_eq!(year.act(Role::Authority, "openAnnualAssessment", open).await, refused("TOO_EARLY"));
        year.hub.it_is("2026-01-15");
        let later = r#"year: 2025, division: "440600", objectionsFrom: "2026-03-02""#;
        let done = year.act(Role::Authority, "openAnnualAssessment", later).await;
        assert_eq!(done["campaign"]["state"], "PRELIMINARY", "{done}");
        assert_eq!(year.act(Role::Authority, "openAnnualAssessment", open).await, refused("ALREADY_OPEN"));

        // The window: before its first day a body does not know of it, and after its last it is over.
        let campaign = year.campaign(Role::Authority, 2025).await;
        let object = |day: &str| format!(r#"campaignId: {}, text: "得分有误（{day}）""#, campaign["id"]);
        for (day, outcome) in [
            ("2026-03-01", refused("NOT_FOUND")),
            ("2026-03-02", json!("filed")),
            ("2026-03-16", json!("filed")),
            ("2026-03-17", refused("WINDOW_CLOSED")),
        ] {
            year.hub.it_is(day);
            let mut told = year.act(Role::Agency, "objectToAssessment", &object(day)).await;
            if told["objection"]["version"] == 1 {
                told = json!("filed");
            }
            assert_eq!(told, outcome, "{day}");
        }
        let object = object("again");
        assert_eq!(year.act(Role::Authority, "objectToAssessment", &object).await, "FORBIDDEN");
        let outside = year.hub.token(Role::Agency, &[], Some(&crate::support::made::uscc("11", "440400", 4)));
        assert_eq!(year.act_as(Some(&outside), "objectToAssessment", &object).await, refused("NOT_FOUND"));

        // Nothing is confirmed while something is undecided, and nothing public that is not confirmed.
        let campaign = year.campaign(Role::Authority, 2025).await;
        assert_eq!(year.confirm(&campaign).await, refused("UNDECIDED"));
        assert_eq!(year.publish(&campaign, "2026-04-01").await, refused("WRONG_STATE"));
        let query = r#"{ annualCampaigns(year: 2025, first: 1) { edges { node { objections { id version number } } } } }"#;
        let told = year.data(Role::Authority, query).await;
        let objections = told["annualCampaigns"]["edges"][0]["node"]["objections"].clone();
        for objection in objections.as_array().expect("a list") {
            let id = &objection["id"];
            let reject = format!(r#"objectionId: {id}, version: 1, upheld: false, reason: "得分无误""#);
            // Nobody decides about himself.
            let himself = year.hub.token(Role::Authority, &["440600"], Some(&year.bureau));
            let own = year.act_as(Some(&himself), "decideAssessmentObjection", &reject).await;
            assert_eq!(own, refused("WRONG_BODY"));
            assert_eq!(year.act(Role::Government, "decideAssessmentObjection", &reject).await, "FORBIDDEN");
            let done = year.act(Role::Authority, "decideAssessmentObjection", &reject).await;
            assert_eq!(done["objection"]["version"], 2, "{done}");
            // Who saw it undecided is told that it is not.
            let late = year.act(Role::Authority, "decideAssessmentObjection", &reject).await;
            assert_eq!(late, json!({ "__typename": "VersionConflict", "current": 2 }));
            let again = reject.replace("version: 1", "version: 2");
            let again = year.act(Role::Authority, "decideAssessmentObjection", &again).await;
            assert_eq!(again, refused("WRONG_STATE"), "it is decided once");
        }
        // Who confirms saw it before these decisions.
        let now = year.campaign(Role::Authority, 2025).await;
        assert_eq!(year.confirm(&campaign).await, json!({ "__typename": "VersionConflict", "current": now["version"] }));
        assert_eq!(year.confirm(&now).await["campaign"]["state"], "CONFIRMED");
        let confirmed = year.campaign(Role::Authority, 2025).await;
        assert_eq!(year.confirm(&confirmed).await, refused("WRONG_STATE"));
        assert_eq!(year.act(Role::Agency, "objectToAssessment", &object).await, refused("WINDOW_CLOSED"));
        assert_eq!(year.publish(&confirmed, "2026-03-16").await, refused("BACKDATED"));
        assert_eq!(year.publish(&now, "2026-04-01").await["__typename"], "VersionConflict");
        assert_eq!(year.publish(&confirmed, "2026-04-01").await["__typename"], "AnnualAssessmentSuccess");
        let published = year.campaign(Role::Authority, 2025).await;
        assert_eq!(year.publish(&published, "2026-05-01").await, refused("WRONG_STATE"));
    })
    .await;
}

#[tokio::test]
async fn an_upheld_objection_corrects_what_was_frozen_of_the_body() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02"), (2, DISTRICT, "2025-06-02")]).await;
        let opened = year.opened(2025).await;
        let input = format!(r#"campaignId: {}, text: "已履行""#, opened["id"]);
        let filed = year.act(Role::Agency, "objectToAssessment", &input).await;
        assert_eq!(year.confirm(&year.campaign(Role::Authority, 2025).await).await, refused("WINDOW_OPEN"));
        let id = &filed["objection"]["id"];
        let decide = async |upheld: bool, reason: &str, records: &str| {
            let input = format!(
                r#"objectionId: {id}, version: 1, upheld: {upheld}, reason: "{reason}", records: [{records}]"#
            );
            year.act(Role::Authority, "decideAssessmentObjection", &input).await
        };
        let own = year.record_behind(&opened, BUREAU, "court.listed").await;
        let others = year.record_behind(&opened, DISTRICT, "court.listed").await;
        let without = |record: &Value| format!("{{ recordId: {record}, exclude: true }}");
        for (upheld, records) in [
            (true, String::new()),
            (false, without(&own)),
            (true, without(&others)),
            (true, without(&json!("crd_440000_17"))),
        ] {
            let told = decide(upheld, "经核实", &records).await;
            assert_eq!(told, refused("WRONG_CORRECTIONS"), "{upheld} {records}");
        }
        assert_eq!(decide(true, " ", &without(&own)).await, refused("NEEDS_NOTE"));
        // It was delisted in the year: it no longer counted then.
        let delisted = format!(r#"{{ recordId: {own}, status: DELISTED, endedOn: "2025-09-01" }}"#);
        let done = decide(true, "经核实已于年内屏蔽", &delisted).await;
        assert_eq!(done["objection"]["corrections"], 1, "{done}");
        year.hub.it_is("2026-03-17");
        year.confirm(&year.campaign(Role::Authority, 2025).await).await;
        let confirmed = year.campaign(Role::Authority, 2025).await;
        let parts = super::row(&confirmed, BUREAU)["assessment"]["contributions"].to_string();
        assert!(!parts.contains("court.listed"), "{parts}");
    })
    .await;
}

#[tokio::test]
async fn a_year_is_opened_once_whoever_tries_at_the_same_time() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02")]).await;
        let beside = Hub::on(&db).await;
        beside.it_is("2026-03-02");
        let opening = Opening {
            year: 2025,
            division: "440600".parse().expect("a code"),
            pack: None,
            objections_from: None,
        };
        let (one, other) = (year.hub.app.assessing(), beside.app.assessing());
        let (one, other) = tokio::join!(one.open_as("one", &opening), other.open_as("other", &opening));
        let done = [one, other].map(|done| done.expect("the database is there"));
        let opened = done.iter().filter(|done| matches!(done, CampaignDone::Done(_)));
        assert_eq!(opened.count(), 1, "{done:?}");
        assert!(done.contains(&CampaignDone::Refused(CampaignRefused::AlreadyOpen)), "{done:?}");
        // What came to nothing left nothing.
        for (table, rows) in [("annual_input", 1), ("annual_result", 3), ("annual_campaign", 1)] {
            let sql = format!("SELECT count(*) AS n FROM {table}");
            assert_eq!(count(&year.hub, &sql).await, rows, "{table}");
        }
        // Under one key it is done once, and told again.
        year.hub.app.live.catch_up().await.expect("the graph moves on");
        let campaign = year.campaign(Role::Authority, 2025).await;
        let query = format!(
            r#"mutation {{ objectToAssessment(input: {{ key: "the same", campaignId: {}, text: "有误" }}) {{
                ... on AnnualAssessmentSuccess {{ objection {{ id number }} }} }} }}"#,
            campaign["id"]
        );
        let first = year.data(Role::Agency, &query).await;
        assert_eq!(first["objectToAssessment"]["objection"]["number"], 1, "{first}");
        assert_eq!(year.data(Role::Agency, &query).await, first);
        let sql = "SELECT count(*) AS n FROM annual_objection";
        assert_eq!(count(&year.hub, sql).await, 1);
        // Two who object at once do not take each other's number.
        let other = Arc::new(year.hub.app.view(&year.hub.app.live.now(), agency(&year.district)));
        let own = Arc::new(year.hub.app.view(&year.hub.app.live.now(), agency(&year.bureau)));
        let id = Campaign::number_of(2025, opening.division);
        let (here, there) = (year.hub.app.assessing(), beside.app.assessing());
        let filed = tokio::join!(here.object_to_annual(&own, id, "甲"), there.object_to_annual(&other, id, "乙"));
        assert!(matches!(filed, (Ok(CampaignDone::Done(_)), Ok(CampaignDone::Done(_)))), "{filed:?}");
        let now = year.data(Role::Authority, "{ annualCampaigns(first: 1) { edges { node { objections { number } } } } }").await;
        let told = &now["annualCampaigns"]["edges"][0]["node"]["objections"];
        assert_eq!(*told, json!([{ "number": 1 }, { "number": 2 }, { "number": 3 }]));
    })
    .await;
}

/// One who acts for a body.
fn agency(code: &Uscc) -> Viewer {
    Viewer {
        role: Role::Agency,
        agency: Some(*code),
        ..Viewer::public()
    }
}
