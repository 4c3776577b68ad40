//! GraphQL over HTTP, and nothing else.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use graphql_client::{GraphQLQuery, Response};
use ureq::{Agent, http::StatusCode};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often a hub that is busy is asked again, and how long it is left alone in between.
const TRIES: u32 = 4;
const PAUSE: Duration = Duration::from_millis(500);

/// A hub.
pub struct Hub {
    address: String,
    token: Option<String>,
    agent: Agent,
}

impl Hub {
    pub fn new(address: String, token: Option<String>) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false);
        Self {
            address,
            token,
            agent: config.build().into(),
        }
    }

    /// Asks; whatever the hub calls an error is one.
    pub fn ask<Q: GraphQLQuery>(&self, variables: Q::Variables) -> Result<Q::ResponseData> {
        let body = serde_json::to_vec(&Q::build_query(variables))?;
        for attempt in 1..=TRIES {
            let mut request = self
                .agent
                .post(&self.address)
                .header("content-type", "application/json")
                .header("accept", "application/graphql-response+json, application/json;q=0.9");
            if let Some(token) = &self.token {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            let mut response = request.send(&body[..])?;
            let is_busy = matches!(
                response.status(),
                StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
            );
            if is_busy && attempt < TRIES {
                std::thread::sleep(PAUSE * attempt);
                continue;
            }
            let answer: Response<Q::ResponseData> = response.body_mut().read_json()?;
            if let Some(error) = answer.errors.iter().flatten().next() {
                bail!("the hub refuses: {error}");
            }
            return answer.data.context("the hub answers without data");
        }
        bail!("the hub is busy")
    }
}
