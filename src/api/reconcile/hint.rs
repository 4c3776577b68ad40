//! Properties in queries. Codes and the division tell the resolver whom to look for; all that is
//! given is compared with what was found, and where it differs that is no match.

use domain::{org_code::OrgCode, resolution::Subject, uscc::Uscc};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{
    super::refusal::No,
    property::Property,
    query::check_length,
    sight::{Body, Sight},
};

/// Values of one property in a query.
const VALUES_MAX: usize = 20;
/// Properties in a query.
const HINTS_MAX: usize = 20;

/// A property in a query.
#[derive(Deserialize)]
pub(super) struct Hint {
    pid: String,
    v: Json,
}

/// The hints of a query, read: blank ones are none.
pub(super) struct Hints(Vec<(&'static Property, Vec<String>)>);

impl Hints {
    pub(super) fn of(sight: &Sight<'_>, hints: &[Hint]) -> Result<Self, No> {
        if hints.len() > HINTS_MAX {
            return Err(No::invalid(format!("at most {HINTS_MAX} properties")));
        }
        let mut read = Vec::new();
        for hint in hints {
            let property = Property::find(&hint.pid)?;
            sight.must_read(property.fields)?;
            let values = texts(&hint.v)?;
            if !values.is_empty() {
                read.push((property, values));
            }
        }
        Ok(Self(read))
    }

    /// Adds what the resolver takes; of several values none, as they would need several questions.
    pub(super) fn add_to<'a>(&'a self, subject: &mut Subject<'a>) {
        for (property, values) in &self.0 {
            let [value] = values.as_slice() else {
                continue;
            };
            match property.id {
                "uscc" => subject.code = subject.code.or(Some(value)),
                "orgCode" => subject.org_code = subject.org_code.or(Some(value)),
                "division" => subject.within = subject.within.or(value.parse().ok()),
                _ => {}
            }
        }
    }

    /// Compares them with a body, adds how each compares to the features, and says whether all
    /// agree.
    pub(super) fn compare(&self, sight: &Sight<'_>, body: &Body, features: &mut Vec<Json>) -> bool {
        let mut all_agree = true;
        for (property, given) in &self.0 {
            let agrees = match property.id {
                "uscc" | "orgCode" => given.iter().all(|given| is_no_other_code(body, given)),
                "division" => given.iter().any(|given| is_within(sight, body, given)),
                _ => {
                    let values = property.values(sight, body);
                    let is_value = |given: &String| values.iter().any(|value| value.is(given));
                    given.iter().any(is_value)
                }
            };
            all_agree &= agrees;
            features.push(json!({ "id": property.id, "value": agrees }));
        }
        all_agree
    }
}

/// Whether the text is not the code of somebody else: one that is broken is nobody's.
fn is_no_other_code(body: &Body, given: &str) -> bool {
    let uscc = body.fact().uscc;
    match (given.parse::<Uscc>(), given.parse::<OrgCode>()) {
        (Ok(code), _) => code == uscc,
        (_, Ok(code)) => code == uscc.org_code(),
        (Err(_), Err(_)) => true,
    }
}

fn is_within(sight: &Sight<'_>, body: &Body, given: &str) -> bool {
    let tree = sight.view.divisions();
    let code = given.parse();
    code.is_ok_and(|code| tree.contains(code, body.fact().division))
}

/// The values as texts, without blank ones: a value or several, each plain or a matched body.
fn texts(values: &Json) -> Result<Vec<String>, No> {
    let values = match values {
        Json::Array(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    if values.len() > VALUES_MAX {
        return Err(No::invalid(format!(
            "at most {VALUES_MAX} values of a property"
        )));
    }
    let mut read: Vec<String> = Vec::new();
    for value in values {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            Json::Bool(truth) => truth.to_string(),
            Json::Object(body) => match body.get("id") {
                Some(Json::String(id)) => id.clone(),
                _ => return Err(No::invalid("a property's value is an object without id")),
            },
            Json::Null => continue,
            Json::Array(_) => return Err(No::invalid("a property's value is a list of lists")),
        };
        let text = text.trim();
        check_length(text)?;
        if !text.is_empty() && !read.iter().any(|known| known == text) {
            read.push(text.to_owned());
        }
    }
    Ok(read)
}
