//! Standard output, whose reader may go before all is written: that is his to decide and no failure.

use std::{
    fmt::Display,
    io::{BufWriter, ErrorKind, StdoutLock, Write, stdout},
};

use super::{Output, Stop};

/// What a command tells, held back a little so that long lists go out in few writes.
pub(super) struct Out(BufWriter<StdoutLock<'static>>);

impl Out {
    pub(super) fn new() -> Self {
        Self(BufWriter::new(stdout().lock()))
    }

    /// Writes one line.
    pub(super) fn line(&mut self, line: impl Display) -> Result<(), Stop> {
        writeln!(self.0, "{line}").map_err(stop)
    }

    /// Writes bytes as they are.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.0.write_all(bytes).map_err(stop)
    }

    /// Sends what was held back.
    pub(super) fn end(mut self) -> Result<(), Stop> {
        self.0.flush().map_err(stop)
    }
}

/// Writes one line at once.
pub(super) fn print_line(line: impl Display) -> Result<(), Stop> {
    let mut out = Out::new();
    out.line(line)?;
    out.end()
}

/// Prints one object: as JSON, or as lines of `name value`.
pub(super) fn print_object(output: Output, object: &serde_json::Value) -> Result<(), Stop> {
    use serde_json::Value;
    let mut out = Out::new();
    match output {
        Output::Json => out.line(format_args!("{object:#}"))?,
        Output::Jsonl => out.line(object)?,
        Output::Table => {
            for (name, value) in object.as_object().into_iter().flatten() {
                match value {
                    Value::Null => {}
                    Value::String(text) => out.line(format_args!("{name:<14} {text}"))?,
                    Value::Array(items) if items.is_empty() => {}
                    Value::Array(items) => {
                        out.line(name)?;
                        for item in items {
                            match item {
                                Value::String(text) => out.line(format_args!("  {text}"))?,
                                other => out.line(format_args!("  {other}"))?,
                            }
                        }
                    }
                    other => out.line(format_args!("{name:<14} {other}"))?,
                }
            }
        }
    }
    out.end()
}

/// Prints a list: as an array, an object a line, or a table's lines.
pub(super) fn print_list<T>(
    output: Output,
    entries: &[T],
    object: impl Fn(&T) -> serde_json::Value,
    line: impl Fn(&T) -> String,
) -> Result<(), Stop> {
    let mut out = Out::new();
    let (mut objects, mut lines) = (entries.iter().map(object), entries.iter().map(line));
    match output {
        Output::Json => {
            let array: serde_json::Value = objects.collect();
            out.line(format_args!("{array:#}"))?;
        }
        Output::Jsonl => objects.try_for_each(|object| out.line(object))?,
        Output::Table => lines.try_for_each(|line| out.line(line))?,
    }
    out.end()
}

fn stop(error: std::io::Error) -> Stop {
    match error.kind() {
        ErrorKind::BrokenPipe => Stop::Unheard,
        _ => Stop::Failed(format!("standard output can't be written: {error}")),
    }
}
