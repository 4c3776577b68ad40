//! What a viewer finds by a part of a code, a name, initials or a case number. Indexes propose, and
//! what is proposed is looked at itself, so that all ways agree on what fits and how well.

use std::collections::BTreeSet;

use domain::{case_number::CaseNumber, division::DivisionCode, initials::initials};

use super::{NAMES_LOOKED_AT_MAX, View};

/// Bodies of a viewer that are looked at one by one, without an index.
const FEW: usize = 1_000;
/// Characters of a code or of initials that say something.
const CODE_CHARS_MIN: usize = 2;

/// How well something fits; the best comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    Exact,
    Prefix,
    Contains,
}

/// What of a thing fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matched {
    Code,
    OrgCode,
    Name,
    FormerName,
    Alias,
    Initials,
}

/// Something that fits: itself, how well, and what of it, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit<T> {
    pub fit: Fit,
    pub by: Matched,
    pub text: String,
    pub found: T,
}

/// What is looked for, and by which fields of bodies it may be.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// As it was written, without blanks around it.
    pub text: String,
    /// Without blanks and hyphens, in capitals; none where it can't be a code.
    code: Option<String>,
    /// In small letters; none where it can't be initials.
    letters: Option<String>,
    pub by: Vec<Matched>,
}

impl Wanted {
    pub fn new(text: &str, by: Vec<Matched>) -> Self {
        let text = text.trim();
        let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let is_code =
            bare.len() >= CODE_CHARS_MIN && bare.chars().all(|c| c.is_ascii_alphanumeric());
        Self {
            code: is_code.then(|| bare.to_ascii_uppercase()),
            letters: is_code.then(|| bare.to_ascii_lowercase()),
            text: text.to_owned(),
            by,
        }
    }

    fn may(&self, by: Matched) -> bool {
        self.by.contains(&by)
    }
}

/// How a text fits what is looked for.
pub fn fit(text: &str, wanted: &str) -> Option<Fit> {
    if text == wanted {
        Some(Fit::Exact)
    } else if text.starts_with(wanted) {
        Some(Fit::Prefix)
    } else {
        text.contains(wanted).then_some(Fit::Contains)
    }
}

impl View {
    /// The bodies that fit best, equal ones in the order of their names.
    pub fn search_agencies(&self, wanted: &Wanted, limit: usize) -> Vec<Hit<u32>> {
        let candidates = self.agency_candidates(None);
        let rows: BTreeSet<u32> = match candidates.len() <= FEW {
            true => candidates.iter().copied().collect(),
            false => self.proposed(wanted, limit),
        };
        let seen = rows.into_iter().filter(|row| self.sees_agency(*row));
        let mut hits: Vec<Hit<u32>> = seen.filter_map(|row| self.fitting(row, wanted)).collect();
        hits.sort_by(|a, b| {
            let name = |row| {
                self.agency_at(row)
                    .map(|agency| (&agency.fact.name, agency.id))
            };
            let order = (a.fit, a.by).cmp(&(b.fit, b.by));
            order.then_with(|| name(a.found).cmp(&name(b.found)))
        });
        hits.truncate(limit);
        hits
    }

    /// Bodies that the indexes propose: from each the first that the viewer sees, among so many that
    /// are looked at, however many there are.
    fn proposed(&self, wanted: &Wanted, limit: usize) -> BTreeSet<u32> {
        let lookup = self.graph.lookup();
        let mut rows = BTreeSet::new();
        let mut take = |proposed: &mut dyn Iterator<Item = u32>| {
            let looked_at = proposed.take(NAMES_LOOKED_AT_MAX);
            let fitting = looked_at
                .filter(|row| self.sees_agency(*row) && self.fitting(*row, wanted).is_some());
            rows.extend(fitting.take(limit));
        };
        if let Some(code) = &wanted.code {
            take(&mut lookup.by_code(&self.graph, code));
            take(&mut lookup.by_org_code(&self.graph, code));
        }
        if let Some(letters) = &wanted.letters {
            take(&mut lookup.by_initials(letters));
        }
        take(&mut lookup.by_name(&self.graph, &wanted.text));
        take(&mut lookup.by_part(&wanted.text));
        rows
    }

    /// How a body fits best.
    fn fitting(&self, row: u32, wanted: &Wanted) -> Option<Hit<u32>> {
        let agency = &self.graph.agencies.get(row)?.fact;
        let mut fits: Vec<(Fit, Matched, &str)> = Vec::new();
        if let Some(code) = &wanted.code {
            let uscc = agency.uscc.as_str();
            for (by, text) in [(Matched::Code, uscc), (Matched::OrgCode, &uscc[8..17])] {
                let begins = fit(text, code).filter(|fit| *fit != Fit::Contains);
                fits.extend(begins.map(|fit| (fit, by, text)));
            }
        }
        let official = std::iter::once((Matched::Name, agency.name.as_str()));
        let others = agency.names.iter().map(|name| {
            let by = match name.relation {
                domain::agency::NameRelation::Former => Matched::FormerName,
                domain::agency::NameRelation::Alias => Matched::Alias,
            };
            (by, name.name.as_str())
        });
        for (by, text) in official.chain(others).filter(|(by, _)| wanted.may(*by)) {
            fits.extend(fit(text, &wanted.text).map(|fit| (fit, by, text)));
            let Some(letters) = &wanted.letters else {
                continue;
            };
            let readings = initials(text);
            let begins = readings.iter().filter_map(|reading| fit(reading, letters));
            let best = begins.filter(|fit| *fit != Fit::Contains).min();
            fits.extend(best.map(|fit| (fit, Matched::Initials, text)));
        }
        let best = fits.into_iter().filter(|(_, by, _)| wanted.may(*by));
        let (fit, by, text) = best.min_by_key(|(fit, by, _)| (*fit, *by))?;
        Some(Hit {
            fit,
            by,
            text: text.to_owned(),
            found: row,
        })
    }

    /// Rows of the records under a case number, newest first.
    pub fn records_of_case(&self, number: &CaseNumber, limit: usize) -> Vec<u32> {
        let proposed = self.graph.cases().rows(number).take(NAMES_LOOKED_AT_MAX);
        let of_case = proposed.filter(|row| {
            let record = self.record_at(*row);
            record.is_some_and(|record| record.fact.fact.case_number.as_ref() == Some(number))
        });
        self.newest(of_case.collect(), limit)
    }

    /// Rows of an agency's newest records.
    pub fn newest_records_of(&self, agency: u32, limit: usize) -> Vec<u32> {
        let rows = self.records_rows(agency).iter().copied();
        self.newest(
            rows.filter(|row| self.record_at(*row).is_some()).collect(),
            limit,
        )
    }

    pub(super) fn newest(&self, mut rows: Vec<u32>, limit: usize) -> Vec<u32> {
        rows.sort_by_cached_key(|row| {
            let record = self.record_at(*row);
            record.map(|record| (std::cmp::Reverse(record.fact.fact.identified_on), record.id))
        });
        rows.truncate(limit);
        rows
    }

    /// The divisions that fit best, equal ones in the order of the tree. The tree is public.
    pub fn search_divisions(&self, wanted: &Wanted, limit: usize) -> Vec<Hit<DivisionCode>> {
        let tree = self.divisions();
        let hit = |place: usize| {
            let division = tree.at(place);
            let code = || division.code.to_string();
            let by_code = wanted.code.as_ref().and_then(|wanted| fit(&code(), wanted));
            let by_code = by_code.filter(|fit| *fit != Fit::Contains);
            let by_name = fit(&division.name, &wanted.text);
            let (fit, by) = [
                by_code.map(|fit| (fit, Matched::Code)),
                by_name.map(|fit| (fit, Matched::Name)),
            ]
            .into_iter()
            .flatten()
            .min()?;
            Some(Hit {
                fit,
                by,
                text: match by {
                    Matched::Code => code(),
                    _ => division.name.clone(),
                },
                found: division.code,
            })
        };
        let mut hits: Vec<_> = (0..tree.len()).filter_map(hit).collect();
        hits.sort_by_key(|hit| (hit.fit, hit.by));
        hits.truncate(limit);
        hits
    }
}
