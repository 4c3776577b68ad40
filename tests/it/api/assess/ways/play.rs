//! What happens along the way, and who looks at it.

use std::sync::atomic::AtomicU32;

use domain::viewer::Role;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use zhengxin::jobs::Looking;

use super::{
    super::{BUREAU, CITY, Scene},
    steps::DIGEST,
    table::{By, Complaint, Ends, Way},
};
use crate::support::{Db, Hub, made, rows};

/// The bureau's competent department.
pub(super) const MAIN: &str = "佛山市样例主管局";
/// Who leads in the city, and has leads in hand.
pub(super) const DEVELOPMENT: &str = "佛山市发展和改革局";
/// More than there are bodies.
const PORTION: usize = 100;
/// Leads that are told of on the eve.
const LEADS_BEFORE: u32 = 9;

/// A bureau, the city's government above it and its competent department, as the job looks at them.
pub(super) struct Play {
    pub(super) scene: Scene,
    /// Who looks at them.
    looking: Mutex<Looking>,
}

impl Play {
    pub(super) async fn on(db: &Db) -> Self {
        let hub = Hub::on(db).await;
        hub.it_is("2026-02-20");
        let city = made::body(1, CITY, "440600");
        let main = made::body(4, MAIN, "440600").superior(&city.uscc);
        let bureau = made::body(2, BUREAU, "440600").superior(&city.uscc);
        let bureau = bureau.competent(&main.uscc);
        let code = bureau.uscc;
        let development = made::body(5, DEVELOPMENT, "440600").superior(&city.uscc);
        let register = made::register(&[city, bureau, main, development]);
        hub.ingest("agency_register", &[("a.csv", &register)], |_| {})
            .await;
        Self {
            looking: Mutex::new(Looking::new(hub.app.assessing(), PORTION)),
            scene: Scene {
                hub,
                bureau: code,
                keys: AtomicU32::new(0),
            },
        }
    }

    /// Looks at whom the changes concern, and on another day at everybody, as the job does.
    pub(super) async fn look(&self) {
        let mut looking = self.looking.lock().await;
        let done = looking.step().await;
        done.expect("bodies can be graded");
        assert!(looking.is_over(), "all of them at once");
    }

    /// The warnings about the bureau by a red line.
    pub(super) async fn told(&self, line: &str) -> Value {
        let query = format!(
            r#"{{ warnings(filter: {{ redLine: {{ eq: "{line}" }}, agency: {{ name: {{ eq: "{BUREAU}" }} }} }}) {{
                edges {{ node {{ redLine level state caused dueOn raisedAt warned {{ name }} }} }} }} }}"#
        );
        let data = self.scene.data(Role::Authority, &query).await;
        let edges = data["warnings"]["edges"].as_array().expect("a list");
        let told = edges.iter().map(|edge| {
            let mut node = edge["node"].clone();
            let raised = node["raisedAt"].as_str().expect("a moment");
            node["raisedOn"] = json!(raised[..10]);
            let warned = node["warned"].as_array().expect("a list").iter();
            let mut warned: Vec<_> = warned.map(|body| body["name"].to_string()).collect();
            warned.sort_unstable();
            let names = warned.iter().map(|name| name.trim_matches('"'));
            node["warned"] = names.collect();
            node.as_object_mut().expect("an object").remove("raisedAt");
            node
        });
        told.collect()
    }

    /// What is there by the eve.
    pub(super) async fn prepare(&self, way: &Way) {
        let hub = &self.scene.hub;
        match way.by {
            By::Listed(_) => {}
            By::Owed(count) => {
                hub.it_is(way.eve);
                let debts = (1..=count as u32).map(owed);
                self.bring("arrears", debts.collect()).await;
            }
            By::Ordered | By::Overtaken => {
                hub.it_is("2026-02-24");
                self.bring("arrears", vec![complaint("2026-02-24")]).await;
                hub.it_is("2026-03-02");
                self.pass_on().await;
                // Thirty days end with 2026-04-01, and silence is followed by an order.
                hub.it_is("2026-04-02");
                let order = format!(
                    r#"dueOn: "2026-04-22", basis: "条例第二十五条", evidence: ["{DIGEST}"]"#
                );
                let case = &self.cases().await[0];
                self.step(
                    Role::Government,
                    "issueSupervisionOrder",
                    ("caseId", case),
                    &order,
                )
                .await;
            }
            By::Undisclosed => {
                hub.it_is("2026-03-30");
                self.disclose("PL1", CITY).await;
            }
            By::Found { complaint, .. } => self.refuse(complaint, way.eve).await,
            By::Unpaid => self.refuse(Complaint::Arrears, way.eve).await,
            By::Untouched => {
                hub.it_is("2026-04-01");
                self.bring("arrears", vec![complaint("2026-04-01")]).await;
                self.turn_on("2026-04-02").await;
            }
            By::PassedOn(count) => {
                hub.it_is("2026-04-10");
                self.bring("hotline", orders(1..=count, "2026-04-10")).await;
                hub.it_is("2026-04-13");
                self.pass_on().await;
            }
            By::Repeated { before, .. } => {
                hub.it_is(way.eve);
                self.bring("credit_platform", breaches(1..=before, "I"))
                    .await;
            }
            By::Told(_) => {
                hub.it_is(way.eve);
                self.bring("hotline", orders(1..=LEADS_BEFORE, way.eve))
                    .await;
            }
        }
    }

    /// The fact of the day.
    pub(super) async fn cross(&self, way: &Way) {
        match way.by {
            By::Listed(count) => {
                let listings: Vec<i64> = (1..=count as i64).collect();
                self.scene.listed(&listings).await;
            }
            By::Found { item, .. } => self.confirm(item, way.day, "").await,
            // The sixty-first day after it fell due.
            By::Unpaid => {
                let since = r#"overdueSince: "2026-02-20""#;
                self.confirm("debts.sme.unpaid", way.day, since).await;
            }
            By::Repeated { before, after, .. } => {
                let more = breaches(before + 1..=after, "I");
                self.bring("credit_platform", more).await;
            }
            By::Told(count) => {
                let more = orders(LEADS_BEFORE + 1..=count, way.day);
                self.bring("hotline", more).await;
            }
            _ => panic!("time alone crosses it: {way:?}"),
        }
    }

    /// What its end is.
    pub(super) async fn end(&self, way: &Way) {
        match way.by {
            By::Listed(_) => self.scene.listed(&[]).await,
            By::Owed(1) => {
                let paid = owed(1).with("处理结果", "已全部支付");
                self.bring("arrears", vec![paid]).await;
            }
            By::Owed(_) => {
                let other = rows::complaint(99, "样例贸易有限公司");
                self.bring("arrears", vec![other]).await;
            }
            By::Ordered => {
                let answer = r#"order: 1, note: "已安排资金""#;
                let case = &self.cases().await[0];
                self.step(
                    Role::Agency,
                    "answerSupervisionOrder",
                    ("caseId", case),
                    answer,
                )
                .await;
            }
            By::Overtaken => {
                let lead = self.leads().await.remove(0);
                let lead = ("clueId", lead.as_str());
                self.step(Role::Authority, "acceptClue", lead, "").await;
                let found =
                    format!(r#"finding: UNFOUNDED, note: "并无拖欠", evidence: ["{DIGEST}"]"#);
                self.step(Role::Authority, "verifyClue", lead, &found).await;
                let told = r#"note: "并无拖欠""#;
                self.step(Role::Authority, "answerClue", lead, told).await;
            }
            By::Undisclosed => self.disclose("PL2", BUREAU).await,
            By::Found { ends, .. } => self.end_record(ends).await,
            By::Unpaid => self.end_record(Ends::Paid).await,
            By::Untouched => self.pass_on().await,
            By::PassedOn(_) => {
                for lead in self.leads().await {
                    self.step(Role::Authority, "acceptClue", ("clueId", &lead), "")
                        .await;
                }
            }
            By::Repeated { after, left, .. } => {
                self.bring("credit_platform", breaches(left + 1..=after, "D"))
                    .await;
            }
            By::Told(_) => panic!("time alone ends it: {way:?}"),
        }
    }
}

/// A debt that is established a month after it fell due.
fn owed(n: u32) -> rows::Row {
    rows::established(n, BUREAU)
        .with("受理日期", "2026-01-05")
        .with("转交日期", "2026-01-08")
        .with("逾期起算日", "2026-02-20")
        .with("办结日期", "2026-03-20")
}

/// A complaint that the registry only received.
pub(super) fn complaint(received: &str) -> rows::Row {
    rows::complaint(1, BUREAU)
        .with("受理日期", received)
        .with("转交日期", "")
}

/// Orders of the hotline, of one day; what it promised is over.
pub(super) fn orders(numbers: std::ops::RangeInclusive<u32>, day: &str) -> Vec<rows::Row> {
    let order = |n| {
        rows::order(n, BUREAU, "政务诚信")
            .with("派发时间", format!("{day} 08:00:00"))
            .with("承诺完成时间", format!("{day} 18:00:00"))
    };
    numbers.map(order).collect()
}

/// Breaches that the platform tells, or takes back.
fn breaches(numbers: std::ops::RangeInclusive<u32>, operation: &str) -> Vec<rows::Row> {
    let breach = |n| {
        rows::breach(n, BUREAU)
            .with("rdrq", "2026-03-02")
            .with("opt_type", operation)
    };
    numbers.map(breach).collect()
}
