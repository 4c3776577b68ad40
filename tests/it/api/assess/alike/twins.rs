//! Two hubs to which the same happens, and what may happen to them.

use std::sync::atomic::AtomicU32;

use chrono::{Days, NaiveDate};
use domain::viewer::Role;
use serde_json::Value;
use tokio::sync::Mutex;
use zhengxin::jobs::Looking;

use super::super::{BUREAU, CITY, Scene, lines::disclosures};
use crate::{
    faults::luck::Luck,
    support::{Db, Hub, made, rows},
};

const BODIES: u32 = 5;
/// Fewer than there are bodies.
const PORTION: usize = 2;
const FIRST_DAY: &str = "2026-01-05";

/// What happens, to both alike.
#[derive(Debug)]
pub(super) enum Change {
    /// Files of a source.
    Told(&'static str, Vec<u8>),
    /// A part of the register.
    Registered(Vec<u8>),
    /// The turn of the day.
    Turned,
    /// The lead or the warning in this place, if it is there, is passed on or acted upon.
    PassedOn(usize),
    Acted(usize, &'static str),
    /// Days go by.
    Passed(u64),
}

/// Two hubs to which the same happens: one looks at whom it concerns, the other at everybody.
pub(super) struct Twins {
    pub(super) concerned: Scene,
    pub(super) everybody: Scene,
    looking: Mutex<Looking>,
    pub(super) today: NaiveDate,
    bodies: Vec<made::Body>,
    rows: u32,
}

impl Twins {
    pub(super) async fn on(db: &Db, another: &Db) -> Self {
        let city = made::body(1, CITY, "440600");
        let mut bodies = vec![city.clone()];
        bodies.extend((2..=BODIES).map(|n| {
            let body = made::body(n, &format!("{BUREAU}{n:02}"), "440600");
            body.superior(&city.uscc)
        }));
        // Leads are passed on to him.
        bodies.push(made::body(9, "佛山市发展和改革局", "440600"));
        let register = made::register(&bodies);
        let mut scenes = Vec::new();
        for db in [db, another] {
            let hub = Hub::on(db).await;
            hub.it_is(FIRST_DAY);
            hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
                .await;
            scenes.push(Scene {
                hub,
                bureau: bodies[1].uscc,
                keys: AtomicU32::new(0),
            });
        }
        let everybody = scenes.pop().expect("two");
        let concerned = scenes.pop().expect("two");
        Self {
            looking: Mutex::new(Looking::new(concerned.hub.app.assessing(), PORTION)),
            concerned,
            everybody,
            today: FIRST_DAY.parse().expect("a day"),
            bodies,
            rows: 0,
        }
    }

    fn name(&self, luck: &mut Luck) -> &str {
        &self.bodies[luck.below(BODIES as usize)].cells[1]
    }

    /// Something of which the luck says what.
    pub(super) fn next(&mut self, luck: &mut Luck) -> Change {
        self.rows += 1;
        let (n, today) = (self.rows, self.today);
        let past = today - Days::new(luck.below(400) as u64);
        match luck.below(11) {
            0 | 1 => {
                // A list that names nobody of ours is one all the same.
                let mut listed = vec![made::listing(999, "样例贸易有限公司")];
                for at in 0..luck.below(3) as i64 {
                    let name = self.name(luck).to_owned();
                    listed.push(made::listing(at + 1, &name).published(&past.to_string()));
                }
                Change::Told("court_debtors", made::court_jsonl(&listed))
            }
            2 | 3 => {
                let number = luck.below(12) as u32;
                let operation = if luck.one_in(3) { "D" } else { "I" };
                let breach = rows::breach(number, self.name(luck)).with("rdrq", past);
                let file = rows::file(&[breach.with("opt_type", operation)]);
                Change::Told("credit_platform", file)
            }
            4 => {
                let year = 2024 + luck.below(2) as i32;
                let number = format!("PL{}", luck.below(6));
                let told = (&*number, self.name(luck), year, luck.below(2) as i32);
                Change::Told("credit_platform", disclosures(&[told]).into_bytes())
            }
            5 => {
                let name = self.name(luck).to_owned();
                let orders = (0..=luck.below(12) as u32).map(|at| {
                    // Some were told before, perhaps of another body.
                    rows::order((n % 4) * 100 + at, &name, "政务诚信")
                        .with("派发时间", format!("{today} 08:00:00"))
                        .with("承诺完成时间", format!("{today} 18:00:00"))
                });
                Change::Told("hotline", rows::file(&orders.collect::<Vec<_>>()))
            }
            6 => {
                let mut debts = vec![rows::complaint(999, "样例贸易有限公司")];
                for at in 0..luck.below(5) as u32 {
                    let name = self.name(luck).to_owned();
                    let debt = match luck.one_in(2) {
                        true => rows::established(at, &name).with("办结日期", past),
                        false => rows::complaint(at, &name),
                    };
                    debts.push(debt.with("受理日期", past).with("转交日期", ""));
                }
                Change::Told("arrears", rows::file(&debts))
            }
            7 => {
                let at = luck.within(1..BODIES as usize);
                let body = match luck.one_in(2) {
                    true => self.bodies[at].clone().abolished(&today.to_string()),
                    false => self.bodies[at].clone().abolished(""),
                };
                Change::Registered(made::register(&[body]))
            }
            8 => match luck.one_in(2) {
                true => Change::Turned,
                false => Change::PassedOn(luck.below(20)),
            },
            9 => {
                let act = luck.pick(&["acknowledgeWarning", "resolveWarning", "dismissWarning"]);
                Change::Acted(luck.below(10), act)
            }
            _ => Change::Passed(1 + luck.below(20) as u64),
        }
    }

    /// Has it happen to both.
    pub(super) async fn happen(&mut self, change: &Change) {
        if let Change::Passed(days) = change {
            self.today = self.today + Days::new(*days);
        }
        for scene in [&self.concerned, &self.everybody] {
            scene.hub.it_is(&self.today.to_string());
            match change {
                Change::Passed(_) => {}
                Change::Told(source, file) => {
                    let report = scene.hub.ingest(source, &[("rows", file)], |_| {}).await;
                    assert_eq!(report.counts.rejected, 0, "{report:?}");
                }
                Change::Registered(file) => {
                    let files = [("a.csv", file.as_slice())];
                    let part = |order: &mut zhengxin::ingest::Order| order.partial = true;
                    scene.hub.ingest("agency_register", &files, part).await;
                }
                Change::Turned => {
                    let turned = scene.hub.app.casework().turn().await;
                    turned.expect("the day turns");
                }
                Change::PassedOn(at) => scene.pass_on(*at).await,
                Change::Acted(at, act) => {
                    let query = "{ warnings(first: 10) { edges { node { id version } } } }";
                    let data = scene.data(Role::Authority, query).await;
                    let warning = &data["warnings"]["edges"][*at]["node"];
                    if *warning != Value::Null {
                        scene.act(Role::Authority, act, warning, Some("已核")).await;
                    }
                }
            }
        }
    }

    /// Both look, each in his way.
    pub(super) async fn look(&self) {
        let mut looking = self.looking.lock().await;
        loop {
            looking.step().await.expect("bodies can be graded");
            if looking.is_over() {
                break;
            }
        }
        self.everybody.assess().await;
    }
}

impl Scene {
    /// The lead in this place is passed on.
    async fn pass_on(&self, at: usize) {
        let query = r#"{ clues(first: 50) { edges { node { id version } } }
            agencies(filter: { name: { eq: "佛山市发展和改革局" } }, first: 1) { edges { node { id } } } }"#;
        let data = self.data(Role::Authority, query).await;
        let lead = &data["clues"]["edges"][at]["node"];
        if *lead == Value::Null {
            return;
        }
        let key = self.keys.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let to = &data["agencies"]["edges"][0]["node"]["id"];
        let query = format!(
            r#"mutation {{ transferClue(input: {{ key: "pass {key}", clueId: {}, version: {}, to: {to} }}) {{ __typename }} }}"#,
            lead["id"], lead["version"]
        );
        self.data(Role::Authority, &query).await;
    }
}
