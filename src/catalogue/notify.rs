//! `notify.toml`: when mail about warnings leaves, and in which words.

use std::{collections::BTreeMap, str::FromStr};

use chrono::NaiveTime;
use domain::{
    UnknownValue,
    assess::{WarningLevel, WarningState},
    calendar::Calendar,
    notice::{NoticeKind, Quiet, Timing},
};
use serde::Deserialize;
use toml::Spanned;

use super::{
    Error,
    casework::At,
    files::{Files, parse},
};

const FILE: &str = "notify.toml";
/// Characters of a template at most.
const TEMPLATE_CHARS_MAX: usize = 2_000;

/// Places of a subject, and of a text, for one notice …
const PLACES_OF_SUBJECT: [&str; 4] = ["kind", "level", "agency", "title"];
const PLACES_OF_NOTICE: [&str; 13] = [
    "kind", "level", "state", "agency", "uscc", "red_line", "title", "message", "due", "raised",
    "at", "id", "version",
];
/// … and of what is said of several.
const PLACES_OF_SEVERAL: [&str; 2] = ["count", "level"];

/// How mail about warnings is sent.
#[derive(Debug)]
pub struct Notify {
    pub timing: Timing,
    /// Subjects of a mail with one notice, and with several.
    pub subject: Subject,
    pub text: Text,
    pub levels: BTreeMap<WarningLevel, String>,
    pub states: BTreeMap<&'static str, String>,
    pub kinds: BTreeMap<NoticeKind, String>,
}

/// Subjects of a mail with one notice, and with several.
#[derive(Debug)]
pub struct Subject {
    pub one: String,
    pub several: String,
}

/// What a mail says.
#[derive(Debug)]
pub struct Text {
    pub head: String,
    pub notice: String,
    pub foot: String,
    /// What stands for what is not there.
    pub nothing: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotifyFile {
    #[serde(rename = "version")]
    _version: String,
    quiet: RawQuiet,
    #[serde(default)]
    digest: BTreeMap<Spanned<String>, Spanned<String>>,
    subject: RawSubject,
    text: RawText,
    words: RawWords,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawQuiet {
    from: Spanned<String>,
    to: Spanned<String>,
    days_off: bool,
    #[serde(default)]
    spares: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSubject {
    one: Spanned<String>,
    several: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawText {
    head: Spanned<String>,
    notice: Spanned<String>,
    foot: Spanned<String>,
    nothing: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWords {
    level: Spanned<BTreeMap<Spanned<String>, String>>,
    state: Spanned<BTreeMap<Spanned<String>, String>>,
    kind: Spanned<BTreeMap<Spanned<String>, String>>,
}

pub(super) fn load(files: &Files, calendar: Option<&Calendar>) -> Result<Notify, Vec<Error>> {
    read(files, calendar).map_err(|error| vec![error])
}

fn read(files: &Files, calendar: Option<&Calendar>) -> Result<Notify, Error> {
    let text = files.text(FILE)?;
    let file: NotifyFile = parse(FILE, text)?;
    let at = At { file: FILE, text };
    let quiet = Quiet {
        from: time(at, &file.quiet.from, "quiet.from")?,
        to: time(at, &file.quiet.to, "quiet.to")?,
        days_off: file.quiet.days_off,
        spares: at.words(&file.quiet.spares, "quiet.spares")?,
    };
    let mut digests = BTreeMap::new();
    for (level, when) in &file.digest {
        let level: WarningLevel = at.word(level, "digest")?;
        let key = format!("digest.{level}");
        let leaves = time(at, when, &key)?;
        if quiet.is_at(leaves) {
            let reason = format!("{:?} lies in the quiet hours", when.get_ref());
            return Err(at.error(when, &key, reason));
        }
        if quiet.spares.contains(&level) {
            let reason = "is a level that quiet.spares, which leaves at once";
            return Err(at.error(when, &key, reason));
        }
        digests.insert(level, leaves);
    }
    let template = |text: Spanned<String>, key: &str, places: &[&str]| {
        checked(at, &text, key, places)?;
        at.said(text, key)
    };
    let (subject, text) = (file.subject, file.text);
    let states = words(at, file.words.state, "words.state", WarningState::ALL)?;
    Ok(Notify {
        timing: Timing {
            quiet,
            digests,
            calendar: calendar.cloned().unwrap_or_default(),
        },
        subject: Subject {
            one: template(subject.one, "subject.one", &PLACES_OF_SUBJECT)?,
            several: template(subject.several, "subject.several", &PLACES_OF_SEVERAL)?,
        },
        text: Text {
            head: template(text.head, "text.head", &PLACES_OF_SEVERAL)?,
            notice: template(text.notice, "text.notice", &PLACES_OF_NOTICE)?,
            foot: template(text.foot, "text.foot", &[])?,
            nothing: template(text.nothing, "text.nothing", &[])?,
        },
        levels: words(at, file.words.level, "words.level", WarningLevel::ALL)?
            .into_iter()
            .collect(),
        states: states
            .into_iter()
            .map(|(state, word)| (state.as_str(), word))
            .collect(),
        kinds: words(at, file.words.kind, "words.kind", NoticeKind::ALL)?
            .into_iter()
            .collect(),
    })
}

fn time(at: At<'_>, text: &Spanned<String>, key: &str) -> Result<NaiveTime, Error> {
    let read = NaiveTime::parse_from_str(text.get_ref(), "%H:%M");
    read.map_err(|_| {
        let reason = format!(
            "{:?} is no time, expected one such as 08:00",
            text.get_ref()
        );
        at.error(text, key, reason)
    })
}

/// A word for each value of a closed list.
fn words<T>(
    at: At<'_>,
    words: Spanned<BTreeMap<Spanned<String>, String>>,
    key: &str,
    all: &[T],
) -> Result<Vec<(T, String)>, Error>
where
    T: FromStr<Err = UnknownValue> + Copy + PartialEq + std::fmt::Display,
{
    let mut read = Vec::new();
    for (value, word) in words.get_ref() {
        let value = at.word::<T>(value, key)?;
        read.push((value, word.clone()));
    }
    let missing = all
        .iter()
        .find(|value| !read.iter().any(|(known, _)| known == *value));
    match missing {
        Some(value) => Err(at.error(&words, key, format!("has no word for {value}"))),
        None => Ok(read),
    }
}

/// Whether all places of a template are known ones, and it is no longer than it may be.
fn checked(
    at: At<'_>,
    template: &Spanned<String>,
    key: &str,
    places: &[&str],
) -> Result<(), Error> {
    let text = template.get_ref();
    if text.chars().count() > TEMPLATE_CHARS_MAX {
        let reason = format!("is longer than {TEMPLATE_CHARS_MAX} characters");
        return Err(at.error(template, key, reason));
    }
    let unknown = text.split('{').skip(1).find_map(|rest| {
        let place = rest.split('}').next().unwrap_or_default();
        (!places.contains(&place) || !rest.contains('}')).then_some(place)
    });
    match unknown {
        Some(place) => {
            let known = places.join(", ");
            let reason = format!("{{{place}}} is no place, expected one of: {known}");
            Err(at.error(template, key, reason))
        }
        None => Ok(()),
    }
}

impl Notify {
    /// What a level is called.
    pub fn level(&self, level: WarningLevel) -> &str {
        self.levels.get(&level).map_or(level.as_str(), |word| word)
    }

    /// What a state is called.
    pub fn state(&self, state: WarningState) -> &str {
        let word = self.states.get(state.as_str());
        word.map_or(state.as_str(), |word| word)
    }

    /// What happened, in words.
    pub fn kind(&self, kind: NoticeKind) -> &str {
        self.kinds.get(&kind).map_or(kind.as_str(), |word| word)
    }
}
