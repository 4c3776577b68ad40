//! The one pass against the plain way: fragments written out wherever they are spread, and counted.

use proptest::prelude::*;

use super::*;

const SCHEMA: &str = "type Query { t: T l: [T!] p(first: Int): [T!] x: Int s: [Int] } \
     type T { t: T l: [T!] p(first: Int): [T!] x: Int s: [Int] }";
const LENGTH: u64 = 3;
const FRAGMENTS: usize = 4;

/// A selection of a small document.
#[derive(Debug, Clone)]
enum Part {
    Field {
        name: &'static str,
        has_alias: bool,
        directives: usize,
        first: Option<&'static str>,
        inner: Vec<Part>,
    },
    Inline(Vec<Part>),
    /// Of a fragment further down, so that there is no circle.
    Spread(usize),
}

fn part() -> impl Strategy<Value = Part> {
    let leaf = prop_oneof![
        3 => (prop_oneof![Just("x"), Just("s")], any::<bool>(), 0..3_usize).prop_map(
            |(name, has_alias, directives)| Part::Field {
                name,
                has_alias,
                directives,
                first: None,
                inner: Vec::new(),
            }
        ),
        2 => (1..FRAGMENTS).prop_map(Part::Spread),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let first = prop_oneof![
            Just(None),
            Just(Some("2")),
            Just(Some("150")),
            Just(Some("4294967296")),
            Just(Some("$n")),
            Just(Some("$d")),
            Just(Some("$gone")),
        ];
        let fields = (
            prop_oneof![Just("t"), Just("l"), Just("p")],
            any::<bool>(),
            first,
            prop::collection::vec(inner.clone(), 1..4),
        );
        prop_oneof![
            4 => fields.prop_map(|(name, has_alias, first, inner)| Part::Field {
                name,
                has_alias,
                directives: 0,
                first: first.filter(|_| name == "p"),
                inner,
            }),
            1 => prop::collection::vec(inner, 1..4).prop_map(Part::Inline),
        ]
    })
}

fn write(parts: &[Part], from: usize, text: &mut String) {
    for part in parts {
        match part {
            Part::Field {
                name,
                has_alias,
                directives,
                first,
                inner,
            } => {
                let alias = if *has_alias { "a: " } else { "" };
                let first = first.map_or_else(String::new, |first| format!("(first: {first})"));
                let directives = " @skip(if: false)".repeat(*directives);
                let _ = write!(text, "{alias}{name}{first}{directives} ");
                if !inner.is_empty() {
                    text.push_str("{ ");
                    write(inner, from, text);
                    text.push_str("} ");
                }
            }
            Part::Inline(inner) => {
                text.push_str("... { ");
                write(inner, from, text);
                text.push_str("} ");
            }
            Part::Spread(by) => match from + by {
                to if to < FRAGMENTS => drop(write!(text, "...f{to} ")),
                _ => text.push_str("x "),
            },
        }
    }
}

/// The sums, with numbers so big that none of them is ever reached.
#[derive(Debug, Clone, Copy, Default)]
struct Plain {
    nodes: u128,
    aliases: u128,
    directives: u128,
    depth: u128,
    cost: u128,
    values: u128,
    inputs: u128,
    roots: u128,
    /// Somewhere within there are too many fields of a root: what a field leads to ends their count.
    has_roots_within: bool,
}

impl Plain {
    fn is_too_much(&self) -> bool {
        self.nodes > 1_000
            || self.aliases > 15
            || self.directives > 20
            || self.depth > 10
            || self.cost > 5_000
            || self.values > 50_000
            || self.inputs > 10_000
            || self.roots > 10
            || self.has_roots_within
    }
}

fn expand(parts: &[Part], from: usize, fragments: &[Vec<Part>], is_root: bool) -> Plain {
    let mut sum = Plain::default();
    for part in parts {
        let one = match part {
            Part::Field {
                name,
                has_alias,
                directives,
                first,
                inner,
            } => {
                let below = expand(inner, from, fragments, false);
                let rows = match (*name, first) {
                    ("l" | "s", _) => u128::from(LENGTH),
                    ("p", None | Some("$gone")) => 20,
                    ("p", Some("2")) => 2,
                    ("p", Some("$n")) => 7,
                    ("p", Some("$d")) => 150,
                    ("p", Some("150")) => 150,
                    ("p", Some(_)) => 200,
                    _ => 1,
                };
                Plain {
                    nodes: below.nodes + 1,
                    aliases: below.aliases + u128::from(*has_alias),
                    directives: below.directives + *directives as u128,
                    depth: below.depth + 1,
                    cost: u128::from(!matches!(*name, "x" | "s")) + rows * below.cost,
                    values: rows * (below.values + 1),
                    inputs: u128::from(first.is_some_and(|first| first != "$gone"))
                        + rows * below.inputs,
                    roots: u128::from(is_root),
                    has_roots_within: below.has_roots_within || below.roots > 10,
                }
            }
            Part::Inline(inner) => expand(inner, from, fragments, is_root),
            Part::Spread(by) => match from + by {
                // A fragment is on the type that it says, wherever it is spread.
                to if to < FRAGMENTS => expand(&fragments[to], to, fragments, to % 2 == 0),
                _ => Plain {
                    nodes: 1,
                    depth: 1,
                    values: 1,
                    roots: u128::from(is_root),
                    ..Plain::default()
                },
            },
        };
        sum = Plain {
            nodes: sum.nodes + one.nodes,
            aliases: sum.aliases + one.aliases,
            directives: sum.directives + one.directives,
            depth: sum.depth.max(one.depth),
            cost: sum.cost + one.cost,
            values: sum.values + one.values,
            inputs: sum.inputs + one.inputs,
            roots: sum.roots + one.roots,
            has_roots_within: sum.has_roots_within || one.has_roots_within,
        };
    }
    sum
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn one_pass_comes_to_what_writing_out_comes_to(
        fragments in prop::collection::vec(prop::collection::vec(part(), 1..5), FRAGMENTS)
    ) {
        // The first stands for the operation; none of the others is spread above itself.
        let mut text = "query ($n: Int = 3, $d: Int = 150, $gone: Int) { ".to_owned();
        write(&fragments[0], 0, &mut text);
        text.push('}');
        for (at, parts) in fragments.iter().enumerate().skip(1) {
            let on = if at % 2 == 0 { "Query" } else { "T" };
            let _ = write!(text, " fragment f{at} on {on} {{ ");
            write(parts, at, &mut text);
            text.push('}');
        }
        let facts = Facts::with_lists(SCHEMA, |_, _| Some(LENGTH)).expect("a schema");
        let variables = Variables::from_json(serde_json::json!({ "n": 7 }));
        let measure = Measure {
            facts: &facts,
            variables: Some(&variables),
            reader: None,
            reviewed: &Reviewed::default(),
        };
        let document = parse_query(&text).expect("it parses");
        let found = super::super::check(&document, measure);
        let plain = expand(&fragments[0], 0, &fragments, true);
        let is_too_much = plain.is_too_much()
            || (1..FRAGMENTS).any(|at| {
                expand(&fragments[at], at, &fragments, at % 2 == 0).is_too_much()
            });
        match found {
            Ok(cost) => {
                prop_assert!(!is_too_much, "{text}\n{plain:?}");
                prop_assert_eq!(u128::from(cost), plain.cost, "{}", text);
            }
            Err(Refused::TooMany { .. }) => prop_assert!(is_too_much, "{text}\n{plain:?}"),
            Err(other) => prop_assert!(false, "{other:?}: {text}"),
        }
    }
}
