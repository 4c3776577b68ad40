//! Intake: how a source's deliveries are reached and where in them the rows stand. Addresses and
//! secrets are no knowledge about a source and stand in the configuration (`config::Place`).

use serde::Deserialize;

/// Where in a JSON document the rows stand.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// JSON pointers to the list of rows, of which the first that is a list is taken.
    pub rows: Vec<String>,
    /// JSON pointers to the declared total.
    #[serde(default)]
    pub total: Vec<String>,
    /// A JSON pointer to the success code, and the codes that mean success.
    pub code: Option<String>,
    #[serde(default)]
    pub success: Vec<String>,
    /// A key whose text is a JSON object with further keys of the row.
    pub nested: Option<String>,
}

/// One list that is pulled page by page.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pull {
    /// Below the source's configured address.
    pub path: String,
    /// Query parameters for page number and page size.
    pub page: String,
    pub size: String,
    pub first_page: u64,
    pub page_rows: u64,
}

/// How a service wants to be asked: its dialect of signing (`egress::signing`) and the names that
/// it uses. What is secret stands in the configuration.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    #[serde(default)]
    pub signing: Signing,
}

/// A dialect of signing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// A bearer token where one is configured, else nothing.
    #[default]
    Bearer,
    /// 广东省政务服务 TIF gateway: `x-tif-*` headers.
    Tif,
    /// The national exchange's handshake: `gjgxjhpt_*`, HMAC-SHA256, a secret that expires.
    NationalExchange,
    /// A body encrypted with SM4 and a token that is its SM3 digest with key, time and secret.
    Sm3Sm4,
}

/// When `serve` brings a source in by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Five fields of cron, in the time of China.
    pub cron: String,
}
