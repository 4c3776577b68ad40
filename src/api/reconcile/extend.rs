//! Data extension: properties of bodies that a client has matched.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{
    super::{graphql::Code, refusal::No},
    form::{Form, from_json},
    kind,
    property::{PROPERTIES, Property},
    sight::Sight,
};

/// Bodies in one request.
pub(super) const IDS_MAX: usize = 200;

/// What is wanted; settings of properties are passed over, as there are none.
#[derive(Deserialize)]
struct Wanted {
    ids: Vec<String>,
    properties: Vec<WantedProperty>,
}

#[derive(Deserialize)]
struct WantedProperty {
    id: String,
}

/// The values of properties; a body that he may not see has none, like one that does not exist.
pub(super) fn rows(sight: &Sight<'_>, wanted: &str) -> Result<Json, No> {
    sight.must_see_bodies("agency")?;
    let wanted: Wanted = from_json(wanted, "a data extension query")?;
    if wanted.ids.len() > IDS_MAX || wanted.properties.len() > PROPERTIES.len() {
        let message = format!(
            "at most {IDS_MAX} ids and {} properties at once",
            PROPERTIES.len()
        );
        return Err(No::http(
            StatusCode::PAYLOAD_TOO_LARGE,
            Code::Limited,
            message,
        ));
    }
    let mut properties = Vec::new();
    for WantedProperty { id } in &wanted.properties {
        let property = Property::find(id)?;
        sight.must_read(property.fields)?;
        properties.push(property);
    }
    let row = |id: &String| {
        let body = id.parse().ok().and_then(|code| sight.body_with(&code));
        let cells = properties.iter().map(|property| {
            let values = body.as_ref().map(|body| property.values(sight, body));
            let values = values.unwrap_or_default();
            let values: Vec<Json> = values.iter().map(|value| value.json()).collect();
            (property.id, values)
        });
        (id.clone(), cells.collect::<BTreeMap<_, _>>())
    };
    let rows: BTreeMap<_, _> = wanted.ids.iter().map(row).collect();
    let meta = properties.iter().map(|property| {
        let mut meta = json!({ "id": property.id, "name": property.name });
        if property.is_body {
            meta["type"] = kind::agency();
        }
        meta
    });
    Ok(json!({ "meta": meta.collect::<Vec<_>>(), "rows": rows }))
}

/// The properties that he may read; they are the same for each type.
pub(super) fn proposal(sight: &Sight<'_>, form: &Form) -> Result<Json, No> {
    let wanted = form.get("type")?.unwrap_or(kind::AGENCY);
    kind::check(wanted)?;
    let limit = form.number("limit")?;
    let proposed = PROPERTIES
        .iter()
        .filter(|property| sight.may_read(property.fields))
        .take(limit.unwrap_or(PROPERTIES.len()))
        .map(|property| json!({ "id": property.id, "name": property.name }));
    let proposed: Vec<Json> = proposed.collect();
    let mut answer = json!({ "type": wanted, "properties": proposed });
    if let Some(limit) = limit {
        answer["limit"] = json!(limit);
    }
    Ok(answer)
}
