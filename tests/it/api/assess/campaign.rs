//! Warnings under restarts, kills, two processes and people who act: whatever is done when, none is lost and none raised
//! twice. Whoever judges knows all places where a body may stand by what was done (`stands.rs`).
//!
//! Each run is drawn from a seed of its own, and goes on from what the one before it left. `ZHENGXIN_WARNING_RUNS`
//! plays so many others on each database instead, and kills a process in one of twenty; `ZHENGXIN_WARNING_SEED` is the
//! first one's seed.

mod stands;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use chrono::{NaiveDate, Utc};
use domain::{
    assess::{Warning, WarningAct},
    date::china_offset,
    id::{Kind, stable_id},
    viewer::{Role, Viewer},
};

use zhengxin::assess::{Acted, Error};

use stands::{Stand, Stands};

use super::BUREAU;
use crate::{
    faults::luck::Luck,
    support::{Db, Hub, made, on_both, zhengxin},
};

/// Bodies that the court lists and removes.
const BODIES: u32 = 12;
/// Runs that each database is played, and processes that are killed in them.
const RUNS: usize = 100;
const KILLS: usize = 5;
/// The first run's seed, and that of those who ask for others.
const SEED: u64 = 1;
const OTHER_SEED: u64 = 1_001;
/// Say how many runs instead, and from which seed on.
const ASKED: &str = "ZHENGXIN_WARNING_RUNS";
const ASKED_SEED: &str = "ZHENGXIN_WARNING_SEED";
/// The longest time that a process is left alive once it has begun: it has a dozen bodies to look at, and most are
/// done by then.
const ALIVE_MS: usize = 100;
/// How long one may take to begin, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// What a process logs when it begins to look at bodies.
const BEGUN: &str = "looking at bodies";
/// Between two looks at whether it has begun.
const LOOK: Duration = Duration::from_millis(1);
/// Listed bodies stand across both: the worst grade comes of the listing.
const LINES: [&str; 2] = ["RL-COURT", "RL-GRADE"];

/// What people do about warnings.
const ACTS: [WarningAct; 4] = [
    WarningAct::Acknowledge,
    WarningAct::Rectify,
    WarningAct::Resolve,
    WarningAct::Dismiss,
];

/// Bodies, which of them are listed, and where each may stand with each line.
struct Campaign<'a> {
    db: &'a Db,
    luck: Luck,
    hub: Hub,
    other: Hub,
    bodies: Vec<made::Body>,
    listed: Vec<bool>,
    /// The same as the other one knows it.
    known: Vec<bool>,
    stands: Vec<[Stands; LINES.len()]>,
    today: NaiveDate,
    /// Warnings that people closed.
    closed: usize,
    /// Processes that were killed while they worked.
    killed: usize,
}

impl<'a> Campaign<'a> {
    async fn begin(db: &'a Db) -> Self {
        // The program's clock is the real one.
        let today = Utc::now().with_timezone(&china_offset()).date_naive();
        let bodies = (0..BODIES).map(|n| made::body(n + 1, &format!("{BUREAU}{n:02}"), "440600"));
        let bodies: Vec<_> = bodies.collect();
        let campaign = Self {
            db,
            luck: Luck::of(SEED),
            hub: started(db, today).await,
            other: started(db, today).await,
            listed: vec![false; bodies.len()],
            known: vec![false; bodies.len()],
            stands: vec![Default::default(); bodies.len()],
            bodies,
            today,
            closed: 0,
            killed: 0,
        };
        let register = made::register(&campaign.bodies);
        campaign
            .hub
            .ingest("agency_register", &[("a.csv", &register)], |_| {})
            .await;
        campaign
    }

    /// The court lists some and removes others.
    async fn move_some(&mut self) {
        for at in 0..self.bodies.len() {
            if self.luck.one_in(4) {
                self.listed[at] = !self.listed[at];
            }
        }
        // A list that names nobody of ours is one all the same.
        let mut listings = vec![made::listing(999, "样例贸易有限公司")];
        for (at, body) in self
            .bodies
            .iter()
            .enumerate()
            .filter(|(at, _)| self.listed[*at])
        {
            listings.push(made::listing(at as i64 + 1, &body.cells[1]).code(body.uscc));
        }
        let file = made::court_jsonl(&listings);
        self.hub
            .ingest("court_debtors", &[("c.jsonl", &file)], |_| {})
            .await;
    }

    /// Somebody looks, or two at once, or one who starts anew, or one in whose place it is still yesterday, or one who
    /// does not know of the change yet.
    async fn look(&mut self) {
        match self.luck.below(5) {
            0 => {
                assess(&self.hub).await;
                self.stand(Stands::looked);
            }
            1 => {
                tokio::join!(assess(&self.hub), assess(&self.other));
                self.known.clone_from(&self.listed);
                self.stand(Stands::looked);
            }
            2 => {
                self.other = started(self.db, self.today).await;
                assess(&self.other).await;
                self.known.clone_from(&self.listed);
                self.stand(Stands::looked);
            }
            3 => {
                let yesterday = self.today.pred_opt().expect("a day");
                let late = started(self.db, yesterday).await;
                match late.app.assessing().assess_all().await {
                    Ok(_) => self.stand(Stands::looked),
                    Err(Error::Behind) => {}
                    Err(error) => panic!("{error}"),
                }
            }
            _ => {
                let behind: Vec<i64> = self.other.app.live.now().all_agencies().collect();
                let looking = self.other.app.assessing();
                let (done, ()) = tokio::join!(looking.assess(&behind), assess(&self.hub));
                assert!(matches!(done, Ok(_) | Err(Error::Busy)), "{done:?}");
                for (at, stands) in self.stands.iter_mut().enumerate() {
                    for stands in stands {
                        stands.looked_beside(self.listed[at], self.known[at]);
                    }
                }
                self.other.app.live.catch_up().await.expect("it follows");
                self.known.clone_from(&self.listed);
            }
        }
    }

    /// All bodies stand where this leads them, by what is listed now.
    fn stand(&mut self, next: impl Fn(&mut Stands, bool)) {
        for (stands, is_listed) in self.stands.iter_mut().zip(&self.listed) {
            for stands in stands {
                next(stands, *is_listed);
            }
        }
    }

    /// Somebody does something about a warning, alone or while another one looks.
    async fn act(&mut self) {
        let (at, line) = (
            self.luck.below(self.bodies.len()),
            self.luck.below(LINES.len()),
        );
        let act = *self.luck.pick(&ACTS);
        self.hub.app.live.catch_up().await.expect("it follows");
        let graph = self.hub.app.live.now();
        let id = stable_id(Kind::Agency, &[self.bodies[at].uscc.as_str()]);
        let Some(warning) = graph.last_warning(id, LINES[line]) else {
            return;
        };
        let viewer = Viewer {
            role: Role::Government,
            divisions: vec!["440000".parse().expect("a code")],
            ..Viewer::public()
        };
        let view = self.hub.app.view(&graph, viewer);
        let (assessing, note) = (self.hub.app.assessing(), Some("已核".to_owned()));
        let acting = assessing.act(&view, warning.id, warning.version, act, note);
        let is_alone = self.luck.one_in(2);
        let acted = match is_alone {
            true => acting.await,
            false => tokio::join!(acting, assess(&self.other)).0,
        };
        let acted = acted.expect("the database is there");
        let is_closed =
            acted == Acted::Done && !matches!(act, WarningAct::Acknowledge | WarningAct::Rectify);
        self.closed += usize::from(is_closed);
        let before = self.stands[at][line].clone();
        if !is_alone {
            self.known.clone_from(&self.listed);
            self.stand(Stands::looked);
        }
        if is_closed {
            self.stands[at][line] = before;
            let stands = &mut self.stands[at][line];
            match is_alone {
                true => stands.closed(),
                false => stands.closed_beside(self.listed[at]),
            }
        }
    }

    /// A process of its own looks, and is killed at some moment after it has begun, unless it is done by then.
    fn kill(&mut self) {
        let (data, url) = (self.db.folder().display().to_string(), self.db.url());
        let log = self.db.folder().join("killed.log");
        let process = zhengxin(["-v", "--data", &data, "--database-url", &url, "assess"]);
        let mut process = process.start_logging_to(&log);
        let has_begun = || std::fs::read_to_string(&log).is_ok_and(|told| told.contains(BEGUN));
        let started = Instant::now();
        while !has_begun() {
            let is_there = !process.ends_within(LOOK) && started.elapsed() < PATIENCE;
            let told = std::fs::read_to_string(&log);
            assert!(is_there || has_begun(), "it does not begin: {told:?}");
        }
        let alive = Duration::from_millis(self.luck.below(ALIVE_MS) as u64);
        process.ends_within(alive);
        self.killed += usize::from(process.kill());
        self.stand(Stands::may_be_looked);
    }

    /// Who looks last makes up for what the others left: each body stands where it must.
    async fn judge(&mut self, run: u64) {
        assess(&self.hub).await;
        self.stand(Stands::looked);
        let graph = self.hub.app.live.now();
        for (at, body) in self.bodies.iter().enumerate() {
            let id = stable_id(Kind::Agency, &[body.uscc.as_str()]);
            for (line, stands) in LINES.iter().zip(&mut self.stands[at]) {
                let what = format!("seed {run}, body {at}, {line}");
                let last: Option<&Warning> = graph.last_warning(id, line).map(|known| &known.fact);
                stands.seen(Stand::of(last), &what);
                let caused = graph.caused_warnings(id);
                let caused = caused.filter(|one| one.fact.red_line == *line);
                assert!(caused.count() <= 1, "{what}: two at once");
            }
        }
    }
}

async fn started(db: &Db, today: NaiveDate) -> Hub {
    let hub = Hub::on(db).await;
    hub.it_is(&today.to_string());
    hub
}

async fn assess(hub: &Hub) {
    let done = hub.app.assessing().assess_all().await;
    done.expect("everybody can be graded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(
    clippy::disallowed_methods,
    reason = "how many runs is asked of the environment"
)]
async fn no_warning_is_lost_or_raised_twice_whatever_is_done_when() {
    let asked = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|number| number.parse().ok())
    };
    let (runs, kills, seed) = match asked(ASKED) {
        Some(runs) => (runs, runs / 20, OTHER_SEED),
        None => (RUNS, KILLS, SEED),
    };
    let first = asked(ASKED_SEED).map_or(seed, |seed| seed as u64);
    // The second database goes on where the first one ended.
    let next = AtomicU64::new(first);
    on_both(async |db: Db| {
        let mut campaign = Campaign::begin(&db).await;
        for run in 0..runs {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            campaign.luck = Luck::of(seed);
            campaign.move_some().await;
            // One that was done before it could be killed is made up for by the next.
            let due = run / (runs / kills.max(1)).max(1) + 1;
            if campaign.killed < due.min(kills) {
                campaign.kill();
            } else {
                campaign.look().await;
            }
            if campaign.luck.one_in(2) {
                campaign.act().await;
            }
            // Not after each: what one leaves behind another finds.
            if campaign.luck.one_in(3) {
                campaign.judge(seed).await;
            }
        }
        campaign.judge(next.load(Ordering::SeqCst)).await;
        assert_eq!(campaign.killed, kills, "so many were killed at their work");
        assert!(campaign.closed > 0, "people closed some of them");
    })
    .await;
}
