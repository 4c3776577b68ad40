//! What one request is answered from: a view of one version, and loaders for what is not resident.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};

use crate::{
    app::App,
    graph::View,
    store::{self, Run},
};

/// One request.
pub(in crate::api) struct Ask {
    pub(in crate::api) app: Arc<App>,
    pub(in crate::api) view: View,
    evidence: DataLoader<EvidenceLoader>,
    runs: DataLoader<RunLoader>,
}

impl Ask {
    pub(in crate::api) fn new(app: Arc<App>, view: View) -> Self {
        // Loaders live as long as the request: nothing that one viewer loaded is seen by another.
        let delay = std::time::Duration::ZERO;
        let evidence =
            DataLoader::new(EvidenceLoader(app.store.clone()), tokio::spawn).delay(delay);
        let runs = DataLoader::new(RunLoader(app.store.clone()), tokio::spawn).delay(delay);
        Self {
            app,
            view,
            evidence,
            runs,
        }
    }

    pub(super) async fn evidence_of(
        &self,
        row_id: i64,
    ) -> super::error::Result<Vec<store::Evidence>> {
        Ok(self.evidence.load_one(row_id).await?.unwrap_or_default())
    }

    pub(super) async fn run(&self, id: i64) -> super::error::Result<Option<Run>> {
        Ok(self.runs.load_one(id).await?)
    }
}

/// The request that a resolver works for.
pub(super) fn ask<'a>(ctx: &Context<'a>) -> &'a Ask {
    ctx.data_unchecked::<Ask>()
}

struct EvidenceLoader(store::Store);

impl Loader<i64> for EvidenceLoader {
    type Value = Vec<store::Evidence>;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[i64]) -> Result<HashMap<i64, Self::Value>, Self::Error> {
        self.0.list_evidence(keys).await.map_err(Arc::new)
    }
}

struct RunLoader(store::Store);

impl Loader<i64> for RunLoader {
    type Value = Run;
    type Error = Arc<store::Error>;

    async fn load(&self, keys: &[i64]) -> Result<HashMap<i64, Self::Value>, Self::Error> {
        let runs = self.0.find_runs(keys).await.map_err(Arc::new)?;
        Ok(runs.into_iter().map(|run| (run.id, run)).collect())
    }
}
