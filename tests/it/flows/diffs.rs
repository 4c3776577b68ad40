//! What another catalogue would move, told before it is taken.

use serde_json::{Value, json};

use super::{BUREAU, DEVELOPMENT, Story, order};
use crate::support::{CatalogueCopy, Db, made, on_both, rows, zhengxin};

/// A hub with a breach that somebody graded, a listing of a court, and a lead that was passed on.
async fn filled(db: &Db) {
    let story = Story::on(db).await;
    let listing = made::court_jsonl(&[made::listing(1, BUREAU)]);
    story
        .hub
        .ingest("court_debtors", &[("c.jsonl", &listing)], |_| {})
        .await;
    story.breach("2026-05-20", "GENERAL").await;
    let orders = rows::file(&[order()]);
    story
        .hub
        .ingest("hotline", &[("o.csv", &orders)], |_| {})
        .await;
    let query = "{ clues(first: 1) { edges { node { id } } } }";
    let data = story.data(&story.authority, query).await;
    let lead = super::id(&data["clues"]["edges"][0]["node"]);
    let to = format!(r#"to: "{}""#, story.id_of(DEVELOPMENT).await);
    let done = story
        .step(&story.authority, "transferClue", ("clueId", &lead), &to)
        .await;
    assert_eq!(done["__typename"], "TransferClueSuccess", "{done}");
}

/// The lines that `catalogue diff` says, with the hub's own catalogue in a folder, if it has one.
fn diff(db: &Db, now: Option<&CatalogueCopy>, other: &CatalogueCopy) -> Vec<Value> {
    let (folder, url) = (other.path().display().to_string(), db.url());
    let mut args = [
        "catalogue",
        "diff",
        &folder,
        "-o",
        "jsonl",
        "--database-url",
        &url,
    ]
    .map(str::to_owned)
    .to_vec();
    if let Some(now) = now {
        let config = format!(
            "[catalogue]\ndir = {:?}\n",
            now.path().display().to_string()
        );
        let config = db.file("zhengxin.toml", config.as_bytes());
        args.extend(["--config".to_owned(), config.display().to_string()]);
    }
    let said = zhengxin(args.iter().map(String::as_str)).run().ended(0).out;
    let lines = said
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    lines.collect()
}

/// What is said of the one record or case of an item.
fn changes(lines: &[Value], item: &Value) -> Value {
    let of = lines.iter().filter(|line| line["item"] == *item);
    let of: Vec<&Value> = of.collect();
    assert_eq!(of.len(), 1, "{lines:#?}");
    assert_eq!(of[0]["agency"], BUREAU);
    of[0]["changes"].clone()
}

#[tokio::test]
async fn another_catalogue_says_whom_it_would_move_before_it_is_taken() {
    on_both(async |db| {
        filled(&db).await;
        let other = CatalogueCopy::make();
        assert_eq!(diff(&db, None, &other), [json!(null); 0], "the same catalogue moves nobody");

        // The list: what somebody graded by hand stays as he graded it.
        let court = "title = \"被人民法院列入失信被执行人名单\"\n";
        let more = format!("{court}tier = \"SERIOUS\"\nmeasures = [\"internal.honours\"]\n");
        other.spoil("lists/base.toml", court, &more);
        let breach = "title = \"经认定部门认定的政务违约失信\"\n";
        let graver = format!("{breach}tier = \"SERIOUS\"\n");
        other.spoil("lists/base.toml", breach, &graver);
        other.spoil("lists/base.toml", "published = false", "published = true");
        let lines = diff(&db, None, &other);
        let listed = json!("court.judgment_debtor");
        assert_eq!(
            changes(&lines, &listed),
            json!([
                "tier: none -> SERIOUS",
                "measure internal.honours: not allowed -> as long as the record holds",
            ])
        );
        let confirmed = json!("breach.confirmed");
        assert_eq!(
            changes(&lines, &confirmed),
            json!([
                "tier: GENERAL stays, which was set by hand; the list's none -> SERIOUS",
                "publicity: not shown -> shown",
            ])
        );
        assert_eq!(lines.len(), 2, "{lines:#?}");

        // Measures alone, from the catalogue that has just been looked at to a third one.
        let third = CatalogueCopy::make();
        std::fs::copy(other.path().join("lists/base.toml"), third.path().join("lists/base.toml"))
            .expect("the folder is ours");
        let honours = "imposed_by = \"personnel\"\ntiers = [\"GENERAL\", \"SERIOUS\"]\nsubjects = [\"AGENCY\"]\n";
        third.spoil("measures.toml", honours, &format!("{honours}months = 6\n"));
        let lines = diff(&db, Some(&other), &third);
        let said = changes(&lines, &listed);
        let said = said[0].as_str().expect("words");
        let from = "measure internal.honours: as long as the record holds -> until ";
        assert!(said.starts_with(from), "{said}");
        assert_eq!(lines.len(), 1, "{lines:#?}");
    })
    .await;
}

#[tokio::test]
async fn terms_periods_and_steps_are_compared_too() {
    on_both(async |db| {
        filled(&db).await;
        let other = CatalogueCopy::make();
        // A city's own term, and shorter periods.
        other.append(
            "publicity.toml",
            "\n[[publicity]]\nkinds = [\"BREACH\"]\ntier = \"GENERAL\"\npublic = true\nmin_months = 1\nmax_months = 6\n\
             division = \"440600\"\nlegal_basis = \"示例\"\nverified = false\nfrom = \"2026-04-01\"\n",
        );
        let days = "title = \"启动核实违约失信投诉\"\ndays = 5\n";
        other.spoil("deadlines.toml", days, &days.replace('5', "3"));
        // The same version of the track reads otherwise: a step less, one more, and one for others.
        let track = "workflows/breach.toml";
        let stages = "[\"TRANSFERRED\", \"VERIFYING\", \"RECTIFYING\"]";
        let summon = format!("act = \"SUMMON\"\nfrom = {stages}");
        other.spoil(track, &summon, &summon.replace("\"TRANSFERRED\", ", ""));
        let find = "act = \"REJECT\"\nfrom = [\"RECEIVED\"]";
        other.spoil(track, find, &find.replace("]", ", \"TRANSFERRED\"]"));
        let accept = "act = \"ACCEPT\"\nfrom = [\"TRANSFERRED\"]\nto = \"VERIFYING\"\nby = [\"HANDLER\"]\n";
        other.spoil(track, accept, &format!("{accept}needs = [\"NOTE\"]\n"));
        let lines = diff(&db, None, &other);
        assert_eq!(
            changes(&lines, &json!("breach.confirmed")),
            json!([
                "repairable after: 2026-05-06 -> 2026-06-06",
                "until: 2027-05-06 -> 2026-11-06",
            ])
        );
        assert_eq!(
            changes(&lines, &json!(null)),
            json!([
                "period breach.acceptance since 2026-05-20: 2026-05-27 -> 2026-05-25",
                "step ACCEPT: otherwise",
                "step SUMMON: missing",
                "step REJECT: new",
            ])
        );
        let of_case = lines.iter().find(|line| line["item"].is_null());
        let of_case = of_case.expect("the lead's case");
        assert!(of_case["record"].is_null() && of_case["case"].is_i64(), "{of_case}");

        // Another version changes nothing for cases that began by this one.
        let newer = CatalogueCopy::make();
        let text = newer.text(track).replace("version = \"2026.1\"", "version = \"2027.1\"");
        newer.append("workflows/breach.2027.toml", &text.replace("from = \"2023-08-05\"", "from = \"2028-01-01\""));
        newer.spoil(track, "from = \"2023-08-05\"", "from = \"2023-08-05\"\nto = \"2027-12-31\"");
        assert_eq!(diff(&db, None, &newer), [json!(null); 0]);
        // A table tells the same, and a count.
        let folder = other.path().display().to_string();
        let ran = zhengxin(["catalogue", "diff", &folder, "--database-url", &db.url()]);
        let said = ran.run().ended(0).out;
        assert!(said.contains("- : period") || said.contains(&format!("{BUREAU} -: period")), "{said}");
        assert!(said.contains("would_move") && said.contains('2'), "{said}");
    })
    .await;
}
