//! The way to one place.

use std::{net::SocketAddr, num::NonZeroU32, sync::Arc, time::Duration};

use ipnet::IpNet;
use reqwest::{
    Certificate, Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{ACCEPT_ENCODING, HeaderMap, HeaderValue},
    redirect,
};
use tokio::time::{sleep, timeout};

use crate::config::Place;

use super::{
    Answer, Egress, Error, Limits, Names, REQUESTS_PER_SECOND, Request,
    address::{literal, may_be_reached, ranges, resolve_by},
    body,
    error::chain,
    hosts::Hosts,
    retry::{backoff, retry_after},
};

/// The way to one place: whatever is sent through it goes to the place's scheme, host and port.
#[derive(Debug, Clone)]
pub struct Door {
    client: Client,
    scheme: String,
    host: String,
    port: u16,
    per_second: NonZeroU32,
    limits: Arc<Limits>,
    hosts: Arc<Hosts>,
}

impl Door {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one client that leaves the machine"
    )]
    pub(super) fn new(place: &Place, egress: &Egress) -> Result<Self, Error> {
        let (limits, hosts) = (Arc::clone(&egress.limits), Arc::clone(&egress.hosts));
        let url = place.url.as_deref().map(Url::parse);
        let Some(Ok(url)) = url else {
            return Err(Error::Address);
        };
        let (host, port) = plain(&url)?;
        let allow = ranges(&place.allow)?;
        // A resolver is never asked for what is an address already.
        if literal(&host).is_some_and(|address| !may_be_reached(address, &allow)) {
            return Err(Error::Forbidden { host });
        }
        let identity = HeaderValue::from_static("identity");
        let mut client = Client::builder()
            .connect_timeout(limits.connect)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .default_headers(HeaderMap::from_iter([(ACCEPT_ENCODING, identity)]))
            .dns_resolver(Guard {
                names: egress.names.clone(),
                allow,
            })
            .user_agent(concat!("zhengxin/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = &place.ca_file {
            let unusable = |reason: String| Error::Certificates { reason };
            let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
            let trusted = Certificate::from_pem_bundle(&pem);
            let trusted = trusted.map_err(|error| unusable(chain(&error)))?;
            if trusted.is_empty() {
                return Err(unusable("there are none in it".to_owned()));
            }
            client = client.tls_certs_only(trusted);
        }
        let client = client.build().map_err(|error| Error::Client {
            reason: chain(&error),
        })?;
        Ok(Self {
            client,
            scheme: url.scheme().to_owned(),
            host,
            port,
            per_second: PER_SECOND,
            limits,
            hosts,
        })
    }

    /// The same door, through which its host is asked at most so often.
    pub fn paced(mut self, per_second: NonZeroU32) -> Self {
        self.per_second = per_second;
        self
    }

    /// Sends a request, again and again if it is repeatable and what came may pass.
    pub async fn send(&self, request: &Request) -> Result<Answer, Error> {
        self.send_each(|| Ok(request.clone())).await
    }

    /// The same, where each try needs a request of its own, such as one that is signed anew.
    pub async fn send_each(
        &self,
        mut make: impl FnMut() -> Result<Request, Error>,
    ) -> Result<Answer, Error> {
        let (limits, key) = (&*self.limits, format!("{}:{}", self.host, self.port));
        let (mut tries, mut waited) = (0, Duration::ZERO);
        let mut last = None;
        loop {
            self.hosts.pace(&key, self.per_second).await;
            let request = make()?;
            self.check(&request.url)?;
            // That a host is left alone now says less than why.
            if let Err(left_alone) = self.hosts.admit(&key, limits) {
                return Err(last.unwrap_or(left_alone));
            }
            let is_repeatable = request.is_repeatable;
            let tried = timeout(limits.total, self.try_once(request)).await;
            let tried =
                tried.unwrap_or_else(|_| Err(self.slow("its answer was not whole", limits.total)));
            let is_well = !matches!(&tried, Err(error) if error.is_failure());
            self.hosts.note(&key, is_well, limits);
            let error = match tried {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            tries += 1;
            if !is_repeatable || !error.may_pass() || tries >= limits.tries_max {
                return Err(error);
            }
            let asked = match &error {
                Error::Status { retry_after, .. } => *retry_after,
                _ => None,
            };
            let wait = asked.unwrap_or_else(|| backoff(tries, limits));
            waited += wait;
            if waited > limits.waiting_max {
                return Err(match asked {
                    Some(retry_after) => Error::Limited {
                        host: self.host.clone(),
                        retry_after,
                    },
                    None => error,
                });
            }
            sleep(wait).await;
            last = Some(error);
        }
    }

    /// Refuses what would go elsewhere.
    fn check(&self, url: &Url) -> Result<(), Error> {
        let (host, port) = plain(url)?;
        let goes_to = (url.scheme(), host.as_str(), port);
        if goes_to != (self.scheme.as_str(), self.host.as_str(), self.port) {
            return Err(Error::Elsewhere { host });
        }
        Ok(())
    }

    async fn try_once(&self, request: Request) -> Result<Answer, Error> {
        let host = self.host.clone();
        let mut prepared = self
            .client
            .request(request.method, request.url)
            .headers(request.headers);
        if let Some(body) = request.body {
            prepared = prepared.body(body);
        }
        let limits = &*self.limits;
        let answer = timeout(limits.first_byte, prepared.send()).await;
        let answer = answer
            .map_err(|_| self.slow("no answer began", limits.first_byte))?
            .map_err(|error| self.unreached(error))?;
        let status = answer.status();
        if status.is_redirection() {
            return Err(Error::Redirect {
                host,
                status: status.as_u16(),
            });
        }
        if !status.is_success() {
            return Err(Error::Status {
                host,
                status: status.as_u16(),
                retry_after: retry_after(answer.headers()),
            });
        }
        let headers = answer.headers().clone();
        Ok(Answer {
            status,
            headers,
            body: body::read(answer, &host, limits).await?,
        })
    }

    fn slow(&self, what: &'static str, within: Duration) -> Error {
        Error::Slow {
            host: self.host.clone(),
            what,
            within,
        }
    }

    fn unreached(&self, error: reqwest::Error) -> Error {
        let host = self.host.clone();
        // The address is left out of what is told: its query may hold what must not be logged.
        let error = error.without_url();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            if let Some(Error::Forbidden { .. }) = inner.downcast_ref::<Error>() {
                return Error::Forbidden { host };
            }
            cause = inner.source();
        }
        let reason = chain(&error);
        if error.is_connect() {
            return Error::Unconnected { host, reason };
        }
        Error::Unreached { host, reason }
    }
}

const PER_SECOND: NonZeroU32 =
    NonZeroU32::new(REQUESTS_PER_SECOND).expect("some calls in a second are made");

/// Resolves names under the rules on addresses, each time anew: what was checked is what is
/// connected to.
#[derive(Debug)]
struct Guard {
    names: Names,
    allow: Vec<IpNet>,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, allow) = (self.names.clone(), self.allow.clone());
        Box::pin(async move {
            // Port 0 stands for the port of the address.
            let found: Vec<SocketAddr> = resolve_by(&names, name.as_str(), 0, &allow).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Host and port of an address that may be used at all.
fn plain(url: &Url) -> Result<(String, u16), Error> {
    let is_plain =
        url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    match (url.scheme(), url.host_str(), url.port_or_known_default()) {
        ("http" | "https", Some(host), Some(port)) if is_plain && !host.is_empty() => {
            Ok((host.to_owned(), port))
        }
        _ => Err(Error::Address),
    }
}
