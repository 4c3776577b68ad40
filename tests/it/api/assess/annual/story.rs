//! A year from its opening to its publication.

use domain::viewer::Role;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::{BUREAU, CITY, DISTRICT, Year, number, ranking, row};
use crate::support::on_both;

#[tokio::test]
async fn a_year_is_frozen_objected_to_confirmed_and_made_public() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02"), (2, DISTRICT, "2025-06-02")]).await;
        let opened = year.opened(2025).await;
        assert_eq!(opened["state"], "OBJECTIONS");
        assert_eq!((&opened["asOf"], &opened["objectionsUntil"]), (&json!("2025-12-31"), &json!("2026-03-16")));
        // The two that were listed share a rank; by their codes one stands before the other.
        let ranks: Vec<i64> = ranking(&opened).into_iter().map(|(_, rank)| rank).collect();
        assert_eq!((ranking(&opened)[0].0.as_str(), ranks), (CITY, vec![1, 2, 2]));
        assert_eq!(row(&opened, BUREAU)["grade"], "D");
        assert_eq!(row(&opened, BUREAU)["groupRank"], 2);
        assert_eq!(row(&opened, DISTRICT)["groupRank"], 1);
        let city_level = &opened["distribution"][0];
        assert_eq!((&city_level["level"], &city_level["bodies"]), (&json!("PREFECTURE"), &json!(2)));
        // Each score is the sum of its parts, which are reckoned from what was frozen.
        let parts = row(&opened, BUREAU)["assessment"]["contributions"].as_array().expect("a list");
        let sum: Decimal = parts.iter().map(|part| number(&part["points"])).sum();
        assert_eq!(sum, number(&row(&opened, BUREAU)["score"]));

        // A body sees itself alone, a congress nothing before the end, the public nothing at all.
        let own = year.campaign(Role::Agency, 2025).await;
        assert_eq!(ranking(&own).len(), 1);
        assert_eq!(own["ranking"]["totalCount"], 1);
        assert_eq!(own["distribution"].as_array().map(Vec::len), Some(1));
        for role in [Role::Congress, Role::Court, Role::Public] {
            assert_eq!(year.campaign(role, 2025).await, Value::Null, "{role}");
        }

        // Who supervises one of its districts sees the district's bodies, and no count tells of others.
        let below = year.hub.token(Role::Government, &["440604"], None);
        let query = r#"{ annualCampaigns(year: 2025, first: 1) { edges { node { ranking { totalCount edges { node { name } } }
            distribution { bodies } report { bodies best { name } worst { name } } } } } }"#;
        let told = year.hub.data(Some(&below), query).await;
        let told = &told["annualCampaigns"]["edges"][0]["node"];
        let only = json!([{ "name": DISTRICT }]);
        assert_eq!(told["ranking"], json!({ "totalCount": 1, "edges": [{ "node": { "name": DISTRICT } }] }));
        assert_eq!(told["distribution"], json!([{ "bodies": 1 }]));
        assert_eq!(told["report"], json!({ "bodies": 1, "best": only, "worst": only }));
        let elsewhere = year.hub.token(Role::Government, &["440400"], None);
        let told = year.hub.data(Some(&elsewhere), "{ annualCampaigns { totalCount } }").await;
        assert_eq!(told["annualCampaigns"]["totalCount"], 0);

        // It objects; the authority finds that the listing was not its own.
        let input = format!(r#"campaignId: {}, text: "该案与本单位无关""#, own["id"]);
        let filed = year.act(Role::Agency, "objectToAssessment", &input).await;
        assert_eq!(filed["objection"]["version"], 1, "{filed}");
        let wrong = year.record_behind(&opened, BUREAU, "court.listed").await;
        let input = format!(
            r#"objectionId: {}, version: 1, upheld: true, reason: "经核实属误列", records: [{{ recordId: {wrong}, exclude: true }}]"#,
            filed["objection"]["id"]
        );
        let decided = year.act(Role::Authority, "decideAssessmentObjection", &input).await;
        assert_eq!((&decided["objection"]["upheld"], &decided["objection"]["corrections"]), (&json!(true), &json!(1)));
        // What was frozen and scored first stays as it is.
        let standing = year.campaign(Role::Authority, 2025).await;
        assert_eq!(row(&standing, BUREAU)["grade"], "D");
        assert_eq!(standing["inputsDigest"], opened["inputsDigest"]);

        year.hub.it_is("2026-03-17");
        let confirmed = year.confirm(&standing).await;
        assert_eq!(confirmed["campaign"]["state"], "CONFIRMED", "{confirmed}");
        let confirmed = year.campaign(Role::Authority, 2025).await;
        assert_eq!(row(&confirmed, BUREAU)["grade"], row(&confirmed, CITY)["grade"]);
        assert_eq!(row(&confirmed, DISTRICT)["grade"], "D");
        assert_eq!(ranking(&confirmed).last().expect("three").1, 3);
        assert_eq!(confirmed["inputsDigest"], opened["inputsDigest"]);

        // The congress of the city oversees the city's own bodies.
        let query = r#"{ annualCampaigns(year: 2025, first: 1) { edges { node { ranking { totalCount }
            report(meetingOn: "2026-06-30") { bodies objections { filed upheld rejected } moves { better }
                groups { level bodies grades { grade title count } mean } best { name rank }
                meetingOn calendar { key dueOn verified } } } } } }"#;
        let told = year.data(Role::Congress, query).await;
        let told = &told["annualCampaigns"]["edges"][0]["node"];
        assert_eq!((&told["ranking"]["totalCount"], &told["report"]["bodies"]), (&json!(2), &json!(2)));
        assert_eq!(told["report"]["objections"], json!({ "filed": 1, "upheld": 1, "rejected": 0 }));
        assert_eq!(told["report"]["moves"], Value::Null);
        let due = |key: &str| {
            let steps = told["report"]["calendar"].as_array().expect("a list");
            let step = steps.iter().find(|step| step["key"] == key).expect("a step");
            step["dueOn"].as_str().expect("a day").to_owned()
        };
        let days = ["comments", "committee", "members"].map(due);
        assert_eq!(days, ["2026-06-10", "2026-06-20", "2026-06-23"]);

        // Public it is by a decision, from a day on, and with it the bodies that it is about.
        let body = format!(
            r#"{{ agency(uscc: "{}") {{ name assessments {{ totalCount edges {{ node {{ kind state score grade
                groupRank publication {{ decision }} campaign {{ year }} }} }} }} }} }}"#,
            year.district
        );
        let published = year.publish(&confirmed, "2026-04-01").await;
        assert_eq!(published["campaign"]["state"], "CONFIRMED", "{published}");
        year.hub.it_is("2026-03-31");
        assert_eq!(year.campaign(Role::Public, 2025).await, Value::Null);
        year.hub.it_is("2026-04-01");
        let public = year.campaign(Role::Public, 2025).await;
        assert_eq!((&public["state"], ranking(&public)), (&json!("PUBLISHED"), ranking(&confirmed)));
        let told = year.data(Role::Public, &body).await;
        let told = &told["agency"]["assessments"];
        assert_eq!(told["totalCount"], 1, "of scores from day to day nothing is public: {told}");
        let one = &told["edges"][0]["node"];
        assert_eq!((&one["kind"], &one["state"], &one["grade"]), (&json!("ANNUAL"), &json!("PUBLISHED"), &json!("D")));
        assert_eq!(one["publication"]["decision"], "样例信用办〔2026〕1号");
        assert_eq!(one["campaign"]["year"], 2025);
        // By its id it is the same.
        let id = &row(&public, DISTRICT)["assessment"]["id"];
        let query = format!("{{ node(id: {id}) {{ ... on Assessment {{ id score }} }} }}");
        let found = year.data(Role::Public, &query).await;
        assert_eq!(found["node"]["score"], row(&public, DISTRICT)["score"]);
        let id = &row(&public, DISTRICT)["id"];
        let query = format!("{{ node(id: {id}) {{ ... on AnnualResult {{ id grade rank }} }} }}");
        let found = year.data(Role::Public, &query).await["node"].clone();
        assert_eq!((&found["id"], &found["grade"]), (id, &json!("D")));
        // A court reads what anybody may.
        assert_eq!(ranking(&year.campaign(Role::Court, 2025).await).len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_year_is_compared_with_the_one_before() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02"), (2, DISTRICT, "2024-02-01")]).await;
        year.opened(2024).await;
        let now = year.opened(2025).await;
        // In the one it was not yet listed; the other was listed all the time.
        let before = &row(&now, BUREAU)["before"];
        assert_eq!(before["grade"], row(&now, CITY)["grade"]);
        assert!(number(&before["change"]) < Decimal::ZERO);
        let query = r#"{ annualCampaigns(year: 2025, first: 1) { edges { node { previous { year }
            distribution { level bodies grades { grade count } mean before { bodies grades { grade count } mean median change } }
            report { groups { level before { bodies mean change } } moves { better same worse added gone grades { before after bodies } } } } } } }"#;
        let told = year.data(Role::Authority, query).await;
        let told = &told["annualCampaigns"]["edges"][0]["node"];
        assert_eq!(told["previous"]["year"], 2024);
        // Each level and kind stands beside itself: the city's bureau fell by as much as half of the two fell.
        let (city, county) = (&told["distribution"][0], &told["distribution"][1]);
        assert_eq!((&city["bodies"], &city["before"]["bodies"]), (&json!(2), &json!(2)));
        assert_eq!(city["before"]["grades"][1], json!({ "grade": "B", "count": 2 }));
        let fell = number(&before["change"]) / Decimal::from(2);
        assert_eq!(number(&city["before"]["change"]), fell, "{city}");
        assert_eq!(number(&city["mean"]) - number(&city["before"]["mean"]), fell);
        assert_eq!((&county["level"], &county["before"]["bodies"]), (&json!("COUNTY"), &json!(1)));
        let group = &told["report"]["groups"][0]["before"];
        assert_eq!((&group["mean"], &group["change"]), (&city["before"]["mean"], &city["before"]["change"]));
        let moves = &told["report"]["moves"];
        let count = |key: &str| moves[key].as_i64().expect("a number");
        assert_eq!(count("better") + count("same") + count("worse"), 3, "{moves}");
        assert_eq!((count("added"), count("gone")), (0, 0));
        let grades = moves["grades"].as_array().expect("a list");
        assert!(grades.contains(&json!({ "before": "B", "after": "D", "bodies": 1 })), "{moves}");
        // A body's assessments stand in the order of their years.
        let query = format!(
            r#"{{ agency(uscc: "{}") {{ assessments(kind: [ANNUAL]) {{ totalCount edges {{ node {{ campaign {{ year }} grade }} }} }} }} }}"#,
            year.bureau
        );
        let told = year.data(Role::Agency, &query).await;
        let edges = told["agency"]["assessments"]["edges"].as_array().expect("a list");
        let years: Vec<i64> = edges.iter().filter_map(|edge| edge["node"]["campaign"]["year"].as_i64()).collect();
        assert_eq!(years, [2025, 2024]);
        assert_eq!(edges[0]["node"]["grade"], "D");
    })
    .await;
}
