//! The harness itself: it must notice what is wrong, or what it says is worth nothing.

use entities::credit_record;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder};
use zhengxin::failpoint::Plan;

use super::{
    campaign::runtime,
    changes::FAULTS,
    delivery,
    judge::is_right,
    kinds::{KINDS, Law},
    luck::Luck,
    row::rows_of,
    scenario::Play,
    stage::Ground,
    world::{Meant, World},
};

const DAY: &str = "2025-06-01";

/// A hub into which a list went as it should.
async fn hub_with_list(ground: &Ground, seed: u64) -> (Play, World) {
    let mut play = Play::on(ground.stage(seed).await, Luck::of(seed));
    let world = World::of(&mut play.luck, 25);
    let list = delivery::of(&|form| rows_of(&world, form), 0, &mut play.luck);
    let became = play.bring_once(&list, DAY, &Plan::of(Vec::new())).await;
    assert!(became.is_ok(), "{became:?}");
    (play, world)
}

#[test]
fn a_listing_that_the_source_kept_to_itself_is_missed() {
    runtime().block_on(async {
        let ground = Ground::make().await;
        for seed in 0..5 {
            let (mut play, world) = hub_with_list(&ground, seed).await;
            let ours = world
                .list
                .iter()
                .find(|(_, listed)| listed.meant != Meant::NotOurs);
            let (lost, _) = ours.expect("some are ours");
            let without = |form| {
                let mut rows = rows_of(&world, form);
                rows.retain(|row| row.key != lost.to_string());
                rows
            };
            let mut list = delivery::of(&without, 0, &mut play.luck);
            // The oracle is told that it came.
            list.rows = rows_of(&world, list.rows[0].form);
            let judged = play
                .bring_once(&list, "2025-06-02", &Plan::of(Vec::new()))
                .await;
            let wrong = judged.expect_err("a listing is missing");
            assert!(wrong.contains(&format!("\n{lost}: must be")), "{wrong}");
        }
    });
}

#[test]
fn what_somebody_changes_behind_the_hubs_back_is_noticed() {
    runtime().block_on(async {
        let ground = Ground::make().await;
        for (number, sql) in [
            "UPDATE credit_record SET status = 'DELISTED', ended_on = '2025-06-01'",
            "UPDATE credit_record SET identified_on = '2025-12-31'",
            "UPDATE credit_record SET change_to = change_from",
            "UPDATE evidence SET content = replace(content, '局', '灞€')",
            "DELETE FROM evidence WHERE id = (SELECT MIN(id) FROM evidence WHERE source = 'court_debtors')",
            "UPDATE mention SET change_to = change_from",
            "UPDATE mention SET text = text || '?'",
            "UPDATE change SET seq = NULL WHERE id = (SELECT MAX(change_from) FROM evidence)",
        ]
        .iter()
        .enumerate()
        {
            let (play, _) = hub_with_list(&ground, number as u64).await;
            let right = is_right(&play.stage, &play.oracle, false).await;
            assert_eq!(right, Ok(()));
            let done = play.stage.db.execute_unprepared(sql).await.expect("a statement");
            assert!(done.rows_affected() > 0, "{sql}");
            let wrong = is_right(&play.stage, &play.oracle, false).await;
            assert!(wrong.is_err(), "nobody notices {sql}");
        }
    });
}

#[test]
fn a_version_that_is_there_twice_is_noticed() {
    runtime().block_on(async {
        let ground = Ground::make().await;
        let (play, _) = hub_with_list(&ground, 7).await;
        let records = credit_record::Entity::find().order_by_asc(credit_record::Column::Id);
        let record = records.one(&play.stage.db).await.expect("a table");
        let mut twice = record.expect("there are records");
        // The change of the register is the first.
        twice.change_from = 1;
        let again = credit_record::Entity::insert(twice.into_active_model().reset_all());
        again
            .exec(&play.stage.db)
            .await
            .expect("the table takes it");
        let wrong = is_right(&play.stage, &play.oracle, false).await;
        let wrong = wrong.expect_err("a version is there twice");
        assert!(wrong.contains("two versions"), "{wrong}");
    });
}

#[test]
fn each_kind_of_fault_is_told_of() {
    let told = include_str!("../../../docs/faults.md");
    for name in KINDS.iter().map(|kind| kind.name).chain(FAULTS) {
        assert!(told.contains(name), "docs/faults.md lacks {name:?}");
    }
}

#[test]
fn each_kind_of_fault_does_something() {
    let mut luck = Luck::of(1);
    let world = World::of(&mut luck, 25);
    for kind in KINDS {
        let truth = |form| rows_of(&world, form);
        let did = (0..50).any(|_| delivery::under(*kind, &truth, &mut luck).faults == [kind.name]);
        assert!(did, "{} never suits", kind.name);
    }
    let refused = KINDS.iter().filter(|kind| {
        let truth = |form| rows_of(&world, form);
        (0..20).any(|_| delivery::under(**kind, &truth, &mut luck).law == Law::Refused)
    });
    assert!(
        refused.count() > 25,
        "most kinds are such that a delivery must be refused"
    );
}
