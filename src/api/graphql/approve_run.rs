use std::sync::Arc;

use async_graphql::{ID, InputObject, SimpleObject, Union};
use domain::run::RunState;

use crate::{
    app::App,
    ingest::{self, From, Order},
    store,
};

use super::{
    ask::Ask,
    error::{ApiError, Code, Result},
    mutation::{Done, Refusal, once},
    node::{NodeKind, number_of},
    source::SourceRun,
};

/// 放行的输入。 / What is to be let in.
#[derive(InputObject)]
pub struct ApproveRunInput {
    /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
    key: String,
    /// 待放行批次的全局 id。 / The held run's global id.
    run_id: ID,
}

/// 放行的结果。 / What came of letting a run in.
#[derive(Union)]
pub enum ApproveRunOutcome {
    Success(ApproveRunSuccess),
    Refusal(Refusal),
}

/// 已放行。 / It is in.
#[derive(SimpleObject)]
pub struct ApproveRunSuccess {
    /// 入库的批次；原批次注明由其放行。 / The run as which it went in; the held one says so.
    run: SourceRun,
}

pub(super) async fn approve_run(ask: &Ask, input: ApproveRunInput) -> Result<ApproveRunOutcome> {
    let held = number_of(ask, NodeKind::SourceRun, &input.run_id);
    let held = held.filter(|_| ask.view.sees_sources());
    let app = Arc::clone(&ask.app);
    let request = ["approveRun", input.run_id.as_str()];
    let attempt = async move {
        let done = attempt(&app, held).await?;
        if let Done::Well(run) = done {
            tracing::info!(held, run, "a held run was let in");
        }
        Ok(done)
    };
    match once(ask, input.key, &request, attempt).await? {
        Done::Not(refusal) => Ok(ApproveRunOutcome::Refusal(refusal)),
        Done::Well(run) => {
            let gone = || ApiError::invalid("the run is not kept any more / 该批次已不再保存");
            let run = SourceRun::find(ask, run).await?.ok_or_else(gone)?;
            Ok(ApproveRunOutcome::Success(ApproveRunSuccess { run }))
        }
    }
}

/// Brings a held run in; the number of the run as which it went in.
async fn attempt(app: &App, held: Option<i64>) -> Result<Done<i64>> {
    let refused = |code: &str, message: &str| Ok(Done::Not(Refusal::new(code, message)));
    let found = match held {
        Some(id) => app.store.find_run(id).await?,
        None => None,
    };
    let is_known = |run: &store::Run| app.catalogue.sources.contains_key(&run.source);
    let Some(held) = found.filter(is_known) else {
        return refused("NOT_FOUND", "there is no such run / 没有该批次");
    };
    let not_held = "the run is not held, or not any more / 该批次并非待放行";
    if held.state != RunState::Held {
        return refused("NOT_HELD", not_held);
    }
    let ingest = app.ingest().map_err(unavailable)?;
    let order = Order {
        source: held.source,
        feed: None,
        from: From::Approved(held.id),
        as_of: None,
        partial: false,
        dry_run: false,
    };
    // It goes on when nobody waits for its answer any more.
    let brought = tokio::spawn(async move {
        let report = ingest.run(&order, &|_| {}).await?;
        ingest.live.catch_up().await?;
        Ok::<_, ingest::Error>(report)
    });
    match brought.await.map_err(unavailable)? {
        Ok(report) => match report.outcome {
            Some(RunState::Done | RunState::Partly) => Ok(Done::Well(report.run)),
            _ => refused("NOT_LET_IN", &report.message.unwrap_or_default()),
        },
        Err(ingest::Error::Store(store::Error::NotHeld { .. })) => refused("NOT_HELD", not_held),
        Err(ingest::Error::Store(store::Error::Busy { .. })) => {
            let message = "the source is being brought in at the moment; ask again / 该数据源正在接入，请稍后再试";
            refused("SOURCE_BUSY", message)
        }
        Err(ingest::Error::Store(error)) => Err(error.into()),
        Err(error) => Err(unavailable(error)),
    }
}

/// What stands in the way is told to the log; the client learns that it is nothing of his.
fn unavailable(error: impl std::fmt::Display) -> ApiError {
    tracing::error!(error = %error, "a held run can't be let in");
    ApiError {
        code: Code::Unavailable,
        reason: None,
        message: "deliveries can't be brought in at the moment / 暂不能接入".to_owned(),
    }
}
