use proptest::prelude::*;

use super::*;

fn case(text: &str) -> CaseNumber {
    text.parse().expect(text)
}

#[test]
fn numbers_have_one_spelling() {
    for (written, number, court, division) in [
        (
            "（2019）皖1122执90001号",
            "（2019）皖1122执90001号",
            Some("皖1122"),
            Some("341122"),
        ),
        (
            "(2022)豫0724执恢90002号",
            "（2022）豫0724执恢90002号",
            Some("豫0724"),
            Some("410724"),
        ),
        (
            "（2018）粤73民辖终90003号",
            "（2018）粤73民辖终90003号",
            Some("粤73"),
            Some("440000"),
        ),
        (
            "（2016）粤03民辖终90004、90005号",
            "（2016）粤03民辖终90004、90005号",
            Some("粤03"),
            Some("440300"),
        ),
        (
            "（2016）粤0304民初90006-90007号之一",
            "（2016）粤0304民初90006-90007号",
            Some("粤0304"),
            Some("440304"),
        ),
        (
            "（2018）沪01民初90008号之三",
            "（2018）沪01民初90008号",
            Some("沪01"),
            Some("310000"),
        ),
        (
            "（2024）粤1971执恢90009号",
            "（2024）粤1971执恢90009号",
            Some("粤1971"),
            Some("441900"),
        ),
        (
            "（2019）最高法知民终90010号",
            "（2019）最高法知民终90010号",
            Some("最高法"),
            Some("100000"),
        ),
        (
            "(2021)兵01执异90011号",
            "（2021）兵01执异90011号",
            Some("兵01"),
            None,
        ),
        (
            "（2014）民一终字第90012号",
            "（2014）民一终字第90012号",
            None,
            None,
        ),
        (
            "（2015）沪一中民保字第90013号之一",
            "（2015）沪一中民保字第90013号",
            None,
            None,
        ),
        (
            "(2013) 佛南法执字第 123 号",
            "（2013）佛南法执字第123号",
            None,
            None,
        ),
        (
            "〔２０２４〕粤０６０４执１２３４号",
            "（2024）粤0604执1234号",
            Some("粤0604"),
            Some("440604"),
        ),
        (
            "【2024】粤执90014,90015号",
            "（2024）粤执90014、90015号",
            Some("粤"),
            Some("440000"),
        ),
        (
            "（2024）粤2072执1号",
            "（2024）粤2072执1号",
            Some("粤2072"),
            Some("442000"),
        ),
        (
            "（2024）粤0491执1号",
            "（2024）粤0491执1号",
            Some("粤0491"),
            Some("440400"),
        ),
        (
            "（2024）粤0192民初1号",
            "（2024）粤0192民初1号",
            Some("粤0192"),
            Some("440100"),
        ),
        (
            "（2024）粤0391民初1号",
            "（2024）粤0391民初1号",
            Some("粤0391"),
            Some("440300"),
        ),
        (
            "（2024）粤7101行初1号",
            "（2024）粤7101行初1号",
            Some("粤7101"),
            Some("440000"),
        ),
        (
            "（2024）鄂9004执1号",
            "（2024）鄂9004执1号",
            Some("鄂9004"),
            Some("429004"),
        ),
        (
            "（2024）京0105执1号",
            "（2024）京0105执1号",
            Some("京0105"),
            Some("110105"),
        ),
    ] {
        let found = case(written);
        assert_eq!(found.as_str(), number);
        assert_eq!(found.court_code(), court, "{written}");
        let of_court = found.court_division().map(|code| code.to_string());
        assert_eq!(of_court.as_deref(), division, "{written}");
        assert_eq!(found.year().to_string(), number["（".len()..][..4]);
        assert_eq!(found.is_enforcement(), number.contains('执'), "{written}");
    }
}

#[test]
fn help_for_those_who_cannot_enforce_is_no_enforcement() {
    assert!(!case("（2024）粤0604司救执1号").is_enforcement());
}

#[test]
fn lists_and_ranges_are_several_cases() {
    let expand = |text: &str| {
        case(text)
            .expand()
            .iter()
            .map(CaseNumber::to_string)
            .collect::<Vec<_>>()
    };
    for (written, cases) in [
        (
            "（2016）粤03民辖终3827、3828号",
            &["（2016）粤03民辖终3827号", "（2016）粤03民辖终3828号"][..],
        ),
        (
            "（2016）粤0304民初90006-90007号",
            &["（2016）粤0304民初90006号", "（2016）粤0304民初90007号"],
        ),
        (
            "（2013）佛南法执字第09-11号",
            &[
                "（2013）佛南法执字第09号",
                "（2013）佛南法执字第10号",
                "（2013）佛南法执字第11号",
            ],
        ),
        (
            "（2013）佛南法执字第123-1号",
            &["（2013）佛南法执字第123号"],
        ),
        ("（2024）粤0604执1234号", &["（2024）粤0604执1234号"]),
    ] {
        assert_eq!(expand(written), cases);
    }
    assert_eq!(expand("（2024）粤0604执1-100号").len(), CASES_MAX);
}

#[test]
fn says_what_was_expected() {
    use CaseNumberError::{Court, Number, TooMany, Type, Year};
    for (text, error) in [
        ("", Year as fn(String) -> CaseNumberError),
        ("2024粤0604执1号", Year),
        ("（1824）粤0604执1号", Year),
        ("（+024）粤0604执1号", Year),
        ("（2024）0604执1号", Court),
        ("（2024）某0604执1号", Court),
        ("（2024）粤06041执1号", Type),
        ("（2024）粤0604扶1号", Type),
        ("（2024）粤0604执号", Number),
        ("（2024）粤0604执1", Number),
        ("（2024）粤0604执1、号", Number),
        ("（2024）粤0604执1234567890号", Number),
        ("（2024）粤0604执1号之", Number),
        ("（2014）字第1号", Type),
        ("（2024）粤0604执1-101号", TooMany),
        ("（2024）粤0604执1-60、61-120号", TooMany),
    ] {
        assert_eq!(text.parse::<CaseNumber>(), Err(error(text.to_owned())));
    }
}

#[test]
fn types_are_listed_once_and_longest_first() {
    assert!(TYPES.windows(2).all(|pair| pair[0].len() >= pair[1].len()));
    for (at, kind) in TYPES.iter().enumerate() {
        assert!(!TYPES[..at].contains(kind), "{kind}");
    }
}

proptest! {
    #[test]
    fn numbers_read_back(
        year in 1990_u16..2090,
        court in "[粤京沪兵](|[0-9]{2}|[0-9]{4})",
        kind in 0..TYPES.len(),
        number in "[0-9]{1,5}(、[0-9]{1,5}){0,3}",
    ) {
        let text = format!("（{year}）{court}{}{number}号", TYPES[kind]);
        let found = case(&text);
        prop_assert_eq!(found.as_str(), &text);
        prop_assert_eq!(found.court_code(), Some(court.as_str()));
        let cases = found.expand();
        prop_assert_eq!(cases.len(), 1 + number.matches('、').count());
        for one in cases {
            prop_assert_eq!(one.as_str().parse(), Ok(one.clone()));
            prop_assert_eq!(one.expand(), vec![one]);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,24}|[(（]20[0-9]{2}[)）][粤最高法0-9执字第号之一、-]{0,16}") {
        if let Ok(found) = text.parse::<CaseNumber>() {
            prop_assert!((1..=CASES_MAX).contains(&found.expand().len()));
            let _ = (found.court_division(), found.year(), found.is_enforcement());
            prop_assert_eq!(found.as_str().parse(), Ok(found.clone()));
        }
    }
}

#[test]
fn the_first_number_in_a_text_is_found() {
    for (text, found) in [
        (
            "（2026）粤0604执90001号拟列入",
            Some("（2026）粤0604执90001号"),
        ),
        (
            "据(2025)通知，(2026)粤0604执12号、(2026)粤0604执13号",
            Some("（2026）粤0604执12号"),
        ),
        ("协调机制第三条（2026年）", None),
        ("（2026）号", None),
        ("", None),
    ] {
        let number = CaseNumber::find(text);
        assert_eq!(number.as_ref().map(CaseNumber::as_str), found, "{text}");
    }
}
