//! The way to an IMAP server: an address that may be reached, TLS, and no password in the clear but
//! into networks that the operator names.

use std::{fmt::Debug, future::Future, io, net::SocketAddr, path::Path, sync::Arc, time::Duration};

use async_imap::Client;
use reqwest::Url;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};

use crate::{
    config::Place,
    egress::{ranges, resolve},
};

use super::{
    COMMAND_TIMEOUT, IDLE_TIMEOUT, ImapError,
    bounded::{Allowance, Bounded},
};

/// Until a connection stands, to all addresses of a host together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Bytes that a server may send until a folder is open.
const GREETING_BYTES_MAX: u64 = 1_024 * 1_024;
const IMAP_PORT: u16 = 143;
const IMAPS_PORT: u16 = 993;

/// What bytes come and go by.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send + Debug {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send + Debug> Wire for T {}

/// A server that let us in.
pub(super) struct Session {
    pub(super) imap: async_imap::Session<Box<dyn Wire>>,
    pub(super) allowance: Allowance,
}

/// Connects and logs in.
pub(super) async fn log_in(place: &Place) -> Result<Session, ImapError> {
    let url = place.url.as_deref().ok_or(ImapError::Address)?;
    let url = Url::parse(url).map_err(|_| ImapError::Address)?;
    let host = url.host_str().ok_or(ImapError::Address)?.to_owned();
    let is_plain = match url.scheme() {
        "imap" => true,
        "imaps" => false,
        _ => return Err(ImapError::Address),
    };
    let (Some(user), Some(secret)) = (&place.user, &place.secret) else {
        return Err(ImapError::Anonymous);
    };
    let refused = |error: String| ImapError::Refused(error);
    let allow = ranges(&place.allow).map_err(|error| refused(error.to_string()))?;
    let port = url
        .port()
        .unwrap_or(if is_plain { IMAP_PORT } else { IMAPS_PORT });
    let addresses = resolve(&host, port, &allow).await;
    let addresses = addresses.map_err(|error| refused(error.to_string()))?;
    let tls = tls(place.ca_file.as_deref())?;

    let tcp = within(&host, CONNECT_TIMEOUT, connect(&addresses)).await?;
    let peer = tcp
        .peer_addr()
        .map_err(|error| unreached(&host, &error))?
        .ip();
    let allowance = Allowance::of(GREETING_BYTES_MAX);
    let mut wire: Box<dyn Wire> = Box::new(Bounded::new(tcp, allowance.clone(), IDLE_TIMEOUT));
    if !is_plain {
        wire = within(&host, COMMAND_TIMEOUT, encrypt(&tls, &host, wire)).await?;
    }
    let mut client = Client::new(wire);
    within(&host, COMMAND_TIMEOUT, greeting(&mut client)).await?;
    if is_plain {
        if within(&host, COMMAND_TIMEOUT, start_tls(&mut client)).await? {
            // What was sent before the encryption, and buffered, goes with the old client.
            let wire = encrypt(&tls, &host, client.into_inner());
            client = Client::new(within(&host, COMMAND_TIMEOUT, wire).await?);
        } else if !allow.iter().any(|net| net.contains(&peer)) {
            return Err(ImapError::Clear { host });
        }
    }
    let entered = timeout(COMMAND_TIMEOUT, client.login(user, secret)).await;
    let login = |reason: String| ImapError::Login {
        host: host.clone(),
        // A server may repeat what it was sent.
        reason: reason.replace(secret.as_str(), "…"),
    };
    match entered {
        Ok(Ok(imap)) => Ok(Session { imap, allowance }),
        Ok(Err((error, _))) => Err(login(error.to_string())),
        Err(_) => Err(login("it was too slow".to_owned())),
    }
}

async fn within<T>(
    host: &str,
    limit: Duration,
    step: impl Future<Output = io::Result<T>>,
) -> Result<T, ImapError> {
    match timeout(limit, step).await {
        Ok(done) => done.map_err(|error| unreached(host, &error)),
        Err(_) => Err(ImapError::Unreached {
            host: host.to_owned(),
            reason: format!("not within {} s", limit.as_secs()),
        }),
    }
}

fn unreached(host: &str, error: &io::Error) -> ImapError {
    ImapError::Unreached {
        host: host.to_owned(),
        reason: error.to_string(),
    }
}

async fn connect(addresses: &[SocketAddr]) -> io::Result<TcpStream> {
    TcpStream::connect(addresses).await
}

async fn greeting(client: &mut Client<Box<dyn Wire>>) -> io::Result<()> {
    match client.read_response().await? {
        Some(_) => Ok(()),
        None => Err(io::Error::other("it hung up")),
    }
}

/// Asks for encryption; false where it is not offered.
async fn start_tls(client: &mut Client<Box<dyn Wire>>) -> io::Result<bool> {
    match client.run_command_and_check_ok("STARTTLS", None).await {
        Ok(()) => Ok(true),
        Err(async_imap::error::Error::No(_) | async_imap::error::Error::Bad(_)) => Ok(false),
        Err(error) => Err(io::Error::other(error.to_string())),
    }
}

async fn encrypt(tls: &TlsConnector, host: &str, wire: Box<dyn Wire>) -> io::Result<Box<dyn Wire>> {
    let bare = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    let name = ServerName::try_from(bare).map_err(io::Error::other)?;
    Ok(Box::new(tls.connect(name, wire).await?))
}

/// Trusts what the machine trusts, or the certificates in a file and nothing else.
fn tls(ca_file: Option<&Path>) -> Result<TlsConnector, ImapError> {
    let wrong = |error: &dyn std::fmt::Display| ImapError::Certificates(error.to_string());
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?;
    let config = match ca_file {
        None => config
            .with_platform_verifier()
            .map_err(|error| wrong(&error))?,
        Some(file) => {
            let mut roots = RootCertStore::empty();
            let found = CertificateDer::pem_file_iter(file).map_err(|error| wrong(&error))?;
            for certificate in found {
                let certificate = certificate.map_err(|error| wrong(&error))?;
                roots.add(certificate).map_err(|error| wrong(&error))?;
            }
            if roots.is_empty() {
                return Err(wrong(&"there are none in it"));
            }
            config.with_root_certificates(roots)
        }
    };
    Ok(TlsConnector::from(Arc::new(config.with_no_client_auth())))
}
