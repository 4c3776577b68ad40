//! By what rows are resolved beside the register: the rules in the code, the catalogue, and two tables
//! of which rows come and go one by one.

use domain::knowledge::{Concerned, RESOLVER_VERSION, Row};
use sha2::{Digest, Sha256};

use crate::store;

use super::Ingest;

/// A row of the tables as it is kept: its digest, the forms asked for, those led to.
type KeptRow = (i64, Vec<String>, Vec<String>);

impl Ingest {
    /// Rules and catalogue, then the tables: what stands before the last space is the same where only
    /// those changed.
    pub(super) fn resolver(&self) -> String {
        let mut hash = Sha256::new();
        for row in &self.catalogue.resolution_tables {
            hash.update(row.digest.to_be_bytes());
        }
        let tables = crate::hex(&hash.finalize());
        let catalogue = &self.catalogue.resolution_fingerprint;
        format!("{RESOLVER_VERSION} {catalogue} {tables}")
    }

    /// Keeps the tables, so that it can be told later what changed in them.
    pub(super) async fn note_tables(&self) -> Result<(), store::Error> {
        let rows = &self.catalogue.resolution_tables;
        let text = || {
            let kept = |row: &Row| (row.digest, row.asked.clone(), row.told.clone());
            let kept: Vec<KeptRow> = rows.iter().map(kept).collect();
            serde_json::to_string(&kept).expect("numbers and strings always serialise")
        };
        self.store.note_knowledge(&self.resolver(), text).await
    }

    /// Which texts a change of the tables since then could concern; none where something else
    /// changed too, or what they were is not kept.
    pub(super) async fn tables_changed(
        &self,
        before: &str,
    ) -> Result<Option<Concerned>, store::Error> {
        let now = self.resolver();
        if before == now {
            return Ok(Some(Concerned::default()));
        }
        let rest = |fingerprint: &str| {
            fingerprint
                .rsplit_once(' ')
                .map(|(rest, _)| rest.to_owned())
        };
        if rest(before) != rest(&now) {
            return Ok(None);
        }
        let kept = self.store.find_knowledge(before).await?;
        let kept = kept.and_then(|text| serde_json::from_str::<Vec<KeptRow>>(&text).ok());
        let row = |(digest, asked, told): KeptRow| Row {
            digest,
            asked,
            told,
        };
        Ok(kept.map(|kept| {
            let before: Vec<Row> = kept.into_iter().map(row).collect();
            Concerned::by(&before, &self.catalogue.resolution_tables)
        }))
    }
}
