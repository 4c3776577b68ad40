//! A unified code and an organisation code beside each other.

use super::*;
use crate::succession::SuccessionKind;

/// A body that is there, one that it took the place of, one that left it some of its work and is there still, a
/// stranger to them, and one whose work went several ways.
fn book() -> Book {
    let mut book = Book::default();
    book.body(1, "佛山市甲局", "440600");
    book.body(2, "佛山市旧局", "440600").gone("2019-03-01");
    book.body(3, "佛山市乙局", "440600");
    book.body(4, "佛山市丙局", "440600");
    book.body(5, "佛山市故局", "440600").gone("2019-03-01");
    book.event(SuccessionKind::Merged, 2, 1, "2019-03-01");
    book.event(SuccessionKind::Transferred, 3, 1, "2019-03-01");
    // What it was is another's since, though it once gave and took something.
    book.event(SuccessionKind::Merged, 5, 3, "2019-03-01");
    book.event(SuccessionKind::Transferred, 5, 1, "2015-03-01");
    book.event(SuccessionKind::Transferred, 4, 5, "2015-03-01");
    book
}

#[test]
fn two_codes_mean_one_body_or_nobody_is_told() {
    let book = book();
    let directory = book.directory();
    let uscc = |id: i64| {
        let found = book.bodies.iter().find(|body| body.0 == id);
        found.expect("it was added").1.uscc
    };
    // Codes whose check characters are right, of nobody in the register.
    let foreign = ("91350100M000100Y43".to_owned(), "007039565".to_owned());
    let code = |id: i64| match id {
        0 => foreign.0.clone(),
        id => uscc(id).to_string(),
    };
    let org = |id: i64| match id {
        0 => foreign.1.clone(),
        id => uscc(id).org_code().to_string(),
    };
    let conflict = |of: &[i64]| (Outcome::Conflict, of.to_vec());
    for (of, and, name, expected) in [
        (1, 1, "", (Outcome::ExactCode, vec![1])),
        (1, 4, "", conflict(&[1, 4])),
        (4, 1, "佛山市甲局", conflict(&[1, 4])),
        // Of whom came of the other, whoever is there is meant, in whichever order they are written.
        (2, 1, "", (Outcome::ExactCode, vec![1])),
        (1, 2, "", (Outcome::ExactCode, vec![1])),
        (2, 1, "佛山市旧局", (Outcome::ExactCode, vec![1])),
        // Both are there, so either may be.
        (3, 1, "", conflict(&[1, 3])),
        // The one is gone, and the other is not what became of it.
        (5, 4, "", conflict(&[4, 5])),
        // A code that nobody bears says nothing against a name and a code that agree.
        (1, 0, "佛山市甲局", (Outcome::ExactCode, vec![1])),
        (1, 0, "", conflict(&[1])),
        // Nor is a name that is only like his his.
        (1, 0, "佛山市甲乙局", conflict(&[1])),
        (1, 0, "佛山市丙局", conflict(&[1, 4])),
        // A unified code is somebody's, though the register does not know him.
        (0, 1, "佛山市甲局", conflict(&[1])),
    ] {
        let (of, and) = (code(of), org(and));
        let subject = Subject {
            code: Some(&of),
            org_code: Some(&and),
            name: Some(name).filter(|name| !name.is_empty()),
            ..Subject::default()
        };
        let answer = resolve(&directory, &subject);
        assert_eq!(told(&answer), expected, "{of} {and} {name}: {answer:?}");
    }
}
