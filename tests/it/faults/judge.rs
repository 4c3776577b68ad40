//! The hub, looked at after a delivery: what it says, what its tables hold, what its graph tells.

use domain::run::RunState;
use zhengxin::ingest::Report;

use super::{
    kinds::Law,
    oracle::{Oracle, State, Verdict},
    row::Row,
    seen,
    stage::Stage,
    world::{Meant, World},
};

/// How a run ended.
pub(crate) enum Ended {
    Report(Box<Report>),
    Error(String),
    Panicked,
    GivenUp,
}

/// A delivery that was tried.
pub(crate) struct Attempt<'a> {
    pub(crate) law: Law,
    /// A person let it in.
    pub(crate) by_hand: bool,
    pub(crate) rows: &'a [Row],
    pub(crate) day: &'a str,
    /// How many changes were in before.
    pub(crate) before: u64,
    pub(crate) ended: Ended,
    /// Something failed in the hub itself.
    pub(crate) has_failed: bool,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Became {
    In,
    Held(i64),
    Refused,
}

impl Ended {
    pub(crate) fn report(&self) -> Option<&Report> {
        match self {
            Ended::Report(report) => Some(report),
            Ended::Error(_) | Ended::Panicked | Ended::GivenUp => None,
        }
    }

    /// Whether it says that it is in.
    pub(crate) fn is_in(&self) -> bool {
        self.report().is_some_and(|report| report.change.is_some())
    }

    pub(crate) fn said(&self) -> String {
        match self {
            Ended::Report(report) => {
                format!("{} {:?} {:?}", report.state, report.message, report.rejects)
            }
            Ended::Error(error) => format!("error: {error}"),
            Ended::Panicked => "panicked".to_owned(),
            Ended::GivenUp => "given up".to_owned(),
        }
    }
}

/// Compares the hub with what must have become of a delivery; the oracle moves on with it.
pub(crate) async fn judge(
    stage: &Stage,
    oracle: &mut Oracle,
    attempt: &Attempt<'_>,
) -> Result<Became, String> {
    let ended = &attempt.ended;
    let mut after = oracle.clone();
    let verdict = after.take(attempt.rows, attempt.day, attempt.by_hand);
    let is_in = is_in(stage, attempt, verdict)
        .await
        .map_err(|wrong| format!("{wrong}, and it says {}", ended.said()))?;
    if is_in {
        *oracle = after;
    }
    // Who did not even begin has taken nothing back of what one before him left.
    let may_leave = attempt.has_failed || ended.report().is_none();
    is_right(stage, oracle, may_leave)
        .await
        .map_err(|wrong| format!("{wrong}; it says {}", ended.said()))?;
    let held = ended
        .report()
        .filter(|report| report.outcome == Some(RunState::Held));
    Ok(match held {
        _ if is_in => Became::In,
        Some(report) => Became::Held(report.run),
        None => Became::Refused,
    })
}

/// Whether the delivery went in, which must be as the law has it.
async fn is_in(
    stage: &Stage,
    attempt: &Attempt<'_>,
    verdict: Verdict,
) -> Result<bool, &'static str> {
    let ended = &attempt.ended;
    let must = |is_so: bool, what| if is_so { Ok(()) } else { Err(what) };
    let changes = seen::changes(&stage.db)
        .await
        .map_err(|_| "the changes can't be counted")?;
    let is_in = changes > attempt.before;
    must(!ended.is_in() || is_in, "it is not in the change log")?;
    if attempt.has_failed {
        let may_be_in = attempt.law != Law::Refused && verdict == Verdict::In;
        must(!is_in || may_be_in, "it must not go in")?;
        return Ok(is_in);
    }
    must(!matches!(ended, Ended::Panicked), "it must not panic")?;
    must(ended.is_in() == is_in, "it is in the change log")?;
    match (attempt.law, verdict) {
        (Law::Refused, _) => must(!is_in, "it must be refused")?,
        (Law::Whole, Verdict::In) => must(is_in, "it must go in")?,
        (Law::Whole, Verdict::Held) => {
            let outcome = ended.report().and_then(|report| report.outcome);
            must(outcome == Some(RunState::Held), "it must be held")?;
        }
        (Law::Either, Verdict::In) => {}
        (Law::Either, Verdict::Held) => must(!is_in, "it must be held or refused")?,
    }
    Ok(is_in)
}

/// What is in the hub is what the oracle has, in tables and graph, and nothing besides.
pub(crate) async fn is_right(
    stage: &Stage,
    oracle: &Oracle,
    may_leave: bool,
) -> Result<(), String> {
    let seen = seen::look(&stage.db).await?;
    same(&oracle.state, &seen.state)?;
    if seen.leftovers > 0 && !may_leave {
        return Err(format!(
            "{} rows of no closed change are left",
            seen.leftovers
        ));
    }
    let live = &stage.app.live;
    live.catch_up().await.map_err(|error| error.to_string())?;
    let (must_tell, told) = (seen::records_of(&oracle.state), seen::told(&stage.app));
    match must_tell == told {
        true => Ok(()),
        false => Err(format!(
            "the graph tells {told:#?} instead of {must_tell:#?}"
        )),
    }
}

fn same(must: &State, is: &State) -> Result<(), String> {
    if must == is {
        return Ok(());
    }
    let mut keys: Vec<&String> = must.keys().chain(is.keys()).collect();
    keys.sort();
    keys.dedup();
    let differs = keys
        .into_iter()
        .filter(|key| must.get(*key) != is.get(*key));
    let told: Vec<String> = differs
        .take(2)
        .map(|key| format!("{key}: must be {:#?}, is {:#?}", must.get(key), is.get(key)))
        .collect();
    Err(told.join("\n"))
}

/// What is listed now is the truth: nothing missing, nothing more.
pub(crate) fn is_truth(world: &World, state: &State) -> Result<(), String> {
    let is_ours = |meant| meant != Meant::NotOurs;
    for (key, known) in state {
        let id: i64 = key
            .parse()
            .map_err(|_| format!("{key:?} was never listed"))?;
        let listed = world.list.get(&id).filter(|listed| is_ours(listed.meant));
        let active = known
            .record
            .as_ref()
            .filter(|record| record.delisted_on.is_none());
        let is_body = listed.is_some_and(|listed| matches!(listed.meant, Meant::Body(_)));
        if listed.is_some() != known.listed.is_some() || is_body != active.is_some() {
            return Err(format!(
                "{key}: the truth has {listed:?}, the hub {known:?}"
            ));
        }
    }
    let ours = world
        .list
        .values()
        .filter(|listed| is_ours(listed.meant))
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
