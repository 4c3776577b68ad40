//! The log: lines on standard error, for people or as JSON, and traces beside it.

use tracing_subscriber::{
    EnvFilter, Layer, Registry, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::config::{LogFormat, Telemetry};

/// Why the log can't be started as configured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("telemetry.otlp needs a build with the otel feature")]
    NoTraces,
    #[cfg(feature = "otel")]
    #[error("telemetry.otlp: {0}")]
    Traces(String),
}

/// What ends the log; traces that were not sent yet are sent when this is dropped.
#[must_use]
#[derive(Default)]
pub struct Guard {
    #[cfg(feature = "otel")]
    _traces: Option<super::otel::Traces>,
}

/// Starts the log of this process: lines of these levels, in this form.
pub fn start(levels: &str, format: LogFormat, config: &Telemetry) -> Result<Guard, Error> {
    #[cfg(not(feature = "otel"))]
    let (traces, guard) = match &config.otlp {
        None => (None::<Box<dyn Layer<Registry> + Send + Sync>>, Guard::default()),
        Some(_) => return Err(Error::NoTraces),
    };
    #[cfg(feature = "otel")]
    let (traces, guard) = match super::otel::Traces::start(config)? {
        None => (None, Guard::default()),
        Some((traces, layer)) => (Some(layer), Guard { _traces: Some(traces) }),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false);
    let lines = match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .boxed(),
    };
    tracing_subscriber::registry()
        .with(traces)
        .with(lines.with_filter(EnvFilter::new(levels)))
        .init();
    Ok(guard)
}
