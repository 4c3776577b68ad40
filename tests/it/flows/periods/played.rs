//! How each period of the table begins, by the steps of those who really take them.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{
    super::{DIGEST, Story, Who, id},
    table::{CHANGCHUN, Period, Place, SHENZHEN},
};
use crate::support::{made, rows};

/// Who sees all places.
pub(super) fn nation() -> Who {
    Who(Role::Authority, "100000", None)
}

impl Place {
    /// The body with the `nth` name of the register's.
    fn body(&self, nth: u32) -> domain::uscc::Uscc {
        made::uscc("11", self.code, self.first + nth)
    }

    fn bureau(&self) -> Who {
        Who(Role::Agency, self.code, Some(self.body(2)))
    }

    fn handler(&self) -> Who {
        Who(Role::Authority, self.code, Some(self.body(3)))
    }

    fn name(&self, word: &str) -> &'static str {
        let mut names = self.names.iter();
        let (_, name) = names.find(|(known, _)| *known == word).expect("a word");
        name
    }
}

impl Story {
    /// The bodies of the other cities.
    pub(super) async fn register_more(&self) {
        let mut bodies = Vec::new();
        for place in [&SHENZHEN, &CHANGCHUN] {
            let (division, number) = place.province;
            let province = made::body(number, place.name("province"), division);
            let city = made::body(place.first + 1, place.name("city"), place.code);
            let city = city.superior(&province.uscc);
            for (nth, word) in [(2, "bureau"), (3, "handler")] {
                let body = made::body(place.first + nth, place.name(word), place.code);
                bodies.push(body.superior(&city.uscc));
            }
            bodies.extend([city, province]);
        }
        self.more("agency_register", &made::register(&bodies)).await;
    }

    /// Rows beside those that a source told before.
    async fn more(&self, source: &str, file: &[u8]) {
        let files = [("more.csv", file)];
        let report = self
            .hub
            .ingest(source, &files, |order| order.partial = true)
            .await;
        assert_eq!(report.counts.rejected, 0, "{report:?}");
    }

    /// What came last: the one thing of a list with which nobody has begun.
    async fn untouched(&self, list: &str) -> String {
        let query =
            format!("{{ {list}(first: 50) {{ edges {{ node {{ id case {{ id }} }} }} }} }}");
        let data = self.data(&nation(), &query).await;
        let edges = data[list]["edges"].as_array().expect("a list");
        let mut untouched = edges.iter().map(|edge| &edge["node"]);
        id(untouched
            .find(|node| node["case"].is_null())
            .expect("one came"))
    }

    /// A step that must be done: what it tells.
    async fn acts(&self, who: &Who, name: &str, on: (&str, &str), more: &str) -> Value {
        let version = self.version_for(&nation(), on.1).await;
        let done = self.step_at(who, name, on, version, more).await;
        let told = done["__typename"].as_str().unwrap_or_default();
        assert!(told.ends_with("Success"), "{name}: {done}");
        done
    }

    /// Begins a period on the day that it is: the case's id.
    pub(super) async fn begin(&self, number: u32, period: &Period) -> String {
        let place = period.place();
        let bureau = place.name("bureau");
        let due = period.due;
        let case = match period.key {
            "breach.acceptance" => {
                self.passed_on(place, &self.told(number, bureau).await)
                    .await
            }
            "breach.verification" => self.verified(number, place).await.1,
            "TASK" => self.asked(number, period).await,
            "ORDER" => {
                let case = self.asked(number, period).await;
                let government = Who(Role::Government, place.code, None);
                let order = format!(r#"dueOn: "{due}", basis: "督办""#);
                let on = ("caseId", case.as_str());
                self.acts(&government, "issueSupervisionOrder", on, &order)
                    .await;
                case
            }
            "arrears.transfer" => {
                let clue = self.complained(number, period).await;
                let authority = Who(Role::Authority, place.code, None);
                let done = self
                    .acts(&authority, "acceptClue", ("clueId", &clue), "")
                    .await;
                id(&done["case"])
            }
            "arrears.handling" => {
                let clue = self.complained(number, period).await;
                self.passed_on(place, &clue).await
            }
            "court.prewarning" => {
                let body = self.id_for(&nation(), bureau).await;
                let court = Who(Role::Court, place.code, None);
                let basis = format!(r#"basis: "（2026）粤0604执{number}号""#);
                let on = ("agencyId", body.as_str());
                id(&self.acts(&court, "prewarnAgency", on, &basis).await["case"])
            }
            "MATTER" => {
                let body = self.id_for(&nation(), bureau).await;
                let congress = Who(Role::Congress, place.code, None);
                let asked = format!(r#"dueOn: "{due}", note: "请说明""#);
                let on = ("agencyId", body.as_str());
                id(&self.acts(&congress, "openMatter", on, &asked).await["case"])
            }
            "objection.decision" => {
                let objects = r#"note: "事实有误""#.to_owned();
                self.on_a_record(number, period, "fileObjection", objects)
                    .await
            }
            "repair.decision" => {
                let apply = format!(r#"note: "已兑现", evidence: ["{DIGEST}"]"#);
                self.on_a_record(number, period, "applyForRepair", apply)
                    .await
            }
            other => panic!("no steps are known by which {other} begins"),
        };
        if period.is_extended {
            self.extend(period, &case).await;
        }
        case
    }

    async fn extend(&self, period: &Period, case: &str) {
        let query = format!(
            r#"{{ node(id: "{case}") {{ ... on Case {{ objections {{ id }} repairs {{ id }} }} }} }}"#
        );
        let data = self.data(&nation(), &query).await;
        let (_, list, _) = period.kind();
        let part = list.map(|list| id(&data["node"][list][0]));
        let part = part.map(|part| format!(r#", part: "{part}""#));
        let more = format!(r#"note: "案情复杂"{}"#, part.unwrap_or_default());
        // What nobody has in hand is for an authority that names no body.
        let who = match list {
            None => period.place().handler(),
            Some(_) => Who(Role::Authority, period.place().code, None),
        };
        self.acts(&who, "extendDeadline", ("caseId", case), &more)
            .await;
    }

    /// A lead of the hotline, whose source promised an answer long before.
    async fn told(&self, number: u32, bureau: &str) -> String {
        let order = rows::order(number, bureau, "政务诚信")
            .with("派发时间", "2026-01-05 09:00:00")
            .with("承诺完成时间", "2026-01-06 18:00:00");
        self.more("hotline", &rows::file(&[order])).await;
        self.untouched("clues").await
    }

    async fn complained(&self, number: u32, period: &Period) -> String {
        let complaint = rows::complaint(number, period.place().name("bureau"))
            .with("受理日期", period.begins)
            .with("转交日期", "");
        self.more("arrears", &rows::file(&[complaint])).await;
        self.untouched("clues").await
    }

    /// A lead is passed on to who verifies it: the case's id.
    async fn passed_on(&self, place: &Place, clue: &str) -> String {
        let handler = self.id_for(&nation(), place.name("handler")).await;
        let to = format!(r#"to: "{handler}""#);
        self.acts(&place.handler(), "transferClue", ("clueId", clue), &to)
            .await;
        let query = format!(r#"{{ node(id: "{clue}") {{ ... on Clue {{ case {{ id }} }} }} }}"#);
        id(&self.data(&nation(), &query).await["node"]["case"])
    }

    /// A lead that is being verified: its id and its case's.
    async fn verified(&self, number: u32, place: &Place) -> (String, String) {
        let clue = self.told(number, place.name("bureau")).await;
        let case = self.passed_on(place, &clue).await;
        self.acts(&place.handler(), "acceptClue", ("clueId", &clue), "")
            .await;
        (clue, case)
    }

    /// A lead that was found to be so, and is to be set right by the period's last day.
    async fn asked(&self, number: u32, period: &Period) -> String {
        let (place, due) = (period.place(), period.due);
        let (clue, case) = self.verified(number, place).await;
        let found = format!(r#"finding: FOUNDED, note: "已核实", evidence: ["{DIGEST}"]"#);
        self.acts(&place.handler(), "verifyClue", ("clueId", &clue), &found)
            .await;
        let owner = self.id_for(&nation(), place.name("bureau")).await;
        let task =
            format!(r#"owner: "{owner}", title: "兑现奖补", dueOn: "{due}", note: "限期兑现""#);
        let on = ("caseId", case.as_str());
        self.acts(&place.handler(), "askRectification", on, &task)
            .await;
        case
    }

    /// What the bureau does about a record that its source told, once it is graded.
    async fn on_a_record(&self, number: u32, period: &Period, name: &str, more: String) -> String {
        let place = period.place();
        let breach = rows::breach(number, place.name("bureau"))
            .with("rdrq", period.begins - chrono::TimeDelta::days(1));
        self.more("credit_platform", &rows::file(&[breach])).await;
        let record = self.untouched("creditRecords").await;
        let on = ("recordId", record.as_str());
        let authority = Who(Role::Authority, place.code, None);
        let grade = r#"tier: GENERAL, basis: "清单""#;
        self.acts(&authority, "gradeRecord", on, grade).await;
        let done = self.acts(&place.bureau(), name, on, &more).await;
        id(&done["case"])
    }
}

/// The words of the table for a reminder of a case in a place.
pub(super) fn words(place: &Place, reminder: &Value) -> String {
    let name = &reminder["to"]["name"];
    let mut names = place.names.iter();
    let word = names.find(|(_, known)| json!(known) == *name);
    let word = word.map_or("nobody", |(word, _)| word);
    let level = match reminder["level"].as_i64() {
        Some(0) => String::new(),
        level => format!("/{}", level.unwrap_or(-1)),
    };
    let on = reminder["on"].as_str().unwrap_or_default();
    format!("{on} {} {word}{level}", reminder["days"])
}
