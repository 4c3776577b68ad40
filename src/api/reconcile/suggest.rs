//! Suggestions to people who are typing: bodies, types, properties.

use serde_json::{Value as Json, json};

use super::{
    super::refusal::No,
    form::Form,
    kind,
    property::PROPERTIES,
    query::{self, RESOLVE},
    sight::Sight,
};

/// Suggestions in one answer.
const SUGGESTIONS_MAX: usize = 20;
/// Suggestions that can be passed over; who wants more types more.
const CURSOR_MAX: usize = 1_000;

/// Bodies: first whom the text means as it stands, where he may ask that, then whose name begins so.
pub(super) fn entities(sight: &Sight<'_>, form: &Form) -> Result<Json, No> {
    sight.must_see_bodies("agencies")?;
    let prefix = prefix(form)?;
    let skipped = form.number("cursor")?.unwrap_or(0);
    if skipped > CURSOR_MAX {
        return Err(No::invalid(format!("cursor is at most {CURSOR_MAX}")));
    }
    let rows = meant(sight, prefix);
    let begins = domain::name::normalise(prefix);
    let by_prefix = sight
        .view
        .agencies_by_prefix(&begins, skipped + SUGGESTIONS_MAX);
    let others = by_prefix.into_iter().filter(|row| !rows.contains(row));
    let rows = rows.iter().copied().chain(others);
    let bodies = rows.filter_map(|row| sight.body(row));
    let told = bodies.skip(skipped).take(SUGGESTIONS_MAX).map(|body| {
        json!({
            "id": body.fact().uscc.as_str(),
            "name": body.fact().name,
            "description": sight.place_of(&body),
            "notable": kind::of(body.fact().kind),
        })
    });
    Ok(json!({ "result": told.collect::<Vec<_>>() }))
}

/// Whom the text means: the body with this code, gone or not, and for those who may ask it whom the
/// resolver finds.
fn meant(sight: &Sight<'_>, text: &str) -> Vec<u32> {
    let code = text.parse().ok();
    let own = code.and_then(|code| sight.view.agency_row_by_uscc(&code));
    let mut rows: Vec<u32> = own.into_iter().collect();
    if sight.may_read(RESOLVE) {
        let meant = sight.view.resolve(&query::subject(text));
        let candidates = meant.candidates.iter().map(|candidate| candidate.agency);
        let agencies = meant.agency.into_iter().chain(candidates);
        let found = agencies.filter_map(|id| sight.view.agency_row(id));
        rows.extend(found.filter(|row| Some(*row) != own));
    }
    rows
}

/// Types whose id or name has the text in it.
pub(super) fn types(form: &Form) -> Result<Json, No> {
    let prefix = prefix(form)?.to_lowercase();
    let fits = |of: &Json, member: &str| {
        let text = of[member].as_str().unwrap_or_default();
        text.to_lowercase().contains(&prefix)
    };
    let mut types = kind::all();
    types.retain(|of| fits(of, "id") || fits(of, "name"));
    Ok(json!({ "result": types }))
}

/// Properties that he may read and whose id or name has the text in it.
pub(super) fn properties(sight: &Sight<'_>, form: &Form) -> Result<Json, No> {
    let prefix = prefix(form)?.to_lowercase();
    let fits = |text: &str| text.to_lowercase().contains(&prefix);
    let told = PROPERTIES
        .iter()
        .filter(|property| sight.may_read(property.fields))
        .filter(|property| fits(property.id) || fits(property.name))
        .map(|property| json!({ "id": property.id, "name": property.name }));
    Ok(json!({ "result": told.collect::<Vec<_>>() }))
}

fn prefix(form: &Form) -> Result<&str, No> {
    let prefix = form.get("prefix")?.unwrap_or_default().trim();
    query::check_length(prefix)?;
    Ok(prefix)
}
