//! Sanction checks (核查): one question, an exact answer over all divisions, and a receipt by which it can be
//! shown later what was asked and told. See `docs/checks.md`.

mod answer;
mod backdrop;
mod exclusion;
mod input;
mod list;
mod notice;
mod receipt;
mod replay;
mod seen;
mod watch;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    audit::{Action, Outcome},
    casework::MeasureScope,
    date::china_offset,
    knowledge::RESOLVER_VERSION,
    viewer::{Role, Viewer},
};

use crate::{
    audit::{Audit, Draft, Unavailable},
    catalogue::Catalogue,
    clock::Clock,
    graph::{CheckQuestion, Checked, Times, View},
    person_key::PersonKey,
    store::{self, Store},
};

pub use answer::{Answer, Body, Choice, Echo, InheritedLine, RecordLine, SanctionLine, Told};
pub use backdrop::{Backdrop, Backdrops};
pub use exclusion::{NewReview, NotReviewed};
use input::hidden;
pub use input::{CheckInput, Person};
pub use list::{LIST_BYTES_MAX, Lists, PartTold, Whole, whole_name, whole_named};
pub use notice::notice;
use receipt::NewAnswer;
pub use receipt::{Kept, NotRead, Receipt, ReceiptId};
pub use replay::Replayed;
pub use seen::Seen;
pub use watch::{
    NewList, NotWatched, Raised, RefusedSubject, Registered, WATCH_BATCH_MAX, Watching,
};

/// Questions in one request.
pub const BATCH_MAX: usize = 500;
/// Lines of all answers to one request: records, measures and inherited records.
const LINES_MAX: usize = 20_000;
/// Characters of a purpose, of a reference and of each text that is asked.
pub const TEXT_CHARS_MAX: usize = 200;

/// Why a check was not made.
#[derive(Debug, thiserror::Error)]
pub enum NotChecked {
    /// What was asked can't be asked so: which part, and what was expected.
    #[error("{0}")]
    Invalid(String),
    #[error("inputs: the answers have more than {LINES_MAX} lines; ask fewer at once")]
    TooLong,
    #[error(
        "{0} lists are being answered; hand the next one over later / 待核查名单过多，请稍后提交"
    )]
    TooMany(u64),
    #[error("what was told is kept no longer / 核查内容已过保存期")]
    Gone,
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error(transparent)]
    NotRead(#[from] NotRead),
}

/// What is asked at once.
#[derive(Debug, Clone)]
pub struct Asked {
    pub inputs: Vec<CheckInput>,
    /// The day of which facts are told; today by default.
    pub as_of: Option<NaiveDate>,
    /// What for (征信业管理条例, article 22: every enquiry has its purpose).
    pub purpose: String,
    /// The case or document that is its occasion.
    pub reference: Option<String>,
    /// The request, as the log of requests names it.
    pub request: String,
}

/// What checks are made with.
#[derive(Clone)]
pub struct Checking {
    pub catalogue: Arc<Catalogue>,
    pub store: Store,
    pub audit: Audit,
    pub clock: Clock,
    pub person_key: Option<PersonKey>,
    pub backdrops: Backdrops,
}

impl Checking {
    /// Answers, and returns only when the receipt is durable. One answer for each question, in their order. What is
    /// refused has an entry of the log, too.
    pub async fn check(
        &self,
        view: &View,
        asked: &Asked,
    ) -> Result<Vec<(Receipt, Checked)>, NotChecked> {
        let told = self.answers(view, asked).await;
        if let Err(error) = &told {
            self.note_refusal(view, asked, error).await?;
        }
        told
    }

    /// Writes down that a check was refused, where it was.
    async fn note_refusal(
        &self,
        view: &View,
        asked: &Asked,
        error: &NotChecked,
    ) -> Result<(), NotChecked> {
        match error {
            NotChecked::Invalid(_) | NotChecked::TooLong => {
                let inputs = format!("{} inputs", asked.inputs.len());
                self.note_refused(view, asked, &inputs).await
            }
            _ => Ok(()),
        }
    }

    /// Writes down that a check of these inputs was refused.
    pub async fn note_refused(
        &self,
        view: &View,
        asked: &Asked,
        inputs: &str,
    ) -> Result<(), NotChecked> {
        let told = |text: &String| Some(hidden(text.trim())).filter(|text| !text.is_empty());
        let draft = Draft {
            purpose: told(&asked.purpose),
            reference: asked.reference.as_ref().and_then(told),
            request: asked.request.clone(),
            outcome: Outcome::Denied,
            ..Draft::by(view.viewer(), Action::Check, inputs)
        };
        self.audit.record(draft, None).await?;
        Ok(())
    }

    async fn answers(
        &self,
        view: &View,
        asked: &Asked,
    ) -> Result<Vec<(Receipt, Checked)>, NotChecked> {
        self.admit(view, asked)?;
        let asked = Asked {
            purpose: hidden(&asked.purpose),
            reference: asked.reference.as_deref().map(hidden),
            ..asked.clone()
        };
        let backdrop = self.backdrops.of(view.version(), self).await?;
        let times = Times {
            as_of: asked.as_of,
            known_at: None,
        };
        let told = view.told(times, None);
        let mut lines = 0;
        let mut first = Vec::new();
        for input in &asked.inputs {
            let (answer, checked) = self.answer(&told, input, &[]);
            lines += answer.lines();
            if lines > LINES_MAX {
                return Err(NotChecked::TooLong);
            }
            first.push((answer, checked));
        }
        let reviewed = self.review(&told, &asked.inputs, first).await?;
        let (mut answers, mut found) = (Vec::new(), Vec::new());
        for (input, (answer, checked, excluded)) in asked.inputs.iter().zip(reviewed) {
            answers.push(NewAnswer {
                answer,
                is_person: input.has_person(),
                official: checked.official,
                excluded,
            });
            found.push(checked);
        }
        let object = receipt::object(answers.iter().map(|new| &new.answer));
        let about = found
            .iter()
            .flat_map(|checked| checked.about.iter().copied());
        let draft = Draft {
            agencies: about.collect(),
            purpose: Some(asked.purpose.clone()),
            reference: asked.reference.clone(),
            request: asked.request.clone(),
            ..Draft::by(view.viewer(), Action::Check, object)
        };
        let kept = Kept::new(&asked, view, &backdrop, self, answers);
        let entry = self.audit.record(draft, Some(kept.bytes())).await?;
        let receipt = |place| kept.receipt(ReceiptId { entry, place });
        let receipts: Result<Vec<_>, _> = (0..found.len()).map(receipt).collect();
        let receipts = receipts?.into_iter().flatten();
        Ok(receipts.zip(found).collect())
    }

    /// One answer, and where it stands in the graph; where it is in doubt, without these bodies.
    pub fn answer(&self, view: &View, input: &CheckInput, excluded: &[i64]) -> (Answer, Checked) {
        let measures = &self.catalogue.casework.measures;
        let restricts = |code: &str| measures.scope(code) != Some(MeasureScope::Incentive);
        let question = CheckQuestion {
            excluded: excluded.to_vec(),
            ..input.question(view)
        };
        let checked = view.check(&question, &restricts);
        (Answer::of(input.echo(), &checked, &self.catalogue), checked)
    }

    /// The receipt with this id, for who asked it and whoever acts in the same place; what may not be seen does
    /// not exist. One of a person is told for a purpose like the check itself.
    pub async fn receipt(
        &self,
        viewer: &Viewer,
        purpose: Option<&str>,
        id: ReceiptId,
    ) -> Result<Option<Receipt>, NotChecked> {
        let kept = self.kept(id).await?;
        let Some(kept) = kept.filter(|kept| kept.asked_by.is(viewer)) else {
            return Ok(None);
        };
        let receipt = kept.receipt(id)?;
        if receipt.as_ref().is_some_and(|receipt| receipt.is_person) {
            self.admit_person("X-Purpose", viewer.role, purpose)?;
        }
        Ok(receipt)
    }

    /// What was kept of the request of a check.
    pub async fn kept(&self, id: ReceiptId) -> Result<Option<Kept>, NotChecked> {
        let bytes = self.audit.payload(id.entry).await?;
        Ok(bytes.map(|bytes| Kept::read(&bytes)).transpose()?)
    }

    /// By what it is told who is meant and what is said of him.
    pub fn resolver_version(&self) -> String {
        format!("{RESOLVER_VERSION}-{}", &self.catalogue.fingerprint[..16])
    }

    fn admit(&self, view: &View, asked: &Asked) -> Result<(), NotChecked> {
        let invalid = |reason: String| Err(NotChecked::Invalid(reason));
        if asked.inputs.len() > BATCH_MAX {
            return invalid(format!(
                "inputs: at most {BATCH_MAX}, found {}",
                asked.inputs.len()
            ));
        }
        for (key, text) in [
            ("purpose", Some(&asked.purpose)),
            ("reference or X-Reference", asked.reference.as_ref()),
        ] {
            let is_long = text.is_some_and(|text| text.chars().count() > TEXT_CHARS_MAX);
            if is_long || text.is_some_and(|text| text.trim().is_empty()) {
                return invalid(format!("{key}: 1 to {TEXT_CHARS_MAX} characters expected"));
            }
        }
        if asked.as_of.is_some_and(|day| day > view.day()) {
            return invalid(format!("asOf: a day up to {} expected", view.day()));
        }
        let both = |input: &CheckInput| input.has_person() && input.asks_of_body();
        if let Some(place) = asked.inputs.iter().position(both) {
            return invalid(format!(
                "input {}: a person or a body, not both / 个人与单位请分别核查",
                place + 1
            ));
        }
        match asked.inputs.iter().any(CheckInput::has_person) {
            true => self.admit_person("purpose", view.viewer().role, Some(&asked.purpose)),
            false => Ok(()),
        }
    }

    /// Whether a purpose opens what a check tells of a person; `place` is where it is to be stated.
    fn admit_person(
        &self,
        place: &str,
        role: Role,
        purpose: Option<&str>,
    ) -> Result<(), NotChecked> {
        let access = &self.catalogue.access;
        let is_open = |purpose: &str| access.is_open(purpose, "SanctionCheck", "official");
        if purpose.is_some_and(|purpose| access.may_state(role, purpose) && is_open(purpose)) {
            return Ok(());
        }
        let purposes = access.purposes_of(role).filter(|purpose| is_open(purpose));
        let purposes = purposes.collect::<Vec<_>>().join(", ");
        Err(NotChecked::Invalid(format!(
            "{place}: a check of a person needs one of {purposes} / 核查个人须说明法定用途"
        )))
    }
}

/// Of when something is told, in the time of Asia/Shanghai, to the minute.
fn told_at(at: DateTime<Utc>) -> String {
    let there = at.with_timezone(&china_offset());
    there.format("%Y-%m-%d %H:%M").to_string()
}
