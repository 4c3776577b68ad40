//! Who asks, and what each may see by the row rules of the table.

use std::collections::BTreeSet;

use domain::{uscc::Uscc, viewer::Role};

use super::{Asker, GONE, Province, Sight};
use crate::support::made;

impl Province {
    pub(in crate::api) fn asker(
        &self,
        role: Role,
        areas: &[&'static str],
        own: Option<Uscc>,
    ) -> Asker {
        let token = (role != Role::Public).then(|| self.hub.token(role, areas, own.as_ref()));
        Asker {
            role,
            areas: areas.to_vec(),
            own,
            token,
            purpose: None,
            wire: self.wire.clone(),
        }
    }

    /// The same one with a purpose.
    pub(in crate::api) fn stating(&self, asker: Asker, purpose: &'static str) -> Asker {
        Asker {
            purpose: Some(purpose),
            wire: self.wire.stating(Some(purpose)),
            ..asker
        }
    }

    /// Every role over many areas.
    pub(in crate::api) fn askers(&self) -> Vec<Asker> {
        let areas: [&[&'static str]; 13] = [
            &["100000"],
            &["440000"],
            &["440600"],
            &["440604"],
            &["440604010"],
            &["441900"],
            &["441900003"],
            &["440100"],
            &["430000"],
            &["440604", "441900"],
            &["440600", "440604"],
            &["440681"],
            &[],
        ];
        let mut askers = vec![self.asker(Role::Public, &[], None)];
        for role in Role::ALL
            .iter()
            .copied()
            .filter(|role| *role != Role::Public && *role != Role::Agency)
        {
            let reaches = |rule: &str| matches!(rule, "subtree" | "level");
            let is_bound = ["agency", "credit_record", "mention", "clue", "indicator"]
                .iter()
                .any(|thing| reaches(self.table.rule(role, thing)));
            let areas = if is_bound { &areas[..] } else { &areas[1..2] };
            askers.extend(areas.iter().map(|areas| self.asker(role, areas, None)));
        }
        // Acting for a body, whatever areas the token names besides.
        for (own, areas) in [
            (8, &[][..]),
            (7, &["440000"]),
            (9, &["440604"]),
            (19, &[]),
            (GONE, &[]),
            (24, &["441900"]),
        ] {
            askers.push(self.asker(Role::Agency, areas, Some(self.bodies[own].uscc)));
        }
        askers.push(self.asker(Role::Agency, &["440600"], None));
        askers.push(self.asker(
            Role::Agency,
            &["440600"],
            Some(made::uscc("11", "440600", 999)),
        ));
        // A body in the token widens no other role.
        askers.push(self.asker(Role::Government, &["441900"], Some(self.bodies[8].uscc)));
        askers.extend(self.askers_for_purposes());
        askers
    }

    /// With purposes, of which some may not be stated.
    fn askers_for_purposes(&self) -> Vec<Asker> {
        let mut askers = Vec::new();
        for (role, purpose, areas) in [
            (Role::Public, "supervision", &[][..]),
            (
                Role::Congress,
                "supervision",
                &[&["440600"][..], &["440604"], &["440604010"]][..],
            ),
            (Role::Congress, "sanction", &[&["440600"]]),
            (
                Role::Government,
                "supervision",
                &[&["100000"], &["440604"], &["440604", "441900"]],
            ),
            (Role::Government, "curiosity", &[&["100000"]]),
            (Role::Court, "sanction", &[&["441900"], &["430000"]]),
            (Role::Court, "appointment", &[&["440000"]]),
            (Role::Authority, "correction", &[&["440604"]]),
            (Role::Assessor, "supervision", &[&["440000"]]),
            (Role::Operator, "sanction", &[&["440000"]]),
            (Role::Auditor, "supervision", &[&["100000"]]),
        ] {
            let some = match role {
                Role::Public => &[&[][..]][..],
                _ => areas,
            };
            let each = some.iter().map(|areas| self.asker(role, areas, None));
            askers.extend(each.map(|asker| self.stating(asker, purpose)));
        }
        for own in [8, 14, 12] {
            let asker = self.asker(Role::Agency, &[], Some(self.bodies[own].uscc));
            askers.push(self.stating(asker, "appointment"));
        }
        askers
    }

    /// Whether a division is one of the areas or lies below one.
    fn is_within(&self, division: &str, areas: &[&str]) -> bool {
        let mut at = Some(division);
        while let Some(code) = at {
            if areas.contains(&code) {
                return true;
            }
            at = self.parents.get(code).map(String::as_str);
        }
        false
    }

    pub(super) fn sees_body(&self, asker: &Asker, rule: &str, at: usize) -> bool {
        let body = &self.bodies[at];
        match rule {
            "all" => true,
            "subtree" => self.is_within(body.division, &asker.areas),
            "level" => asker.areas.contains(&body.division),
            "own" => asker.own == Some(body.uscc),
            "published" => self
                .records
                .iter()
                .any(|record| record.agency == at && record.is_active && record.is_published),
            "nothing" => false,
            other => panic!("the rule {other} is not known here"),
        }
    }

    /// What the row rules give to this viewer, reckoned from the tables and the rows that were made.
    pub(in crate::api) fn sight(&self, asker: &Asker) -> Sight {
        let rule = |thing| self.table.rule(asker.role, thing);
        let bodies: BTreeSet<usize> = (0..self.bodies.len())
            .filter(|at| self.sees_body(asker, rule("agency"), *at))
            .collect();
        let may_state = |purpose| self.table.may_state(asker.role, purpose);
        let officials = (0..self.officials.len()).filter(|at| {
            let posts = self.officials[*at].posts;
            let holds_one = posts.iter().any(|(_, is_held)| *is_held);
            let counting = posts.iter().filter(|(_, is_held)| *is_held == holds_one);
            asker.purpose.is_some_and(may_state)
                && counting
                    .into_iter()
                    .any(|(at, _)| self.sees_body(asker, rule("official"), *at))
        });
        let officials: BTreeSet<usize> = officials.collect();
        let records = (0..self.records.len()).filter(|at| {
            let record = &self.records[*at];
            if let Some(official) = &record.official {
                return rule("credit_record") != "nothing" && officials.contains(official);
            }
            match rule("credit_record") {
                "published" => record.is_active && record.is_published,
                rule => self.sees_body(asker, rule, record.agency),
            }
        });
        let records: BTreeSet<usize> = records.collect();
        let mentions = (0..self.mentions.len()).filter(|at| {
            match (rule("mention"), self.mentions[*at].division) {
                ("all", _) => true,
                ("subtree", Some(division)) => self.is_within(division, &asker.areas),
                ("level", Some(division)) => asker.areas.contains(&division),
                _ => false,
            }
        });
        let mentions: BTreeSet<usize> = mentions.collect();

        let clues = (0..self.clues.len()).filter(|at| {
            let agencies = &self.clues[*at].agencies;
            match rule("clue") {
                "published" => false,
                // What names nobody belongs to the province.
                "subtree" if agencies.is_empty() => self.is_within("440000", &asker.areas),
                "level" if agencies.is_empty() => asker.areas.contains(&"440000"),
                rule => agencies.iter().any(|at| self.sees_body(asker, rule, *at)),
            }
        });
        let clues: BTreeSet<usize> = clues.collect();
        let indicators = (0..self.indicators.len()).filter(|at| {
            let agency = self.indicators[*at].agencies[0];
            bodies.contains(&agency) && self.sees_body(asker, rule("indicator"), agency)
        });
        let indicators: BTreeSet<usize> = indicators.collect();

        let mut allowed: BTreeSet<&str> = BTreeSet::new();
        let told = clues.iter().map(|at| &self.clues[*at]);
        for told in told.chain(indicators.iter().map(|at| &self.indicators[*at])) {
            allowed.extend(told.marks.iter().map(String::as_str));
        }
        let cases = self.cases.iter();
        for case in cases.filter(|case| self.sees_case(asker, case, &records)) {
            allowed.extend(case.marks.iter().map(String::as_str));
        }
        for at in &officials {
            let official = &self.officials[*at];
            let id = format!("\"{}\"", official.id);
            for mark in &official.marks {
                // A post in a body that is hidden is, too.
                let of_post = (0..).zip(official.posts);
                let mut of_post = of_post.filter(|(turn, _)| *mark == format!("U{at}{turn}Z"));
                let is_seen = match of_post.next() {
                    Some((_, (body, _))) => bodies.contains(body),
                    None => *mark == id,
                };
                if is_seen {
                    allowed.insert(mark);
                }
            }
        }
        for at in &bodies {
            let body = &self.bodies[*at];
            allowed.insert(&body.name_mark);
            allowed.extend(body.marks.iter().map(String::as_str));
            // A superior's name is told of those below it.
            allowed.extend(
                body.superior
                    .map(|superior| self.bodies[superior].name_mark.as_str()),
            );
        }
        for event in self
            .events
            .iter()
            .filter(|event| event.ends.iter().any(|end| bodies.contains(end)))
        {
            allowed.extend(event.marks.iter().map(String::as_str));
        }
        for at in &records {
            let record = &self.records[*at];
            allowed.extend(record.marks.iter().map(String::as_str));
            // Who determined it is told as the source writes it.
            let told = |mark: &&str| record.identified_by.contains(*mark);
            allowed.extend(self.name_marks().filter(told));
        }
        for at in &mentions {
            let mention = &self.mentions[*at];
            allowed.extend(mention.marks.iter().map(String::as_str));
            // The row's own text and code, which the resolver's steps repeat.
            allowed.extend(
                self.name_marks()
                    .filter(|mark| mention.text.contains(*mark)),
            );
            if let Some(code) = mention.code {
                let code = &self.bodies[code].uscc;
                let told = |mark: &&str| code.as_str().contains(*mark);
                allowed.extend(self.marks().filter(told));
            }
        }
        let forbidden = self
            .marks()
            .filter(|mark| !allowed.contains(mark))
            .map(str::to_owned)
            .collect();
        Sight {
            bodies,
            records,
            mentions,
            clues,
            indicators,
            officials,
            forbidden,
        }
    }

    fn name_marks(&self) -> impl Iterator<Item = &str> {
        self.bodies.iter().map(|body| body.name_mark.as_str())
    }

    /// All marks of all things.
    pub(in crate::api) fn marks(&self) -> impl Iterator<Item = &str> {
        let bodies = self
            .bodies
            .iter()
            .flat_map(|body| &body.marks)
            .chain(self.bodies.iter().map(|body| &body.name_mark));
        let records = self.records.iter().flat_map(|record| &record.marks);
        let mentions = self.mentions.iter().flat_map(|mention| &mention.marks);
        let events = self.events.iter().flat_map(|event| &event.marks);
        let cases = self.cases.iter().flat_map(|case| &case.marks);
        let told = self.clues.iter().chain(&self.indicators);
        let officials = self
            .officials
            .iter()
            .flat_map(|official| official.marks.iter().chain(&official.secrets));
        bodies
            .chain(records)
            .chain(mentions)
            .chain(events)
            .chain(cases)
            .chain(told.flat_map(|told| &told.marks))
            .chain(officials)
            .map(String::as_str)
    }
}

impl Sight {
    /// The marks in a text that must not be there.
    pub(in crate::api) fn leaks<'a>(&'a self, text: &str) -> Vec<&'a str> {
        self.forbidden
            .iter()
            .map(String::as_str)
            .filter(|mark| text.contains(*mark))
            .collect()
    }
}

impl std::fmt::Display for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} over {:?}", self.role, self.areas)?;
        if let Some(purpose) = self.purpose {
            write!(f, " for {purpose}")?;
        }
        match self.own {
            Some(own) => write!(f, " for {own}"),
            None => Ok(()),
        }
    }
}
