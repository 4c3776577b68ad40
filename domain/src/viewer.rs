//! Who asks: role, areas and rights, as a verified token or its absence says.

use crate::{division::DivisionCode, id::digest_of, uscc::Uscc};

/// The contract's roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// No token: sees what is published.
    Public,
    /// A people's congress (人大), overseeing the government of its own level.
    Congress,
    /// An upper-level government.
    Government,
    /// A court.
    Court,
    /// The body that verifies, confirms, sanctions and repairs (认定部门).
    Authority,
    /// A body, about itself.
    Agency,
    /// A third party that assesses.
    Assessor,
    /// Runs the sources.
    Operator,
    /// Keys and grants.
    Security,
    /// Reads the audit log.
    Auditor,
}

crate::text_enum!(Role {
    Public => "PUBLIC",
    Congress => "CONGRESS",
    Government => "GOVERNMENT",
    Court => "COURT",
    Authority => "AUTHORITY",
    Agency => "AGENCY",
    Assessor => "ASSESSOR",
    Operator => "OPERATOR",
    Security => "SECURITY",
    Auditor => "AUDITOR",
});

/// The scopes that a token may carry: a closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// May send queries that are not registered.
    Adhoc,
    /// May read the subgraph's schema and entities, as a gateway does.
    Gateway,
    /// May see personal data unmasked, with a purpose.
    Unmask,
    /// May see totals over rows that he may not see.
    Totals,
}

crate::text_enum!(Scope {
    Adhoc => "adhoc",
    Gateway => "gateway",
    Unmask => "unmask",
    Totals => "totals",
});

/// One who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// Who issued the token; none without one.
    pub issuer: Option<String>,
    /// The token's subject; "anonymous" without one.
    pub subject: String,
    /// In which role he asks.
    pub role: Role,
    /// His areas, each with all below it where a row rule says so.
    pub divisions: Vec<DivisionCode>,
    /// The body that he acts for.
    pub agency: Option<Uscc>,
    /// His further rights.
    pub scopes: Vec<Scope>,
}

impl Viewer {
    /// Who asks, apart from everybody else: two issuers may call two by the same name.
    pub fn caller(&self) -> String {
        let issuer = self.issuer.as_deref().unwrap_or_default();
        digest_of(&[issuer, &self.subject])
    }

    /// The caller in his role, for the same areas and the same body: who acts otherwise is another client.
    pub fn client(&self) -> String {
        let mut areas: Vec<String> = self.divisions.iter().map(ToString::to_string).collect();
        areas.sort_unstable();
        let agency = self.agency.map(|code| code.to_string());
        digest_of(&[
            &self.caller(),
            self.role.as_str(),
            &areas.join(" "),
            agency.as_deref().unwrap_or_default(),
        ])
    }

    /// The viewer without a token.
    pub fn public() -> Self {
        Self {
            issuer: None,
            subject: "anonymous".to_owned(),
            role: Role::Public,
            divisions: Vec::new(),
            agency: None,
            scopes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_a_caller_in_one_role_and_for_the_same_areas() {
        let of = |subject: &str, role, divisions: &[&str]| {
            let viewer = Viewer {
                subject: subject.to_owned(),
                role,
                divisions: divisions
                    .iter()
                    .map(|code| code.parse().expect("a code"))
                    .collect(),
                ..Viewer::public()
            };
            viewer.client()
        };
        let own = of("a", Role::Court, &["440600", "440400"]);
        assert_eq!(own, of("a", Role::Court, &["440400", "440600"]));
        for other in [
            of("b", Role::Court, &["440600", "440400"]),
            of("a", Role::Authority, &["440600", "440400"]),
            of("a", Role::Court, &["440600"]),
        ] {
            assert_ne!(own, other);
        }
    }
}
