//! What is kept beside the log: payloads, the tree's nodes, what waits for its place.

use std::{collections::HashMap, ops::Range};

use domain::audit::{Entry, EntryId, Hash};

use crate::store::AuditEnd;

use super::{Fault, Step, Walk, fault};

impl Walk<'_> {
    /// Compares what these entries commit to with what is kept.
    pub(super) async fn payloads(&mut self, mut committed: HashMap<EntryId, (i64, Hash)>) -> Step {
        let ids: Vec<EntryId> = committed.keys().copied().collect();
        let mut first: Option<(i64, &str)> = None;
        let mut wrong = |seq, reason| {
            if first.is_none_or(|(before, _)| seq < before) {
                first = Some((seq, reason));
            }
        };
        for (id, kept) in self.store.find_audit_payloads(&ids).await? {
            // What is kept in both files is nobody's in one of them.
            let Some((seq, hash)) = committed.remove(&id) else {
                continue;
            };
            self.payloads += 1;
            if self.kind.commitment(&kept.salt, &kept.payload) != hash {
                wrong(seq, "its payload is not what it commits to");
            }
        }
        for (id, (seq, _)) in committed {
            if id >= self.kept_from {
                wrong(seq, "its payload is missing before its time");
            }
        }
        Ok(match first {
            Some((seq, reason)) => fault(seq, reason),
            None => Ok(()),
        })
    }

    /// Compares the nodes that are kept with those that came about among these places.
    pub(super) async fn compare_nodes(&mut self, places: &Range<i64>) -> Step {
        let mut levels: HashMap<u32, Vec<(u64, Hash)>> = HashMap::new();
        for (level, place, hash) in self.nodes.drain(..) {
            self.nodes_seen += 1;
            levels.entry(level).or_default().push((place, hash));
        }
        for (level, made) in levels {
            let (first, last) = (made[0].0, made[made.len() - 1].0);
            let kept = self.store.audit_nodes(level, first..last + 1).await?;
            let mut kept = kept.into_iter();
            for (place, hash) in made {
                if kept
                    .next()
                    .is_none_or(|kept| kept != (place, hash.to_vec()))
                {
                    let seq = ((place << level) as i64).max(places.start);
                    return Ok(fault(
                        seq,
                        format!("the tree's node of level {level} over it is wrong"),
                    ));
                }
            }
        }
        Ok(Ok(()))
    }

    /// What must be so when all entries are walked, of the log as it was at one moment.
    pub(super) fn end(&self, end: &AuditEnd) -> Result<(), Fault> {
        let place = self.place();
        if self.nodes_seen != end.nodes {
            return fault(place, "the tree has nodes that stand for no entry");
        }
        let head = end.head.as_ref();
        if head.is_some_and(|head| head.frontier != self.frontier || head.chain != self.chain) {
            return fault(place, "the log's head is not what its entries make");
        }
        if end.has_foreign {
            return fault(place, "something stands behind the log's end");
        }
        self.has_signed()?;
        self.waiting(place, end)
    }

    /// What waits for its place says itself what it is; and no payload stands for nobody, as where an entry was taken away
    /// while it waited.
    fn waiting(&self, place: i64, end: &AuditEnd) -> Result<(), Fault> {
        let mut committed = 0;
        for (id, record) in &end.waiting {
            match Entry::decode(record) {
                Ok(entry) if entry.id.0[..] == id[..] => {
                    committed += u64::from(entry.commitment.is_some());
                }
                _ => {
                    return fault(place, "what waits for its place is not what its id says");
                }
            }
        }
        match !end.waits_more && end.payloads > self.payloads + committed {
            true => fault(place, "a payload is kept of which there is no entry"),
            false => Ok(()),
        }
    }
}
