//! What is stated of the log: its own checkpoints, what witnesses signed, and what is kept elsewhere.

use domain::audit::{Checkpoint, NoteKey, SignedNote};

use crate::{audit::key::is_signed_by, store::StatedNote};

use super::{Fault, Step, Walk, fault};

/// Checkpoints that are read at once.
const CHECKPOINTS: u64 = 1_000;

/// Signed statements that are still ahead, the next one last.
pub(super) struct Ahead {
    notes: Vec<StatedNote>,
    /// The biggest one that was read, and whether all are.
    asked: i64,
    is_all: bool,
}

/// A statement that is kept outside the database.
pub(super) struct Outside {
    pub(super) stated: Checkpoint,
    /// How it is named to people.
    pub(super) name: &'static str,
}

impl Default for Ahead {
    fn default() -> Self {
        Self {
            notes: Vec::new(),
            asked: i64::MIN,
            is_all: false,
        }
    }
}

impl Ahead {
    fn lacks(&self) -> bool {
        self.notes.is_empty() && !self.is_all
    }

    fn add(&mut self, mut notes: Vec<StatedNote>) {
        self.is_all = (notes.len() as u64) < CHECKPOINTS;
        self.asked = notes.last().map_or(self.asked, |note| note.size);
        notes.reverse();
        self.notes = notes;
    }

    /// The next one about a log that is no bigger than this.
    fn next(&mut self, place: i64) -> Option<StatedNote> {
        let is_here = self.notes.last().is_some_and(|note| note.size <= place);
        self.notes.pop_if(|_| is_here)
    }

    /// The biggest size that is stated, of those that are read.
    fn biggest(&self) -> i64 {
        self.notes.first().map_or(0, |note| note.size)
    }
}

impl Walk<'_> {
    /// Compares what checkpoints state of a log that is as big as what was walked.
    pub(super) async fn pass_checkpoints(&mut self) -> Step {
        let place = self.place();
        loop {
            if self.own.lacks() {
                let notes = self
                    .store
                    .list_audit_checkpoints(self.own.asked, CHECKPOINTS);
                self.own.add(notes.await?);
            }
            let Some(note) = self.own.next(place) else {
                break;
            };
            sound!(self.checkpoint(&note));
        }
        loop {
            if self.witnessed.lacks() {
                let notes = self
                    .store
                    .list_audit_witnessed(self.witnessed.asked, CHECKPOINTS);
                self.witnessed.add(notes.await?);
            }
            let Some(note) = self.witnessed.next(place) else {
                break;
            };
            sound!(self.witnessed(&note));
        }
        for outside in &self.outside {
            if outside.stated.size == self.frontier.size() {
                sound!(self.states_this(&outside.stated, outside.name));
            }
        }
        Ok(Ok(()))
    }

    fn checkpoint(&mut self, note: &StatedNote) -> Result<(), Fault> {
        let size = note.size;
        let name = format!("the checkpoint of {size} entries");
        let stated = self.stated(note, &name, |key| key.name == self.log.origin)?;
        if note.at.map(|at| at.timestamp()) != Some(stated.at.timestamp()) {
            return fault(size, format!("{name} is kept under another time"));
        }
        self.checkpoints += 1;
        self.covered = size as u64;
        Ok(())
    }

    fn witnessed(&self, note: &StatedNote) -> Result<(), Fault> {
        let name = format!("what a witness signed of {} entries", note.size);
        self.stated(note, &name, |key| key.name != self.log.origin)?;
        Ok(())
    }

    /// What a note states, if it bears a signature by one of those keys that are believed, and states the log as far as
    /// it is walked.
    fn stated(
        &self,
        StatedNote { size, note, .. }: &StatedNote,
        name: &str,
        is_meant: impl Fn(&NoteKey) -> bool,
    ) -> Result<Checkpoint, Fault> {
        let size = *size;
        let note: Option<SignedNote> = note.parse().ok();
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
        self.states_this(&stated, name)?;
        Ok(stated)
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

    /// Whether all is there that is stated by what was read before the log had this size.
    pub(super) fn reaches_all(&self, size: u64) -> Result<(), Fault> {
        let place = self.place().min(size as i64);
        let stated = self.own.biggest().max(self.witnessed.biggest());
        if stated > size as i64 {
            return fault(place, format!("it is missing: {stated} entries are stated"));
        }
        let mut outside = self.outside.iter();
        match outside.find(|outside| outside.stated.size > size) {
            Some(Outside { stated, name }) => {
                let reason = format!("it is missing: {name} states {} entries", stated.size);
                fault(place, reason)
            }
            None => Ok(()),
        }
    }

    /// Whether the checkpoint that was signed last is in the log's table: it is put there before it is kept beside the
    /// key.
    pub(super) fn has_signed(&self) -> Result<(), Fault> {
        match self.signed {
            Some(size) if size > self.covered => {
                let reason = format!(
                    "the checkpoint of {size} entries, which was signed, is gone from the log"
                );
                fault(size as i64, reason)
            }
            _ => Ok(()),
        }
    }
}
