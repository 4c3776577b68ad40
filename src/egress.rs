//! The one HTTP client that leaves the machine: deadlines, byte caps, no redirects, no proxy from
//! the environment, no decoding behind our back.

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use reqwest::{Client, Url, header, redirect};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Between two pieces of an answer, its first included.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(120);
/// Bytes of one answer.
pub const ANSWER_BYTES_MAX: usize = 64 * 1_024 * 1_024;

/// Why nothing came.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    // The address itself is not repeated: what is wrong with it may be a password inside.
    #[error("it is no http or https address without user and fragment")]
    Address,
    #[error("{host} did not answer: {reason}")]
    Unreached { host: String, reason: String },
    /// Nothing was sent to it.
    #[error("{host} can't be reached: {reason}")]
    Unconnected { host: String, reason: String },
    #[error("{host} answered with status {status}")]
    Status { host: String, status: u16 },
    #[error("{host} answered with more than {ANSWER_BYTES_MAX} bytes")]
    TooLong { host: String },
    #[error("{host} declared {declared} bytes and sent {sent}: it is cut off")]
    Short {
        host: String,
        declared: u64,
        sent: u64,
    },
}

/// The client.
#[derive(Debug, Clone)]
pub struct Egress {
    client: Client,
}

impl Egress {
    /// A client with the limits above.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one client that leaves the machine"
    )]
    pub fn new() -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(IDLE_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("zhengxin/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client })
    }

    /// The whole body at an address.
    pub async fn get(&self, url: &Url, bearer: Option<&str>) -> Result<Bytes, Error> {
        let request = self
            .client
            .get(url.clone())
            .header(header::ACCEPT, "application/json, text/csv");
        Self::ask(url, bearer, request).await
    }

    /// The answer to a body that is sent once, whatever comes of it.
    pub async fn post(
        &self,
        url: &Url,
        bearer: Option<&str>,
        body: &serde_json::Value,
    ) -> Result<Bytes, Error> {
        let request = self
            .client
            .post(url.clone())
            .header(header::ACCEPT, "application/json")
            .json(body);
        Self::ask(url, bearer, request).await
    }

    async fn ask(
        url: &Url,
        bearer: Option<&str>,
        mut request: reqwest::RequestBuilder,
    ) -> Result<Bytes, Error> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !["http", "https"].contains(&url.scheme()) || host.is_empty() || !is_plain {
            return Err(Error::Address);
        }
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        // The address is left out of what is told: its query may hold what must not be logged.
        let unreached = |error: reqwest::Error| {
            let (host, is_connect) = (host.clone(), error.is_connect());
            let reason = chain(&error.without_url());
            if is_connect {
                Error::Unconnected { host, reason }
            } else {
                Error::Unreached { host, reason }
            }
        };
        let answer = request.send().await.map_err(unreached)?;
        if !answer.status().is_success() {
            return Err(Error::Status {
                host,
                status: answer.status().as_u16(),
            });
        }
        let declared = answer.content_length();
        let mut body = Vec::new();
        let mut pieces = answer.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(unreached)?;
            if body.len() + piece.len() > ANSWER_BYTES_MAX {
                return Err(Error::TooLong { host });
            }
            body.extend_from_slice(&piece);
        }
        match declared {
            Some(declared) if declared != body.len() as u64 => Err(Error::Short {
                host,
                declared,
                sent: body.len() as u64,
            }),
            _ => Ok(body.into()),
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
