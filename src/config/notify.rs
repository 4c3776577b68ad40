//! Who is told of warnings, and over which mail server.

use std::{num::NonZeroU32, path::PathBuf};

use domain::{assess::WarningLevel, division::DivisionCode};
use serde::Deserialize;

use super::Place;

/// Somebody who is told of warnings.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "RawSubscriber")]
pub struct Subscriber {
    pub way: Way,
    /// About bodies in this division and below; everywhere where absent.
    pub division: Option<DivisionCode>,
    /// As serious as this, or more.
    pub min_level: WarningLevel,
    /// By these red lines; by all where none is named.
    pub red_lines: Vec<String>,
}

/// How he is told.
#[derive(Debug, Clone)]
pub enum Way {
    /// By signed requests to his address.
    Webhook {
        place: Box<Place>,
        /// A file with a secret a line, each `whsec_…`; the first is the newest.
        secret_file: PathBuf,
    },
    /// By mail to this address, over `smtp`.
    Mail(String),
}

/// The mail server that mail is given to.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    #[serde(default)]
    pub tls: SmtpTls,
    /// The sender's address.
    pub from: String,
    /// Who we are there.
    pub user: Option<String>,
    /// A file with the password.
    pub password_file: Option<PathBuf>,
    /// Address ranges that may be reached though they are not public.
    #[serde(default)]
    pub allow: Vec<String>,
    /// A file of PEM certificates that are trusted for it, instead of the public ones.
    pub ca_file: Option<PathBuf>,
}

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpTls {
    /// From the first byte on.
    #[default]
    Tls,
    /// From STARTTLS on; without it nothing is sent.
    Starttls,
    /// Not at all; then no password is sent either.
    None,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSubscriber {
    url: Option<String>,
    secret_file: Option<PathBuf>,
    #[serde(default)]
    allow: Vec<String>,
    ca_file: Option<PathBuf>,
    requests_per_second: Option<NonZeroU32>,
    mail: Option<String>,
    division: Option<DivisionCode>,
    min_level: Option<WarningLevel>,
    #[serde(default)]
    red_lines: Vec<String>,
}

impl TryFrom<RawSubscriber> for Subscriber {
    type Error = &'static str;

    fn try_from(raw: RawSubscriber) -> Result<Self, Self::Error> {
        let is_for_webhooks = raw.secret_file.is_some()
            || raw.ca_file.is_some()
            || raw.requests_per_second.is_some()
            || !raw.allow.is_empty();
        let way = match (raw.url, raw.mail) {
            (Some(url), None) => Way::Webhook {
                secret_file: raw.secret_file.ok_or("url is there without secret_file")?,
                place: Box::new(Place {
                    url: Some(url),
                    allow: raw.allow,
                    ca_file: raw.ca_file,
                    requests_per_second: raw.requests_per_second,
                    ..Place::default()
                }),
            },
            (None, Some(_)) if is_for_webhooks => {
                return Err(
                    "secret_file, allow, ca_file and requests_per_second go with url; those of mail stand in [smtp]",
                );
            }
            (None, Some(address)) => Way::Mail(address),
            _ => return Err("expected either url or mail"),
        };
        Ok(Self {
            way,
            division: raw.division,
            min_level: raw.min_level.unwrap_or(WarningLevel::Blue),
            red_lines: raw.red_lines,
        })
    }
}

/// Who we are there is nobody's business.
impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp")
            .field("port", &self.port)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Subscriber, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    #[test]
    fn a_subscriber_is_told_in_one_way() {
        let webhook = read("url = \"https://a.example/h\"\nsecret_file = \"s\"").expect("good");
        assert!(matches!(webhook.way, Way::Webhook { .. }));
        assert_eq!(webhook.min_level, WarningLevel::Blue);
        let mail = read(
            "mail = \"a@b.example\"\ndivision = \"440600\"\nmin_level = \"RED\"\nred_lines = [\"RL-COURT\"]",
        );
        let mail = mail.expect("good");
        assert!(matches!(mail.way, Way::Mail(address) if address == "a@b.example"));
        assert_eq!(mail.min_level, WarningLevel::Red);
        for (wrong, says) in [
            ("", "either url or mail"),
            ("url = \"u\"\nmail = \"m\"\nsecret_file = \"s\"", "either"),
            ("url = \"u\"", "without secret_file"),
            ("mail = \"m\"\nsecret_file = \"s\"", "go with url"),
            ("mail = \"m\"\nallow = [\"10.0.0.0/8\"]", "go with url"),
            ("mail = \"m\"\nmin_level = \"PURPLE\"", "PURPLE"),
            ("mail = \"m\"\ndivision = \"4406\"", "4406"),
            ("mail = \"m\"\nmial = \"m\"", "mial"),
        ] {
            let error = read(wrong).expect_err("it is wrong");
            assert!(error.contains(says), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_mail_server_is_encrypted_unless_somebody_says_otherwise() {
        let smtp = "host = \"h\"\nport = 465\nfrom = \"a@b.example\"\n";
        let read = |more: &str| toml::from_str::<Smtp>(&format!("{smtp}{more}"));
        assert_eq!(read("").expect("good").tls, SmtpTls::Tls);
        let opened = read("tls = \"starttls\"").expect("good");
        assert_eq!(opened.tls, SmtpTls::Starttls);
        assert!(read("tls = \"maybe\"").is_err());
        assert!(
            read("password = \"p\"").is_err(),
            "passwords stand in files"
        );
    }
}
