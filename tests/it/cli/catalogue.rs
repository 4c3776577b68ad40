//! The catalogue and the schema, checked and printed.

use std::fs;

use serde_json::json;

use super::{call, finding};
use crate::support::{CatalogueCopy, Db, zhengxin};

#[test]
fn the_schema_that_is_printed_is_the_one_that_is_kept() {
    let printed = zhengxin(["schema", "print"]).run().ended(0);
    assert_eq!(printed.err, "");
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    assert!(
        printed.out == fs::read_to_string(kept).expect("it is kept"),
        "schema.graphql is not what is printed"
    );
    assert!(
        printed.out.contains("type Query {")
            && printed
                .out
                .contains("agency(asOf: Date, knownAt: DateTime, uscc: Uscc!): Agency")
    );
}

#[test]
fn the_built_in_catalogue_and_its_copy_are_good_and_the_same() {
    let built_in = zhengxin(["catalogue", "check", "-o", "json"])
        .run()
        .ended(0)
        .json();
    let copy = CatalogueCopy::make();
    let copied = zhengxin([
        "catalogue",
        "check",
        "-o",
        "json",
        &copy.path().display().to_string(),
    ])
    .run()
    .ended(0);
    assert_eq!(copied.json()["fingerprint"], built_in["fingerprint"]);
    let files = fs::read_dir(copy.path().join("sources")).expect("the sources stand there");
    let mut sources: Vec<String> = files
        .filter_map(|file| {
            file.expect("an entry")
                .path()
                .file_stem()
                .map(|name| name.display().to_string())
        })
        .collect();
    sources.sort();
    assert_eq!(built_in["sources"], json!(sources));
    // Where it can't be found at all.
    let ran = zhengxin(["catalogue", "check", "/nowhere"]).run().ended(1);
    assert!(
        !ran.err.is_empty() && !ran.err.contains("panicked"),
        "{ran:#?}"
    );
}

#[test]
fn mistakes_of_the_catalogue_are_told_with_file_line_and_key() {
    let court = "sources/court_debtors.toml";
    let mut untold = Vec::new();
    let register = "sources/agency_register.toml";
    for (file, from, to, key) in [
        (
            court,
            "extent = \"full\"",
            "extent = \"full\"\ncolour = \"red\"",
            "colour",
        ),
        (court, "cadence = \"P1D\"", "cadence = \"daily\"", "cadence"),
        (
            court,
            "cron = \"30 5,17 * * *\"",
            "cron = \"0 30 5 * * *\"",
            "cron",
        ),
        (
            register,
            "cron = \"30 3 * * 3,6\"",
            "cron = \"0 0 31 2 *\"",
            "cron",
        ),
        (
            court,
            "jitter = \"PT30M\"",
            "jitter = \"half an hour\"",
            "jitter",
        ),
        (court, "extent = \"full\"", "extent = \"whole\"", "extent"),
        (
            court,
            "item = \"court.judgment_debtor\"",
            "item = \"court.nothing\"",
            "item",
        ),
        (court, "key = \"court_debtors\"", "key = \"court\"", "key"),
        (court, "case_number = {", "case_nummer = {", "case_nummer"),
        (register, "as = \"date\"", "as = \"day\"", "as"),
        (
            register,
            "rows_min_share = 0.8",
            "rows_min_share = \"most\"",
            "rows_min_share",
        ),
        ("lists/base.toml", "level = 3", "level = 4", "level"),
        (
            "lists/base.toml",
            "kind = \"BREACH\"",
            "kind = \"BRAECH\"",
            "kind",
        ),
        (
            "lists/base.toml",
            "code = \"arrears.established\"",
            "code = \"breach.confirmed\"",
            "code",
        ),
        (
            "lists/base.toml",
            "verified = true",
            "verified = maybe",
            "verified",
        ),
        ("access.toml", "\"AUDITOR\"]", "\"AUDITORS\"]", "sets"),
        (
            "access.toml",
            "viewer = \"everyone\"",
            "viewer = \"everybody\"",
            "viewer",
        ),
        (
            "access.toml",
            "agency = \"published\"",
            "agency = \"public\"",
            "agency",
        ),
        (
            "access.toml",
            "[rows.CONGRESS]",
            "[rows.CONGRES]",
            "CONGRES",
        ),
        (
            "access.toml",
            "sanction = \"punishers\"",
            "sanction = \"hangmen\"",
            "purposes.sanction",
        ),
        // The public's is the first.
        (
            "access.toml",
            "official = \"nothing\"",
            "official = \"all\"",
            "rows.PUBLIC.official",
        ),
        (
            "access.toml",
            "official = \"own\"",
            "official = \"published\"",
            "rows.AGENCY.official",
        ),
        (
            court,
            "posts = [\"when_listed\"",
            "posts = [\"ever\"",
            "posts",
        ),
        (
            "calendar/2025.toml",
            "\"2025-01-28\"",
            "\"2025-01-32\"",
            "days_off",
        ),
        (
            "aliases.toml",
            "levels = [\"PROVINCE\"]",
            "levels = [\"CITY\"]",
            "levels",
        ),
        (
            "aliases.toml",
            "short = [\"住建局\"",
            "short = [\"住 建局\"",
            "short",
        ),
        // A centre is no short form of a bureau.
        (
            "aliases.toml",
            "short = [\"住建局\"",
            "short = [\"住建中心\"",
            "short",
        ),
        (
            "aliases.toml",
            "stands = \"ENDING\"",
            "stands = \"MIDDLE\"",
            "stands",
        ),
        (
            "division_words.csv",
            "150223,达茂旗",
            "150299,达茂旗",
            "code",
        ),
        (
            "successions.toml",
            "levels = [\"PROVINCE\"]",
            "levels = [\"CITY\"]",
            "levels",
        ),
        (
            "successions.toml",
            "kind = \"MERGED\"",
            "kind = \"FUSED\"",
            "kind",
        ),
        (
            "successions.toml",
            "ends_on = \"2019-12-31\"",
            "ends_on = \"2017-12-31\"",
            "ends_on",
        ),
        (
            "divisions.csv",
            "110101,东城区,COUNTY",
            "110101,东城区,DISTRICT",
            "level",
        ),
    ] {
        let copy = CatalogueCopy::make();
        let mut line = copy.spoil(file, from, to);
        if to.contains('\n') {
            line += 1;
        }
        let ran = copy.check().ended(1);
        assert_eq!(ran.out, "", "{ran:#?}");
        let place = format!("{file}, line {line}");
        let is_told = ran
            .err
            .lines()
            .any(|said| said.contains(&place) && said.contains(key));
        if !is_told {
            untold.push(format!("{place} with {key}: {}", ran.err));
        }
    }
    assert!(untold.is_empty(), "{untold:#?}");
}

#[test]
fn all_mistakes_of_the_catalogue_are_told_at_once_and_stop_the_start() {
    let copy = CatalogueCopy::make();
    let first = copy.spoil("lists/base.toml", "level = 3", "level = 4");
    let second = copy.spoil(
        "sources/court_debtors.toml",
        "cadence = \"P1D\"",
        "cadence = \"daily\"",
    );
    fs::remove_file(copy.path().join("access.toml")).expect("it is there");
    let ran = copy.check().ended(1);
    for place in [
        format!("lists/base.toml, line {first}"),
        format!("court_debtors.toml, line {second}"),
        "access.toml".to_owned(),
    ] {
        assert!(
            ran.err.contains(place.as_str()),
            "{place} is not told: {ran:#?}"
        );
    }
    let db = Db::sqlite();
    let config = format!(
        "[catalogue]\ndir = {:?}\n",
        copy.path().display().to_string()
    );
    let config = db
        .file("zhengxin.toml", config.as_bytes())
        .display()
        .to_string();
    let ran = call(
        &db,
        ["resolve", "--name", "佛山市样例局", "--config", &config],
    )
    .ended(1);
    assert!(
        ran.err.contains(&format!("lists/base.toml, line {first}")),
        "{ran:#?}"
    );
    let told = call(&db, ["doctor", "-o", "json", "--config", &config])
        .ended(1)
        .json();
    assert_eq!(finding(&told, "catalogue")["ok"], false, "{told:#}");
}
