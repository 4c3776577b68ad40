//! The samples in the sources' descriptions, and that a wrong one is told.

use zhengxin::{catalogue::Catalogue, ingest::try_samples};

use crate::support::{CatalogueCopy, moment};

#[tokio::test]
async fn all_shipped_samples_come_out() {
    let catalogue = Catalogue::load(None).expect("the shipped catalogue");
    let samples = catalogue.sources.values().map(|source| source.sample.len());
    assert!(samples.sum::<usize>() >= 10, "there is something to try");
    let wrong = try_samples(&catalogue, moment("2026-11-20"));
    assert_eq!(wrong, Vec::<String>::new());
}

/// What `catalogue check` says of a catalogue in which one text of a source stands otherwise.
fn check_with(source: &str, from: &str, to: &str) -> String {
    let copy = CatalogueCopy::make();
    copy.spoil(&format!("sources/{source}.toml"), from, to);
    let ran = copy.check().ended(1);
    assert_eq!(ran.out, "", "{ran:#?}");
    ran.err.trim_end().to_owned()
}

#[test]
fn a_wrong_expectation_is_told_with_file_and_sample() {
    let said = check_with(
        "hotline",
        r#"becomes = ["clue", "counted""#,
        r#"becomes = ["clue", "clue""#,
    );
    for part in [
        "sources/hotline.toml",
        "a lead, an order about something else",
        r#"expected ["clue", "clue", "mention""#,
        r#"found ["clue", "counted", "mention""#,
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_refusal_that_does_not_come_is_told() {
    let said = check_with(
        "arrears",
        "投诉编号,债务人名称,项目名称\n",
        "投诉编号,债务人名称,拖欠金额\n",
    );
    for part in [
        "sources/arrears.toml",
        "a file without the amount has another layout",
        "expected a refusal with",
        "lacks the column(s)",
    ] {
        assert!(said.contains(part), "{part:?} is not in {said}");
    }
}

#[test]
fn a_description_that_changes_what_a_sample_comes_to_is_told() {
    // As if the debt were established by anything that is said of it.
    let said = check_with(
        "arrears",
        "\"是否存在分歧\" = [\"否\"]\n",
        "\"是否存在分歧\" = [\"否\", \"是\"]\n",
    );
    assert!(
        said.contains("sources/arrears.toml") && said.contains(r#"found ["record", "record""#),
        "{said}"
    );
}
