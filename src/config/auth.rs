//! Whose tokens are believed.

use std::{collections::BTreeMap, num::NonZeroU8, path::PathBuf};

use serde::Deserialize;

/// Whose tokens are believed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Auth {
    /// What tokens of the local key name as their issuer.
    pub issuer: String,
    /// What tokens of the local key name as their audience.
    pub audience: String,
    /// A local signing key, for development.
    pub local: Option<LocalKey>,
    /// Identity providers whose tokens are believed.
    pub issuers: Vec<Issuer>,
    /// Between two looks at which tokens were revoked, in seconds: 1 to 30.
    pub revocation_poll_s: u64,
}

impl Auth {
    /// Who issues the tokens that are believed.
    pub fn believed(&self) -> Vec<&str> {
        let mut keys = self.local.iter();
        let is_local = keys.any(|key| self.issuers.is_empty() || key.beside_issuers);
        let local = is_local.then_some(self.issuer.as_str()).into_iter();
        let providers = self.issuers.iter().map(|one| one.issuer.as_str());
        local.chain(providers).collect()
    }
}

/// A key of at least 32 bytes, as text or in a file.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LocalKey {
    pub key: Option<String>,
    pub key_file: Option<PathBuf>,
    /// Believe it though issuers are configured too: for development, never for production.
    pub beside_issuers: bool,
}

/// An identity provider. Its keys come from exactly one of `jwks_url`, `jwks_file` and `keys`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The claim `iss` of its tokens, to the letter.
    pub issuer: String,
    /// The claim `aud` that its tokens for this hub have.
    pub audience: String,
    /// The header's `typ`, to the letter.
    #[serde(default = "access_token")]
    pub typ: String,
    /// The algorithms that it signs with; no other is believed.
    pub algorithms: Vec<Algorithm>,
    /// Where it publishes its keys (RFC 7517).
    pub jwks_url: Option<String>,
    /// A file that holds its keys as a JWK set.
    pub jwks_file: Option<PathBuf>,
    /// By `kid`: a file that holds the public key as PEM.
    #[serde(default)]
    pub keys: BTreeMap<String, PathBuf>,
    /// Address ranges that may be reached for its keys though they are not public.
    #[serde(default)]
    pub allow: Vec<String>,
    /// A file of PEM certificates that are trusted for `jwks_url`, instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// Between two fetches of its keys: 5 to 60 minutes.
    #[serde(default = "quarter_of_an_hour")]
    pub refresh_minutes: NonZeroU8,
    /// How long its tokens may live: 1 to 60 minutes.
    #[serde(default = "an_hour")]
    pub life_minutes_max: NonZeroU8,
    /// From what its tokens call a role to the hub's role. Without it they use the hub's names.
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
}

/// An algorithm that an identity provider may sign with: all are asymmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum Algorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            issuer: "zhengxin".to_owned(),
            audience: "zhengxin".to_owned(),
            local: None,
            issuers: Vec::new(),
            revocation_poll_s: 10,
        }
    }
}

impl std::fmt::Debug for LocalKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LocalKey(…)")
    }
}

fn access_token() -> String {
    "at+jwt".to_owned()
}

const fn quarter_of_an_hour() -> NonZeroU8 {
    NonZeroU8::new(15).expect("fifteen is not zero")
}

const fn an_hour() -> NonZeroU8 {
    NonZeroU8::new(60).expect("sixty is not zero")
}
