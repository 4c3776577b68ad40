use domain::assessment::Assessment;
use entities::assessment;

use super::{Stamp, row};

pub(super) fn to_row(stamp: &Stamp, fact: Assessment) -> assessment::ActiveModel {
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
