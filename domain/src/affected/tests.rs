use super::*;

fn division(code: &str, name: &str, level: DivisionLevel, parent: Option<&str>) -> Division {
    let read = |code: &str| code.parse().expect("a division's code");
    Division {
        code: read(code),
        name: name.to_owned(),
        level,
        parent: parent.map(read),
        valid_from: None,
        valid_to: None,
        successors: Vec::new(),
    }
}

fn tree() -> DivisionTree {
    use DivisionLevel::{County, Nation, Prefecture, Province, Township};
    let mut former = division("440681", "顺德市", County, Some("440600"));
    former.successors = vec!["440606".parse().expect("a division's code")];
    let mut renamed = division("440682", "樵山县", County, Some("440600"));
    renamed.successors = vec!["440605".parse().expect("a division's code")];
    DivisionTree::new(vec![
        division("100000", "中华人民共和国", Nation, None),
        division("440000", "广东省", Province, Some("100000")),
        division("440600", "佛山市", Prefecture, Some("440000")),
        division("440604", "禅城区", County, Some("440600")),
        division("440604001", "石湾镇街道", Township, Some("440604")),
        division("440605", "南海区", County, Some("440600")),
        division("440606", "顺德区", County, Some("440600")),
        former,
        renamed,
    ])
    .expect("a tree")
}

/// What is affected when this body changed.
fn changed(name: &str, code: &str, division: &str) -> (Places, Affected) {
    let tree = tree();
    let places = Places::of(&tree);
    let mut affected = Affected::default();
    affected.add_code(&code.parse().expect("a code"));
    affected.add_name(&places, name);
    let division = division.parse().expect("a division's code");
    affected.add_division(&places, &tree, division);
    (places, affected)
}

#[test]
fn codes_names_and_places_tell_what_is_affected() {
    let code = "11440600007039565U";
    let bureau = ("佛山市禅城区样例局", "440604");
    let town = ("石湾镇街道办事处", "440604001");
    let south = ("南海样例局", "440605");
    for ((name, division), text, text_code, expected) in [
        (bureau, "佛山市禅城区样例局", "", true),
        (bureau, "禅城样例局", "", true),
        // The city's own, and what the district has under a bureau of the city.
        (bureau, "佛山市样例局", "", false),
        (bureau, "佛山市样例局禅城分局", "", true),
        // No place: anybody may be meant.
        (bureau, "区样例局", "", true),
        (bureau, "顺德区样例局", "", false),
        (bureau, "南海区教育局", "", false),
        (bureau, "南海区教育局", code, true),
        (bureau, "南海区教育局", "007039565", true),
        (bureau, "南海区教育局", "X 00703956-5", true),
        (bureau, "南海区教育局", "11440100007482575H", false),
        // As the resolver reads them: misread, of a service, with blanks and in full width.
        (bureau, "南海区教育局", "1144O6OOOO7O39565U", true),
        (
            bureau,
            "南海区教育局",
            "11440600007039565U3440108001002",
            true,
        ),
        (bureau, "南海区教育局", "1144 0600 0070 3956 5U 12345", true),
        (
            bureau,
            "南海区教育局",
            "１１４４０６００００７０３９５６５U",
            true,
        ),
        (bureau, "南海区教育局", "0070 3956-5", true),
        (bureau, "南海区教育局", "000000000", false),
        (town, "禅城区石湾镇街道办", "", true),
        (town, "石湾镇街道办", "", true),
        (town, "顺德区石湾镇街道办", "", false),
        // What its place was called before.
        (south, "樵山县样例局", "", true),
        (south, "顺德市样例局", "", false),
    ] {
        let (places, affected) = changed(name, code, division);
        let subject = SubjectText::of(text, Some(text_code)).expect("it names somebody");
        assert_eq!(
            affected.could_change(&places, &subject),
            expected,
            "{name} changed: {text} {text_code}"
        );
    }
}

#[test]
fn nothing_is_affected_when_nothing_changed() {
    let places = Places::of(&tree());
    for text in ["区样例局", "佛山市样例局"] {
        let subject = SubjectText::of(text, None).expect("it names somebody");
        assert!(!Affected::default().could_change(&places, &subject));
    }
}
