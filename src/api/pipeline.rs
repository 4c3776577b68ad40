//! What every GraphQL operation goes through, whatever it came over: from what a client asks to an
//! operation that may be executed, and from there to an answer's bytes.

use std::{sync::Arc, time::Duration};

use async_graphql::{
    Request, Variables,
    parser::{parse_query, types::ExecutableDocument},
};
use axum::http::StatusCode;
use domain::viewer::Viewer;

use crate::graph::Graph;

use super::{
    Door,
    answer::Answer,
    asked::Asked,
    graphql::{Ask, Code},
    guard::{self, Refused},
    order,
    refusal::{No, Stage},
};

/// How long an execution may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// Who asks, and what for.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) viewer: Viewer,
    /// The purpose that he states.
    pub(super) purpose: Option<String>,
    /// The request's name in the log.
    pub(super) trace: String,
}

/// An operation that may be executed.
pub(super) struct Prepared {
    document: Arc<ExecutableDocument>,
    /// Which of the document's operations, where it is named.
    operation: Option<String>,
    variables: Variables,
    /// What the guard reckons that it comes to.
    _cost: u64,
}

impl Door {
    /// Reads, measures and admits what a client asks for. Nothing is executed yet.
    pub(super) fn prepare(&self, asked: Asked, caller: &Caller) -> Result<Prepared, No> {
        let missing = || No::at(Stage::NotWellFormed, "the request has no query");
        let document = parse(&asked.query.ok_or_else(missing)?)?;
        let operation = asked.operation_name;
        let variables = asked.variables.unwrap_or_default();
        let variables = Variables::from_json(serde_json::Value::Object(variables));
        let access = &self.app.catalogue.access;
        let viewer = &caller.viewer;
        let cost = guard::check(&document, &variables, &self.facts, access, viewer)?;
        guard::check_variables(&document, operation.as_deref(), &variables)?;
        Ok(Prepared {
            document: Arc::new(document),
            operation,
            variables,
            _cost: cost,
        })
    }

    /// Executes a query or a mutation on one version of the graph.
    pub(super) async fn execute(
        &self,
        prepared: &Prepared,
        caller: &Caller,
        graph: &Arc<Graph>,
    ) -> Result<Answer, No> {
        let request = self.request(prepared, caller, graph);
        let executed = tokio::time::timeout(DEADLINE, self.schema.execute(request)).await;
        let mut executed = executed.map_err(|_| {
            let message = format!("the query took more than {} s", DEADLINE.as_secs());
            No::http(StatusCode::GATEWAY_TIMEOUT, Code::Unavailable, message)
        })?;
        let operation = prepared.operation.as_deref();
        order::as_asked(&prepared.document, &self.facts, operation, &mut executed);
        Answer::of(&executed, graph.seq(), &caller.trace)
    }

    /// The library's request; what it is answered from travels with it.
    fn request(&self, prepared: &Prepared, caller: &Caller, graph: &Arc<Graph>) -> Request {
        let purpose = caller.purpose.as_deref();
        let view = self.app.view_for(graph, caller.viewer.clone(), purpose);
        let mut request = Request::new("").variables(prepared.variables.clone());
        request.operation_name.clone_from(&prepared.operation);
        request.set_parsed_query(prepared.document.as_ref().clone());
        request.data(Ask::new(Arc::clone(&self.app), view))
    }
}

/// The document of a text that is within bounds. The library's own texts repeat the query; the place
/// is enough.
fn parse(text: &str) -> Result<ExecutableDocument, No> {
    guard::scan(text)?;
    parse_query(text).map_err(|error| {
        let place = error
            .positions()
            .next()
            .map_or_else(String::new, |at| format!(" at {}:{}", at.line, at.column));
        No::at(Stage::Syntax, format!("{}{place}", Refused::Syntax))
    })
}
