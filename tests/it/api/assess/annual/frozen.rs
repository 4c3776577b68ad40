//! Which bodies a published year makes public: those that were frozen, whatever the register says later.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{BUREAU, CITY, DISTRICT, Year, ranking};
use crate::support::{Hub, made, on_both};

#[tokio::test]
async fn a_published_year_shows_the_bodies_that_were_frozen() {
    on_both(async |db| {
        let year = Year::on(&db).await;
        year.listed(&[(1, BUREAU, "2025-06-02")]).await;
        year.opened(2025).await;
        year.hub.it_is("2026-03-17");
        let confirmed = year.confirmed(2025).await;
        year.publish(&confirmed, "2026-04-01").await;
        year.hub.it_is("2026-04-02");
        let published = ranking(&year.campaign(Role::Public, 2025).await);
        assert_eq!(published.len(), 3);

        // One is registered late, of which nobody says since when it is there; one goes to another city; one is
        // said to have been abolished within the year.
        let late = made::body(5, "佛山市样例新设局", "440600").with("成立日期", "");
        let moved = made::body_of(year.district, DISTRICT, "440400");
        let gone = made::body_of(year.city, CITY, "440600").abolished("2025-06-30");
        let register = made::register(&[late.clone(), moved, gone]);
        let done = year
            .hub
            .ingest("agency_register", &[("b.csv", &register)], |order| {
                order.partial = true
            })
            .await;
        assert_eq!((done.state.as_str(), done.counts.rejected), ("DONE", 0));

        let told = async |hub: &Hub| {
            let query = "{ agencies(first: 10) { totalCount edges { node { name } } } }";
            let data = hub.data(None, query).await;
            let edges = data["agencies"]["edges"]
                .as_array()
                .expect("a list")
                .clone();
            let name = |edge: &Value| edge["node"]["name"].as_str().expect("a name").to_owned();
            let mut names: Vec<String> = edges.iter().map(name).collect();
            names.sort();
            names
        };
        let mut assessed = [CITY, BUREAU, DISTRICT].map(str::to_owned);
        assessed.sort();
        assert_eq!(told(&year.hub).await, assessed);
        assert_eq!(ranking(&year.campaign(Role::Public, 2025).await), published);
        for (code, name, count) in [(&year.district, DISTRICT, 1), (&year.city, CITY, 1)] {
            let query =
                format!(r#"{{ agency(uscc: "{code}") {{ name assessments {{ totalCount }} }} }}"#);
            let told = year.data(Role::Public, &query).await;
            assert_eq!(
                told["agency"],
                json!({ "name": name, "assessments": { "totalCount": count } })
            );
        }
        let query = format!(r#"{{ agency(uscc: "{}") {{ name }} }}"#, late.uscc);
        assert_eq!(year.data(Role::Public, &query).await["agency"], Value::Null);
        // A process that starts now tells the same.
        let beside = Hub::on(&db).await;
        beside.it_is("2026-04-02");
        assert_eq!(told(&beside).await, assessed);
    })
    .await;
}
