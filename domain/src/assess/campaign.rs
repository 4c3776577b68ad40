//! Annual assessments (年度评估): a campaign for a year and a division, from frozen inputs to publication.
//!
//! It goes on by steps alone, of which each makes its next version; what is frozen or confirmed stays as it is.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::Calendar,
    division::DivisionCode,
    id::{Kind, stable_id},
    viewer::Role,
};

use super::{annual_rule::Window, frozen::Correction};

/// Which way of reckoning scores: raised with every change of the evaluation by which the same facts and the same
/// pack come to other bytes.
pub const EVALUATION_VERSION: u32 = 3;

/// Objections of one body in a campaign that may wait for their decision at once.
pub const UNDECIDED_MAX: usize = 10;

/// Where a campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CampaignState {
    /// 初评完成: scores are there, and bodies may not object yet.
    Preliminary,
    /// 异议期: bodies may object, or their objections are being decided.
    Objections,
    /// 已确认
    Confirmed,
    /// 已公布
    Published,
}

crate::text_enum!(CampaignState {
    Preliminary => "PRELIMINARY",
    Objections => "OBJECTIONS",
    Confirmed => "CONFIRMED",
    Published => "PUBLISHED",
});

/// What is done about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CampaignAct {
    /// 开展
    Open,
    /// 提出异议
    Object,
    /// 处理异议
    Decide,
    /// 确认
    Confirm,
    /// 公布
    Publish,
}

/// A decision to make something public (公布决定).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The decision, by its number or in words.
    pub decision: String,
    /// The first day on which anybody may read it.
    pub from: NaiveDate,
    /// When it was decided.
    pub at: DateTime<Utc>,
    /// By whom: the token's subject.
    pub by: String,
}

/// Rows of a campaign that were written in one go, and what proves them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// By which number they are found; it says nothing.
    pub set: i64,
    /// SHA-256 over them, in hexadecimal.
    pub digest: String,
}

/// Objections to a campaign's scores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectionCounts {
    /// All that were filed.
    pub filed: u32,
    /// Of these the upheld ones.
    pub upheld: u32,
    /// Of these the ones that were not upheld.
    pub rejected: u32,
}

/// A campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    /// The year.
    pub year: i32,
    /// The division: its bodies and those of all below it are assessed.
    pub division: DivisionCode,
    /// The last day of the year, as of which bodies are graded.
    pub on: NaiveDate,
    /// The pack's key, version and digest.
    pub pack: [String; 3],
    /// By which evaluation its preliminary results were reckoned.
    pub evaluation: u32,
    /// By which the confirmed ones, where it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_evaluation: Option<u32>,
    /// When it was opened, and by whom.
    pub opened_at: DateTime<Utc>,
    /// The token's subject.
    pub opened_by: String,
    /// The day on which bodies may begin to object.
    pub objections_from: NaiveDate,
    /// Working days in which they may.
    pub objection_days: u32,
    /// Assessed bodies.
    pub bodies: u32,
    /// The frozen inputs.
    pub inputs: Sealed,
    /// The preliminary results.
    pub preliminary: Sealed,
    /// The confirmed results.
    pub results: Option<Sealed>,
    /// Objections.
    pub objections: ObjectionCounts,
    /// When it was confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// By whom.
    pub confirmed_by: Option<String>,
    /// The decision to make it public.
    pub publication: Option<Publication>,
}

/// Why something can't be done with a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CampaignRefused {
    /// It does not follow where the campaign stands.
    WrongState,
    /// The time for it has not come.
    TooEarly,
    /// The window for objections is over.
    WindowClosed,
    /// It is still open.
    WindowOpen,
    /// Objections wait for their decision.
    Undecided,
    /// It is to be public from a day that is over.
    Backdated,
    /// An upheld objection corrects something that was frozen of the body, one that is not upheld nothing.
    WrongCorrections,
    /// The division is assessed for that year already.
    AlreadyOpen,
    /// No rule pack may grade the year, or no calendar is for it.
    NoRule,
    /// The body is not assessed by it.
    NotAssessed,
    /// So many of the body's objections wait for their decision already: [`UNDECIDED_MAX`].
    TooMany,
}

crate::text_enum!(CampaignRefused {
    WrongState => "WRONG_STATE",
    TooEarly => "TOO_EARLY",
    WindowClosed => "WINDOW_CLOSED",
    WindowOpen => "WINDOW_OPEN",
    Undecided => "UNDECIDED",
    Backdated => "BACKDATED",
    WrongCorrections => "WRONG_CORRECTIONS",
    AlreadyOpen => "ALREADY_OPEN",
    NoRule => "NO_RULE",
    NotAssessed => "NOT_ASSESSED",
    TooMany => "TOO_MANY",
});

/// A body's objection to its own score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignObjection {
    /// The campaign's number.
    pub campaign: i64,
    /// The how-manieth of the campaign, from 1.
    pub number: u32,
    /// The body, by its number.
    pub agency: i64,
    /// Its code.
    pub uscc: String,
    /// What it says.
    pub text: String,
    /// When it was filed.
    pub filed_at: DateTime<Utc>,
    /// By whom: the token's subject.
    pub filed_by: String,
    /// What came of it.
    pub decision: Option<ObjectionDecision>,
}

/// What came of an objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectionDecision {
    /// Whether it is upheld.
    pub upheld: bool,
    /// Why.
    pub reason: String,
    /// What takes the place of what was frozen.
    pub corrections: Vec<Correction>,
    /// When it was decided.
    pub at: DateTime<Utc>,
    /// By whom: the token's subject.
    pub by: String,
}

impl CampaignAct {
    /// Who may do it.
    pub fn is_for(self, role: Role) -> bool {
        match self {
            Self::Object => role == Role::Agency,
            Self::Open | Self::Decide | Self::Confirm | Self::Publish => role == Role::Authority,
        }
    }
}

impl CampaignState {
    /// Whether who oversees or is assessed reads results: preliminary ones are for who works with them, and from
    /// the objections on for the bodies.
    pub fn is_told_to(self, role: Role) -> bool {
        match role {
            Role::Authority | Role::Government => true,
            Role::Agency => self >= Self::Objections,
            Role::Congress => self >= Self::Confirmed,
            _ => self == Self::Published,
        }
    }
}

impl Campaign {
    /// Its stable number: a division is assessed for a year once.
    pub fn number_of(year: i32, division: DivisionCode) -> i64 {
        stable_id(Kind::Campaign, &[&year.to_string(), &division.to_string()])
    }

    /// Its stable number.
    pub fn number(&self) -> i64 {
        Self::number_of(self.year, self.division)
    }

    /// Where it stands on a day.
    pub fn state_on(&self, on: NaiveDate) -> CampaignState {
        match &self.publication {
            Some(public) if public.from <= on => CampaignState::Published,
            _ if self.results.is_some() => CampaignState::Confirmed,
            _ if self.objections_from <= on => CampaignState::Objections,
            _ => CampaignState::Preliminary,
        }
    }

    /// As much of it as had happened: none before it was opened. Counts of objections are those of now.
    pub fn as_far_as(&self, had_happened: impl Fn(DateTime<Utc>) -> bool) -> Option<Self> {
        if !had_happened(self.opened_at) {
            return None;
        }
        let mut then = self.clone();
        if !self.confirmed_at.is_some_and(&had_happened) {
            (then.results, then.confirmed_at, then.confirmed_by) = (None, None, None);
        }
        then.publication = then.publication.filter(|public| had_happened(public.at));
        Some(then)
    }

    /// Time in which bodies may object.
    pub fn window(&self, calendar: &Calendar) -> Window {
        Window::new(self.objections_from, self.objection_days, calendar)
    }

    /// Objections that wait for their decision.
    pub fn undecided(&self) -> u32 {
        let counts = self.objections;
        let decided = counts.upheld.saturating_add(counts.rejected);
        counts.filed.saturating_sub(decided)
    }

    /// The results that stand: the confirmed ones, before that the preliminary ones.
    pub fn standing(&self) -> &Sealed {
        self.results.as_ref().unwrap_or(&self.preliminary)
    }

    /// A body objects, of whose objections so many wait for their decision: the campaign after it, and the objection's
    /// number.
    pub fn object(
        &self,
        on: NaiveDate,
        calendar: &Calendar,
        waiting: usize,
    ) -> Result<(Self, u32), CampaignRefused> {
        match self.state_on(on) {
            CampaignState::Preliminary => return Err(CampaignRefused::TooEarly),
            CampaignState::Objections if self.window(calendar).is_open(on) => {}
            _ => return Err(CampaignRefused::WindowClosed),
        }
        if waiting >= UNDECIDED_MAX {
            return Err(CampaignRefused::TooMany);
        }
        let mut after = self.clone();
        after.objections.filed += 1;
        let number = after.objections.filed;
        Ok((after, number))
    }

    /// An objection is decided: the campaign after it. Decisions go on after the window.
    pub fn decide(
        &self,
        decision: &ObjectionDecision,
        on: NaiveDate,
    ) -> Result<Self, CampaignRefused> {
        if self.state_on(on) != CampaignState::Objections {
            return Err(CampaignRefused::WrongState);
        }
        if decision.upheld == decision.corrections.is_empty() {
            return Err(CampaignRefused::WrongCorrections);
        }
        let mut after = self.clone();
        match decision.upheld {
            true => after.objections.upheld += 1,
            false => after.objections.rejected += 1,
        }
        Ok(after)
    }

    /// Whether it may be confirmed.
    pub fn may_be_confirmed(
        &self,
        on: NaiveDate,
        calendar: &Calendar,
    ) -> Result<(), CampaignRefused> {
        match self.state_on(on) {
            CampaignState::Preliminary => return Err(CampaignRefused::TooEarly),
            CampaignState::Objections => {}
            _ => return Err(CampaignRefused::WrongState),
        }
        if !self.window(calendar).is_over(on) {
            return Err(CampaignRefused::WindowOpen);
        }
        match self.undecided() {
            0 => Ok(()),
            _ => Err(CampaignRefused::Undecided),
        }
    }

    /// It is confirmed with these results.
    pub fn confirmed(&self, results: Sealed, at: DateTime<Utc>, by: &str) -> Self {
        Self {
            results: Some(results),
            confirmed_evaluation: Some(EVALUATION_VERSION).filter(|by| *by != self.evaluation),
            confirmed_at: Some(at),
            confirmed_by: Some(by.to_owned()),
            ..self.clone()
        }
    }

    /// It is made public.
    pub fn publish(&self, public: Publication, on: NaiveDate) -> Result<Self, CampaignRefused> {
        if self.results.is_none() || self.publication.is_some() {
            return Err(CampaignRefused::WrongState);
        }
        public.may_begin(on)?;
        Ok(Self {
            publication: Some(public),
            ..self.clone()
        })
    }
}

impl Publication {
    /// Nothing is public from a day that is over.
    pub fn may_begin(&self, on: NaiveDate) -> Result<(), CampaignRefused> {
        if self.from < on {
            return Err(CampaignRefused::Backdated);
        }
        Ok(())
    }
}

impl CampaignObjection {
    /// Its stable number.
    pub fn id(&self) -> i64 {
        let (campaign, number) = (self.campaign.to_string(), self.number.to_string());
        stable_id(Kind::CampaignObjection, &[&campaign, &number])
    }

    /// As much of it as had happened: none before it was filed.
    pub fn as_far_as(mut self, had_happened: impl Fn(DateTime<Utc>) -> bool) -> Option<Self> {
        if !had_happened(self.filed_at) {
            return None;
        }
        self.decision = self.decision.filter(|decision| had_happened(decision.at));
        Some(self)
    }
}

#[cfg(test)]
mod tests;
