//! A body that the register has elsewhere since it was frozen.

use std::sync::atomic::AtomicU32;

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{BUREAU, Year, ranking};
use crate::support::{Hub, made, on_both};

#[tokio::test]
async fn who_moved_away_sees_its_own_year_objects_and_is_heard() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02")]).await;
        let opened = year.opened(2025).await;
        let record = year.record_behind(&opened, BUREAU, "court.listed").await;
        let moved = made::body_of(year.bureau, BUREAU, "440400");
        let register = made::register(&[moved]);
        let done = year
            .hub
            .ingest("agency_register", &[("b.csv", &register)], |order| {
                order.partial = true
            })
            .await;
        assert_eq!((done.state.as_str(), done.counts.rejected), ("DONE", 0));

        // Whoever starts anew knows it as well as who was there.
        let year = Year {
            hub: Hub::on(&db).await,
            keys: AtomicU32::new(1_000),
            ..year
        };
        year.hub.it_is("2026-03-03");
        let alone = vec![BUREAU.to_owned()];
        let names = |campaign: &Value| -> Vec<String> {
            let rows = ranking(campaign).into_iter();
            rows.map(|(name, _)| name).collect()
        };
        assert_eq!(names(&year.campaign(Role::Agency, 2025).await), alone);
        let query = format!(
            r#"{{ agency(uscc: "{}") {{ assessments(kind: [ANNUAL]) {{ totalCount }} }} }}"#,
            year.bureau
        );
        let own = year.data(Role::Agency, &query).await;
        assert_eq!(own["agency"]["assessments"]["totalCount"], 1);
        // A body of the city that it went to was not in it, and does not know of it.
        let other = made::uscc("11", "440400", 4);
        let other = year.hub.token(Role::Agency, &["440400"], Some(&other));
        let none = "{ annualCampaigns(year: 2025) { totalCount } }";
        let none = year.hub.data(Some(&other), none).await;
        assert_eq!(none["annualCampaigns"]["totalCount"], 0);

        // Who decides hears it, though the body is in his area no longer.
        let objection = year.objected(&opened).await;
        let query = "{ annualCampaigns(year: 2025, first: 1) { edges { node { objections { id agency { name } } } } } }";
        let told = year.data(Role::Authority, query).await;
        let told = &told["annualCampaigns"]["edges"][0]["node"]["objections"];
        assert_eq!(*told, json!([{ "id": objection, "agency": null }]));
        let without = format!("records: [{{ recordId: {record}, exclude: true }}]");
        let decided = year.uphold(&objection, &without).await;
        assert_eq!(decided["objection"]["corrections"], 1, "{decided}");
        year.hub.it_is("2026-03-17");
        year.confirmed(2025).await;
        let confirmed = year.campaign(Role::Agency, 2025).await;
        assert_eq!((&confirmed["state"], names(&confirmed)), (&json!("CONFIRMED"), alone));
        let score = &confirmed["ranking"]["edges"][0]["node"]["assessment"]["contributions"];
        assert!(!score.to_string().contains("court.listed"), "{score}");
    })
    .await;
}
