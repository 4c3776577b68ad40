//! What is asked of the cases, by each way that there is, and what must come of it.

use chrono::NaiveDate;
use zhengxin::graph::{AgencyPredicate, CasePredicate, DateTest, DivisionTest};

use crate::cases::Made;

/// One choice of cases.
pub struct Question {
    pub name: &'static str,
    pub predicate: CasePredicate,
    /// The same for `cases(filter:)`.
    pub filter: &'static str,
    /// The same for an export's address, and for the command line.
    pub names: &'static [(&'static str, &'static str)],
    /// The same, looked at case by case.
    pub wants: fn(&Made, NaiveDate) -> bool,
    /// Whether the answer is the same on each day, as the command line goes by the day that it really is.
    pub is_lasting: bool,
}

pub fn questions() -> anyhow::Result<Vec<Question>> {
    use CasePredicate as P;
    let day: NaiveDate = "2026-06-01".parse()?;
    let city = DivisionTest::Within("440600".parse()?);
    Ok(vec![
        Question {
            name: "all",
            predicate: P::All(Vec::new()),
            filter: "{}",
            names: &[],
            wants: |_, _| true,
            is_lasting: true,
        },
        Question {
            name: "open",
            predicate: P::Open(true),
            filter: "{ open: true }",
            names: &[("open", "true")],
            wants: |made, _| made.is_open,
            is_lasting: true,
        },
        Question {
            name: "overdue",
            predicate: P::Overdue(true),
            filter: "{ overdue: true }",
            names: &[("overdue", "true")],
            wants: |made, today| {
                let case = &made.case;
                let repairs = case
                    .repairs
                    .iter()
                    .filter_map(|repair| repair.running.as_ref());
                let objections = case
                    .objections
                    .iter()
                    .filter_map(|one| one.running.as_ref());
                let mut periods = case.running.iter().chain(repairs).chain(objections);
                periods.any(|period| !period.is_provisional && period.on < today)
            },
            is_lasting: false,
        },
        Question {
            name: "under objection",
            predicate: P::UnderObjection(true),
            filter: "{ underObjection: true }",
            names: &[("underObjection", "true")],
            wants: |made, _| !made.case.objections.is_empty(),
            is_lasting: true,
        },
        Question {
            name: "of one track, in two stages",
            predicate: P::All(vec![
                P::Workflow(vec!["arrears".to_owned()]),
                P::Stage(vec!["TRANSFERRED".to_owned(), "RECTIFYING".to_owned()]),
            ]),
            filter: r#"{ workflow: ["arrears"], stage: ["TRANSFERRED", "RECTIFYING"] }"#,
            names: &[
                ("workflow", "arrears"),
                ("stage", "TRANSFERRED"),
                ("stage", "RECTIFYING"),
            ],
            wants: |made, _| {
                let case = &made.case;
                case.workflow == "arrears" && ["TRANSFERRED", "RECTIFYING"].contains(&&*case.stage)
            },
            is_lasting: true,
        },
        Question {
            name: "of one city, open, due before a day",
            predicate: P::All(vec![
                P::Agency(AgencyPredicate::Division(city)),
                P::Open(true),
                P::DueOn(DateTest::Before(day)),
            ]),
            filter: r#"{ agency: { division: { within: "440600" } }, open: true, dueOn: { lt: "2026-06-01" } }"#,
            names: &[
                ("division", "440600"),
                ("open", "true"),
                ("dueBefore", "2026-06-01"),
            ],
            wants: |made, _| {
                let is_there = made.place.to_string().starts_with("4406");
                let running = made.case.running.as_ref();
                let is_before = |period: &domain::casework::Running| {
                    NaiveDate::from_ymd_opt(2026, 6, 1).is_some_and(|day| period.on < day)
                };
                is_there && made.is_open && running.is_some_and(is_before)
            },
            is_lasting: true,
        },
    ])
}
