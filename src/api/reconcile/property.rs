//! Properties of bodies: the fields of `Agency` that hold a value or a few, under the same names.

use std::borrow::Cow;

use chrono::NaiveDate;
use domain::{
    agency::{Agency, NameRelation},
    name::normalise,
    uscc::Uscc,
};
use serde_json::{Value as Json, json};

use super::{
    super::refusal::No,
    sight::{Body, Field, Sight},
};

/// A property.
pub(super) struct Property {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// Whether its values are bodies.
    pub(super) is_body: bool,
    /// What one must be allowed to read to be told it.
    pub(super) fields: &'static [Field],
    values: fn(&Sight<'_>, &Body) -> Vec<Value>,
}

/// One value of a property.
pub(super) enum Value {
    Text(String),
    Day(NaiveDate),
    Body { uscc: Uscc, name: String },
}

const fn text(
    id: &'static str,
    name: &'static str,
    fields: &'static [Field],
    values: fn(&Sight<'_>, &Body) -> Vec<Value>,
) -> Property {
    Property {
        id,
        name,
        is_body: false,
        fields,
        values,
    }
}

const fn bodies(
    id: &'static str,
    name: &'static str,
    fields: &'static [Field],
    values: fn(&Sight<'_>, &Body) -> Vec<Value>,
) -> Property {
    Property {
        is_body: true,
        ..text(id, name, fields, values)
    }
}

/// All of them, in the order in which they are proposed.
pub(super) static PROPERTIES: [Property; 14] = [
    text(
        "uscc",
        "统一社会信用代码 / Unified social credit code",
        &[("Agency", "uscc")],
        |_, body| vec![Value::Text(body.fact().uscc.to_string())],
    ),
    text(
        "orgCode",
        "组织机构代码 / Organisation code",
        &[("Agency", "orgCode")],
        |_, body| vec![Value::Text(body.fact().uscc.org_code().to_string())],
    ),
    text(
        "name",
        "现用名称 / Official name",
        &[("Agency", "name")],
        |_, body| vec![Value::Text(body.fact().name.clone())],
    ),
    text(
        "formerNames",
        "曾用名 / Former names",
        &[("Agency", "formerNames"), ("AgencyName", "name")],
        |_, body| names(body.fact(), NameRelation::Former),
    ),
    text(
        "aliases",
        "别名 / Aliases",
        &[("Agency", "aliases"), ("AgencyName", "name")],
        |_, body| names(body.fact(), NameRelation::Alias),
    ),
    text("kind", "类别 / Kind", &[("Agency", "kind")], |_, body| {
        vec![Value::Text(body.fact().kind.as_str().to_owned())]
    }),
    text(
        "division",
        "区划代码 / Division code",
        &[("Agency", "division"), ("Division", "code")],
        |_, body| vec![Value::Text(body.fact().division.to_string())],
    ),
    text(
        "divisionName",
        "区划全称 / Full name of the division",
        &[("Agency", "division"), ("Division", "fullName")],
        |sight, body| vec![Value::Text(sight.place_of(body))],
    ),
    text(
        "establishedOn",
        "成立日期 / Established on",
        &[("Agency", "establishedOn")],
        |_, body| {
            body.fact()
                .established_on
                .map(Value::Day)
                .into_iter()
                .collect()
        },
    ),
    text(
        "abolishedOn",
        "撤销日期 / Abolished on",
        &[("Agency", "abolishedOn")],
        |_, body| {
            body.fact()
                .abolished_on
                .map(Value::Day)
                .into_iter()
                .collect()
        },
    ),
    bodies(
        "superior",
        "上级机构 / Superior",
        &[("Agency", "superior")],
        |sight, body| seen(sight, body.fact().superior.as_slice()),
    ),
    text(
        "superiorName",
        "上级机构名称 / Superior's name",
        &[("Agency", "superiorName")],
        |sight, body| {
            let code = body.fact().superior;
            let name = code.and_then(|code| sight.view.name_by_uscc(&code));
            name.map(Value::Text).into_iter().collect()
        },
    ),
    bodies(
        "competentDepartments",
        "主管部门 / Competent departments",
        &[("Agency", "competentDepartments")],
        |sight, body| seen(sight, &body.fact().competent),
    ),
    bodies(
        "successors",
        "承继单位 / Successors",
        &[("Agency", "successors"), ("Succession", "to")],
        |sight, body| {
            let events = sight.view.successions(body.row, true);
            let ends = events.iter().filter_map(|event| {
                let row = sight.view.successor_of(&event.fact)?;
                sight.body(row).map(|body| Value::of(&body))
            });
            ends.collect()
        },
    ),
];

fn names(agency: &Agency, relation: NameRelation) -> Vec<Value> {
    let names = agency.names.iter();
    let names = names.filter(|name| name.relation == relation);
    names.map(|name| Value::Text(name.name.clone())).collect()
}

/// Those of these bodies that the viewer may see.
fn seen(sight: &Sight<'_>, codes: &[Uscc]) -> Vec<Value> {
    let bodies = codes.iter().filter_map(|code| sight.body_with(code));
    bodies.map(|body| Value::of(&body)).collect()
}

impl Property {
    /// The property with this id; what is none is refused, so that it is not taken for heeded.
    pub(super) fn find(id: &str) -> Result<&'static Self, No> {
        let found = PROPERTIES.iter().find(|property| property.id == id);
        found.ok_or_else(|| {
            let known: Vec<&str> = PROPERTIES.iter().map(|property| property.id).collect();
            No::invalid(format!("unknown property: expected {}", known.join(", ")))
        })
    }

    pub(super) fn values(&self, sight: &Sight<'_>, body: &Body) -> Vec<Value> {
        (self.values)(sight, body)
    }
}

impl Value {
    fn of(body: &Body) -> Self {
        Self::Body {
            uscc: body.fact().uscc,
            name: body.fact().name.clone(),
        }
    }

    /// As the specification writes it.
    pub(super) fn json(&self) -> Json {
        match self {
            Value::Text(text) => json!({ "str": text }),
            // A day has no zone, and OpenRefine shows moments as they are in UTC.
            Value::Day(day) => json!({ "date": format!("{day}T00:00:00Z") }),
            Value::Body { uscc, name } => json!({ "id": uscc.as_str(), "name": name }),
        }
    }

    /// As people read it.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Value::Text(text) => Cow::Borrowed(text),
            Value::Day(day) => Cow::Owned(day.to_string()),
            Value::Body { name, .. } => Cow::Borrowed(name),
        }
    }

    /// Whether it is what somebody wrote.
    pub(super) fn is(&self, written: &str) -> bool {
        let written = normalise(written);
        match self {
            Value::Day(day) => written.starts_with(&day.to_string()),
            Value::Body { uscc, .. } if written == uscc.as_str() => true,
            Value::Text(_) | Value::Body { .. } => normalise(&self.text()) == written,
        }
    }
}
