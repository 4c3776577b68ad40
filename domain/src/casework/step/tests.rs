//! What steps make of a case, by a track and rules that are made up.

mod debts;
mod matters;
mod measures;
mod periods;
mod records;

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

    /// What confirms a record of the item, determined on 2026-01-12, as overdue from a day.
    fn confirmation(kind: CreditRecordKind, since: Option<&str>) -> Deed {
        Deed::Confirm(Confirmation {
            record: 10,
            item: "arrears".to_owned(),
            tier: Some(Tier::General),
            identified_on: day("2026-01-12"),
            amount: None,
            overdue_since: since.map(day),
            kind,
        })
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
