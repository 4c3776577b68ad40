//! Mail: one for each notice, or one for all that are due at one moment.

use lettre::{
    Message,
    message::{Mailbox, header::ContentType},
};

use chrono::{DateTime, Utc};
use domain::{
    id::digest_of,
    notice::{Notice, Told},
};

use crate::{
    catalogue::{self, Catalogue},
    store::ClaimedNotice,
};

use super::{Error, Trial, api_id, smtp::Server, there};

/// Characters of a subject at most.
const SUBJECT_CHARS_MAX: usize = 200;

/// The way to one subscriber.
pub(super) struct Mail {
    server: Server,
    to: Mailbox,
}

impl Mail {
    pub(super) fn new(name: &str, address: &str, server: Option<&Server>) -> Result<Self, Error> {
        let wrong = |reason: &str| Error::Subscriber {
            name: name.to_owned(),
            key: "mail",
            reason: reason.to_owned(),
        };
        let server = server.ok_or_else(|| wrong("needs the mail server of [smtp]"))?;
        let to = address.parse();
        Ok(Self {
            server: server.clone(),
            to: to.map_err(|_| wrong("is no address, expected one such as name@example.cn"))?,
        })
    }

    /// Sends these as one mail, once.
    pub(super) async fn send(
        &self,
        claimed: &[ClaimedNotice],
        (catalogue, province): (&Catalogue, &str),
        now: DateTime<Utc>,
    ) -> Trial {
        let words = Words {
            notify: &catalogue.notify,
            catalogue,
            province,
        };
        let message = Message::builder()
            .from(self.server.from().clone())
            .to(self.to.clone())
            .subject(words.subject(claimed))
            .message_id(Some(self.message_id(claimed)))
            .date(now.into())
            // Nobody's absence is to be answered to us (RFC 3834).
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(words.body(claimed));
        match message {
            Ok(message) => self.server.send(message).await,
            Err(error) => Trial {
                outcome: super::Outcome::Failed(None),
                status: None,
                error: Some(error.to_string()),
            },
        }
    }

    /// The same whenever the same notices are sent, another one for others.
    fn message_id(&self, claimed: &[ClaimedNotice]) -> String {
        let mut ids: Vec<&str> = claimed.iter().map(|one| &*one.message).collect();
        ids.sort_unstable();
        let id = match &*ids {
            [one] => (*one).to_owned(),
            several => format!("msg_{}", &digest_of(several)[..32]),
        };
        format!("<{id}@{}>", self.server.from().email.domain())
    }
}

#[derive(Debug, Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        lettre::message::header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// In which words something is said.
struct Words<'a> {
    notify: &'a catalogue::Notify,
    catalogue: &'a Catalogue,
    province: &'a str,
}

impl Words<'_> {
    fn subject(&self, claimed: &[ClaimedNotice]) -> String {
        let subject = match claimed {
            [one] => fill(&self.notify.subject.one, &self.of(one)),
            several => fill(&self.notify.subject.several, &self.of_several(several)),
        };
        subject.chars().take(SUBJECT_CHARS_MAX).collect()
    }

    fn body(&self, claimed: &[ClaimedNotice]) -> String {
        let text = &self.notify.text;
        let mut parts = vec![fill(&text.head, &self.of_several(claimed))];
        let notices = claimed.iter().map(|one| fill(&text.notice, &self.of(one)));
        parts.extend(notices);
        parts.push(text.foot.clone());
        let parts: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
        format!("{}\n", parts.join("\n\n"))
    }

    /// The places of a notice. Of watched subjects nobody is told by mail.
    fn of(&self, claimed: &ClaimedNotice) -> Vec<(&'static str, String)> {
        match &claimed.notice {
            Told::Warning(notice) => self.of_warning(notice),
            Told::Watch(_) => Vec::new(),
        }
    }

    fn of_warning(&self, notice: &Notice) -> Vec<(&'static str, String)> {
        let warning = &notice.warning;
        let assess = &self.catalogue.assess;
        let line = assess.red_line(&warning.red_line, warning.since);
        let title = line.map_or(&warning.red_line, |line| &line.title);
        let due = warning.due_on.map(|day| day.to_string());
        vec![
            ("kind", self.notify.kind(notice.kind).to_owned()),
            ("level", self.notify.level(warning.level).to_owned()),
            ("state", self.notify.state(warning.state).to_owned()),
            ("agency", notice.agency.name.clone()),
            ("uscc", notice.agency.uscc.clone()),
            ("red_line", warning.red_line.clone()),
            ("title", title.clone()),
            ("message", warning.message.clone()),
            (
                "due",
                due.unwrap_or_else(|| self.notify.text.nothing.clone()),
            ),
            ("raised", there(warning.raised_at)),
            ("at", there(notice.at)),
            ("id", api_id("wrn", self.province, warning.number())),
            ("version", notice.version.to_string()),
        ]
    }

    fn of_several(&self, claimed: &[ClaimedNotice]) -> Vec<(&'static str, String)> {
        let warnings = claimed.iter().filter_map(|one| one.notice.warning());
        let level = warnings
            .map(|notice| notice.warning.level)
            .max()
            .map(|level| self.notify.level(level).to_owned());
        vec![
            ("count", claimed.len().to_string()),
            ("level", level.unwrap_or_default()),
        ]
    }
}

/// A template with its places filled, in one pass: what is filled in has no places.
fn fill(template: &str, places: &[(&str, String)]) -> String {
    let mut parts = template.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (place, rest) = part.split_once('}').unwrap_or(("", part));
        let value = places.iter().find(|(name, _)| *name == place);
        // A name with a line break in it must not begin another line, or a header.
        filled.extend(
            value
                .into_iter()
                .flat_map(|(_, value)| value.chars().map(|c| if c.is_control() { ' ' } else { c })),
        );
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn places_are_filled_once_and_on_one_line() {
        let places = [("a", "{b}\r\nBcc: x".to_owned()), ("b", "never".to_owned())];
        assert_eq!(fill("【{a}】", &places), "【{b}  Bcc: x】");
        assert_eq!(fill("{a}{b}", &places[1..]), "never");
        assert_eq!(fill("plain", &places), "plain");
    }
}
