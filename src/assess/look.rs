//! Looking at bodies: their scores, and where they stand to the red lines, on a day and by the newest version.

use std::{
    collections::BTreeMap,
    num::NonZero,
    thread::{self, available_parallelism},
};

use chrono::NaiveDate;
use domain::{
    assess::{
        Alarm, Facts, RedLine, RulePack, Scored, Standing, WINDOW_DAYS, Warning, WarningEvent,
        WarningLevel,
    },
    id::{Kind, stable_id},
};
use rust_decimal::Decimal;
use tokio::task::JoinHandle;

use crate::{
    catalogue,
    graph::Graph,
    store::{Assessed, AssessedRows, Known, NextScore},
};

use super::{Assessing, Assessment};

/// What came of looking at a batch, and the rows that are to be written.
pub(super) type Looked = (Assessment, AssessedRows);

/// How many bodies stand across a red line, by its code and by how seriously they do.
pub type Crossings = BTreeMap<String, BTreeMap<WarningLevel, usize>>;

/// By what bodies are graded on a day.
struct Measure<'a> {
    pack: &'a RulePack,
    lines: &'a [&'a RedLine],
    casework: &'a catalogue::Casework,
    on: NaiveDate,
}

impl Assessing {
    pub(super) fn looking(&self, bodies: &[i64], on: NaiveDate) -> JoinHandle<Looked> {
        let (this, bodies) = (self.clone(), bodies.to_vec());
        tokio::task::spawn_blocking(move || {
            let found = this.look(&bodies, on);
            let sum = Assessment::of(&found);
            let pack = this.catalogue.assess.pack(None, on);
            let warned = this.warned(&found.warnings);
            let rows = AssessedRows::of(found, pack.map(|pack| (pack, on)));
            (sum, rows.warning(warned))
        })
    }

    /// What is to change, over the newest version.
    fn look(&self, bodies: &[i64], on: NaiveDate) -> Assessed {
        let graph = self.live.now();
        let Some(pack) = self.catalogue.assess.pack(None, on) else {
            return Assessed::default();
        };
        let lines = self.catalogue.assess.red_lines_on(on);
        let measure = Measure {
            pack,
            lines: &lines,
            casework: &self.catalogue.casework,
            on,
        };
        let parts = shared_out(bodies, |part| self.look_at(&graph, part, &measure));
        let mut all = Assessed::default();
        for mut part in parts {
            all.scores.append(&mut part.scores);
            all.warnings.append(&mut part.warnings);
        }
        all
    }

    /// How many bodies stand across which red line on a day, and how seriously, by what is known now; nothing is
    /// written. Leads and cases are those that wait now.
    pub fn crossings(&self, on: NaiveDate) -> Crossings {
        let graph = self.live.now();
        let Some(pack) = self.catalogue.assess.pack(None, on) else {
            return Crossings::new();
        };
        let lines = self.catalogue.assess.red_lines_on(on);
        let measure = Measure {
            pack,
            lines: &lines,
            casework: &self.catalogue.casework,
            on,
        };
        let is_there = |body: &i64| {
            let known = graph.agency(*body);
            known.is_some_and(|known| known.fact.is_there(on))
        };
        let bodies: Vec<i64> = graph.all_agencies().filter(is_there).collect();
        let parts = shared_out(&bodies, |part| {
            let mut found = Vec::new();
            for body in part {
                let Some(facts) = graph.facts_of(*body) else {
                    continue;
                };
                let scored = measure.pack.evaluate(&facts, measure.on);
                let before = score_before(&measure, &facts, WINDOW_DAYS);
                let alarms = alarms(&graph, *body, (&facts, &scored, before), &measure);
                found.extend(
                    alarms
                        .into_iter()
                        .filter_map(|(line, alarm)| Some((line, alarm?.level))),
                );
            }
            found
        });
        let mut crossed = Crossings::new();
        for (line, level) in parts.into_iter().flatten() {
            let levels = crossed.entry(line.code.clone()).or_default();
            *levels.entry(level).or_default() += 1;
        }
        crossed
    }

    fn look_at(&self, graph: &Graph, bodies: &[i64], measure: &Measure<'_>) -> Assessed {
        let mut found = Assessed::default();
        for body in bodies {
            let Some(facts) = graph.facts_of(*body) else {
                continue;
            };
            let scored = measure.pack.evaluate(&facts, measure.on);
            let before = score_before(measure, &facts, WINDOW_DAYS);
            let known = (&facts, &scored, before);
            self.warn(graph, *body, known, measure, &mut found.warnings);
            let next = next_score(graph, *body, scored, before, measure.pack);
            found.scores.extend(next);
        }
        found
    }

    fn warn(
        &self,
        graph: &Graph,
        body: i64,
        (facts, scored, before): (&Facts<'_>, &Scored, Decimal),
        measure: &Measure<'_>,
        events: &mut Vec<WarningEvent>,
    ) {
        let agency = graph.agency(body).map(|agency| &agency.fact);
        let name = agency.map_or("", |agency| &*agency.name);
        for (line, alarm) in alarms(graph, body, (facts, scored, before), measure) {
            let last = graph.last_warning(body, &line.code);
            events.extend(Warning::next(
                last.map(|last| &last.fact),
                alarm.as_ref(),
                line,
                (body, name, &scored.grade),
                &self.catalogue.calendar,
                (self.clock.now(), measure.on),
            ));
        }
        // A line may be drawn no longer, and of several by one line the cause is the newest one's alone.
        let is_drawn = |code: &str| measure.lines.iter().any(|line| line.code == code);
        let is_last = |warning: &Known<Warning>| {
            let last = graph.last_warning(body, &warning.fact.red_line);
            last.is_none_or(|last| last.id == warning.id)
        };
        let lost = graph.caused_warnings(body);
        let lost = lost.filter(|known| !is_drawn(&known.fact.red_line) || !is_last(known));
        events.extend(lost.map(|warning| warning.fact.cleared(self.clock.now())));
    }
}

/// What stands against each red line that is drawn.
fn alarms<'a>(
    graph: &Graph,
    body: i64,
    (facts, scored, before): (&Facts<'_>, &Scored, Decimal),
    measure: &Measure<'a>,
) -> Vec<(&'a RedLine, Option<Alarm>)> {
    let (clues, cases) = (graph.clues_about(body), graph.open_cases_about(body));
    let score_before = |days: u32| match days {
        WINDOW_DAYS => before,
        days => score_before(measure, facts, days),
    };
    let agency = graph.agency(body).map(|agency| &agency.fact);
    let standing = Standing {
        facts,
        established_on: agency.and_then(|agency| agency.established_on),
        is_told: &|code, year| graph.is_told(code, year),
        clues: &clues,
        cases: &cases,
        may_answer: &|case| measure.casework.may_answer_order(case),
        pack: measure.pack,
        scored,
        score_before: &score_before,
    };
    // Nobody acts for a body that is abolished.
    let is_gone = agency
        .and_then(|agency| agency.abolished_on)
        .is_some_and(|on| on <= measure.on);
    let look = |line: &&'a RedLine| {
        let alarm = line.look(&standing, measure.on).filter(|_| !is_gone);
        (*line, alarm)
    };
    measure.lines.iter().map(look).collect()
}

/// What comes of shares of bodies, one a core.
fn shared_out<T: Send>(bodies: &[i64], work: impl Fn(&[i64]) -> T + Sync) -> Vec<T> {
    let cores = available_parallelism().map_or(1, NonZero::get);
    let share = bodies.len().div_ceil(cores).max(1);
    thread::scope(|scope| {
        let parts: Vec<_> = bodies
            .chunks(share)
            .map(|part| scope.spawn(|| work(part)))
            .collect();
        let parts = parts.into_iter();
        parts
            .map(|part| part.join().expect("looking does not panic"))
            .collect()
    })
}

/// The score of the same facts so many days before.
fn score_before(measure: &Measure<'_>, facts: &Facts<'_>, days: u32) -> Decimal {
    let before = measure
        .on
        .checked_sub_days(chrono::Days::new(u64::from(days)));
    measure
        .pack
        .evaluate(facts, before.unwrap_or(measure.on))
        .score
}

/// A body's score, where it is another than the one that stands.
fn next_score(
    graph: &Graph,
    body: i64,
    scored: Scored,
    before: Decimal,
    pack: &RulePack,
) -> Option<NextScore> {
    let contributions = serde_json::to_string(&scored).expect("a score is plain data");
    let content_hash = stable_id(
        Kind::Score,
        &[&pack.digest, &contributions, &before.to_string()],
    );
    let standing = graph.graded(body);
    if standing.is_some_and(|standing| standing.fact.content_hash == content_hash) {
        return None;
    }
    Some(NextScore {
        agency: body,
        version: standing.map_or(0, |standing| standing.version),
        score: scored.score,
        before,
        grade: scored.grade,
        contributions,
        content_hash,
    })
}
