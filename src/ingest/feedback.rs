//! Telling the owner of an exchange table what became of his rows. It comes behind the closing, so a
//! process that ends between the two tells it with the next run; what was told is never told twice.

use std::collections::BTreeMap;

use crate::{
    catalogue::Source,
    config::Place,
    sources::exchange::{Feedback, write_feedback},
    store::{self, REJECTS_KEPT_MAX},
};

use super::Ingest;

impl Ingest {
    /// Tells of a run's refused rows and, where that is wanted, of the accepted ones, each by its
    /// file and number.
    /// What can't be told is a warning: the rows are in.
    pub(super) async fn tell_feedback(
        &self,
        source: &Source,
        place: &Place,
        run: i64,
        accepted: &[(String, String)],
    ) -> Result<Vec<String>, store::Error> {
        if source
            .exchange
            .iter()
            .all(|exchange| exchange.feedback.is_none())
        {
            return Ok(Vec::new());
        }
        let rejects = self
            .store
            .list_rejects(run, REJECTS_KEPT_MAX as u64)
            .await?;
        let mut warnings = Vec::new();
        for exchange in &source.exchange {
            let of_table = |file: &str| {
                let of = source.exchange_of(file);
                of.is_some_and(|of| of.table == exchange.table)
            };
            let refused = rejects.iter().filter(|reject| of_table(&reject.file));
            // A row that is refused for several reasons is told once.
            let refused: BTreeMap<&String, &String> = refused
                .filter_map(|reject| Some((reject.row.as_ref()?, &reject.reason)))
                .collect();
            let refused = refused.into_iter().map(|(row, reason)| Feedback {
                row_id: row.clone(),
                ok: false,
                reason: reason.clone(),
            });
            let accepted = accepted.iter().filter(|(file, _)| of_table(file));
            let accepted = accepted.map(|(_, row)| Feedback {
                row_id: row.clone(),
                ok: true,
                reason: String::new(),
            });
            let rows: Vec<Feedback> = refused.chain(accepted).collect();
            let (run, now) = (run.to_string(), self.clock.now());
            if let Err(error) = write_feedback(place, exchange, &run, &rows, now).await {
                warnings.push(format!("feedback was not written: {error}"));
            }
        }
        Ok(warnings)
    }
}
