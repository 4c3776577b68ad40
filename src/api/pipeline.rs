//! What every GraphQL operation goes through, whatever it came over: from what a client asks to an
//! operation that may be executed, and from there to an answer's bytes.

use std::{sync::Arc, time::Duration};

use async_graphql::{Request, Variables};
use axum::http::StatusCode;
use domain::viewer::Viewer;

use crate::graph::Graph;

use super::{
    Door,
    answer::Answer,
    asked::Asked,
    documents::Document,
    graphql::{Ask, Code},
    guard::{self, Measure},
    order,
    refusal::No,
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
    document: Arc<Document>,
    /// Which of the document's operations, where it is named.
    operation: Option<String>,
    variables: Variables,
    /// What the guard reckons that it comes to.
    _cost: u64,
}

impl Door {
    /// Reads, measures and admits what a client asks for. Nothing is executed yet.
    pub(super) fn prepare(&self, asked: Asked, caller: &Caller) -> Result<Prepared, No> {
        let document = self.documents.find(&asked, &caller.viewer)?;
        let operation = asked.operation_name;
        let variables = asked.variables.unwrap_or_default();
        let variables = Variables::from_json(serde_json::Value::Object(variables));
        let measure = Measure {
            facts: &self.facts,
            variables: Some(&variables),
            reader: Some((&self.app.catalogue.access, caller.viewer.role)),
            reviewed: &document.reviewed,
        };
        let cost = guard::check(&document.parsed, measure)?;
        guard::check_variables(&document.parsed, operation.as_deref(), &variables)?;
        self.documents.keep(&document);
        Ok(Prepared {
            document,
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
        order::as_asked(
            &prepared.document.parsed,
            &self.facts,
            operation,
            &mut executed,
        );
        Answer::of(&executed, graph.seq(), &caller.trace)
    }

    /// The library's request; what it is answered from travels with it.
    fn request(&self, prepared: &Prepared, caller: &Caller, graph: &Arc<Graph>) -> Request {
        let purpose = caller.purpose.as_deref();
        let view = self.app.view_for(graph, caller.viewer.clone(), purpose);
        let mut request = Request::new("").variables(prepared.variables.clone());
        request.operation_name.clone_from(&prepared.operation);
        request.set_parsed_query(prepared.document.parsed.clone());
        request.data(Ask::new(Arc::clone(&self.app), view))
    }
}
