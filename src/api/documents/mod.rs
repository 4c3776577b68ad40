//! Documents: those that the hub trusts, known since its start by what they hash to, and those that
//! clients send, which are kept for a while once they have passed the guard.

mod check;
mod error;
mod id;
mod kept;
mod trusted;

use std::{collections::HashMap, sync::Arc};

use async_graphql::parser::{parse_query, types::ExecutableDocument};
use domain::viewer::{Role, Scope, Viewer};

use super::{
    asked::Asked,
    graphql::Code,
    guard::{self, Facts, Refused, Reviewed},
    refusal::{No, Stage},
};
use crate::config;

pub use error::{Wrong, WrongDocuments};

use id::Id;
use kept::Kept;

/// A document that is parsed.
#[derive(Debug)]
pub(super) struct Document {
    /// SHA-256 of its exact text.
    pub(super) id: Id,
    pub(super) parsed: ExecutableDocument,
    /// Numbers higher than the guard's, of a trusted one.
    pub(super) reviewed: Reviewed,
    /// Tokens of its text: by them its size in memory is reckoned.
    tokens: u64,
    pub(super) is_trusted: bool,
}

/// All that are known.
pub(super) struct Documents {
    trusted: HashMap<Id, Arc<Document>>,
    kept: Kept,
    /// The roles for which only trusted ones are executed.
    allow_list: Vec<Role>,
}

impl Documents {
    /// Those that are compiled in, and those of the configured folder. All of them must be good.
    pub(super) fn load(config: &config::Documents, facts: &Facts) -> Result<Self, WrongDocuments> {
        Ok(Self {
            trusted: trusted::load(config.folder.as_deref(), facts)?,
            kept: Kept::default(),
            allow_list: config.allow_list.clone(),
        })
    }

    /// The document that is asked for, by its text, by its id, or by both.
    pub(super) fn find(&self, asked: &Asked, viewer: &Viewer) -> Result<Arc<Document>, No> {
        let stated = id::stated(asked)?;
        let Some(text) = &asked.query else {
            let missing = || No::at(Stage::NotWellFormed, "the request has no query");
            let id = stated.ok_or_else(missing)?;
            // Only trusted ones: nobody registers a document by sending it once.
            let trusted = id.and_then(|id| self.trusted.get(&id));
            return trusted.cloned().ok_or_else(not_found);
        };
        guard::check_length(text)?;
        let id = id::of(text);
        if stated.is_some_and(|stated| stated != Some(id)) {
            return Err(No::invalid("the query is not the document of its id"));
        }
        if let Some(trusted) = self.trusted.get(&id) {
            return Ok(Arc::clone(trusted));
        }
        if self.allow_list.contains(&viewer.role) && !viewer.scopes.contains(&Scope::Adhoc) {
            let message =
                "only trusted documents are executed for this role / 该角色仅可执行已登记的查询";
            return Err(
                No::new(Stage::Document, Code::Forbidden, message).because("DOCUMENT_NOT_TRUSTED")
            );
        }
        match self.kept.get(&id) {
            Some(kept) => Ok(kept),
            None => parse(id, text).map(Arc::new),
        }
    }

    /// Keeps one that a client sent and that has passed the guard.
    pub(super) fn keep(&self, document: &Arc<Document>) {
        if !document.is_trusted {
            self.kept.put(document);
        }
    }
}

fn not_found() -> No {
    No::at(Stage::Document, "there is no such document").because("PERSISTED_DOCUMENT_NOT_FOUND")
}

/// The document of a text that is within bounds. The library's own texts repeat the query; the place
/// is enough.
fn parse(id: Id, text: &str) -> Result<Document, No> {
    let tokens = guard::scan(text)?;
    let parsed = parse_query(text).map_err(|error| {
        let place = error
            .positions()
            .next()
            .map_or_else(String::new, |at| format!(" at {}:{}", at.line, at.column));
        No::at(Stage::Syntax, format!("{}{place}", Refused::Syntax))
    })?;
    Ok(Document {
        id,
        parsed,
        reviewed: Reviewed::default(),
        tokens,
        is_trusted: false,
    })
}
