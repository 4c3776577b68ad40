//! The mail server: it is looked up and judged by the rules on addresses like everything outside, and
//! connected to at the address that was judged.

use std::{net::SocketAddr, time::Duration};

use ipnet::IpNet;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
        extension::ClientId,
    },
};

use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject};

use crate::{
    config::{Smtp, SmtpTls},
    egress::{ranges, repeatable_message, resolve},
};

use super::{Error, Outcome, Trial};

/// Until a connection stands, where there are several addresses.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// For each step of a conversation with the mail server.
const STEP_TIMEOUT: Duration = Duration::from_secs(30);
/// For one mail as a whole.
const MAIL_TIMEOUT: Duration = Duration::from_secs(120);

/// The mail server.
#[derive(Clone)]
pub(super) struct Server {
    host: String,
    port: u16,
    tls: Tls,
    from: Mailbox,
    credentials: Option<Credentials>,
    allow: Vec<IpNet>,
}

impl Server {
    pub(super) fn new(smtp: &Smtp) -> Result<Self, Error> {
        let wrong = |key, reason: String| Error::Smtp { key, reason };
        let from = smtp.from.as_deref().and_then(|from| from.parse().ok());
        let from = from.ok_or_else(|| {
            let reason = "expected an address such as 政务诚信 <name@example.cn>";
            wrong("from", reason.to_owned())
        })?;
        let host = smtp.host.clone();
        let host = host.ok_or_else(|| wrong("host", "is missing".to_owned()))?;
        let credentials = credentials(smtp)?;
        if smtp.tls == SmtpTls::None && credentials.is_some() {
            let reason = "is none: a password is not sent in the clear";
            return Err(wrong("tls", reason.to_owned()));
        }
        let allow = ranges(&smtp.allow).map_err(|error| wrong("allow", error.to_string()))?;
        Ok(Self {
            tls: tls(smtp, &host)?,
            port: smtp.port.unwrap_or(smtp.tls.usual_port()),
            host,
            from,
            credentials,
            allow,
        })
    }

    /// Who sends.
    pub(super) fn from(&self) -> &Mailbox {
        &self.from
    }

    /// Gives it a mail, once.
    pub(super) async fn send(&self, message: Message) -> Trial {
        match timeout(MAIL_TIMEOUT, self.try_once(message)).await {
            Ok(trial) => trial,
            Err(_) => {
                let seconds = MAIL_TIMEOUT.as_secs();
                failed(
                    None,
                    &format!("the mail server took longer than {seconds} s"),
                )
            }
        }
    }

    async fn try_once(&self, message: Message) -> Trial {
        let found = match resolve(&self.host, self.port, &self.allow).await {
            Ok(found) => found,
            Err(error) => return failed(None, &error.to_string()),
        };
        let Some(address) = reachable(&found).await else {
            return failed(None, "the mail server has no address");
        };
        match self.transport(address).send(message).await {
            Ok(answer) => Trial {
                outcome: Outcome::Done,
                status: Some(answer.code().into()),
                error: None,
            },
            Err(error) => failed(error.status().map(u16::from), &chain(&error)),
        }
    }

    fn transport(&self, at: SocketAddr) -> AsyncSmtpTransport<Tokio1Executor> {
        // It connects to what was judged; certificates are held against the name.
        let mut transport =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(at.ip().to_string())
                .port(at.port())
                .tls(self.tls.clone())
                .hello_name(ClientId::Domain(self.from.email.domain().to_owned()))
                .timeout(Some(STEP_TIMEOUT));
        if let Some(credentials) = &self.credentials {
            transport = transport.credentials(credentials.clone());
        }
        transport.build()
    }
}

/// Of several addresses the first that takes connections, else the last, so that it says why not. A mail
/// is given to one of them only: what broke off behind it may have been taken.
async fn reachable(found: &[SocketAddr]) -> Option<SocketAddr> {
    let (last, others) = found.split_last()?;
    for address in others {
        let connected = timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await;
        if matches!(connected, Ok(Ok(_))) {
            return Some(*address);
        }
    }
    Some(*last)
}

fn failed(status: Option<u16>, reason: &str) -> Trial {
    Trial {
        outcome: Outcome::Failed(None),
        status,
        error: Some(repeatable_message(reason)),
    }
}

fn credentials(smtp: &Smtp) -> Result<Option<Credentials>, Error> {
    match (&smtp.user, &smtp.password_file) {
        (None, None) => Ok(None),
        (Some(user), Some(file)) => {
            let password = std::fs::read_to_string(file).map_err(|error| Error::Smtp {
                key: "password_file",
                reason: format!("{} can't be read: {error}", file.display()),
            })?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            Ok(Some(Credentials::new(user.clone(), password)))
        }
        _ => Err(Error::Smtp {
            key: "user",
            reason: "and password_file go together".to_owned(),
        }),
    }
}

fn tls(smtp: &Smtp, host: &str) -> Result<Tls, Error> {
    if smtp.tls == SmtpTls::None {
        return Ok(Tls::None);
    }
    let unusable = |reason: String| Error::Smtp {
        key: "ca_file",
        reason,
    };
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(file) = &smtp.ca_file {
        let pem = std::fs::read(file)
            .map_err(|error| unusable(format!("{} can't be read: {error}", file.display())))?;
        let trusted = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
        let trusted = trusted.unwrap_or_default();
        if trusted.is_empty() {
            let reason = format!("{} holds no certificates in PEM", file.display());
            return Err(unusable(reason));
        }
        parameters = parameters.certificate_store(CertificateStore::None);
        for one in trusted {
            let one = Certificate::from_der(one.to_vec());
            let one = one.map_err(|error| unusable(chain(&error)))?;
            parameters = parameters.add_root_certificate(one);
        }
    }
    let parameters = parameters
        .build()
        .map_err(|error| unusable(chain(&error)))?;
    Ok(match smtp.tls {
        SmtpTls::Starttls => Tls::Required(parameters),
        _ => Tls::Wrapper(parameters),
    })
}

/// An error with its causes, each told once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}
