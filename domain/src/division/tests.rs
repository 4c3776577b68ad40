use proptest::prelude::*;

use super::*;

fn code(text: &str) -> DivisionCode {
    text.parse().expect(text)
}

fn day(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).expect("a day that exists")
}

fn division(own: &str, name: &str, level: DivisionLevel, parent: &str) -> Division {
    Division {
        code: code(own),
        name: name.to_owned(),
        level,
        parent: (!parent.is_empty()).then(|| code(parent)),
        valid_from: None,
        valid_to: None,
        successors: Vec::new(),
    }
}

fn rows() -> Vec<Division> {
    use DivisionLevel::{County, Nation, Prefecture, Province, Township};
    let former = |own, name, years: (i32, i32), successors: &[&str]| Division {
        valid_from: Some(day(years.0)),
        valid_to: day(years.1).pred_opt(),
        successors: successors.iter().map(|text| code(text)).collect(),
        ..division(own, name, County, "440600")
    };
    vec![
        division("441900003", "东城街道办事处", Township, "441900"),
        division("441900", "东莞市", Prefecture, "440000"),
        division("440606003", "大良街道", Township, "440606"),
        division("440606", "顺德区", County, "440600"),
        Division {
            valid_from: Some(day(2003)),
            ..division("440604", "禅城区", County, "440600")
        },
        former("440602", "城区", (1987, 2003), &["440604"]),
        former("440603", "石湾区", (1987, 2003), &["440604"]),
        former("440620", "中山县", (1975, 1984), &["440602", "442000"]),
        division("442000", "中山市", Prefecture, "440000"),
        division("440600", "佛山市", Prefecture, "440000"),
        division("440000", "广东省", Province, "100000"),
        division("110000", "北京市", Province, "100000"),
        division("110100", "市辖区", Prefecture, "110000"),
        division("110105", "朝阳区", County, "110100"),
        division("100000", "中华人民共和国", Nation, ""),
    ]
}

fn tree() -> DivisionTree {
    DivisionTree::new(rows()).expect("the rows form a tree")
}

#[test]
fn codes_read_and_print() {
    for (text, printed) in [
        ("440604", "440604"),
        (" 440604000 ", "440604"),
        ("440604000000", "440604"),
        ("440606003", "440606003"),
        ("440606003000", "440606003"),
        ("100000", "100000"),
    ] {
        assert_eq!(code(text).to_string(), printed);
    }
    for text in [
        "",
        "44",
        "4406040",
        "440606003001",
        "44060a",
        "012345",
        "４４０６０４",
        "+44060",
        "一二",
    ] {
        assert_eq!(
            text.parse::<DivisionCode>(),
            Err(DivisionCodeError(text.to_owned()))
        );
    }
    assert_eq!(code("100000"), DivisionCode::NATION);
}

#[test]
fn rows_stand_in_pre_order() {
    let tree = tree();
    let order: Vec<_> = (0..tree.len())
        .map(|at| tree.at(at).code.to_string())
        .collect();
    let expected = [
        "100000",
        "110000",
        "110100",
        "110105",
        "440000",
        "440600",
        "440602",
        "440603",
        "440604",
        "440606",
        "440606003",
        "440620",
        "441900",
        "441900003",
        "442000",
    ];
    assert_eq!(order, expected);
    assert_eq!(tree.subtree(code("440600")), Some(5..12));
    assert_eq!(tree.subtree(code("441900")), Some(12..14));
    assert!(tree.contains(code("440000"), code("441900003")));
    assert!(tree.contains(code("440606"), code("440606")));
    assert!(!tree.contains(code("440606"), code("440600")));
    assert!(!tree.contains(code("440000"), code("450000")));
}

#[test]
fn neighbours_are_found() {
    let tree = tree();
    let names = |of: &str| {
        tree.children(code(of))
            .map(|row| row.name.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("440000"), ["佛山市", "东莞市", "中山市"]);
    assert_eq!(names("441900"), ["东城街道办事处"]);
    assert!(names("442000").is_empty() && names("450000").is_empty());
    let above: Vec<_> = tree
        .ancestors(code("441900003"))
        .map(|row| row.code.to_string())
        .collect();
    assert_eq!(above, ["441900003", "441900", "440000", "100000"]);
}

#[test]
fn full_names_leave_out_what_only_fills() {
    for (of, name) in [
        ("440606003", "广东省佛山市顺德区大良街道"),
        ("441900003", "广东省东莞市东城街道办事处"),
        ("110105", "北京市朝阳区"),
        ("110000", "北京市"),
        ("100000", "中华人民共和国"),
    ] {
        assert_eq!(tree().full_name(code(of)).as_deref(), Some(name));
    }
    assert_eq!(tree().full_name(code("450000")), None);
}

#[test]
fn successors_are_followed_to_the_day() {
    for (of, year, expected) in [
        ("440602", 2026, &["440604"][..]),
        ("440602", 2003, &["440604"]),
        ("440602", 2002, &["440602"]),
        ("440620", 2026, &["440604", "442000"]),
        ("440620", 1990, &["440602", "442000"]),
        ("440604", 2002, &[]),
        ("440604", 2026, &["440604"]),
        ("450000", 2026, &[]),
    ] {
        let found = tree().successors_on(code(of), day(year));
        assert_eq!(
            found,
            expected.iter().map(|text| code(text)).collect::<Vec<_>>(),
            "{of} {year}"
        );
    }
}

#[test]
fn wrong_rows_are_named() {
    let with = |change: fn(&mut Vec<Division>)| {
        let mut rows = rows();
        change(&mut rows);
        DivisionTree::new(rows)
            .expect_err("the rows are wrong")
            .to_string()
    };
    for (error, start) in [
        (
            with(|rows| rows.push(rows[0].clone())),
            "division 441900003 is given twice",
        ),
        (
            with(|rows| rows[0].parent = Some(code("450000"))),
            "division 441900003: its parent 450000 is not",
        ),
        (
            with(|rows| rows[1].parent = Some(code("441900003"))),
            "division 441900: its parent 441900003 does",
        ),
        (
            with(|rows| rows[1].parent = Some(code("441900"))),
            "division 441900: its parent 441900 does",
        ),
        (
            with(|rows| rows[1].successors = vec![code("450000")]),
            "division 441900: its successor 450000",
        ),
        (
            with(|rows| rows[1].parent = None),
            "one division without a parent expected, found 100000 and 441900",
        ),
        (
            with(Vec::clear),
            "one division without a parent expected, found none",
        ),
    ] {
        assert!(error.starts_with(start), "{error}");
    }
}

proptest! {
    #[test]
    fn codes_order_as_text(a in "[1-9][0-9]{5}([0-9]{3})?", b in "[1-9][0-9]{5}([0-9]{3})?") {
        let (a, b) = (code(&a), code(&b));
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
    }

    #[test]
    fn the_order_of_the_rows_is_of_no_account(rows in Just(rows()).prop_shuffle()) {
        prop_assert_eq!(DivisionTree::new(rows).expect("a tree").rows, tree().rows);
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,12}") {
        let _ = text.parse::<DivisionCode>();
    }
}
