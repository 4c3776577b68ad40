use proptest::prelude::*;

use super::*;
use crate::{calendar::CalendarYear, date::china_day};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// A year whose notice is out, and names one day off.
fn calendar() -> Calendar {
    let year = CalendarYear {
        year: 2026,
        days_off: vec![day("2026-01-01")],
        workdays: Vec::new(),
    };
    Calendar::new([year]).expect("a calendar")
}

fn sealed(digest: &str) -> Sealed {
    Sealed {
        set: 1,
        digest: digest.to_owned(),
    }
}

fn campaign() -> Campaign {
    Campaign {
        year: 2025,
        division: "440600".parse().expect("a code"),
        on: day("2025-12-31"),
        pack: ["general", "1", "d"].map(str::to_owned),
        evaluation: EVALUATION_VERSION,
        confirmed_evaluation: None,
        opened_at: DateTime::UNIX_EPOCH,
        opened_by: "one".to_owned(),
        // A Monday; five working days are over with the next one.
        objections_from: day("2026-03-02"),
        objection_days: 5,
        bodies: 3,
        inputs: sealed("i"),
        preliminary: sealed("p"),
        results: None,
        objections: ObjectionCounts::default(),
        confirmed_at: None,
        confirmed_by: None,
        publication: None,
    }
}

fn decision(upheld: bool, corrections: usize) -> ObjectionDecision {
    ObjectionDecision {
        upheld,
        reason: "why".to_owned(),
        corrections: vec![Correction::WithoutRecord(1); corrections],
        at: DateTime::UNIX_EPOCH,
        by: "two".to_owned(),
    }
}

fn public(from: &str) -> Publication {
    Publication {
        decision: "样〔2026〕1号".to_owned(),
        from: day(from),
        at: DateTime::UNIX_EPOCH,
        by: "two".to_owned(),
    }
}

#[test]
fn bodies_object_from_the_first_day_of_the_window_to_its_last() {
    use CampaignRefused as R;
    let (campaign, calendar) = (campaign(), calendar());
    for (on, refused) in [
        ("2026-03-01", Some(R::TooEarly)),
        ("2026-03-02", None),
        ("2026-03-08", None),
        ("2026-03-09", None),
        ("2026-03-10", Some(R::WindowClosed)),
    ] {
        let outcome = campaign.object(day(on), &calendar, 0);
        assert_eq!(outcome.err(), refused, "{on}");
    }
    let (after, number) = campaign
        .object(day("2026-03-03"), &calendar, UNDECIDED_MAX - 1)
        .expect("it is open");
    assert_eq!((number, after.undecided()), (1, 1));
    let full = campaign.object(day("2026-03-03"), &calendar, UNDECIDED_MAX);
    assert_eq!(full.err(), Some(R::TooMany));
    // By a day that may still move nobody is late, and nothing is over.
    let unknown = Calendar::default();
    assert!(campaign.object(day("2026-05-01"), &unknown, 0).is_ok());
    let waits = campaign.may_be_confirmed(day("2026-05-01"), &unknown);
    assert_eq!(waits, Err(R::WindowOpen));
}

#[test]
fn it_is_confirmed_when_all_is_decided_and_public_from_a_day_on() {
    use CampaignRefused as R;
    use CampaignState as S;
    let calendar = calendar();
    let (filed, _) = campaign()
        .object(day("2026-03-09"), &calendar, 0)
        .expect("it is the last day");
    let after = day("2026-03-10");
    assert_eq!(
        filed.may_be_confirmed(day("2026-03-09"), &calendar),
        Err(R::WindowOpen)
    );
    assert_eq!(filed.may_be_confirmed(after, &calendar), Err(R::Undecided));
    for (upheld, corrections) in [(true, 0), (false, 1)] {
        let wrong = filed.decide(&decision(upheld, corrections), after);
        assert_eq!(wrong.err(), Some(R::WrongCorrections));
    }
    let decided = filed.decide(&decision(true, 1), after).expect("it waits");
    assert_eq!(decided.may_be_confirmed(after, &calendar), Ok(()));
    assert_eq!(
        decided.publish(public("2026-03-10"), after).err(),
        Some(R::WrongState)
    );
    let confirmed = decided.confirmed(sealed("r"), DateTime::UNIX_EPOCH, "two");
    assert_eq!(confirmed.standing().digest, "r");
    assert_eq!(
        confirmed.may_be_confirmed(after, &calendar),
        Err(R::WrongState)
    );
    assert_eq!(
        confirmed.decide(&decision(false, 0), after).err(),
        Some(R::WrongState)
    );
    assert_eq!(
        confirmed.publish(public("2026-03-09"), after).err(),
        Some(R::Backdated)
    );
    let published = confirmed
        .publish(public("2026-04-01"), after)
        .expect("it is confirmed");
    assert_eq!(published.state_on(day("2026-03-31")), S::Confirmed);
    assert_eq!(published.state_on(day("2026-04-01")), S::Published);
    assert_eq!(
        published.publish(public("2026-05-01"), after).err(),
        Some(R::WrongState)
    );
}

/// Nine in the morning in China.
fn morning(text: &str) -> DateTime<Utc> {
    let at = day(text).and_hms_opt(1, 0, 0);
    at.expect("a time").and_utc()
}

#[test]
fn a_day_that_is_over_knows_nothing_of_later_steps() {
    use CampaignState as S;
    let opened = Campaign {
        opened_at: morning("2026-02-27"),
        ..campaign()
    };
    let confirmed = opened.confirmed(sealed("r"), morning("2026-03-10"), "two");
    let decided = Publication {
        at: morning("2026-03-12"),
        ..public("2026-04-01")
    };
    let published = confirmed
        .publish(decided, day("2026-03-12"))
        .expect("it is confirmed");
    for (on, stood) in [
        ("2026-02-26", None),
        ("2026-02-27", Some((S::Preliminary, "p", false))),
        ("2026-03-02", Some((S::Objections, "p", false))),
        ("2026-03-09", Some((S::Objections, "p", false))),
        ("2026-03-10", Some((S::Confirmed, "r", false))),
        ("2026-03-12", Some((S::Confirmed, "r", true))),
        ("2026-03-31", Some((S::Confirmed, "r", true))),
        ("2026-04-01", Some((S::Published, "r", true))),
    ] {
        let on = day(on);
        let then = published.as_far_as(|at| china_day(at) <= on);
        let told = then.as_ref().map(|then| {
            assert_eq!(then.confirmed_at.is_some(), then.results.is_some());
            assert_eq!(then.confirmed_by.is_some(), then.results.is_some());
            let is_decided = then.publication.is_some();
            (then.state_on(on), &*then.standing().digest, is_decided)
        });
        assert_eq!(told, stood, "{on}");
    }
    assert_eq!(published.as_far_as(|_| true), Some(published.clone()));
    // A minute before midnight in China it is still the day before.
    let late = morning("2026-03-09") + chrono::TimeDelta::minutes(15 * 60 - 1);
    let confirmed = opened.confirmed(sealed("r"), late, "two");
    let then = confirmed.as_far_as(|at| china_day(at) <= day("2026-03-09"));
    assert!(then.is_some_and(|then| then.results.is_some()));
}

#[test]
fn an_objection_is_filed_and_then_decided() {
    let objection = CampaignObjection {
        campaign: 1,
        number: 1,
        agency: 7,
        uscc: String::new(),
        text: "why".to_owned(),
        filed_at: morning("2026-03-03"),
        filed_by: "one".to_owned(),
        decision: Some(ObjectionDecision {
            at: morning("2026-03-05"),
            ..decision(true, 1)
        }),
    };
    for (on, is_decided) in [
        ("2026-03-02", None),
        ("2026-03-03", Some(false)),
        ("2026-03-04", Some(false)),
        ("2026-03-05", Some(true)),
    ] {
        let then = objection.clone().as_far_as(|at| china_day(at) <= day(on));
        let told = then.map(|then| then.decision.is_some());
        assert_eq!(told, is_decided, "{on}");
    }
}

#[test]
fn who_is_told_of_what() {
    use CampaignState as S;
    let told = |role| {
        let states = [S::Preliminary, S::Objections, S::Confirmed, S::Published];
        states.map(|state| state.is_told_to(role))
    };
    assert_eq!(told(Role::Authority), [true; 4]);
    assert_eq!(told(Role::Agency), [false, true, true, true]);
    assert_eq!(told(Role::Congress), [false, false, true, true]);
    assert_eq!(told(Role::Public), [false, false, false, true]);
}

#[derive(Debug, Clone)]
enum Step {
    Object,
    Decide(bool),
    Confirm,
    Publish,
}

fn step() -> impl Strategy<Value = (Step, u64)> {
    let step = prop_oneof![
        3 => Just(Step::Object),
        3 => any::<bool>().prop_map(Step::Decide),
        1 => Just(Step::Confirm),
        1 => Just(Step::Publish),
    ];
    (step, 0_u64..3)
}

proptest! {
    /// Whatever is tried and however time goes on, nothing is confirmed that somebody still objects to, nothing is
    /// public that is not confirmed, and what is sealed stays.
    #[test]
    fn no_order_of_steps_leads_around_the_rules(steps in prop::collection::vec(step(), 0..40)) {
        let (calendar, mut now, mut on) = (calendar(), campaign(), day("2026-02-27"));
        for (step, days) in steps {
            on = on.checked_add_days(chrono::Days::new(days)).expect("a day");
            let before = now.clone();
            match step {
                Step::Object => if let Ok((after, _)) = now.object(on, &calendar, 0) {
                    now = after;
                },
                // Of what nobody filed there is nothing to decide.
                Step::Decide(upheld) if now.undecided() > 0 => {
                    let decision = decision(upheld, usize::from(upheld));
                    if let Ok(after) = now.decide(&decision, on) {
                        now = after;
                    }
                }
                Step::Decide(_) => {}
                Step::Confirm => if now.may_be_confirmed(on, &calendar).is_ok() {
                    prop_assert_eq!(now.undecided(), 0);
                    prop_assert!(on > day("2026-03-09"));
                    now = now.confirmed(sealed("r"), DateTime::UNIX_EPOCH, "two");
                },
                Step::Publish => if let Ok(after) = now.publish(public("2026-12-01"), on) {
                    prop_assert!(now.results.is_some());
                    now = after;
                },
            }
            prop_assert_eq!(&now.inputs, &before.inputs);
            prop_assert_eq!(&now.preliminary, &before.preliminary);
            prop_assert!(before.results.is_none() || now.results == before.results);
            prop_assert!(now.objections.filed >= before.objections.filed);
            if now.results.is_some() {
                prop_assert_eq!(now.undecided(), 0);
            }
        }
    }
}
