use super::*;
use crate::division::Division;

fn gazetteer() -> Gazetteer {
    let rows = [
        ("100000", "全国", DivisionLevel::Nation, None),
        ("220000", "吉林省", DivisionLevel::Province, Some("100000")),
        (
            "220200",
            "吉林市",
            DivisionLevel::Prefecture,
            Some("220000"),
        ),
        ("330000", "浙江省", DivisionLevel::Province, Some("100000")),
        (
            "331100",
            "丽水市",
            DivisionLevel::Prefecture,
            Some("330000"),
        ),
        ("331125", "云和县", DivisionLevel::County, Some("331100")),
        (
            "331125105",
            "崇头镇",
            DivisionLevel::Township,
            Some("331125"),
        ),
        ("130000", "河北省", DivisionLevel::Province, Some("100000")),
        ("130105", "新华区", DivisionLevel::County, Some("130000")),
        ("410000", "河南省", DivisionLevel::Province, Some("100000")),
        ("410402", "新华区", DivisionLevel::County, Some("410000")),
    ];
    let division = |(code, name, level, parent): (&str, &str, _, Option<&str>)| Division {
        code: code.parse().expect("a code"),
        name: name.to_owned(),
        level,
        parent: parent.map(|code| code.parse().expect("a code")),
        valid_from: None,
        valid_to: None,
        successors: Vec::new(),
    };
    let tree = DivisionTree::new(rows.into_iter().map(division).collect()).expect("a tree");
    Gazetteer::new(Arc::new(tree))
}

/// The prefixes as rest, codes and whether the last word is short.
fn prefixes(name: &str) -> Vec<(String, Vec<String>, bool)> {
    let gazetteer = gazetteer();
    let told = |prefix: Path| {
        let codes = prefix.places.iter();
        let codes = codes.map(|place| gazetteer.tree.at(*place as usize).code.to_string());
        (
            name[prefix.end..].to_owned(),
            codes.collect(),
            prefix.is_short,
        )
    };
    let paths = gazetteer.paths(&gazetteer.read(name), 0);
    paths.into_iter().map(told).collect()
}

#[test]
fn paths_are_read_from_the_left_complete_ones_first() {
    let first = |name: &str| prefixes(name).first().cloned();
    let some = |rest: &str, codes: &[&str], is_short| {
        let codes = codes.iter().map(|code| (*code).to_owned()).collect();
        Some((rest.to_owned(), codes, is_short))
    };
    for (name, expected) in [
        (
            "浙江省丽水市云和县崇头镇人民政府",
            some("人民政府", &["331125105"], false),
        ),
        ("云和县民政局", some("民政局", &["331125"], false)),
        ("浙江云和县民政局", some("民政局", &["331125"], false)),
        ("云和民政局", some("民政局", &["331125"], true)),
        (
            "新华区人民政府",
            some("人民政府", &["130105", "410402"], false),
        ),
        ("河南省新华区人民政府", some("人民政府", &["410402"], false)),
        ("吉林市教育局", some("教育局", &["220200"], false)),
        ("吉林教育局", some("教育局", &["220000", "220200"], true)),
        // A path leads downwards: there is no 新华区 in 丽水市.
        (
            "丽水市新华区人民政府",
            some("新华区人民政府", &["331100"], false),
        ),
        ("民政局", None),
    ] {
        assert_eq!(first(name), expected, "{name}");
    }
}

#[test]
fn divisions_behind_the_beginning_are_told_too() {
    let gazetteer = gazetteer();
    let name = "丽水市生态环境局云和分局";
    let reading = gazetteer.read(name);
    let starts: Vec<usize> = reading.starts_behind(0).collect();
    assert_eq!(starts, [name.find("云和").expect("it is there")]);
    assert_eq!(gazetteer.paths(&reading, starts[0]).len(), 1);
}

#[test]
fn a_town_is_read_below_its_county_only() {
    let gazetteer = gazetteer();
    let place = |code: &str| {
        gazetteer
            .place(code.parse().expect("a code"))
            .expect("known")
    };
    let town = place("331125105");
    let text = "崇头镇人民政府";
    assert_eq!(
        gazetteer.below(place("331125"), text),
        Some((town, "人民政府"))
    );
    assert_eq!(gazetteer.below(place("410402"), text), None);
    assert_eq!(gazetteer.below(place("331125"), "崇头镇"), None);
    // Two have the name.
    assert_eq!(gazetteer.below(place("100000"), "新华区人民政府"), None);
}

#[test]
fn words_beside_the_names_are_words_of_the_division() {
    let gazetteer = gazetteer();
    let tree = gazetteer.tree().as_ref().clone();
    let code = "331125".parse().expect("a code");
    let words = vec![(code, "云和地面".to_owned())];
    let gazetteer = Gazetteer::new(Arc::new(tree.with_words(words)));
    let reading = gazetteer.read("云和地面民政局");
    let first = &gazetteer.paths(&reading, 0)[0];
    assert_eq!(
        (first.is_short, &first.places),
        (false, &vec![gazetteer.place(code).expect("known")])
    );
}
