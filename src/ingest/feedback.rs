//! Telling the owner of an exchange table what became of his rows. It comes behind the closing, so a
//! process that ends between the two leaves it to the next run.

use crate::{
    catalogue::Source,
    config::Place,
    sources::exchange::{Feedback, write_feedback},
    store,
};

use super::Ingest;

impl Ingest {
    /// Tells what the owners of a source's exchange tables have not heard yet, each row under the run
    /// that received it. What can't be told is a warning: the rows are in.
    pub(super) async fn tell_feedback(
        &self,
        source: &Source,
        feed: &str,
        place: &Place,
    ) -> Result<Vec<String>, store::Error> {
        let (store, key) = (&self.store, source.key.get_ref());
        let mut warnings = Vec::new();
        let wanted = |exchange: &&crate::catalogue::Exchange| exchange.feedback.is_some();
        for exchange in source.exchange.iter().filter(wanted) {
            let table = exchange.table.as_str();
            while let Some((run, rows)) = store.list_untold(key, feed, table).await? {
                let told = rows.iter().map(|row| Feedback {
                    row_id: row.row.clone(),
                    ok: row.ok,
                    reason: row.reason.clone(),
                });
                let (told, now) = (told.collect::<Vec<_>>(), self.clock.now());
                // It looks for what the table has of this run: whoever was killed before he could note
                // that it was told does not tell it twice.
                let run = run.to_string();
                if let Err(error) = write_feedback(place, exchange, &run, &told, now).await {
                    warnings.push(format!("feedback was not written: {error}"));
                    break;
                }
                store.note_told(&rows, now).await?;
            }
        }
        Ok(warnings)
    }
}
