//! Resolving rows anew that are in already, from what is kept of them: when somebody decided about
//! their text, and when the register changed. What comes out is what a delivery of the same rows
//! would come to now; what is as it was is not written.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use domain::{
    affected::{Affected, Places},
    credit_record::{CreditRecord, CreditRecordStatus},
    knowledge::Concerned,
    mention::SubjectText,
};
use serde_json::{Map, Value as Json};

use crate::{
    catalogue::{Catalogue, Form, Source, Yields},
    graph::Graph,
    sources::{Columns, RawRow},
    store::{self, Fact, KeptRow, Reresolution, Resolved, Retold, id_of_row},
};

use super::{
    Ingest, Report,
    identify::{Identified, Identifier},
    persons::lists_persons,
    row::FormReader,
};

/// Rows that are read, identified and written in one go: a content may have megabytes.
const ROWS_AT_ONCE: usize = 250;

/// Changes that do not concern the register before it is noted that they do not.
const CHANGES_BETWEEN_NOTES: i64 = 256;

/// Which rows of a source are resolved anew.
pub(super) enum Which<'a> {
    /// Those that write this of their subject.
    About(&'a SubjectText),
    /// Those that changes of the register and of the resolver's tables could concern.
    Concerned(&'a Changes),
    /// All, since the resolver or what it goes by is another one.
    All,
}

/// What changed of all that rows are resolved by.
pub(super) struct Changes {
    register: Affected,
    places: Places,
    tables: Concerned,
}

impl Changes {
    fn could_change(&self, subject: &SubjectText) -> bool {
        self.register.could_change(&self.places, subject) || self.tables.could_change(subject)
    }
}

/// What came of following the register.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Followed {
    /// Rows that were looked at.
    pub looked_at: u64,
    /// Rows that come to something else now.
    pub moved: u64,
    /// Sources that somebody else holds: they are followed later.
    pub busy: u64,
}

impl Ingest {
    /// Resolves all sources' rows anew that the register's changes since the last time could concern,
    /// each source under one change. Whatever ends it, the next one begins where this one began.
    pub async fn follow_register(&self) -> Result<Followed, store::Error> {
        let mut all = Followed::default();
        // Asked after each commit, so it should cost little when there is nothing to do.
        let (now, seq) = (self.resolver(), self.live.now().seq());
        let mut noted = self.store.list_resolved().await?;
        noted.retain(|source, _| self.catalogue.sources.contains_key(source));
        let Some(oldest) = noted.values().map(|noted| noted.seq).min() else {
            return Ok(all);
        };
        let is_same = noted.values().all(|noted| noted.fingerprint == now);
        let of_persons = |(key, noted): (&String, &Resolved)| {
            lists_persons(&self.catalogue.sources[key]).then_some(noted.seq)
        };
        let has_moved = self.store.register_moved(oldest).await?
            || match noted.iter().filter_map(of_persons).min() {
                Some(oldest) => self.store.posts_moved(oldest).await?,
                None => false,
            };
        if is_same && !has_moved {
            self.note_unmoved(noted, seq).await?;
            return Ok(all);
        }
        for source in self.catalogue.sources.values() {
            let followed = self.follow_in(source).await?;
            all.looked_at += followed.looked_at;
            all.moved += followed.moved;
            all.busy += followed.busy;
        }
        Ok(all)
    }

    /// Follows the register behind a delivery that is in: where it is the register's, in all sources;
    /// in its own where that changed meanwhile. What fails here is done by whoever comes next.
    pub(super) async fn follow(&self, source: &Source, resolved: Resolved, report: &mut Report) {
        let is_register = |form: &Form| {
            matches!(
                form.yields,
                Yields::Agency | Yields::Succession | Yields::Post
            )
        };
        let followed = async {
            if names_anybody(source) {
                let key = source.key.get_ref();
                self.note_tables().await?;
                self.store.note_first_resolved(key, resolved).await?;
            }
            match source.form.iter().any(is_register) {
                true => self.follow_register().await,
                false => self.follow_in(source).await,
            }
        };
        let later = "rows that the register's changes concern are resolved anew later";
        match followed.await {
            Ok(followed) => {
                report.reresolved = followed.moved;
                if followed.busy > 0 {
                    let busy = followed.busy;
                    let warning = format!("{later}: {busy} source(s) are being brought in");
                    report.warnings.push(warning);
                }
            }
            Err(error) => report.warnings.push(format!("{later}: {error}")),
        }
    }

    /// The same for one source.
    async fn follow_in(&self, source: &Source) -> Result<Followed, store::Error> {
        let key = source.key.get_ref();
        let Some(resolved) = self.store.resolved(key).await? else {
            return Ok(Followed::default());
        };
        let is_same = resolved.fingerprint == self.resolver();
        let has_moved = self.officials_moved(source, resolved.seq).await?;
        if is_same && !has_moved && !self.store.register_moved(resolved.seq).await? {
            return Ok(Followed::default());
        }
        // Posts that change while listings are read again are followed the next time.
        self.live.catch_up().await?;
        let known = self.live.now().seq();
        if has_moved && !self.reread_listings(source).await? {
            return Ok(Followed {
                busy: 1,
                ..Followed::default()
            });
        }
        self.note_tables().await?;
        let Some(mut into) = self.hold(source).await? else {
            return Ok(Followed {
                busy: 1,
                ..Followed::default()
            });
        };
        match self.follow_into(source, &mut into).await {
            Ok((followed, mut resolved)) => {
                if has_moved {
                    resolved.seq = resolved.seq.min(known);
                }
                into.close(Some(resolved), self.clock.now()).await?;
                self.live.wake();
                self.live.catch_up().await?;
                if followed.moved > 0 {
                    tracing::info!(
                        source = key,
                        looked_at = followed.looked_at,
                        moved = followed.moved,
                        "rows resolved anew"
                    );
                }
                Ok(followed)
            }
            Err(error) => {
                // If the database is away, who holds the source next takes it back.
                let _ = into.take_back().await;
                Err(error)
            }
        }
    }

    /// Notes now and then that nothing had to be done, so that the next look has less to look through.
    async fn note_unmoved(
        &self,
        noted: HashMap<String, Resolved>,
        seq: i64,
    ) -> Result<(), store::Error> {
        let behind = |resolved: &Resolved| seq - resolved.seq > CHANGES_BETWEEN_NOTES;
        for (source, resolved) in noted.into_iter().filter(|(_, noted)| behind(noted)) {
            let now = Resolved { seq, ..resolved };
            self.store.note_resolved(&source, now).await?;
        }
        Ok(())
    }

    async fn follow_into(
        &self,
        source: &Source,
        into: &mut Reresolution,
    ) -> Result<(Followed, Resolved), store::Error> {
        // Only what is noted once nobody else can follow this source says where to begin.
        let before = self.store.resolved(source.key.get_ref()).await?;
        self.live.catch_up().await?;
        let graph = self.live.now();
        let now = Resolved {
            seq: graph.seq(),
            fingerprint: self.resolver(),
        };
        let (mut followed, has_moved) = match self.changes(before.as_ref()).await? {
            Some((before, changes)) => {
                let which = Which::Concerned(&changes);
                let followed = self.reresolve(source, &graph, &which, into).await?;
                (followed, self.officials_moved(source, before).await?)
            }
            None => (
                self.reresolve(source, &graph, &Which::All, into).await?,
                true,
            ),
        };
        if has_moved {
            // Whom only people can tell may be nobody by now.
            let waiting = graph.persons_in(source.key.get_ref());
            let looked_at = self.look_again(source, &graph, &waiting, into).await?;
            followed.looked_at += looked_at.looked_at;
            followed.moved += looked_at.moved;
        }
        Ok((followed, now))
    }

    /// What changed since rows were resolved up to a number of the change log, which is given too;
    /// none where it can't be told.
    async fn changes(
        &self,
        before: Option<&Resolved>,
    ) -> Result<Option<(i64, Changes)>, store::Error> {
        let Some(before) = before else {
            return Ok(None);
        };
        let Some(tables) = self.tables_changed(&before.fingerprint).await? else {
            return Ok(None);
        };
        let tree = &self.catalogue.divisions;
        let places = Places::of(tree);
        let register = self.store.affected(before.seq, &places, tree).await?;
        let changes = Changes {
            register,
            places,
            tables,
        };
        Ok(Some((before.seq, changes)))
    }

    /// Resolves rows of a source anew.
    pub(super) async fn reresolve(
        &self,
        source: &Source,
        graph: &Arc<Graph>,
        which: &Which<'_>,
        into: &mut Reresolution,
    ) -> Result<Followed, store::Error> {
        let only = match which {
            Which::About(subject) => Some(*subject),
            Which::Concerned(_) | Which::All => None,
        };
        if let Some(row_id) = only.and_then(SubjectText::row) {
            return self.look_again(source, graph, &[row_id], into).await;
        }
        let concerns = |subject: &SubjectText| match which {
            Which::About(_) | Which::All => true,
            Which::Concerned(changes) => changes.could_change(subject),
        };
        let mut followed = Followed::default();
        let mut after = None;
        loop {
            let page = into.page_named(only, after.as_ref()).await?;
            let Some(last) = page.last() else {
                return Ok(followed);
            };
            after = Some(last.clone());
            let mut seen = HashSet::new();
            let rows = page.into_iter().filter(|(_, subject)| concerns(subject));
            let rows: Vec<i64> = rows
                .map(|(row_id, _)| row_id)
                .filter(|row_id| seen.insert(*row_id))
                .collect();
            let again = self.look_again(source, graph, &rows, into).await?;
            followed.looked_at += again.looked_at;
            followed.moved += again.moved;
        }
    }

    /// Resolves these rows anew.
    async fn look_again(
        &self,
        source: &Source,
        graph: &Arc<Graph>,
        rows: &[i64],
        into: &mut Reresolution,
    ) -> Result<Followed, store::Error> {
        let mut followed = Followed::default();
        for rows in rows.chunks(ROWS_AT_ONCE) {
            let kept = into.kept(rows).await?;
            let retold = self.retell(source, graph, kept).await?;
            followed.looked_at += rows.len() as u64;
            followed.moved += into.stage(retold).await?;
        }
        Ok(followed)
    }

    /// What kept rows come to now, found out on a thread that may take its time.
    async fn retell(
        &self,
        source: &Source,
        graph: &Arc<Graph>,
        kept: Vec<KeptRow>,
    ) -> Result<Vec<Retold>, store::Error> {
        let (catalogue, graph) = (Arc::clone(&self.catalogue), Arc::clone(graph));
        let key = source.key.get_ref().clone();
        let told = tokio::task::spawn_blocking(move || {
            let source = &catalogue.sources[&key];
            retell(source, &catalogue, &graph, kept)
        });
        match told.await.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(told) => Ok(told),
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            // The process is ending.
            Err(Err(_)) => Err(store::Error::Lost),
        }
    }
}

/// Whether rows of a source name somebody who has to be told.
fn names_anybody(source: &Source) -> bool {
    let names = |form: &Form| match form.yields {
        Yields::CreditRecord | Yields::Clue | Yields::Disclosure | Yields::Indicator => true,
        Yields::Agency | Yields::Succession | Yields::Post | Yields::Assessment => false,
    };
    source.form.iter().any(names)
}

fn retell(
    source: &Source,
    catalogue: &Catalogue,
    graph: &Graph,
    kept: Vec<KeptRow>,
) -> Vec<Retold> {
    let columns = Columns::of(source);
    let readers: Vec<FormReader<'_>> = source
        .form
        .iter()
        .map(|form| FormReader::new(form, &columns, &catalogue.divisions))
        .collect();
    let mut told = Vec::with_capacity(kept.len());
    for row in kept {
        let reader = readers
            .iter()
            .find(|reader| Some(&reader.form.name) == row.form.as_ref());
        let Some((reader, mut raw)) = reader.zip(raw_row(&columns, &row.content)) else {
            tracing::warn!(
                row = row.row_id,
                "no form reads what is kept of it: it stays as it is"
            );
            continue;
        };
        let identifier = Identifier {
            is_kept: true,
            row_id: Some(row.row_id),
            ..Identifier::of(source, catalogue, graph, row.received_at)
        };
        match identifier.identify(reader, &mut raw) {
            Ok(Identified::Fact(fact)) => told.extend(standing(graph, &row, *fact)),
            // He waited for people, and is nobody's official any more.
            Ok(Identified::OutOfScope) if waits_as_person(graph, row.row_id) => told.push(Retold {
                row_id: row.row_id,
                yields: row.yields,
                fact: None,
            }),
            Ok(Identified::OutOfScope | Identified::Ended { .. }) => {}
            Err(refused) => {
                tracing::warn!(
                    row = row.row_id,
                    column = refused.column,
                    "what is kept of it can't be read any more: it stays as it is"
                );
            }
        }
    }
    told
}

/// Ends a record as it has ended. What casework came to was about whom it was said of: of another one its source alone
/// ends it, which lists it no longer or goes on.
fn end_as(record: &mut CreditRecord, ended: &CreditRecord, is_listed: bool) {
    use CreditRecordStatus::Delisted;
    if ended.subject == record.subject || ended.status == Delisted {
        record.status = ended.status;
        record.ended_on = ended.ended_on;
        record.end_ground.clone_from(&ended.end_ground);
    } else if !is_listed {
        (record.status, record.ended_on) = (Delisted, ended.ended_on);
    }
}

fn waits_as_person(graph: &Graph, row_id: i64) -> bool {
    let standing = id_of_row("mention", row_id).and_then(|id| graph.mention(id));
    standing.is_some_and(|known| known.fact.fact.is_of_person())
}

/// The kept content as the row that it was made of.
fn raw_row(columns: &Columns, content: &str) -> Option<RawRow> {
    let content: Map<String, Json> = serde_json::from_str(content).ok()?;
    let mut cells = vec![None; columns.len()];
    for (column, value) in content {
        if let (Some(slot), Json::String(text)) = (columns.slot(&column), value) {
            cells[slot] = Some(text);
        }
    }
    Some(RawRow { line: 0, cells })
}

/// What a fact is now, where its row stands already: who is meant is resolved anew, where it stands
/// is not; and of what is listed no longer nothing new is told.
fn standing(graph: &Graph, row: &KeptRow, fact: Fact) -> Option<Retold> {
    let fact = match fact {
        Fact::Record(mut record) => {
            let now = graph.record_of(row.row_id);
            if now.is_none() && !row.is_listed() {
                return None;
            }
            if let Some(now) = now.filter(|now| now.status != CreditRecordStatus::Active) {
                end_as(&mut record, now, row.is_listed());
            }
            Some(Fact::Record(record))
        }
        Fact::Clue(mut clue) => {
            let now = graph.clue_of(row.row_id);
            if now.is_none() && !row.is_listed() {
                return None;
            }
            clue.stage = now.map_or(clue.stage, |now| now.stage);
            Some(Fact::Clue(clue))
        }
        _ if !row.is_listed() => None,
        fact => Some(fact),
    };
    Some(Retold {
        row_id: row.row_id,
        yields: row.yields.clone(),
        fact,
    })
}
