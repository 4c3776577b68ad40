//! Verifying the log: everything is hashed again from the stored bytes, and whatever the store keeps
//! besides (links, nodes, columns to search by, payloads, checkpoints) must say the same.

use std::{collections::HashMap, ops::Range};

use chrono::{DateTime, Utc};

use domain::audit::{
    Checkpoint, Entry, EntryId, Frontier, Hash, HashKind, NoteKey, SignedNote, ZERO,
};

use crate::store::{self, LoggedEntry, Store};

use super::{Log, key::is_signed_by};

/// Entries that are read at once.
const BATCH: u64 = 4_096;
/// Checkpoints that are read at once.
const CHECKPOINTS: u64 = 1_000;
/// Levels of the tree of which one is kept.
const LEVELS: u32 = 8;
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

/// Verifies the whole log, as of a moment. An outside checkpoint, kept elsewhere, shows what the log itself can't:
/// that its end was taken away, or that all of it was written anew.
pub async fn verify(
    store: &Store,
    log: &Log,
    now: DateTime<Utc>,
    outside: Option<&Checkpoint>,
) -> Result<Result<Verified, Fault>, store::Error> {
    // What is put in meanwhile is left for the next time.
    let head = store.audit_head().await?;
    let kind = head.as_ref().map_or(log.kind, |head| head.kind);
    let mut walk = Walk::new(store, log, kind, outside);
    // Ids begin with their time.
    walk.kept_from = EntryId::new(now - log.kept, [0; 10]);
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

/// Signed statements that are still ahead, the next one last.
#[derive(Default)]
struct Ahead {
    notes: Vec<(i64, String)>,
    /// The biggest one that was read, and whether all are.
    asked: i64,
    is_all: bool,
}

impl Ahead {
    fn lacks(&self) -> bool {
        self.notes.is_empty() && !self.is_all
    }

    fn add(&mut self, mut notes: Vec<(i64, String)>) {
        self.is_all = (notes.len() as u64) < CHECKPOINTS;
        self.asked = notes.last().map_or(self.asked, |(size, _)| *size);
        notes.reverse();
        self.notes = notes;
    }

    /// The next one about a log that is no bigger than this.
    fn next(&mut self, place: i64) -> Option<(i64, String)> {
        let is_here = self.notes.last().is_some_and(|(size, _)| *size <= place);
        self.notes.pop_if(|_| is_here)
    }
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
            own: Ahead {
                asked: i64::MIN,
                ..Ahead::default()
            },
            witnessed: Ahead {
                asked: i64::MIN,
                ..Ahead::default()
            },
            checkpoints: 0,
            covered: 0,
            kept_from: EntryId([0xff; 16]),
            payloads: 0,
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
        let place = self.place();
        loop {
            if self.own.lacks() {
                let notes = self
                    .store
                    .list_audit_checkpoints(self.own.asked, CHECKPOINTS);
                self.own.add(notes.await?);
            }
            let Some((size, text)) = self.own.next(place) else {
                break;
            };
            sound!(self.checkpoint(size, &text));
        }
        loop {
            if self.witnessed.lacks() {
                let notes = self
                    .store
                    .list_audit_witnessed(self.witnessed.asked, CHECKPOINTS);
                self.witnessed.add(notes.await?);
            }
            let Some((size, text)) = self.witnessed.next(place) else {
                break;
            };
            sound!(self.witnessed(size, &text));
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
        self.stated(size, text, &name, |key| key.name == self.log.origin)?;
        self.checkpoints += 1;
        self.covered = size as u64;
        Ok(())
    }

    fn witnessed(&self, size: i64, text: &str) -> Result<(), Fault> {
        let name = format!("what a witness signed of {size} entries");
        self.stated(size, text, &name, |key| key.name != self.log.origin)
    }

    /// Whether a note bears a signature by one of those keys that are believed, and states the log as far as it is walked.
    fn stated(
        &self,
        size: i64,
        text: &str,
        name: &str,
        is_meant: impl Fn(&NoteKey) -> bool,
    ) -> Result<(), Fault> {
        let note: Option<SignedNote> = text.parse().ok();
        let stated = note
            .as_ref()
            .and_then(|note| Checkpoint::parse(&note.body).ok());
        let (Some(note), Some(stated)) = (note, stated) else {
            return fault(size, format!("{name} can't be read"));
        };
        let mut keys = self.log.believed().into_iter().filter(is_meant);
        if !keys.any(|key| is_signed_by(&note, &key)) {
            return fault(
                size,
                format!("{name} bears no signature of a key that is believed"),
            );
        }
        if stated.size as i64 != size || size != self.place() {
            return fault(size, format!("{name} states another size"));
        }
        self.states_this(&stated, name)
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

    async fn payloads(&mut self, mut committed: HashMap<EntryId, (i64, Hash)>) -> Step {
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

    /// What waits for its place says itself what it is; and no payload stands for nobody, as where an entry was taken away
    /// while it waited.
    async fn waiting(&self, place: i64) -> Step {
        let payloads = self.store.count_audit_payloads().await?;
        let waiting = self.store.list_audit_pending(WAITING_MAX).await?;
        let mut committed = 0;
        for (id, record) in &waiting {
            match Entry::decode(record) {
                Ok(entry) if entry.id.0[..] == id[..] => {
                    committed += u64::from(entry.commitment.is_some());
                }
                _ => {
                    return Ok(fault(
                        place,
                        "what waits for its place is not what its id says",
                    ));
                }
            }
        }
        let is_more = waiting.len() >= WAITING_MAX;
        let has_foreign = !is_more && payloads > self.payloads + committed;
        Ok(match has_foreign && self.is_alone(place).await? {
            true => fault(place, "a payload is kept of which there is no entry"),
            false => Ok(()),
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
        let mut ahead = self
            .own
            .notes
            .last()
            .into_iter()
            .chain(self.witnessed.notes.last());
        if let Some((size, _)) = ahead.next() {
            // Made meanwhile, by whoever puts the log together.
            if self.is_alone(place).await? {
                let reason = format!("it is missing: {size} entries are stated");
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
        if self.is_alone(place).await? && self.has_foreign(place).await? {
            return Ok(fault(place, "something stands behind the log's end"));
        }
        self.waiting(place).await
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
