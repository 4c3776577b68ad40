//! What follows from a record is told with it: imposed, suspended, resumed, lifted, ended by its term.

use std::{collections::BTreeSet, fs, path::Path};

use domain::viewer::Role;
use serde_json::Value;

use super::{deliver, listing, package::hub_and_folder, round};
use crate::support::{Hub, on_both};

const WITH_A_MEASURE: (&str, &str, &str) = (
    "lists/base.toml",
    "code = \"court.judgment_debtor\"\n",
    "code = \"court.judgment_debtor\"\nmeasures = [\"internal.honours\"]\n",
);

/// Takes a step on a record or a sanction as it stands: the case.
async fn step(hub: &Hub, name: &str, (argument, id): (&str, &str), more: &str) -> Value {
    let token = hub.token(Role::Authority, &["440600"], None);
    let version = "... on CreditRecord { version } ... on Sanction { version }";
    let query = format!(r#"{{ node(id: "{id}") {{ {version} }} }}"#);
    let data = hub.data(Some(&token), &query).await;
    let version = data["node"]["version"].as_i64().expect("a number");
    let digest = "0".repeat(64);
    let query = format!(
        r#"mutation {{ {name}(input: {{ key: "{name} {version}", {argument}: "{id}", version: {version}, basis: "清单", evidence: ["{digest}"], {more} }}) {{ ... on CaseSuccess {{ case {{ sanctions {{ id }} }} }} ... on Refusal {{ code message }} }} }}"#
    );
    let data = hub.data(Some(&token), &query).await;
    let case = data[name]["case"].clone();
    assert!(case.is_object(), "{data}");
    case
}

/// What the package that came last says of measures and of the record.
fn last(folder: &Path, seen: &mut BTreeSet<String>) -> (String, String) {
    let [measures, operation] = last_row(folder, seen, ["cscs", "opt_type"]);
    (measures, operation)
}

/// These cells of the one row of the package that came last.
pub(crate) fn last_row<const N: usize>(
    folder: &Path,
    seen: &mut BTreeSet<String>,
    headings: [&str; N],
) -> [String; N] {
    let names = fs::read_dir(folder).expect("a folder").map(|entry| {
        let name = entry.expect("an entry").file_name();
        name.to_string_lossy().into_owned()
    });
    let names: BTreeSet<String> = names.filter(|name| name.ends_with(".csv")).collect();
    let new: Vec<&String> = names.difference(seen).collect();
    let [name] = new[..] else { panic!("{new:?}") };
    let mut reader = csv::Reader::from_path(folder.join(name)).expect("a package");
    let known = reader.headers().expect("headings").clone();
    let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
    let cells = headings.map(|heading| {
        let at = known.iter().position(|known| known == heading);
        rows[0][at.expect("a column")].to_owned()
    });
    *seen = names;
    cells
}

#[tokio::test]
async fn a_platform_hears_of_each_change_of_a_measure() {
    on_both(async |db| {
        let (hub, folder) = hub_and_folder(&db, &[WITH_A_MEASURE]).await;
        deliver(&hub, "2026-11-20", &[listing(1)]).await;
        let mut seen = BTreeSet::new();
        round(&hub).await;
        assert_eq!(last(&folder, &mut seen), (String::new(), "I".to_owned()));
        let token = hub.token(Role::Authority, &["440600"], None);
        let query = "{ creditRecords(first: 2) { edges { node { id } } } }";
        let data = hub.data(Some(&token), query).await;
        let record = data["creditRecords"]["edges"][0]["node"]["id"].as_str();
        let record = record.expect("an id").to_owned();
        let the_record = ("recordId", record.as_str());

        hub.it_is("2026-11-23");
        step(&hub, "gradeRecord", the_record, "tier: SERIOUS").await;
        round(&hub).await;
        last(&folder, &mut seen);
        // What is only proposed is for nobody outside.
        let measure = r#"measure: "internal.honours", endsOn: "2026-12-31""#;
        step(&hub, "proposeSanction", the_record, measure).await;
        round(&hub).await;
        assert_eq!(last(&folder, &mut seen), (String::new(), "U".to_owned()));
        let case = step(&hub, "imposeSanction", the_record, measure).await;
        let sanction = case["sanctions"][0]["id"].as_str().expect("an id");
        let the_sanction = ("sanctionId", sanction);
        let told = |status: &str| format!("internal.honours={status} 2026-11-23/2026-12-31");
        round(&hub).await;
        assert_eq!(last(&folder, &mut seen).0, told("ACTIVE"));
        for (name, status) in [
            ("suspendSanction", "SUSPENDED"),
            ("resumeSanction", "ACTIVE"),
        ] {
            step(&hub, name, the_sanction, "").await;
            round(&hub).await;
            assert_eq!(last(&folder, &mut seen).0, told(status), "{name}");
        }
        // Its term ends by the clock, and that is told as well.
        hub.it_is("2027-01-01");
        let turned = hub.app.casework().turn().await.expect("the day turns");
        assert_eq!(turned.expired, 1);
        round(&hub).await;
        assert_eq!(last(&folder, &mut seen).0, told("EXPIRED"));
        hub.it_is("2027-01-04");
        let case = step(
            &hub,
            "imposeSanction",
            the_record,
            r#"measure: "internal.honours""#,
        )
        .await;
        let sanctions = case["sanctions"].as_array().expect("a list");
        let sanction = sanctions.last().expect("it was imposed")["id"].as_str();
        let the_sanction = ("sanctionId", sanction.expect("an id"));
        round(&hub).await;
        last(&folder, &mut seen);
        step(&hub, "liftSanction", the_sanction, "").await;
        round(&hub).await;
        let both = format!(
            "{}; internal.honours=LIFTED 2027-01-04/2027-01-04",
            told("EXPIRED")
        );
        assert_eq!(last(&folder, &mut seen).0, both);
    })
    .await;
}
