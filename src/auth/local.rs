//! The local key: tokens for development, made and believed by the hub itself.

use std::path::Path;

use domain::{
    division::DivisionCode,
    uscc::Uscc,
    viewer::{Role, Scope},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};

use crate::config;

use super::{TrustError, claims::Claims};

pub(super) const TYPE: &str = "at+jwt";
const KEY_BYTES_MIN: usize = 32;
/// Life of a token of the local key.
pub(super) const LIFE_S_MAX: i64 = 12 * 3_600;

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

/// The key, and in whose name it signs.
#[derive(Clone)]
pub(super) struct Local {
    pub(super) key: Vec<u8>,
    issuer: String,
    audience: String,
}

impl Local {
    /// Of the configuration, where it has one.
    pub(super) fn of(auth: &config::Auth) -> Result<Option<Self>, TrustError> {
        let Some(local) = &auth.local else {
            return Ok(None);
        };
        Ok(Some(Self {
            key: read_key(local)?,
            issuer: auth.issuer.clone(),
            audience: auth.audience.clone(),
        }))
    }

    pub(super) fn issue(&self, grant: &Grant, now: i64) -> Result<String, TrustError> {
        if !(1..=LIFE_S_MAX / 60).contains(&grant.minutes) {
            return Err(TrustError::Life {
                minutes: grant.minutes,
            });
        }
        let scopes: Vec<_> = grant.scopes.iter().map(|scope| scope.as_str()).collect();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: grant.subject.clone(),
            jti: random_hex(16).map_err(|error| TrustError::Sign(error.to_string()))?,
            exp: now + grant.minutes * 60,
            nbf: now,
            iat: now,
            role: grant.role.to_string(),
            divisions: grant.divisions.iter().map(ToString::to_string).collect(),
            agency: grant.agency.map(|code| code.to_string()),
            scope: scopes.join(" "),
        };
        let header = Header {
            typ: Some(TYPE.to_owned()),
            alg: Algorithm::HS256,
            ..Header::default()
        };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&self.key))
            .map_err(|error| TrustError::Sign(error.to_string()))
    }
}

/// Writes a fresh key where there is none.
pub(super) fn make_key(path: &Path) -> Result<(), TrustError> {
    let failed = |source| TrustError::File {
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

fn read_key(local: &config::LocalKey) -> Result<Vec<u8>, TrustError> {
    let key = match (&local.key, &local.key_file) {
        (Some(key), _) => key.clone().into_bytes(),
        (None, Some(path)) => std::fs::read(path).map_err(|source| TrustError::File {
            place: path.display().to_string(),
            source,
        })?,
        (None, None) => return Err(TrustError::NoKey),
    };
    let key = key.trim_ascii().to_vec();
    if key.len() < KEY_BYTES_MIN {
        Err(TrustError::Short {
            bytes: key.len(),
            min: KEY_BYTES_MIN,
        })
    } else {
        Ok(key)
    }
}

fn random_hex(bytes: usize) -> std::io::Result<String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(std::io::Error::other)?;
    Ok(crate::hex(&random))
}
