//! What an area looks like to who supervises it, day by day, and told again of a day that is over.

use domain::viewer::Role;
use serde_json::{Value, json};

use super::{BUREAU, Story, Who, id, led::development};
use crate::support::{made, on_both};

const DISTRICT: &str = "禅城区样例城管局";
const OVERVIEW: &str = "totals { agencies graded grades { grade title count } warnings { level count } openCases overdueCases \
     overdueRectifications } trend(months: 2) { month added holding } risers { agency { name } before after } \
     fallers { agency { name } before after } heat { redLine title division { code } warnings level }";

impl Story {
    /// A division's overview as somebody sees it, of a day if one is named.
    async fn overview(&self, who: &Who, division: &str, times: &str) -> Value {
        let query = format!(
            r#"{{ division(code: "{division}"{times}) {{ overview {{ asOf {OVERVIEW} }} }} }}"#
        );
        self.data(who, &query).await["division"]["overview"].clone()
    }

    async fn lists(&self, listed: &[(i64, &str)]) {
        let listings = listed
            .iter()
            .map(|(n, name)| made::listing(*n, name).published("2026-04-28"));
        let file = made::court_jsonl(&listings.collect::<Vec<_>>());
        self.hub
            .ingest("court_debtors", &[("c.jsonl", &file)], |_| {})
            .await;
    }

    async fn graded(&self) {
        let graded = self.hub.app.assessing().assess_all().await;
        graded.expect("everybody can be graded");
    }
}

/// How many cases are open and overdue, and tasks of rectification late.
fn cases(overview: &Value) -> [&Value; 3] {
    ["openCases", "overdueCases", "overdueRectifications"].map(|key| &overview["totals"][key])
}

#[tokio::test]
async fn each_day_is_told_as_it_was_and_again_when_it_is_over() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        let city = made::uscc("11", "440600", 1);
        let district = made::register(&[made::body(6, DISTRICT, "440604").superior(&city)]);
        let partial = |order: &mut zhengxin::ingest::Order| order.partial = true;
        story.hub.ingest("agency_register", &[("a.csv", &district)], partial).await;
        let bureau = story.id_of(BUREAU).await;
        let asked = r#"dueOn: "2026-05-06", note: "请说明奖补未兑现的原因""#;
        let matter = story.done(&story.congress, "openMatter", ("agencyId", &bureau), asked).await;
        let matter = id(&matter);
        story.graded().await;
        // One lead is to be set right by 2026-06-01.
        let (_, case) = story.rectifying().await;
        let mut seen = Vec::new();
        let mut day = async |day: &'static str| {
            let all = story.overview(&story.superior, "440000", "").await;
            assert_eq!(all["asOf"], day);
            seen.push((day, all.clone()));
            all
        };

        let quiet = day("2026-04-29").await;
        let expected = json!({
            "agencies": 6, "graded": 6, "grades": [{ "grade": "B", "title": "良好", "count": 6 }],
            "warnings": [], "openCases": 2, "overdueCases": 0, "overdueRectifications": 0,
        });
        assert_eq!(quiet["totals"], expected);
        assert_eq!((&quiet["heat"], &quiet["fallers"], &quiet["risers"]), (&json!([]), &json!([]), &json!([])));
        assert_eq!(quiet["trend"][1], json!({ "month": "2026-04", "added": 0, "holding": 0 }));

        // Two are listed, one of the city's own level and one below it; and the matter is not answered in time.
        story.hub.it_is("2026-05-07");
        story.lists(&[(1, BUREAU), (2, DISTRICT)]).await;
        story.graded().await;
        let listed = day("2026-05-07").await;
        let grades = json!([{ "grade": "B", "title": "良好", "count": 4 }, { "grade": "D", "title": "较差", "count": 2 }]);
        assert_eq!(listed["totals"]["grades"], grades);
        assert_eq!(cases(&listed), [&json!(2), &json!(1), &json!(0)]);
        let warnings = json!([
            { "level": "RED", "count": 2 }, { "level": "ORANGE", "count": 2 }, { "level": "YELLOW", "count": 2 },
        ]);
        assert_eq!(listed["totals"]["warnings"], warnings);
        // The city is right below the province, and what lies below it is its own there.
        let heat = |line: &str, title: &str, level: &str| {
            json!({ "redLine": line, "title": title, "division": { "code": "440600" }, "warnings": 2, "level": level })
        };
        let expected = json!([
            heat("RL-COURT", "被列入失信被执行人名单", "RED"),
            heat("RL-FALL", "政务诚信评分短期内大幅下降", "YELLOW"),
            heat("RL-GRADE", "政务诚信评价等级为较差", "ORANGE"),
        ]);
        assert_eq!(listed["heat"], expected);
        assert_eq!(listed["trend"], json!([
            { "month": "2026-04", "added": 2, "holding": 2 }, { "month": "2026-05", "added": 0, "holding": 0 },
        ]));
        let fallers = listed["fallers"].as_array().expect("a list");
        let fell: Vec<[&Value; 3]> = fallers
            .iter()
            .map(|one| [&one["agency"]["name"], &one["before"], &one["after"]])
            .collect();
        let fall = [&json!("86"), &json!("60")];
        assert_eq!(fell, [[&json!(BUREAU), fall[0], fall[1]], [&json!(DISTRICT), fall[0], fall[1]]]);

        // A congress tells of its own level, a government of all below it, a body of itself; each of what he may see.
        let government = Who(Role::Government, "440600", None);
        let provincial = Who(Role::Congress, "440000", None);
        let elsewhere = Who(Role::Government, "440400", None);
        for (who, division, bodies, red, open, late) in [
            (&government, "440600", 5, 2, 2, 1),
            (&story.congress, "440600", 4, 1, 2, 1),
            (&story.congress, "440604", 0, 0, 0, 0),
            (&government, "440604", 1, 1, 0, 0),
            (&provincial, "440000", 1, 0, 0, 0),
            (&story.agency, "440600", 1, 1, 2, 1),
            (&elsewhere, "440000", 0, 0, 0, 0),
        ] {
            let told = story.overview(who, division, "").await;
            let place = format!("{:?} {division}: {told}", who.0);
            let totals = &told["totals"];
            assert_eq!((&totals["agencies"], &totals["graded"]), (&json!(bodies), &json!(bodies)), "{place}");
            let levels = totals["warnings"].as_array().expect("a list");
            let found = levels.iter().find(|level| level["level"] == "RED");
            assert_eq!(found.map_or(0, |level| level["count"].as_i64().unwrap_or(-1)), red, "{place}");
            assert_eq!((&totals["openCases"], &totals["overdueCases"]), (&json!(open), &json!(late)), "{place}");
            let marked: i64 = told["heat"].as_array().expect("a list").iter().filter_map(|one| one["warnings"].as_i64()).sum();
            assert_eq!(marked, 3 * red, "{place}");
            assert_eq!(told["trend"][0]["added"], red, "{place}");
            assert_eq!(told["fallers"].as_array().map(Vec::len), Some(red as usize), "{place}");
        }

        // The matter is settled, and the task is late now.
        story.hub.it_is("2026-06-02");
        let settle = r#"note: "已说明""#;
        story.done(&story.congress, "settleMatter", ("caseId", &matter), settle).await;
        let late = day("2026-06-02").await;
        assert_eq!(cases(&late), [&json!(1), &json!(0), &json!(1)]);

        // The court takes the listings back, and the task is done.
        story.hub.it_is("2026-06-10");
        story.lists(&[(3, "样例贸易有限公司")]).await;
        story.graded().await;
        story.says_it_did(("caseId", &case)).await;
        story.sees_it_did(&development(), ("caseId", &case)).await;
        let over = day("2026-06-10").await;
        assert_eq!((&over["totals"]["warnings"], &over["heat"]), (&json!([]), &json!([])));
        assert_eq!(cases(&over)[2], &json!(0));

        // Of each day the same is told when it is over, by whichever way one comes to it.
        story.hub.it_is("2026-06-20");
        for (day, then) in &seen {
            let times = format!(r#", asOf: "{day}""#);
            let mut told = story.overview(&story.superior, "440000", &times).await;
            // Records are told by what is known now: these were determined before anybody delivered them.
            if *day == "2026-04-29" {
                assert_eq!(told["trend"][1]["added"], 2, "{told}");
            }
            told["trend"] = then["trend"].clone();
            assert_eq!(&told, then, "{day}");
        }
        let code = story.bureau;
        let query = format!(
            r#"{{ agency(uscc: "{code}", asOf: "2026-05-07") {{ division {{ overview {{ totals {{ warnings {{ level count }} openCases }} }} }} }} }}"#
        );
        let told = story.data(&story.superior, &query).await;
        let totals = &told["agency"]["division"]["overview"]["totals"];
        assert_eq!((&totals["warnings"], &totals["openCases"]), (&warnings, &json!(2)));
        // Rights are those of now: a day that is over shows nobody more.
        let times = r#", asOf: "2026-05-07""#;
        let level = story.overview(&story.congress, "440600", times).await;
        assert_eq!((&level["totals"]["agencies"], &level["totals"]["graded"]), (&json!(4), &json!(4)));
        assert_eq!(level["totals"]["warnings"][0], json!({ "level": "RED", "count": 1 }));
        // What was known in the middle of a day is told as it was known, and before the hub's time there was nothing.
        let times = r#", asOf: "2026-06-02", knownAt: "2026-05-07T12:00:00+08:00""#;
        let known = story.overview(&story.superior, "440000", times).await;
        assert_eq!((&known["totals"]["warnings"], cases(&known)), (&warnings, [&json!(2), &json!(1), &json!(1)]));
        let before = story.overview(&story.superior, "440000", r#", asOf: "2026-01-05""#).await;
        assert_eq!((&before["totals"]["graded"], cases(&before)), (&json!(0), [&json!(0); 3]));
    })
    .await;
}
