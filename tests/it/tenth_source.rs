//! The guide for adding a source, tried: its example is added to the catalogue as it stands there, and
//! all keys that a description may have are in it.

use std::{collections::BTreeSet, fs};

use crate::support::{CatalogueCopy, Db, Ran, made, zhengxin};

const GUIDE: &str = include_str!("../../docs/adding-a-source.md");
const KEY: &str = "audit_findings";

/// The fenced block of the guide that is a whole source.
fn example() -> &'static str {
    let blocks = GUIDE.split("\n```toml\n").skip(1);
    let blocks: Vec<&str> = blocks
        .filter_map(|rest| rest.split_once("\n```\n"))
        .map(|(block, _)| block)
        .collect();
    assert_eq!(blocks.len(), 1, "the guide has one example");
    blocks[0]
}

/// A catalogue with the example, and a database.
fn with_example() -> (CatalogueCopy, Db) {
    let copy = CatalogueCopy::make();
    let path = copy.path().join(format!("sources/{KEY}.toml"));
    assert!(!path.exists(), "it is not shipped");
    fs::write(path, example()).expect("the folder is ours");
    (copy, Db::sqlite())
}

fn ingest(copy: &CatalogueCopy, db: &Db, source: &str, name: &str, bytes: &[u8]) -> Ran {
    let file = db.file(name, bytes).display().to_string();
    let folder = db.folder().display().to_string();
    let said = [
        "ingest", source, "-o", "json", "--data", &folder, "--file", &file,
    ];
    zhengxin(said)
        .env("ZHENGXIN__DATABASE__URL", &db.url())
        .env(
            "ZHENGXIN__CATALOGUE__DIR",
            &copy.path().display().to_string(),
        )
        .run()
}

const HEADINGS: &str = "问题编号,被审计单位,统一社会信用代码,问题类别,问题摘要,涉及金额（万元）,\
                        整改状态,发现日期,认定结论,认定机关,认定日期,审计组长,opt_type,env_flag";

#[test]
fn the_example_of_the_guide_is_a_good_source() {
    let (copy, _) = with_example();
    copy.check().ended(0);
    // Were its samples not tried, this would be none, too.
    copy.spoil(
        &format!("sources/{KEY}.toml"),
        "\"认定结论\" = [\"属实\"]",
        "\"认定结论\" = [\"不属实\"]",
    );
    let said = copy.check().ended(1).err;
    assert!(
        said.contains("sources/audit_findings.toml: sample"),
        "{said}"
    );
}

#[tokio::test]
async fn a_file_of_the_tenth_source_goes_in_without_any_code() {
    let (copy, db) = with_example();
    let bureau = made::body(2, "佛山市禅城区样例局", "440604");
    let register = made::register(std::slice::from_ref(&bureau));
    ingest(&copy, &db, "agency_register", "register.csv", &register).ended(0);

    let rows = |first: &str| {
        format!(
            "{HEADINGS}\n\
             {first}\n\
             SJ2,佛山市禅城区样例局,{code},账款,样例账款未付,3,整改中,2025-03-02,,,,甲某审,I,0\n\
             SJ3,佛山市禅城区不存局,,招商,样例承诺未兑现,,整改中,2025-03-02,,,,甲某审,I,0\n\
             SJ4,佛山市禅城区样例局,,内控,样例制度未建,,整改中,2025-03-02,,,,甲某审,I,0\n\
             SJ5,佛山市禅城区样例局,,账款,样例账款未付,3,整改中,2025-03-02,,,,甲某审,I,1\n\
             SJ6,佛山市禅城区样例局,,账款,样例账款未付,若干,整改中,2025-03-02,,,,甲某审,I,0\n",
            code = bureau.uscc
        )
    };
    let confirmed = "SJ1,佛山市禅城区样例局,,招商,样例承诺未兑现,12.5,已整改,2025-03-02,属实,\
                     样例审计局,2025-05-06,甲某审,I,0";
    let ran = ingest(&copy, &db, KEY, "ledger.csv", rows(confirmed).as_bytes()).ended(5);
    let told = ran.json();
    let counts = [
        "received",
        "stored",
        "rejected",
        "unresolved",
        "out_of_scope",
    ];
    let counts = counts.map(|count| told[count].as_i64().expect("a number"));
    assert_eq!(counts, [6, 2, 1, 1, 2], "{told:#}");
    assert_eq!(told["rejects"][0]["line"], 7, "{told:#}");
    assert_eq!(told["rejects"][0]["column"], "涉及金额（万元）", "{told:#}");

    let known = db.state().await;
    for part in [
        "BREACH breach.confirmed on 2025-05-06 by 样例审计局",
        "by AUDIT Some(\"拖欠账款\")",
    ] {
        assert!(known.contains(part), "{part:?} is not in {known}");
    }
    assert!(
        known.contains("Some(12500000)"),
        "12.5 万元 in fen: {known}"
    );
    assert!(!known.contains("甲某审"), "{known}");

    let again = ingest(&copy, &db, KEY, "ledger.csv", rows(confirmed).as_bytes()).ended(5);
    assert_eq!(again.json()["stored"], 0);
    assert_eq!(db.state().await, known);
    let end = confirmed.replace(",I,0", ",D,0");
    let ended = ingest(&copy, &db, KEY, "ledger.csv", rows(&end).as_bytes()).ended(5);
    assert_eq!(ended.json()["withdrawn"], 1);
    assert!(db.state().await.contains("DELISTED"));
}

/// What the checker expects where this key stands in a table of the example.
fn expected_keys(table: &str) -> BTreeSet<String> {
    let (copy, _) = with_example();
    let file = copy.path().join(format!("sources/{KEY}.toml"));
    let text = fs::read_to_string(&file).expect("it was just written");
    let spoilt = match text.contains(table) || table.is_empty() {
        true => text.replacen(table, &format!("{table}\nnonsense = 1\n"), 1),
        false => format!("{text}\n{table}\nnonsense = 1\n"),
    };
    fs::write(&file, spoilt).expect("the folder is ours");
    let said = copy.check().ended(1).err;
    let (_, keys) = said
        .split_once("unknown field `nonsense`, expected ")
        .unwrap_or_else(|| panic!("{table}: {said}"));
    keys.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_guide_names_all_keys_that_a_description_may_have() {
    let mut keys = BTreeSet::new();
    for table in [
        "",
        "[bounds]",
        "[envelope]",
        "[service]",
        "[[pull]]",
        "[[exchange]]",
        "[[exchange]]\ntable = \"T\"\n[exchange.feedback]",
        "[mailbox]",
        "[schedule]",
        "[common]",
        "[[form]]",
        "[form.sort]",
        "[form.record]",
        "[[form.record.instead]]",
        "[form.officials]",
        "[form.term]",
        "[form.fields.content]",
        "[[sample]]",
    ] {
        keys.extend(expected_keys(table));
    }
    assert!(keys.len() > 80, "{keys:?}");
    let missing: Vec<_> = keys
        .iter()
        .filter(|key| !GUIDE.contains(&format!("`{key}`")))
        .collect();
    assert!(missing.is_empty(), "the guide does not name {missing:?}");
}
