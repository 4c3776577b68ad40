use domain::{
    decision::{Decision, Ending},
    mention::SubjectText,
};
use entities::decision;
use sea_orm::ActiveValue::Set;

use super::{
    super::{Error, Known, Result},
    read, read_optional,
};

/// A version of a decision, under a change.
pub(in super::super) fn to_row(
    new: Known<Decision>,
    content_hash: i64,
    change: i64,
) -> decision::ActiveModel {
    let fact = new.fact;
    decision::ActiveModel {
        id: Set(new.id),
        change_from: Set(change),
        change_to: Set(None),
        version: Set(new.version),
        row_id: Set(new.row_id),
        content_hash: Set(content_hash),
        source: Set(fact.source),
        name: Set(fact.subject.name),
        code: Set(fact.subject.code),
        reach: Set(fact.reach.map(|code| code.to_string())),
        judgement: Set(fact.judgement.as_str().to_owned()),
        agency_id: Set(fact.agency),
        excluded: Set(numbers_text(&fact.excluded)),
        coded: Set(numbers_text(&fact.coded)),
        division: Set(fact.division.map(|code| code.to_string())),
        by_subject: Set(fact.by),
        by_role: Set(fact.role.as_str().to_owned()),
        reason: Set(fact.reason),
        at: Set(fact.at),
        ended_by: Set(None),
        end_reason: Set(None),
        ended_at: Set(None),
    }
}

/// How a version of it ended; none where that was not kept.
pub(in super::super) fn ending(row: &decision::Model) -> Option<Ending> {
    Some(Ending {
        by: row.ended_by.clone()?,
        reason: row.end_reason.clone()?,
        at: row.ended_at?,
    })
}

pub(in super::super) fn from_row(row: decision::Model) -> Result<Known<Decision>> {
    let id = row.id;
    let fact = Decision {
        source: row.source,
        subject: SubjectText {
            name: row.name,
            code: row.code,
        },
        reach: read_optional("decision", id, row.reach.as_deref())?,
        judgement: read("decision", id, &row.judgement)?,
        agency: row.agency_id,
        excluded: numbers(id, &row.excluded)?,
        coded: numbers(id, &row.coded)?,
        division: read_optional("decision", id, row.division.as_deref())?,
        by: row.by_subject,
        role: read("decision", id, &row.by_role)?,
        reason: row.reason,
        at: row.at,
    };
    Ok(Known {
        id,
        row_id: row.row_id,
        version: row.version,
        fact,
    })
}

fn numbers_text(numbers: &[i64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    numbers.join(" ")
}

fn numbers(id: i64, text: &str) -> Result<Vec<i64>> {
    let numbers = text.split_whitespace().map(str::parse);
    numbers
        .collect::<Result<_, _>>()
        .map_err(|error: std::num::ParseIntError| Error::Corrupt {
            table: "decision",
            id,
            reason: error.to_string(),
        })
}
