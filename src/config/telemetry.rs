use serde::{Deserialize, Deserializer, de};

/// What the hub tells of itself.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Telemetry {
    pub log_format: LogFormat,
    /// One line for each request.
    pub access_log: bool,
    /// Whether such a line tells the peer's address.
    pub log_addresses: bool,
    /// Where traces go, such as `http://127.0.0.1:4318`: a collector that speaks OTLP over HTTP.
    /// Only in builds with the `otel` feature.
    pub otlp: Option<String>,
    /// Addresses that the collector may have though they are not public, such as `10.1.2.0/24`.
    pub otlp_allow: Vec<String>,
    /// Which part of the requests is traced: 0 to 1.
    #[serde(deserialize_with = "part")]
    pub trace_part: f64,
}

/// The form of the log's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self {
            log_format: LogFormat::Text,
            access_log: true,
            log_addresses: false,
            otlp: None,
            otlp_allow: Vec::new(),
            trace_part: 0.01,
        }
    }
}

fn part<'de, D: Deserializer<'de>>(number: D) -> Result<f64, D::Error> {
    let part = f64::deserialize(number)?;
    if (0.0..=1.0).contains(&part) {
        return Ok(part);
    }
    Err(de::Error::custom("must be from 0 to 1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_of_one_and_a_format_is_known() {
        let read =
            |text: &str| toml::from_str::<Telemetry>(text).map_err(|error| error.to_string());
        let json = read("trace_part = 1.0\nlog_format = \"json\"").expect("good");
        assert_eq!(json.log_format, LogFormat::Json);
        let error = read("trace_part = 1.5").expect_err("more than all");
        assert!(error.contains("from 0 to 1"), "{error}");
        let error = read("log_format = \"xml\"").expect_err("no such format");
        assert!(error.contains("json"), "{error}");
    }
}
