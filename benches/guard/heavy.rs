//! Queries that are made to be as heavy as the guard lets them be, and a little heavier: of each kind
//! a series that grows until it is refused.

use serde_json::{Value, json};

/// What each does, and its body.
pub fn queries() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    let mut add = |what: String, query: String| all.push((what, json!({ "query": query })));
    let aliased = |count: usize, field: &str| -> String {
        (0..count).map(|n| format!("a{n}: {field} ")).collect()
    };
    for count in 1..=10 {
        for (what, field) in [
            ("all agencies counted", "agencies { totalCount }"),
            ("all records counted", "creditRecords { totalCount }"),
            ("all mentions counted", "mentions { totalCount }"),
            (
                "records searched for a text",
                "creditRecords(filter: {caseNumber: {contains: \"没有\"}}) { totalCount }",
            ),
            (
                "agencies searched for a text",
                "agencies(filter: {name: {contains: \"没有\"}}) { totalCount edges { node { id } } }",
            ),
            (
                "records of agencies with a text",
                "creditRecords(filter: {agency: {name: {contains: \"没有\"}}}) { totalCount }",
            ),
            (
                "records of an area by amount",
                "creditRecords(filter: {agency: {division: {within: \"440600\"}}}, orderBy: [{field: AMOUNT, direction: DESC}], first: 200) { totalCount edges { node { id } } }",
            ),
            (
                "agencies with records",
                "agencies(filter: {hasActiveRecord: true}, first: 200) { totalCount edges { node { id } } }",
            ),
            (
                "a name resolved",
                "resolve(input: {name: \"佛山市禅城区水务工作管理中心办公室\"}) { outcome candidates { agency { name } } }",
            ),
            (
                "a text that is like all",
                "resolve(input: {name: \"广东省人民政府市县区局委办公室中心管理服务\"}) { outcome candidates { agency { name } } }",
            ),
            (
                "agencies of a day and of their division",
                "agencies(asOf: \"2020-01-01\", first: 1) { totalCount edges { node { division { agencies(first: 1) { totalCount } } } } }",
            ),
            (
                "runs of sources",
                "sources { runs(first: 50) { edges { node { id rejects(first: 1) { totalCount } } } } }",
            ),
        ] {
            add(
                format!("{count} × {what}"),
                format!("{{ {} }}", aliased(count, field)),
            );
        }
    }
    for tests in [1, 5, 10, 20, 50] {
        for (what, test) in [
            ("name contains", "{name: {contains: \"没有\"}}"),
            ("division within", "{division: {within: \"449999\"}}"),
            ("code starts with", "{uscc: {startsWith: \"99\"}}"),
            ("has an active record", "{hasActiveRecord: true}"),
        ] {
            for key in ["or", "and"] {
                let list = test.repeat(tests);
                add(
                    format!("agencies, {tests} × {what}, {key}"),
                    format!("{{ agencies(filter: {{{key}: [{list}]}}) {{ totalCount }} }}"),
                );
                let list = format!("{{agency: {test}}}").repeat(tests);
                add(
                    format!("records, {tests} × {what}, {key}"),
                    format!("{{ creditRecords(filter: {{{key}: [{list}]}}) {{ totalCount }} }}"),
                );
            }
        }
    }
    for values in [1, 10, 50, 100, 200] {
        let list = (0..values)
            .map(|n| format!("\"11440000{n:09}X\" "))
            .collect::<String>();
        add(
            format!("agencies in {values} codes"),
            format!("{{ agencies(filter: {{uscc: {{in: [{list}]}}}}) {{ totalCount }} }}"),
        );
        add(
            format!("records in {values} case numbers"),
            format!(
                "{{ creditRecords(filter: {{caseNumber: {{in: [{list}]}}}}) {{ totalCount }} }}"
            ),
        );
    }
    for size in [20, 40, 60, 80, 100, 150, 200] {
        for (what, fields) in [
            ("names", "name "),
            (
                "all of an agency",
                "id uscc orgCode name kind establishedOn abolishedOn superiorName division { id code name fullName } superior { name } ",
            ),
            ("divisions", "division { parent { parent { fullName } } } "),
        ] {
            for times in [1, 3, 10, 30, 100, 300] {
                add(
                    format!("{size} agencies, {times} × {what}"),
                    format!(
                        "{{ agencies(first: {size}) {{ edges {{ node {{ {} }} }} }} }}",
                        fields.repeat(times)
                    ),
                );
            }
        }
        for inner in [5, 10, 20, 50, 100, 200] {
            add(
                format!("{size} agencies with {inner} records"),
                format!(
                    "{{ agencies(filter: {{hasActiveRecord: true}}, first: {size}) {{ edges {{ node {{ name creditRecords(first: {inner}) {{ totalCount edges {{ node {{ id kind status caseNumber amount catalogueItem {{ title legalBasis }} evidence {{ id source {{ title }} }} }} }} }} }} }} }} }}"
                ),
            );
            add(
                format!("{size} records with {inner} subordinates"),
                format!(
                    "{{ creditRecords(first: {size}) {{ edges {{ node {{ agency {{ superior {{ subordinates(first: {inner}) {{ totalCount edges {{ node {{ name }} }} }} }} }} }} }} }} }}"
                ),
            );
            for (when, times) in [("", ""), (" once", ", asOf: \"2020-01-01\"")] {
                add(
                    format!("{size} divisions{when} of agencies with {inner} agencies each"),
                    format!(
                        "{{ agencies(first: {size}{times}) {{ edges {{ node {{ division {{ agencies(first: {inner}) {{ totalCount edges {{ node {{ name }} }} }} }} }} }} }} }}"
                    ),
                );
            }
        }
        add(
            format!("{size} mentions with candidates"),
            format!("{{ mentions(first: {size}) {{ edges {{ node {{ text context {{ name text }} resolution {{ outcome steps {{ __typename }} candidates {{ score reason agency {{ name division {{ name }} }} }} }} }} }} }} }}").replace("steps { __typename }", "steps"),
        );
    }
    all
}
