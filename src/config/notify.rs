//! Who is told of warnings and of watch lists, and over which mail server.

use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use domain::{assess::WarningLevel, division::DivisionCode, uscc::Uscc, viewer::Role};
use serde::Deserialize;

use super::Place;

/// Somebody who is told of warnings, by webhook or by mail. Whether all of it is there is asked by
/// [`Subscriber::way`]: variables of the environment come one by one.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Subscriber {
    /// Where webhooks go.
    pub url: Option<String>,
    /// A file with a secret a line, each `whsec_…`; the first is the newest.
    pub secret_file: Option<PathBuf>,
    /// Address ranges that may be reached though they are not public.
    pub allow: Vec<String>,
    /// A file of PEM certificates that are trusted for it, instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// Webhooks in a second at most.
    pub requests_per_second: Option<NonZeroU32>,
    /// Where mail goes, over `smtp`.
    pub mail: Option<String>,
    /// About bodies in this division and below; everywhere where absent.
    pub division: Option<DivisionCode>,
    /// As serious as this, or more; all where absent.
    pub min_level: Option<WarningLevel>,
    /// By these red lines; by all where none is named.
    pub red_lines: Vec<String>,
    /// Of which the body with this code is to hear; whoever is where absent.
    pub warned: Option<Uscc>,
    /// Of this client's watch lists, and of no warnings.
    pub watch: Option<WatchedBy>,
}

/// Whose watch lists somebody is told of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchedBy {
    /// Who issues the client's tokens, by the claim `iss`; who alone is believed where absent.
    #[serde(default)]
    pub issuer: Option<String>,
    /// The subject of the client's tokens.
    pub subject: String,
    /// The role in which he watches.
    pub role: WatcherRole,
}

/// A role by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatcherRole(pub Role);

impl<'de> Deserialize<'de> for WatcherRole {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// How somebody is told.
#[derive(Debug, Clone)]
pub enum Way<'a> {
    /// By requests to this place, signed with the secrets in a file.
    Webhook(Box<Place>, &'a Path),
    /// By mail to this address.
    Mail(&'a str),
}

/// The mail server that mail is given to.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Smtp {
    pub host: Option<String>,
    /// The usual one for `tls` where absent.
    pub port: Option<u16>,
    pub tls: SmtpTls,
    /// The sender's address.
    pub from: Option<String>,
    /// Who we are there.
    pub user: Option<String>,
    /// A file with the password.
    pub password_file: Option<PathBuf>,
    /// Address ranges that may be reached though they are not public.
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

impl Subscriber {
    /// How he is told, or what stands in the way.
    pub fn way(&self) -> Result<Way<'_>, &'static str> {
        let is_for_webhooks = self.secret_file.is_some()
            || self.ca_file.is_some()
            || self.requests_per_second.is_some()
            || !self.allow.is_empty();
        if self.watch.is_some() {
            let is_for_warnings = self.division.is_some()
                || self.min_level.is_some()
                || !self.red_lines.is_empty()
                || self.warned.is_some();
            if is_for_warnings {
                return Err(
                    "watch is for watch lists; division, min_level, red_lines and warned are for warnings",
                );
            }
            if self.mail.is_some() {
                return Err("watch goes with url: of watch lists nobody is told by mail");
            }
        }
        match (&self.url, &self.mail) {
            (Some(url), None) => {
                let place = Place {
                    url: Some(url.clone()),
                    allow: self.allow.clone(),
                    ca_file: self.ca_file.clone(),
                    requests_per_second: self.requests_per_second,
                    ..Place::default()
                };
                let secrets = self.secret_file.as_deref();
                let secrets = secrets.ok_or("url is there without secret_file")?;
                Ok(Way::Webhook(Box::new(place), secrets))
            }
            (None, Some(_)) if is_for_webhooks => Err(
                "secret_file, allow, ca_file and requests_per_second go with url; those of mail stand in [smtp]",
            ),
            (None, Some(address)) => Ok(Way::Mail(address)),
            _ => Err("expected either url or mail"),
        }
    }
}

impl SmtpTls {
    /// The port at which mail servers usually speak so (RFC 8314).
    pub fn usual_port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::Starttls => 587,
            Self::None => 25,
        }
    }
}

/// Addresses may hold a password, so none is shown.
impl std::fmt::Debug for Subscriber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscriber")
            .field("division", &self.division)
            .field("min_level", &self.min_level)
            .field("red_lines", &self.red_lines)
            .field("warned", &self.warned)
            .field("watch", &self.watch)
            .finish_non_exhaustive()
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

    fn way(text: &str) -> Result<String, String> {
        let read = toml::from_str::<Subscriber>(text);
        let read = read.map_err(|error| error.message().to_owned())?;
        read.way()
            .map(|way| format!("{way:?}"))
            .map_err(str::to_owned)
    }

    #[test]
    fn a_subscriber_is_told_in_one_way() {
        let webhook = way("url = \"https://a.example/h\"\nsecret_file = \"s\"").expect("good");
        assert!(webhook.contains("Webhook") && !webhook.contains("a.example"));
        let mail = way("mail = \"a@b.example\"\ndivision = \"440600\"\nmin_level = \"RED\"");
        assert!(mail.expect("good").contains("Mail"));
        for (wrong, says) in [
            ("", "either url or mail"),
            ("url = \"u\"\nmail = \"m\"\nsecret_file = \"s\"", "either"),
            ("url = \"u\"", "without secret_file"),
            ("mail = \"m\"\nsecret_file = \"s\"", "go with url"),
            ("mail = \"m\"\nallow = [\"10.0.0.0/8\"]", "go with url"),
            ("mail = \"m\"\nmin_level = \"PURPLE\"", "PURPLE"),
            ("mail = \"m\"\ndivision = \"4406\"", "4406"),
            (
                "mail = \"m\"\nwarned = \"11440600TXT000012X\"",
                "check character",
            ),
            ("mail = \"m\"\nmial = \"m\"", "mial"),
            (
                "mail = \"m\"\nwatch = { subject = \"s\", role = \"COURT\" }",
                "watch goes with url",
            ),
            (
                "url = \"u\"\nsecret_file = \"s\"\nmin_level = \"RED\"\nwatch = { subject = \"s\", role = \"COURT\" }",
                "are for warnings",
            ),
            (
                "url = \"u\"\nsecret_file = \"s\"\nwatch = { subject = \"s\", role = \"JUDGE\" }",
                "JUDGE",
            ),
        ] {
            let error = way(wrong).expect_err("it is wrong");
            assert!(error.contains(says), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_mail_server_is_encrypted_unless_somebody_says_otherwise() {
        let read = |text: &str| toml::from_str::<Smtp>(text);
        let port = |text: &str| read(text).expect("good").tls.usual_port();
        assert_eq!(port(""), 465);
        assert_eq!(port("tls = \"starttls\""), 587);
        assert_eq!(port("tls = \"none\""), 25);
        assert!(read("tls = \"maybe\"").is_err());
        assert!(
            read("password = \"p\"").is_err(),
            "passwords stand in files"
        );
    }
}
