//! Facts: what a row of a source comes to, its stable number and its table.

use domain::{
    agency::Agency,
    assessment::AssessmentLine,
    clue::Clue,
    credit_record::CreditRecord,
    id::{Kind, derived_id, stable_id},
    indicator::Indicator,
    mention::Mention,
    post::Post,
    succession::Succession,
};

/// What a row of a source comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    Agency(Agency),
    Succession(Succession),
    Record(CreditRecord),
    Mention(Mention),
    Clue(Clue),
    Indicator(Indicator),
    Post(Post),
    Assessment(AssessmentLine),
}

/// The tables of facts, in the order in which they are written.
pub(super) const TABLES: [&str; 8] = [
    "agency",
    "succession",
    "mention",
    "credit_record",
    "clue",
    "indicator",
    "post",
    "assessment",
];

/// The tables of what a kind of row can come to; the longer lists cost a look-up a batch each.
pub(super) fn tables_of(yields: &str) -> &'static [&'static str] {
    match yields {
        "agency" => &["agency"],
        "succession" => &["succession"],
        "credit_record" => &["mention", "credit_record"],
        "clue" => &["mention", "credit_record", "clue"],
        "disclosure" => &["mention", "indicator"],
        "post" => &["post"],
        "assessment" => &["assessment"],
        _ => &TABLES,
    }
}

/// Members that facts had not from the beginning, where they are empty.
const LATER: [&str; 3] = [
    "overdue_since: None, ",
    "corrected_on: None, ",
    "lapses: [], ",
];

impl Fact {
    /// The stable number of what this row tells of.
    pub fn id(&self, row_id: i64) -> i64 {
        match self {
            Fact::Agency(agency) => stable_id(Kind::Agency, &[agency.uscc.as_str()]),
            fact => id_of_row(fact.table(), row_id).unwrap_or(row_id),
        }
    }

    pub(super) fn table(&self) -> &'static str {
        match self {
            Fact::Agency(_) => "agency",
            Fact::Succession(_) => "succession",
            Fact::Mention(_) => "mention",
            Fact::Record(_) => "credit_record",
            Fact::Clue(_) => "clue",
            Fact::Indicator(_) => "indicator",
            Fact::Post(_) => "post",
            Fact::Assessment(_) => "assessment",
        }
    }

    /// Equal for equal facts. It is taken of the debugging form: should that ever change, facts
    /// get one more version each, and nothing else happens.
    pub(super) fn content_hash(&self) -> i64 {
        let text = format!("{self:?}");
        // What came to be told later says nothing where it is empty: the versions of before stand.
        let text = LATER
            .iter()
            .fold(text, |text, later| text.replace(later, ""));
        stable_id(Kind::Evidence, &[&text])
    }
}

/// The number of what a row would come to in a table whose facts are numbered by their rows.
pub fn id_of_row(table: &str, row_id: i64) -> Option<i64> {
    let kind = match table {
        "succession" => Kind::Succession,
        "mention" => Kind::Mention,
        "credit_record" => Kind::CreditRecord,
        "clue" => Kind::Clue,
        "indicator" => Kind::Indicator,
        "post" => Kind::Post,
        "assessment" => Kind::Assessment,
        _ => return None,
    };
    Some(derived_id(kind, row_id, ""))
}

/// A fact with its content's hash, which whoever reads has the time to take.
#[derive(Debug, Clone, PartialEq)]
pub struct HashedFact {
    pub fact: Fact,
    pub(super) hash: i64,
}

impl From<Fact> for HashedFact {
    fn from(fact: Fact) -> Self {
        let hash = fact.content_hash();
        Self { fact, hash }
    }
}

/// A fact that the resident graph holds, with what it needs beside the fact itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Known<T> {
    pub id: i64,
    pub row_id: i64,
    pub version: i64,
    pub fact: T,
}

/// A record, mention, clue or indicator with the source that lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing<T> {
    pub source: String,
    pub fact: T,
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use domain::credit_record::{CreditRecord, CreditRecordKind, RecordSubject};

    use super::*;

    #[test]
    fn what_is_not_told_leaves_the_versions_of_before() {
        let record = |overdue_since| {
            Fact::Record(CreditRecord {
                overdue_since,
                identified_by: "样例处理局".to_owned(),
                ..CreditRecord::new(
                    RecordSubject::Agency(1),
                    CreditRecordKind::Arrears,
                    "arrears.established",
                    NaiveDate::MIN,
                )
            })
        };
        // As it was hashed before any of them was told at all.
        let before = LATER
            .iter()
            .fold(format!("{:?}", record(None)), |text, later| {
                assert!(text.contains(later), "{text}");
                text.replace(later, "")
            });
        assert_eq!(
            record(None).content_hash(),
            stable_id(Kind::Evidence, &[&before])
        );
        assert_ne!(
            record(Some(NaiveDate::MIN)).content_hash(),
            record(None).content_hash()
        );
    }
}
