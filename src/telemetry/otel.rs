//! Traces of a part of the requests, to a collector that speaks OTLP over HTTP.

use std::time::Duration;

use axum::http::{Request, Response};
use bytes::Bytes;
use opentelemetry::{
    Context,
    trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceState, TracerProvider},
};
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{IdGenerator, RandomIdGenerator, Sampler, SdkTracerProvider},
};
use tokio::{runtime::Handle, sync::oneshot};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, Registry};

use crate::{
    config::{Place, Telemetry},
    egress::{self, Egress},
};

use super::{Error, TraceId, observed, traced};

/// How long the last traces may take to be sent when the hub ends.
const LAST_MAX: Duration = Duration::from_secs(3);
/// Where a collector takes traces.
const PATH: &str = "/v1/traces";

/// What sends traces; the last ones when this is dropped.
pub(super) struct Traces(SdkTracerProvider);

impl Traces {
    /// Starts it, where a collector is configured, from within the runtime that will send.
    pub(super) fn start(
        config: &Telemetry,
    ) -> Result<Option<(Self, Box<dyn Layer<Registry> + Send + Sync>)>, Error> {
        let Some(url) = &config.otlp else {
            return Ok(None);
        };
        let wrong = |error: &dyn std::fmt::Display| Error::Traces(error.to_string());
        let place = Place {
            url: Some(url.clone()),
            allow: config.otlp_allow.clone(),
            ..Place::default()
        };
        let door = Egress::new().door(&place).map_err(|error| wrong(&error))?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender {
                door,
                runtime: Handle::current(),
            })
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}{PATH}", url.trim_end_matches('/')))
            .build()
            .map_err(|error| wrong(&error))?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            // Clients don't choose how much is traced.
            .with_sampler(Sampler::TraceIdRatioBased(config.trace_part))
            .with_id_generator(Names)
            .with_resource(Resource::builder().with_service_name("zhengxin").build())
            .build();
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("zhengxin"))
            .with_location(false)
            .with_threads(false)
            .with_filter(traced())
            .boxed();
        Ok(Some((Self(provider), layer)))
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // What can't be sent now is lost, and nobody waits longer for it.
        let _ = self.0.shutdown_with_timeout(LAST_MAX);
    }
}

/// Puts a request's span under the one that its client named.
pub(super) fn follow(span: &Span, trace: TraceId) {
    if let Some(parent) = trace.parent() {
        let parent = SpanContext::new(
            opentelemetry::trace::TraceId::from_bytes(trace.bytes()),
            SpanId::from_bytes(parent.to_be_bytes()),
            TraceFlags::default(),
            true,
            TraceState::NONE,
        );
        // It fails where the span is not traced.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent));
    }
}

/// Names traces as the log and the answers do.
#[derive(Debug)]
struct Names;

impl IdGenerator for Names {
    fn new_trace_id(&self) -> opentelemetry::trace::TraceId {
        let trace = observed::current(|observed| observed.trace);
        opentelemetry::trace::TraceId::from_bytes(trace.unwrap_or_else(TraceId::made).bytes())
    }

    fn new_span_id(&self) -> SpanId {
        RandomIdGenerator::default().new_span_id()
    }
}

/// Sends through the one door that leaves the machine. The library calls from a thread of its own,
/// which has no runtime.
#[derive(Debug)]
struct Sender {
    door: egress::Door,
    runtime: Handle,
}

impl HttpClient for Sender {
    fn send_bytes<'a, 'b>(
        &'a self,
        request: Request<Bytes>,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let mut sent = egress::Request::new(head.method, head.uri.to_string().parse()?);
            sent.headers = head.headers;
            sent.body = Some(body);
            let (door, (tell, told)) = (self.door.clone(), oneshot::channel());
            self.runtime.spawn(async move {
                let _ = tell.send(door.send(&sent).await);
            });
            let answer = told.await??;
            let mut response = Response::new(answer.body);
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            Ok(response)
        })
    }
}
