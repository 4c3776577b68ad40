use std::fmt::Write;

use async_graphql::parser::parse_query;

use super::*;
use crate::{api::graphql, catalogue::Catalogue};

fn check_as(role: Role, query: &str) -> Result<u64, Refused> {
    let catalogue = Catalogue::load(None).expect("the built-in catalogue is good");
    let facts = Facts::of(&graphql::sdl()).expect("the schema is reckoned with");
    scan(query)?;
    let document = parse_query(query).map_err(|_| Refused::Syntax)?;
    let measure = Measure {
        facts: &facts,
        variables: Some(&Variables::default()),
        reader: Some((&catalogue.access, role)),
        reviewed: &Reviewed::default(),
    };
    super::check(&document, measure)
}

fn cost(query: &str) -> Result<u64, Refused> {
    check_as(Role::Government, query)
}

#[test]
fn every_field_of_the_schema_is_named_in_the_table_and_no_other() {
    let catalogue = Catalogue::load(None).expect("the built-in catalogue is good");
    let told = crate::api::disagreements(&catalogue.access);
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
