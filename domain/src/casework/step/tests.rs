//! What steps make of a case, by a track and rules that are made up.

mod debts;

use chrono::NaiveDate;

use super::*;
use crate::{
    casework::{
        About, Confirmation, DayUnit, DeadlineRule, Deed, Measure, MeasureScope, Need,
        PublicityRule, Reminding, SanctionStatus, StageRule, SubjectKind,
    },
    division::{Division, DivisionCode, DivisionLevel},
};

const STAGE: &str = "OPEN";

fn day(text: &str) -> NaiveDate {
    text.parse().expect(text)
}

/// What is done to one case, one step after the other.
struct Story {
    workflow: Workflow,
    calendar: Calendar,
    divisions: DivisionTree,
    deadlines: Deadlines,
    publicity: PublicityRules,
    measures: Measures,
    case: Case,
    facts: Facts,
    clerk: Clerk,
}

impl Story {
    /// One about a record of arrears of this grade, determined on 2026-01-10.
    fn of_arrears(tier: Option<Tier>) -> Self {
        let told = Told {
            record: 9,
            kind: CreditRecordKind::Arrears,
            tier,
            identified_on: day("2026-01-10"),
        };
        let item = Item {
            code: "arrears".to_owned(),
            kind: CreditRecordKind::Arrears,
            tier: None,
            measures: vec!["measure".to_owned()],
            is_public: true,
            is_in_force: true,
        };
        Self::of(Facts {
            about: About {
                record: Some(told.record),
                ..About::default()
            },
            item: Some(item),
            told: Some(told),
            ..Facts::default()
        })
    }

    fn of(facts: Facts) -> Self {
        let nation = Division {
            code: DivisionCode::NATION,
            name: "中华人民共和国".to_owned(),
            level: DivisionLevel::Nation,
            parent: None,
            valid_from: None,
            valid_to: None,
            successors: Vec::new(),
        };
        Self {
            workflow: workflow(),
            calendar: Calendar::default(),
            divisions: DivisionTree::new(vec![nation]).expect("one division is a tree"),
            deadlines: Deadlines {
                periods: vec![period()],
                set_days: Vec::new(),
            },
            publicity: PublicityRules(vec![
                publicity(Some(Tier::General), 3, Some(12)),
                publicity(Some(Tier::Serious), 12, Some(36)),
                publicity(None, 0, None),
            ]),
            measures: Measures(vec![measure()]),
            case: Case::default(),
            facts,
            clerk: Clerk {
                subject: "test".to_owned(),
                parties: vec![Party::Handler],
                body: None,
                areas: Vec::new(),
                at: "2026-01-10T01:00:00Z".parse().expect("a moment"),
                on: day("2026-01-10"),
            },
        }
    }

    fn rules(&self) -> Rules<'_> {
        Rules {
            workflow: &self.workflow,
            calendar: &self.calendar,
            divisions: &self.divisions,
            deadlines: &self.deadlines,
            publicity: &self.publicity,
            measures: &self.measures,
        }
    }

    /// A deed on a day: why it is refused.
    fn on(&mut self, text: &str, deed: Deed) -> Result<(), &'static str> {
        self.clerk.on = day(text);
        let rules = self.rules();
        let command = Command {
            deed,
            basis: Some("依据".to_owned()),
            note: Some("说明".to_owned()),
            evidence: vec!["0".repeat(64)],
        };
        let event = rules
            .step(&self.case, &self.facts, &command, &self.clerk)
            .map_err(|refused| refused.code)?;
        self.case.apply(&event);
        Ok(())
    }

    fn done(&mut self, on: &str, deed: Deed) {
        let act = deed.act();
        assert_eq!(self.on(on, deed), Ok(()), "{act} on {on}");
    }

    fn grade(&mut self, on: &str, tier: Tier) {
        self.done(on, Deed::Grade { tier });
    }

    fn task(&mut self, on: &str, due_on: &str) {
        let deed = Deed::AskRectification {
            owner: 2,
            title: "付清".to_owned(),
            due_on: day(due_on),
        };
        self.done(on, deed);
    }

    /// The measure is imposed: its number.
    fn impose(&mut self, on: &str, from: Option<&str>, to: Option<&str>) -> i64 {
        let deed = Deed::Sanction {
            act: Act::ImposeSanction,
            measure: "measure".to_owned(),
            starts_on: from.map(day),
            ends_on: to.map(day),
        };
        self.done(on, deed);
        self.case.sanctions.last().expect("it was imposed").id
    }
}

/// A track of one stage in which whoever comes may do anything.
fn workflow() -> Workflow {
    let step = |act: &Act| StepRule {
        act: *act,
        from: vec![STAGE.to_owned()],
        to: None,
        by: Party::ALL.to_vec(),
        needs: Vec::new(),
        starts: (*act == Act::Transfer).then(|| "handling".to_owned()),
        from_receipt: false,
        is_public: false,
        keeps: false,
        legal_basis: "示例".to_owned(),
    };
    Workflow {
        key: "test".to_owned(),
        version: "1".to_owned(),
        title: "测试".to_owned(),
        kinds: vec![CreditRecordKind::Arrears],
        channels: Vec::new(),
        division: None,
        from: day("2020-01-01"),
        to: None,
        record_stage: None,
        is_named: false,
        zero_reporting: Vec::new(),
        stages: vec![StageRule {
            code: STAGE.to_owned(),
            title: "在办".to_owned(),
            is_final: false,
        }],
        steps: Act::ALL.iter().map(step).collect(),
    }
}

fn period() -> DeadlineRule {
    DeadlineRule {
        key: "handling".to_owned(),
        title: "办理".to_owned(),
        days: 30,
        unit: DayUnit::Calendar,
        cap: Some(90),
        rolls_forward: false,
        reminding: Reminding::default(),
        division: None,
        from: day("2020-01-01"),
        to: None,
        legal_basis: "示例".to_owned(),
        verified: false,
    }
}

fn publicity(tier: Option<Tier>, min_months: u32, max_months: Option<u32>) -> PublicityRule {
    PublicityRule {
        kinds: vec![CreditRecordKind::Arrears],
        tier,
        is_public: true,
        min_months,
        max_months,
        needs_commitment: false,
        needs_correction: false,
        is_mirrored: false,
        division: None,
        from: day("2020-01-01"),
        to: None,
        legal_basis: "示例".to_owned(),
        verified: false,
    }
}

fn measure() -> Measure {
    Measure {
        code: "measure".to_owned(),
        title: "示例措施".to_owned(),
        scope: MeasureScope::Internal,
        legal_basis: "示例".to_owned(),
        verified: false,
        is_example: true,
        imposed_by: "finance".to_owned(),
        tiers: vec![Tier::General, Tier::Serious],
        subjects: vec![SubjectKind::Agency],
        months: None,
        suspended_by_objection: true,
        ends_with_record: false,
        division: None,
        from: day("2020-01-01"),
        to: None,
    }
}

#[test]
fn what_was_asked_is_for_who_acts_for_the_same_body_or_divisions() {
    let areas = |codes: &[&str]| -> Vec<DivisionCode> {
        codes.iter().map(|code| code.parse().expect(code)).collect()
    };
    let province = (Party::Government, None, &["440000"][..]);
    let office = (Party::Government, Some(5), &["440000"][..]);
    for (opener, who, may) in [
        (province, (Party::Government, None, &["440000"][..]), true),
        (province, (Party::Government, Some(6), &["440000"]), true),
        (
            province,
            (Party::Government, None, &["440000", "450000"]),
            true,
        ),
        (province, (Party::Government, None, &["440600"]), false),
        (province, (Party::Government, None, &["100000"]), false),
        (province, (Party::Congress, None, &["440000"]), false),
        (office, (Party::Government, Some(5), &["440000"]), true),
        (office, (Party::Government, Some(6), &["440000"]), false),
        (office, (Party::Government, None, &["440000"]), false),
    ] {
        let mut story = Story::of(Facts {
            about: About {
                agency: Some(2),
                ..About::default()
            },
            ..Facts::default()
        });
        let matter = |act| Deed::Matter {
            track: None,
            act,
            due_on: day("2026-02-10"),
        };
        let acts = |story: &mut Story, (party, body, codes): (Party, Option<i64>, &[&str])| {
            story.clerk.parties = vec![party];
            story.clerk.body = body;
            story.clerk.areas = areas(codes);
        };
        acts(&mut story, opener);
        story.done("2026-01-10", matter(Act::OpenMatter));
        acts(&mut story, who);
        let expected = if may { Ok(()) } else { Err("WRONG_BODY") };
        let pressed = story.on("2026-01-11", matter(Act::PressMatter));
        assert_eq!(pressed, expected, "{who:?} of {opener:?}");
        let settled = story.on("2026-01-12", Deed::Plain(Act::SettleMatter));
        assert_eq!(settled, expected, "{who:?} of {opener:?}");
        // What was opened before divisions were kept is for its party.
        if let Some(opener) = &mut story.case.opened_by {
            opener.areas.clear();
        }
        let is_its = who.0 == opener.0 && opener.1.is_none_or(|body| who.1 == Some(body));
        let closed = story.on("2026-01-13", Deed::Plain(Act::Close));
        assert_eq!(closed.is_ok(), is_its, "{who:?} of {opener:?}");
    }
}

#[test]
fn what_was_not_graded_is_not_repaired() {
    for (tier, on, expected) in [
        (None, "2026-06-01", Err("NOT_GRADED")),
        (Some(Tier::General), "2026-04-10", Err("TOO_EARLY")),
        (Some(Tier::General), "2026-04-11", Ok(())),
    ] {
        let mut story = Story::of_arrears(None);
        story.task("2026-01-11", "2026-02-10");
        let task = |act| Deed::Task { act, task: 1 };
        story.done("2026-01-12", task(Act::SubmitRectification));
        story.done("2026-01-13", task(Act::AcceptRectification));
        if let Some(tier) = tier {
            story.grade("2026-01-14", tier);
        }
        let applied = story.on(on, Deed::ApplyRepair { commitment: None });
        assert_eq!(applied, expected, "{tier:?} on {on}");
    }
}

#[test]
fn a_record_ends_by_time_unless_a_task_is_not_accepted() {
    let task = |act| Deed::Task { act, task: 1 };
    for (tasks, tier, on, expected) in [
        (0, Some(Tier::General), "2027-01-10", Err("TOO_EARLY")),
        (0, Some(Tier::General), "2027-01-11", Ok(())),
        (0, None, "2040-01-01", Err("TOO_EARLY")),
        (1, Some(Tier::General), "2027-01-11", Ok(())),
        (2, Some(Tier::General), "2027-01-11", Err("UNCORRECTED")),
    ] {
        let mut story = Story::of_arrears(tier);
        story.done("2026-01-11", Deed::Plain(Act::FileObjection));
        for _ in 0..tasks {
            story.task("2026-01-11", "2026-02-10");
        }
        if tasks > 0 {
            story.done("2026-01-12", task(Act::SubmitRectification));
            story.done("2026-01-13", task(Act::AcceptRectification));
        }
        let mut debt = story.case.clone();
        debt.record
            .as_mut()
            .expect("it has one")
            .shown
            .needs_correction = true;
        let is_paid = expected.is_ok() && tasks > 0;
        assert_eq!(debt.is_term_over(day(on)), is_paid, "{tasks} tasks on {on}");
        let is_over = story.case.is_term_over(day(on));
        assert_eq!(is_over, expected.is_ok(), "{tasks} tasks on {on}");
        let ended = story.on(on, Deed::Plain(Act::Expire));
        assert_eq!(ended, expected, "{tasks} tasks on {on}");
        assert_eq!(story.case.is_live(), expected.is_err());
    }
}

#[test]
fn what_an_objection_suspends_is_not_resumed_under_one_whoever_suspended_it() {
    for suspended_by_objection in [true, false] {
        let mut story = Story::of_arrears(Some(Tier::General));
        story.measures.0[0].suspended_by_objection = suspended_by_objection;
        let sanction = story.impose("2026-01-11", None, None);
        let moved = |act| Deed::SanctionMove { act, sanction };
        story.done("2026-01-12", moved(Act::SuspendSanction));
        story.done("2026-01-13", Deed::Plain(Act::FileObjection));
        let resumed = story.on("2026-01-14", moved(Act::ResumeSanction));
        if !suspended_by_objection {
            assert_eq!(resumed, Ok(()), "an objection is nothing to it");
            continue;
        }
        assert_eq!(resumed, Err("UNDER_OBJECTION"));
        let objection = story.case.objections[0].id;
        let act = Act::DismissObjection;
        story.done("2026-01-15", Deed::Objection { act, objection });
        let status = story.case.sanctions[0].status;
        assert_eq!(
            status,
            SanctionStatus::Suspended,
            "as whoever suspended it left it"
        );
        story.done("2026-01-16", moved(Act::ResumeSanction));
    }
}

#[test]
fn what_is_handed_in_again_is_not_refused_while_it_waits() {
    let mut story = Story::of_arrears(Some(Tier::General));
    let confirms = |step: &&mut StepRule| step.act == Act::Confirm;
    let confirm = story.workflow.steps.iter_mut().find(confirms);
    confirm.expect("the track has it").needs = vec![Need::Refusal];
    let deed = Deed::Confirm(Confirmation {
        record: 10,
        item: "arrears".to_owned(),
        tier: Some(Tier::General),
        identified_on: day("2026-01-12"),
        amount: None,
        overdue_since: None,
        kind: CreditRecordKind::Arrears,
    });
    let refuse = Deed::ReturnRectification {
        task: 1,
        is_refused: true,
    };
    let submit = Deed::Task {
        act: Act::SubmitRectification,
        task: 1,
    };
    story.task("2026-01-11", "2026-02-10");
    for (on, what, confirmed) in [
        ("2026-01-12", submit.clone(), Err("NOT_REFUSED")),
        ("2026-01-13", refuse.clone(), Ok(())),
        ("2026-01-14", submit, Err("NOT_REFUSED")),
        ("2026-01-15", refuse, Ok(())),
    ] {
        let act = what.act();
        story.done(on, what);
        let before = story.case.clone();
        assert_eq!(story.on(on, deed.clone()), confirmed, "after {act} on {on}");
        story.case = before;
    }
}

#[test]
fn a_grade_that_shortens_the_record_shortens_what_follows_it() {
    use SanctionStatus as S;
    // Determined on 2026-01-10: three years by the first grade, one by the second.
    for (from, to, status, ends_on) in [
        (None, None, S::Active, "2027-01-10"),
        (None, Some("2026-06-30"), S::Active, "2026-06-30"),
        (None, Some("2028-06-30"), S::Active, "2027-01-10"),
        (Some("2027-01-10"), None, S::Active, "2027-01-10"),
        (Some("2027-01-11"), None, S::Lifted, "2026-03-01"),
    ] {
        let mut story = Story::of_arrears(Some(Tier::Serious));
        story.impose("2026-02-01", from, to);
        let before = story.case.sanctions[0].clone();
        story.grade("2026-03-01", Tier::Serious);
        assert_eq!(
            story.case.sanctions[0], before,
            "the same grade moves nothing"
        );
        story.grade("2026-03-01", Tier::General);
        let sanction = &story.case.sanctions[0];
        let told = (sanction.status, sanction.ends_on);
        assert_eq!(told, (status, Some(day(ends_on))), "{from:?} to {to:?}");
        let is_same = before.ends_on == sanction.ends_on;
        assert_eq!(
            sanction.version == before.version,
            is_same,
            "who saw it is told"
        );
        // Nothing runs on after its record.
        assert!(
            sanction.ends_on
                <= story
                    .case
                    .record
                    .as_ref()
                    .and_then(|record| record.shown.maximum)
        );
    }
}

#[test]
fn a_lead_that_is_passed_on_keeps_what_its_source_promised_if_that_is_sooner() {
    // Thirty days from 2026-01-10 end with 2026-02-09.
    for (promised, due) in [
        (None, "2026-02-09"),
        (Some("2026-01-09"), "2026-02-09"),
        (Some("2026-01-10"), "2026-01-10"),
        (Some("2026-01-20"), "2026-01-20"),
        (Some("2026-02-10"), "2026-02-09"),
    ] {
        let promised_on = promised.map(day);
        let mut story = Story::of(Facts {
            promised_on,
            ..Facts::default()
        });
        story.done("2026-01-10", Deed::Transfer { to: 3 });
        let running = story.case.running.as_ref().expect("a period runs");
        assert_eq!(
            (running.on, running.is_provisional),
            (day(due), false),
            "{promised:?}"
        );
        assert_eq!(running.since, day("2026-01-10"));
    }
}

#[test]
fn a_period_begins_anew_for_another_body_alone() {
    for (to, due, is_extended) in [(3, "2026-04-10", true), (4, "2026-03-17", false)] {
        let mut story = Story::of(Facts::default());
        story.done("2026-01-10", Deed::Transfer { to: 3 });
        story.done("2026-02-09", Deed::Extend { part: None });
        story.done("2026-02-15", Deed::Transfer { to });
        let running = story.case.running.as_ref().expect("a period runs");
        assert_eq!(
            (running.on, running.is_extended),
            (day(due), is_extended),
            "to {to}"
        );
    }
}

#[test]
fn who_is_silent_is_late_or_let_the_day_of_an_order_pass() {
    let ordered = Some("2026-02-10");
    for (order, answered, on, expected) in [
        (None, None, "2026-02-09", Err("TOO_EARLY")),
        (None, None, "2026-02-10", Ok(())),
        // An order of today has its days, too.
        (ordered, None, "2026-02-10", Err("TOO_EARLY")),
        (ordered, None, "2026-02-20", Err("TOO_EARLY")),
        (ordered, None, "2026-02-21", Ok(())),
        // An answer does not settle what it is about.
        (ordered, Some("2026-02-20"), "2026-02-20", Err("TOO_EARLY")),
        (ordered, Some("2026-02-20"), "2026-02-21", Ok(())),
    ] {
        let mut story = Story::of(Facts::default());
        let summons = |step: &&mut StepRule| step.act == Act::Summon;
        let summons = story.workflow.steps.iter_mut().find(summons);
        summons.expect("the track has it").needs = vec![Need::Silence];
        assert_eq!(
            story.on("2026-01-10", Deed::Plain(Act::Summon)),
            Err("TOO_EARLY")
        );
        story.done("2026-01-10", Deed::Transfer { to: 3 });
        if let Some(issued) = order {
            let due_on = day("2026-02-20");
            story.done(issued, Deed::IssueOrder { due_on });
        }
        if let Some(answered) = answered {
            story.done(answered, Deed::AnswerOrder { order: 1 });
        }
        let summoned = story.on(on, Deed::Plain(Act::Summon));
        assert_eq!(summoned, expected, "on {on}");
    }
}

#[test]
fn what_a_source_told_of_an_official_is_never_shown() {
    for is_official in [false, true] {
        let mut story = Story::of_arrears(Some(Tier::Serious));
        story.facts.is_official = is_official;
        story.grade("2026-02-01", Tier::General);
        let record = story.case.record.as_ref().expect("its source told it");
        assert_eq!(record.shown.is_public, !is_official);
        assert_eq!(record.published_on.is_some(), !is_official);
    }
}

#[test]
fn a_measure_and_a_term_are_those_of_the_place() {
    let place = |text: &str| -> DivisionCode { text.parse().expect(text) };
    let division = |code: &str, level, parent: Option<&str>| Division {
        code: place(code),
        name: code.to_owned(),
        level,
        parent: parent.map(place),
        valid_from: None,
        valid_to: None,
        successors: Vec::new(),
    };
    let tree = DivisionTree::new(vec![
        division("100000", DivisionLevel::Nation, None),
        division("440000", DivisionLevel::Province, Some("100000")),
        division("440600", DivisionLevel::Prefecture, Some("440000")),
    ])
    .expect("a tree");
    let of = |code: Option<&str>, months, from, to: Option<&str>| Measure {
        division: code.map(place),
        months: Some(months),
        from: day(from),
        to: to.map(day),
        ..measure()
    };
    let measures = Measures(vec![
        of(None, 1, "2020-01-01", None),
        of(Some("440600"), 2, "2020-01-01", Some("2025-12-31")),
        of(Some("440600"), 3, "2026-01-01", Some("2026-06-30")),
        of(Some("440000"), 4, "2020-01-01", None),
    ]);
    let rules = [(None, 1), (Some("440600"), 2), (Some("440000"), 4)];
    let rules = rules.map(|(code, months)| PublicityRule {
        division: code.map(place),
        ..publicity(None, months, None)
    });
    let rules = PublicityRules(rules.to_vec());
    for (at, on, months, term) in [
        (None, "2026-02-01", 1, 1),
        (Some("440000"), "2026-02-01", 4, 4),
        (Some("440600"), "2025-12-31", 2, 2),
        (Some("440600"), "2026-02-01", 3, 2),
        // What ended in the city leaves the province's.
        (Some("440600"), "2026-07-01", 4, 2),
        // Before any was in force the last of the place tells what it is.
        (Some("440600"), "2019-12-31", 3, 2),
    ] {
        let found = measures.rule("measure", day(on), at.map(place), &tree);
        assert_eq!(
            found.and_then(|found| found.months),
            Some(months),
            "{at:?} {on}"
        );
        let found = rules.rule(
            CreditRecordKind::Arrears,
            None,
            day("2026-02-01"),
            at.map(place),
            &tree,
        );
        assert_eq!(found.map(|found| found.min_months), Some(term), "{at:?}");
    }
}
