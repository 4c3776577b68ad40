//! One whose tokens are believed: what they must look like, and the keys that verify them.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use domain::viewer::Role;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, errors::ErrorKind};
use serde::de::IgnoredAny;

use crate::{clock::Clock, config};

use super::{
    Refused, TrustError,
    claims::Claims,
    jwks::Published,
    keys::{Key, Keys},
    token::Token,
};

/// Minutes that an issuer's token may live.
const LIFE_MINUTES_MAX: u8 = 60;
/// Minutes between two fetches of keys.
const REFRESH_MINUTES: std::ops::RangeInclusive<u8> = 5..=60;
/// The id of the local key, for tokens that name one.
const LOCAL_KEY_ID: &str = "local";

/// One whose tokens are believed.
#[derive(Debug)]
pub(super) struct Issuer {
    pub(super) name: String,
    typ: String,
    /// Each algorithm of the list, with what the library is to check of its tokens.
    algorithms: Vec<(Algorithm, Validation)>,
    keys: KeySource,
    pub(super) life_s_max: i64,
    pub(super) roles: BTreeMap<String, Role>,
}

#[derive(Debug)]
enum KeySource {
    Local(DecodingKey),
    Fixed(Keys),
    Published(Arc<Published>),
}

impl Issuer {
    /// The hub itself, with its local key.
    pub(super) fn local(auth: &config::Auth, typ: &str, key: &[u8], life_s_max: i64) -> Self {
        let algorithm = Algorithm::HS256;
        Self {
            name: auth.issuer.clone(),
            typ: typ.to_owned(),
            algorithms: vec![(
                algorithm,
                validation(algorithm, &auth.issuer, &auth.audience),
            )],
            keys: KeySource::Local(DecodingKey::from_secret(key)),
            life_s_max,
            roles: BTreeMap::new(),
        }
    }

    /// One of the configuration.
    pub(super) fn new(issuer: &config::Issuer, clock: &Clock) -> Result<Self, TrustError> {
        let wrong = |reason: String| TrustError::Issuer {
            issuer: issuer.issuer.clone(),
            reason,
        };
        let says = |reason: &str| wrong(reason.to_owned());
        for (key, text) in [
            ("issuer", &issuer.issuer),
            ("audience", &issuer.audience),
            ("typ", &issuer.typ),
        ] {
            if text.is_empty() {
                return Err(wrong(format!("{key} is empty")));
            }
        }
        if issuer.algorithms.is_empty() {
            return Err(says("algorithms is empty: name those that it signs with"));
        }
        if issuer.life_minutes_max.get() > LIFE_MINUTES_MAX {
            return Err(wrong(format!(
                "life_minutes_max is more than {LIFE_MINUTES_MAX}"
            )));
        }
        if !REFRESH_MINUTES.contains(&issuer.refresh_minutes.get()) {
            return Err(wrong(format!(
                "refresh_minutes is not in {REFRESH_MINUTES:?}"
            )));
        }
        let roles = issuer.roles.iter().map(|(theirs, ours)| {
            let unknown = |error| wrong(format!("roles.{theirs}: {error}"));
            Ok((theirs.clone(), ours.parse::<Role>().map_err(unknown)?))
        });
        let roles = roles.collect::<Result<_, TrustError>>()?;
        let keys = match (&issuer.jwks_url, &issuer.jwks_file, issuer.keys.is_empty()) {
            (Some(url), None, true) => {
                // Whoever can change what comes over the wire could publish keys of his own.
                if !url.starts_with("https:") && issuer.allow.is_empty() {
                    return Err(says(
                        "jwks_url: expected https, or an inner address in allow",
                    ));
                }
                let published = Published::at(url, issuer, clock.clone());
                let wrong = |error| wrong(format!("jwks_url: {error}"));
                KeySource::Published(published.map_err(wrong)?)
            }
            (None, Some(path), true) => {
                let keys = Keys::of_set(read(path).map_err(wrong)?.as_bytes());
                let keys = keys.map_err(|error| wrong(format!("jwks_file: {error}")))?;
                if keys.len() == 0 {
                    return Err(says("jwks_file: it has no key that verifies signatures"));
                }
                KeySource::Fixed(keys)
            }
            (None, None, false) => {
                let mut keys = Keys::default();
                for (id, path) in &issuer.keys {
                    let key = Key::of_pem(&read(path).map_err(wrong)?);
                    let unusable = || {
                        wrong(format!(
                            "keys.{id}: no PEM of an RSA (2048 bits or more), P-256, P-384 or Ed25519 public key"
                        ))
                    };
                    keys.insert(id.clone(), key.ok_or_else(unusable)?);
                }
                KeySource::Fixed(keys)
            }
            _ => return Err(says("give exactly one of jwks_url, jwks_file and keys")),
        };
        let algorithms = issuer.algorithms.iter().map(|algorithm| {
            let algorithm = of_config(*algorithm);
            let validation = validation(algorithm, &issuer.issuer, &issuer.audience);
            (algorithm, validation)
        });
        Ok(Self {
            name: issuer.issuer.clone(),
            typ: issuer.typ.clone(),
            algorithms: algorithms.collect(),
            keys,
            life_s_max: i64::from(issuer.life_minutes_max.get()) * 60,
            roles,
        })
    }

    /// The claims of a token that this issuer signed for us. Times are still to be checked.
    pub(super) async fn verify(&self, token: Token<'_>) -> Result<Claims, Refused> {
        if token.typ != self.typ {
            return Err(Refused::Type);
        }
        let mut listed = self.algorithms.iter();
        let (_, validation) = listed
            .find(|(algorithm, _)| *algorithm == token.algorithm)
            .ok_or(Refused::Algorithm)?;
        let found;
        let key = match (&self.keys, token.key_id.as_deref()) {
            (KeySource::Local(key), None | Some(LOCAL_KEY_ID)) => key,
            (KeySource::Local(_), Some(_)) => return Err(Refused::Key),
            (_, None) => return Err(Refused::KeyId),
            (KeySource::Fixed(keys), Some(id)) => {
                found = keys.find(id, token.algorithm).ok_or(Refused::Key)?;
                &found.verifies
            }
            (KeySource::Published(keys), Some(id)) => {
                let key = keys.find(id, token.algorithm).await;
                found = key.ok_or(Refused::Key)?;
                &found.verifies
            }
        };
        jsonwebtoken::decode::<IgnoredAny>(token.text, key, validation).map_err(
            |error| match error.kind() {
                ErrorKind::InvalidAudience => Refused::Audience,
                ErrorKind::MissingRequiredClaim(_)
                | ErrorKind::InvalidClaimFormat(_)
                | ErrorKind::Json(_) => Refused::Claims,
                _ => Refused::Signature,
            },
        )?;
        Claims::read(token.claims)
    }

    /// The keys that have to be fetched.
    pub(super) fn published(&self) -> Option<&Arc<Published>> {
        match &self.keys {
            KeySource::Published(keys) => Some(keys),
            KeySource::Local(_) | KeySource::Fixed(_) => None,
        }
    }
}

/// What the library checks. It knows nothing of `typ`, `crit` and `iat`, and times are checked by
/// the injected clock.
fn validation(algorithm: Algorithm, issuer: &str, audience: &str) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[issuer]);
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation
}

fn of_config(algorithm: config::Algorithm) -> Algorithm {
    match algorithm {
        config::Algorithm::RS256 => Algorithm::RS256,
        config::Algorithm::RS384 => Algorithm::RS384,
        config::Algorithm::RS512 => Algorithm::RS512,
        config::Algorithm::PS256 => Algorithm::PS256,
        config::Algorithm::PS384 => Algorithm::PS384,
        config::Algorithm::PS512 => Algorithm::PS512,
        config::Algorithm::ES256 => Algorithm::ES256,
        config::Algorithm::ES384 => Algorithm::ES384,
        config::Algorithm::EdDSA => Algorithm::EdDSA,
    }
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
