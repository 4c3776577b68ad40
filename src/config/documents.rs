use std::path::PathBuf;

use domain::viewer::Role;
use serde::{Deserialize, Deserializer, de};

/// Which documents are trusted, and who may execute no others.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Documents {
    /// A folder of further trusted ones: `*.graphql`, a document each, and `*.json`, an object of
    /// documents by their SHA-256.
    pub folder: Option<PathBuf>,
    /// Roles for which only trusted ones are executed, such as `PUBLIC`; others only for a token
    /// with the scope `adhoc`.
    #[serde(deserialize_with = "roles")]
    pub allow_list: Vec<Role>,
}

fn roles<'de, D: Deserializer<'de>>(names: D) -> Result<Vec<Role>, D::Error> {
    let names = Vec::<String>::deserialize(names)?;
    let roles = names
        .iter()
        .map(|name| name.parse().map_err(de::Error::custom));
    roles.collect()
}
