//! Who is meant, measured: the published set in `tests/resolution/`, and thousands of questions made
//! of divisions, bodies and transformations. `docs/resolution.md` says what all of it means.

mod ask;
mod check;
mod judge;
mod made;
mod places;
mod report;
mod set;

use std::path::PathBuf;

use ask::{Answer, ask};
use judge::{Figures, is_confidently_wrong};
use set::{Pair, Tier, path, rows};

use crate::support::{self, Db};

/// Shares that must be reached.
const RECALL_STRONG: f64 = 0.99;
const RECALL_MEDIUM: f64 = 0.95;
const AMBIGUOUS: f64 = 0.99;
/// Of so many questions of MEDIUM one may be answered by the wrong body.
const WRONG_MEDIUM_ONE_IN: usize = 1_000;

#[test]
fn the_questions_are_answered_as_well_as_promised() {
    let files = [path("register.csv"), path("successions.csv")];
    let pairs = answered(&files, rows("pairs.csv"));
    let (register, questions) = made::questions();
    let db = Db::sqlite();
    let file = db.file("register.csv", &support::made::register(&register));
    let made = answered(&[file], questions);

    report::hold(&pairs);
    report::tell(&pairs, &made);
    gates("pairs", &pairs);
    gates("made questions", &made);
}

fn answered(register: &[PathBuf], questions: Vec<Pair>) -> Vec<(Pair, Answer)> {
    let answers = ask(register, &questions);
    questions.into_iter().zip(answers).collect()
}

/// What must hold whatever else changes.
fn gates(name: &str, answers: &[(Pair, Answer)]) {
    let wrong: Vec<String> = answers
        .iter()
        .filter(|(pair, answer)| is_confidently_wrong(pair, answer))
        .map(|(pair, answer)| format!("{} {:?} {answer:?}", pair.id, pair.question()))
        .collect();
    let [strong, medium, weak] =
        Tier::ALL.map(|tier| Figures::of(answers.iter().filter(|(pair, _)| pair.tier == tier)));
    let all = Figures::of(answers);
    assert_eq!(strong.confidently_wrong, 0, "{name}: {wrong:#?}");
    assert!(
        medium.confidently_wrong * WRONG_MEDIUM_ONE_IN <= medium.questions,
        "{name}: {wrong:#?}"
    );
    let reached = |share: Option<f64>, least| share.is_none_or(|share| share >= least);
    assert!(
        reached(strong.recall(), RECALL_STRONG),
        "{name}: {strong:#?}"
    );
    assert!(
        reached(medium.recall(), RECALL_MEDIUM),
        "{name}: {medium:#?}"
    );
    assert!(reached(all.ambiguous(), AMBIGUOUS), "{name}: {all:#?}");
    assert!(
        reached(all.explained(), 1.0),
        "{name}: each answer says how it came about"
    );
    let scores: Vec<f64> = [strong, medium, weak]
        .iter()
        .filter_map(Figures::score)
        .collect();
    assert!(
        scores.is_sorted_by(|higher, lower| higher > lower),
        "{name}: {scores:?}"
    );
}
