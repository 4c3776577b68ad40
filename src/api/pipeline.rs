//! What every GraphQL operation goes through, whatever it came over: from what a client asks to an
//! operation that may be executed, and from there to an answer's bytes.

use std::{sync::Arc, time::Duration};

use async_graphql::{
    Request, Variables,
    parser::{parse_query, types::ExecutableDocument},
};
use axum::http::StatusCode;
use domain::viewer::Viewer;

use crate::graph::{Graph, View};

use super::{
    Door,
    answer::Answer,
    asked::Asked,
    cache::{Edition, Executed, Question},
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
    /// Where its answer may be kept: as what question.
    question: Option<Question>,
    /// What the guard reckons that it comes to.
    _cost: u64,
}

impl Door {
    /// Reads, measures and admits what a client asks for. Nothing is executed yet.
    pub(super) fn prepare(&self, asked: Asked, caller: &Caller) -> Result<Prepared, No> {
        let missing = || No::at(Stage::NotWellFormed, "the request has no query");
        let text = asked.query.ok_or_else(missing)?;
        let document = parse(&text)?;
        let operation = asked.operation_name;
        let variables = asked.variables.unwrap_or_default();
        let is_resident = self.residence.covers(&document, &self.facts);
        let question = is_resident.then(|| Question::of(&text, operation.as_deref(), &variables));
        let variables = Variables::from_json(serde_json::Value::Object(variables));
        let access = &self.app.catalogue.access;
        let role = caller.viewer.role;
        let cost = guard::check(&document, &variables, &self.facts, access, role)?;
        guard::check_variables(&document, operation.as_deref(), &variables)?;
        Ok(Prepared {
            document: Arc::new(document),
            operation,
            variables,
            question,
            _cost: cost,
        })
    }

    /// Executes a query or a mutation on one version of the graph, or finds its answer known.
    pub(super) async fn execute(
        &self,
        prepared: &Prepared,
        caller: &Caller,
        graph: &Arc<Graph>,
    ) -> Result<Answer, No> {
        let purpose = caller.purpose.as_deref();
        let view = self.app.view_for(graph, caller.viewer.clone(), purpose);
        let answered = async {
            let execute = self.run(prepared, &view, &caller.trace);
            match prepared.question {
                Some(question) => {
                    let key = question.within(&view.access_scope());
                    self.cache.answer(key, Edition::of(&view), execute).await
                }
                None => Ok(execute.await?.answer),
            }
        };
        let answered = tokio::time::timeout(DEADLINE, answered).await;
        answered.unwrap_or_else(|_| {
            let message = format!("the query took more than {} s", DEADLINE.as_secs());
            Err(No::http(
                StatusCode::GATEWAY_TIMEOUT,
                Code::Unavailable,
                message,
            ))
        })
    }

    async fn run(&self, prepared: &Prepared, view: &View, trace: &str) -> Result<Executed, No> {
        let ask = Arc::new(Ask::new(Arc::clone(&self.app), view.clone()));
        let mut request = Request::new("").variables(prepared.variables.clone());
        let operation = prepared.operation.as_deref();
        request.operation_name = operation.map(str::to_owned);
        request.set_parsed_query(prepared.document.as_ref().clone());
        let request = request.data(Arc::clone(&ask));
        let mut executed = self.schema.execute(request).await;
        order::as_asked(&prepared.document, &self.facts, operation, &mut executed);
        let answer = Answer::of(&executed, view.version(), trace)?;
        debug_assert!(
            prepared.question.is_none() || !ask.has_loaded(),
            "a field that is said to be resident was loaded"
        );
        Ok(Executed {
            is_shareable: !answer.has_errors && !ask.has_loaded(),
            answer,
        })
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
