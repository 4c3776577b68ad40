//! The log: lines on standard error, for people or as JSON, and traces beside it.

use tracing_subscriber::{
    EnvFilter, Layer, fmt::writer::BoxMakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::config::{LogFormat, Telemetry};

use super::lines::Lines;

/// Why the log can't be started as configured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the log can't be written: {0}")]
    Lines(std::io::Error),
    #[error("telemetry.otlp needs a build with the otel feature")]
    NoTraces,
    #[cfg(feature = "otel")]
    #[error("telemetry.otlp: {0}")]
    Traces(String),
}

/// What ends the log: what is not out yet goes out when this is dropped.
#[must_use]
pub struct Guard {
    lines: Option<Lines>,
    #[cfg(feature = "otel")]
    _traces: Option<super::otel::Traces>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(lines) = &self.lines {
            lines.end();
        }
    }
}

/// Starts the log of this process: lines of these levels, in this form. A server's lines wait for
/// nobody who reads them.
pub fn start(
    levels: &str,
    format: LogFormat,
    config: &Telemetry,
    is_server: bool,
) -> Result<Guard, Error> {
    #[cfg(not(feature = "otel"))]
    let traced = match &config.otlp {
        None => None::<Box<dyn Layer<tracing_subscriber::Registry> + Send + Sync>>,
        Some(_) => return Err(Error::NoTraces),
    };
    #[cfg(feature = "otel")]
    let (traces, traced) = super::otel::Traces::start(config)?.unzip();
    let queued = match is_server {
        true => Some(Lines::start().map_err(Error::Lines)?),
        false => None,
    };
    let writer = match queued.clone() {
        Some(lines) => BoxMakeWriter::new(move || lines.clone()),
        None => BoxMakeWriter::new(std::io::stderr),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
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
        .with(traced)
        .with(lines.with_filter(EnvFilter::new(levels)))
        .init();
    Ok(Guard {
        lines: queued,
        #[cfg(feature = "otel")]
        _traces: traces,
    })
}
