//! What is sent twice is done once.

use std::sync::atomic::Ordering;

use super::Story;
use crate::support::on_both;

#[tokio::test]
async fn under_one_key_each_step_is_done_once() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        story.sends_twice.store(true, Ordering::SeqCst);
        let led = story.confirmed().await;
        story.imposed(&led, "internal.central_budget", "").await;
        story.set_right(&led).await;
        let (_, case) = story.repaired(&led).await;
        story.sends_twice.store(false, Ordering::SeqCst);
        // Each event is there once: as many as the case has, and no act of these twice.
        let query = format!(
            r#"{{ node(id: "{}") {{ ... on Case {{ version events {{ number act }} }} }} }}"#,
            led.case
        );
        let data = story.data(&story.authority, &query).await;
        let events = data["node"]["events"].as_array().expect("a list");
        let mut acts: Vec<&str> = events
            .iter()
            .filter_map(|event| event["act"].as_str())
            .collect();
        assert_eq!(data["node"]["version"].as_u64(), Some(acts.len() as u64));
        assert_eq!(case["version"], data["node"]["version"]);
        acts.sort_unstable();
        let before = acts.len();
        acts.dedup();
        assert_eq!(acts.len(), before, "{acts:?}");
    })
    .await;
}
