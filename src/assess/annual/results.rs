//! Results in memory: they never change, so a set that was read is kept while others ask for it.

use std::sync::{Arc, Mutex, PoisonError};

use domain::assess::Ranked;

use super::super::{Assessing, Error};

/// Bodies of all sets that are kept: about a hundred megabytes.
const BODIES_KEPT: usize = 800_000;

/// A set with its number.
type Numbered = (i64, Arc<Vec<Ranked>>);

/// Sets of results that were read lately, the last one first.
#[derive(Debug, Clone, Default)]
pub struct Results(Arc<Mutex<Vec<Numbered>>>);

impl Results {
    fn take(&self, set: i64) -> Option<Arc<Vec<Ranked>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(other, _)| *other == set)?;
        let found = kept.remove(at);
        kept.insert(0, found);
        Some(Arc::clone(&kept[0].1))
    }

    fn put(&self, set: i64, results: &Arc<Vec<Ranked>>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(other, _)| *other != set);
        kept.insert(0, (set, Arc::clone(results)));
        let mut bodies = 0;
        kept.retain(|(other, results)| {
            bodies += results.len();
            *other == set || bodies <= BODIES_KEPT
        });
    }
}

impl Assessing {
    /// The results of a set, in the order of their places.
    pub async fn results(&self, set: i64) -> Result<Arc<Vec<Ranked>>, Error> {
        if let Some(results) = self.results.take(set) {
            return Ok(results);
        }
        let results = Arc::new(self.store.annual_results(set).await?);
        self.results.put(set, &results);
        Ok(results)
    }
}
