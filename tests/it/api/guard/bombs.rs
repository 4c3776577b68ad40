//! Queries that are small to send and endless to answer.

use super::{fragments, times};

/// Fragments in fragments, of all shapes. Every one would be big if it were expanded, or has no end.
pub(super) fn fragment_bombs() -> Vec<(String, String)> {
    let mut bombs = Vec::new();
    let mut bomb = |what: String, query: String| bombs.push((what, query));
    let agency = "agency(uscc: \"11440600007039565U\")";
    let shapes = [
        (
            "plain",
            "Query",
            "{ ...f0 }".to_owned(),
            ("", ""),
            "a: __typename viewer { role }",
        ),
        (
            "inline",
            "Query",
            "{ ...f0 }".to_owned(),
            ("... on Query { ", " }"),
            "viewer { role }",
        ),
        (
            "bare inline",
            "Query",
            "{ ...f0 }".to_owned(),
            ("... { ", " }"),
            "viewer { role }",
        ),
        (
            "directives",
            "Query",
            "{ ...f0 }".to_owned(),
            ("... @include(if: true) { ", " }"),
            "viewer { role }",
        ),
        (
            "below an agency",
            "Agency",
            format!("{{ {agency} {{ ...f0 }} }}"),
            ("", ""),
            "id name",
        ),
        (
            "through superiors",
            "Agency",
            format!("{{ {agency} {{ ...f0 }} }}"),
            ("superior { ", " }"),
            "id",
        ),
        (
            "through pages",
            "Agency",
            format!("{{ {agency} {{ ...f0 }} }}"),
            ("subordinates { edges { node { ", " } } }"),
            "id",
        ),
        (
            "below a node",
            "Node",
            "{ node(id: \"x\") { ...f0 } }".to_owned(),
            ("", ""),
            "id ... on Agency { name }",
        ),
        (
            "through parents",
            "Division",
            "{ division(code: \"440604\") { ...f0 } }".to_owned(),
            ("parent { ", " }"),
            "code",
        ),
        (
            "through children",
            "Division",
            "{ division(code: \"440604\") { ...f0 } }".to_owned(),
            ("children { ", " }"),
            "code",
        ),
        (
            "introspection",
            "__Type",
            "{ __type(name: \"Query\") { ...f0 } }".to_owned(),
            ("ofType { ", " }"),
            "name",
        ),
        (
            "introspection in lists",
            "__Type",
            "{ __type(name: \"Query\") { ...f0 } }".to_owned(),
            ("fields { type { ", " } }"),
            "name",
        ),
    ];
    for (shape, on, query, shell, leaf) in &shapes {
        for (wide, deep) in [
            (8, 9),
            (2, 13),
            (2, 20),
            (2, 40),
            (3, 9),
            (3, 25),
            (4, 12),
            (5, 7),
            (6, 48),
            (7, 20),
            (9, 30),
            (10, 5),
            (10, 9),
            (12, 6),
            (16, 4),
            (20, 10),
            (30, 30),
            (40, 20),
            (1, 49),
        ] {
            let text = format!("{query}{}", fragments(wide, deep, on, *shell, leaf));
            // A lone spread in each fragment is deep and not big.
            if wide > 1 || !shell.0.is_empty() {
                bomb(format!("{shape}, {wide} wide, {deep} deep"), text);
            }
        }
    }
    for length in [1, 2, 3, 10, 49] {
        let circle: String = (0..length)
            .map(|at| format!(" fragment f{at} on Query {{ ...f{} }}", (at + 1) % length))
            .collect();
        bomb(
            format!("a circle of {length}"),
            format!("{{ ...f0 }}{circle}"),
        );
        bomb(
            format!("a circle of {length}, entered twice"),
            format!("{{ ...f0 ...f0 }}{circle}"),
        );
        let inner: String = (0..length)
            .map(|at| {
                format!(
                    " fragment f{at} on Division {{ parent {{ ...f{} }} children {{ ...f{} }} }}",
                    (at + 1) % length,
                    (at + 1) % length
                )
            })
            .collect();
        bomb(
            format!("a circle of {length} through fields"),
            format!("{{ division(code: \"1\") {{ ...f0 }} }}{inner}"),
        );
        let unused = format!("{{ __typename }}{circle}");
        bomb(format!("a circle of {length} that nobody enters"), unused);
    }
    bombs
}

/// What else is too much.
pub(super) fn other_bombs() -> Vec<(String, String)> {
    let mut bombs = Vec::new();
    let mut bomb = |what: String, query: String| bombs.push((what, query));
    let agency = "agency(uscc: \"11440600007039565U\")";
    for count in [16, 50, 200, 400] {
        bomb(
            format!("{count} aliases of a leaf"),
            format!("{{ {} }}", times(count, "a#: __typename ")),
        );
        bomb(
            format!("{count} aliases below"),
            format!("{{ viewer {{ {} }} }}", times(count, "a#: role ")),
        );
        bomb(
            format!("{count} aliases of a page"),
            format!(
                "{{ viewer {{ {} }} }}",
                times(count, "a#: divisions { code } ")
            ),
        );
        bomb(
            format!("{count} inline fragments with aliases"),
            format!("{{ viewer {{ {} }} }}", times(count, "... { a#: role } ")),
        );
        let spread = times(count.min(45), "...g# ");
        let each = times(
            count.min(45),
            " fragment g# on Viewer { a#: role b#: subject }",
        );
        bomb(
            format!("{count} aliases in fragments"),
            format!("{{ viewer {{ {spread} }} }}{each}"),
        );
    }
    for count in [11, 50, 500] {
        bomb(
            format!("{count} root fields"),
            format!("{{ {} }}", "sources { key } ".repeat(count)),
        );
        bomb(
            format!("{count} spreads at the root"),
            format!(
                "{{ {} }} fragment F on Query {{ viewer {{ role }} }}",
                "...F ".repeat(count)
            ),
        );
    }
    // More root fields than may be, behind fragments.
    let fields = times(14, "a#: sources { key } ");
    bomb(
        "root fields in a fragment".to_owned(),
        format!("{{ ...F }} fragment F on Query {{ {fields} }}"),
    );
    bomb(
        "root fields in an inline fragment".to_owned(),
        format!("{{ ... on Query {{ {fields} }} }}"),
    );
    for count in [6, 20, 300] {
        let directives = "@include(if: true) ".repeat(count);
        bomb(
            format!("{count} directives on a field"),
            format!("{{ __typename {directives} }}"),
        );
        bomb(
            format!("{count} directives on a spread"),
            format!("{{ ...F {directives} }} fragment F on Query {{ __typename }}"),
        );
        bomb(
            format!("{count} directives on an inline fragment"),
            format!("{{ ... {directives} {{ __typename }} }}"),
        );
        bomb(
            format!("{count} unknown directives"),
            format!("{{ __typename {} }}", times(count, "@d# ")),
        );
    }
    for count in [21, 100, 300] {
        bomb(
            format!("{count} directives in all"),
            format!(
                "{{ viewer {{ {} }} }}",
                "role @include(if: true) ".repeat(count)
            ),
        );
    }
    for levels in [9, 13, 16, 20, 21, 31, 32, 100, 1_000, 5_000] {
        bomb(
            format!("{levels} parents"),
            format!(
                "{{ division(code: \"440604\") {}code{} }}",
                "{ parent ".repeat(levels),
                " }".repeat(levels)
            )
            .replace("parent code", "parent { code }"),
        );
        bomb(
            format!("{levels} superiors"),
            format!(
                "{{ {agency} {{ {} id {} }} }}",
                "superior { ".repeat(levels),
                "} ".repeat(levels)
            ),
        );
        // They are no levels of the answer, so there may be as many again.
        if levels > 20 {
            bomb(
                format!("{levels} inline fragments"),
                format!(
                    "{{ {} __typename {} }}",
                    "... { ".repeat(levels),
                    "} ".repeat(levels)
                ),
            );
        }
        let list = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        if levels > 31 {
            bomb(
                format!("{levels} lists"),
                format!("{{ agencies(orderBy: {list}) {{ totalCount }} }}"),
            );
            let object = format!("{}{}", "{ not: ".repeat(levels), "}".repeat(levels));
            bomb(
                format!("{levels} filters"),
                format!("{{ agencies(filter: {object}) {{ totalCount }} }}"),
            );
        }
    }
    for size in [17_000, 100_000, 200_000] {
        bomb(
            format!("a comment of {size}"),
            format!("#{}\n{{ __typename }}", "x".repeat(size)),
        );
        bomb(
            format!("a name of {size}"),
            format!("{{ {} }}", "x".repeat(size)),
        );
        bomb(
            format!("a string of {size}"),
            format!("{{ division(code: \"{}\") {{ code }} }}", "1".repeat(size)),
        );
        bomb(
            format!("{size} spaces"),
            format!("{{ {} __typename }}", " ".repeat(size)),
        );
        bomb(
            format!("{size} commas"),
            format!("{{ {} __typename }}", ",".repeat(size)),
        );
    }
    bomb("tokens".to_owned(), format!("{{ {} }}", "a ".repeat(2_500)));
    bomb(
        "tokens of a list".to_owned(),
        format!(
            "{{ agencies(filter: {{ kind: [{}] }}) {{ totalCount }} }}",
            "ORGAN ".repeat(2_100)
        ),
    );
    bomb(
        "tokens without spaces".to_owned(),
        format!(
            "{{ agencies(filter: {{ kind: [{}] }}) {{ totalCount }} }}",
            "1,".repeat(2_100)
        ),
    );
    bomb("brackets only".to_owned(), "{".repeat(10_000));
    bomb("closing brackets only".to_owned(), "}".repeat(10_000));
    bomb("strings that do not end".to_owned(), "\"".repeat(9_999));
    bomb(
        "block strings that do not end".to_owned(),
        "\"\"\"".repeat(3_333),
    );
    bomb(
        "the same field over and over".to_owned(),
        format!("{{ viewer {{ {} }} }}", "role ".repeat(1_100)),
    );
    bomb(
        "operations".to_owned(),
        times(11, "query q# { __typename } "),
    );
    bomb(
        "many operations".to_owned(),
        times(200, "query q# { __typename } "),
    );
    bomb(
        "fragments".to_owned(),
        format!(
            "{{ {} }}{}",
            times(9, "...f# "),
            times(51, " fragment f# on Query { __typename }")
        ),
    );
    bomb(
        "fragments that nobody spreads".to_owned(),
        format!(
            "{{ __typename }}{}",
            times(51, " fragment f# on Query { __typename }")
        ),
    );
    bomb(
        "variables".to_owned(),
        format!("query ({}) {{ __typename }}", times(101, "$v#: Int ")),
    );
    bomb(
        "a bomb in the operation that is not asked".to_owned(),
        format!(
            "query q {{ __typename }} query b {{ ...f0 }}{}",
            fragments(8, 9, "Query", ("", ""), "viewer { role }")
        ),
    );
    for (first, inner) in [
        ("200", "200"),
        ("200", "100"),
        ("100", "200"),
        ("2000000000", "2000000000"),
        ("200", "30"),
    ] {
        bomb(
            format!("pages of {first} and {inner}"),
            format!(
                "{{ agencies(first: {first}) {{ edges {{ node {{ creditRecords(first: {inner}) {{ edges {{ node {{ id agency {{ id }} }} }} }} }} }} }} }}"
            ),
        );
        bomb(
            format!("pages of {first} and {inner} in fragments"),
            format!(
                "{{ ...A }} fragment A on Query {{ agencies(first: {first}) {{ edges {{ node {{ ...B }} }} }} }} fragment B on Agency {{ subordinates(first: {inner}) {{ edges {{ node {{ id superior {{ id }} }} }} }} }}"
            ),
        );
    }
    bomb(
        "children of children of children of children".to_owned(),
        "{ division(code: \"100000\") { children { children { children { children { code } } } } } }".to_owned(),
    );
    bomb(
        "pages of default size in pages".to_owned(),
        "{ agencies { edges { node { subordinates { edges { node { creditRecords { edges { node { evidence { id source { id } } } } } } } } } } } }".to_owned(),
    );
    bombs
}
