//! Verifying the log: everything is hashed again from the stored bytes, and whatever the store keeps
//! besides (links, nodes, columns to search by, payloads, checkpoints) must say the same.

use std::{collections::HashMap, ops::Range};

use domain::audit::{Checkpoint, Entry, EntryId, Frontier, Hash, HashKind, SignedNote, ZERO};

use crate::store::{self, LoggedEntry, Store};

use super::{Log, key::is_signed_by};

/// Entries that are read at once.
const BATCH: u64 = 4_096;
/// Checkpoints that are read at once.
const CHECKPOINTS: u64 = 1_000;
/// Levels of the tree of which one is kept.
const LEVELS: u32 = 8;

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

/// Verifies the whole log. An outside checkpoint, kept elsewhere, shows what the log itself can't:
/// that its end was taken away, or that all of it was written anew.
pub async fn verify(
    store: &Store,
    log: &Log,
    outside: Option<&Checkpoint>,
) -> Result<Result<Verified, Fault>, store::Error> {
    // What is put in meanwhile is left for the next time.
    let head = store.audit_head().await?;
    let kind = head.as_ref().map_or(log.kind, |head| head.kind);
    let mut walk = Walk::new(store, log, kind, outside);
    let size = head.as_ref().map(|head| head.frontier.size() as i64);
    if let Err(fault) = walk.walk(size.unwrap_or(0)).await? {
        return Ok(Err(fault));
    }
    Ok(walk.end(head).await?.map(|()| Verified {
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
    outside: Option<&'a Checkpoint>,
    frontier: Frontier,
    chain: Hash,
    /// Nodes that came about and are not compared yet.
    nodes: Vec<(u32, u64, Hash)>,
    nodes_seen: u64,
    /// Checkpoints that are still ahead, the next one last.
    ahead: Vec<(i64, String)>,
    /// The biggest one that was read, and whether there may be more.
    asked: i64,
    is_more: bool,
    checkpoints: u64,
    covered: u64,
}

type Step<T = ()> = Result<Result<T, Fault>, store::Error>;

/// Passes a fault on.
macro_rules! sound {
    ($step:expr) => {
        match $step {
            Ok(value) => value,
            Err(fault) => return Ok(Err(fault)),
        }
    };
}

impl<'a> Walk<'a> {
    fn new(
        store: &'a Store,
        log: &'a Log,
        kind: HashKind,
        outside: Option<&'a Checkpoint>,
    ) -> Self {
        Self {
            store,
            log,
            kind,
            outside,
            frontier: Frontier::default(),
            chain: ZERO,
            nodes: Vec::new(),
            nodes_seen: 0,
            ahead: Vec::new(),
            asked: i64::MIN,
            is_more: true,
            checkpoints: 0,
            covered: 0,
        }
    }

    fn place(&self) -> i64 {
        self.frontier.size() as i64
    }

    async fn walk(&mut self, size: i64) -> Step {
        sound!(self.pass_checkpoints().await?);
        let mut from = i64::MIN;
        while self.place() < size {
            let rows = self
                .store
                .list_audit(from, BATCH.min((size - self.place()) as u64))
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
            from = self.place();
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

    /// Compares what checkpoints state of a log that is as big as what was walked.
    async fn pass_checkpoints(&mut self) -> Step {
        if self.ahead.is_empty() && self.is_more {
            self.ahead = self
                .store
                .list_audit_checkpoints(self.asked, CHECKPOINTS)
                .await?;
            self.is_more = self.ahead.len() as u64 == CHECKPOINTS;
            self.asked = self.ahead.last().map_or(self.asked, |(size, _)| *size);
            self.ahead.reverse();
        }
        while self
            .ahead
            .last()
            .is_some_and(|(size, _)| *size <= self.place())
        {
            let (size, text) = self.ahead.pop().expect("there is one");
            sound!(self.checkpoint(size, &text));
        }
        if let Some(outside) = self
            .outside
            .filter(|outside| outside.size == self.frontier.size())
        {
            sound!(self.states_this(outside, "the checkpoint that was brought along"));
        }
        Ok(Ok(()))
    }

    fn checkpoint(&mut self, size: i64, text: &str) -> Result<(), Fault> {
        let name = format!("the checkpoint of {size} entries");
        let note: Option<SignedNote> = text.parse().ok();
        let stated = note
            .as_ref()
            .and_then(|note| Checkpoint::parse(&note.body).ok());
        let (Some(note), Some(stated)) = (note, stated) else {
            return fault(size, format!("{name} can't be read"));
        };
        let own = self
            .log
            .believed()
            .into_iter()
            .filter(|key| key.name == self.log.origin);
        if !own.into_iter().any(|key| is_signed_by(&note, &key)) {
            return fault(
                size,
                format!("{name} bears no signature of a key that is believed"),
            );
        }
        if stated.size as i64 != size || size != self.place() {
            return fault(size, format!("{name} states another size"));
        }
        self.states_this(&stated, &name)?;
        self.checkpoints += 1;
        self.covered = stated.size;
        Ok(())
    }

    fn states_this(&self, stated: &Checkpoint, name: &str) -> Result<(), Fault> {
        let is_this = stated.origin == self.log.origin
            && stated.kind == self.kind
            && stated.chain == self.chain
            && stated.root == self.frontier.root(self.kind);
        match is_this {
            true => Ok(()),
            false => {
                let reason = format!("from here on the log is another than {name} states");
                fault(self.covered as i64, reason)
            }
        }
    }

    async fn payloads(&self, committed: HashMap<EntryId, (i64, Hash)>) -> Step {
        let ids: Vec<EntryId> = committed.keys().copied().collect();
        let kept = self.store.find_audit_payloads(&ids).await?;
        let is_wrong = |(id, kept): &(EntryId, store::KeptPayload)| {
            let (seq, hash) = committed[id];
            (self.kind.commitment(&kept.salt, &kept.payload) != hash).then_some(seq)
        };
        Ok(match kept.iter().filter_map(is_wrong).min() {
            Some(seq) => fault(seq, "its payload is not what it commits to"),
            None => Ok(()),
        })
    }

    /// Compares the nodes that are kept with those that came about among these places.
    async fn compare_nodes(&mut self, places: &Range<i64>) -> Step {
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

    /// What must be so when all entries are walked.
    async fn end(&mut self, head: Option<store::AuditHead>) -> Step {
        let place = self.place();
        if self.nodes_seen != self.store.count_audit_nodes().await? && self.is_alone(place).await? {
            return Ok(fault(place, "the tree has nodes that stand for no entry"));
        }
        if head.is_some_and(|head| head.frontier != self.frontier || head.chain != self.chain) {
            return Ok(fault(place, "the log's head is not what its entries make"));
        }
        if let Some((size, _)) = self.ahead.last() {
            // Made meanwhile, by whoever puts the log together.
            if self.is_alone(place).await? {
                let reason = format!("it is missing: a checkpoint states {size} entries");
                return Ok(fault(place, reason));
            }
        }
        if let Some(outside) = self
            .outside
            .filter(|outside| outside.size > self.frontier.size())
        {
            let reason = format!(
                "it is missing: the checkpoint that was brought along states {} entries",
                outside.size
            );
            return Ok(fault(place, reason));
        }
        Ok(
            match self.is_alone(place).await? && self.has_foreign(place).await? {
                true => fault(place, "something stands behind the log's end"),
                false => Ok(()),
            },
        )
    }

    /// Whether the log has not grown since the verification began.
    async fn is_alone(&self, place: i64) -> Result<bool, store::Error> {
        let head = self.store.audit_head().await?;
        Ok(head.map_or(0, |head| head.frontier.size() as i64) == place)
    }

    async fn has_foreign(&self, place: i64) -> Result<bool, store::Error> {
        let entries = self.store.list_audit(place, 1).await?;
        let after = self.store.audit_objects(place..i64::MAX).await?;
        let before = self.store.audit_objects(i64::MIN..0).await?;
        Ok(!entries.is_empty() || !after.is_empty() || !before.is_empty())
    }
}
