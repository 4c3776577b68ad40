//! What names mean: the traps one by one.

use super::*;
use crate::succession::SuccessionKind;

pub(super) fn ask(book: &Book, name: &str, as_of: Option<&str>) -> Resolution {
    let subject = Subject {
        name: Some(name),
        as_of: as_of.map(book::day),
        ..Subject::default()
    };
    resolve(&book.directory(), &subject)
}

#[track_caller]
pub(super) fn expect(book: &Book, cases: &[(&str, Outcome, &[i64])]) {
    for (name, outcome, bodies) in cases {
        let answer = ask(book, name, None);
        assert_eq!(
            told(&answer),
            (*outcome, bodies.to_vec()),
            "{name}: {answer:?}"
        );
    }
}

fn county() -> Book {
    let mut book = Book::default();
    book.body(1, "浙江省丽水市云和县民政局", "331125");
    book.body(2, "云和县财政局", "331125");
    book.body(3, "云和县住房和城乡建设局", "331125");
    book.body(4, "云和县人民法院", "331125");
    book.body(5, "云和县人民检察院", "331125");
    book.body(6, "云和县第一中学", "331125");
    book.body(7, "云和县崇头镇人民政府", "331125105");
    book.body(8, "国家税务总局云和县税务局", "331125");
    book.body(9, "丽水市生态环境局", "331100");
    book.body(10, "云和县人民政府", "331125");
    book.body(11, "云和县公安局", "331125");
    book.body(12, "云和县发展和改革局", "331125");
    book.body(13, "云和县教育局会计核算中心", "331125");
    book
}

#[test]
fn full_and_shortened_names_mean_their_body() {
    use Outcome::{Alias, ExactName};
    expect(
        &county(),
        &[
            ("云和县民政局", ExactName, &[1]),
            ("丽水市云和县民政局", ExactName, &[1]),
            ("浙江丽水云和县民政局", ExactName, &[1]),
            ("雲和縣 崇頭鎮人民政府", ExactName, &[7]),
            ("云和县民政局（本级）", ExactName, &[1]),
            ("云和民政局", Alias, &[1]),
            ("云和县住建局", Alias, &[3]),
            ("云和住建局", Alias, &[3]),
            ("云和县第1中学", ExactName, &[6]),
            ("云和县一中", Alias, &[6]),
            ("云和县崇头镇政府", Alias, &[7]),
            ("云和县税务局", Alias, &[8]),
            ("国家税务总局云和县税务局", ExactName, &[8]),
            ("云和县发改局", Alias, &[12]),
        ],
    );
}

#[test]
fn twins_are_never_taken_for_each_other() {
    use Outcome::None;
    let mut book = county();
    // Only one of each pair is left.
    book.bodies.retain(|body| ![4, 1].contains(&body.0));
    for name in [
        "云和县人民法院",
        "云和县民政局",
        "云和县第三中学",
        "云和县第十一中学",
        "云和县崇头镇教育局",
        "云和县教育局",
        "龙泉市财政局",
        "云和市财政局",
        "云和县崇头镇财政局",
        "云和县财政局会计中心",
        "云和县城市建设投资有限公司",
    ] {
        let answer = ask(&book, name, Option::None);
        assert_eq!(
            (answer.outcome, answer.agency),
            (None, Option::None),
            "{name}: {answer:?}"
        );
    }
}

#[test]
fn errors_of_one_character_and_of_sound_are_suggestions() {
    use Outcome::Fuzzy;
    expect(
        &county(),
        &[
            ("云和县财正局", Fuzzy, &[2]),
            ("云和县公按局", Fuzzy, &[11]),
            ("云和县住房和城乡建没局", Fuzzy, &[3]),
            ("云和县住房和成香建设局", Fuzzy, &[3]),
        ],
    );
}

#[test]
fn units_are_answered_for_by_their_body() {
    use Outcome::{Alias, None};
    let book = county();
    expect(
        &book,
        &[
            ("丽水市生态环境局云和分局", Alias, &[9]),
            ("云和县公安局城关派出所", Alias, &[11]),
            ("云和县财政局预算科", Alias, &[2]),
            ("云和县住建局办公室", Alias, &[3]),
            ("云和县人民法院执行局", Alias, &[4]),
            ("云和县崇头镇人民政府党政办公室", Alias, &[7]),
            ("云和县民政局婚姻登记中心", None, &[]),
        ],
    );
    // A government's office is a body of its own.
    assert_eq!(
        ask(&book, "云和县人民政府办公室", Option::None).agency,
        Option::None
    );
    // Where the branch is registered itself, it is meant.
    let mut book = book;
    book.body(20, "丽水市生态环境局云和分局", "331125");
    expect(
        &book,
        &[
            ("丽水市生态环境局云和分局", Outcome::ExactName, &[20]),
            ("丽水市环保局云和分局", Alias, &[20]),
        ],
    );
}

#[test]
fn namesakes_are_ambiguous_until_something_tells_them_apart() {
    let mut book = Book::default();
    for (id, code, path) in [
        (1, "130105", "河北省石家庄市新华区"),
        (2, "130902", "河北省沧州市新华区"),
        (3, "410402", "河南省平顶山市新华区"),
    ] {
        book.body(id, &format!("{path}人民政府"), code);
    }
    book.body(4, "吉林市教育局", "220200");
    book.body(5, "吉林省统计局", "220000")
        .body(6, "吉林市统计局", "220200");
    book.body(7, "朝阳市教育局", "211300")
        .body(8, "北京市朝阳区教育局", "110105");
    expect(
        &book,
        &[
            ("新华区人民政府", Outcome::Ambiguous, &[1, 2, 3]),
            ("平顶山市新华区人民政府", Outcome::ExactName, &[3]),
            ("河北省新华区人民政府", Outcome::Ambiguous, &[1, 2]),
            // A short form that two divisions share never decides by itself.
            ("吉林教育局", Outcome::Fuzzy, &[4]),
            ("吉林统计局", Outcome::Ambiguous, &[5, 6]),
            ("朝阳市教育局", Outcome::ExactName, &[7]),
            ("朝阳区教育局", Outcome::ExactName, &[8]),
            ("朝阳教育局", Outcome::Ambiguous, &[7, 8]),
        ],
    );
    // 市 belongs to 市场 here, and 承德 is two divisions.
    book.body(31, "承德市市场监督管理局", "130800")
        .body(32, "承德县市场监督管理局", "130821");
    expect(
        &book,
        &[("承德市场监督管理局", Outcome::Ambiguous, &[31, 32])],
    );
    // So are those of whom the names of before a reform are asked.
    for (id, code, path) in [
        (11, "130105", "河北省石家庄市新华区"),
        (12, "130902", "河北省沧州市新华区"),
    ] {
        book.body(id, &format!("{path}卫生健康局"), code);
    }
    expect(&book, &[("新华区卫生局", Outcome::Ambiguous, &[11, 12])]);
    let subject = Subject {
        name: Some("新华区人民政府"),
        context: Some("130105".parse().expect("a division")),
        ..Subject::default()
    };
    let answer = resolve(&book.directory(), &subject);
    assert_eq!(
        told(&answer),
        (Outcome::ExactName, vec![1]),
        "the court's division tells"
    );
    // A name without any division is nobody's because a court of the place has written it.
    book.body(20, "第一小学", "440604")
        .body(21, "第一小学", "441900");
    let subject = Subject {
        name: Some("第一小学"),
        context: Some("441900".parse().expect("a division")),
        ..Subject::default()
    };
    let answer = resolve(&book.directory(), &subject);
    assert_eq!(told(&answer), (Outcome::Ambiguous, vec![20, 21]));
    assert_eq!(answer.candidates[0].agency, 21, "it goes first");
}

#[test]
fn a_name_is_carried_to_who_followed() {
    use SuccessionKind::{Merged, Renamed, Split, Transferred};
    let mut book = Book::default();
    book.body(1, "云和县国土资源局", "331125")
        .gone("2019-03-01");
    book.body(2, "云和县自然资源局", "331125");
    book.event(Merged, 1, 2, "2019-03-01");
    book.body(3, "云和县经济贸易局", "331125")
        .gone("2014-09-30");
    book.body(4, "云和县商务局", "331125")
        .body(5, "云和县工业和信息化局", "331125");
    book.event(Split, 3, 4, "2014-09-30")
        .event(Split, 3, 5, "2014-09-30");
    book.body(6, "龙泉市卫生健康局", "331181");
    book.body(7, "云和县人力资源和社会保障局", "331125");
    book.body(8, "云和县医疗保障局", "331125")
        .event(Transferred, 7, 8, "2019-01-31");
    book.body(9, "云和县甲局", "331125").gone("2010-01-01");
    book.body(10, "云和县乙局", "331125").gone("2015-01-01");
    book.body(11, "云和县丙局", "331125");
    book.event(Renamed, 9, 10, "2010-01-01")
        .event(Renamed, 10, 11, "2015-01-01");
    book.body(12, "佛山市顺德区人民政府", "440606");
    book.body(13, "云和县丁局", "331125").gone("2020-01-01");
    book.body(14, "云和县国家统计调查队", "331125")
        .former("云和县调查队")
        .until("2012-12-31");
    for (name, as_of, outcome, bodies) in [
        (
            "云和县国土资源局",
            Some("2018-12-31"),
            Outcome::ExactName,
            vec![1],
        ),
        (
            "云和县国土资源局",
            Some("2019-03-01"),
            Outcome::Successor,
            vec![2],
        ),
        (
            "云和县国土局",
            Some("2026-01-01"),
            Outcome::Successor,
            vec![2],
        ),
        ("云和县国土资源局", None, Outcome::Successor, vec![2]),
        ("原云和县国土资源局", None, Outcome::Successor, vec![2]),
        (
            "云和县自然资源局（原云和县国土资源局）",
            None,
            Outcome::ExactName,
            vec![2],
        ),
        (
            "云和县经济贸易局",
            Some("2026-01-01"),
            Outcome::Ambiguous,
            vec![4, 5],
        ),
        // By waves of reform, one after the other.
        (
            "龙泉市卫生局",
            Some("2026-01-01"),
            Outcome::Successor,
            vec![6],
        ),
        ("龙泉市卫生和计划生育局", None, Outcome::Successor, vec![6]),
        // Duties that went elsewhere do not end a body, and do not say who has them now.
        (
            "云和县人力资源和社会保障局",
            None,
            Outcome::ExactName,
            vec![7],
        ),
        ("云和县外国专家局", None, Outcome::Fuzzy, vec![7]),
        (
            "云和县甲局",
            Some("2012-01-01"),
            Outcome::Successor,
            vec![10],
        ),
        ("云和县甲局", None, Outcome::Successor, vec![11]),
        ("佛山市顺德市人民政府", None, Outcome::Successor, vec![12]),
        // Gone without a successor: it is still known who was meant.
        ("云和县丁局", None, Outcome::ExactName, vec![13]),
        ("云和县调查队", Some("2012-01-01"), Outcome::Alias, vec![14]),
    ] {
        let answer = ask(&book, name, as_of);
        assert_eq!(
            told(&answer),
            (outcome, bodies),
            "{name} {as_of:?}: {answer:?}"
        );
    }
    assert!(ask(&book, "云和县调查队", Some("2012-01-01")).is_settled());
    assert!(!ask(&book, "云和县调查队", Some("2013-01-01")).is_settled());
}

#[test]
fn the_nearest_are_told_where_nobody_fits() {
    let answer = ask(&county(), "云和县财政税收局", None);
    assert_eq!(told(&answer), (Outcome::None, vec![2]), "{answer:?}");
    assert!(answer.score <= tier::NEAREST);
}

#[test]
fn an_aggregate_is_nobody() {
    assert_eq!(
        ask(&county(), "云和县民政局（汇总）", None).outcome,
        Outcome::None
    );
}

#[test]
fn spellings_of_one_name_are_told_from_slips_of_the_pen() {
    use Outcome::{Alias, ExactName, Fuzzy};
    let mut book = county();
    book.body(21, "云和县教育体育局", "331125");
    book.body(22, "云和县文化和旅游局", "331125");
    book.body(23, "上海市农业农村委员会", "310000");
    book.body(24, "云和中学校", "331125");
    expect(
        &book,
        &[
            ("云和县教育体育局", ExactName, &[21]),
            ("云和县教育和体育局", Alias, &[21]),
            ("云和县文化旅游局", Alias, &[22]),
            ("云和县文和化旅游局", Fuzzy, &[22]),
            ("上海市农业农村委", Alias, &[23]),
            ("云和中学", Alias, &[24]),
            ("云和县中学", Outcome::None, &[]),
        ],
    );
}

#[test]
fn a_town_is_found_where_the_register_has_the_code_of_its_county() {
    use Outcome::{Alias, ExactName};
    let mut book = Book::default();
    book.body(1, "云和县崇头镇人民政府", "331125");
    book.body(2, "丽水市云和生态环境局", "331125");
    expect(
        &book,
        &[
            ("云和县崇头镇人民政府", ExactName, &[1]),
            ("云和县崇头镇政府", Alias, &[1]),
            ("云和生态环境局", Alias, &[2]),
            ("丽水市云和生态环境局", ExactName, &[2]),
        ],
    );
}

#[test]
fn marks_between_divisions_tell_nothing() {
    expect(
        &county(),
        &[
            ("浙江省·丽水市·云和县民政局", Outcome::ExactName, &[1]),
            ("浙江省/丽水市/云和县/民政局", Outcome::ExactName, &[1]),
            ("民政·云和县局", Outcome::None, &[]),
        ],
    );
}

#[test]
fn a_level_word_means_the_division_that_is_given() {
    let mut book = county();
    book.body(21, "广西壮族自治区教育厅", "450000");
    book.body(22, "巴林左旗教育局", "150422");
    let directory = book.directory();
    for (name, within, expected) in [
        ("自治区教育厅", "450000", 21),
        ("旗教育局", "150422", 22),
        ("县民政局", "331125", 1),
        ("广西自治区教育厅", "100000", 21),
    ] {
        let subject = Subject {
            name: Some(name),
            within: Some(within.parse().expect("a division")),
            ..Subject::default()
        };
        let answer = resolve(&directory, &subject);
        assert_eq!(answer.agency, Some(expected), "{name} {answer:?}");
        assert_ne!(answer.outcome, Outcome::Fuzzy, "{name} {answer:?}");
    }
}
