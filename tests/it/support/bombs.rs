//! Requests that are small to send and big to answer, made from a seed: of every family as many as are
//! wanted.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};
use serde_json::{Value, json};

/// One request.
#[derive(Debug, Clone)]
pub struct Bomb {
    pub family: &'static str,
    /// The bytes of its body.
    pub body: Vec<u8>,
}

/// A family: how one of it is made.
type Make = fn(&mut Dice) -> Value;

const FAMILIES: [(&str, Make); 22] = [
    ("wide and deep fragments", fragments),
    ("diamonds", diamonds),
    ("inline fragments mixed in", mixed),
    ("circles of fragments", circles),
    ("unused fragments", unused_fragments),
    ("unused operations", unused_operations),
    ("nested pages", pages),
    ("pages by variables", pages_by_variables),
    ("aliases", aliases),
    ("the same field again", repeated),
    ("root fields", roots),
    ("directives", directives),
    ("directives elsewhere", directives_elsewhere),
    ("variables", variables),
    ("big variables", big_variables),
    ("deep input", deep_input),
    ("wide input", wide_input),
    ("long texts", long_texts),
    ("comments and characters", characters),
    ("introspection", introspection),
    ("deep selections", deep),
    ("damaged queries", damaged),
];

/// So many bombs, of all families in turn.
pub fn bombs(seed: u64, count: usize) -> impl Iterator<Item = Bomb> {
    let mut dice = Dice(ChaCha8Rng::seed_from_u64(seed));
    FAMILIES
        .iter()
        .cycle()
        .take(count)
        .map(move |(family, make)| Bomb {
            family,
            body: make(&mut dice).to_string().into_bytes(),
        })
}

struct Dice(ChaCha8Rng);

impl Dice {
    /// From `low` to `high`, both included; big numbers are rarer.
    fn roll(&mut self, low: usize, high: usize) -> usize {
        let span = high - low + 1;
        let one = self.0.next_u64() as usize % span;
        let other = self.0.next_u64() as usize % span;
        low + one.min(other)
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.0.next_u64() as usize % choices.len()]
    }
}

fn query(text: impl Into<String>) -> Value {
    json!({ "query": text.into() })
}

/// A text repeated with a number in place of `#`.
fn times(count: usize, part: &str) -> String {
    (0..count)
        .map(|n| part.replace('#', &n.to_string()))
        .collect()
}

/// Where fragments may stand: a type, a query that reaches it, ways from it to itself, and leaves.
const PLACES: [(&str, &str, &[&str], &[&str]); 5] = [
    (
        "Query",
        "{ # }",
        &[
            "@",
            "... on Query { @ }",
            "... { @ }",
            "... @include(if: true) { @ }",
        ],
        &[
            "__typename",
            "viewer { role }",
            "a: __typename",
            "agencies { totalCount }",
        ],
    ),
    (
        "Agency",
        "{ agencies(first: 50) { edges { node { # } } } }",
        &[
            "@",
            "superior { @ }",
            "subordinates { edges { node { @ } } }",
            "division { agencies { edges { node { @ } } } }",
            "... on Node { ... on Agency { @ } }",
        ],
        &[
            "id",
            "name",
            "creditRecords { totalCount }",
            "formerNames { name }",
        ],
    ),
    (
        "Division",
        "{ division(code: \"440000\") { # } }",
        &[
            "@",
            "parent { @ }",
            "children { @ }",
            "... @skip(if: false) { @ }",
        ],
        &["code", "name", "agencies { totalCount }"],
    ),
    (
        "CreditRecord",
        "{ creditRecords { edges { node { # } } } }",
        &[
            "@",
            "agency { creditRecords { edges { node { @ } } } }",
            "identifiedByAgency { creditRecords { edges { node { @ } } } }",
        ],
        &["id", "agency { name }", "evidence { source { key } }"],
    ),
    (
        "__Type",
        "{ __schema { types { # } } }",
        &[
            "ofType { @ }",
            "fields { type { @ } }",
            "possibleTypes { @ }",
            "interfaces { @ }",
        ],
        &["name", "kind", "fields { name args { name } }"],
    ),
];

fn layered(dice: &mut Dice, wide: usize, deep: usize, is_mixed: bool) -> String {
    let (on, root, ways, leaves) = PLACES[dice.roll(0, PLACES.len() - 1)];
    let way = dice.of(ways);
    let mut text = root.replace('#', "...f0 ");
    for at in 0..deep {
        text.push_str(&format!(" fragment f{at} on {on} {{ "));
        for _ in 0..wide {
            let way = if is_mixed { dice.of(ways) } else { way };
            text.push_str(&way.replace('@', &format!("...f{} ", at + 1)));
        }
        text.push('}');
    }
    text + &format!(" fragment f{deep} on {on} {{ {} }}", dice.of(leaves))
}

fn fragments(dice: &mut Dice) -> Value {
    let (wide, deep) = (dice.roll(2, 40), dice.roll(3, 49));
    query(layered(dice, wide, deep, false))
}

fn diamonds(dice: &mut Dice) -> Value {
    let deep = dice.roll(8, 49);
    query(layered(dice, 2, deep, true))
}

fn mixed(dice: &mut Dice) -> Value {
    let (wide, deep) = (dice.roll(2, 12), dice.roll(4, 40));
    query(layered(dice, wide, deep, true))
}

fn circles(dice: &mut Dice) -> Value {
    let (on, root, ways, _) = PLACES[dice.roll(0, PLACES.len() - 1)];
    let length = dice.roll(1, 50);
    let mut text = root.replace('#', dice.of(&["...f0 ", "...f0 ...f0 ", "__typename "]));
    for at in 0..length {
        let way = dice.of(ways);
        let next = (at + 1) % length;
        text.push_str(&format!(" fragment f{at} on {on} {{ "));
        text.push_str(&way.replace('@', &format!("...f{next} ")));
        text.push('}');
    }
    query(text)
}

fn unused_fragments(dice: &mut Dice) -> Value {
    let bomb = layered(dice, 10, 20, true);
    let at = bomb.find(" fragment").unwrap_or_default();
    query(format!("{{ __typename }}{}", &bomb[at..]))
}

fn unused_operations(dice: &mut Dice) -> Value {
    let count = dice.roll(2, 600);
    let body = dice.of(&[
        "__typename",
        "viewer { role }",
        "agencies { edges { node { name } } }",
    ]);
    json!({ "query": times(count, &format!("query q# {{ {body} }} ")), "operationName": "q0" })
}

fn page(dice: &mut Dice, how: &str) -> String {
    const WAYS: [&str; 4] = [
        "agencies(@) { edges { node { division { # } } } }",
        "agencies(@) { edges { node { superior { division { # } } } } }",
        "agencies(@) { edges { node { subordinates(@) { edges { node { division { # } } } } } } }",
        "children { # }",
    ];
    let mut text = "division(code: \"440000\") { # }".to_owned();
    for _ in 0..dice.roll(1, 6) {
        text = text.replace('#', dice.of(&WAYS));
    }
    let leaf = dice.of(&[
        "code",
        "agencies(@) { edges { node { creditRecords(@) { edges { node { id caseNumber } } } } } }",
        "agencies(@) { totalCount edges { cursor } }",
    ]);
    format!("{{ {} }}", text.replace('#', leaf)).replace('@', how)
}

fn pages(dice: &mut Dice) -> Value {
    let size = dice.of(&[
        "1",
        "20",
        "200",
        "201",
        "100000",
        "2147483647",
        "4294967296",
        "99999999999999999999",
        "-1",
        "null",
        "1.5",
        "\"200\"",
        "true",
        "[200]",
        "{a: 1}",
    ]);
    let argument = dice.of(&["first", "last"]);
    query(page(dice, &format!("{argument}: {size}")))
}

fn pages_by_variables(dice: &mut Dice) -> Value {
    let body = page(dice, "first: $n");
    let default = dice.of(&["", " = 200", " = 2000000000", " = null"]);
    let given = [
        json!({}),
        json!({ "n": 200 }),
        json!({ "n": 4_294_967_296_i64 }),
        json!({ "n": -5 }),
        json!({ "n": null }),
        json!({ "n": "200" }),
    ];
    json!({ "query": format!("query ($n: Int{default}) {body}"), "variables": given[dice.roll(0, 5)] })
}

fn aliases(dice: &mut Dice) -> Value {
    let count = dice.roll(10, 900);
    let field = dice.of(&[
        "viewer { role }",
        "agencies(first: 200) { totalCount }",
        "resolve(input: {name: \"水务局\"}) { outcome }",
        "__typename",
    ]);
    query(format!("{{ {} }}", times(count, &format!("a#: {field} "))))
}

fn repeated(dice: &mut Dice) -> Value {
    let count = dice.roll(10, 1_900);
    let (before, field, after) = match dice.roll(0, 2) {
        0 => ("{ ", "__typename ", " }"),
        1 => (
            "{ agencies(first: 200) { edges { node { ",
            "name ",
            " } } } }",
        ),
        _ => (
            "{ creditRecords(first: 200) { edges { node { ",
            "agency { name } ",
            " } } } }",
        ),
    };
    query(format!("{before}{}{after}", field.repeat(count)))
}

fn roots(dice: &mut Dice) -> Value {
    let count = dice.roll(5, 300);
    let fields = [
        "viewer { role } ",
        "sources { key } ",
        "agencies { totalCount } ",
        "creditRecords { totalCount } ",
        "mentions { totalCount } ",
    ];
    let all: String = (0..count).map(|_| dice.of(&fields)).collect();
    query(format!("{{ {all} }}"))
}

fn directives(dice: &mut Dice) -> Value {
    let count = dice.roll(1, 900);
    let one = dice.of(&[
        "@include(if: true) ",
        "@skip(if: false) ",
        "@a# ",
        "@deprecated ",
        "@include ",
    ]);
    let at = dice.of(&["__typename #", "viewer # { role }", "... # { __typename }"]);
    query(format!("{{ {} }}", at.replace('#', &times(count, one))))
}

fn directives_elsewhere(dice: &mut Dice) -> Value {
    let all = times(dice.roll(1, 900), dice.of(&["@a# ", "@include(if: true) "]));
    query(match dice.roll(0, 3) {
        0 => format!("query {all} {{ __typename }}"),
        1 => format!("query ($a: Int {all}) {{ agencies(first: $a) {{ totalCount }} }}"),
        2 => format!("{{ ...f }} fragment f on Query {all} {{ __typename }}"),
        _ => times(200, "{ __typename @include(if: true) @skip(if: false) }"),
    })
}

fn variables(dice: &mut Dice) -> Value {
    let count = dice.roll(20, 600);
    let kind = dice.of(&["Int", "[String!]", "AgencyFilter", "Nothing", "[[[[Int]]]]"]);
    let default = dice.of(&["", " = 1", " = []", " = {}"]);
    let declared = times(count, &format!("$v#: {kind}{default} "));
    let used = match dice.roll(0, 1) {
        0 => String::new(),
        _ => times(count.min(300), "agencies(first: $v#) { totalCount } "),
    };
    query(format!("query ({declared}) {{ __typename {used} }}"))
}

const FILTERED: &str = "query ($f: AgencyFilter) { agencies(filter: $f, first: 200) { totalCount edges { node { name } } } }";

fn big_variables(dice: &mut Dice) -> Value {
    let count = dice.roll(100, 20_000);
    let value = match dice.roll(0, 4) {
        0 => json!(vec![1; count]),
        1 => json!({ "or": vec![json!({ "name": { "contains": "x" } }); count.min(6_000)] }),
        2 => json!({ "uscc": { "in": vec!["11440000000000000X"; count.min(9_000)] } }),
        3 => json!({ "name": { "contains": "信".repeat(count) } }),
        _ => {
            json!({ "and": vec![json!({ "or": vec![json!({ "active": true }); 60] }); count.min(150)] })
        }
    };
    let uses = dice.roll(1, 10);
    let fields = times(uses, "a#: agencies(filter: $f) { totalCount } ");
    let text = match dice.roll(0, 1) {
        0 => FILTERED.to_owned(),
        _ => format!("query ($f: AgencyFilter) {{ {fields} }}"),
    };
    json!({ "query": text, "variables": { "f": value, "unused": vec![0; 50] } })
}

fn deep_input(dice: &mut Dice) -> Value {
    let levels = dice.roll(5, 2_000);
    let key = dice.of(&["not", "and", "or"]);
    if dice.roll(0, 1) == 0 {
        let text = format!("{{ {key}: ").repeat(levels) + "{}" + &"}".repeat(levels);
        return query(format!("{{ agencies(filter: {text}) {{ totalCount }} }}"));
    }
    let mut value = json!({});
    // JSON readers stop at 128 levels.
    for _ in 0..levels.min(125) {
        value = match key {
            "not" => json!({ key: value }),
            _ => json!({ key: [value] }),
        };
    }
    json!({ "query": FILTERED, "variables": { "f": value } })
}

fn wide_input(dice: &mut Dice) -> Value {
    let count = dice.roll(10, 300);
    let test = dice.of(&[
        "{name: {contains: \"局\"}} ",
        "{active: true} ",
        "{division: {within: \"440000\"}} ",
        "{uscc: {startsWith: \"11\"}} ",
        "{hasActiveRecord: true} ",
    ]);
    let key = dice.of(&["and", "or"]);
    let fields = dice.roll(1, 12);
    let filter = format!("{{{key}: [{}]}}", test.repeat(count / fields));
    query(format!(
        "{{ {} }}",
        times(
            fields,
            &format!("a#: agencies(filter: {filter}, first: 200) {{ totalCount }} ")
        )
    ))
}

fn long_texts(dice: &mut Dice) -> Value {
    let length = dice.roll(100, 100_000);
    let text = dice
        .of(&["a", "信", "\\u4fe1", "\\\"", "\\\\", " "])
        .repeat(length);
    let quote = dice.of(&["\"", "\"\"\""]);
    let end = dice.of(&[quote, ""]);
    let field = dice.of(&[
        "agency(uscc: #) { name }",
        "resolve(input: {name: #}) { outcome }",
        "agencies(after: #) { totalCount }",
        "node(id: #) { id }",
        "agencies(filter: {name: {contains: #}}) { totalCount }",
    ]);
    query(format!(
        "{{ {} }}",
        field.replace('#', &format!("{quote}{text}{end}"))
    ))
}

fn characters(dice: &mut Dice) -> Value {
    let count = dice.roll(10, 60_000);
    let part = dice.of(&[
        "#\n",
        "# 信用 \r\n",
        ",",
        "\u{feff}",
        "\u{0}",
        "\u{202e}",
        "😀",
        "é",
        "{",
        "}",
        "[",
        "(",
        "!",
        "$",
        "&",
        "|",
        "...",
        "\"",
        "\"\"\"",
        "1e",
        "-",
        "@",
        ":",
        "\u{2028}",
    ]);
    let text = part.repeat(count);
    query(match dice.roll(0, 2) {
        0 => format!("{text}{{ __typename }}"),
        1 => format!("{{ __typename {text} }}"),
        _ => text,
    })
}

fn introspection(dice: &mut Dice) -> Value {
    let mut text = "__schema { types { # } }".to_owned();
    for _ in 0..dice.roll(1, 12) {
        text = text.replace(
            '#',
            dice.of(&[
                "name fields { type { # } }",
                "fields { args { type { # } } }",
                "ofType { # }",
                "inputFields { type { # } }",
                "possibleTypes { # } interfaces { name }",
                "fields(includeDeprecated: true) { name type { # } args { type { # } } }",
            ]),
        );
    }
    query(format!("{{ {} }}", text.replace('#', "name description")))
}

fn deep(dice: &mut Dice) -> Value {
    let levels = dice.roll(8, 5_000);
    let (start, one) = match dice.roll(0, 3) {
        0 => ("division(code: \"440000\")", "{ parent "),
        1 => ("agency(uscc: \"x\")", "{ superior "),
        2 => ("... ", "{ ... "),
        _ => ("nothing", "{ nothing "),
    };
    let close = dice.roll(0, 1) * levels;
    query(format!(
        "{{ {start} {} {{ id }} {} }}",
        one.repeat(levels),
        "}".repeat(close)
    ))
}

/// A good query with some of its words lost, doubled or swapped.
fn damaged(dice: &mut Dice) -> Value {
    let mut words: Vec<&str> = "query Q ( $n : Int = 200 , $f : AgencyFilter ) { agencies ( first : $n , filter : $f ) \
        { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { ... F division { code } \
        creditRecords ( first : 5 ) { edges { node { id evidence { id } } } } } } } } fragment F on Agency { id name uscc }"
        .split(' ')
        .collect();
    for _ in 0..dice.roll(1, 30) {
        let (at, to) = (dice.roll(0, words.len() - 1), dice.roll(0, words.len() - 1));
        match dice.roll(0, 2) {
            0 if words.len() > 2 => drop(words.remove(at)),
            1 => words.insert(at, words[to]),
            _ => words.swap(at, to),
        }
    }
    query(words.join(" "))
}
