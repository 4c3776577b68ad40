//! Every period of the catalogue on the day before its last one, on it and after it: as GraphQL and the ledger tell
//! it, as cases are chosen by it, and as the clock's turn reminds of it.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

use super::{
    super::{Story, ledger, recounted::NOTICE},
    played::{nation, words},
    table::{NOTICE_ON, Period, day, every},
};
use crate::support::{CatalogueCopy, Hub, on_both};

const RULE: &str = "deadlineRule { key days cap unit legalBasis }";
const DUE: &str = "dueOn dueIsProvisional overdue";

/// A period whose case has begun, with that case's id.
type Begun<'a> = (&'a Period, String);

#[tokio::test]
async fn every_period_is_over_the_day_after_its_last_one() {
    on_both(async |db| {
        let periods = every();
        let mut story = Story::on(&db).await;
        story.hub.it_is("2026-02-03");
        story.register_more().await;
        let mut base = story.hub.serve().await;
        let mut begun: Vec<Begun<'_>> = Vec::new();
        let mut is_out = false;
        for today in days(&periods) {
            let is_today = today.to_string();
            story.hub.it_is(&is_today);
            for (period, number) in periods.iter().zip(1..) {
                if period.begins == today {
                    let case = story.begin(number, period).await;
                    story.goes_by_its_rule(period, &case).await;
                    begun.push((period, case));
                }
            }
            if is_today == NOTICE_ON {
                // Long after a day that may still move nobody is late by it.
                story.stands(&base, day("2027-03-01"), &begun, is_out).await;
                let copy = CatalogueCopy::make();
                copy.append("calendar/2027.toml", NOTICE);
                let folder = copy.path().to_owned();
                story.hub = Hub::with(&db, |config| config.catalogue.dir = Some(folder)).await;
                story.hub.it_is(NOTICE_ON);
                base = story.hub.serve().await;
                is_out = true;
            }
            story.turn_on(&is_today).await;
            story.stands(&base, today, &begun, is_out).await;
            story.is_reminded(today, &begun).await;
        }
        assert_eq!(begun.len(), periods.len());
    })
    .await;
}

/// All days on which something begins, ends or is reminded of, with the days around, and one long after all.
fn days(periods: &[Period]) -> BTreeSet<NaiveDate> {
    let mut days = BTreeSet::from([day(NOTICE_ON)]);
    for period in periods {
        days.insert(period.begins);
        let reminded = period.reminded.iter().map(|(on, _)| *on);
        for on in reminded.chain([period.due]) {
            let before = on - Days::new(1);
            days.extend([on, on + Days::new(1)]);
            days.extend((before >= period.begins).then_some(before));
        }
    }
    let last = days.last().copied().expect("there are some");
    days.insert(last + Days::new(40));
    days
}

/// The period's own part of its case.
fn part<'a>(period: &Period, case: &'a Value) -> &'a Value {
    match period.kind() {
        (_, None, _) => case,
        (_, Some(list), _) => &case[list][0],
    }
}

impl Story {
    /// It is counted by the rule that the table names, of all that the file has.
    async fn goes_by_its_rule(&self, period: &Period, case: &str) {
        let query = format!(
            r#"{{ node(id: "{case}") {{ ... on Case {{ {RULE} objections {{ {RULE} }} repairs {{ {RULE} }} }} }} }}"#
        );
        let data = self.data(&nation(), &query).await;
        let told = &part(period, &data["node"])["deadlineRule"];
        let rule = rules("deadline").into_iter().find(|rule| {
            is(rule, "key", period.key) && rule.get("division") == division(period).as_ref()
        });
        let expected = rule.map_or(Value::Null, |rule| {
            json!({
                "key": rule["key"], "days": rule["days"], "cap": rule.get("cap"), "unit": rule["unit"],
                "legalBasis": rule["legal_basis"],
            })
        });
        assert_eq!(told, &expected, "{} of {}", period.key, period.begins);
    }

    /// How all that has begun stands on a day: each by itself, among those that are overdue, and in the ledger.
    async fn stands(&self, base: &str, today: NaiveDate, begun: &[Begun<'_>], is_out: bool) {
        self.hub.it_is(&today.to_string());
        let query = format!(
            "{{ all: cases(first: 50) {{ edges {{ node {{ id {DUE} objections {{ {DUE} }} repairs {{ {DUE} }} \
             rectifications {{ dueOn overdue }} orders {{ dueOn overdue }} }} }} }} \
             late: cases(filter: {{ overdue: true }}, first: 50) {{ edges {{ node {{ id }} }} }} }}"
        );
        let data = self.data(&nation(), &query).await;
        let nodes = |list: &str| {
            let edges = data[list]["edges"].as_array().expect("a list").iter();
            edges.map(|edge| &edge["node"]).collect::<Vec<_>>()
        };
        let all = ledger::got_csv(base, self.token(&nation()), "").await;
        let late = ledger::got_csv(base, self.token(&nation()), "?overdue=true").await;
        let mut expected = BTreeSet::new();
        for (period, id) in begun {
            let what = format!("{} of {} on {today}", period.key, period.begins);
            let before = period.before.filter(|_| !is_out);
            let (due, is_provisional) = (before.unwrap_or(period.due), before.is_some());
            let is_over = !is_provisional && today > due;
            let mut cases = nodes("all").into_iter();
            let case = cases.find(|case| case["id"] == **id).expect("it is there");
            let told = part(period, case);
            let are = |field: &str, value: Value| {
                assert!(
                    told.get(field).is_none_or(|told| *told == value),
                    "{what}: {field} of {told}"
                );
            };
            are("dueOn", json!(due));
            are("dueIsProvisional", json!(is_provisional));
            are("overdue", json!(is_over));
            assert_eq!(case["overdue"], is_over && period.is_the_cases(), "{what}");
            if is_over && period.is_the_cases() {
                expected.insert(id.as_str());
            }
            let mark = match (is_provisional, is_over) {
                (true, _) => "（暂定）",
                (false, true) => "（逾期）",
                (false, false) => "",
            };
            let (_, _, word) = period.kind();
            let number = id.rsplit('_').next().expect("a number");
            let cell = all.cell(number, "各项期限");
            let is_there = cell
                .split('；')
                .any(|told| told == format!("{word} {due}{mark}"));
            assert!(is_there, "{what}: {cell}");
            let flag = if case["overdue"] == true { "是" } else { "" };
            assert_eq!(all.cell(number, "逾期"), flag, "{what}");
        }
        let ids = nodes("late")
            .into_iter()
            .map(|case| case["id"].as_str().expect("an id"));
        assert_eq!(ids.collect::<BTreeSet<_>>(), expected, "on {today}");
        let numbers = expected
            .iter()
            .map(|id| id.rsplit('_').next().expect("a number"));
        let listed = late.rows.iter().map(|row| row[0].as_str());
        assert_eq!(
            listed.collect::<BTreeSet<_>>(),
            numbers.collect(),
            "on {today}"
        );
    }

    /// What the turns up to a day have made reminders of: all whose days have come, and nothing else.
    async fn is_reminded(&self, today: NaiveDate, begun: &[Begun<'_>]) {
        let query = "{ cases(first: 50) { edges { node { id reminders { of on days level to { name } } } } } }";
        let data = self.data(&nation(), query).await;
        let edges = data["cases"]["edges"].as_array().expect("a list");
        for (period, id) in begun {
            let mut cases = edges.iter().map(|edge| &edge["node"]);
            let case = cases.find(|case| case["id"] == **id).expect("it is there");
            let (of, ..) = period.kind();
            let made = case["reminders"].as_array().expect("a list").iter();
            let made = made.filter(|made| made["of"] == of);
            let made: Vec<String> = made.map(|made| words(period.place(), made)).collect();
            let expected = period.reminded.iter().filter(|(on, _)| *on <= today);
            let expected: Vec<&str> = expected.map(|(_, words)| *words).collect();
            assert_eq!(
                made, expected,
                "{} of {} on {today}",
                period.key, period.begins
            );
        }
    }
}

/// The rules of a kind as the catalogue's file has them.
fn rules(kind: &str) -> Vec<toml::Table> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue/deadlines.toml");
    let file = std::fs::read_to_string(file).expect("the catalogue stands there");
    let file: toml::Table = file.parse().expect("it is TOML");
    let rules = file[kind].as_array().expect("a list").iter();
    rules
        .map(|rule| rule.as_table().expect("a table").clone())
        .collect()
}

fn is(rule: &toml::Table, field: &str, value: &str) -> bool {
    rule.get(field).and_then(toml::Value::as_str) == Some(value)
}

fn division(period: &Period) -> Option<toml::Value> {
    period.division.map(toml::Value::from)
}

#[test]
fn no_rule_of_the_catalogue_is_missing_in_the_table() {
    let periods = every();
    for rule in rules("deadline") {
        let of_key = periods.iter().filter(|period| is(&rule, "key", period.key));
        let of_rule = of_key
            .clone()
            .filter(|period| rule.get("division") == division(period).as_ref());
        let has = |test: fn(&Period) -> bool| of_rule.clone().any(test);
        assert!(
            has(|one| !one.is_extended && one.before.is_none()),
            "{rule}: played as it is"
        );
        let is_extended = has(|one| one.is_extended && one.before.is_none());
        assert_eq!(
            is_extended,
            rule.contains_key("cap"),
            "{rule}: played extended"
        );
        assert!(
            of_key.clone().any(|one| one.before.is_some()),
            "{rule}: played into the next year"
        );
    }
    for rule in rules("reminder") {
        assert!(
            periods.iter().any(|period| is(&rule, "of", period.key)),
            "{rule}"
        );
    }
}
