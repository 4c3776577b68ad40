use domain::assessment::AssessmentLine;
use entities::assessment;

use super::{
    super::{Known, Listing, Result},
    Stamp, read_optional, row,
};

pub(super) fn to_row(stamp: &Stamp, fact: AssessmentLine) -> assessment::ActiveModel {
    row!(
        stamp,
        assessment {
            source: stamp.source.clone(),
            assessor: fact.assessor,
            period_from: fact.period_from,
            period_to: fact.period_to,
            uscc: fact.uscc.map(|code| code.to_string()),
            division: fact.division.map(|code| code.to_string()),
            indicator: fact.indicator,
            score: fact.score.map(|score| score.to_string()),
            full_score: fact.full_score.map(|score| score.to_string()),
            grade: fact.grade,
            report: fact.report,
        }
    )
}

pub(in super::super) fn from_row(row: assessment::Model) -> Result<Known<Listing<AssessmentLine>>> {
    let (table, id) = ("assessment", row.id);
    let fact = AssessmentLine {
        uscc: read_optional(table, id, row.uscc.as_deref())?,
        division: read_optional(table, id, row.division.as_deref())?,
        score: read_optional(table, id, row.score.as_deref())?,
        full_score: read_optional(table, id, row.full_score.as_deref())?,
        assessor: row.assessor,
        period_from: row.period_from,
        period_to: row.period_to,
        indicator: row.indicator,
        grade: row.grade,
        report: row.report,
    };
    Ok(Known {
        id,
        row_id: row.row_id,
        version: row.version,
        fact: Listing {
            source: row.source,
            fact,
        },
    })
}
