//! `access.toml`: which role reads which field, and which rows of which kind of thing. What it
//! does not name is refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::{
    access::{RowRule, RowRules, Thing},
    viewer::{Role, Scope},
};
use serde::Deserialize;
use toml::Spanned;

use super::{
    Error,
    files::{Files, parse},
};

const FILE: &str = "access.toml";

/// Who may read what.
#[derive(Debug)]
pub struct Access {
    /// Roles by type and field.
    fields: HashMap<String, HashMap<String, BTreeSet<Role>>>,
    /// Rights of the token that a field needs besides, by type and field.
    rights: HashMap<String, HashMap<String, Scope>>,
    rows: HashMap<(Role, Thing), RowRule>,
    /// Who may state which purpose.
    purposes: BTreeMap<String, BTreeSet<Role>>,
    /// By purpose and type, the fields about natural persons that it opens.
    opens: BTreeMap<String, HashMap<String, BTreeSet<String>>>,
    /// By type, the fields whose reading is written into the audit log.
    audited: HashMap<String, BTreeSet<String>>,
}

impl Access {
    /// Whether the reading of this field is written into the audit log.
    pub fn is_audited(&self, type_name: &str, field: &str) -> bool {
        self.audited
            .get(type_name)
            .is_some_and(|fields| fields.contains(field))
    }

    /// Whether this role may read this field. A field that is not named is refused.
    pub fn may_read(&self, role: Role, type_name: &str, field: &str) -> bool {
        self.fields
            .get(type_name)
            .and_then(|fields| fields.get(field))
            .is_some_and(|roles| roles.contains(&role))
    }

    /// Which right of the token this field needs besides, if any.
    pub fn right(&self, type_name: &str, field: &str) -> Option<Scope> {
        self.rights.get(type_name)?.get(field).copied()
    }

    /// Whether the field is named at all.
    pub fn names(&self, type_name: &str, field: &str) -> bool {
        self.fields
            .get(type_name)
            .is_some_and(|fields| fields.contains_key(field))
    }

    /// All named fields, as `(type, field)`.
    pub fn named(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().flat_map(|(type_name, fields)| {
            fields
                .keys()
                .map(move |field| (type_name.as_str(), field.as_str()))
        })
    }

    /// Whether this role may state this purpose.
    pub fn may_state(&self, role: Role, purpose: &str) -> bool {
        let roles = self.purposes.get(purpose);
        roles.is_some_and(|roles| roles.contains(&role))
    }

    /// Whether this field may be read for this purpose: it opens it, or none has to.
    pub fn is_open(&self, purpose: &str, type_name: &str, field: &str) -> bool {
        let opens = |fields: &HashMap<String, BTreeSet<String>>| {
            let of_type = fields.get(type_name);
            of_type.is_some_and(|fields| fields.contains(field))
        };
        self.opens.get(purpose).is_some_and(opens) || !self.opens.values().any(opens)
    }

    /// The purposes that this role may state.
    pub fn purposes_of(&self, role: Role) -> impl Iterator<Item = &str> {
        let purposes = self.purposes.iter();
        let his = purposes.filter(move |(_, roles)| roles.contains(&role));
        his.map(|(purpose, _)| purpose.as_str())
    }

    /// Which rows this role sees for this purpose. Without one that it may state there are no
    /// officials.
    pub fn row_rules(&self, role: Role, purpose: Option<&str>) -> RowRules {
        let may_state = purpose.is_some_and(|purpose| self.may_state(role, purpose));
        let rule = |thing| {
            self.rows
                .get(&(role, thing))
                .copied()
                .unwrap_or(RowRule::Nothing)
        };
        RowRules {
            agency: rule(Thing::Agency),
            credit_record: rule(Thing::CreditRecord),
            mention: rule(Thing::Mention),
            clue: rule(Thing::Clue),
            indicator: rule(Thing::Indicator),
            assessment: rule(Thing::Assessment),
            official: match may_state {
                true => rule(Thing::Official),
                false => RowRule::Nothing,
            },
            case: rule(Thing::Case),
            source: rule(Thing::Source),
            check: rule(Thing::Check),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessFile {
    /// Names for sets of roles.
    sets: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    /// By purpose: the name of a set.
    purposes: BTreeMap<String, Spanned<String>>,
    /// By purpose, then by type: fields.
    opens: BTreeMap<Spanned<String>, BTreeMap<String, Vec<Spanned<String>>>>,
    /// By role, then by kind of thing.
    rows: BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Spanned<String>>>,
    /// By type, then by field: a scope of tokens.
    #[serde(default)]
    rights: BTreeMap<String, BTreeMap<String, Spanned<String>>>,
    /// By type: fields whose reading is written into the audit log.
    #[serde(default)]
    audited: BTreeMap<String, Vec<Spanned<String>>>,
    /// By type, then by field: the name of a set.
    fields: BTreeMap<String, BTreeMap<String, Spanned<String>>>,
}

pub(super) fn load(files: &Files) -> Result<Access, Vec<Error>> {
    let text = files.text(FILE).map_err(|error| vec![error])?;
    let file: AccessFile = parse(FILE, text).map_err(|error| vec![error])?;
    let mut errors = Vec::new();
    let mut wrong =
        |span, key: String, reason: String| errors.push(Error::at(FILE, text, span, key, reason));

    let mut sets: BTreeMap<&str, BTreeSet<Role>> = BTreeMap::new();
    for (name, roles) in &file.sets {
        let set = sets.entry(name.get_ref()).or_default();
        for role in roles {
            match role.get_ref().parse() {
                Ok(role) => drop(set.insert(role)),
                Err(error) => wrong(
                    role.span(),
                    format!("sets.{}", name.get_ref()),
                    error.to_string(),
                ),
            }
        }
    }
    let mut rows = HashMap::new();
    for (role_name, rules) in &file.rows {
        let role: Role = match role_name.get_ref().parse() {
            Ok(role) => role,
            Err(error) => {
                wrong(
                    role_name.span(),
                    format!("rows.{}", role_name.get_ref()),
                    error.to_string(),
                );
                continue;
            }
        };
        for (thing, rule) in rules {
            let key = || format!("rows.{role}.{}", thing.get_ref());
            match (
                thing.get_ref().parse::<Thing>(),
                rule.get_ref().parse::<RowRule>(),
            ) {
                (Ok(Thing::Official), Ok(given))
                    if given == RowRule::Published
                        || given != RowRule::Nothing
                            && matches!(role, Role::Public | Role::Assessor) =>
                {
                    let reason = "natural persons are shown neither to the public nor to third \
                                  parties";
                    wrong(rule.span(), key(), reason.to_owned());
                }
                (Ok(thing), Ok(rule)) => drop(rows.insert((role, thing), rule)),
                (Err(error), _) => wrong(thing.span(), key(), error.to_string()),
                (_, Err(error)) => wrong(rule.span(), key(), error.to_string()),
            }
        }
    }
    for role in Role::ALL {
        for thing in Thing::ALL {
            if !rows.contains_key(&(*role, *thing)) {
                wrong(
                    0..0,
                    format!("rows.{role}.{thing}"),
                    "is missing: each role needs one rule for each kind".to_owned(),
                );
            }
        }
    }
    let mut purposes = BTreeMap::new();
    for (purpose, set) in file.purposes {
        match sets.get(set.get_ref().as_str()) {
            Some(roles) => drop(purposes.insert(purpose, roles.clone())),
            None => {
                let reason = format!("unknown set {:?}", set.get_ref());
                wrong(set.span(), format!("purposes.{purpose}"), reason);
            }
        }
    }
    let mut rights: HashMap<String, HashMap<String, Scope>> = HashMap::new();
    for (type_name, entries) in file.rights {
        for (field, right) in entries {
            match right.get_ref().parse::<Scope>() {
                Ok(right) => {
                    let of_type = rights.entry(type_name.clone()).or_default();
                    of_type.insert(field, right);
                }
                Err(error) => {
                    let key = format!("rights.{type_name}.{field}");
                    wrong(right.span(), key, format!("{error}"));
                }
            }
        }
    }
    let mut fields: HashMap<String, HashMap<String, BTreeSet<Role>>> = HashMap::new();
    for (type_name, entries) in file.fields {
        for (field, set) in entries {
            match sets.get(set.get_ref().as_str()) {
                Some(roles) => {
                    fields
                        .entry(type_name.clone())
                        .or_default()
                        .insert(field, roles.clone());
                }
                None => {
                    let reason = format!("unknown set {:?}", set.get_ref());
                    wrong(set.span(), format!("fields.{type_name}.{field}"), reason);
                }
            }
        }
    }
    let names = |type_name: &str, field: &str| {
        let of_type = fields.get(type_name);
        of_type.is_some_and(|fields| fields.contains_key(field))
    };
    let mut opens: BTreeMap<String, HashMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (purpose, types) in file.opens {
        let (span, purpose) = (purpose.span(), purpose.into_inner());
        if !purposes.contains_key(&purpose) {
            let reason = "there is no such purpose".to_owned();
            wrong(span, format!("opens.{purpose}"), reason);
        }
        let opened = opens.entry(purpose.clone()).or_default();
        for (type_name, of_type) in types {
            for field in of_type {
                if !names(&type_name, field.get_ref()) {
                    let key = format!("opens.{purpose}.{type_name}");
                    let reason = format!("no field {:?} is named for this type", field.get_ref());
                    wrong(field.span(), key, reason);
                }
                let opened = opened.entry(type_name.clone()).or_default();
                opened.insert(field.into_inner());
            }
        }
    }
    for purpose in purposes
        .keys()
        .filter(|purpose| !opens.contains_key(*purpose))
    {
        let reason = "is missing: each purpose says what it opens".to_owned();
        wrong(0..0, format!("opens.{purpose}"), reason);
    }
    let mut audited: HashMap<String, BTreeSet<String>> = HashMap::new();
    for (type_name, entries) in file.audited {
        for field in entries {
            if !names(&type_name, field.get_ref()) {
                let key = format!("audited.{type_name}");
                let reason = format!("no field {:?} is named for this type", field.get_ref());
                wrong(field.span(), key, reason);
            }
            let of_type = audited.entry(type_name.clone()).or_default();
            of_type.insert(field.into_inner());
        }
    }
    if errors.is_empty() {
        Ok(Access {
            audited,
            fields,
            rights,
            rows,
            purposes,
            opens,
        })
    } else {
        Err(errors)
    }
}
