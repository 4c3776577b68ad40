//! What every GraphQL operation goes through, whatever it came over: from what a client asks to an
//! operation that may be executed, and from there to an answer's bytes.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_graphql::{
    Request, Response, Variables,
    parser::types::{ExecutableDocument, OperationType},
};
use axum::http::StatusCode;
use domain::audit::Outcome;

use crate::{
    auth::Session,
    graph::{Graph, View},
    telemetry,
};

use super::{
    Door,
    answer::Answer,
    asked::Asked,
    audited,
    cache::{Edition, Executed, Question},
    documents::Document,
    graphql::{Ask, Code},
    guard::{self, Measure, Reader},
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
    /// The case or document that he states as his occasion.
    pub(super) reference: Option<String>,
    /// The request's name in the log.
    pub(super) trace: String,
}

/// An operation that may be executed.
pub(super) struct Prepared {
    document: Arc<Document>,
    settled: Operation,
    cost: u64,
    /// Which of the document's operations, where it is named.
    operation: Option<String>,
    variables: Variables,
    /// Where its answer may be kept: as what question.
    question: Option<Question>,
    /// The audited fields that it reads.
    audited: BTreeSet<String>,
}

impl Prepared {
    pub(super) fn kind(&self) -> OperationType {
        self.settled.kind
    }

    /// The audited fields that it reads, if any.
    pub(super) fn audited(&self) -> Option<String> {
        let fields: Vec<&str> = self.audited.iter().map(String::as_str).collect();
        (!fields.is_empty()).then(|| fields.join(" "))
    }

    /// What it is asked of, of a mutation.
    pub(super) fn asked_of(&self) -> String {
        audited::asked_of(
            &self.document.parsed,
            self.operation.as_deref(),
            &self.variables,
        )
    }

    pub(super) fn document_id(&self) -> String {
        crate::hex(&self.document.id)
    }

    /// The document as the library is to execute it.
    fn parsed(&self) -> &ExecutableDocument {
        let rewritten = self.settled.rewritten.as_deref();
        rewritten.unwrap_or(&self.document.parsed)
    }

    fn request(&self, ask: Arc<Ask>) -> Request {
        let mut request = Request::new("").variables(self.variables.clone());
        request.operation_name.clone_from(&self.operation);
        request.set_parsed_query(self.parsed().clone());
        request.data(ask)
    }
}

impl Door {
    /// The same, and a field that may not be read is written into the audit log.
    pub(super) async fn admit(&self, asked: Asked, caller: &Caller) -> Result<Prepared, No> {
        let prepared = self.prepare(asked, caller);
        if let Some(no) = prepared
            .as_ref()
            .err()
            .filter(|no| no.code == Code::Forbidden)
        {
            self.audit_denied(caller, no).await;
        }
        prepared
    }

    /// Reads, measures and admits what a client asks for. Nothing is executed yet.
    pub(super) fn prepare(&self, asked: Asked, caller: &Caller) -> Result<Prepared, No> {
        let viewer = &caller.session.viewer;
        let document = self.documents.find(&asked, viewer)?;
        if document.is_trusted {
            telemetry::note_document(document.id);
        }
        let operation = asked.operation_name;
        let variables = asked.variables.unwrap_or_default();
        let is_resident = self.residence.covers(&document.parsed, &self.facts);
        let question =
            is_resident.then(|| Question::of(document.id, operation.as_deref(), &variables));
        let variables = Variables::from_json(serde_json::Value::Object(variables));
        let measure = Measure {
            facts: &self.facts,
            variables: Some(&variables),
            reader: Some(Reader {
                access: &self.app.catalogue.access,
                viewer,
                purpose: caller.purpose.as_deref(),
            }),
            reviewed: &document.reviewed,
        };
        let cost = guard::check(&document.parsed, measure)?;
        telemetry::note_cost(cost);
        guard::check_variables(&document.parsed, operation.as_deref(), &variables)?;
        let settled = operation::settle(&document.parsed, operation.as_deref())?;
        self.rates.charge(&caller.rate, cost)?;
        let audited = guard::audited(&document.parsed, &self.facts, &self.app.catalogue.access);
        self.documents.keep(&document);
        Ok(Prepared {
            document,
            settled,
            cost,
            operation,
            variables,
            question,
            audited,
        })
    }

    /// Executes a query or a mutation on one version of the graph, or finds its answer known. What is
    /// audited is durable before the answer is.
    pub(super) async fn execute(
        &self,
        prepared: &Prepared,
        caller: &Caller,
        graph: &Arc<Graph>,
    ) -> Result<Answer, No> {
        let view = self.view(caller, graph);
        if prepared.kind() == OperationType::Mutation {
            return self.change(prepared, caller, view).await;
        }
        let answer = in_time(async {
            let ask = Arc::new(Ask::new(Arc::clone(&self.app), view, caller));
            let execute = self.executed(prepared, &ask, &caller.trace);
            let execute = self.in_turn(prepared, execute);
            match prepared.question {
                Some(question) => {
                    let key = question.within(&ask.view.access_scope());
                    self.cache
                        .answer(key, Edition::of(&ask.view), execute)
                        .await
                }
                None => Ok(execute.await?.answer),
            }
        })
        .await??;
        self.note_forbidden(caller, &answer).await;
        self.audit_read(prepared, caller, &answer).await?;
        Ok(answer)
    }

    /// Executes a mutation. Its change carries its entry; of one that came to nothing there is an entry
    /// before that is told.
    async fn change(&self, prepared: &Prepared, caller: &Caller, view: View) -> Result<Answer, No> {
        let (app, own) = self.accompanied(prepared, caller)?;
        let ask = Arc::new(Ask::new(app, view, caller));
        let execute = self.executed(prepared, &ask, &caller.trace);
        let executed = in_time(self.in_turn(prepared, execute)).await;
        let outcome = match &executed {
            Ok(Ok(executed)) if !executed.answer.has_errors => match ask.is_refused() {
                true => Outcome::Denied,
                false => Outcome::Allowed,
            },
            _ => Outcome::Failed,
        };
        self.audit_change(prepared, caller, &own, outcome).await?;
        let answer = executed??.answer;
        self.note_forbidden(caller, &answer).await;
        self.audit_read(prepared, caller, &answer).await?;
        Ok(answer)
    }

    async fn executed(
        &self,
        prepared: &Prepared,
        ask: &Arc<Ask>,
        trace: &str,
    ) -> Result<Executed, No> {
        let request = prepared.request(Arc::clone(ask));
        let mut executed = self.schema.execute(request).await;
        let is_resident = prepared.question.is_some();
        let is_exact = is_resident && !ask.has_loaded() && executed.errors.is_empty();
        let in_order = |executed: &mut Response| self.put_in_order(prepared, executed);
        // Where nobody had to wait and nothing failed, all came in the order of the query.
        match is_exact {
            true => debug_assert!(is_unchanged_by(&executed, in_order), "{:?}", executed.data),
            false => in_order(&mut executed),
        }
        let answer = Answer::of(&executed, ask.view.version(), trace)?;
        Ok(Executed {
            is_shareable: is_exact && !answer.has_errors,
            answer: answer.about(ask),
        })
    }

    /// Executes an operation when it has its turn, if it needs one.
    pub(super) async fn in_turn<T>(
        &self,
        prepared: &Prepared,
        executing: impl Future<Output = T>,
    ) -> T {
        self.turns.execute(prepared.cost, executing).await
    }

    fn put_in_order(&self, prepared: &Prepared, executed: &mut Response) {
        let operation = prepared.operation.as_deref();
        order::as_asked(prepared.parsed(), &self.facts, operation, executed);
    }

    /// An execution's result as an answer.
    pub(super) fn answer(
        &self,
        prepared: &Prepared,
        mut executed: Response,
        caller: &Caller,
        graph: &Graph,
    ) -> Result<Answer, No> {
        self.put_in_order(prepared, &mut executed);
        Answer::of(&executed, graph.seq(), &caller.trace)
    }

    fn view(&self, caller: &Caller, graph: &Arc<Graph>) -> View {
        let purpose = caller.purpose.as_deref();
        let viewer = caller.session.viewer.clone();
        self.app.view_for(graph, viewer, purpose)
    }

    /// The library's request; what it is answered from travels with it.
    pub(super) fn request(
        &self,
        prepared: &Prepared,
        caller: &Caller,
        graph: &Arc<Graph>,
    ) -> (Request, Arc<Ask>) {
        let view = self.view(caller, graph);
        let ask = Arc::new(Ask::new(Arc::clone(&self.app), view, caller));
        (prepared.request(Arc::clone(&ask)), ask)
    }
}

/// Whether an answer is what it would be after this, its members' order included.
fn is_unchanged_by(executed: &Response, change: impl FnOnce(&mut Response)) -> bool {
    let mut changed = Response::new(executed.data.clone());
    change(&mut changed);
    changed.data.to_string() == executed.data.to_string()
}

/// What is executed, unless it takes too long.
pub(super) async fn in_time<T>(executing: impl Future<Output = T>) -> Result<T, No> {
    let executed = tokio::time::timeout(DEADLINE, executing).await;
    executed.map_err(|_| {
        let message = format!("the query took more than {} s", DEADLINE.as_secs());
        No::http(StatusCode::GATEWAY_TIMEOUT, Code::Unavailable, message)
    })
}
