//! The door by which questions go in: the command line, in bulk.

use std::path::PathBuf;

use domain::resolution::Outcome;
use serde_json::Value;

use super::set::Pair;
use crate::support::{Db, Ran, zhengxin};

/// What the hub says.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    /// The code of the body that is named.
    pub(super) agency: Option<String>,
    pub(super) score: f64,
    pub(super) steps: Vec<String>,
    /// Codes, in the order told.
    pub(super) candidates: Vec<String>,
}

impl Answer {
    fn read(line: &str) -> Self {
        let told: Value = serde_json::from_str(line).expect("a line is one JSON object");
        let code = |agency: &Value| agency["uscc"].as_str().map(str::to_owned);
        let list = |key: &str| told[key].as_array().cloned().unwrap_or_default();
        let step = |step: &Value| step.as_str().map(str::to_owned);
        let outcome = told["outcome"].as_str().and_then(|text| text.parse().ok());
        Self {
            outcome: outcome.unwrap_or_else(|| panic!("no outcome: {line}")),
            agency: code(&told["agency"]),
            score: told["score"]
                .as_f64()
                .unwrap_or_else(|| panic!("no score: {line}")),
            steps: list("steps").iter().filter_map(step).collect(),
            candidates: list("candidates")
                .iter()
                .filter_map(|candidate| code(&candidate["agency"]))
                .collect(),
        }
    }

    /// Bodies in the order in which the answer offers them.
    pub(super) fn offers(&self) -> impl Iterator<Item = &str> {
        self.agency
            .iter()
            .chain(&self.candidates)
            .map(String::as_str)
    }
}

/// An answer for each question, in order, of a fresh hub that these files have told its register.
pub(super) fn ask(register: &[PathBuf], pairs: &[Pair]) -> Vec<Answer> {
    let db = Db::sqlite();
    let files = register
        .iter()
        .map(|file| format!("--file={}", file.display()));
    let arguments = ["ingest", "agency_register", "-o", "json"].map(str::to_owned);
    let report = call(&db, arguments.into_iter().chain(files)).json();
    assert_eq!(report["state"], "DONE", "{report:#}");

    let file = db.file("questions.csv", &questions(pairs));
    let file = format!("--file={}", file.display());
    let told = call(&db, ["resolve".to_owned(), file]);
    let answers: Vec<Answer> = told.out.lines().map(Answer::read).collect();
    assert_eq!(answers.len(), pairs.len(), "an answer for each question");
    answers
}

fn call(db: &Db, arguments: impl IntoIterator<Item = String>) -> Ran {
    let place = [
        format!("--database-url={}", db.url()),
        format!("--data={}", db.folder().display()),
    ];
    zhengxin(arguments.into_iter().chain(place)).run().ended(0)
}

fn questions(pairs: &[Pair]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let heading = ["name", "uscc", "org_code", "division", "as_of"];
    writer.write_record(heading).expect("memory takes it");
    for pair in pairs {
        let day = pair.as_of.map(|day| day.to_string()).unwrap_or_default();
        let row = pair.question().into_iter().chain([day.as_str()]);
        writer.write_record(row).expect("memory takes it");
    }
    writer.into_inner().expect("memory takes it")
}
