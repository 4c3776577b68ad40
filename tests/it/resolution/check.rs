//! The published set is whole: codes are right, answers exist, tiers mean what they say, and where a
//! name can be found by brute force the labels say the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::{agency::BodyClass, resolution::Outcome, uscc::Uscc};
use sha2::{Digest, Sha256};

use super::{
    places::{Forms, Places},
    set::{Event, Pair, Registered, Tier, rows, tells},
};

/// So many hard pairs are promised.
const PAIRS_MIN: usize = 1_500;
/// No tier and no half is a token one.
const PAIRS_PER_TIER_MIN: usize = 200;
const HALF_SHARE_MIN: f64 = 0.4;

/// Outcomes in the order in which a row lists them.
const ORDER: [Outcome; 8] = [
    Outcome::ExactCode,
    Outcome::ExactName,
    Outcome::Alias,
    Outcome::Successor,
    Outcome::Fuzzy,
    Outcome::Ambiguous,
    Outcome::Conflict,
    Outcome::None,
];

#[test]
fn the_register_of_the_set_is_one() {
    let places = Places::load();
    let register: Vec<Registered> = rows("register.csv");
    let mut names = HashMap::new();
    for body in &register {
        let code: Uscc = body
            .uscc
            .parse()
            .unwrap_or_else(|error| panic!("{}: {error}", body.name));
        assert!(
            matches!(code.class(), BodyClass::Agency(_)),
            "{}",
            body.name
        );
        assert!(
            places.get(&body.division).is_some(),
            "{}: no such division",
            body.name
        );
        if names.insert(&body.uscc, &body.name).is_some() {
            panic!("{} is there twice", body.uscc);
        }
    }
    let full: BTreeSet<&String> = names.values().copied().collect();
    assert_eq!(
        full.len(),
        register.len(),
        "official names are written in full"
    );

    let ends: HashMap<&str, Option<NaiveDate>> = register
        .iter()
        .map(|body| (body.uscc.as_str(), body.abolished_on))
        .collect();
    for event in rows::<Event>("successions.csv") {
        for (code, name) in [(&event.from, &event.from_name), (&event.to, &event.to_name)] {
            let is_known = code.is_empty() || names.get(code).is_some_and(|known| *known == name);
            assert!(is_known, "{name}: {code} is another's or nobody's");
        }
        let end = ends.get(event.from.as_str()).copied().flatten();
        assert!(
            end.is_none_or(|end| end == event.effective_on),
            "{} does not end with its succession",
            event.from_name
        );
    }
}

#[test]
fn the_pairs_of_the_set_are_whole() {
    let pairs: Vec<Pair> = rows("pairs.csv");
    assert!(pairs.len() >= PAIRS_MIN, "{} pairs", pairs.len());
    let (mut ids, mut questions) = (BTreeSet::new(), BTreeSet::new());
    let mut tiers: BTreeMap<Tier, usize> = BTreeMap::new();
    for pair in &pairs {
        let number = pair.id.strip_prefix(&pair.category.replace('_', "-"));
        assert!(
            number.is_some_and(|number| number.starts_with('-')),
            "{}: its id",
            pair.id
        );
        assert!(ids.insert(&pair.id), "{} is there twice", pair.id);
        assert!(
            questions.insert((pair.question(), pair.as_of)),
            "{} asks what another asks",
            pair.id
        );
        assert!(
            pair.question().iter().any(|part| !part.is_empty()),
            "{} asks nothing",
            pair.id
        );
        assert!(!pair.note.trim().is_empty(), "{} does not say why", pair.id);
        let half = ["dev", "test"][usize::from(Sha256::digest(&pair.cluster)[0] % 2)];
        assert_eq!(
            pair.split, half,
            "{}: its cluster is in the other half",
            pair.id
        );
        *tiers.entry(pair.tier).or_default() += 1;
    }
    for tier in Tier::ALL {
        assert!(
            tiers.get(&tier).is_some_and(|n| *n >= PAIRS_PER_TIER_MIN),
            "{tiers:?}"
        );
    }
    let dev = pairs.iter().filter(|pair| pair.split == "dev").count() as f64;
    let share = dev / pairs.len() as f64;
    assert!(
        (HALF_SHARE_MIN..=1.0 - HALF_SHARE_MIN).contains(&share),
        "{share} are dev"
    );
}

#[test]
fn the_answers_of_the_set_exist_and_fit_their_tiers() {
    let places = Places::load();
    let register: Vec<Registered> = rows("register.csv");
    let known: BTreeSet<&str> = register.iter().map(|body| body.uscc.as_str()).collect();
    for pair in rows::<Pair>("pairs.csv") {
        let id = &pair.id;
        let (outcomes, bodies) = (pair.outcomes(), pair.bodies());
        let ranks: Vec<_> = outcomes
            .iter()
            .map(|outcome| ORDER.iter().position(|known| known == outcome))
            .collect();
        assert!(
            ranks.is_sorted_by(|a, b| a < b),
            "{id}: outcomes in their order, each once"
        );
        assert!(
            bodies.is_sorted_by(|a, b| a < b),
            "{id}: bodies in order, each once"
        );
        assert!(
            bodies.iter().all(|code| known.contains(code)),
            "{id} means somebody unknown"
        );
        let is_place = pair.division.is_empty() || places.get(&pair.division).is_some();
        assert!(is_place, "{id}: no such division");

        let may_tell = outcomes.iter().copied().any(tells);
        assert!(
            !may_tell || !bodies.is_empty(),
            "{id} lets a body be named and means none"
        );
        if outcomes == [Outcome::Ambiguous] {
            assert!(bodies.len() > 1, "{id} is ambiguous between fewer than two");
        }
        if outcomes == [Outcome::None] {
            assert!(bodies.is_empty(), "{id} means nobody and names somebody");
        }
        match pair.tier {
            Tier::Strong => {
                assert!(
                    !outcomes.contains(&Outcome::Fuzzy),
                    "{id}: nothing is repaired"
                );
                assert!(
                    pair.name.is_empty() || pair.division.is_empty(),
                    "{id} needs context"
                );
                assert!(!may_tell || bodies.len() == 1, "{id} is not settled");
            }
            Tier::Medium => assert!(!may_tell || bodies.len() == 1, "{id} is not settled"),
            Tier::Weak => {
                let reviewed = [Outcome::Fuzzy, Outcome::Ambiguous, Outcome::None];
                let is_open = outcomes.iter().any(|outcome| reviewed.contains(outcome));
                assert!(is_open, "{id} settles who is meant");
            }
        }
    }
}

#[test]
fn brute_force_finds_whom_the_set_means() {
    let places = Places::load();
    let register: Vec<Registered> = rows("register.csv");
    let forms = Forms::of(&places, &register);
    let bodies: HashMap<&str, &Registered> = register
        .iter()
        .map(|body| (body.uscc.as_str(), body))
        .collect();
    let mut found = 0;
    for pair in rows::<Pair>("pairs.csv") {
        if !pair.uscc.is_empty() || !pair.org_code.is_empty() || pair.as_of.is_some() {
            continue;
        }
        let is_in = |code: &str| {
            let path = places.path(&bodies[code].division);
            pair.division.is_empty() || path.iter().any(|place| place.code == pair.division)
        };
        let mut fits = forms.fits(&pair.name, is_in);
        // Whose official name it is goes before whose second one.
        if fits.iter().any(|code| bodies[code].name == pair.name) {
            fits.retain(|code| bodies[code].name == pair.name);
        }
        if !fits.is_empty() {
            found += 1;
            assert_eq!(
                fits,
                pair.bodies().into_iter().collect(),
                "{}: {}",
                pair.id,
                pair.name
            );
        }
    }
    assert!(found > 700, "only {found} were found");
}
