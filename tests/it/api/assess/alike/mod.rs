//! Looking at whom a change concerns comes to the same as looking at everybody.

mod twins;

use std::fmt::Write;

use zhengxin::jobs::Looking;

use super::{BUREAU, CITY, Scene, lines::disclosures};
use crate::{
    faults::luck::Luck,
    support::{Db, Hub, assessed, made, on_both, rows},
};

use twins::Twins;

/// Sequences that each database is played, each from a seed of its own; each goes on from what the one before it left.
const SEQUENCES: u64 = 20;
/// Changes in one of them.
const CHANGES: usize = 6;

#[tokio::test]
async fn on_a_new_day_everybody_is_looked_at_though_nothing_changed() {
    on_both(async |db: Db| {
        let scene = Scene::on(&db).await;
        scene.hub.it_is("2026-03-31");
        let told = disclosures(&[("PL1", CITY, 2025, 1)]);
        let files = [("i.csv", told.as_bytes())];
        scene.hub.ingest("credit_platform", &files, |_| {}).await;
        let mut looking = Looking::new(scene.hub.app.assessing(), 10);
        let first = looking.step().await.expect("graded");
        assert_eq!(
            (first.bodies, looking.is_over()),
            (3, true),
            "all, at the start"
        );
        // What was written concerns those about whom it is, and comes to nothing more.
        for _ in 0..2 {
            let again = looking.step().await.expect("graded");
            assert_eq!((again.scored, again.raised), (0, 0), "{again:?}");
        }
        let idle = looking.step().await.expect("graded");
        assert_eq!(idle.bodies, 0, "nobody is concerned");
        scene.hub.it_is("2026-04-01");
        let next = looking.step().await.expect("graded");
        assert_eq!(next.bodies, 3, "all, on the new day");
        let warned = scene.warning("RL-DISCLOSE").await;
        assert_eq!(warned["agency"]["name"], BUREAU);
    })
    .await;
}

#[tokio::test]
async fn whom_a_change_concerns_waits_for_one_portion_of_the_others_and_nobody_is_left_out() {
    on_both(async |db: Db| {
        let scene = Scene::on(&db).await;
        let mut looking = Looking::new(scene.hub.app.assessing(), 1);
        let mut looked = vec![looking.step().await.expect("graded").bodies];
        // In between something comes of the body that would be the last one.
        scene.listed(&[1]).await;
        scene.hub.app.live.catch_up().await.expect("it follows");
        assert!(!looking.is_over());
        let step = looking.step().await.expect("graded");
        assert_eq!(scene.warning("RL-COURT").await["agency"]["name"], BUREAU);
        assert!(step.raised > 0 && !looking.is_over(), "{step:?}");
        // Whoever writes without end keeps nobody from the day.
        while !looking.is_over() {
            let left = looking.step().await.expect("graded");
            looked.push(left.bodies);
            assert!(looked.len() < 9, "{looked:?}");
        }
        let left = scene.assess().await;
        assert_eq!(
            (left.scored, left.raised, left.moved),
            (0, 0, 0),
            "{left:?}"
        );
    })
    .await;
}

/// The same rows, said to be about this body.
fn about(body: &str) -> [(&'static str, Vec<u8>); 5] {
    let orders: Vec<_> = (1..=10)
        .map(|n| rows::order(n, body, "政务诚信").with("派发时间", "2026-04-20 08:00:00"))
        .collect();
    let breach = rows::breach(1, body).with("rdrq", "2026-03-02");
    let complaint = rows::complaint(1, body).with("受理日期", "2026-03-02");
    let complaint = complaint.with("转交日期", "");
    let listing = made::listing(1, body).published("2026-03-02");
    [
        ("hotline", rows::file(&orders)),
        ("credit_platform", rows::file(&[breach])),
        (
            "credit_platform",
            disclosures(&[("PL1", body, 2025, 0)]).into_bytes(),
        ),
        ("arrears", rows::file(&[complaint])),
        ("court_debtors", made::court_jsonl(&[listing])),
    ]
}

#[tokio::test]
async fn what_is_said_of_another_body_now_concerns_that_of_before_too() {
    on_both(async |db: Db| {
        let scene = Scene::on(&db).await;
        let mut looking = Looking::new(scene.hub.app.assessing(), 10);
        looking.step().await.expect("graded");
        for (at, (source, before)) in about(BUREAU).into_iter().enumerate() {
            let now = about(CITY)[at].1.clone();
            for (nth, file) in [before, now].iter().enumerate() {
                scene.hub.ingest(source, &[("rows", file)], |_| {}).await;
                if source == "arrears" {
                    // A complaint of which the days are over: it is a case.
                    let turned = scene.hub.app.casework().turn().await;
                    let turned = turned.expect("the day turns");
                    assert_eq!((turned.taken_up, nth), (1 - nth, nth));
                    scene.hub.app.live.catch_up().await.expect("it follows");
                }
                let done = looking.step().await.expect("graded");
                assert!(done.scored + done.raised > 0, "{source}: {done:?}");
                let left = scene.assess().await;
                let left = (left.scored, left.raised, left.cleared, left.moved);
                assert_eq!(left, (0, 0, 0, 0), "{source}, for the {nth}th time");
            }
        }
    })
    .await;
}

/// Where two tellings first say something else.
fn first_difference(one: &str, other: &str) -> String {
    let mut told = String::new();
    let mut lines = one.lines().zip(other.lines());
    if let Some((one, other)) = lines.find(|(one, other)| one != other) {
        let _ = write!(told, "{one}\n{other}");
    }
    told
}

#[tokio::test]
async fn whom_changes_concern_or_everybody_scores_and_warnings_are_the_same() {
    on_both(async |db: Db| {
        let another = db.another();
        let mut twins = Twins::on(&db, &another).await;
        for seed in 1..=SEQUENCES {
            let (mut luck, mut happened) = (Luck::of(seed), Vec::new());
            for _ in 0..CHANGES {
                let change = twins.next(&mut luck);
                twins.happen(&change).await;
                happened.push(format!("{change:?}").chars().take(60).collect::<String>());
                // Not after each: several changes may come before a look.
                if luck.one_in(3) {
                    continue;
                }
                twins.look().await;
                let one = assessed(&twins.concerned.hub).await;
                let other = assessed(&twins.everybody.hub).await;
                let difference = first_difference(&one, &other);
                assert!(one == other, "seed {seed}, {happened:#?}:\n{difference}");
            }
            // Who looks at everybody finds nothing left to do, nor does one who starts anew.
            twins.look().await;
            let done = twins.concerned.assess().await;
            let moved = (done.scored, done.raised, done.cleared, done.moved);
            assert_eq!(moved, (0, 0, 0, 0), "seed {seed}, {happened:#?}");
            if seed % 5 == 0 {
                let anew = Hub::on(&db).await;
                anew.it_is(&twins.today.to_string());
                let done = anew.app.assessing().assess_all().await.expect("graded");
                let moved = (done.scored, done.raised, done.cleared, done.moved);
                assert_eq!(moved, (0, 0, 0, 0), "seed {seed}, {happened:#?}");
            }
        }
        let told = assessed(&twins.concerned.hub).await;
        for act in ["RAISE", "CLEAR", "ESCALATE"] {
            assert!(told.contains(act), "something of all kinds happened: {act}");
        }
    })
    .await;
}
