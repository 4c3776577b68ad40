//! The real program, killed as a loss of power would, at a page of its choice or some moment later.

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    delivery::{self, Way},
    judge::{Attempt, Ended, is_right, is_truth},
    luck::Luck,
    oracle::Verdict,
    page_faults::Pages,
    row::rows_of,
    scenario::Play,
    seen,
    stage::{COURT, Ground, Stage},
    world::{Form, World},
};
use crate::support::{Running, zhengxin};

/// Rows of a list: enough that one who is killed is in the middle of something.
const ROWS: std::ops::Range<usize> = 100..250;
/// The longest time that one is left alive behind the last page: most are done by then.
const PATIENCE_MS: usize = 250;
/// How long a page may be in coming, in a debug build on a busy machine.
const PAGE_PATIENCE: Duration = Duration::from_secs(60);
/// The longest time that one is left alive who may go on with what had landed, and asks for nothing then.
const GOING_ON_MS: usize = 2_000;
/// Between two looks at one who may end by himself.
const LOOK: Duration = Duration::from_millis(2);
/// Tries for one who finds his forerunner's place not given back yet.
const TRIES: usize = 100;

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Killed {
    pub(crate) kills: u64,
    /// Of these, those that came when the delivery was in already.
    pub(crate) after_closing: u64,
    /// Those that left a run behind that says it is running.
    pub(crate) in_the_middle: u64,
}

/// Plays until so many processes were killed, the seeds from this one on.
pub(crate) async fn kill(ground: &Ground, kills: u64, first: u64) -> Result<Killed, String> {
    let (mut killed, mut seed) = (Killed::default(), first);
    while killed.kills < kills {
        // Every fourth on PostgreSQL, where it is installed.
        let on_postgres = match seed % 4 {
            0 => ground.stage_on_postgres(seed).await,
            _ => None,
        };
        let stage = match on_postgres {
            Some(stage) => stage,
            None => ground.stage(seed).await,
        };
        let left = kills - killed.kills;
        let play = Play::on(stage, Luck::of(seed));
        days(play, left, &mut killed)
            .await
            .map_err(|wrong| format!("kills, seed {seed}: {wrong}"))?;
        seed += 1;
    }
    Ok(killed)
}

/// Some days of which none goes by in peace.
async fn days(mut play: Play, left: u64, killed: &mut Killed) -> Result<(), String> {
    let rows = play.luck.within(ROWS);
    let mut world = World::of(&mut play.luck, rows);
    let before = killed.kills;
    for day in 1..=3 {
        let day = format!("2025-06-{day:02}");
        world.pass_a_day(&mut play.luck);
        for nth in 0..2 {
            if killed.kills - before < left {
                one(&mut play, &world, &day, nth > 0, killed).await?;
            }
        }
    }
    let day = "2025-06-28";
    let rows = rows_of(&world, Form::Detail);
    play.stage.source.plays(Pages::of(&rows, false).script());
    let mut after = play.oracle.clone();
    let verdict = after.take(&rows, day, false);
    let mut ran = to_the_end(&play.stage, &["--as-of", &moment(day)])?;
    if verdict == Verdict::Held {
        after.take(&rows, day, true);
        let run = ran["run"].to_string();
        ran = to_the_end(&play.stage, &["--approve", &run])?;
    }
    if ran["change"].is_null() {
        return Err(format!("the last delivery is not in: {ran}"));
    }
    is_right(&play.stage, &after, false).await?;
    is_truth(&world, &after.state)
}

/// Brings a list in and kills who does it. The second time on a day he may go on with what the first one
/// had landed, and asks for fewer pages or for none.
async fn one(
    play: &mut Play,
    world: &World,
    day: &str,
    may_go_on: bool,
    killed: &mut Killed,
) -> Result<(), String> {
    let next = delivery::pulled(&|form| rows_of(world, form), &mut play.luck);
    let Way::Pulled(script) = &next.way else {
        return Err("a pulled list comes in pages".to_owned());
    };
    let pages = script.pages.len() as u64;
    play.stage.source.plays(script.clone());
    let (asked, at_page) = mpsc::channel();
    play.stage.source.on_asked(move |page| {
        let _ = asked.send(page);
    });
    let before = seen::changes(&play.stage.db).await?;

    let page = if play.luck.one_in(4) {
        play.luck.within(1..pages as usize + 1) as u64
    } else {
        pages
    };
    let patience = Duration::from_millis(play.luck.below(PATIENCE_MS) as u64);
    let arguments = arguments(&play.stage, &["--as-of", &moment(day)]);
    let going_on = Duration::from_millis(play.luck.below(GOING_ON_MS) as u64);
    let mut process = program(&play.stage, &arguments);
    let (begun, mut asked, mut has_ended) = (Instant::now(), 0, false);
    while asked < page && !has_ended && !(may_go_on && begun.elapsed() > going_on) {
        if begun.elapsed() > PAGE_PATIENCE {
            return Err("it asks for no page".to_owned());
        }
        has_ended = process.ends_within(LOOK);
        asked = at_page.try_iter().last().unwrap_or(asked);
    }
    has_ended |= asked == pages && process.ends_within(patience);
    process.kill();

    if !has_ended {
        killed.kills += 1;
        killed.after_closing += u64::from(seen::changes(&play.stage.db).await? > before);
        killed.in_the_middle += u64::from(seen::runs_under_way(&play.stage.db).await? > 0);
    }
    let attempt = Attempt {
        law: next.law,
        by_hand: false,
        rows: &next.rows,
        day,
        before,
        ended: Ended::GivenUp,
        has_failed: true,
    };
    let plan = zhengxin::failpoint::Plan::of(Vec::new());
    play.note(
        format!("{day}, killed at page {page} and {patience:?}"),
        &plan,
        &attempt,
    )
    .await
    .map(|_| ())
}

fn moment(day: &str) -> String {
    format!("{day}T09:00:00+08:00")
}

fn arguments(stage: &Stage, more: &[&str]) -> Vec<String> {
    let data = stage.folder.path().display().to_string();
    let url = stage.app.config.database_url();
    let all = [
        "ingest",
        COURT,
        "-o",
        "json",
        "--data",
        &data,
        "--database-url",
        &url,
    ];
    all.iter()
        .chain(more)
        .map(|text| (*text).to_owned())
        .collect()
}

fn program(stage: &Stage, arguments: &[String]) -> Running {
    settings(stage)
        .into_iter()
        .fold(zhengxin(arguments), |program, (name, text)| {
            program.env(name, &text)
        })
        .start()
}

fn settings(stage: &Stage) -> [(&'static str, String); 3] {
    [
        ("ZHENGXIN__SOURCES__COURT_DEBTORS__URL", stage.source.url()),
        (
            "ZHENGXIN__SOURCES__COURT_DEBTORS__ALLOW",
            "[\"127.0.0.0/8\"]".to_owned(),
        ),
        (
            "ZHENGXIN__CATALOGUE__DIR",
            stage.catalogue.display().to_string(),
        ),
    ]
}

/// What one says who is let live; one who was killed may still hold the place for a moment.
fn to_the_end(stage: &Stage, more: &[&str]) -> Result<Value, String> {
    let arguments = arguments(stage, more);
    for _ in 0..TRIES {
        let program = settings(stage)
            .into_iter()
            .fold(zhengxin(&arguments), |program, (name, text)| {
                program.env(name, &text)
            });
        let ran = program.run();
        if !ran.err.contains("another process") {
            return serde_json::from_str(&ran.out).map_err(|_| format!("it says {ran:?}"));
        }
    }
    Err("the place is never given back".to_owned())
}
