//! What must hold of the shipped packs and red lines, whatever the facts.

use std::sync::OnceLock;

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::{
    agency::AgencyKind,
    assess::{
        Alarm, Facts, Ground, RulePack, Scored, Warning, WarningAct, WarningEvent, WarningLevel,
        changes,
    },
    credit_record::{CreditRecord, CreditRecordKind, CreditRecordStatus, RecordSubject, Tier},
    indicator::Indicator,
    money::Money,
};
use proptest::{prelude::*, sample::select};
use rust_decimal::Decimal;

use crate::catalogue::Catalogue;

const DAY: &str = "2026-06-30";

pub(super) fn catalogue() -> &'static Catalogue {
    static SHIPPED: OnceLock<Catalogue> = OnceLock::new();
    SHIPPED.get_or_init(|| Catalogue::load(None).expect("the shipped catalogue is right"))
}

pub(super) fn day() -> NaiveDate {
    DAY.parse().expect("a day")
}

prop_compose! {
    pub(super) fn record()(
        kind in select(CreditRecordKind::ALL),
        tier in proptest::option::of(select(Tier::ALL)),
        status in select(CreditRecordStatus::ALL),
        item in 0..200_usize,
        amount in proptest::option::of(-10_000_000_000..10_000_000_000_i64),
        age in 0..2_000_u64,
        ended in 0..400_u64,
        under_objection in any::<bool>(),
    ) -> CreditRecord {
        let items: Vec<&str> = catalogue().lists.iter().map(|item| &*item.code).collect();
        CreditRecord { tier, status, amount: amount.map(Money::from_cents), identified_by: "样例认定局".to_owned(), ended_on: (status != CreditRecordStatus::Active).then(|| day() - Days::new(ended.min(age))), under_objection, ..CreditRecord::new(RecordSubject::Agency(1), kind, items[item % items.len()], day() - Days::new(age)) }
    }
}

pub(super) const CODES: [&str; 11] = [
    "disclosure.in_time",
    "disclosure.late",
    "disclosure.revoked",
    "commendation",
    "arrears.disclosure",
    "hotline.on_time_rate",
    "hotline.satisfaction_rate",
    "reconsideration.reversed",
    "litigation.lost",
    "training.integrity",
    "innovation.credit",
];

prop_compose! {
    fn indicator()(
        code in select(&CODES[..]),
        value in 0..120_i64,
        age in 0..800_u64,
    ) -> Indicator {
        Indicator {
            agency_id: 1,
            code: code.to_owned(),
            title: code.to_owned(),
            period_from: day() - Days::new(age),
            period_to: day() - Days::new(age),
            value: value.into(),
        }
    }
}

/// What there is of a body: its kind, its records and its measurements.
pub(super) type Owned = (AgencyKind, Vec<CreditRecord>, Vec<Indicator>);

pub(super) fn some_facts() -> impl Strategy<Value = Owned> {
    (
        select(AgencyKind::ALL),
        proptest::collection::vec(record(), 0..12),
        proptest::collection::vec(indicator(), 0..12),
    )
}

pub(super) fn facts((body, records, indicators): &Owned) -> Facts<'_> {
    Facts {
        body: *body,
        records: (1..).zip(records).collect(),
        indicators: (1..).zip(indicators).collect(),
    }
}

/// The same with one of the records repaired on the day.
pub(super) fn repaired(owned: &Owned, which: usize) -> Owned {
    let mut owned = owned.clone();
    let which = which % owned.1.len();
    owned.1[which].status = CreditRecordStatus::Repaired;
    owned.1[which].ended_on = Some(day());
    owned
}

fn sum(scored: &Scored) -> Decimal {
    scored.contributions.iter().map(|part| part.points).sum()
}

/// Whether caps and bounds hold, and all that was counted may be.
pub(super) fn check(pack: &RulePack, scored: &Scored, facts: &Facts<'_>) {
    assert_eq!(sum(scored), scored.score, "contributions add up");
    assert!(pack.least <= scored.score && scored.score <= pack.most);
    for part in &scored.contributions {
        let Ground::Rule(code) = &part.ground else {
            continue;
        };
        let rule = pack.rule(code).expect("a rule of the pack");
        let weight = pack.headings[rule.heading].weight;
        if let Some(cap) = rule.cap {
            assert!(part.points.abs() <= (cap * weight).abs(), "{code}");
        }
        for id in &part.records {
            let (_, record) = facts.records[*id as usize - 1];
            let gone = [CreditRecordStatus::Repaired, CreditRecordStatus::Withdrawn];
            assert!(
                !gone.contains(&record.status_on(day())),
                "{code} counts what is repaired"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn points_add_up_and_bounds_hold(owned in some_facts()) {
        for pack in &catalogue().assess.packs {
            let facts = facts(&owned);
            check(pack, &pack.evaluate(&facts, day()), &facts);
        }
    }

    #[test]
    fn no_order_shows(owned in some_facts(), turned in any::<u8>()) {
        for pack in &catalogue().assess.packs {
            let straight = pack.evaluate(&facts(&owned), day());
            let mut other = pack.clone();
            let by = usize::from(turned) % other.rules.len();
            other.rules.rotate_left(by);
            other.rules[..by].reverse();
            let mut mixed = facts(&owned);
            mixed.records.reverse();
            mixed.indicators.reverse();
            prop_assert_eq!(other.evaluate(&mixed, day()), straight);
        }
    }

    #[test]
    fn a_repair_never_lowers_a_score(owned in some_facts(), which in any::<usize>()) {
        prop_assume!(!owned.1.is_empty());
        let mended = repaired(&owned, which);
        for pack in &catalogue().assess.packs {
            let before = pack.evaluate(&facts(&owned), day());
            let after = pack.evaluate(&facts(&mended), day());
            prop_assert!(after.score >= before.score);
            let place = |scored: &Scored| pack.grade(&scored.grade);
            prop_assert!(place(&after) <= place(&before));
            let differ: Decimal = changes(&before, &after).iter().map(|c| c.after - c.before).sum();
            prop_assert_eq!(differ, after.score - before.score);
        }
    }

    #[test]
    fn a_warning_follows_its_cause(levels in proptest::collection::vec(0..5_u8, 1..40)) {
        let mut warnings: Vec<Warning> = Vec::new();
        for (step, level) in levels.iter().enumerate() {
            let alarm = alarm(*level);
            settle(&mut warnings, alarm.as_ref(), step as u64);
            let open = warnings.iter().filter(|warning| warning.state.is_open()).count();
            prop_assert_eq!(open, usize::from(alarm.is_some()));
            if let Some(alarm) = &alarm {
                let last = warnings.last().expect("it is warned about");
                prop_assert_eq!((last.level, &last.records), (alarm.level, &alarm.records));
            }
        }
        for (place, warning) in warnings.iter().enumerate() {
            prop_assert_eq!(warning.episode as usize, place + 1);
        }
    }

    /// Whatever somebody closes meanwhile: a cause that stands is that of the newest warning alone, and one that is
    /// gone is none of any.
    #[test]
    fn a_cause_is_that_of_the_newest_warning_alone(
        steps in proptest::collection::vec((0..5_u8, select(&[None, Some(WarningAct::Resolve), Some(WarningAct::Dismiss)][..])), 1..40),
    ) {
        let mut warnings: Vec<Warning> = Vec::new();
        for (step, (level, closing)) in steps.iter().enumerate() {
            let alarm = alarm(*level);
            settle(&mut warnings, alarm.as_ref(), step as u64);
            let caused: Vec<u32> = warnings.iter().filter(|one| one.is_caused).map(|one| one.episode).collect();
            let newest = warnings.last().filter(|_| alarm.is_some()).map(|last| last.episode);
            prop_assert_eq!(caused, Vec::from_iter(newest));
            if let (Some(act), Some(last)) = (closing, warnings.last_mut()) {
                let at = at(step as u64);
                if let Ok(event) = last.act(*act, "somebody", Some("其因已明".to_owned()), at, &catalogue().calendar) {
                    *last = event.after;
                }
            }
        }
    }
}

/// The first hour of the how-manieth day.
fn at(step: u64) -> DateTime<Utc> {
    let on = day() + Days::new(step);
    on.and_hms_opt(1, 0, 0).expect("a time").and_utc()
}

/// What stands against a line: nothing by 0, and by others something as serious as they say.
fn alarm(level: u8) -> Option<Alarm> {
    let at = usize::from(level).checked_sub(1)?;
    Some(Alarm {
        level: WarningLevel::ALL[at],
        count: level.into(),
        records: vec![i64::from(level)],
        ..Alarm::default()
    })
}

/// Does what is to be done about a line on a day until nothing is left to do, which must come: two processes do
/// it once.
fn settle(warnings: &mut Vec<Warning>, alarm: Option<&Alarm>, step: u64) {
    let line = catalogue().assess.red_line("RL-COURT", day());
    let line = line.expect("it is shipped");
    let next = |last: Option<&Warning>| -> Vec<WarningEvent> {
        let about = (1, "样例局", "D");
        let now = (at(step), day() + Days::new(step));
        let events = Warning::next(last, alarm, line, about, &catalogue().calendar, now);
        events.into_iter().collect()
    };
    for _ in 0..4 {
        for event in next(warnings.last()) {
            let version = warnings
                .last()
                .filter(|last| last.episode == event.after.episode);
            assert_eq!(event.number, version.map_or(1, |last| last.events + 1));
            if event.act == WarningAct::Raise {
                assert!(warnings.last().is_none_or(|last| !last.state.is_open()));
                warnings.push(event.after);
            } else {
                *warnings.last_mut().expect("there is one") = event.after;
            }
        }
    }
    assert!(next(warnings.last()).is_empty());
}

#[test]
fn a_level_that_rises_begins_a_term_of_its_own() {
    let line = catalogue()
        .assess
        .red_line("RL-OVERDUE", day())
        .expect("it is shipped");
    let calendar = &catalogue().calendar;
    let at = |on: NaiveDate| on.and_hms_opt(1, 0, 0).expect("a time").and_utc();
    let alarm = |level, count: i64| Alarm {
        level,
        count: count.into(),
        records: vec![1],
        ..Alarm::default()
    };
    let next = |last: Option<&Warning>, alarm: &Alarm, on: NaiveDate| {
        let events = Warning::next(
            last,
            Some(alarm),
            line,
            (1, "样例局", "B"),
            calendar,
            (at(on), on),
        );
        events.into_iter().next()
    };
    let orange = alarm(WarningLevel::Orange, 1);
    let mut warning = next(None, &orange, day()).expect("it is raised").after;
    // Twice it is passed on.
    for step in 1..=2 {
        let late = warning.due_on.expect("a day").succ_opt().expect("a day");
        assert!(next(Some(&warning), &orange, late.pred_opt().expect("a day")).is_none());
        warning = next(Some(&warning), &orange, late)
            .expect("it is passed on")
            .after;
        assert_eq!(warning.escalations, step);
    }
    let on = "2026-08-03".parse().expect("a day");
    let worse = alarm(WarningLevel::Red, 3);
    warning = next(Some(&warning), &worse, on).expect("it follows").after;
    let due = calendar
        .add_working_days(on, line.terms.answer_within)
        .date();
    assert_eq!(
        (warning.due_on, warning.state),
        (Some(due), domain::assess::WarningState::New)
    );
    let late = due.succ_opt().expect("a day");
    assert!(next(Some(&warning), &worse, due).is_none());
    warning = next(Some(&warning), &worse, late)
        .expect("it is passed on by its own term")
        .after;
    assert_eq!(warning.escalations, 3);
}
