//! Measures whose terms begin and end by time: told on the days on which a check begins and ceases to tell them.

use serde_json::json;

use super::{
    super::{CASE, ELSEWHERE, GONE, HEIR, LISTED, SOUND, name},
    Client, Scene, deliver,
    feed::{hub_on, scene_on, work},
    text,
};
use crate::support::{Db, Hub, made, on_both};

/// What the turn of a day did: cases in which a measure's first day came, and in which a term ended.
async fn turn_on(hub: &Hub, day: &str) -> (usize, usize) {
    hub.it_is(day);
    let turned = hub.app.casework().turn().await.expect("the day turns");
    (turned.begun, turned.expired)
}

/// A subject whose record is graded: its id, and the list that watches it with a cursor behind that.
async fn watched(scene: &Scene) -> (String, String, String) {
    let (hub, court) = (&scene.hub, Client::court(&scene.hub));
    let list = court.list(hub, "1").await;
    court.add(hub, &list, json!([{ "name": LISTED }])).await;
    let query = format!(
        r#"{{ creditRecords(first: 1, filter: {{ agency: {{ name: {{ eq: "{LISTED}" }} }} }}) {{ edges {{ node {{ id }} }} }} }}"#
    );
    let data = hub.data(Some(&hub.everything()), &query).await;
    let record = text(&data["creditRecords"]["edges"][0]["node"]["id"]);
    work(hub, "gradeRecord", ("recordId", &record), "tier: SERIOUS").await;
    let graded = court.page(hub, &list, None, 200).await;
    assert_eq!(graded.lines(), ["RECORD_CHANGED CASEWORK 佛山市样例承诺局"]);
    (record, list, graded.up_to)
}

/// Imposes a measure for these days: its id.
async fn impose(hub: &Hub, record: &str, measure: &str, (from, to): (&str, &str)) -> String {
    let term = format!(r#"measure: "{measure}", startsOn: "{from}", endsOn: "{to}""#);
    let case = work(hub, "imposeSanction", ("recordId", record), &term).await;
    let sanctions = case["sanctions"].as_array().expect("a list");
    text(&sanctions.last().expect("it was imposed")["id"])
}

#[tokio::test]
async fn a_measure_for_later_is_told_on_its_first_day_as_a_check_tells_it() {
    on_both(async |db| {
        let scene = scene_on(&db).await;
        let (record, list, mut after) = watched(&scene).await;
        impose(
            &scene.hub,
            &record,
            "internal.honours",
            ("2026-05-01", "2026-05-31"),
        )
        .await;
        let days = [
            ("2026-04-20", (0, 0), "LISTED", None),
            ("2026-04-30", (0, 0), "LISTED", None),
            ("2026-05-01", (1, 0), "RESTRICTED", Some("MEASURE_IMPOSED")),
            ("2026-05-01", (0, 0), "RESTRICTED", None),
            ("2026-05-31", (0, 0), "RESTRICTED", None),
            ("2026-06-01", (0, 1), "LISTED", Some("MEASURE_ENDED")),
            ("2026-06-02", (0, 0), "LISTED", None),
        ];
        let mut told = Vec::new();
        for (day, turned, verdict, kind) in days {
            // Whoever ends the hub between two days loses nothing by it.
            let scene = Scene {
                hub: hub_on(&db).await,
                ..scene
            };
            let hub = &scene.hub;
            assert_eq!(turn_on(hub, day).await, turned, "{day}");
            assert_eq!(scene.verdict(&name(LISTED)).await, verdict, "{day}");
            let page = Client::court(hub).page(hub, &list, Some(&after), 200).await;
            let expected = kind.map(|kind| format!("{kind} TIME {LISTED}"));
            assert_eq!(page.lines(), Vec::from_iter(expected), "{day}");
            if kind == Some("MEASURE_IMPOSED") {
                let measure = &page.changes[0]["sanction"]["measure"]["code"];
                assert_eq!(measure, "internal.honours", "{day}");
            }
            told.extend(page.changes.iter().map(|change| text(&change["kind"])));
            after = page.up_to;
        }
        assert_eq!(told, ["MEASURE_IMPOSED", "MEASURE_ENDED"]);
        // Who comes late is told the same.
        let hub = hub_on(&db).await;
        hub.it_is("2026-06-02");
        let whole = Client::court(&hub).told(&hub, &list, None).await;
        assert_eq!(whole.len(), 1 + told.len(), "{whole:#?}");
    })
    .await;
}

#[tokio::test]
async fn what_never_ran_is_not_told_and_what_was_suspended_over_its_day_once_it_runs() {
    on_both(async |db| {
        let scene = scene_on(&db).await;
        let (record, list, after) = watched(&scene).await;
        let hub = &scene.hub;
        let term = ("2026-05-01", "2026-05-31");
        let dropped = impose(hub, &record, "internal.honours", term).await;
        let dropped = ("sanctionId", dropped.as_str());
        let waiting = impose(hub, &record, "internal.pilots", term).await;
        let waiting = ("sanctionId", waiting.as_str());
        for step in [
            "suspendSanction",
            "resumeSanction",
            "suspendSanction",
            "liftSanction",
        ] {
            work(hub, step, dropped, "").await;
        }
        work(hub, "suspendSanction", waiting, "").await;
        assert_eq!(turn_on(hub, "2026-05-01").await, (0, 0));
        let told = async || Client::court(hub).told(hub, &list, Some(&after)).await;
        assert_eq!(told().await, [""; 0]);
        hub.it_is("2026-05-10");
        work(hub, "resumeSanction", waiting, "").await;
        assert_eq!(turn_on(hub, "2026-05-11").await, (0, 0));
        let imposed = format!("MEASURE_IMPOSED CASEWORK {LISTED}");
        assert_eq!(told().await, [imposed.as_str()]);
        work(hub, "liftSanction", waiting, "").await;
        let lifted = format!("MEASURE_LIFTED CASEWORK {LISTED}");
        assert_eq!(told().await, [imposed.as_str(), &lifted]);
        // Of one whose days went by while no hub ran no check was ever told.
        impose(
            hub,
            &record,
            "internal.honours",
            ("2026-05-12", "2026-05-14"),
        )
        .await;
        assert_eq!(turn_on(hub, "2026-05-16").await, (0, 1));
        assert_eq!(told().await, [imposed, lifted]);
    })
    .await;
}

#[tokio::test]
async fn what_ran_and_was_not_noted_is_told_as_it_is_suspended_or_lifted() {
    on_both(async |db| {
        let scene = scene_on(&db).await;
        let (record, list, after) = watched(&scene).await;
        let hub = &scene.hub;
        let term = ("2026-05-01", "2026-05-31");
        let lifted = impose(hub, &record, "internal.honours", term).await;
        let suspended = impose(hub, &record, "internal.pilots", term).await;
        // Its day came, and no turn was made yet.
        hub.it_is("2026-05-02");
        work(hub, "liftSanction", ("sanctionId", &lifted), "").await;
        for step in ["suspendSanction", "resumeSanction"] {
            work(hub, step, ("sanctionId", &suspended), "").await;
        }
        assert_eq!(turn_on(hub, "2026-05-03").await, (0, 0));
        let kinds = ["LIFTED", "SUSPENDED", "IMPOSED"];
        let expected = kinds.map(|kind| format!("MEASURE_{kind} CASEWORK {LISTED}"));
        let told = Client::court(hub).told(hub, &list, Some(&after)).await;
        assert_eq!(told, expected);
    })
    .await;
}

/// What a delivery leaves of ended records while it comes in, or takes that back.
async fn coming_in(db: &Db, is_coming_in: bool) {
    let open = "(SELECT max(id) FROM change WHERE seq IS NULL)";
    let statements = match is_coming_in {
        true => [
            "INSERT INTO change (cause) VALUES ('source')".to_owned(),
            format!(
                "UPDATE credit_record SET change_to = {open} WHERE change_to IS NULL AND status = 'DELISTED'"
            ),
        ],
        false => [
            format!("UPDATE credit_record SET change_to = NULL WHERE change_to = {open}"),
            "DELETE FROM change WHERE seq IS NULL".to_owned(),
        ],
    };
    let database = sea_orm::Database::connect(db.url()).await;
    let database = database.expect("it is there");
    for statement in statements {
        let done = sea_orm::ConnectionTrait::execute_unprepared(&database, &statement);
        done.await.expect("it is SQL");
    }
}

#[tokio::test]
async fn no_measure_begins_in_a_case_that_ought_to_have_ended() {
    on_both(async |db| {
        let scene = scene_on(&db).await;
        let hub = &scene.hub;
        let others = [
            made::listing(2, GONE).published("2025-06-01"),
            made::listing(3, ELSEWHERE),
            made::listing(4, SOUND),
            made::listing(5, HEIR),
        ];
        let listed = made::listing(1, LISTED).case(CASE);
        deliver(hub, &[&[listed], &others[..]].concat()).await;
        let (record, list, after) = watched(&scene).await;
        impose(
            hub,
            &record,
            "internal.honours",
            ("2026-05-01", "2026-05-31"),
        )
        .await;
        // The court takes the record off its list, and no turn is made before the measure's first day.
        hub.it_is("2026-04-30");
        deliver(hub, &others).await;
        coming_in(&db, true).await;
        assert_eq!(
            turn_on(hub, "2026-05-01").await,
            (0, 0),
            "the source is busy"
        );
        coming_in(&db, false).await;
        let turned = hub.app.casework().turn().await.expect("the day turns");
        assert_eq!((turned.closed, turned.begun), (1, 0));
        let told = Client::court(hub).told(hub, &list, Some(&after)).await;
        assert_eq!(told, [format!("RECORD_ENDED SOURCE {LISTED}")]);
    })
    .await;
}
