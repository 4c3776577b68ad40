//! Reading the change log back: how many may at once, how bodies and posts stood on
//! the way, and on which day it is told.

use std::{collections::BTreeMap, time::Duration};

use domain::viewer::Role;
use serde_json::Value;
use zhengxin::{
    graph::{Changes, WarningChanges},
    store::{Resident, ResidentSink},
};

use super::{
    CHANCHENG, Follower, bodies, court, followers, hub_on, listing, next, register, watched,
};
use crate::api::Wire;
use crate::support::{
    Db, Hub, made, on_both,
    rows::{self, Row, post},
};

/// Of a made-up person, of a division that is none.
const NUMBER: &str = "000000199001010018";
const NAME: &str = "甲某乙";
/// Readers at once.
const AT_ONCE: usize = 8;

#[tokio::test]
async fn so_many_read_back_at_once_and_others_wait_for_a_turn() {
    let db = Db::sqlite();
    let writer = hub_on(&db).await;
    register(&writer, &bodies()).await;
    let start = writer.app.live.now().seq().to_string();
    court(&writer, &[listing(1, 1), listing(2, 3)]).await;
    // Who starts afresh has nothing but the log.
    let hub = hub_on(&db).await;
    let (live, now) = (&hub.app.live, hub.app.clock.now());
    let mut reading = Vec::new();
    for _ in 0..AT_ONCE {
        let mut changes = Changes::after(live, &start, now).await.expect("a place");
        changes.next().await.expect("the first change");
        reading.push(changes);
    }
    let wire = Wire::to(&hub).await;
    let province = followers(&hub).swap_remove(0).1;
    assert_eq!(province.refused(&wire, &start).await, "REPLAY_LIMITED");
    reading.pop();
    assert_eq!(province.after(&wire, &start, 2).await.len(), 2);
}

#[tokio::test]
async fn who_reads_back_slowly_holds_nobody_who_is_up_to_date() {
    on_both(async |db| {
        let writer = hub_on(&db).await;
        register(&writer, &bodies()).await;
        let start = writer.app.live.now().seq().to_string();
        court(&writer, &[listing(1, 1), listing(2, 3)]).await;
        let hub = hub_on(&db).await;
        let wire = Wire::to(&hub).await;
        let watcher = watched::token(&hub, Role::Court, "440600");
        let own = watched::list(&wire, &watcher, "1", &[CHANCHENG]).await;
        // All turns at reading back are taken, by clients that take their time.
        let (live, now) = (&hub.app.live, hub.app.clock.now());
        let mut slow = Vec::new();
        for _ in 0..AT_ONCE {
            let mut changes = Changes::after(live, &start, now).await.expect("a place");
            changes.next().await.expect("the first change");
            slow.push(changes);
        }
        let mut warnings = WarningChanges::since(live, live.now().seq());
        let mut watching = watched::follow(&wire, &watcher, &own, None).await;
        court(&hub, &[listing(2, 3), listing(3, 1)]).await;
        let done = hub.app.assessing().assess_all().await.expect("graded");
        assert!(done.raised > 0, "{done:?}");
        let raised = warnings.next().await.expect("it is told");
        assert!(raised.moved.before.is_none(), "{raised:?}");
        let (_, told) = watched::next(&mut watching).await;
        assert!(told.ends_with(CHANCHENG), "{told}");
        // They are not done yet.
        let province = followers(&hub).swap_remove(0).1;
        assert_eq!(province.refused(&wire, &start).await, "REPLAY_LIMITED");
    })
    .await;
}

/// Bodies and posts as they stand.
#[derive(Debug, Default, PartialEq)]
struct Standing {
    bodies: BTreeMap<i64, String>,
    posts: BTreeMap<i64, String>,
}

impl ResidentSink for Standing {
    fn take(&mut self, fact: Resident) {
        match fact {
            Resident::Agency(body) => {
                self.bodies.insert(body.id, format!("{body:?}"));
            }
            Resident::Post(post) => {
                self.posts.insert(post.id, format!("{post:?}"));
            }
            Resident::PostEnded(id) => {
                self.posts.remove(&id);
            }
            _ => {}
        }
    }
}

async fn officials(hub: &Hub, posts: &[Row]) {
    let file = rows::file(posts);
    hub.ingest("official_register", &[("p.csv", &file)], |_| {})
        .await;
}

#[tokio::test]
async fn turns_that_are_undone_at_once_and_done_again_stand_as_they_stood() {
    on_both(async |db| {
        let hub = Hub::with_person_key(&db).await;
        let codes: Vec<String> = bodies().iter().map(|body| body.uscc.to_string()).collect();
        let held = |at: usize, title: &str| post(NAME, NUMBER, &codes[at], title);
        let mut moved = bodies();
        moved[0] = moved[0].clone().with("行政区划代码", "440402");
        register(&hub, &bodies()[..3]).await;
        officials(&hub, &[held(0, "样例局长"), held(1, "样例顾问")]).await;
        register(&hub, &moved).await;
        let ended = held(0, "样例局长").with("任职止", "2026-10-31");
        officials(&hub, &[ended, held(2, "样例处长")]).await;
        register(&hub, &bodies()).await;
        officials(&hub, &[held(2, "样例处长")]).await;
        let store = &hub.app.store;
        let newest = store.newest_seq().await.expect("a number");
        let turns = store.turns(0, newest).await.expect("turns");
        assert!(turns.len() >= 4, "{turns:?}");
        let mut standing = Standing::default();
        store.load(&mut standing).await.expect("the newest");
        let mut at = turns[0] - 1;
        let undone = store.undo_turns(at, newest, &mut standing).await;
        undone.expect("undone");
        for turn in &turns {
            let redone = store.redo_turns(at, turn - 1, &mut standing).await;
            redone.expect("done again");
            at = turn - 1;
            let mut then = Standing::default();
            store.load_at(at, &mut then).await.expect("an earlier one");
            assert_eq!(standing.posts, then.posts, "before {turn}");
            // Bodies that came later are there, too; nothing is about them yet.
            standing.bodies.retain(|id, _| then.bodies.contains_key(id));
            assert_eq!(standing.bodies, then.bodies, "before {turn}");
            store
                .load(&mut Later(&mut standing))
                .await
                .expect("the newest");
        }
    })
    .await;
}

/// Takes the newest bodies that are not there.
struct Later<'a>(&'a mut Standing);

impl ResidentSink for Later<'_> {
    fn take(&mut self, fact: Resident) {
        if let Resident::Agency(body) = fact {
            let text = format!("{body:?}");
            self.0.bodies.entry(body.id).or_insert(text);
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_open_over_midnight_tells_by_the_new_day() {
    let db = Db::sqlite();
    let hub = Hub::with_person_key(&db).await;
    hub.it_is_now("2026-11-20T23:30:00");
    register(&hub, &bodies()).await;
    let codes: Vec<String> = bodies().iter().map(|body| body.uscc.to_string()).collect();
    let posts = [
        post(NAME, NUMBER, &codes[0], "样例局长").with("任职止", "2026-11-20"),
        post(NAME, NUMBER, &codes[3], "样例处长").with("任职起", "2026-11-21"),
    ];
    officials(&hub, &posts).await;
    let wire = Wire::to(&hub).await.stating(Some("supervision"));
    let new = Follower {
        token: Some(hub.token(Role::Government, &["440402"], None)),
        filter: Value::Null,
    };
    let mut events = new.follow(&wire, None).await;
    hub.it_is_now("2026-11-21T00:10:00");
    court(&hub, &[made::listing(1, NAME).code(NUMBER)]).await;
    let told = tokio::time::timeout(Duration::from_secs(20), next(&mut events)).await;
    assert_eq!(told.expect("it is told").what, "ADDED SOURCE - ACTIVE");
}
