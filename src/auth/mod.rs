//! From a token to a viewer (RFC 8725, RFC 9068), and development tokens from a local key.
//!
//! A token that does not verify is refused without a reason; the reason goes to the log, the token
//! never does. This is the one room that calls the JWT library, which believes too much by itself.

mod claims;
mod issuer;
mod jwks;
mod keys;
mod local;
mod refused;
mod revocation;
mod token;

use std::{path::Path, sync::Arc};

use arc_swap::ArcSwap;
use chrono::{DateTime, Utc};
use domain::{revocation::Revocation, viewer::Viewer};
use futures_util::future::join_all;
use serde_json::Value;

use crate::{clock::Clock, config};

pub use local::Grant;
pub use refused::Refused;
pub use revocation::REVOCATION_KEPT;

use claims::LEEWAY_S;
use issuer::Issuer;
use local::Local;
use revocation::Denied;
use token::Token;

/// What is revoked is to be believed nowhere a minute later.
const REVOCATION_POLL_S_MAX: u64 = 30;

/// Why there is no believing, or no token to be had.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    #[error("no local signing key is configured (auth.local.key or auth.local.key_file)")]
    NoKey,
    #[error("the local signing key has {bytes} bytes, expected at least {min}")]
    Short { bytes: usize, min: usize },
    #[error("the local signing key can't be read from {place}: {source}")]
    File {
        place: String,
        source: std::io::Error,
    },
    #[error("a token lives 1 to {max} minutes, not {minutes}", max = local::LIFE_S_MAX / 60)]
    Life { minutes: i64 },
    #[error("the token can't be signed: {0}")]
    Sign(String),
    #[error("auth.revocation_poll_s is {0}: expected 1 to {REVOCATION_POLL_S_MAX}")]
    RevocationPoll(u64),
    #[error("auth.issuers, issuer {issuer:?}: {reason}")]
    Issuer { issuer: String, reason: String },
    #[error(
        "auth.local is a key for development, and auth.issuers is configured too: take one out, or \
         for development set auth.local.beside_issuers"
    )]
    LocalBesideIssuers,
}

/// One who asks, for as long as his token says.
#[derive(Debug, Clone)]
pub struct Session {
    pub viewer: Viewer,
    /// When the token ends; the public has none.
    pub expires: Option<DateTime<Utc>>,
    token: Option<TokenMark>,
}

/// By what a token can be revoked, besides its subject.
#[derive(Debug, Clone)]
struct TokenMark {
    id: String,
    issued: i64,
}

/// Verifies tokens, and issues those of a local key. Clones share what they know.
#[derive(Clone)]
pub struct Auth {
    issuers: Arc<Vec<Issuer>>,
    local: Option<Local>,
    denied: Arc<ArcSwap<Denied>>,
    clock: Clock,
}

impl Session {
    /// The public's, for ever.
    pub fn public() -> Self {
        Self {
            viewer: Viewer::public(),
            expires: None,
            token: None,
        }
    }
}

impl Auth {
    /// By the configuration. Keys that are published elsewhere are not fetched yet.
    pub fn new(config: &config::Auth, clock: Clock) -> Result<Self, TrustError> {
        if !(1..=REVOCATION_POLL_S_MAX).contains(&config.revocation_poll_s) {
            return Err(TrustError::RevocationPoll(config.revocation_poll_s));
        }
        let local = Local::of(config)?;
        let is_beside = config.local.as_ref().is_some_and(|it| it.beside_issuers);
        if local.is_some() && !config.issuers.is_empty() && !is_beside {
            return Err(TrustError::LocalBesideIssuers);
        }
        let mut issuers: Vec<Issuer> = Vec::new();
        if let Some(local) = &local {
            let issuer = Issuer::local(config, local::TYPE, &local.key, local::LIFE_S_MAX);
            issuers.push(issuer);
        }
        for issuer in &config.issuers {
            if issuers.iter().any(|other| other.name == issuer.issuer) {
                return Err(TrustError::Issuer {
                    issuer: issuer.issuer.clone(),
                    reason: "is there twice".to_owned(),
                });
            }
            issuers.push(Issuer::new(issuer, &clock)?);
        }
        Ok(Self {
            issuers: Arc::new(issuers),
            local,
            denied: Arc::default(),
            clock,
        })
    }

    /// Who presents this `Authorization` header's value; without a header, the public.
    pub async fn session(&self, authorization: Option<&str>) -> Result<Session, Refused> {
        let Some(value) = authorization else {
            return Ok(Session::public());
        };
        let (scheme, token) = value.split_once(' ').ok_or(Refused::Scheme)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refused::Scheme);
        }
        let token = Token::read(token.trim_matches(' '))?;
        // Whom it names is not believed yet: it only tells whose keys are to be tried.
        let issuer = match token.claims.get("iss") {
            Some(Value::String(name)) => self.issuers.iter().find(|issuer| issuer.name == *name),
            _ => return Err(Refused::Claims),
        };
        let issuer = issuer.ok_or(Refused::Issuer)?;
        let claims = issuer.verify(token).await?;
        claims.check_times(self.clock.now().timestamp(), issuer.life_s_max)?;
        let expires = DateTime::from_timestamp(claims.exp, 0).ok_or(Refused::Life)?;
        let mark = TokenMark {
            id: claims.jti.clone(),
            issued: claims.iat,
        };
        let session = Session {
            viewer: claims.viewer(&issuer.roles)?,
            expires: Some(expires),
            token: Some(mark),
        };
        match self.is_revoked(&session) {
            true => Err(Refused::Revoked),
            false => Ok(session),
        }
    }

    /// Whether one who was let in earlier still would be: for sockets that stay open. It asks nobody
    /// and is cheap.
    pub fn still_valid(&self, session: &Session) -> bool {
        let now = self.clock.now().timestamp();
        let is_over = session
            .expires
            .is_some_and(|at| at.timestamp() <= now.saturating_sub(LEEWAY_S));
        !is_over && !self.is_revoked(session)
    }

    fn is_revoked(&self, session: &Session) -> bool {
        session.token.as_ref().is_some_and(|token| {
            let subject = &session.viewer.subject;
            self.denied.load().holds(&token.id, subject, token.issued)
        })
    }

    /// From now on these are revoked, each since its moment, and no others.
    pub fn revoke(&self, revocations: impl IntoIterator<Item = Revocation>) {
        self.denied.store(Arc::new(Denied::of(revocations)));
    }

    /// Fetches the published keys that are due.
    pub async fn keep_keys_fresh(&self) {
        let published = self.issuers.iter().filter_map(Issuer::published);
        join_all(published.map(|keys| keys.keep_fresh())).await;
    }

    /// A token of the local key.
    pub fn issue(&self, grant: &Grant) -> Result<String, TrustError> {
        let local = self.local.as_ref().ok_or(TrustError::NoKey)?;
        local.issue(grant, self.clock.now().timestamp())
    }

    /// Writes a fresh local key where there is none.
    pub fn make_key(path: &Path) -> Result<(), TrustError> {
        local::make_key(path)
    }

    /// How many issuers are believed, the hub itself not counted.
    pub fn issuers(&self) -> usize {
        self.issuers.len() - usize::from(self.local.is_some())
    }
}
