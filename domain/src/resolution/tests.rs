pub(super) mod book;
mod codes;
mod doubt;
mod invariants;
mod names;

use book::Book;

use super::*;

/// What an answer tells: its outcome and the numbers of the body or of the candidates.
fn told(resolution: &Resolution) -> (Outcome, Vec<i64>) {
    let candidates = resolution
        .candidates
        .iter()
        .map(|candidate| candidate.agency);
    let mut all: Vec<i64> = resolution.agency.into_iter().chain(candidates).collect();
    all.sort_unstable();
    all.dedup();
    (resolution.outcome, all)
}

/// Codes of the book of this file, with right check characters.
const GUANGZHOU: &str = "11440100007482575H";
const FOSHAN: &str = "11440600007039565U";

fn book() -> Book {
    let mut book = Book::default();
    book.coded(1, GUANGZHOU, "广州市某某局", "440100")
        .former("广州市旧某局");
    book.coded(2, FOSHAN, "佛山市某某局", "440600");
    book.coded(3, "114403006939513773", "同名局", "440300")
        .former("佛山市旧某局");
    book.coded(4, "11440300MB2D072246", "同名局", "440300")
        .second("佛山市某某局");
    book
}

#[test]
fn codes_go_before_names_and_nothing_is_guessed() {
    let directory = book().directory();
    for (code, name, within, expected) in [
        (GUANGZHOU, "", None, (Outcome::ExactCode, vec![1])),
        (
            GUANGZHOU,
            "谁也不知道的名称",
            None,
            (Outcome::ExactCode, vec![1]),
        ),
        (
            GUANGZHOU,
            "广州市旧某局",
            None,
            (Outcome::ExactCode, vec![1]),
        ),
        (
            GUANGZHOU,
            "佛山市某某局",
            None,
            (Outcome::Conflict, vec![1, 2]),
        ),
        (
            "007039565",
            "佛山市某某局",
            None,
            (Outcome::ExactCode, vec![2]),
        ),
        ("00703956-5", "", None, (Outcome::ExactCode, vec![2])),
        // Misread characters, told by the check character.
        (
            "1144O6OOOO7O39565U",
            "",
            None,
            (Outcome::ExactCode, vec![2]),
        ),
        (
            "１１４４０６０００ ０７０３９５６５V",
            "",
            None,
            (Outcome::ExactCode, vec![2]),
        ),
        (
            "1144O6OOOO7O39S65U",
            "",
            None,
            (Outcome::ExactCode, vec![2]),
        ),
        // The code of a service begins with that of its body.
        (
            "11440600007039565U3440108001002",
            "",
            None,
            (Outcome::ExactCode, vec![2]),
        ),
        (
            "114403006939513773344201505200802",
            "",
            None,
            (Outcome::ExactCode, vec![3]),
        ),
        // A good code of somebody whom the register does not know is no body's of ours.
        (
            "91350100M000100Y43",
            "广州市某某局",
            None,
            (Outcome::Conflict, vec![1]),
        ),
        (
            "91350100M000100Y43",
            "某局某",
            None,
            (Outcome::None, vec![]),
        ),
        // A broken code is noted, and the name decides.
        (
            "11440100007482575X",
            "广州市某某局",
            None,
            (Outcome::ExactName, vec![1]),
        ),
        ("", "广州市　某某局 ", None, (Outcome::ExactName, vec![1])),
        (
            "",
            "广东省广州市某某局",
            None,
            (Outcome::ExactName, vec![1]),
        ),
        ("", "广州市旧某局", None, (Outcome::Alias, vec![1])),
        // Who bears the name today goes before who bears it as a second one.
        ("", "佛山市某某局", None, (Outcome::ExactName, vec![2])),
        ("", "同名局", None, (Outcome::Ambiguous, vec![3, 4])),
        ("", "广州市某某局", Some("440600"), (Outcome::None, vec![])),
        (
            "",
            "广州市某某局",
            Some("440000"),
            (Outcome::ExactName, vec![1]),
        ),
        // Without a division a name means all who are called so.
        ("", "某某局", None, (Outcome::Ambiguous, vec![1, 2])),
        ("", "某某局", Some("440100"), (Outcome::ExactName, vec![1])),
        ("", "没有这个局", None, (Outcome::None, vec![])),
    ] {
        let subject = Subject {
            code: Some(code),
            name: Some(name),
            within: within.map(|code| code.parse().expect("a division")),
            ..Subject::default()
        };
        let answer = resolve(&directory, &subject);
        assert_eq!(
            told(&answer),
            expected,
            "{code:?} {name:?} {within:?} {answer:?}"
        );
        assert!(
            !answer.steps.is_empty(),
            "each answer says how it came about"
        );
    }
}

#[test]
fn an_empty_subject_is_nobody() {
    let directory = book().directory();
    assert_eq!(
        resolve(&directory, &Subject::default()).outcome,
        Outcome::None
    );
}

#[test]
fn a_code_that_several_share_is_told_by_the_name_or_not_at_all() {
    let mut book = Book::default();
    book.coded(1, "11440600007039565U", "佛山市甲局", "440600");
    let org = "007039565".parse().expect("an organisation code");
    let second = crate::uscc::Uscc::from_parts("12", "440600", org).expect("its parts are right");
    book.coded(2, second.as_str(), "佛山市甲中心", "440600");
    book.coded(3, GUANGZHOU, "广州市乙局", "440100");
    let directory = book.directory();
    for (name, expected) in [
        ("佛山市甲中心", (Outcome::ExactCode, vec![2])),
        ("", (Outcome::Ambiguous, vec![1, 2])),
        ("广州市乙局", (Outcome::Conflict, vec![1, 2, 3])),
    ] {
        let subject = Subject {
            org_code: Some("00703956-5"),
            name: Some(name),
            ..Subject::default()
        };
        assert_eq!(told(&resolve(&directory, &subject)), expected, "{name}");
    }
}

#[test]
fn only_the_registers_own_word_is_settled() {
    let directory = book().directory();
    for (name, settled) in [
        ("广州市某某局", true),
        ("广州市旧某局", true),
        ("广州某某局", false),
        ("广州市某菒局", false),
        ("同名局", false),
    ] {
        let subject = Subject {
            name: Some(name),
            ..Subject::default()
        };
        let answer = resolve(&directory, &subject);
        assert_eq!(answer.is_settled(), settled, "{name} {answer:?}");
        assert_eq!(
            answer.candidates.is_empty(),
            settled,
            "{name}: a person sees who it may be"
        );
    }
}
