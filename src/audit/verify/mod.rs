//! Verifying the log: everything is hashed again from the stored bytes, and whatever the store keeps
//! besides (links, nodes, columns to search by, payloads, checkpoints) must say the same.

/// Passes a fault on.
macro_rules! sound {
    ($step:expr) => {
        match $step {
            Ok(value) => value,
            Err(fault) => return Ok(Err(fault)),
        }
    };
}

mod kept;
mod stated;

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use domain::audit::{Checkpoint, Entry, EntryId, Frontier, Hash, HashKind, ZERO};

use crate::store::{self, LoggedEntry, Store};

use super::Log;
use stated::{Ahead, Outside};

/// Entries that are read at once.
const BATCH: u64 = 4_096;
/// Levels of the tree of which one is kept.
const LEVELS: u32 = 8;
/// How outside checkpoints are named to people.
const BROUGHT: &str = "the checkpoint that was brought along";
const SIGNED: &str = "the checkpoint that was signed last, which is kept beside the key,";
/// Entries that wait for their places and are looked at: many more than wait where the log is put together.
const WAITING_MAX: usize = 10_000;

/// A log in which nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub entries: u64,
    pub checkpoints: u64,
    /// How many entries the last checkpoint covers.
    pub covered: u64,
    pub root: Hash,
}

/// What is wrong, and where: the first thing that is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq}: {reason}")]
pub struct Fault {
    /// The place of the first bad entry. A tail that was written anew as a whole is told by the place
    /// behind the last checkpoint that still fits.
    pub seq: i64,
    pub reason: String,
}

fn fault<T>(seq: i64, reason: impl Into<String>) -> Result<T, Fault> {
    Err(Fault {
        seq,
        reason: reason.into(),
    })
}

/// Verifies the whole log, as of a moment, also while it grows. An outside checkpoint, kept elsewhere, shows what the
/// log itself can't: that its end was taken away, or that all of it was written anew. So does the one that is kept
/// beside the key.
pub async fn verify(
    store: &Store,
    log: &Log,
    now: DateTime<Utc>,
    outside: Option<&Checkpoint>,
) -> Result<Result<Verified, Fault>, store::Error> {
    // Read before the log is: what was signed by now is in it.
    let signed = log.last_signed().map_err(|error| store::Error::Audit {
        reason: error.to_string(),
    })?;
    let begun = store.audit_end(WAITING_MAX).await?;
    let kind = begun.head.as_ref().map_or(log.kind, |head| head.kind);
    let mut walk = Walk::new(store, log, kind);
    walk.signed = signed.as_ref().map(|signed| signed.size);
    let outside = outside.cloned().map(|stated| (stated, BROUGHT));
    let outside = outside
        .into_iter()
        .chain(signed.map(|stated| (stated, SIGNED)));
    walk.outside = outside
        .map(|(stated, name)| Outside { stated, name })
        .collect();
    // Ids begin with their time.
    walk.kept_from = EntryId::new(now - log.kept, [0; 10]);
    sound!(walk.walk(begun.size()).await?);
    // What came meanwhile is walked, too: all that was stated by now must be in the log as it is now.
    let end = store.audit_end(WAITING_MAX).await?;
    sound!(walk.reaches_all(end.size()));
    sound!(walk.walk(end.size()).await?);
    Ok(walk.end(&end).map(|()| Verified {
        entries: walk.frontier.size(),
        checkpoints: walk.checkpoints,
        covered: walk.covered,
        root: walk.frontier.root(kind),
    }))
}

struct Walk<'a> {
    store: &'a Store,
    log: &'a Log,
    kind: HashKind,
    outside: Vec<Outside>,
    /// How many entries the checkpoint states that was signed last, as it is kept beside the key.
    signed: Option<u64>,
    frontier: Frontier,
    chain: Hash,
    /// Nodes that came about and are not compared yet.
    nodes: Vec<(u32, u64, Hash)>,
    nodes_seen: u64,
    /// Our own checkpoints.
    own: Ahead,
    /// What witnesses signed.
    witnessed: Ahead,
    checkpoints: u64,
    covered: u64,
    /// What entries from here on commit to is still kept.
    kept_from: EntryId,
    /// Payloads that were found.
    payloads: u64,
}

type Step<T = ()> = Result<Result<T, Fault>, store::Error>;

impl<'a> Walk<'a> {
    fn new(store: &'a Store, log: &'a Log, kind: HashKind) -> Self {
        Self {
            store,
            log,
            kind,
            outside: Vec::new(),
            signed: None,
            frontier: Frontier::default(),
            chain: ZERO,
            nodes: Vec::new(),
            nodes_seen: 0,
            own: Ahead::default(),
            witnessed: Ahead::default(),
            checkpoints: 0,
            covered: 0,
            kept_from: EntryId([0xff; 16]),
            payloads: 0,
        }
    }

    fn place(&self) -> i64 {
        self.frontier.size() as i64
    }

    /// Walks on until the log has this size.
    async fn walk(&mut self, size: u64) -> Step {
        sound!(self.pass_checkpoints().await?);
        while self.frontier.size() < size {
            // What stands before the first place is seen with it.
            let from = match self.place() {
                0 => i64::MIN,
                place => place,
            };
            let rows = self
                .store
                .list_audit(from, BATCH.min(size - self.frontier.size()))
                .await?;
            if rows.is_empty() {
                return Ok(fault(self.place(), "it is missing, and all behind it"));
            }
            let places = self.place()..self.place() + rows.len() as i64;
            let objects = self.store.audit_objects(places.clone()).await?;
            let mut objects = objects.into_iter().peekable();
            let mut committed = HashMap::new();
            for row in rows {
                let seq = self.place();
                let mut about = Vec::new();
                while let Some((_, agency)) = objects.next_if(|(of, _)| *of == seq) {
                    about.push(agency);
                }
                let entry = sound!(self.entry(row, &about));
                if let Some(hash) = entry.commitment {
                    committed.insert(entry.id, (seq, hash));
                }
                sound!(self.pass_checkpoints().await?);
            }
            sound!(self.payloads(committed).await?);
            sound!(self.compare_nodes(&places).await?);
        }
        Ok(Ok(()))
    }

    /// One entry, with the bodies that the index names for it.
    fn entry(&mut self, row: LoggedEntry, about: &[i64]) -> Result<Entry, Fault> {
        let seq = self.place();
        if row.seq != seq {
            let what = match row.seq < seq {
                true => "a foreign one stands before it",
                false => "it is missing",
            };
            return fault(seq, what);
        }
        let leaf = self.kind.leaf(&row.record);
        if row.leaf != leaf {
            return fault(seq, "its record is not what was hashed");
        }
        let chain = self.kind.chain(&self.chain, &leaf);
        if row.chain != chain {
            return fault(seq, "it does not follow the entry before it");
        }
        let entry = match Entry::decode(&row.record) {
            Ok(entry) => entry,
            Err(error) => return fault(seq, format!("its record can't be read: {error}")),
        };
        let is_told_alike = row.id == entry.id.0
            && row.at == entry.at
            && row.subject == entry.actor.subject
            && row.issuer == entry.actor.issuer
            && row.role == entry.actor.role.as_str()
            && row.action == entry.action.as_str()
            && row.outcome == entry.outcome.as_str();
        if !is_told_alike {
            return fault(
                seq,
                "the columns that it is found by are not what its record says",
            );
        }
        if about != entry.agencies {
            return fault(seq, "the index of bodies is not what its record says");
        }
        self.chain = chain;
        let Self {
            frontier,
            nodes,
            kind,
            ..
        } = self;
        frontier.push(*kind, leaf, |level, place, hash| {
            if level > 0 && level % LEVELS == 0 {
                nodes.push((level, place, *hash));
            }
        });
        Ok(entry)
    }
}
