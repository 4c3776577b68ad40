//! Lists of subjects: handed over once, answered in parts that stay answered, and with one receipt for the whole.

mod answering;
mod file;
mod sheet;
mod whole;

use std::sync::Arc;

use chrono::TimeDelta;
use domain::{audit::EntryId, id::digest_of, viewer::Viewer};
use serde::{Deserialize, Serialize};

use crate::{
    graph::{Live, View},
    sources::SHEET_BYTES_MAX,
    store::CheckList,
};

use super::{Asked, BATCH_MAX, Checking, NotChecked, input::hidden, receipt::Asker};
use sheet::ReadList;

pub use answering::PartTold;
pub use file::ANSWERS;
pub use whole::{Whole, whole_name, whole_named};

/// Bytes of a list.
pub const LIST_BYTES_MAX: u64 = SHEET_BYTES_MAX;
/// Lists of one place (role, areas and body) that may be unfinished.
const UNFINISHED_MAX: u64 = 4;
/// How long a list is kept, so that its answers can be fetched; receipts are kept as the audit log is.
const KEPT: TimeDelta = TimeDelta::days(30);

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
    /// The request by which it came; none of those that came before it was kept.
    #[serde(default)]
    request: Option<String>,
}

impl Lists {
    /// Takes a list in; the same file from the same asker for the same purpose and day is the same list, and today is
    /// the day where none is named. One that comes `at_door` is answered by the hub itself.
    pub async fn accept(
        &self,
        viewer: &Viewer,
        asked: &Asked,
        bytes: Vec<u8>,
        at_door: bool,
    ) -> Result<CheckList, NotChecked> {
        let view = self.view(viewer, &asked.purpose);
        let taken = self.take_in(&view, asked, bytes, at_door).await;
        if let Err(NotChecked::Invalid(_) | NotChecked::TooMany(_)) = &taken {
            self.note_refused(viewer, asked).await?;
        }
        taken
    }

    /// Writes down that a list was refused.
    pub async fn note_refused(&self, viewer: &Viewer, asked: &Asked) -> Result<(), NotChecked> {
        let view = self.view(viewer, &asked.purpose);
        self.checking.note_refused(&view, asked, "a list").await
    }

    async fn take_in(
        &self,
        view: &View,
        asked: &Asked,
        bytes: Vec<u8>,
        at_door: bool,
    ) -> Result<CheckList, NotChecked> {
        let (checking, viewer) = (&self.checking, view.viewer());
        checking.admit(view, asked)?;
        let catalogue = Arc::clone(&checking.catalogue);
        let reading =
            tokio::task::spawn_blocking(move || ReadList::read(&bytes, &catalogue.checks));
        let list = reading.await.expect("reading does not panic")?;
        let place = Asker::of(view);
        let hander = Hander {
            issuer: viewer.issuer.clone(),
            subject: viewer.subject.clone(),
            place: place.clone(),
            request: Some(asked.request.clone()),
        };
        let who = digest_of(&[&viewer.caller(), &place.digest()]);
        let hander = serde_json::to_string(&hander).expect("texts are JSON");
        let (purpose, reference) = (
            hidden(&asked.purpose),
            asked.reference.as_deref().map(hidden),
        );
        let as_of = asked.as_of.map(|day| day.to_string());
        // Who names no day wants to know on another one how it stands then.
        let today = asked
            .as_of
            .map_or(view.day().to_string(), |_| String::new());
        let id = digest_of(&[
            &who,
            &list.digest,
            &purpose,
            reference.as_deref().unwrap_or_default(),
            as_of.as_deref().unwrap_or_default(),
            &today,
        ]);
        let kept = CheckList {
            id: id[..32].to_owned(),
            asked_at: checking.clock.now(),
            place: place.digest(),
            asker: hander,
            at_door,
            purpose,
            reference,
            // All of it is told of one day, however long it takes.
            as_of: asked.as_of.or(Some(view.day())),
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

    /// The same, for who handed the list over and whoever acts in the same place; what may not be seen does not exist.
    pub async fn whole_for(
        &self,
        viewer: &Viewer,
        entry: EntryId,
    ) -> Result<Option<Whole>, NotChecked> {
        let bytes = self.checking.audit.payload(entry).await?;
        // Beneath other entries stands something else.
        let whole = bytes.and_then(|bytes| Whole::read(&bytes).ok());
        Ok(whole.filter(|whole| whole.asked_by.is(viewer)))
    }

    fn view(&self, viewer: &Viewer, purpose: &str) -> View {
        let access = &self.checking.catalogue.access;
        let rules = access.row_rules(viewer.role, Some(purpose));
        let today = self.checking.clock.today();
        self.live.now().view(Arc::new(viewer.clone()), rules, today)
    }
}

impl Hander {
    /// What entries about a list name as their request: that by which it came, and the list.
    fn request(&self, list: &CheckList) -> String {
        match &self.request {
            Some(request) => format!("{request}, list {}", list.id),
            None => format!("list {}", list.id),
        }
    }

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
