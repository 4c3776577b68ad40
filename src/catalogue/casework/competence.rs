//! `competence.toml`: who is competent for what (谁行为，谁负责), and the leading group.

use std::collections::BTreeSet;

use serde::Deserialize;
use toml::Spanned;

use super::{
    super::{
        Error,
        files::{Files, parse},
    },
    At,
};

const FILE: &str = "competence.toml";
/// In the place of a body: the superior or competent department of whoever is concerned.
pub const SUPERIOR: &str = "superior";

/// Who is competent.
#[derive(Debug, Default)]
pub struct Competence {
    /// What the leading group is called.
    pub leading_group: String,
    /// The key of the body that leads it.
    pub lead: String,
    /// Keys of its members.
    pub members: Vec<String>,
    /// What it rests on.
    pub legal_basis: String,
    /// Whether the article's text was at hand.
    pub verified: bool,
    bodies: Vec<Body>,
}

/// A kind of body, one of which most divisions have.
#[derive(Debug)]
pub struct Body {
    /// Its key.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// Names of such bodies without their division's, as registers write them.
    pub names: Vec<String>,
    /// What its competence rests on.
    pub legal_basis: String,
    /// Whether the article that gives it the duty was at hand.
    pub verified: bool,
}

impl Competence {
    /// The kind of body with this key.
    pub fn body(&self, key: &str) -> Option<&Body> {
        self.bodies.iter().find(|body| body.key == key)
    }

    /// All kinds of bodies.
    pub fn bodies(&self) -> &[Body] {
        &self.bodies
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompetenceFile {
    version: Spanned<String>,
    leading_group: Group,
    body: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    title: Spanned<String>,
    lead: Spanned<String>,
    members: Vec<Spanned<String>>,
    legal_basis: Spanned<String>,
    verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    key: Spanned<String>,
    title: Spanned<String>,
    names: Spanned<Vec<Spanned<String>>>,
    legal_basis: Spanned<String>,
    verified: bool,
}

pub(super) fn load(files: &Files) -> Result<Competence, Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: CompetenceFile = parse(FILE, text).map_err(|error| vec![error])?;
    let at = At { file: FILE, text };
    at.said(file.version, "version")
        .map_err(|error| vec![error])?;
    let mut keys = BTreeSet::new();
    let bodies = super::all(file.body.into_iter().map(|entry| {
        let key = entry.key.get_ref();
        if key == SUPERIOR || !keys.insert(key.clone()) {
            let reason = format!("{key:?} is there already");
            return Err(at.error(&entry.key, "body.key", reason));
        }
        if entry.names.get_ref().is_empty() {
            return Err(at.error(&entry.names, "body.names", "no body without a name"));
        }
        Ok(Body {
            key: at.said(entry.key, "body.key")?,
            title: at.said(entry.title, "body.title")?,
            names: at.each_said(entry.names.into_inner(), "body.names")?,
            legal_basis: at.said(entry.legal_basis, "body.legal_basis")?,
            verified: entry.verified,
        })
    }))?;
    let group = file.leading_group;
    let named = group.members.iter().chain([&group.lead]);
    let unknown: Vec<Error> = named
        .filter(|key| !keys.contains(key.get_ref()))
        .map(|key| {
            let reason = format!("{:?} is no body of this file", key.get_ref());
            at.error(key, "leading_group", reason)
        })
        .collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let one = |error| vec![error];
    let said = |text, key| at.said(text, key).map_err(one);
    Ok(Competence {
        leading_group: said(group.title, "leading_group.title")?,
        lead: group.lead.into_inner(),
        members: at
            .each_said(group.members, "leading_group.members")
            .map_err(one)?,
        legal_basis: said(group.legal_basis, "leading_group.legal_basis")?,
        verified: group.verified,
        bodies,
    })
}
