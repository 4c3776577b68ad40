use domain::{
    mention::Mention,
    resolution::{Candidate, Outcome, Resolution},
};
use entities::mention;

use super::{
    super::{Error, Known, Listing, Result},
    Stamp, read, read_optional, row,
};

pub(super) fn to_row(stamp: &Stamp, fact: Mention) -> mention::ActiveModel {
    row!(
        stamp,
        mention {
            source: stamp.source.clone(),
            text: fact.text,
            code: fact.code,
            division: fact.division.map(|code| code.to_string()),
            outcome: fact.resolution.outcome.as_str().to_owned(),
            score: fact.resolution.score,
            steps: fact.resolution.steps.join("\n"),
            candidates: candidates_text(&fact.resolution.candidates),
            decision_version: fact.decision_version,
        }
    )
}

pub(in super::super) fn from_row(row: mention::Model) -> Result<Known<Listing<Mention>>> {
    let id = row.id;
    let candidates: Vec<(i64, f64, String)> =
        serde_json::from_str(&row.candidates).map_err(|error| Error::Corrupt {
            table: "mention",
            id,
            reason: error.to_string(),
        })?;
    let outcome = read("mention", id, &row.outcome)?;
    // What tells one body and is not settled has it as its only candidate.
    let tells_one = matches!(
        outcome,
        Outcome::Alias | Outcome::Successor | Outcome::Fuzzy
    );
    let resolution = Resolution {
        outcome,
        agency: candidates
            .first()
            .map(|first| first.0)
            .filter(|_| tells_one),
        score: row.score,
        steps: row.steps.lines().map(str::to_owned).collect(),
        candidates: candidates
            .into_iter()
            .map(|(agency, score, reason)| Candidate {
                agency,
                score,
                reason,
            })
            .collect(),
    };
    let fact = Mention {
        text: row.text,
        code: row.code,
        division: read_optional("mention", id, row.division.as_deref())?,
        resolution,
        decision_version: row.decision_version,
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

fn candidates_text(candidates: &[Candidate]) -> String {
    let rows: Vec<_> = candidates
        .iter()
        .map(|c| (c.agency, c.score, c.reason.as_str()))
        .collect();
    serde_json::to_string(&rows).expect("numbers and strings always serialise")
}
