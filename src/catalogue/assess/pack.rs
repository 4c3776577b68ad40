//! Rule packs: `rules/*.toml`.

use std::{collections::HashSet, ops::Range};

use chrono::NaiveDate;
use domain::assess::{Grade, GradeCode, Heading, RulePack};
use rust_decimal::Decimal;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::Spanned;

use super::{
    super::{
        Error, Lists,
        casework::{At, all},
        files::{Files, parse},
    },
    WEIGHT_MAX, below,
    case::{self, RawCase},
    points,
    rule::{RawRule, rule},
};

/// Rules of one pack at most.
const RULES_MAX: usize = 500;
/// Levels of headings.
pub(super) const LEVELS: usize = 3;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackFile {
    pack: Spanned<String>,
    version: Spanned<String>,
    title: Spanned<String>,
    from: Spanned<NaiveDate>,
    to: Option<Spanned<NaiveDate>>,
    default: Option<Spanned<bool>>,
    base: Spanned<String>,
    least: Spanned<String>,
    most: Spanned<String>,
    legal_basis: Spanned<String>,
    illustrative: bool,
    grade: Vec<RawGrade>,
    indicator: Vec<RawHeading>,
    rule: Vec<RawRule>,
    #[serde(default)]
    case: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGrade {
    code: Spanned<String>,
    title: Spanned<String>,
    at_least: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHeading {
    code: Spanned<String>,
    title: Spanned<String>,
    weight: Option<Spanned<String>>,
    least: Option<Spanned<String>>,
    most: Option<Spanned<String>>,
    #[serde(default)]
    sources: Vec<Spanned<String>>,
}

pub(super) fn load(files: &Files, lists: &Lists) -> Result<Vec<RulePack>, Vec<Error>> {
    let (mut read_ones, mut errors) = (Vec::new(), Vec::new());
    let stem = |name: &'_ str| {
        let file = name.rsplit('/').next().unwrap_or(name);
        file.trim_end_matches(".toml").to_owned()
    };
    let sources: HashSet<String> = files
        .in_folder("sources")
        .map(|(name, _)| stem(name))
        .collect();
    let known = Known {
        lists,
        sources: &sources,
    };
    for (name, text) in files.in_folder("rules") {
        let at = At { file: name, text };
        let checked = read(at, Some(known)).and_then(|one| {
            case::check(at, lists, &one.pack, one.cases, &one.places)?;
            Ok((one.pack, at, one.places))
        });
        match checked {
            Ok(one) => read_ones.push(one),
            Err(mut found) => errors.append(&mut found),
        }
    }
    if errors.is_empty() {
        errors.extend(defaults(&read_ones));
    }
    read_ones.sort_by(|(a, ..), (b, ..)| {
        (&a.key, a.from, &a.version).cmp(&(&b.key, b.from, &b.version))
    });
    for pair in read_ones.windows(2) {
        let ((before, ..), (pack, at, places)) = (&pair[0], &pair[1]);
        if before.key == pack.key && before.to.is_none_or(|to| to >= pack.from) {
            let reason = format!(
                "two versions of {:?} hold on {}, {} and {}",
                pack.key, pack.from, before.version, pack.version
            );
            errors.push(at.place(&places.version, "from", reason));
        }
    }
    let mut named = HashSet::new();
    for (pack, at, places) in &read_ones {
        if !named.insert((&pack.key, &pack.version)) {
            let reason = format!("two files are version {:?} of {:?}", pack.version, pack.key);
            errors.push(at.place(&places.version, "version", reason));
        }
    }
    let packs: Vec<RulePack> = read_ones.into_iter().map(|(pack, ..)| pack).collect();
    if errors.is_empty() {
        Ok(packs)
    } else {
        Err(errors)
    }
}

/// Whether each day from the first one on has exactly one default pack: on no day is it chosen by anything but the
/// files, and on none nobody can be graded.
fn defaults(packs: &[(RulePack, At<'_>, Places)]) -> Vec<Error> {
    let mut defaults: Vec<_> = packs.iter().filter(|(pack, ..)| pack.is_default).collect();
    defaults.sort_by_key(|(pack, ..)| (pack.from, &pack.key));
    if defaults.is_empty() {
        let reason = "no pack is the default, expected one";
        let first = packs.first();
        let error = first.map_or_else(
            || Error::in_file("rules", reason),
            |(_, at, places)| at.place(&places.default, "default", reason),
        );
        return vec![error];
    }
    let wrong = |pair: &[&(RulePack, At<'_>, Places)]| {
        let ((before, ..), (pack, at, places)) = (pair[0], pair[1]);
        let next = before.to.map(|to| to.succ_opt());
        let reason = match next {
            Some(Some(next)) if next == pack.from => return None,
            Some(Some(next)) if next < pack.from => {
                format!(
                    "no pack is the default from {next} to the day before {}",
                    pack.from
                )
            }
            _ => format!(
                "{:?} {} is the default on {}, too",
                before.key, before.version, pack.from
            ),
        };
        Some(at.place(&places.default, "default", reason))
    };
    defaults.windows(2).filter_map(wrong).collect()
}

/// SHA-256 of a pack's file, in hexadecimal.
pub(super) fn digest_of(text: &str) -> String {
    crate::hex(&Sha256::digest(text))
}

/// A pack that was kept: neither held against the lists nor run over its cases.
pub(super) fn kept(text: &str) -> Result<RulePack, Vec<Error>> {
    let file = "annual_pack";
    read(At { file, text }, None).map(|read| read.pack)
}

/// What packs are held against.
#[derive(Clone, Copy)]
struct Known<'a> {
    lists: &'a Lists,
    /// Keys of the sources.
    sources: &'a HashSet<String>,
}

/// What a file says.
struct Read {
    pack: RulePack,
    cases: Vec<RawCase>,
    places: Places,
}

/// Where a file says things that are held against others'.
pub(super) struct Places {
    /// Whether it is a default.
    default: Range<usize>,
    version: Range<usize>,
    /// The codes of its rules, in their order.
    pub rules: Vec<Range<usize>>,
}

fn read(at: At<'_>, known: Option<Known<'_>>) -> Result<Read, Vec<Error>> {
    let lists = known.map(|known| known.lists);
    let one = |error| vec![error];
    let file: PackFile = parse(at.file, at.text).map_err(one)?;
    if let Some(beyond) = file.rule.get(RULES_MAX) {
        let reason = format!("{} rules, expected at most {RULES_MAX}", file.rule.len());
        return Err(one(at.error(&beyond.code, "rule", reason)));
    }
    let places = Places {
        default: file.default.as_ref().map(Spanned::span).unwrap_or_default(),
        version: file.version.span(),
        rules: file.rule.iter().map(|rule| rule.code.span()).collect(),
    };
    let grades = grades(at, file.grade, &file.version).map_err(one)?;
    let sources = known.map(|known| known.sources);
    let headings = headings(at, file.indicator, sources).map_err(one)?;
    let mut codes = HashSet::new();
    let rules = all(file.rule.into_iter().map(|raw| {
        if !codes.insert(raw.code.get_ref().clone()) {
            let reason = format!("{:?} is there already", raw.code.get_ref());
            return Err(at.error(&raw.code, "rule.code", reason));
        }
        rule(at, lists, &headings, &grades, raw)
    }))?;
    let (from, to) = at.time(&file.from, file.to.as_ref()).map_err(one)?;
    let number = |text, key| points(at, text, key).map_err(one);
    let (base, least, most) = (
        number(&file.base, "base")?,
        number(&file.least, "least")?,
        number(&file.most, "most")?,
    );
    if !(least <= base && base <= most) {
        return Err(one(at.error(
            &file.base,
            "base",
            "lies outside of least and most",
        )));
    }
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let key = file.pack.get_ref();
    if key.is_empty() || !key.chars().all(is_plain) {
        let reason = "expected small letters, digits and underscores: it stands in ids";
        return Err(one(at.error(&file.pack, "pack", reason)));
    }
    // One that was kept is read as it was written.
    let is_version = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let version = file.version.get_ref();
    if known.is_some() && (version.is_empty() || !version.chars().all(is_version)) {
        let reason = "expected letters, digits and full stops: it stands in ids";
        return Err(one(at.error(&file.version, "version", reason)));
    }
    let said = |text, key| at.said(text, key).map_err(one);
    let pack = RulePack {
        key: said(file.pack, "pack")?,
        version: said(file.version, "version")?,
        title: said(file.title, "title")?,
        from,
        to,
        is_default: file.default.as_ref().is_some_and(|is| *is.get_ref()),
        base,
        least,
        most,
        legal_basis: said(file.legal_basis, "legal_basis")?,
        is_illustrative: file.illustrative,
        grades,
        headings,
        rules,
        digest: digest_of(at.text),
    };
    Ok(Read {
        pack,
        cases: file.case,
        places,
    })
}

fn grades(at: At<'_>, raw: Vec<RawGrade>, version: &Spanned<String>) -> Result<Vec<Grade>, Error> {
    let mut grades: Vec<Grade> = Vec::new();
    let last = raw.len().saturating_sub(1);
    for (place, one) in raw.into_iter().enumerate() {
        let at_least = one.at_least.as_ref();
        let at_least = at_least
            .map(|text| points(at, text, "grade.at_least"))
            .transpose()?;
        if GradeCode::of(one.code.get_ref()).is_none() {
            let reason = "expected at most eight bytes";
            return Err(at.error(&one.code, "grade.code", reason));
        }
        let falls = match (grades.last(), at_least) {
            (Some(before), Some(least)) => before.at_least.is_some_and(|before| least < before),
            (None, _) | (_, None) => true,
        };
        if !falls || at_least.is_none() != (place == last) {
            let reason = "grades fall, and the last one alone has no at_least";
            return Err(at.error(&one.code, "grade.at_least", reason));
        }
        grades.push(Grade {
            code: at.said(one.code, "grade.code")?,
            title: at.said(one.title, "grade.title")?,
            at_least,
        });
    }
    match grades.is_empty() {
        true => Err(at.error(version, "grade", "is missing")),
        false => Ok(grades),
    }
}

fn headings(
    at: At<'_>,
    raw: Vec<RawHeading>,
    known: Option<&HashSet<String>>,
) -> Result<Vec<Heading>, Error> {
    let mut headings: Vec<Heading> = Vec::new();
    for one in raw {
        let code = one.code.get_ref();
        let wrong = |reason: String| at.error(&one.code, "indicator.code", reason);
        if headings.iter().any(|heading| heading.code == *code) {
            return Err(wrong(format!("{code:?} is there already")));
        }
        if code.split('.').count() > LEVELS {
            return Err(wrong(format!("lies deeper than {LEVELS} levels")));
        }
        let parent = match code.rsplit_once('.') {
            Some((above, _)) => {
                let found = headings.iter().position(|heading| heading.code == above);
                Some(found.ok_or_else(|| wrong(format!("{above:?} does not stand before it")))?)
            }
            None => None,
        };
        let number = |text: &Option<Spanned<String>>, key| {
            text.as_ref().map(|text| points(at, text, key)).transpose()
        };
        let weight = match (parent, &one.weight) {
            (Some(_), Some(weight)) => {
                let reason = "only headings of the first level have one";
                return Err(at.error(weight, "indicator.weight", reason));
            }
            (Some(parent), None) => headings[parent].weight,
            (None, Some(weight)) => below(at, weight, "indicator.weight", WEIGHT_MAX)?,
            (None, None) => Decimal::ONE,
        };
        let (least, most) = (
            number(&one.least, "indicator.least")?,
            number(&one.most, "indicator.most")?,
        );
        let zero = Decimal::ZERO;
        if weight < zero
            || least.is_some_and(|least| least > zero)
            || most.is_some_and(|most| most < zero)
        {
            return Err(wrong(
                "expected weight and most from 0 up, least from 0 down".to_owned(),
            ));
        }
        let is_leaf = code.split('.').count() == LEVELS;
        if is_leaf && known.is_some() && one.sources.is_empty() {
            let reason = "is missing: which of catalogue/sources tell of it".to_owned();
            return Err(at.error(&one.code, "indicator.sources", reason));
        }
        for source in &one.sources {
            let key = source.get_ref();
            if !is_leaf || known.is_some_and(|known| !known.contains(key)) {
                let reason = match is_leaf {
                    true => format!("{key:?} is no source of catalogue/sources"),
                    false => format!("only headings of level {LEVELS} have sources"),
                };
                return Err(at.error(source, "indicator.sources", reason));
            }
        }
        headings.push(Heading {
            sources: one.sources.into_iter().map(Spanned::into_inner).collect(),
            code: at.said(one.code, "indicator.code")?,
            title: at.said(one.title, "indicator.title")?,
            parent,
            weight,
            least,
            most,
        });
    }
    Ok(headings)
}
