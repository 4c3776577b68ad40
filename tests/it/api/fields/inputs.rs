//! No filter and no order without a field that it hangs on.

use super::keys::KEYS;
use crate::api::sdl::{Kind, Sdl};

/// The name by which the keys of a filter or an order are kept.
fn kept_as(type_name: &str) -> Option<String> {
    let of = |thing: &str| match thing {
        "CreditRecord" => "record".to_owned(),
        other => other.to_lowercase(),
    };
    match (
        type_name.strip_suffix("Filter"),
        type_name.strip_suffix("OrderField"),
    ) {
        (Some(thing), _) => Some(of(thing)),
        (_, Some(thing)) => Some(format!("by {}", of(thing))),
        _ => None,
    }
}

#[test]
fn every_key_of_the_schema_hangs_on_a_field() {
    let sdl = Sdl::served();
    let (mut missing, mut keys) = (Vec::new(), 0);
    for (type_name, definition) in &sdl.0 {
        let (Kind::Input | Kind::Enum, Some(of)) = (definition.kind, kept_as(type_name)) else {
            continue;
        };
        let own = definition.fields.iter().map(|field| field.name.as_str());
        for key in own.filter(|key| !matches!(*key, "and" | "or" | "not")) {
            keys += 1;
            let is_kept = KEYS.iter().any(|known| {
                let name = known.text.split([':', ' ']).next();
                known.of == of && name == Some(key)
            });
            // That of another thing is looked at with that thing's own keys.
            let is_other = definition.kind == Kind::Input
                && sdl.field(type_name, key).is_some_and(|field| {
                    field.named.ends_with("Filter") && kept_as(&field.named).is_some()
                });
            if !is_kept && !is_other {
                missing.push(format!("{type_name}.{key}"));
            }
        }
    }
    assert!(missing.is_empty(), "what do these hang on? {missing:#?}");
    assert!(keys > 25, "{keys}");
}
