//! Types of the specification: all agencies, and each kind of them.

use domain::agency::AgencyKind;
use serde_json::{Value as Json, json};

use super::super::refusal::No;

/// The type that every body has.
pub(super) const AGENCY: &str = "Agency";
const AGENCY_NAME: &str = "单位 / Agency";

fn name_of(kind: AgencyKind) -> &'static str {
    match kind {
        AgencyKind::Organ => "机关 / Organ",
        AgencyKind::Institution => "事业单位 / Institution",
        AgencyKind::MassOrganisation => "群众团体 / Mass organisation",
        AgencyKind::Other => "其他 / Other",
    }
}

/// All types, the most general one first.
pub(super) fn all() -> Vec<Json> {
    let agency = agency();
    let kind = |kind: &AgencyKind| json!({ "id": kind.as_str(), "name": name_of(*kind), "broader": [agency] });
    let kinds = AgencyKind::ALL.iter().map(kind);
    std::iter::once(agency.clone()).chain(kinds).collect()
}

/// The type that every body has, as clients are told it.
pub(super) fn agency() -> Json {
    json!({ "id": AGENCY, "name": AGENCY_NAME })
}

/// The types of a body of this kind, the narrower one first.
pub(super) fn of(kind: AgencyKind) -> Json {
    json!([{ "id": kind.as_str(), "name": name_of(kind) }, agency()])
}

/// Refuses what is no type here.
pub(super) fn check(id: &str) -> Result<(), No> {
    if id == AGENCY || id.parse::<AgencyKind>().is_ok() {
        return Ok(());
    }
    let known: Vec<&str> = AgencyKind::ALL.iter().map(|kind| kind.as_str()).collect();
    Err(No::invalid(format!(
        "unknown type: expected {AGENCY}, {}",
        known.join(", ")
    )))
}

/// Whether a body of this kind has the type.
pub(super) fn is(kind: AgencyKind, id: &str) -> bool {
    id == AGENCY || id == kind.as_str()
}
