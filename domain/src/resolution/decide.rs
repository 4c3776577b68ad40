//! Codes and name put together.

use std::collections::HashSet;

use super::{
    Candidate, Outcome, Resolution,
    codes::Coded,
    found::{Found, Match},
    search::Search,
    successor,
    tier::{self, Tier},
};
use crate::directory::Body;

const DISAGREE: &str = "code and name mean different bodies / 代码与名称指向不同机构";
const CODES_DISAGREE: &str = "the two codes mean different bodies / 两个代码指向不同机构";
/// What repairs and supplied things cost together, at most.
const COST_MAX: u32 = 4;

pub(super) fn decide(mut search: Search<'_>, coded: Coded<'_>, named: Found<'_>) -> Resolution {
    let bears = |body: &Body| named.matches.iter().any(|found| found.body.id == body.id);
    let is_named = |body: &Body| !says_little(&named) && named.matches.len() == 1 && bears(body);
    match coded.bodies.as_slice() {
        // A code that nobody bears says nothing against the name and the other code.
        [first, others @ ..]
            if coded.disagrees && !(others.is_empty() && !coded.is_foreign && is_named(first)) =>
        {
            search.steps.add(CODES_DISAGREE);
            let by_code = coded.bodies.iter();
            let by_code = by_code
                .map(|body| candidate(body.id, tier::ONE_OF_SEVERAL, "by its code / 按代码"));
            let candidates = by_code.chain(by_name(&named)).collect();
            untold(search, Outcome::Conflict, candidates)
        }
        // The code is somebody else's whom the register does not know: the name is that of a body,
        // or only like it.
        [] if coded.is_foreign && says_little(&named) => {
            untold(search, Outcome::None, by_name(&named))
        }
        [] if coded.is_foreign => {
            search.steps.add(DISAGREE);
            untold(search, Outcome::Conflict, by_name(&named))
        }
        [] => by_name_alone(search, named),
        &[body] => {
            let heirs = successor::of_body(&mut search, body);
            if !contradicts(&search, body, &heirs, &named) {
                return by_code(search, body, heirs, coded.repaired);
            }
            search.steps.add(DISAGREE);
            let by_code = candidate(body.id, tier::ONE_OF_SEVERAL, "by its code / 按代码");
            let candidates = std::iter::once(by_code).chain(by_name(&named)).collect();
            untold(search, Outcome::Conflict, candidates)
        }
        several => {
            // Several bodies share an organisation code: a name may tell which one is meant.
            let fitting: Vec<&Body> = several.iter().copied().filter(|one| bears(one)).collect();
            if let &[body] = fitting.as_slice() {
                search.steps.add("the name tells which one / 名称确定其一");
                let heirs = successor::of_body(&mut search, body);
                return by_code(search, body, heirs, coded.repaired);
            }
            let sharing = several
                .iter()
                .map(|body| candidate(body.id, tier::ONE_OF_SEVERAL, "shares the code / 同码"));
            if fitting.is_empty() && named.fits && !named.matches.is_empty() {
                search.steps.add(DISAGREE);
                let candidates = sharing.chain(by_name(&named)).collect();
                return untold(search, Outcome::Conflict, candidates);
            }
            untold(search, Outcome::Ambiguous, sharing.collect())
        }
    }
}

/// Whether the name means somebody else than the code, and not who came before or after.
fn contradicts(search: &Search<'_>, body: &Body, heirs: &Found<'_>, named: &Found<'_>) -> bool {
    let matched = named.matches.iter().map(|found| found.body);
    let mut meant = matched.chain(named.followed.iter().copied());
    let is_same = |other: &Body| {
        let is_heir = heirs.matches.iter().any(|heir| heir.body.id == other.id);
        other.id == body.id || is_heir || search.directory.are_related(body, other)
    };
    !says_little(named) && !meant.any(is_same)
}

/// A name that nobody bears, or that only resembles others', says nothing against a code.
fn says_little(named: &Found<'_>) -> bool {
    !named.fits || named.matches.is_empty() || named.tier == Tier::Global || named.is_doubtful
}

/// The body of a code, or who followed it where it is gone.
fn by_code(search: Search<'_>, body: &Body, heirs: Found<'_>, repaired: u32) -> Resolution {
    if heirs.fits {
        return by_name_alone(search, heirs);
    }
    let score = cost(Tier::Code.score(), repaired);
    told(
        search,
        Outcome::ExactCode,
        body.id,
        score,
        "by its code / 按代码",
    )
}

fn by_name_alone(mut search: Search<'_>, named: Found<'_>) -> Resolution {
    let is_several = named.is_several();
    match named.matches.as_slice() {
        [one] if named.fits => {
            let tier = if named.is_doubtful {
                named.tier.max(Tier::Global)
            } else {
                named.tier
            };
            if named.is_doubtful {
                search
                    .steps
                    .add("仅供参考，须人工确认 / a suggestion, for a person to confirm");
            }
            let score = cost(tier.score(), named.supplied);
            told(search, tier.outcome(), one.body.id, score, one.reason)
        }
        _ if is_several => untold(search, Outcome::Ambiguous, by_name(&named)),
        _ => untold(search, Outcome::None, by_name(&named)),
    }
}

fn cost(score: f64, supplied: u32) -> f64 {
    score - f64::from(supplied.min(COST_MAX)) * tier::SUPPLIED
}

fn by_name(named: &Found<'_>) -> Vec<Candidate> {
    let mut matches: Vec<&Match<'_>> = named.matches.iter().collect();
    let order = |found: &&Match<'_>| (found.place, found.body.id);
    matches.sort_by(|a, b| b.score.total_cmp(&a.score).then(order(a).cmp(&order(b))));
    let told = matches.into_iter();
    told.map(|found| candidate(found.body.id, found.score, found.reason))
        .collect()
}

fn candidate(agency: i64, score: f64, reason: &str) -> Candidate {
    Candidate {
        agency,
        score,
        reason: reason.to_owned(),
    }
}

fn told(search: Search<'_>, outcome: Outcome, agency: i64, score: f64, reason: &str) -> Resolution {
    let resolution = Resolution {
        outcome,
        agency: Some(agency),
        score,
        steps: search.steps.into_vec(),
        candidates: Vec::new(),
    };
    if resolution.is_settled() {
        return resolution;
    }
    Resolution {
        candidates: vec![candidate(agency, score, reason)],
        ..resolution
    }
}

fn untold(search: Search<'_>, outcome: Outcome, mut candidates: Vec<Candidate>) -> Resolution {
    let mut seen = HashSet::new();
    candidates.retain(|candidate| seen.insert(candidate.agency));
    let score = candidates.first().map_or(0.0, |best| best.score);
    Resolution {
        outcome,
        agency: None,
        score,
        steps: search.steps.into_vec(),
        candidates,
    }
}
