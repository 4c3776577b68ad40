use std::{fmt::Write, sync::LazyLock};

use async_graphql::parser::parse_query;
use domain::viewer::Role;

mod expanded;

use super::*;
use crate::{api::graphql, catalogue::Catalogue};

static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::load(None).expect("the built-in catalogue is good"));
static FACTS: LazyLock<Facts> =
    LazyLock::new(|| Facts::of(&graphql::sdl()).expect("the schema is reckoned with"));

fn check_as(role: Role, query: &str) -> Result<u64, Refused> {
    scan(query)?;
    let document = parse_query(query).map_err(|_| Refused::Syntax)?;
    let viewer = Viewer {
        role,
        ..Viewer::public()
    };
    let measure = Measure {
        facts: &FACTS,
        variables: Some(&Variables::default()),
        reader: Some(Reader {
            access: &CATALOGUE.access,
            viewer: &viewer,
            purpose: None,
        }),
        reviewed: &Reviewed::default(),
    };
    super::check(&document, measure)
}

fn cost(query: &str) -> Result<u64, Refused> {
    check_as(Role::Government, query)
}

#[test]
fn every_field_of_the_schema_is_named_in_the_table_and_no_other() {
    let told = crate::api::disagreements(&CATALOGUE.access);
    assert!(told.is_empty(), "{told:#?}");
}

#[test]
fn page_sizes_multiply_cost() {
    let of = |first: &str| {
        cost(&format!(
            "{{ agencies{first} {{ edges {{ node {{ name }} }} }} }}"
        ))
    };
    assert_eq!(of("(first: 10)"), Ok(1 + 10 * 2));
    assert_eq!(of(""), Ok(1 + 20 * 2));
    // Never more than a page can have, however much is asked for.
    assert_eq!(of("(first: 99999999999999999999)"), Ok(1 + 20 * 2));
    assert_eq!(of("(first: 2000000000)"), Ok(1 + 200 * 2));
    // A variable's default counts like a number.
    let query = "query($n: Int = 10) { agencies(first: $n) { edges { node { name } } } }";
    assert_eq!(cost(query), Ok(1 + 10 * 2));
    let nested = "{ agencies(first: 200) { edges { node { creditRecords(first: 200) { edges { node { id } } } } } } }";
    assert!(matches!(
        cost(nested),
        Err(Refused::TooMany {
            what: "rows (cost)",
            ..
        })
    ));
}

#[test]
fn what_a_role_may_not_read_is_refused_wherever_it_stands() {
    let queries = [
        "{ mentions { totalCount } }",
        "query { ...f } fragment f on Query { mentions { totalCount } }",
        "{ ... on Query { mentions { totalCount } } }",
        "{ node(id: \"x\") { ... on Mention { text } } }",
        "{ __schema { types { name } } }",
    ];
    for query in queries {
        assert!(
            matches!(check_as(Role::Public, query), Err(Refused::Field { .. })),
            "{query}"
        );
        assert!(check_as(Role::Government, query).is_ok(), "{query}");
    }
    assert!(
        check_as(
            Role::Public,
            "{ __typename agencies { edges { node { name __typename } } } }"
        )
        .is_ok()
    );
}

/// Bombs of all shapes: wide and deep, diamonds, in inline fragments, with cycles.
fn bombs() -> Vec<String> {
    let mut bombs = Vec::new();
    for (wide, deep) in [(8, 9), (2, 40), (40, 30), (10, 7), (3, 49)] {
        let mut query = "query { ...f0 }".to_owned();
        for at in 0..deep {
            let spreads = format!("...f{} ", at + 1).repeat(wide);
            let _ = write!(query, " fragment f{at} on Query {{ {spreads} }}");
        }
        let _ = write!(query, " fragment f{deep} on Query {{ __typename }}");
        bombs.push(query);
    }
    bombs.push(
        "query { ...a } fragment a on Query { ...b } fragment b on Query { ...a }".to_owned(),
    );
    bombs.push(format!("{{ {} }}", "a: __typename ".repeat(500)));
    bombs.push(format!(
        "{{ agencies {{ edges {{ node {{ {} }} }} }} }}",
        "name @a @b @c @d @e @f".repeat(3)
    ));
    bombs.push(format!("{}{}", "{ node(id: 1) ".repeat(40), "}".repeat(40)));
    bombs.push(format!(
        "{{ division(code: \"1\") {} }}",
        "{ parent ".repeat(14) + "{ code }" + &" }".repeat(14)
    ));
    bombs
}

#[test]
fn bombs_are_refused_in_linear_time() {
    for bomb in bombs() {
        assert!(
            cost(&bomb).is_err(),
            "accepted: {}",
            &bomb[..bomb.len().min(120)]
        );
    }
}

#[test]
fn the_usual_introspection_query_passes() {
    let of_type = |levels: usize| "ofType { kind name ".repeat(levels) + &"}".repeat(levels);
    let query = format!(
        "{{ __schema {{ queryType {{ name }} types {{ kind name fields {{ name args {{ name type {{ kind name {} }} }} \
         type {{ kind name {} }} }} }} }} }}",
        of_type(7),
        of_type(7)
    );
    assert!(cost(&query).is_ok(), "{:?}", cost(&query));
}

#[test]
fn a_schema_that_leads_back_to_itself_is_too_much() {
    let circle = |levels: usize| {
        format!(
            "{{ __schema {{ types {{ {} name {} }} }} }}",
            "fields { type { ".repeat(levels),
            "} }".repeat(levels)
        )
    };
    assert!(cost(&circle(1)).is_ok(), "{:?}", cost(&circle(1)));
    for levels in [4, 5, 6] {
        assert!(cost(&circle(levels)).is_err(), "{levels}");
    }
}

#[test]
fn what_is_cheap_is_too_much_when_there_is_enough_of_it() {
    let names = |count: usize| {
        cost(&format!(
            "{{ agencies(first: 200) {{ edges {{ node {{ {} }} }} }} }}",
            "name ".repeat(count)
        ))
    };
    assert_eq!(names(100), Ok(401));
    let refused = Refused::TooMany {
        what: "values in its answer",
        limit: 50_000,
    };
    assert_eq!(names(400), Err(refused));
}

#[test]
fn arguments_count_as_often_as_they_are_read() {
    let of = |first: usize, values: usize| {
        let list = "\"x\" ".repeat(values);
        cost(&format!(
            "{{ agencies(first: {first}) {{ edges {{ node {{ creditRecords(first: 1, filter: \
             {{source: {{in: [{list}]}}}}) {{ totalCount }} }} }} }} }}"
        ))
    };
    assert!(of(20, 200).is_ok() && of(200, 20).is_ok());
    assert!(matches!(
        of(100, 200),
        Err(Refused::TooMany {
            what: "values in its arguments",
            ..
        })
    ));
}

#[test]
fn directives_stand_where_they_mean_something() {
    for query in [
        "query @include(if: true) { __typename }",
        "query ($a: Int @skip(if: true)) { agencies(first: $a) { totalCount } }",
        "{ ...F } fragment F on Query @include(if: true) { __typename }",
        "{ __typename } fragment F on Query @a { __typename }",
        "{ __typename @a }",
    ] {
        assert_eq!(cost(query), Err(Refused::Directive), "{query}");
    }
}

#[test]
fn whatever_needs_an_earlier_version_costs_what_reading_it_does() {
    let of = |field: &str| {
        cost(&format!("{{ {field} {{ edges {{ node {{ id }} }} }} }}")).expect("it may be asked")
    };
    let now = of("cases(first: 10)");
    let moment = r#"knownAt: "2026-05-10T12:00:00+08:00""#;
    let day = r#"asOf: "2026-05-10""#;
    for times in [moment, day, &format!("{day}, {moment}")] {
        assert_eq!(
            of(&format!("cases(first: 10, {times})")),
            now + PAST_COST,
            "{times}"
        );
    }
    // What a record was on a day is known from what it is now.
    assert_eq!(of(&format!("creditRecords({day})")), of("creditRecords"));
}

#[test]
fn tests_of_a_filter_cost_what_they_ask_of_all_rows() {
    let of = |filter: &str| {
        cost(&format!(
            "{{ agencies(filter: {filter}) {{ totalCount }} }}"
        ))
    };
    let plain = of("null").expect("it is no filter");
    let more = |filter: &str| of(filter).ok().map(|cost| cost - plain);
    assert_eq!(more("{active: true}"), Some(800 + 250));
    let text = |text: &str| format!("{{name: {{contains: \"{text}\"}}}}");
    let (one, two) = (
        more(&text("a")),
        more(&format!("{{or: [{} {}]}}", text("a"), text("b"))),
    );
    assert!(one < two, "{one:?} {two:?}");
    let codes = |count: usize| of(&format!("{{uscc: {{in: [{}]}}}}", "\"x\" ".repeat(count)));
    assert!(
        codes(10).ok() < codes(200).ok() && codes(200).is_ok(),
        "{:?}",
        codes(200)
    );
    for (tests, is_good) in [(12, true), (20, false), (50, false)] {
        let filter = format!("{{or: [{}]}}", text("a").repeat(tests));
        assert_eq!(of(&filter).is_ok(), is_good, "{tests}: {:?}", of(&filter));
    }
    // Below a division as well, but not what belongs to one body.
    let many = text("a").repeat(20);
    let below = format!(
        "{{ division(code: \"440000\") {{ agencies(filter: {{or: [{many}]}}) {{ totalCount }} }} }}"
    );
    assert!(cost(&below).is_err());
    let own = "{source: {eq: \"x\"}} ".repeat(20);
    let own = format!(
        "{{ agencies {{ edges {{ node {{ creditRecords(filter: {{or: [{own}]}}) {{ totalCount }} }} }} }} }}"
    );
    assert!(cost(&own).is_ok(), "{:?}", cost(&own));
}
