//! What a name does not say is not told as if it did: abbreviations, branches, reforms and brackets.

use super::{
    names::{ask, expect},
    *,
};

fn county() -> Book {
    let mut book = Book::default();
    for (id, name, division) in [
        (1, "永嘉县公安局", "330324"),
        (2, "永嘉县退役军人事务局", "330324"),
        (3, "永嘉县综合行政执法局", "330324"),
        (4, "永嘉县农业农村局", "330324"),
        (5, "永嘉县不动产登记中心", "330324"),
        (6, "永嘉县疾病预防控制中心", "330324"),
        (7, "温州市生态环境局", "330300"),
        (8, "温州市生态环境局永嘉分局", "330324"),
        (9, "温州市中级人民法院", "330300"),
        (10, "永嘉县司法局", "330324"),
        (11, "永嘉县科学技术局", "330324"),
        (12, "永嘉县民政局", "330324"),
        (13, "中国共产党永嘉县委员会", "330324"),
        (14, "永嘉县市场监督管理局", "330324"),
        (15, "温州市公安局", "330300"),
        (16, "永嘉县桥头镇人民政府", "330324102"),
        (17, "温州市住房公积金管理中心", "330300"),
    ] {
        book.body(id, name, division);
    }
    book
}

fn is_confident(outcome: Outcome) -> bool {
    use Outcome::{Alias, ExactCode, ExactName, Successor};
    matches!(outcome, ExactCode | ExactName | Alias | Successor)
}

#[test]
fn words_that_all_bodies_share_are_no_abbreviation() {
    let book = county();
    for name in [
        "永嘉县事务局",
        "永嘉县综合局",
        "永嘉县农村局",
        "永嘉县登记中心",
        "永嘉县动产登记中心",
        "永嘉县控制中心",
        "永嘉县中心",
        "温州市永嘉分局",
        "温州市人民法院",
    ] {
        let answer = ask(&book, name, None);
        assert!(!is_confident(answer.outcome), "{name}: {answer:?}");
    }
    expect(
        &book,
        &[
            ("永嘉县退役局", Outcome::Alias, &[2]),
            ("永嘉县军人事务局", Outcome::Alias, &[2]),
        ],
    );
}

#[test]
fn a_slip_of_the_pen_for_a_registered_unit_is_not_its_bodys() {
    let mut book = county();
    book.body(18, "永嘉县公安局交通警察大队", "330324");
    use Outcome::{Alias, Ambiguous};
    expect(
        &book,
        &[
            ("永嘉县公安局交通警菒大队", Ambiguous, &[1, 18]),
            ("永嘉县公安局交警大队", Alias, &[18]),
            ("永嘉县公安局刑侦大队", Alias, &[1]),
        ],
    );
}

#[test]
fn a_unit_is_answered_for_by_its_own_body_only() {
    use Outcome::{Alias, None};
    expect(
        &county(),
        &[
            ("永嘉县公安局鹿城区分局", None, &[]),
            ("永嘉县公安局武侯分局", None, &[]),
            ("温州市公安局武侯分局", None, &[]),
            ("温州市公安局鹿城分局", Alias, &[15]),
            ("永嘉县市场监督管理局桥头分局", Alias, &[14]),
            ("永嘉县公安局城区分局", Alias, &[1]),
            ("永嘉县司法局公证处", None, &[]),
            ("中国共产党永嘉县委员会办公室", None, &[]),
            ("永嘉县市场监督管理局桥头市场监督管理所", Alias, &[14]),
            ("永嘉县市场监督管理局桥头所", Alias, &[14]),
            ("温州市生态环境局永嘉分局桥头环保所", Alias, &[8]),
            ("永嘉县公安局交通警察总队", Alias, &[1]),
            ("永嘉县公安局刑事侦查局", Alias, &[1]),
            ("永嘉县公安局瓯北所", Alias, &[1]),
            ("永嘉县公安局交警大队车辆管理所", Alias, &[1]),
            ("温州市住房公积金管理中心瓯海管理部", Alias, &[17]),
            ("永嘉县桥头镇人民政府城建办", Alias, &[16]),
            ("永嘉县科学技术局文物管理所", None, &[]),
            ("永嘉县市场监督管理所", None, &[]),
        ],
    );
}

#[test]
fn a_unit_of_a_body_that_is_gone_is_its_heirs() {
    let mut book = county();
    book.body(20, "永嘉县国土资源局", "330324")
        .gone("2019-03-01");
    book.body(21, "永嘉县自然资源局", "330324");
    book.event(
        crate::succession::SuccessionKind::Merged,
        20,
        21,
        "2019-03-01",
    );
    let answer = ask(&book, "永嘉县国土资源局执法大队", None);
    assert_eq!(told(&answer), (Outcome::Successor, vec![21]), "{answer:?}");
    assert_eq!(answer.score, ask(&book, "永嘉县司法局办公室", None).score);
}

#[test]
fn a_reform_that_has_not_begun_is_a_suggestion_behind_who_is_there() {
    use Outcome::{Alias, Fuzzy, Successor};
    let mut book = county();
    book.body(20, "永嘉县自然资源局", "330324");
    book.body(21, "温州市规划管理局", "330300")
        .gone("2019-03-01");
    book.body(22, "温州市自然资源和规划局", "330300")
        .founded("2019-03-01");
    for (name, as_of, outcome, body) in [
        ("永嘉县国土资源局", Some("2012-01-01"), Fuzzy, 20),
        ("永嘉县国土局", Some("2012-01-01"), Fuzzy, 20),
        ("永嘉县国土资源局", Some("2018-09-01"), Successor, 20),
        ("永嘉县国土局", None, Successor, 20),
        ("温州市规划局", Some("2016-01-01"), Alias, 21),
        ("温州市规划局", Some("2019-03-01"), Successor, 22),
    ] {
        let answer = ask(&book, name, as_of);
        assert_eq!(
            told(&answer),
            (outcome, vec![body]),
            "{name} {as_of:?}: {answer:?}"
        );
    }
}

#[test]
fn all_reforms_of_a_name_are_followed() {
    let mut book = Book::default();
    book.body(1, "永嘉县市场监督管理局", "330324");
    expect(&book, &[("永嘉县物价局", Outcome::Successor, &[1])]);
    book.body(2, "永嘉县发展和改革局", "330324");
    expect(&book, &[("永嘉县物价局", Outcome::Ambiguous, &[1, 2])]);
    // Who took a duty over is not meant beside who took all.
    book.body(3, "永嘉县财政局", "330324");
    expect(&book, &[("永嘉县物价局", Outcome::Ambiguous, &[1, 2])]);
    book.bodies.retain(|body| body.0 == 3);
    expect(&book, &[("永嘉县物价局", Outcome::Fuzzy, &[3])]);
}

#[test]
fn a_short_form_of_who_is_there_goes_before_a_reform_of_other_words() {
    let mut book = Book::default();
    book.body(1, "政和县工业信息化和科学技术局", "350725");
    // 工信局 stands for 经济和信息化局 too, of before the reform, but can't be read into it.
    expect(&book, &[("政和县工信局", Outcome::Alias, &[1])]);
    book.body(2, "政和县卫生健康局", "350725");
    book.body(3, "政和县卫生局计划局", "350725");
    expect(&book, &[("政和县卫计局", Outcome::Successor, &[2])]);
    // What bodies were called before a reform is no abbreviation of one of today.
    book.body(4, "政和县规划和自然局", "350725");
    expect(&book, &[("政和县规划局", Outcome::Fuzzy, &[4])]);
}

#[test]
fn brackets_say_what_they_say() {
    use Outcome::{Alias, ExactName, Fuzzy, None};
    let mut book = county();
    book.body(20, "永嘉县国土资源局", "330324")
        .gone("2019-03-01");
    book.body(21, "永嘉县自然资源局", "330324");
    book.event(
        crate::succession::SuccessionKind::Merged,
        20,
        21,
        "2019-03-01",
    );
    expect(
        &book,
        &[
            ("原永嘉县国土资源局", Outcome::Successor, &[21]),
            ("（原）永嘉县国土资源局", Outcome::Successor, &[21]),
            ("永嘉县国土资源局（原）", Outcome::Successor, &[21]),
            ("永嘉县科学技术局（永嘉县外国专家局）", ExactName, &[11]),
            ("永嘉县科学技术局（外国专家局）", ExactName, &[11]),
            ("永嘉县科学技术局（永嘉县民政局）", Fuzzy, &[11]),
            ("永嘉县科学技术局（县民政局）", Fuzzy, &[11]),
            ("永嘉县科学技术局（民政局）", Fuzzy, &[11]),
            ("永嘉县科学技术局（温州市外国专家局）", Fuzzy, &[11]),
            ("民政局（永嘉县）", ExactName, &[12]),
            ("（永嘉县）民政局", ExactName, &[12]),
            ("（浙江省）永嘉县民政局", ExactName, &[12]),
            ("永嘉县民政局（永嘉县）", ExactName, &[12]),
            ("永嘉县民政局（云和县）", Fuzzy, &[12]),
            ("（云和县）民政局", None, &[]),
            ("永嘉县退役局（本级）", Alias, &[2]),
        ],
    );
}

#[test]
fn a_masked_place_is_nobodys() {
    let mut book = county();
    book.body(20, "县民政局", "330324")
        .body(21, "和县民政局", "340523");
    for name in [
        "某县民政局",
        "某市",
        "XX县民政局",
        "××县民政局",
        "**县民政局",
        "浙江省某县民政局",
        "永嘉县某镇人民政府",
    ] {
        let answer = ask(&book, name, None);
        assert_eq!(told(&answer), (Outcome::None, vec![]), "{name}: {answer:?}");
    }
}

/// 郊区经济开发区 is a place in one 郊区, and the zones of several others bear that very name.
#[test]
fn a_name_whose_division_may_end_in_two_places_is_several_bodies() {
    let mut book = Book::default();
    for (id, division) in [(1, "140311"), (2, "340711"), (3, "230811")] {
        book.body(id, "郊区经济开发区管理委员会", division);
    }
    let directory = book.directory();
    let name = "郊区经济开发区管理委员会";
    let anywhere = resolve(
        &directory,
        &Subject {
            name: Some(name),
            ..Subject::default()
        },
    );
    assert_eq!(told(&anywhere), (Outcome::Ambiguous, vec![1, 2, 3]));
    let within = |division: &str| {
        let within = Some(division.parse().expect("a code"));
        let subject = Subject {
            name: Some(name),
            within,
            ..Subject::default()
        };
        told(&resolve(&directory, &subject))
    };
    assert_eq!(within("140300"), (Outcome::ExactName, vec![1]));
    assert_eq!(within("340700"), (Outcome::ExactName, vec![2]));
}
