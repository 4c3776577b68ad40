//! Lists of subjects: handed over once, answered in parts that stay answered, and with one receipt for the whole.

mod file;
mod sheet;
mod whole;

use std::{
    io::{Seek, Write},
    sync::Arc,
};

use chrono::TimeDelta;
use domain::{
    audit::{Action, EntryId},
    id::digest_of,
    viewer::Viewer,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::{
    audit::Draft,
    graph::{Live, View},
    outbound::LedgerForm,
    sources::SHEET_BYTES_MAX,
    store::{CheckList, ListPart},
};

use super::{
    Asked, BATCH_MAX, CheckInput, Checking, NotChecked, Receipt, ReceiptId, input::hidden,
    receipt::Asker,
};
use sheet::{Columns, ReadList};

pub use file::ANSWERS;
pub use whole::{Whole, whole_name, whole_named};

/// Bytes of a list.
pub const LIST_BYTES_MAX: u64 = SHEET_BYTES_MAX;
/// Lists of one place (role, areas and body) that may be unfinished.
const UNFINISHED_MAX: u64 = 4;
/// How long a list is kept, so that its answers can be fetched; receipts are kept as the audit log is.
const KEPT: TimeDelta = TimeDelta::days(30);
/// Parts that wait to be written into a file.
const PARTS_AHEAD: usize = 2;

/// What lists are answered with.
#[derive(Clone)]
pub struct Lists {
    pub checking: Checking,
    pub live: Arc<Live>,
    pub province: String,
}

/// Who hands a list over.
#[derive(Debug, Serialize, Deserialize)]
struct Hander {
    issuer: Option<String>,
    subject: String,
    place: Asker,
}

impl Lists {
    /// Takes a list in; the same file from the same asker for the same purpose on one day is the same list. One
    /// that comes `at_door` is answered by the hub itself.
    pub async fn accept(
        &self,
        viewer: &Viewer,
        asked: &Asked,
        bytes: Vec<u8>,
        at_door: bool,
    ) -> Result<CheckList, NotChecked> {
        let checking = &self.checking;
        let view = self.view(viewer, &asked.purpose);
        checking.admit(&view, asked)?;
        let catalogue = Arc::clone(&checking.catalogue);
        let reading =
            tokio::task::spawn_blocking(move || ReadList::read(&bytes, &catalogue.checks));
        let list = reading.await.expect("reading does not panic")?;
        let place = Asker::of(&view);
        let hander = Hander {
            issuer: viewer.issuer.clone(),
            subject: viewer.subject.clone(),
            place: place.clone(),
        };
        let hander = serde_json::to_string(&hander).expect("texts are JSON");
        let (purpose, reference) = (
            hidden(&asked.purpose),
            asked.reference.as_deref().map(hidden),
        );
        let as_of = asked.as_of.map(|day| day.to_string());
        let id = digest_of(&[
            &hander,
            &list.digest,
            &purpose,
            reference.as_deref().unwrap_or_default(),
            as_of.as_deref().unwrap_or_default(),
        ]);
        let kept = CheckList {
            id: id[..32].to_owned(),
            asked_at: checking.clock.now(),
            place: place.digest(),
            asker: hander,
            at_door,
            purpose,
            reference,
            as_of: asked.as_of,
            digest: list.digest.clone(),
            headings: serde_json::to_string(&list.headings).expect("texts are JSON"),
            rows: list.rows() as i64,
            answered: 0,
            refused: None,
            entry: None,
            finished_at: None,
        };
        let standing = checking
            .store
            .put_check_list(kept, &list.parts, UNFINISHED_MAX);
        standing.await?.ok_or(NotChecked::TooMany(UNFINISHED_MAX))
    }

    /// The list with this id, for who handed it over and whoever acts in the same place.
    pub async fn find(&self, viewer: &Viewer, id: &str) -> Result<Option<CheckList>, NotChecked> {
        let list = self.checking.store.check_list(id).await?;
        let list = list.filter(|list| hander(list).is_ok_and(|hander| hander.place.is(viewer)));
        Ok(list)
    }

    /// How many parts a list has.
    pub fn parts(list: &CheckList) -> i64 {
        (list.rows as u64).div_ceil(BATCH_MAX as u64) as i64
    }

    /// The headings of a list's answers.
    pub fn headings(list: &CheckList) -> Result<Vec<String>, NotChecked> {
        let mut headings = headings(list)?;
        headings.extend(ANSWERS.map(str::to_owned));
        Ok(headings)
    }

    /// The rows of a part with their answers, which are found out where they are not known.
    pub async fn part(
        &self,
        list: &CheckList,
        part: i64,
    ) -> Result<Vec<(Vec<String>, Receipt)>, NotChecked> {
        let store = &self.checking.store;
        let found = store.check_list_part(&list.id, part).await?;
        let ListPart { rows, entries, .. } = found.ok_or(NotChecked::Gone)?;
        let receipts = match entries {
            Some(entries) => self.receipts(&entries).await?,
            None => {
                let receipts = self.answer(list, &rows).await?;
                store
                    .put_answered_part(&list.id, part, &entries_of(&receipts))
                    .await?;
                receipts
            }
        };
        Ok(rows.into_iter().zip(receipts).collect())
    }

    /// Puts one receipt under the whole of a list, all of whose parts are answered.
    pub async fn finish(&self, list: &CheckList) -> Result<(), NotChecked> {
        let hander = hander(list)?;
        let mut whole = Whole {
            format: Whole::FORMAT,
            list: list.id.clone(),
            digest: list.digest.clone(),
            asked_by: hander.place.clone(),
            purpose: list.purpose.clone(),
            reference: list.reference.clone(),
            verdicts: Default::default(),
            parts: Vec::new(),
            answers: String::new(),
        };
        let mut answers = Sha256::new();
        for part in 0..Self::parts(list) {
            let told = self.part(list, part).await?;
            let receipts: Vec<Receipt> = told.into_iter().map(|(_, receipt)| receipt).collect();
            let entries = entries_of(&receipts).into_iter();
            whole
                .parts
                .extend(entries.map(|(entry, count)| (entry.to_string(), count)));
            for receipt in receipts {
                answers.update(&receipt.digest);
                answers.update(b"\n");
                let verdict = receipt.answer.verdict.to_string();
                *whole.verdicts.entry(verdict).or_insert(0) += 1;
            }
        }
        whole.answers = crate::hex(&answers.finalize());
        let draft = Draft {
            purpose: Some(list.purpose.clone()),
            reference: list.reference.clone(),
            request: format!("list {}", list.id),
            ..Draft::by(&hander.viewer(), Action::Check, whole.words())
        };
        let (store, now) = (&self.checking.store, self.checking.clock.now());
        let entry = self
            .checking
            .audit
            .record(draft, Some(whole.bytes()))
            .await?;
        store.finish_check_list(&list.id, Ok(entry), now).await?;
        Ok(())
    }

    /// Answers what is not answered of a list, until all is or it is enough; whether it is finished.
    pub async fn work(&self, id: &str, is_enough: impl Fn() -> bool) -> Result<bool, NotChecked> {
        let store = &self.checking.store;
        let Some(list) = store.check_list(id).await? else {
            return Ok(true);
        };
        let first = list.answered / BATCH_MAX as i64;
        for part in first..Self::parts(&list) {
            if is_enough() {
                return Ok(false);
            }
            match self.part(&list, part).await {
                Ok(_) => {}
                Err(NotChecked::Invalid(reason)) => {
                    let now = self.checking.clock.now();
                    store.finish_check_list(id, Err(reason), now).await?;
                    return Ok(true);
                }
                Err(error) => return Err(error),
            }
        }
        self.finish(&list).await?;
        Ok(true)
    }

    /// The ids of the lists that wait for the hub, the oldest first.
    pub async fn waiting(&self, limit: u64) -> Result<Vec<String>, NotChecked> {
        Ok(self.checking.store.waiting_check_lists(limit).await?)
    }

    /// Forgets lists that are old enough.
    pub async fn erase(&self) -> Result<u64, NotChecked> {
        let before = self.checking.clock.now() - KEPT;
        Ok(self.checking.store.erase_check_lists(before).await?)
    }

    /// What is kept under the receipt of a whole list, for who may see the list.
    pub async fn whole(&self, entry: EntryId) -> Result<Option<Whole>, NotChecked> {
        let bytes = self.checking.audit.payload(entry).await?;
        Ok(bytes.map(|bytes| Whole::read(&bytes)).transpose()?)
    }

    /// Writes a finished list with its answers.
    pub async fn write(
        &self,
        list: &CheckList,
        form: LedgerForm,
        out: impl Write + Seek + Send + 'static,
    ) -> Result<(), NotChecked> {
        let (lines, taken) = mpsc::channel(PARTS_AHEAD);
        let writing = tokio::task::spawn_blocking(move || file::write(form, taken, out));
        let mut headings = vec![Self::headings(list)?];
        for part in 0..Self::parts(list) {
            let told = self.part(list, part).await?;
            headings.extend(told.into_iter().map(|told| self.line(told)));
            // Whoever writes is gone only where it failed, and then says why.
            if lines.send(std::mem::take(&mut headings)).await.is_err() {
                break;
            }
        }
        if !headings.is_empty() {
            let _ = lines.send(headings).await;
        }
        drop(lines);
        writing.await.expect("writing does not panic")?;
        Ok(())
    }

    /// A row's line: its own cells, then the answer's.
    pub fn line(&self, (mut row, receipt): (Vec<String>, Receipt)) -> Vec<String> {
        row.extend(file::cells(&self.province, &receipt));
        row
    }

    /// Lines as CSV.
    pub fn csv(lines: &[Vec<String>]) -> Result<Vec<u8>, NotChecked> {
        Ok(file::csv_lines(lines).map_err(std::io::Error::from)?)
    }

    /// Asks about rows, fewer at once where their answers are long.
    async fn answer(
        &self,
        list: &CheckList,
        rows: &[Vec<String>],
    ) -> Result<Vec<Receipt>, NotChecked> {
        let columns = Columns::of(&headings(list)?, &self.checking.catalogue.checks);
        let inputs: Vec<CheckInput> = rows.iter().map(|row| columns.input(row)).collect();
        let view = self.view(&hander(list)?.viewer(), &list.purpose);
        let mut receipts = Vec::with_capacity(rows.len());
        let mut left = vec![inputs];
        while let Some(mut inputs) = left.pop() {
            let asked = Asked {
                inputs: inputs.clone(),
                as_of: list.as_of,
                purpose: list.purpose.clone(),
                reference: list.reference.clone(),
                request: format!("list {}", list.id),
            };
            match self.checking.check(&view, &asked).await {
                Ok(told) => receipts.extend(told.into_iter().map(|(receipt, _)| receipt)),
                Err(NotChecked::TooLong) if inputs.len() > 1 => {
                    let second = inputs.split_off(inputs.len() / 2);
                    left.extend([second, inputs]);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(receipts)
    }

    async fn receipts(&self, entries: &[(EntryId, usize)]) -> Result<Vec<Receipt>, NotChecked> {
        let mut receipts = Vec::new();
        for (entry, count) in entries {
            let id = |place| ReceiptId {
                entry: *entry,
                place,
            };
            let kept = self.checking.kept(id(0)).await?.ok_or(NotChecked::Gone)?;
            for place in 0..*count {
                receipts.push(kept.receipt(id(place))?.ok_or(NotChecked::Gone)?);
            }
        }
        Ok(receipts)
    }

    fn view(&self, viewer: &Viewer, purpose: &str) -> View {
        let access = &self.checking.catalogue.access;
        let rules = access.row_rules(viewer.role, Some(purpose));
        let today = self.checking.clock.today();
        self.live.now().view(Arc::new(viewer.clone()), rules, today)
    }
}

impl Hander {
    fn viewer(&self) -> Viewer {
        Viewer {
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            ..self.place.viewer()
        }
    }
}

fn hander(list: &CheckList) -> Result<Hander, NotChecked> {
    Ok(serde_json::from_str(&list.asker).map_err(super::NotRead::of)?)
}

fn headings(list: &CheckList) -> Result<Vec<String>, NotChecked> {
    Ok(serde_json::from_str(&list.headings).map_err(super::NotRead::of)?)
}

/// The entries of receipts, and how many stand under each, in their order.
fn entries_of(receipts: &[Receipt]) -> Vec<(EntryId, usize)> {
    let mut entries: Vec<(EntryId, usize)> = Vec::new();
    for receipt in receipts {
        match entries.last_mut() {
            Some((entry, count)) if *entry == receipt.id.entry => *count += 1,
            _ => entries.push((receipt.id.entry, 1)),
        }
    }
    entries
}
