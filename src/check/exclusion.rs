//! Reviewed false matches (误匹配复核): what somebody looked at and found not to be meant is not shown again to those
//! who act in the same place. Looked up only where a check is in doubt.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::{
    exclusion::{ExcludedName, Exclusion, may_last, place},
    id::digest_of,
    resolution::Outcome,
    uscc::Uscc,
    viewer::Viewer,
};

use crate::{
    graph::{Checked, View},
    store::{self, Excluded, NewExclusion},
};

use super::{Answer, CheckInput, Checking, Echo, TEXT_CHARS_MAX, hidden};

/// A review that is asked for.
#[derive(Debug, Clone)]
pub struct NewReview {
    /// The key under which it is asked for.
    pub key: String,
    pub name: String,
    pub division: Option<String>,
    /// The body that is not meant.
    pub uscc: Uscc,
    pub reason: String,
    pub reference: Option<String>,
    pub expires_on: NaiveDate,
}

/// Why a review was not made or revoked.
#[derive(Debug, thiserror::Error)]
pub enum NotReviewed {
    /// What was asked can't be asked so: which part, and what was expected.
    #[error("{0}")]
    Invalid(String),
    #[error("there is no such review / 没有该复核")]
    NotFound,
    #[error(
        "a check does not put this name before you as possibly this body / 核查未将该名称疑为该单位"
    )]
    NotInDoubt,
    #[error("a review holds from today for three years at most / 复核自今日起至多有效三年")]
    BadTerm,
    #[error("it is excluded already / 已复核排除")]
    Known,
    #[error("it is revoked already / 已撤销")]
    Revoked,
    #[error(
        "at most {} reviews hold at once / 有效的复核至多 {} 件",
        store::EXCLUSIONS_MAX,
        store::EXCLUSIONS_MAX
    )]
    TooMany,
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl CheckInput {
    /// By which name a review of it goes; none where it names nothing, or gives a code, too.
    fn reviewed_as(&self) -> Option<ExcludedName> {
        let texts = self.echo();
        // Who looked at a name did not look at what a code says beside it.
        let has_code = texts.uscc.is_some() || texts.org_code.is_some();
        let name = texts.name.as_deref().filter(|_| !has_code)?;
        let is_short = name.chars().count() <= TEXT_CHARS_MAX;
        is_short.then(|| ExcludedName::new(name, texts.division.as_deref()))
    }
}

/// Whether reviews are asked for: a code or a name of the register's own is not in doubt.
fn is_in_doubt(checked: &Checked) -> bool {
    let outcome = checked.resolution.outcome;
    matches!(outcome, Outcome::Fuzzy | Outcome::Ambiguous)
}

impl Checking {
    /// The same answers without the bodies that were reviewed and excluded; beside each these bodies. One query for
    /// all of them, and none where nothing is in doubt.
    pub(super) async fn review(
        &self,
        view: &View,
        inputs: &[CheckInput],
        told: Vec<(Answer, Checked)>,
    ) -> Result<Vec<(Answer, Checked, Vec<i64>)>, store::Error> {
        let doubtful = |(input, (_, checked)): (&CheckInput, &(Answer, Checked))| {
            is_in_doubt(checked).then(|| input.reviewed_as()).flatten()
        };
        let names: Vec<Option<ExcludedName>> = inputs.iter().zip(&told).map(doubtful).collect();
        let asked: BTreeSet<ExcludedName> = names.iter().flatten().cloned().collect();
        let excluded = match asked.is_empty() {
            true => Default::default(),
            false => {
                let today = self.clock.today();
                self.store
                    .excluded(&place(view.viewer()), &asked, today)
                    .await?
            }
        };
        let each = inputs.iter().zip(told).zip(names);
        let answers = each.map(|((input, (answer, checked)), name)| {
            let excluded = name.and_then(|name| excluded.get(&name));
            match excluded {
                Some(excluded) => {
                    let (answer, checked) = self.answer(view, input, excluded);
                    let left_out = match checked.excluded {
                        0 => Vec::new(),
                        _ => excluded.clone(),
                    };
                    (answer, checked, left_out)
                }
                None => (answer, checked, Vec::new()),
            }
        });
        Ok(answers.collect())
    }

    /// Keeps a review of who may check the body, where a check puts it before him and leaves it in doubt.
    pub async fn exclude(&self, view: &View, new: NewReview) -> Result<Exclusion, NotReviewed> {
        let text = |key: &str, text: &str| {
            let text = hidden(text.trim());
            match (1..=TEXT_CHARS_MAX).contains(&text.chars().count()) {
                true => Ok(text),
                false => Err(NotReviewed::Invalid(format!(
                    "{key}: 1 to {TEXT_CHARS_MAX} characters expected"
                ))),
            }
        };
        let (reason, name) = (text("reason", &new.reason)?, text("name", &new.name)?);
        let reference = new.reference.as_deref();
        let reference = reference.map(|one| text("reference", one)).transpose()?;
        let today = self.clock.today();
        if !may_last(today, new.expires_on) {
            return Err(NotReviewed::BadTerm);
        }
        let texts = Echo {
            name: Some(name),
            division: new.division,
            ..Echo::default()
        };
        let input = CheckInput::new(texts, None);
        let agency = view
            .bodies_with(std::iter::once(&new.uscc))
            .first()
            .copied();
        let agency = agency.filter(|id| view.may_check(*id));
        let asked = input.reviewed_as();
        let names: BTreeSet<ExcludedName> = asked.iter().cloned().collect();
        let there = place(view.viewer());
        let excluded = self.store.excluded(&there, &names, today).await?;
        let excluded = excluded.into_values().next().unwrap_or_default();
        // Where more fit than are told, what was reviewed makes place for others.
        let (_, checked) = self.answer(view, &input, &excluded);
        let told = &checked.resolution;
        let mut possible = told
            .candidates
            .iter()
            .map(|one| one.agency)
            .chain(told.agency);
        // One that is excluded already is for the store to tell, which knows the key.
        let agency = agency.filter(|id| {
            excluded.contains(id) || is_in_doubt(&checked) && possible.any(|one| one == *id)
        });
        let (Some(agency), Some(asked)) = (agency, asked) else {
            return Err(NotReviewed::NotInDoubt);
        };
        let viewer = view.viewer();
        let review = NewExclusion {
            place: there,
            request: digest_of(&[&viewer.client(), &new.key]),
            role: viewer.role,
            exclusion: Exclusion {
                id: 0,
                asked,
                agency,
                uscc: new.uscc.to_string(),
                reason,
                reference,
                by: viewer.subject.clone(),
                made_at: self.clock.now(),
                expires_on: new.expires_on,
                revoked: None,
            },
        };
        match self.store.exclude(review, today).await? {
            Excluded::Done(made) => Ok(made),
            Excluded::Known => Err(NotReviewed::Known),
            Excluded::TooMany => Err(NotReviewed::TooMany),
        }
    }

    /// Revokes a review that holds for the viewer's place, of a body that he may check.
    pub async fn revoke_exclusion(
        &self,
        view: &View,
        id: i64,
        reason: &str,
    ) -> Result<(), NotReviewed> {
        let reason = hidden(reason.trim());
        if !(1..=TEXT_CHARS_MAX).contains(&reason.chars().count()) {
            let expected = format!("reason: 1 to {TEXT_CHARS_MAX} characters expected");
            return Err(NotReviewed::Invalid(expected));
        }
        let viewer = view.viewer();
        let known = self.store.exclusion(&place(viewer), id).await?;
        let known = known.filter(|known| view.may_check(known.agency));
        let known = known.ok_or(NotReviewed::NotFound)?;
        let by = (viewer.subject.as_str(), reason.as_str());
        let now = self.clock.now();
        match self.store.revoke_exclusion(&known, by, now).await? {
            true => Ok(()),
            false => Err(NotReviewed::Revoked),
        }
    }

    /// The review with this number, for those for whom it holds.
    pub async fn exclusion(
        &self,
        viewer: &Viewer,
        id: i64,
    ) -> Result<Option<Exclusion>, store::Error> {
        self.store.exclusion(&place(viewer), id).await
    }

    /// Reviews for the viewer's place, the newest first, from behind one, at most `limit`.
    pub async fn exclusions(
        &self,
        viewer: &Viewer,
        holding: bool,
        before: Option<i64>,
        limit: u64,
    ) -> Result<Vec<Exclusion>, store::Error> {
        let on = holding.then(|| self.clock.today());
        self.store
            .exclusions(&place(viewer), on, before, limit)
            .await
    }

    /// How many these are.
    pub async fn count_exclusions(
        &self,
        viewer: &Viewer,
        holding: bool,
    ) -> Result<u64, store::Error> {
        let on = holding.then(|| self.clock.today());
        self.store.count_exclusions(&place(viewer), on).await
    }
}
