//! Watch lists (关注名单): what a client is told of the subjects that he registered. No more than a check would tell
//! of them: records that hold, measures that are in force, and who they are.

use chrono::NaiveDate;

use crate::{
    casework::SanctionStatus,
    change::ChangeCause,
    id::{Kind, stable_id},
    succession::SuccessionKind,
};

/// What became of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WatchKind {
    /// A record holds that did not before.
    RecordAdded,
    /// Of a record that holds something else is told.
    RecordChanged,
    /// A record holds no longer, or not about this subject.
    RecordEnded,
    /// A measure is in force, for the first time, as from its first day, or again.
    MeasureImposed,
    /// A measure that is in force runs for another term.
    MeasureChanged,
    /// A measure does not run for the time being.
    MeasureSuspended,
    /// A measure was lifted or revoked.
    MeasureLifted,
    /// A measure's term is over.
    MeasureEnded,
    /// The subject has another name.
    Renamed,
    /// The subject took part in a merger.
    Merged,
    /// Something passed from the subject to another body, or from another body to it.
    Succeeded,
    /// The subject is dissolved.
    Dissolved,
}

crate::text_enum!(WatchKind {
    RecordAdded => "RECORD_ADDED",
    RecordChanged => "RECORD_CHANGED",
    RecordEnded => "RECORD_ENDED",
    MeasureImposed => "MEASURE_IMPOSED",
    MeasureChanged => "MEASURE_CHANGED",
    MeasureSuspended => "MEASURE_SUSPENDED",
    MeasureLifted => "MEASURE_LIFTED",
    MeasureEnded => "MEASURE_ENDED",
    Renamed => "RENAMED",
    Merged => "MERGED",
    Succeeded => "SUCCEEDED",
    Dissolved => "DISSOLVED",
});
crate::text_serde!(WatchKind);

/// One thing that one change of the log did, as it concerns one subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WatchEvent {
    /// What.
    pub kind: WatchKind,
    /// What made it.
    pub cause: ChangeCause,
    /// The subject, by its number.
    pub subject: i64,
    /// Whose record, measure or identity it is: the subject itself, or one from which it inherits.
    pub about: i64,
    /// The record, where it is about one.
    pub record: Option<i64>,
    /// The measure, where it is about one.
    pub sanction: Option<i64>,
}

impl WatchEvent {
    /// Whether it comes from a body from which the subject inherits.
    pub fn is_inherited(&self) -> bool {
        self.about != self.subject
    }

    /// Its number among all that the change with this number did; of a record's move from one subject to another
    /// each has its own.
    pub fn number(&self, seq: i64) -> i64 {
        let text = |number: i64| number.to_string();
        let thing = self.sanction.or(self.record).unwrap_or_default();
        let parts = [seq, self.subject, self.about, thing].map(text);
        let [seq, subject, about, thing] = &parts;
        let kind = self.kind.as_str();
        stable_id(Kind::WatchEvent, &[seq, kind, subject, about, thing])
    }
}

impl WatchKind {
    /// What is told of a record, from whether it held of the subject before and after, and whether a check says
    /// something else of it; nothing of one that held neither before nor after, for no check would have told it.
    pub fn of_record(held: bool, holds: bool, is_other: bool) -> Option<Self> {
        match (held, holds) {
            (false, true) => Some(Self::RecordAdded),
            (true, true) => is_other.then_some(Self::RecordChanged),
            (true, false) => Some(Self::RecordEnded),
            (false, false) => None,
        }
    }

    /// What is told of a measure, from where it stood before and stands now; nothing of what is only proposed or has
    /// yet to run ([`Sanction::status_once_run`](crate::casework::Sanction::status_once_run)).
    /// `is_other_term` says whether its days are others.
    pub fn of_measure(
        before: Option<SanctionStatus>,
        after: SanctionStatus,
        is_other_term: bool,
    ) -> Option<Self> {
        use SanctionStatus as S;
        match (before, after) {
            (Some(S::Active), S::Active) => is_other_term.then_some(Self::MeasureChanged),
            (None | Some(S::Proposed | S::Suspended), S::Active) => Some(Self::MeasureImposed),
            (Some(S::Active), S::Suspended) => Some(Self::MeasureSuspended),
            (Some(S::Active | S::Suspended), S::Lifted | S::Revoked) => Some(Self::MeasureLifted),
            (Some(S::Active | S::Suspended), S::Expired) => Some(Self::MeasureEnded),
            _ => None,
        }
    }

    /// What is told of a body's own entry in the register, from its name and the day on which it was dissolved.
    pub fn of_body(
        before: (&str, Option<NaiveDate>),
        after: (&str, Option<NaiveDate>),
    ) -> impl Iterator<Item = Self> {
        let renamed = (before.0 != after.0).then_some(Self::Renamed);
        let dissolved = (before.1 != after.1 && after.1.is_some()).then_some(Self::Dissolved);
        renamed.into_iter().chain(dissolved)
    }

    /// What is told of a succession event to either of its ends.
    pub fn of_succession(kind: SuccessionKind) -> Self {
        match kind {
            SuccessionKind::Renamed => Self::Renamed,
            SuccessionKind::Merged => Self::Merged,
            SuccessionKind::Split | SuccessionKind::Transferred => Self::Succeeded,
            SuccessionKind::Abolished => Self::Dissolved,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_record_is_told_what_a_check_would_tell() {
        for (held, holds, is_other, kind) in [
            (false, false, true, None),
            (false, true, true, Some(WatchKind::RecordAdded)),
            (true, true, true, Some(WatchKind::RecordChanged)),
            (true, true, false, None),
            (true, false, true, Some(WatchKind::RecordEnded)),
        ] {
            assert_eq!(WatchKind::of_record(held, holds, is_other), kind);
        }
    }

    #[test]
    fn a_measure_is_told_while_it_is_more_than_proposed() {
        use SanctionStatus as S;
        for (before, after, is_other_term, kind) in [
            (None, S::Proposed, false, None),
            (None, S::Active, false, Some(WatchKind::MeasureImposed)),
            (
                Some(S::Proposed),
                S::Active,
                false,
                Some(WatchKind::MeasureImposed),
            ),
            (Some(S::Proposed), S::Revoked, false, None),
            (Some(S::Active), S::Active, false, None),
            (
                Some(S::Active),
                S::Active,
                true,
                Some(WatchKind::MeasureChanged),
            ),
            (
                Some(S::Active),
                S::Suspended,
                false,
                Some(WatchKind::MeasureSuspended),
            ),
            (
                Some(S::Suspended),
                S::Active,
                false,
                Some(WatchKind::MeasureImposed),
            ),
            (
                Some(S::Active),
                S::Lifted,
                false,
                Some(WatchKind::MeasureLifted),
            ),
            (
                Some(S::Suspended),
                S::Revoked,
                false,
                Some(WatchKind::MeasureLifted),
            ),
            (
                Some(S::Active),
                S::Expired,
                true,
                Some(WatchKind::MeasureEnded),
            ),
            (Some(S::Expired), S::Expired, false, None),
        ] {
            let told = WatchKind::of_measure(before, after, is_other_term);
            assert_eq!(told, kind, "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_body_is_renamed_and_dissolved_and_nothing_else() {
        let day = |text: &str| Some(text.parse::<NaiveDate>().expect("a day"));
        let told = |before, after| WatchKind::of_body(before, after).collect::<Vec<_>>();
        assert_eq!(told(("a", None), ("a", None)), []);
        assert_eq!(told(("a", None), ("b", None)), [WatchKind::Renamed]);
        let dissolved = ("b", day("2026-01-01"));
        assert_eq!(
            told(("a", None), dissolved),
            [WatchKind::Renamed, WatchKind::Dissolved]
        );
        assert_eq!(told(dissolved, dissolved), []);
        assert_eq!(told(dissolved, ("b", None)), []);
    }

    #[test]
    fn events_of_one_change_have_numbers_of_their_own() {
        let event = WatchEvent {
            kind: WatchKind::RecordAdded,
            cause: ChangeCause::Source,
            subject: 1,
            about: 2,
            record: Some(3),
            sanction: None,
        };
        let other = |change: fn(&mut WatchEvent)| {
            let mut other = event.clone();
            change(&mut other);
            other.number(7)
        };
        assert!(event.is_inherited());
        for other in [
            event.number(8),
            other(|event| event.kind = WatchKind::RecordEnded),
            other(|event| event.subject = 2),
            other(|event| event.about = 1),
            other(|event| event.record = Some(4)),
        ] {
            assert_ne!(other, event.number(7));
        }
    }
}
