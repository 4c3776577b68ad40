//! What the schema's own fields come to: lists that lead back to themselves, so that a few words ask
//! for more than all data.

/// Fields of introspection: type, field, what it leads to, and how long it is reckoned to be. Averages
/// of a big schema; a list of lists soon exceeds any budget with them.
const FIELDS: [(&str, &str, &str, u64); 17] = [
    ("__Schema", "types", "__Type", 100),
    ("__Schema", "queryType", "__Type", 1),
    ("__Schema", "mutationType", "__Type", 1),
    ("__Schema", "subscriptionType", "__Type", 1),
    ("__Schema", "directives", "__Directive", 10),
    ("__Directive", "args", "__InputValue", 2),
    ("__Type", "fields", "__Field", 10),
    ("__Type", "interfaces", "__Type", 1),
    ("__Type", "possibleTypes", "__Type", 5),
    ("__Type", "enumValues", "__EnumValue", 5),
    ("__Type", "inputFields", "__InputValue", 5),
    ("__Type", "ofType", "__Type", 1),
    ("__Field", "args", "__InputValue", 2),
    ("__Field", "type", "__Type", 1),
    ("__InputValue", "type", "__Type", 1),
    ("", "__schema", "__Schema", 1),
    ("", "__type", "__Type", 1),
];

/// Where a field of introspection leads, and how often; its two roots stand on any type.
pub(super) fn field(type_name: &str, field: &str) -> Option<(&'static str, u64)> {
    let on = match field {
        "__schema" | "__type" => "",
        _ => type_name,
    };
    FIELDS
        .iter()
        .find(|(of, name, _, _)| *of == on && *name == field)
        .map(|(_, _, result, rows)| (*result, *rows))
}
