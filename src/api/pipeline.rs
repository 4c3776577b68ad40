//! What every GraphQL operation goes through, whatever it came over: from what a client asks to an
//! operation that may be executed, and from there to an answer's bytes.

use std::{sync::Arc, time::Duration};

use async_graphql::{
    Request, Variables,
    parser::types::{ExecutableDocument, OperationType},
};
use axum::http::StatusCode;

use crate::{auth::Session, graph::Graph, telemetry};

use super::{
    Door,
    answer::Answer,
    asked::Asked,
    documents::Document,
    graphql::{Ask, Code},
    guard::{self, Measure},
    operation::{self, Operation},
    order, rate,
    refusal::No,
};

/// How long an execution may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// Who asks, and what for.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) session: Session,
    /// To whom it is charged.
    pub(super) rate: rate::Key,
    /// The purpose that he states.
    pub(super) purpose: Option<String>,
    /// The request's name in the log.
    pub(super) trace: String,
}

/// An operation that may be executed.
pub(super) struct Prepared {
    document: Arc<Document>,
    settled: Operation,
    /// Which of the document's operations, where it is named.
    operation: Option<String>,
    variables: Variables,
}

impl Prepared {
    pub(super) fn kind(&self) -> OperationType {
        self.settled.kind
    }

    /// The document as the library is to execute it.
    fn parsed(&self) -> &ExecutableDocument {
        let rewritten = self.settled.rewritten.as_deref();
        rewritten.unwrap_or(&self.document.parsed)
    }
}

impl Door {
    /// Reads, measures and admits what a client asks for. Nothing is executed yet.
    pub(super) fn prepare(&self, asked: Asked, caller: &Caller) -> Result<Prepared, No> {
        let viewer = &caller.session.viewer;
        let document = self.documents.find(&asked, viewer)?;
        if document.is_trusted {
            telemetry::note_document(document.id);
        }
        let operation = asked.operation_name;
        let variables = asked.variables.unwrap_or_default();
        let variables = Variables::from_json(serde_json::Value::Object(variables));
        let measure = Measure {
            facts: &self.facts,
            variables: Some(&variables),
            reader: Some((&self.app.catalogue.access, viewer)),
            reviewed: &document.reviewed,
        };
        let cost = guard::check(&document.parsed, measure)?;
        telemetry::note_cost(cost);
        guard::check_variables(&document.parsed, operation.as_deref(), &variables)?;
        let settled = operation::settle(&document.parsed, operation.as_deref())?;
        self.rates.charge(&caller.rate, cost)?;
        self.documents.keep(&document);
        Ok(Prepared {
            document,
            settled,
            operation,
            variables,
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
        let executed = in_time(self.schema.execute(request)).await?;
        self.answer(prepared, executed, caller, graph)
    }

    /// An execution's result as an answer.
    pub(super) fn answer(
        &self,
        prepared: &Prepared,
        mut executed: async_graphql::Response,
        caller: &Caller,
        graph: &Graph,
    ) -> Result<Answer, No> {
        let operation = prepared.operation.as_deref();
        order::as_asked(prepared.parsed(), &self.facts, operation, &mut executed);
        Answer::of(&executed, graph.seq(), &caller.trace)
    }

    /// The library's request; what it is answered from travels with it.
    pub(super) fn request(
        &self,
        prepared: &Prepared,
        caller: &Caller,
        graph: &Arc<Graph>,
    ) -> Request {
        let purpose = caller.purpose.as_deref();
        let viewer = caller.session.viewer.clone();
        let view = self.app.view_for(graph, viewer, purpose);
        let mut request = Request::new("").variables(prepared.variables.clone());
        request.operation_name.clone_from(&prepared.operation);
        request.set_parsed_query(prepared.parsed().clone());
        request.data(Ask::new(Arc::clone(&self.app), view))
    }
}

/// What is executed, unless it takes too long.
pub(super) async fn in_time<T>(executing: impl Future<Output = T>) -> Result<T, No> {
    let executed = tokio::time::timeout(DEADLINE, executing).await;
    executed.map_err(|_| {
        let message = format!("the query took more than {} s", DEADLINE.as_secs());
        No::http(StatusCode::GATEWAY_TIMEOUT, Code::Unavailable, message)
    })
}
