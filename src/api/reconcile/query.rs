//! Reconciliation queries: whom each text means, by the resolver and nothing else.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use domain::resolution::{Outcome, Resolution, Subject};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{
    super::{
        graphql::{Code, NAME_CHARS_MAX},
        refusal::No,
    },
    form::from_json,
    hint::{Hint, Hints},
    kind,
    sight::{Body, Field, Sight},
};

/// Queries in a batch; the manifest says so.
pub(super) const BATCH_MAX: usize = 50;

/// Characters of a query's key in an error.
const KEY_CHARS_TOLD: usize = 20;

/// What one must be allowed to read to have names resolved.
pub(super) const RESOLVE: &[Field] = &[
    ("Query", "resolve"),
    ("Resolution", "outcome"),
    ("Resolution", "agency"),
    ("Resolution", "score"),
    ("Resolution", "candidates"),
    ("ResolutionCandidate", "agency"),
    ("ResolutionCandidate", "score"),
    ("ResolutionCandidate", "reason"),
];

/// A query of the specification; members that it does not know are passed over, as it wants it.
#[derive(Deserialize)]
struct Query {
    query: Option<String>,
    #[serde(rename = "type")]
    types: Option<Types>,
    limit: Option<f64>,
    properties: Option<Vec<Hint>>,
    type_strict: Option<Strictness>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Types {
    One(String),
    Several(Vec<String>),
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Strictness {
    Should,
    Any,
    All,
}

/// Answers a batch of queries, each by itself.
pub(super) fn batch(sight: &Sight<'_>, queries: &str) -> Result<Json, No> {
    sight.must_see_bodies("resolve")?;
    sight.must_read(RESOLVE)?;
    let queries: BTreeMap<String, Query> = from_json(queries, "a batch of queries")?;
    if queries.len() > BATCH_MAX {
        let message = format!("at most {BATCH_MAX} queries in a batch");
        return Err(No::http(
            StatusCode::PAYLOAD_TOO_LARGE,
            Code::Limited,
            message,
        ));
    }
    let mut results = BTreeMap::new();
    for (key, query) in queries {
        let answered = answer(sight, &query).map_err(|no| {
            let key: String = key.chars().take(KEY_CHARS_TOLD).collect();
            No::new(no.stage, no.code, format!("query {key:?}: {}", no.message))
        })?;
        results.insert(key, json!({ "result": answered }));
    }
    Ok(json!(results))
}

fn answer(sight: &Sight<'_>, query: &Query) -> Result<Vec<Json>, No> {
    let properties = query.properties.as_deref().unwrap_or_default();
    if query.query.is_none() && properties.is_empty() {
        return Err(No::invalid("one of query and properties is needed"));
    }
    let limit = query.limit.unwrap_or(f64::MAX);
    if limit < 1.0 {
        return Err(No::invalid("limit is no positive number"));
    }
    let types = match &query.types {
        None => &[],
        Some(Types::One(id)) => std::slice::from_ref(id),
        Some(Types::Several(ids)) => ids.as_slice(),
    };
    let text = query.query.as_deref().unwrap_or_default().trim();
    check_length(text)?;
    let hints = Hints::of(sight, properties)?;
    let mut subject = subject(text);
    hints.add_to(&mut subject);
    let resolution = sight.view.resolve(&subject);

    let fits = |body: &Body| {
        let has = |id: &String| kind::is(body.fact().kind, id);
        match query.type_strict {
            _ if types.is_empty() => true,
            Some(Strictness::All) => types.iter().all(has),
            None | Some(Strictness::Any | Strictness::Should) => types.iter().any(has),
        }
    };
    let is_wish = query.type_strict == Some(Strictness::Should);
    let mut found = Vec::new();
    for (body, score, reason) in bodies(sight, &resolution) {
        let has_type = fits(&body);
        if !has_type && !is_wish {
            continue;
        }
        let mut features = outcome_features(resolution.outcome);
        let agrees = hints.compare(sight, &body, &mut features);
        let is_told = resolution.is_settled() && resolution.agency == Some(body.number());
        let place = sight.place_of(&body);
        found.push(json!({
            "id": body.fact().uscc.as_str(),
            "name": body.fact().name,
            "description": format!("{place} · {}{reason}", resolution.outcome),
            "type": kind::of(body.fact().kind),
            "score": score,
            "match": is_told && agrees && has_type,
            "features": features,
        }));
        if found.len() as f64 >= limit.floor() {
            break;
        }
    }
    Ok(found)
}

/// The bodies of an answer that the viewer may see, best first, each with its score and a reason.
fn bodies<'a>(
    sight: &'a Sight<'_>,
    resolution: &'a Resolution,
) -> impl Iterator<Item = (Body, f64, String)> + 'a {
    let told = resolution.agency;
    let candidates = resolution.candidates.iter();
    let candidates = candidates
        .filter(move |candidate| told != Some(candidate.agency))
        .map(|candidate| {
            let reason = format!(" · {}", candidate.reason);
            (candidate.agency, candidate.score, reason)
        });
    told.map(|agency| (agency, resolution.score, String::new()))
        .into_iter()
        .chain(candidates)
        .filter_map(|(agency, score, reason)| {
            let row = sight.view.agency_row(agency)?;
            Some((sight.body(row)?, score, reason))
        })
}

/// What a text says by itself: names of bodies are Chinese, so one in plain letters and digits is a
/// code.
pub(super) fn subject(text: &str) -> Subject<'_> {
    let text = Some(text).filter(|text| !text.is_empty());
    let is_code = text.is_some_and(|text| text.is_ascii());
    Subject {
        code: text.filter(|_| is_code),
        name: text.filter(|_| !is_code),
        ..Subject::default()
    }
}

/// Refuses texts that are longer than a name can be.
pub(super) fn check_length(text: &str) -> Result<(), No> {
    if text.chars().count() > NAME_CHARS_MAX {
        return Err(No::invalid(format!(
            "a text has more than {NAME_CHARS_MAX} characters"
        )));
    }
    Ok(())
}

/// The outcome as features, which can be numbers and truths only: which one it is, and the place of
/// its tier, the surest being the first.
fn outcome_features(outcome: Outcome) -> Vec<Json> {
    let tier = Outcome::ALL.iter().position(|other| *other == outcome);
    vec![
        json!({ "id": format!("outcome_{outcome}"), "value": true }),
        json!({ "id": "tier", "value": tier.map_or(Outcome::ALL.len(), |tier| tier + 1) }),
    ]
}
