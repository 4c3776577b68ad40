//! A list is answered part by part, and gets one receipt for the whole.

use domain::audit::{Action, EntryId};
use sha2::{Digest, Sha256};

use crate::{
    audit::Draft,
    store::{CheckList, ListPart},
};

use super::{
    super::{Asked, BATCH_MAX, CheckInput, NotChecked, Receipt, ReceiptId},
    Lists, Whole, hander, headings,
    sheet::Columns,
};

/// The rows of a part with their answers.
pub struct PartTold {
    pub rows: Vec<(Vec<String>, Receipt)>,
    /// Whether they had been found out before.
    pub is_again: bool,
}

impl Lists {
    /// The rows of a part with their answers, which are found out where they are not known.
    pub async fn part(&self, list: &CheckList, part: i64) -> Result<PartTold, NotChecked> {
        let store = &self.checking.store;
        let found = store.check_list_part(&list.id, part).await?;
        let ListPart { rows, entries, .. } = found.ok_or(NotChecked::Gone)?;
        if let Some(entries) = entries {
            let receipts = self.receipts(&entries).await?;
            return Ok(PartTold {
                rows: rows.into_iter().zip(receipts).collect(),
                is_again: true,
            });
        }
        let receipts = self.answer(list, &rows).await?;
        let entries = entries_of(&receipts);
        match store.put_answered_part(&list.id, part, &entries).await? {
            true => Ok(PartTold {
                rows: rows.into_iter().zip(receipts).collect(),
                is_again: false,
            }),
            // Who was quicker has answered it: of one list nobody is told two answers.
            false => Box::pin(self.part(list, part)).await,
        }
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
            let told = self.part(list, part).await?.rows;
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
            request: hander.request(list),
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

    /// Asks about rows, fewer at once where their answers are long.
    async fn answer(
        &self,
        list: &CheckList,
        rows: &[Vec<String>],
    ) -> Result<Vec<Receipt>, NotChecked> {
        let columns = Columns::of(&headings(list)?, &self.checking.catalogue.checks);
        let inputs: Vec<CheckInput> = rows.iter().map(|row| columns.input(row)).collect();
        let hander = hander(list)?;
        let view = self.view(&hander.viewer(), &list.purpose);
        // The day on which it came has begun, also where the clock of who answers it is behind.
        let view = match list.as_of {
            Some(day) => view.on(day.max(view.day())),
            None => view,
        };
        let mut receipts = Vec::with_capacity(rows.len());
        let mut left = vec![inputs];
        while let Some(mut inputs) = left.pop() {
            let asked = Asked {
                inputs: inputs.clone(),
                as_of: list.as_of,
                purpose: list.purpose.clone(),
                reference: list.reference.clone(),
                request: hander.request(list),
            };
            match self.checking.answers(&view, &asked).await {
                Ok(told) => receipts.extend(told.into_iter().map(|(receipt, _)| receipt)),
                Err(NotChecked::TooLong) if inputs.len() > 1 => {
                    let second = inputs.split_off(inputs.len() / 2);
                    left.extend([second, inputs]);
                }
                Err(error) => {
                    self.checking.note_refusal(&view, &asked, &error).await?;
                    return Err(error);
                }
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
