//! One scenario: some days of a court list, delivered under faults, with the hub looked at after
//! each delivery.

use std::{panic::AssertUnwindSafe, sync::Arc};

use futures_util::FutureExt;
use zhengxin::{
    failpoint::{self, Failure, POINTS, Plan},
    ingest::From,
};

use super::{
    delivery::{self, Delivery, Way},
    judge::{Attempt, Became, Ended, is_truth, judge},
    kinds::Law,
    luck::Luck,
    oracle::Oracle,
    row::{Row, rows_of},
    seen,
    stage::{Stage, order},
    told::Told,
    world::{Form, World},
};

/// Characters that are repeated of what the hub says.
const SAID_CHARS: usize = 200;

/// A scenario under way.
pub(crate) struct Play {
    pub(crate) stage: Stage,
    pub(crate) oracle: Oracle,
    pub(crate) told: Told,
    pub(crate) luck: Luck,
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
    async fn end(mut self, world: &World) -> Result<Told, String> {
        self.stage.rest();
        let (day, clean) = ("2025-06-28", Plan::of(Vec::new()));
        let last = delivery::of(&|form| rows_of(world, form), 0, &mut self.luck);
        if let Became::Held(run) = self.bring_once(&last, day, &clean).await? {
            self.let_in(run, &last.rows, day, &clean).await?;
        }
        is_truth(world, &self.oracle.state)?;
        Ok(self.told)
    }

    /// Brings a delivery in, now and then while something fails in the hub itself.
    async fn bring(&mut self, next: Delivery, day: &str) -> Result<(), String> {
        self.stage.rest();
        let plan = self.plan();
        let mut became = self.bring_once(&next, day, &plan).await?;
        // The same list is asked for again at once, and what had landed of it need not come twice.
        while became == Became::Refused && matches!(next.way, Way::Pulled(_)) && self.luck.one_in(2)
        {
            let plan = self.plan();
            became = self.bring_once(&next, day, &plan).await?;
        }
        if let Became::Held(run) = became
            && self.luck.one_in(3)
        {
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
        let is_older = |(day, _): &&(String, Vec<Row>)| *day < newest;
        let Some((day, rows)) = self.past.iter().find(is_older).cloned() else {
            return Ok(());
        };
        self.stage.rest();
        let form = rows.first().map_or(Form::Detail, |row| row.form);
        let next = delivery::again(form, &|_| rows.clone(), &mut self.luck);
        self.bring_once(&next, &day, &Plan::of(Vec::new())).await?;
        Ok(())
    }

    /// At which points the next run fails.
    pub(crate) fn plan(&mut self) -> Arc<Plan> {
        let mut failures = Vec::new();
        if failpoint::ENABLED && self.luck.one_in(3) {
            for _ in 0..self.luck.within(1..3) {
                let failure = *self
                    .luck
                    .pick(&[Failure::Error, Failure::Panic, Failure::GivenUp]);
                let pass = 1 + self.luck.below(3) * self.luck.below(2);
                failures.push((*self.luck.pick(&POINTS), pass as u64, failure));
            }
        }
        Plan::of(failures)
    }

    /// Brings a delivery in and looks at what became of it.
    pub(crate) async fn bring_once(
        &mut self,
        next: &Delivery,
        day: &str,
        plan: &Arc<Plan>,
    ) -> Result<Became, String> {
        let from = self.stage.set(&next.way);
        let before = seen::changes(&self.stage.db).await?;
        let is_twice = plan.is_empty() && !next.hangs() && self.luck.one_in(10);
        self.told.at_once += u64::from(is_twice);
        let ended = self.run(from.clone(), day, plan, next.hangs());
        let ended = if is_twice {
            let (one, other) = tokio::join!(ended, self.run(from, day, plan, false));
            // Who finds the other at work goes away again.
            if one.is_in() || other.report().is_none() {
                one
            } else {
                other
            }
        } else {
            ended.await
        };
        for fault in &next.faults {
            *self.told.faults.entry(fault).or_default() += 1;
        }
        let what = format!("{day}, {:?}, failing at {:?}", next.faults, plan.failed());
        let attempt = Attempt {
            law: next.law,
            by_hand: false,
            rows: &next.rows,
            day,
            before,
            ended,
            has_failed: !plan.failed().is_empty(),
        };
        self.note(what, plan, &attempt).await
    }

    /// Lets a held run in.
    pub(crate) async fn let_in(
        &mut self,
        run: i64,
        rows: &[Row],
        day: &str,
        plan: &Arc<Plan>,
    ) -> Result<(), String> {
        let before = seen::changes(&self.stage.db).await?;
        let ended = self.run(From::Approved(run), day, plan, false).await;
        let what = format!("{day}, let in, failing at {:?}", plan.failed());
        let attempt = Attempt {
            law: Law::Whole,
            by_hand: true,
            rows,
            day,
            before,
            ended,
            has_failed: !plan.failed().is_empty(),
        };
        self.note(what, plan, &attempt).await.map(|_| ())
    }

    /// Has an attempt judged, and notes what was done.
    pub(crate) async fn note(
        &mut self,
        what: String,
        plan: &Plan,
        attempt: &Attempt<'_>,
    ) -> Result<Became, String> {
        let said: String = attempt.ended.said().chars().take(SAID_CHARS).collect();
        self.history
            .push(format!("{what}, {} rows: {said}", attempt.rows.len()));
        for point in plan.failed() {
            *self.told.points.entry(point).or_default() += 1;
        }
        let warnings = attempt.ended.report().map(|report| &report.warnings[..]);
        let goes_on = |warning: &String| warning.starts_with("it goes on with run");
        self.told.gone_on += u64::from(warnings.unwrap_or_default().iter().any(goes_on));
        let became = judge(&self.stage, &mut self.oracle, attempt)
            .await
            .map_err(|wrong| format!("{}\n{wrong}", self.history.join("\n  ")))?;
        match became {
            Became::In => {
                self.past
                    .push((attempt.day.to_owned(), attempt.rows.to_vec()));
                self.told.stored += 1;
            }
            Became::Held(_) => self.told.held += 1,
            Became::Refused => self.told.refused += 1,
        }
        Ok(became)
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
}
