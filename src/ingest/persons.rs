//! What a change of the register of officials makes of listings that came in before it. Of most of
//! them nothing was kept, so their sources' raw files are read again as far as those are there; who
//! waits for people is judged anew from what is kept of his row.

use std::collections::BTreeMap;

use crate::{
    catalogue::{Form, Source},
    store::{self, Run},
};

use super::{Error, From, Ingest, Order};

/// Whether a source lists natural persons of whom the register of officials tells.
pub(super) fn lists_persons(source: &Source) -> bool {
    let lists = |form: &Form| form.officials.is_some();
    source.form.iter().any(lists)
}

impl Ingest {
    /// Whether the register of officials changed in a way that a source's listings have to follow.
    pub(super) async fn officials_moved(
        &self,
        source: &Source,
        after: i64,
    ) -> Result<bool, store::Error> {
        Ok(lists_persons(source) && self.store.posts_moved(after).await?)
    }

    /// Reads again what a source said of its rows as they stand now: the last full list of each feed
    /// and what came after it. Nothing is withdrawn by that. Returns whether it came to an end; else
    /// somebody else holds the source, or the raw store is away.
    pub(super) async fn reread_listings(&self, source: &Source) -> Result<bool, store::Error> {
        let key = source.key.get_ref();
        for run in self.standing_runs(key).await? {
            let order = Order {
                source: key.clone(),
                feed: None,
                from: From::Reread(run),
                as_of: None,
                partial: true,
                dry_run: false,
            };
            match Box::pin(self.bring(&order, &|_| {})).await {
                Ok((report, _)) => tracing::info!(
                    source = key,
                    of = run,
                    run = report.run,
                    state = report.state,
                    "read again for the register of officials"
                ),
                Err(Error::Store(store::Error::Busy { .. })) => return Ok(false),
                Err(Error::Store(error)) => return Err(error),
                Err(Error::Land(error)) if error.may_pass() => return Ok(false),
                // Raw files go after a time; then only the next delivery tells.
                Err(error) => tracing::info!(source = key, of = run, %error, "not read again"),
            }
        }
        Ok(true)
    }

    /// The runs that tell of a source's rows as they stand now, the oldest word first.
    async fn standing_runs(&self, source: &str) -> Result<Vec<i64>, store::Error> {
        let runs = self.store.list_brought_in(source).await?;
        let mut last_full: BTreeMap<String, &Run> = BTreeMap::new();
        for run in runs.iter().filter(|run| run.is_full) {
            last_full.insert(run.feed.clone(), run);
        }
        let stands = |run: &&Run| {
            let full = last_full.get(&run.feed);
            full.is_none_or(|full| run.data_as_of >= full.data_as_of)
        };
        Ok(runs.iter().filter(stands).map(|run| run.id).collect())
    }
}
