//! Under what an answer is kept: what is asked, and what the one who asks may see.

use std::hash::{Hash, Hasher};

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::graph::AccessScope;

/// What is asked: a document, by its id, which of its operations, and with which variables. In which
/// order these have their members makes no difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::api) struct Question([u8; 32]);

/// A question within an access scope, as a digest: what one scope was told can't be told to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::api) struct Key(pub(super) [u8; 32]);

impl Question {
    pub(in crate::api) fn of(
        document: [u8; 32],
        operation: Option<&str>,
        variables: &Map<String, Value>,
    ) -> Self {
        // As text: numbers of different kinds may hash alike, and a map is in order of its names.
        let variables = serde_json::to_string(variables).expect("JSON always serialises");
        Self(digest(&(document, operation, variables)))
    }

    pub(in crate::api) fn within(self, scope: &AccessScope) -> Key {
        Key(digest(&(self, scope)))
    }
}

/// Of texts and of what is derived: lengths and variants are part of what such a `Hash` writes, so no
/// two values write the same.
fn digest(value: &impl Hash) -> [u8; 32] {
    let mut writer = Writer(Sha256::new());
    value.hash(&mut writer);
    writer.0.finalize().into()
}

struct Writer(Sha256);

impl Hasher for Writer {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest: [u8; 32] = self.0.clone().finalize().into();
        let [a, b, c, d, e, f, g, h, ..] = digest;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_differ_where_anything_does() {
        let question = |document: u8, operation: Option<&str>, variables: serde_json::Value| {
            let variables = variables.as_object().cloned().unwrap_or_default();
            Question::of([document; 32], operation, &variables)
        };
        let all = [
            question(1, None, serde_json::json!({})),
            question(2, None, serde_json::json!({})),
            question(1, Some("{}"), serde_json::json!({})),
            question(1, Some(""), serde_json::json!({})),
            question(1, None, serde_json::json!({ "n": 1 })),
            question(1, None, serde_json::json!({ "n": "1" })),
            question(1, None, serde_json::json!({ "n": null })),
            // Numbers of the same bits.
            question(1, None, serde_json::json!({ "n": 1.0 })),
            question(1, None, serde_json::json!({ "n": 1.0_f64.to_bits() })),
        ];
        let different: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
        let (one, other) = (
            r#"{"a":1,"b":{"c":2,"d":3}}"#,
            r#"{"b":{"d":3,"c":2},"a":1}"#,
        );
        let [one, other] = [one, other].map(|text| serde_json::from_str(text).expect("JSON"));
        assert_eq!(question(1, None, one), question(1, None, other));
    }
}
