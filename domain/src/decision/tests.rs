use super::*;

fn decision(judgement: Judgement, agency: Option<i64>, coded: &[i64]) -> Decision {
    let excluded = match judgement {
        Judgement::Negative => agency.into_iter().collect(),
        _ => Vec::new(),
    };
    Decision {
        source: "court_debtors".to_owned(),
        subject: SubjectText::of("区样例局", None).expect("it names somebody"),
        reach: None,
        judgement,
        agency,
        excluded,
        coded: coded.to_vec(),
        division: None,
        by: "decider".to_owned(),
        role: Role::Authority,
        reason: "看过卷宗".to_owned(),
        at: DateTime::UNIX_EPOCH,
    }
}

fn answer(outcome: Outcome, agency: Option<i64>, candidates: &[i64]) -> Resolution {
    let candidate = |agency: &i64| Candidate {
        agency: *agency,
        score: 0.5,
        reason: "bears the name".to_owned(),
    };
    Resolution {
        outcome,
        agency,
        score: 0.5,
        steps: vec!["名称".to_owned()],
        candidates: candidates.iter().map(candidate).collect(),
    }
}

fn left(decided: &Decided) -> (Outcome, Vec<i64>) {
    match decided {
        Decided::Untold(resolution) => {
            assert_eq!(resolution.agency, None);
            let candidates = resolution.candidates.iter();
            (
                resolution.outcome,
                candidates.map(|candidate| candidate.agency).collect(),
            )
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_positive_one_beats_names_and_no_code_that_came_to_be_known_since() {
    let yes = decision(Judgement::Positive, Some(7), &[8]);
    let ambiguous = answer(Outcome::Ambiguous, None, &[7, 8]);
    assert_eq!(decide(&yes, &[], ambiguous), Decided::Told(7));
    let none = answer(Outcome::None, None, &[]);
    assert_eq!(decide(&yes, &[], none), Decided::Told(7));
    let another = answer(Outcome::ExactName, Some(8), &[]);
    assert_eq!(decide(&yes, &[], another), Decided::Told(7));
    // The code agrees; what it says was known then; it says something new.
    let coded = answer(Outcome::ExactCode, Some(7), &[]);
    assert_eq!(decide(&yes, &[7], coded), Decided::Told(7));
    let conflict = answer(Outcome::Conflict, None, &[7, 8]);
    assert_eq!(decide(&yes, &[8], conflict), Decided::Told(7));
    let new = answer(Outcome::ExactCode, Some(9), &[]);
    let decided = decide(&yes, &[9], new);
    assert_eq!(left(&decided), (Outcome::Conflict, vec![9, 7]));
}

#[test]
fn a_negative_one_takes_out_and_tells_nobody() {
    let not_him = decision(Judgement::Negative, Some(7), &[]);
    let ambiguous = answer(Outcome::Ambiguous, None, &[7, 8]);
    let decided = decide(&not_him, &[], ambiguous);
    assert_eq!(left(&decided), (Outcome::Ambiguous, vec![8]));
    let told = answer(Outcome::ExactName, Some(7), &[]);
    let decided = decide(&not_him, &[], told);
    assert_eq!(left(&decided), (Outcome::None, vec![]));
    let another = answer(Outcome::ExactName, Some(8), &[]);
    assert_eq!(
        decide(&not_him, &[], another.clone()),
        Decided::Open(another)
    );

    // Excluded by his name; that the code is his came to be known later, unless it was known then.
    let coded = answer(Outcome::ExactCode, Some(7), &[]);
    let decided = decide(&not_him, &[7], coded.clone());
    assert_eq!(left(&decided), (Outcome::Conflict, vec![7]));
    let known = decision(Judgement::Negative, Some(7), &[7]);
    let decided = decide(&known, &[7], coded);
    assert_eq!(left(&decided), (Outcome::None, vec![]));

    let nobody = decision(Judgement::Negative, None, &[]);
    let ambiguous = answer(Outcome::Ambiguous, None, &[7, 8]);
    let decided = decide(&nobody, &[], ambiguous);
    assert_eq!(left(&decided), (Outcome::None, vec![]));
    let coded = answer(Outcome::ExactCode, Some(9), &[]);
    assert_eq!(
        decide(&nobody, &[9], coded.clone()),
        Decided::Open(coded),
        "a code that was not known then"
    );
}

#[test]
fn an_unsure_one_leaves_the_answer_as_it_is() {
    let unsure = decision(Judgement::Unsure, None, &[]);
    for answer in [
        answer(Outcome::Ambiguous, None, &[7, 8]),
        answer(Outcome::ExactName, Some(7), &[]),
    ] {
        assert_eq!(decide(&unsure, &[], answer.clone()), Decided::Open(answer));
    }
}

#[test]
fn one_stands_for_each_text_source_and_reach() {
    let one = decision(Judgement::Positive, Some(7), &[]);
    let mut other = decision(Judgement::Unsure, None, &[8]);
    assert_eq!(one.id(), other.id());
    other.reach = "440604".parse().ok();
    assert_ne!(one.id(), other.id());
    let text = |one: &Decision| Decision::text_id(&one.source, &one.subject);
    assert_eq!(text(&one), text(&other));
    other.source = "arrears".to_owned();
    assert_ne!(text(&one), text(&other));
}
