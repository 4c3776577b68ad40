//! Clues and indicators about the made-up province's bodies, staged as a delivery would be: no
//! source tells of several bodies in one row yet.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, TimeDelta};
use domain::{
    clue::{Clue, ClueStage},
    id::{Kind, stable_id},
    indicator::Indicator,
    money::Money,
    run::RunCounts,
};
use serde_json::Value;
use zhengxin::store::{Closing, Fact, NewRun, StagedRow};

use super::{
    nodes,
    province::{Body, evidence_of},
    text,
};
use crate::support::Hub;

/// The bodies that each clue is about: nobody, one, or one in each of two prefectures.
const CLUES: [&[usize]; 11] = [
    &[],
    &[0],
    &[1],
    &[3],
    &[7],
    &[8],
    &[9],
    &[19],
    &[7, 14],
    &[8, 16],
    &[24],
];
/// The bodies that are measured, some of which are not made public.
const MEASURED: [usize; 9] = [0, 1, 7, 8, 9, 10, 16, 19, 24];

/// A clue or an indicator.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) agencies: Vec<usize>,
    pub(super) id: String,
    pub(super) evidence: Vec<String>,
    pub(super) marks: Vec<String>,
}

impl Told {
    fn of(agencies: &[usize], marks: [String; 3]) -> Self {
        Self {
            agencies: agencies.to_vec(),
            id: String::new(),
            evidence: Vec::new(),
            marks: marks.into(),
        }
    }

    /// Learns by what it is known, from an answer to one who sees it.
    fn learn(&mut self, node: &Value) {
        self.id = text(&node["id"]).to_owned();
        self.marks.push(format!("\"{}\"", self.id));
        evidence_of(node, &mut self.evidence, &mut self.marks);
    }
}

/// A delivery of the court's source with these facts, by their keys.
pub(super) async fn stage(hub: &Hub, yields: &'static str, facts: Vec<(String, Fact)>) {
    let now = hub.app.clock.now();
    let new = NewRun {
        reread_of: None,
        place: None,
        source: "court_debtors".to_owned(),
        feed: format!("made {yields}"),
        is_full: false,
        data_as_of: now,
        started_at: now,
        files: Vec::new(),
    };
    let mut delivery = hub.app.store.begin_delivery(&new).await.expect("it begins");
    let row = |(key, fact): (String, Fact)| {
        let row_id = stable_id(Kind::Row, &["court_debtors", yields, &key]);
        StagedRow {
            row_id,
            location: format!("made.jsonl:{key}"),
            digest: format!("{row_id:064x}"),
            content: "{}".to_owned(),
            source_key: key,
            fact: Some(fact.into()),
            form: String::new(),
            subject: None,
            keeps_end: false,
        }
    };
    let rows = facts.into_iter().map(row).collect();
    delivery.stage(yields, rows).await.expect("it is staged");
    let closing = Closing {
        counts: RunCounts::default(),
        covers: &[],
        seen: &HashSet::new(),
        checkpoints: &Default::default(),
    };
    delivery.close(closing, now).await.expect("it closes");
    hub.app.live.catch_up().await.expect("the graph moves on");
}

/// The stable number of a body.
pub(super) fn agency_id(uscc: &domain::uscc::Uscc) -> i64 {
    stable_id(Kind::Agency, &[uscc.as_str()])
}

/// Brings both in and learns by what they are known.
pub(super) async fn bring_in(hub: &Hub, bodies: &[Body]) -> (Vec<Told>, Vec<Told>) {
    let now = hub.app.clock.now();
    let today = NaiveDate::from_ymd_opt(2026, 11, 20).expect("a day");
    let mut clues: Vec<Told> = Vec::new();
    let mut facts = Vec::new();
    for (at, agencies) in CLUES.iter().enumerate() {
        let [title, content, key] = [('T', "线索"), ('E', "正文"), ('K', "")]
            .map(|(mark, word)| format!("{word}{mark}{at:02}Y"));
        let clue = Clue {
            agency_ids: agencies
                .iter()
                .map(|at| agency_id(&bodies[*at].uscc))
                .collect(),
            channel: if at % 2 == 0 { "HOTLINE" } else { "MAILBOX" }.to_owned(),
            category: None,
            title: title.clone(),
            content: Some(content.clone()),
            stage: if at % 3 == 0 {
                ClueStage::Verifying
            } else {
                ClueStage::Received
            },
            due_on: (at % 4 != 0).then(|| today + TimeDelta::days(at as i64)),
            due_is_provisional: false,
            passed_on: None,
            ended_on: None,
            received_at: now - TimeDelta::hours(at as i64),
            amount: Some(Money::from_cents(100 * at as i64)),
        };
        let [title, content] = [title, content].map(|text| text.chars().skip(2).collect());
        clues.push(Told::of(agencies, [title, content, key.clone()]));
        facts.push((key, Fact::Clue(clue)));
    }
    stage(hub, "clue", facts).await;
    let mut indicators: Vec<Told> = Vec::new();
    let mut facts = Vec::new();
    for at in MEASURED {
        let (title, key) = (format!("I{at:02}Y"), format!("J{at:02}Y"));
        let indicator = Indicator {
            agency_id: agency_id(&bodies[at].uscc),
            code: format!("made.X{at:02}Y"),
            title: title.clone(),
            period_from: today,
            period_to: today,
            value: 3.into(),
        };
        indicators.push(Told::of(&[at], [title, format!("X{at:02}Y"), key.clone()]));
        facts.push((key, Fact::Indicator(indicator)));
    }
    stage(hub, "disclosure", facts).await;
    learn(hub, &mut clues, &mut indicators).await;
    (clues, indicators)
}

async fn learn(hub: &Hub, clues: &mut [Told], indicators: &mut [Told]) {
    let token = hub.token(domain::viewer::Role::Government, &["100000"], None);
    let query = "{ clues(first: 50) { edges { node { id title evidence { id digest } } } } \
         agencies(first: 40) { edges { node { indicators(first: 3) { edges { node { id title evidence { id digest } } } } } } } }";
    let data = hub.data(Some(&token), query).await;
    let measured = nodes(&data["agencies"]).flat_map(|body| nodes(&body["indicators"]));
    let by_title: HashMap<String, &Value> = nodes(&data["clues"])
        .chain(measured)
        .map(|node| {
            let title = text(&node["title"]);
            (title.trim_start_matches("线索").to_owned(), node)
        })
        .collect();
    for told in clues.iter_mut().chain(indicators) {
        let node = by_title
            .get(&told.marks[0])
            .expect("one who sees all is shown it");
        told.learn(node);
    }
}
