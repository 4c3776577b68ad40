//! The day that a list is told of.

use super::*;

#[tokio::test]
async fn a_list_as_of_a_day_is_the_same_on_whatever_day_it_is_handed_over() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let (hub, door) = (&scene.hub, Door::of(&scene.hub).await);
        let hand = async |path: &str| {
            let (status, told) = door
                .hand(&scene.court(), path, list(501).into_bytes())
                .await;
            assert_eq!(status, 202, "{told}");
            told
        };
        let as_of = format!("{LISTS}&asOf=2026-04-20");
        let handed = hand(&as_of).await;
        let id = handed["id"].as_str().expect("an id");
        assert_ne!(
            hand(LISTS).await["id"],
            *id,
            "who names no day asks for none"
        );
        let parts = Cell::new(0);
        let broken_off = || parts.replace(parts.get() + 1) == 1;
        let done = hub.app.lists().work(id, broken_off).await;
        assert!(!done.expect("it is answered"));
        // Midnight goes by; what was answered stays answered.
        hub.it_is("2026-04-21");
        let again = hand(&as_of).await;
        assert_eq!(
            (&again["id"], &again["answered"]),
            (&id.into(), &500.into())
        );
        let done = hub.app.lists().work(id, || false).await;
        assert!(done.expect("it is answered"));
        assert_eq!(hand(&as_of).await["state"], "DONE");
    })
    .await;
}

#[tokio::test]
async fn a_list_without_a_day_is_told_of_the_day_on_which_it_came() {
    on_both(async |db| {
        let scene = Scene::on(&db).await;
        let (hub, door, court) = (&scene.hub, Door::of(&scene.hub).await, scene.court());
        // Whose clock is behind answers it all the same.
        let (_, one) = door.hand(&court, LISTS, list(1).into_bytes()).await;
        let one = one["id"].as_str().expect("an id");
        hub.it_is("2026-04-19");
        let done = hub.app.lists().work(one, || false).await;
        assert!(done.expect("it is answered"));
        hub.it_is("2026-04-20");
        let (_, told) = said(door.get(&format!("check/lists/{one}")).bearer_auth(&court)).await;
        assert_eq!(
            (&told["state"], &told["asOf"]),
            (&"DONE".into(), &"2026-04-20".into()),
            "{told}"
        );
        let (_, handed) = door.hand(&court, LISTS, list(502).into_bytes()).await;
        assert_eq!(handed["asOf"], "2026-04-20");
        let id = handed["id"].as_str().expect("an id");
        let parts = Cell::new(0);
        let broken_off = || parts.replace(parts.get() + 1) == 1;
        let done = hub.app.lists().work(id, broken_off).await;
        assert!(!done.expect("it is answered"));
        // Midnight goes by, and the court takes its listing back.
        hub.it_is("2026-04-21");
        let rest = made::court_jsonl(&[made::listing(2, GONE), made::listing(3, ELSEWHERE)]);
        hub.ingest("court_debtors", &[("c.jsonl", &rest)], |_| {})
            .await;
        assert_eq!(scene.verdict(&name(LISTED)).await, "CLEAR");
        let done = hub.app.lists().work(id, || false).await;
        assert!(done.expect("it is answered"));
        let court = scene.court();
        let answers = door.get(&format!("check/lists/{id}/answers.csv"));
        let csv = bytes(answers.bearer_auth(&court)).await;
        let text = String::from_utf8(csv).expect("UTF-8");
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let rows: Vec<csv::StringRecord> =
            reader.records().collect::<Result<_, _>>().expect("rows");
        assert_eq!((&rows[0][3], &rows[501][3]), ("LISTED", "LISTED"));
        for row in [&rows[0], &rows[501]] {
            let receipt = scene.receipt(&court, &row[10].into()).await;
            assert_eq!(receipt["asOf"], "2026-04-20");
        }
    })
    .await;
}
