//! One scenario: some days of a court list, delivered under faults, with the hub looked at after
//! each delivery.

use std::{collections::BTreeMap, panic::AssertUnwindSafe, sync::Arc};

use domain::run::RunState;
use futures_util::FutureExt;
use zhengxin::{
    failpoint::{self, Failure, POINTS, Plan},
    ingest::{From, Report},
};

use super::{
    delivery::{self, Delivery},
    kinds::Law,
    luck::Luck,
    oracle::{Oracle, State, Verdict},
    row::Row,
    seen,
    stage::{Stage, order},
    world::{Form, Meant, World},
};

/// Characters that are repeated of what the hub says.
const SAID_CHARS: usize = 200;

/// What was played.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) deliveries: u64,
    pub(crate) stored: u64,
    pub(crate) held: u64,
    pub(crate) refused: u64,
    pub(crate) faults: BTreeMap<&'static str, u64>,
    /// Points at which something was made to fail.
    pub(crate) points: BTreeMap<&'static str, u64>,
}

impl Told {
    /// Adds what another scenario told.
    pub(crate) fn add(&mut self, other: Self) {
        self.deliveries += other.deliveries;
        self.stored += other.stored;
        self.held += other.held;
        self.refused += other.refused;
        for (name, times) in other.faults {
            *self.faults.entry(name).or_default() += times;
        }
        for (name, times) in other.points {
            *self.points.entry(name).or_default() += times;
        }
    }
}

/// How a run ended.
enum Ended {
    Report(Box<Report>),
    Error(String),
    Panicked,
    GivenUp,
}

/// A scenario under way.
pub(crate) struct Play {
    pub(crate) stage: Stage,
    pub(crate) oracle: Oracle,
    pub(crate) told: Told,
    luck: Luck,
    /// Deliveries that went in, with their days.
    past: Vec<(String, Vec<Row>)>,
    /// What was brought and what became of it, for whoever must find out.
    history: Vec<String>,
}

impl Play {
    pub(crate) fn on(stage: Stage, luck: Luck) -> Self {
        Self {
            stage,
            oracle: Oracle::default(),
            told: Told::default(),
            luck,
            past: Vec::new(),
            history: Vec::new(),
        }
    }

    /// Plays it to its end; what is wrong with the hub is the error.
    pub(crate) async fn whole(mut self) -> Result<Told, String> {
        let rows = self.luck.within(14..30);
        let mut world = World::of(&mut self.luck, rows);
        for day in 1..=self.luck.within(2..4) {
            let day = format!("2025-06-{day:02}");
            if day != "2025-06-01" {
                world.pass_a_day(&mut self.luck);
            }
            for _ in 0..self.luck.within(1..4) {
                let faults = self.luck.below(3);
                let next = delivery::of(&|form| rows_of(&world, form), faults, &mut self.luck);
                self.bring(next, &day).await?;
            }
            if self.luck.one_in(4) {
                self.bring_an_old_one().await?;
            }
        }
        self.end(&world).await
    }

    /// A clean delivery at last: then the hub knows the truth and nothing else.
    pub(crate) async fn end(mut self, world: &World) -> Result<Told, String> {
        let day = "2025-06-28";
        let last = delivery::of(&|form| rows_of(world, form), 0, &mut self.luck);
        let run = self.try_once(&last, day, &Plan::of(Vec::new())).await?;
        if let Some(held) = run {
            self.let_in(held, &last.rows, day, &Plan::of(Vec::new()))
                .await?;
        }
        is_truth(world, &self.oracle.state)?;
        Ok(self.told)
    }

    /// Brings a delivery in, now and then while something fails in the hub itself.
    pub(crate) async fn bring(&mut self, next: Delivery, day: &str) -> Result<(), String> {
        let plan = self.plan();
        let held = self.try_once(&next, day, &plan).await?;
        if let Some(run) = held.filter(|_| self.luck.one_in(3)) {
            let plan = self.plan();
            self.let_in(run, &next.rows, day, &plan).await?;
        }
        Ok(())
    }

    /// An old list comes late, or again: what newer ones told stands.
    async fn bring_an_old_one(&mut self) -> Result<(), String> {
        let Some(newest) = self.oracle.newest_day().map(str::to_owned) else {
            return Ok(());
        };
        let older = |(day, _): &&(String, Vec<Row>)| *day < newest;
        let Some((day, rows)) = self.past.iter().find(older).cloned() else {
            return Ok(());
        };
        let form = rows.first().map_or(Form::Detail, |row| row.form);
        let again = |_| rows.clone();
        let next = delivery::again(form, &again, &mut self.luck);
        self.try_once(&next, &day, &Plan::of(Vec::new())).await?;
        Ok(())
    }

    /// At which points the next run fails.
    fn plan(&mut self) -> Arc<Plan> {
        let mut failures = Vec::new();
        if failpoint::ENABLED && self.luck.one_in(3) {
            for _ in 0..self.luck.within(1..3) {
                let failure =
                    [Failure::Error, Failure::Panic, Failure::GivenUp][self.luck.below(3)];
                let pass = 1 + self.luck.below(3) * self.luck.below(2);
                failures.push((*self.luck.pick(&POINTS), pass as u64, failure));
            }
        }
        Plan::of(failures)
    }

    /// Brings a delivery in and looks at what became of it; the run, where it is held.
    async fn try_once(
        &mut self,
        next: &Delivery,
        day: &str,
        plan: &Arc<Plan>,
    ) -> Result<Option<i64>, String> {
        let from = self.stage.set(&next.way);
        let before = seen::changes(&self.stage.db).await?;
        let ended = self.run(from, day, plan, next.hangs()).await;
        for fault in &next.faults {
            *self.told.faults.entry(fault).or_default() += 1;
        }
        let what = format!("{day}, {:?}, failing at {:?}", next.faults, plan.failed());
        self.history.push(what);
        let looked = self
            .look((next.law, false), &next.rows, day, (before, ended), plan)
            .await;
        looked.map_err(|wrong| format!("{}: {wrong}", self.history.join("\n  ")))
    }

    /// Lets a held run in.
    async fn let_in(
        &mut self,
        run: i64,
        rows: &[Row],
        day: &str,
        plan: &Arc<Plan>,
    ) -> Result<(), String> {
        let before = seen::changes(&self.stage.db).await?;
        let ended = self.run(From::Approved(run), day, plan, false).await;
        let what = format!("{day}, let in, failing at {:?}", plan.failed());
        self.history.push(what);
        let looked = self
            .look((Law::Whole, true), rows, day, (before, ended), plan)
            .await;
        looked
            .map(|_| ())
            .map_err(|wrong| format!("{}: {wrong}", self.history.join("\n  ")))
    }

    async fn run(&self, from: From, day: &str, plan: &Arc<Plan>, hangs: bool) -> Ended {
        let order = order(from, day);
        let run = self.stage.ingest.run(&order, &|_| {});
        let caught = AssertUnwindSafe(failpoint::with(plan, run)).catch_unwind();
        let ended = tokio::select! {
            ended = caught => ended,
            // Whoever waits for an answer that never comes gives up at last.
            () = self.stage.source.hangs(), if hangs => return Ended::GivenUp,
        };
        match ended {
            Ok(Some(Ok(report))) => Ended::Report(Box::new(report)),
            Ok(Some(Err(error))) => Ended::Error(error.to_string()),
            Ok(None) => Ended::GivenUp,
            Err(_) => Ended::Panicked,
        }
    }

    /// Compares the hub with what must have become of a delivery.
    async fn look(
        &mut self,
        (law, by_hand): (Law, bool),
        rows: &[Row],
        day: &str,
        (before, ended): (u64, Ended),
        plan: &Plan,
    ) -> Result<Option<i64>, String> {
        let failed = plan.failed();
        for point in &failed {
            *self.told.points.entry(point).or_default() += 1;
        }
        let report = match &ended {
            Ended::Report(report) => Some(report),
            _ => None,
        };
        let is_stored = report.is_some_and(|report| report.change.is_some());
        if matches!(ended, Ended::Panicked) && failed.is_empty() {
            return Err("the hub panicked".to_owned());
        }
        let mut after = self.oracle.clone();
        let verdict = after.take(rows, day, by_hand);
        let state = seen::state(&self.stage.db).await?;
        let said = match &ended {
            Ended::Report(report) => {
                format!("{} {:?} {:?}", report.state, report.message, report.rejects)
            }
            Ended::Error(error) => format!("error {error}"),
            Ended::Panicked => "panicked".to_owned(),
            Ended::GivenUp => "given up".to_owned(),
        };
        let must = |is_so: bool, what: &str| {
            if is_so {
                Ok(())
            } else {
                Err(format!("{what}, and it says {said}"))
            }
        };
        let may_be_in = law != Law::Refused && verdict == Verdict::In;
        let is_in = if failed.is_empty() {
            match (law, verdict) {
                (Law::Refused, _) => must(!is_stored, "it must be refused")?,
                (Law::Whole, Verdict::In) => must(is_stored, "it must go in")?,
                (Law::Whole, Verdict::Held) => {
                    let outcome = report.and_then(|report| report.outcome);
                    must(outcome == Some(RunState::Held), "it must be held")?;
                }
                (Law::Either, _) => must(!is_stored || may_be_in, "it must not go in")?,
            }
            is_stored
        } else {
            // Whether it was in when something failed, only the change log can say.
            let is_in = seen::changes(&self.stage.db).await? > before;
            must(!is_stored || is_in, "it is not in")?;
            must(!is_in || may_be_in, "it must not go in")?;
            is_in
        };
        if let Some(last) = self.history.last_mut() {
            *last = format!(
                "{last}, {} rows: {}",
                rows.len(),
                said.chars().take(SAID_CHARS).collect::<String>()
            );
        }
        if is_in {
            self.past.push((day.to_owned(), rows.to_vec()));
            self.oracle = after;
        }
        same(&self.oracle.state, &state).map_err(|wrong| format!("{wrong}; it says {said}"))?;
        let live = &self.stage.app.live;
        live.catch_up().await.map_err(|error| error.to_string())?;
        let (must_tell, told) = (
            seen::records_of(&self.oracle.state),
            seen::told(&self.stage.app),
        );
        if must_tell != told {
            return Err(format!(
                "the graph tells {told:#?} instead of {must_tell:#?}"
            ));
        }
        self.told.deliveries += 1;
        let held = report.filter(|report| report.outcome == Some(RunState::Held));
        match (is_in, held.is_some()) {
            (true, _) => self.told.stored += 1,
            (false, true) => self.told.held += 1,
            (false, false) => self.told.refused += 1,
        }
        Ok(held.map(|report| report.run))
    }
}

/// The list as rows of a form.
pub(crate) fn rows_of(world: &World, form: Form) -> Vec<Row> {
    world
        .list
        .values()
        .map(|listed| Row::of(listed, form))
        .collect()
}

fn same(must: &State, is: &State) -> Result<(), String> {
    if must == is {
        return Ok(());
    }
    let keys = must.keys().chain(is.keys());
    let differs = keys.filter(|key| must.get(*key) != is.get(*key));
    let told: Vec<String> = differs
        .take(3)
        .map(|key| format!("{key}: must be {:#?}, is {:#?}", must.get(key), is.get(key)))
        .collect();
    Err(told.join("\n"))
}

/// What is listed now is the truth: nothing missing, nothing more.
fn is_truth(world: &World, state: &State) -> Result<(), String> {
    for (key, known) in state {
        let id: i64 = key
            .parse()
            .map_err(|_| format!("{key:?} was never listed"))?;
        let listed = world
            .list
            .get(&id)
            .filter(|listed| listed.meant != Meant::NotOurs);
        if listed.is_some() != known.listed.is_some() {
            return Err(format!(
                "{key}: the truth has {listed:?}, the hub {known:?}"
            ));
        }
        let active = known
            .record
            .as_ref()
            .filter(|record| record.delisted_on.is_none());
        let is_body = listed.is_some_and(|listed| matches!(listed.meant, Meant::Body(_)));
        if is_body != active.is_some() {
            return Err(format!(
                "{key}: the truth has {listed:?}, the hub {known:?}"
            ));
        }
    }
    let ours = world
        .list
        .values()
        .filter(|listed| listed.meant != Meant::NotOurs)
        .count();
    let known = state
        .values()
        .filter(|known| known.listed.is_some())
        .count();
    match ours == known {
        true => Ok(()),
        false => Err(format!("{ours} are listed, the hub has {known}")),
    }
}
