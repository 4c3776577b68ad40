//! The claims of an access token (RFC 9068), and the viewer that they make.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    division::DivisionCode,
    revocation::is_name,
    uscc::Uscc,
    viewer::{Role, Scope, Viewer},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Refused;

/// How far the issuer's clock may be off, in seconds.
pub(super) const LEEWAY_S: i64 = 10;

/// The claims of an access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    pub(super) sub: String,
    pub(super) jti: String,
    pub(super) exp: i64,
    pub(super) nbf: i64,
    pub(super) iat: i64,
    pub(super) role: String,
    #[serde(default)]
    pub(super) divisions: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) agency: Option<String>,
    #[serde(default)]
    pub(super) scope: String,
}

impl Claims {
    /// All that are required, each of its own type.
    pub(super) fn read(members: Map<String, Value>) -> Result<Self, Refused> {
        // For an optional claim null would mean that it is absent: it is of another type.
        if members.get("agency").is_some_and(Value::is_null) {
            return Err(Refused::Claims);
        }
        serde_json::from_value(Value::Object(members)).map_err(|_| Refused::Claims)
    }

    /// Whether the token holds now, and lives no longer than it may.
    pub(super) fn check_times(&self, now: i64, life_s_max: i64) -> Result<(), Refused> {
        let life = self.exp.checked_sub(self.iat).ok_or(Refused::Life)?;
        match () {
            () if self.exp <= now.saturating_sub(LEEWAY_S) => Err(Refused::Expired),
            () if self.nbf > now.saturating_add(LEEWAY_S) => Err(Refused::Early),
            () if self.iat > now.saturating_add(LEEWAY_S) => Err(Refused::Future),
            () if !(1..=life_s_max).contains(&life) => Err(Refused::Life),
            () => Ok(()),
        }
    }

    /// The viewer; where an issuer has names of its own for roles, only these mean one.
    pub(super) fn viewer(self, roles: &BTreeMap<String, Role>) -> Result<Viewer, Refused> {
        let role = match roles.is_empty() {
            true => self.role.parse().map_err(|_| Refused::Role)?,
            false => *roles.get(&self.role).ok_or(Refused::Role)?,
        };
        if role == Role::Public {
            return Err(Refused::Role);
        }
        if !is_name(&self.sub) || !is_name(&self.jti) {
            return Err(Refused::Claims);
        }
        let divisions = self
            .divisions
            .iter()
            .map(|code| code.parse::<DivisionCode>());
        let divisions = divisions.collect::<Result<BTreeSet<_>, _>>();
        // In one order, whatever the token's: cursors and kept answers hang on them.
        let divisions = divisions.map_err(|_| Refused::Division)?;
        let agency = self.agency.map(|code| code.parse::<Uscc>()).transpose();
        let scopes = self.scope.split_whitespace().map(str::parse::<Scope>);
        Ok(Viewer {
            issuer: Some(self.iss),
            subject: self.sub,
            role,
            divisions: divisions.into_iter().collect(),
            agency: agency.map_err(|_| Refused::Agency)?,
            scopes: scopes
                .collect::<Result<_, _>>()
                .map_err(|_| Refused::Scope)?,
        })
    }
}
