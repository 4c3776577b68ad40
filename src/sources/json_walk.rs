//! Walking JSON without a tree of it, which may take a hundred times the memory of its text: the
//! values at a few pointers, and the items of a list, all as they are written.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::{Error, Value, value::RawValue};

/// Lists and objects inside each other at most, which is what rows may have, too.
pub(super) const DEPTH_MAX: usize = 127;
/// A total, a code or a cursor is shorter; what is longer is never taken apart.
const SMALL_BYTES_MAX: usize = 64 * 1_024;

/// What is taken apart into a tree at most, which may have some 100 MiB then.
pub(super) const TREE_BYTES_MAX: usize = 1_024 * 1_024;

/// What stands at JSON pointers of a document.
pub(super) type Found<'a> = HashMap<&'a str, &'a RawValue>;

/// A list that is not taken apart yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct List<'a>(&'a RawValue);

impl<'a> List<'a> {
    /// The value, if it is a list.
    pub(super) fn of(value: &'a RawValue) -> Option<Self> {
        value.get().starts_with('[').then_some(Self(value))
    }

    /// Hands on the items in their order; an error ends it.
    pub(super) fn each<E>(self, take: impl FnMut(&'a RawValue) -> Result<(), E>) -> Result<(), E> {
        let mut stopped = None;
        let items = Items {
            take,
            stopped: &mut stopped,
        };
        let walked = serde_json::Deserializer::from_str(self.0.get()).deserialize_seq(items);
        match stopped {
            Some(error) => Err(error),
            None => {
                walked.expect("it was read as JSON and begins as a list does");
                Ok(())
            }
        }
    }
}

/// Where lists and objects are more than [`DEPTH_MAX`] inside each other, if they are.
pub(super) fn too_deep(text: &[u8]) -> Option<usize> {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    text.iter().position(|byte| {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => depth += 1,
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > DEPTH_MAX
    })
}

/// The values at the pointers that lead somewhere; of a key that comes twice the last one counts.
pub(super) fn find<'a>(
    value: &'a RawValue,
    pointers: impl IntoIterator<Item = &'a str>,
) -> Result<Found<'a>, Error> {
    let wanted: Vec<_> = pointers
        .into_iter()
        .map(|pointer| (pointer, pointer))
        .collect();
    let mut found = Found::new();
    descend(value, &wanted, &mut found)?;
    Ok(found)
}

/// A short value, taken apart.
pub(super) fn small(value: &RawValue) -> Option<Value> {
    let text = value.get();
    let is_small = text.len() <= SMALL_BYTES_MAX;
    is_small.then(|| serde_json::from_str(text).ok()).flatten()
}

/// Goes one level down for all pointers at once; each comes with what is left of it.
fn descend<'a>(
    value: &'a RawValue,
    wanted: &[(&'a str, &'a str)],
    found: &mut Found<'a>,
) -> Result<(), Error> {
    let mut below: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for (pointer, rest) in wanted {
        if let Some(rest) = rest.strip_prefix('/') {
            let (name, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let name = name.replace("~1", "/").replace("~0", "~");
            below.entry(name).or_default().push((*pointer, rest));
        } else if rest.is_empty() {
            found.insert(pointer, value);
        }
    }
    let names: Vec<_> = below.keys().map(String::as_str).collect();
    let mut values = vec![None; names.len()];
    let children = Children {
        names: &names,
        values: &mut values,
    };
    let mut json = serde_json::Deserializer::from_str(value.get());
    match value.get().as_bytes().first() {
        _ if names.is_empty() => {}
        Some(b'{') => json.deserialize_map(children)?,
        Some(b'[') => json.deserialize_seq(children)?,
        _ => {}
    }
    for (wanted, value) in below.values().zip(values) {
        if let Some(value) = value {
            descend(value, wanted, found)?;
        }
    }
    Ok(())
}

/// Takes the members of an object, or the items of a list, that have these names.
struct Children<'w, 'de> {
    names: &'w [&'w str],
    values: &'w mut [Option<&'de RawValue>],
}

impl<'de> Visitor<'de> for Children<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(at) = map.next_key_seed(Name(self.names))? {
            match at {
                Some(at) => self.values[at] = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let places: Vec<_> = self.names.iter().map(|name| place(name)).collect();
        let behind = places.iter().flatten().max().map_or(0, |last| last + 1);
        for item in 0..behind {
            let Some(value) = items.next_element()? else {
                return Ok(());
            };
            if let Some(at) = places.iter().position(|place| *place == Some(item)) {
                self.values[at] = Some(value);
            }
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// An item's place in a list, as pointers write it.
fn place(name: &str) -> Option<usize> {
    let is_plain = name == "0" || !name.starts_with(['0', '+']);
    is_plain.then(|| name.parse().ok()).flatten()
}

/// Tells which of the names a key is, without keeping it.
struct Name<'w>(&'w [&'w str]);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<Self::Value, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|name| *name == key))
    }
}

/// Hands on items, and keeps why it was stopped: the format's errors have no room for it.
struct Items<'s, T, E> {
    take: T,
    stopped: &'s mut Option<E>,
}

impl<'de, T, E> Visitor<'de> for Items<'_, T, E>
where
    T: FnMut(&'de RawValue) -> Result<(), E>,
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        while let Some(item) = items.next_element()? {
            if let Err(error) = (self.take)(item) {
                *self.stopped = Some(error);
                return Err(A::Error::custom("it was stopped"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn pointers_lead_where_they_lead_in_a_tree() {
        let documents = [
            r#"{"data":{"list":[1,{"a":[]}],"total":"2"},"code":0}"#,
            r#" [ {"result":[{"a/b":{"~":1}}]}, [0,1,2,3,4,5,6,7,8,9,10,11], null ] "#,
            r#"{"data":{"list":[1]},"data":{"total":1,"total":2}}"#,
            r#"{"":{"":{"0":1,"01":2}},"d\u0061ta":{"list":null}}"#,
            "[]",
            "{}",
            "7",
            r#""/data""#,
        ];
        let pointers = "/ // /// //0 //01 /data /data/list /data/list/1 /data/list/1/a /data/total \
                        /data/total/x /code /0 /00 /+0 /0/result /0/result/0/a~1b \
                        /0/result/0/a~1b/~0 /1/11 /1/01 /1/12 /2 /3 /x data /- \
                        /18446744073709551616";
        let pointers = || pointers.split_ascii_whitespace().chain([""]);
        let mut leading = 0;
        for document in documents {
            let tree: Value = serde_json::from_str(document).expect("JSON");
            let found = find(raw(document), pointers()).expect("its keys are texts");
            for pointer in pointers() {
                let value = found.get(pointer).map(|value| small(value).expect("short"));
                assert_eq!(
                    value.as_ref(),
                    tree.pointer(pointer),
                    "{document} {pointer}"
                );
                leading += usize::from(value.is_some());
            }
        }
        assert!(leading > 25, "{leading} of them lead somewhere");
    }

    #[test]
    fn lists_are_walked_until_they_are_stopped() {
        let list = List::of(raw(r#"[ 0, "]", {"a": [1]} , [] ]"#)).expect("a list");
        let mut items = Vec::new();
        let all: Result<(), ()> = list.each(|item| {
            items.push(item.get());
            Ok(())
        });
        assert_eq!(all, Ok(()));
        assert_eq!(items, ["0", r#""]""#, r#"{"a": [1]}"#, "[]"]);

        let mut seen = 0;
        let stopped = list.each(|item| {
            seen += 1;
            if item.get() == "0" {
                Ok(())
            } else {
                Err(item.get())
            }
        });
        assert_eq!((stopped, seen), (Err(r#""]""#), 2));
        assert!(List::of(raw("{}")).is_none() && List::of(raw("\"[]\"")).is_none());
    }

    #[test]
    fn depth_counts_outside_texts_only() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(too_deep(nested(DEPTH_MAX).as_bytes()), None);
        assert_eq!(too_deep(nested(DEPTH_MAX + 1).as_bytes()), Some(DEPTH_MAX));
        assert_eq!(too_deep("[],".repeat(1_000).as_bytes()), None);
        let text = json!([r#"\"[["#.repeat(200), "{".repeat(200), "\\"]).to_string();
        assert_eq!(too_deep(text.as_bytes()), None);
        // What the reader of rows takes is what is let through to it.
        assert!(serde_json::from_str::<Value>(&nested(DEPTH_MAX)).is_ok());
        assert!(serde_json::from_str::<Value>(&nested(DEPTH_MAX + 1)).is_err());
    }

    #[test]
    fn long_values_are_not_taken_apart() {
        let list = |bytes: usize| format!("[{}]", " ".repeat(bytes - 2));
        assert_eq!(small(raw(&list(SMALL_BYTES_MAX))), Some(json!([])));
        assert_eq!(small(raw(&list(SMALL_BYTES_MAX + 1))), None);
    }
}
