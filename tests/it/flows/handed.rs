//! Who gets a case in hand, and hears that it is late.

use super::{BUREAU, DEVELOPMENT, Story};
use crate::{
    notify::{Receiver, webhook},
    support::{Hub, made, on_both, rows},
};

const FINANCE: &str = "佛山市财政局";

#[tokio::test]
async fn whose_case_is_late_beside_anothers_hears_of_it_as_of_a_new_warning() {
    on_both(async |db| {
        let receiver = Receiver::start().await;
        let finance = made::body(6, FINANCE, "440600");
        let more = format!("red_lines = [\"RL-SILENT\"]\nwarned = \"{}\"", finance.uscc);
        let hub = Hub::with(&db, |config| {
            let told = webhook(&db, &receiver.url, &more);
            config.notify.insert("finance".to_owned(), told);
        })
        .await;
        let story = Story::of(hub).await;
        let hub = &story.hub;
        let register = made::register(&[finance]);
        let files: [(&str, &[u8]); 1] = [("b.csv", &register)];
        hub.ingest("agency_register", &files, |order| order.partial = true)
            .await;
        let orders = [1, 2].map(|n| {
            let order = rows::order(n, BUREAU, "政务诚信");
            let order = order.with("派发时间", "2026-04-20 08:00:00");
            order.with("承诺完成时间", "2026-04-20 18:00:00")
        });
        hub.ingest("hotline", &[("orders.csv", &rows::file(&orders))], |_| {})
            .await;
        let query = "{ clues(first: 5) { edges { node { id } } } }";
        let data = story.data(&story.authority, query).await;
        let leads = data["clues"]["edges"].as_array().expect("a list");
        // Five working days each: until 27 and until 29 April.
        for (lead, (day, to)) in leads
            .iter()
            .zip([("2026-04-20", DEVELOPMENT), ("2026-04-22", FINANCE)])
        {
            hub.it_is(day);
            let lead = super::id(&lead["node"]);
            let to = format!(r#"to: "{}""#, story.id_of(to).await);
            let done = story
                .step(&story.authority, "transferClue", ("clueId", &lead), &to)
                .await;
            assert_eq!(done["__typename"], "TransferClueSuccess", "{done}");
        }
        for (day, told) in [("2026-04-28", 0), ("2026-04-30", 1), ("2026-04-30", 1)] {
            hub.it_is(day);
            let assessed = hub.app.assessing().assess_all().await;
            assessed.expect("the database answers");
            let notify = hub.app.notify().expect("it is configured");
            notify.round().await.expect("the database answers");
            assert_eq!(receiver.got().len(), told, "{day}");
        }
        let told = receiver.got().remove(0).body;
        assert_eq!(told["type"], "warning.raised", "{told}");
    })
    .await;
}
