//! The frozen results, one line a pair, and the figures that the documentation tells. Both are
//! rewritten where `UPDATE` is set, and compared otherwise.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use super::{
    ask::Answer,
    judge::{Figures, is_right},
    set::{Pair, Tier, path},
};

const RESULTS: &str = "results.csv";
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/resolution.md");
/// The lines between which the figures stand.
const MARKS: [&str; 2] = ["<!-- figures -->", "<!-- end of figures -->"];
/// So many lines that differ are shown.
const SHOWN: usize = 60;

/// Whether what is kept is to be written anew.
fn is_update() -> bool {
    std::env::var_os("UPDATE").is_some()
}

/// Compares what the pairs came to with what they came to before.
pub(super) fn hold(answers: &[(Pair, Answer)]) {
    let mut now = "id,right,outcome,agency,score\n".to_owned();
    for (pair, answer) in answers {
        let right = if is_right(pair, answer) { "yes" } else { "no" };
        let agency = answer.agency.as_deref().unwrap_or_default();
        let (id, outcome, score) = (&pair.id, answer.outcome.as_str(), answer.score);
        writeln!(now, "{id},{right},{outcome},{agency},{score:.2}").expect("memory takes it");
    }
    let kept = path(RESULTS);
    if is_update() {
        fs::write(&kept, &now).expect("the set's folder is ours");
        return;
    }
    let before = fs::read_to_string(&kept).unwrap_or_default();
    let differing: Vec<String> = differing(&before, &now);
    assert!(
        differing.is_empty(),
        "{} answers are not those of tests/resolution/{RESULTS}; UPDATE=1 rewrites it:\n{}",
        differing.len(),
        differing[..differing.len().min(SHOWN)].join("\n")
    );
}

/// What each id said before and says now, where that differs.
fn differing(before: &str, now: &str) -> Vec<String> {
    fn by_id(text: &str) -> BTreeMap<&str, &str> {
        text.lines()
            .filter_map(|line| line.split_once(','))
            .collect()
    }
    let (before, now) = (by_id(before), by_id(now));
    let ids = before
        .keys()
        .chain(now.keys().filter(|id| !before.contains_key(*id)));
    ids.filter(|id| before.get(*id) != now.get(*id))
        .map(|id| {
            let said =
                |told: &BTreeMap<&str, &str>| told.get(id).copied().unwrap_or("–").to_owned();
            format!("{id}: {} -> {}", said(&before), said(&now))
        })
        .collect()
}

/// Compares the figures with those in the documentation.
pub(super) fn tell(answers: &[(Pair, Answer)], made: &[(Pair, Answer)]) {
    let table = table(answers, made);
    let text = fs::read_to_string(DOCUMENT).expect("the document stands in the repository");
    let start = text.find(MARKS[0]).expect("the figures' place is marked") + MARKS[0].len();
    let end = text.find(MARKS[1]).expect("the figures' end is marked");
    if is_update() {
        let text = format!("{}\n{table}{}", &text[..start], &text[end..]);
        fs::write(DOCUMENT, text).expect("the document is ours");
        return;
    }
    let name = Path::new(DOCUMENT).display();
    assert_eq!(
        text[start..end].trim(),
        table.trim(),
        "{name} tells other figures"
    );
}

/// Figures by tier, by half, and by category.
fn table(answers: &[(Pair, Answer)], made: &[(Pair, Answer)]) -> String {
    let mut text = String::new();
    let mut part = |title: &str, rows: Vec<(String, Figures)>| {
        let heading = "questions | right | recall@1 | recall@5 | confidently wrong | ambiguous told \
                       | mean score | explained";
        writeln!(
            text,
            "\n| {title} | {heading} |\n|---|---|---|---|---|---|---|---|---|"
        )
        .expect("memory takes it");
        for (name, figures) in rows {
            let cells = figures.cells().join(" | ");
            writeln!(text, "| {name} | {cells} |").expect("memory takes it");
        }
    };
    let tiers = |answers: &[(Pair, Answer)]| {
        let of = |tier| Figures::of(answers.iter().filter(|(pair, _)| pair.tier == tier));
        Tier::ALL
            .map(|tier| (tier.as_str().to_owned(), of(tier)))
            .to_vec()
    };
    part("pairs", tiers(answers));
    part("made questions", tiers(made));
    part("half", by(answers, |pair| pair.split.clone()));
    part("category", by(answers, |pair| pair.category.clone()));
    text
}

fn by(answers: &[(Pair, Answer)], key: impl Fn(&Pair) -> String) -> Vec<(String, Figures)> {
    let mut groups: BTreeMap<String, Figures> = BTreeMap::new();
    for (pair, answer) in answers {
        groups.entry(key(pair)).or_default().add(pair, answer);
    }
    groups.into_iter().collect()
}
