//! Reviewed false matches (误匹配复核): that a name, as it is written in some place, does not mean a body that it could.

use chrono::{DateTime, Months, NaiveDate, Utc};

use crate::{id::digest_of, name::normalise, viewer::Viewer};

/// Years for which a review holds at most: bodies and names change.
pub const YEARS_MAX: u32 = 3;

/// A name as the resolver reads it, in the division to which the question was limited.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExcludedName {
    /// The division's code; empty where the question named none.
    pub division: String,
    /// The normalised name.
    pub name: String,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// Its number.
    pub id: i64,
    /// What was asked.
    pub asked: ExcludedName,
    /// The body that is not meant, by its number and its code.
    pub agency: i64,
    /// Its code.
    pub uscc: String,
    /// Why.
    pub reason: String,
    /// The case or document that it rests on.
    pub reference: Option<String>,
    /// Who reviewed it.
    pub by: String,
    /// When.
    pub made_at: DateTime<Utc>,
    /// The last day on which it holds.
    pub expires_on: NaiveDate,
    /// When, by whom and why it was revoked.
    pub revoked: Option<(DateTime<Utc>, String, String)>,
}

impl ExcludedName {
    /// From a name and a division as they were asked.
    pub fn new(name: &str, division: Option<&str>) -> Self {
        Self {
            division: division.map(str::trim).unwrap_or_default().to_owned(),
            name: normalise(name),
        }
    }
}

impl Exclusion {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.revoked.is_none() && day <= self.expires_on
    }
}

/// Whether a review that is made on one day may hold until another.
pub fn may_last(today: NaiveDate, until: NaiveDate) -> bool {
    let last = today.checked_add_months(Months::new(12 * YEARS_MAX));
    until >= today && last.is_some_and(|last| until <= last)
}

/// For whom a review holds: whoever acts in the same role, for the same areas and the same body.
pub fn place(viewer: &Viewer) -> String {
    let mut areas: Vec<String> = viewer.divisions.iter().map(ToString::to_string).collect();
    areas.sort_unstable();
    let agency = viewer.agency.map(|code| code.to_string());
    digest_of(&[
        viewer.role.as_str(),
        &areas.join(" "),
        agency.as_deref().unwrap_or_default(),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    #[test]
    fn a_review_lasts_three_years_at_most() {
        let today = day("2026-04-20");
        for (until, may) in [
            ("2026-04-19", false),
            ("2026-04-20", true),
            ("2029-04-20", true),
            ("2029-04-21", false),
        ] {
            assert_eq!(may_last(today, day(until)), may, "{until}");
        }
        // Of a day that is not in every year.
        assert!(may_last(day("2028-02-29"), day("2031-02-28")));
        assert!(!may_last(day("2028-02-29"), day("2031-03-01")));
    }

    #[test]
    fn a_review_is_of_the_name_as_the_resolver_reads_it() {
        let one = ExcludedName::new("水务局（本级）", Some(" 440600 "));
        assert_eq!(one, ExcludedName::new("水务局(本级)", Some("440600")));
        assert_ne!(one, ExcludedName::new("水务局(本级)", None));
    }

    #[test]
    fn it_holds_until_its_day_is_over_or_it_is_revoked() {
        let mut review = Exclusion {
            id: 1,
            asked: ExcludedName::new("水务局", None),
            agency: 2,
            uscc: String::new(),
            reason: String::new(),
            reference: None,
            by: String::new(),
            made_at: DateTime::UNIX_EPOCH,
            expires_on: day("2026-04-20"),
            revoked: None,
        };
        assert!(review.holds_on(day("2026-04-20")));
        assert!(!review.holds_on(day("2026-04-21")));
        review.revoked = Some((DateTime::UNIX_EPOCH, String::new(), String::new()));
        assert!(!review.holds_on(day("2026-04-20")));
    }
}
