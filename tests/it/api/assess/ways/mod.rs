//! From facts to warnings: each red line of the catalogue is crossed by what sources deliver, people do and time
//! brings, is not crossed the day before, and is left when its cause is gone.

mod play;
mod steps;
mod table;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::on_both;

use play::Play;
use table::WAYS;

/// Values under this key, wherever they stand.
fn texts(value: &toml::Value, key: &str, found: &mut BTreeSet<String>) {
    match value {
        toml::Value::Table(table) => {
            let is_item = table.get("field").and_then(toml::Value::as_str) == Some(key);
            let words = table.get("in").filter(|_| is_item);
            let words = words.and_then(toml::Value::as_array).into_iter().flatten();
            found.extend(words.filter_map(toml::Value::as_str).map(str::to_owned));
            for one in table.values() {
                texts(one, key, found);
            }
        }
        toml::Value::Array(all) => all.iter().for_each(|one| texts(one, key, found)),
        _ => {}
    }
}

#[test]
fn the_table_has_each_red_line_and_each_entry_that_one_names() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/catalogue/redlines.toml");
    let file = std::fs::read_to_string(path).expect("it is shipped");
    let file: toml::Table = file.parse().expect("it is TOML");
    let lines = file["redline"].as_array().expect("a list");
    let codes = lines
        .iter()
        .map(|line| line["code"].as_str().expect("a code"));
    let played = WAYS.iter().map(|way| way.line);
    let played: BTreeSet<&str> = played.collect();
    assert_eq!(codes.collect::<BTreeSet<_>>(), played);
    let mut items = BTreeSet::new();
    lines
        .iter()
        .for_each(|line| texts(line, "item", &mut items));
    let played = WAYS.iter().filter_map(|way| way.by.item());
    assert_eq!(items, played.map(str::to_owned).collect());
}

#[tokio::test]
async fn facts_cross_each_red_line_on_its_day_and_its_cause_gone_leave_it() {
    for way in WAYS {
        on_both(async |db| {
            let play = Play::on(&db).await;
            let told = async || play.told(way.line).await;
            play.prepare(way).await;

            play.scene.hub.it_is(way.eve);
            play.look().await;
            assert_eq!(told().await, json!([]), "{way:?}: the day before");

            play.scene.hub.it_is(way.day);
            play.look().await;
            if way.by.is_a_fact() {
                assert_eq!(told().await, json!([]), "{way:?}: before the fact");
                play.cross(way).await;
                play.look().await;
            }
            let raised = told().await;
            let mut warned: Vec<&str> = way.warned.to_vec();
            warned.sort_unstable();
            let expected = json!([{
                "redLine": way.line, "level": way.level, "state": "NEW", "caused": true, "dueOn": way.due,
                "raisedOn": way.day, "warned": warned,
            }]);
            assert_eq!(raised, expected, "{way:?}");

            play.scene.hub.it_is(way.last);
            play.look().await;
            let stands = told().await;
            let of = |told: &Value| [told[0]["state"].clone(), told[0]["caused"].clone()];
            assert_eq!(of(&stands), [json!("NEW"), json!(true)], "{way:?}: {stands}");

            play.scene.hub.it_is(way.ends);
            play.look().await;
            if way.by.has_an_end() {
                let stands = told().await;
                assert_eq!(of(&stands), [json!("NEW"), json!(true)], "{way:?}: before the end");
                play.end(way).await;
                play.look().await;
            }
            let ended = told().await;
            assert_eq!(of(&ended), [json!("RESOLVED"), json!(false)], "{way:?}: {ended}");
            assert_eq!(ended.as_array().map(Vec::len), Some(1), "{way:?}: {ended}");
        })
        .await;
    }
}
