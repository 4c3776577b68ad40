//! From a token to a viewer (RFC 8725, RFC 9068), and development tokens from a local key.
//!
//! A token that does not verify is refused without a reason; the reason goes to the log, the token
//! never does.

use std::path::Path;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use domain::{
    division::DivisionCode,
    uscc::Uscc,
    viewer::{Role, Scope, Viewer},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::{clock::Clock, config};

const TYPE: &str = "at+jwt";
const TOKEN_BYTES_MAX: usize = 8 * 1_024;
const KEY_BYTES_MIN: usize = 32;
/// How far the issuer's clock may be off.
const LEEWAY_S: i64 = 10;
/// Life of a token of the local development key.
const LOCAL_LIFE_S_MAX: i64 = 12 * 3_600;
/// Divisions in one token.
const DIVISIONS_MAX: usize = 1_000;

/// The claims of an access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    jti: String,
    exp: i64,
    nbf: i64,
    iat: i64,
    role: String,
    #[serde(default)]
    divisions: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agency: Option<String>,
    #[serde(default)]
    scope: String,
}

/// One who asks, for as long as his token says.
#[derive(Debug, Clone)]
pub struct Session {
    pub viewer: Viewer,
    /// When the token ends; the public has none.
    pub expires: Option<DateTime<Utc>>,
}

/// The token is not believed. Its text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(String);

/// Why there is no token to be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    #[error("no local signing key is configured (auth.local.key or auth.local.key_file)")]
    None,
    #[error("the local signing key has {0} bytes, expected at least {KEY_BYTES_MIN}")]
    Short(usize),
    #[error("the local signing key can't be read from {place}: {source}")]
    File {
        place: String,
        source: std::io::Error,
    },
    #[error("a token lives 1 to {max} minutes, not {minutes}", max = LOCAL_LIFE_S_MAX / 60)]
    Life { minutes: i64 },
    #[error("the token can't be signed: {0}")]
    Sign(String),
}

/// Verifies tokens, and issues those of a local key.
#[derive(Clone)]
pub struct Auth {
    issuer: String,
    audience: String,
    local: Option<Vec<u8>>,
    clock: Clock,
}

/// What a development token is to say.
#[derive(Debug, Clone)]
pub struct Grant {
    pub subject: String,
    pub role: Role,
    pub divisions: Vec<DivisionCode>,
    pub agency: Option<Uscc>,
    pub scopes: Vec<Scope>,
    pub minutes: i64,
}

impl Auth {
    /// By the configuration.
    pub fn new(config: &config::Auth, clock: Clock) -> Result<Self, KeyError> {
        let local = match &config.local {
            None => None,
            Some(local) => Some(read_key(local)?),
        };
        Ok(Self {
            issuer: config.issuer.clone(),
            audience: config.audience.clone(),
            local,
            clock,
        })
    }

    /// Who presents this `Authorization` header's value; without a header, the public.
    pub async fn session(&self, authorization: Option<&str>) -> Result<Session, Refused> {
        match authorization {
            None => Ok(Session {
                viewer: Viewer::public(),
                expires: None,
            }),
            Some(value) => {
                let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
                if scheme.eq_ignore_ascii_case("bearer") {
                    self.verify(token.trim())
                } else {
                    Err(refused("the scheme is not Bearer"))
                }
            }
        }
    }

    /// Whether one who was let in earlier still would be: for sockets that stay open.
    pub fn still_valid(&self, session: &Session) -> bool {
        session.expires.is_none_or(|end| end > self.clock.now())
    }

    fn verify(&self, token: &str) -> Result<Session, Refused> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(refused("the token is too long"));
        }
        check_header(token)?;
        let key = self
            .local
            .as_deref()
            .ok_or_else(|| refused("no key is configured"))?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        validation.set_audience(&[&self.audience]);
        validation.set_issuer(&[&self.issuer]);
        // Times are checked below, by the injected clock.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let claims =
            jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(key), &validation)
                .map_err(|error| refused(&error.to_string()))?
                .claims;
        self.check_times(&claims)?;
        let expires = DateTime::from_timestamp(claims.exp, 0);
        let expires = Some(expires.ok_or_else(|| refused("exp is no moment"))?);
        Ok(Session {
            viewer: viewer_of(claims)?,
            expires,
        })
    }

    fn check_times(&self, claims: &Claims) -> Result<(), Refused> {
        let now = self.clock.now().timestamp();
        let life = claims
            .exp
            .checked_sub(claims.iat)
            .ok_or_else(|| refused("exp and iat lie apart"))?;
        match () {
            () if claims.exp <= now.saturating_sub(LEEWAY_S) => Err(refused("it is expired")),
            () if claims.nbf > now + LEEWAY_S => Err(refused("it is not valid yet")),
            () if claims.iat > now + LEEWAY_S => Err(refused("it was issued in the future")),
            () if !(1..=LOCAL_LIFE_S_MAX).contains(&life) => Err(refused("it lives too long")),
            () => Ok(()),
        }
    }

    /// A token of the local key.
    pub fn issue(&self, grant: &Grant) -> Result<String, KeyError> {
        let key = self.local.as_deref().ok_or(KeyError::None)?;
        if !(1..=LOCAL_LIFE_S_MAX / 60).contains(&grant.minutes) {
            return Err(KeyError::Life {
                minutes: grant.minutes,
            });
        }
        let now: DateTime<Utc> = self.clock.now();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: grant.subject.clone(),
            jti: random_hex(16).map_err(|error| KeyError::Sign(error.to_string()))?,
            exp: now.timestamp() + grant.minutes * 60,
            nbf: now.timestamp(),
            iat: now.timestamp(),
            role: grant.role.to_string(),
            divisions: grant.divisions.iter().map(ToString::to_string).collect(),
            agency: grant.agency.map(|code| code.to_string()),
            scope: grant
                .scopes
                .iter()
                .map(|scope| scope.as_str())
                .collect::<Vec<_>>()
                .join(" "),
        };
        let header = Header {
            typ: Some(TYPE.to_owned()),
            alg: Algorithm::HS256,
            ..Header::default()
        };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key))
            .map_err(|error| KeyError::Sign(error.to_string()))
    }

    /// Writes a fresh key where there is none.
    pub fn make_key(path: &Path) -> Result<(), KeyError> {
        let failed = |source| KeyError::File {
            place: path.display().to_string(),
            source,
        };
        if path.exists() {
            return Ok(());
        }
        let key = random_hex(KEY_BYTES_MIN).map_err(failed)?;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        std::io::Write::write_all(&mut file, key.as_bytes()).map_err(failed)
    }
}

/// The library knows neither `typ` nor `crit`.
fn check_header(token: &str) -> Result<(), Refused> {
    let header = token.split('.').next().unwrap_or_default();
    let header = URL_SAFE_NO_PAD
        .decode(header)
        .map_err(|_| refused("its header is not base64url"))?;
    let header: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&header).map_err(|_| refused("its header is no JSON object"))?;
    if header.contains_key("crit") {
        return Err(refused("it has critical extensions"));
    }
    match header.get("typ").and_then(|value| value.as_str()) {
        Some(TYPE) => Ok(()),
        _ => Err(refused("its type is not at+jwt")),
    }
}

fn viewer_of(claims: Claims) -> Result<Viewer, Refused> {
    let role: Role = claims
        .role
        .parse()
        .map_err(|error: domain::UnknownValue| refused(&error.to_string()))?;
    if role == Role::Public {
        return Err(refused("the public role has no token"));
    }
    if claims.sub.is_empty() || claims.jti.is_empty() || claims.divisions.len() > DIVISIONS_MAX {
        return Err(refused("sub, jti or divisions are out of bounds"));
    }
    let divisions = claims
        .divisions
        .iter()
        .map(|code| code.parse::<DivisionCode>());
    let scopes = claims.scope.split_whitespace().map(str::parse::<Scope>);
    Ok(Viewer {
        subject: claims.sub,
        role,
        divisions: divisions
            .collect::<Result<_, _>>()
            .map_err(|error| refused(&error.to_string()))?,
        agency: claims
            .agency
            .map(|code| code.parse::<Uscc>())
            .transpose()
            .map_err(|error| refused(&error.to_string()))?,
        scopes: scopes
            .collect::<Result<_, _>>()
            .map_err(|error| refused(&error.to_string()))?,
    })
}

fn refused(reason: &str) -> Refused {
    Refused(reason.to_owned())
}

fn read_key(local: &config::LocalKey) -> Result<Vec<u8>, KeyError> {
    let key = match (&local.key, &local.key_file) {
        (Some(key), _) => key.clone().into_bytes(),
        (None, Some(path)) => std::fs::read(path).map_err(|source| KeyError::File {
            place: path.display().to_string(),
            source,
        })?,
        (None, None) => return Err(KeyError::None),
    };
    let key = key.trim_ascii().to_vec();
    if key.len() < KEY_BYTES_MIN {
        Err(KeyError::Short(key.len()))
    } else {
        Ok(key)
    }
}

fn random_hex(bytes: usize) -> std::io::Result<String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(std::io::Error::other)?;
    Ok(crate::hex(&random))
}
