//! Who asks, and what he may read: the fields of the schema by `access.toml`, the rows by his view.

use std::sync::Arc;

use axum::http::StatusCode;
use domain::{agency::Agency, uscc::Uscc};

use crate::{catalogue::Access, graph::View, store::Known};

use super::super::{graphql::Code, refusal::No};

/// A field of the schema: type and name.
pub(super) type Field = (&'static str, &'static str);

/// What is told of a body wherever it is named.
const BODY: [Field; 4] = [
    ("Agency", "uscc"),
    ("Agency", "name"),
    ("Agency", "kind"),
    ("Agency", "division"),
];

/// One viewer's view and rights.
pub(super) struct Sight<'a> {
    pub(super) view: View,
    pub(super) access: &'a Access,
    pub(super) has_token: bool,
}

impl Sight<'_> {
    pub(super) fn may_read(&self, fields: &[Field]) -> bool {
        let role = self.view.viewer().role;
        let may = |(type_name, field): &Field| {
            // What is audited is not told here.
            self.access.may_read(role, type_name, field)
                && !self.access.is_audited(type_name, field)
        };
        fields.iter().all(may)
    }

    /// Refuses those who may not read these fields: with 401 where a token could help.
    pub(super) fn must_read(&self, fields: &[Field]) -> Result<(), No> {
        if self.may_read(fields) {
            return Ok(());
        }
        if !self.has_token {
            return Err(No::unauthenticated());
        }
        let message = "this role may not ask this / 该角色无权查询".to_owned();
        Err(No::http(StatusCode::FORBIDDEN, Code::Forbidden, message))
    }

    /// Refuses those who may not see bodies by this field of the root.
    pub(super) fn must_see_bodies(&self, field: &'static str) -> Result<(), No> {
        self.must_read(&[("Query", field)])?;
        self.must_read(&BODY)
    }

    /// The body in this row, if he may see it.
    pub(super) fn body(&self, row: u32) -> Option<Body> {
        let known = Arc::clone(self.view.agency_at(row)?);
        Some(Body { row, known })
    }

    /// The body with this code, if he may see it.
    pub(super) fn body_with(&self, code: &Uscc) -> Option<Body> {
        self.body(self.view.agency_row_by_uscc(code)?)
    }

    /// Where the body stands, in words: its division with those above it.
    pub(super) fn place_of(&self, body: &Body) -> String {
        let division = body.fact().division;
        let named = self.view.divisions().full_name(division);
        named
            .filter(|_| self.may_read(&[("Division", "fullName")]))
            .unwrap_or_else(|| division.to_string())
    }
}

/// A body that the viewer may see.
pub(super) struct Body {
    pub(super) row: u32,
    known: Arc<Known<Agency>>,
}

impl Body {
    pub(super) fn fact(&self) -> &Agency {
        &self.known.fact
    }

    /// Its stable number.
    pub(super) fn number(&self) -> i64 {
        self.known.id
    }
}
