//! No step of casework changes anything for who saw another version, who may not act, or who sees nothing
//! of it: a table over all of them.

use std::collections::BTreeSet;

use domain::viewer::Role;
use serde_json::Value;

use super::{
    BUREAU, DEVELOPMENT, DIGEST, Story, Who, id,
    led::{ITEM, development},
};
use crate::support::{made, on_both};

/// Who may call a step, as `catalogue/access.toml` has it.
const AUTHORITIES: &[Role] = &[Role::Authority];
const SUPERIORS: &[Role] = &[Role::Government, Role::Authority];
const CONCERNED: &[Role] = &[Role::Agency];
const IMPOSERS: &[Role] = &[Role::Authority, Role::Court];
const PROPOSERS: &[Role] = &[Role::Government, Role::Authority, Role::Court];
const ANSWERERS: &[Role] = &[Role::Authority, Role::Agency];
const ASKERS: &[Role] = &[Role::Congress, Role::Government];

/// One step: its name, what it is about, who may call it, and what it needs.
type Row = (&'static str, &'static str, &'static [Role], String);

/// Each step of casework. What begins a case looks at no version.
fn table(own: &str, development: &str) -> Vec<Row> {
    let (basis, note) = (r#"basis: "依据""#, r#"note: "说明""#);
    let both = format!("{basis}, {note}");
    let shown = format!(r#"{note}, evidence: ["{DIGEST}"]"#);
    let due = format!(r#"dueOn: "2026-12-01", {both}"#);
    let task = format!(r#"owner: "{own}", title: "兑现", {due}"#);
    let measure = format!(r#"measure: "internal.financing", {basis}"#);
    let pilots = format!(r#"measure: "incentive.pilots", {basis}"#);
    let confirm =
        format!(r#"item: "{ITEM}", identifiedOn: "2026-06-02", {basis}, evidence: ["{DIGEST}"]"#);
    vec![
        (
            "transferClue",
            "clueId",
            AUTHORITIES,
            format!(r#"to: "{development}""#),
        ),
        ("rejectClue", "clueId", AUTHORITIES, note.into()),
        ("acceptClue", "clueId", AUTHORITIES, String::new()),
        (
            "verifyClue",
            "clueId",
            AUTHORITIES,
            format!("finding: FOUNDED, {shown}"),
        ),
        ("answerClue", "clueId", AUTHORITIES, note.into()),
        ("confirmRecord", "clueId", AUTHORITIES, confirm),
        ("extendDeadline", "caseId", AUTHORITIES, note.into()),
        ("closeCase", "caseId", IMPOSERS, note.into()),
        ("askRectification", "caseId", SUPERIORS, task),
        (
            "reportProgress",
            "caseId",
            CONCERNED,
            format!("task: 1, {note}"),
        ),
        ("makeStatement", "caseId", CONCERNED, note.into()),
        (
            "submitRectification",
            "caseId",
            CONCERNED,
            format!("task: 1, {shown}"),
        ),
        ("acceptRectification", "caseId", SUPERIORS, "task: 1".into()),
        (
            "returnRectification",
            "caseId",
            SUPERIORS,
            format!("task: 1, refused: false, {note}"),
        ),
        ("issueSupervisionOrder", "caseId", SUPERIORS, due.clone()),
        (
            "answerSupervisionOrder",
            "caseId",
            ANSWERERS,
            format!("order: 1, {note}"),
        ),
        ("summonResponsible", "caseId", SUPERIORS, note.into()),
        ("circulateCase", "caseId", SUPERIORS, note.into()),
        (
            "reportPerformance",
            "caseId",
            &[Role::Government, Role::Authority, Role::Agency],
            shown.clone(),
        ),
        ("answerMatter", "caseId", CONCERNED, note.into()),
        ("pressMatter", "caseId", ASKERS, due.clone()),
        ("settleMatter", "caseId", ASKERS, note.into()),
        (
            "gradeRecord",
            "recordId",
            AUTHORITIES,
            format!("tier: GENERAL, {basis}"),
        ),
        ("publishRecord", "recordId", AUTHORITIES, String::new()),
        ("withdrawRecord", "recordId", AUTHORITIES, both),
        ("proposeSanction", "recordId", PROPOSERS, measure.clone()),
        ("imposeSanction", "recordId", IMPOSERS, measure),
        ("applyForRepair", "recordId", CONCERNED, shown),
        ("fileObjection", "recordId", CONCERNED, note.into()),
        ("suspendSanction", "sanctionId", IMPOSERS, basis.into()),
        ("resumeSanction", "sanctionId", IMPOSERS, basis.into()),
        ("liftSanction", "sanctionId", IMPOSERS, basis.into()),
        (
            "decideRepair",
            "repairId",
            AUTHORITIES,
            format!("accepted: false, {basis}"),
        ),
        (
            "revokeRepair",
            "repairId",
            AUTHORITIES,
            format!("{basis}, {note}"),
        ),
        (
            "decideObjection",
            "objectionId",
            AUTHORITIES,
            format!("upheld: false, {basis}"),
        ),
        ("withdrawObjection", "objectionId", CONCERNED, String::new()),
        ("grantIncentive", "agencyId", AUTHORITIES, pilots),
        ("prewarnAgency", "agencyId", &[Role::Court], basis.into()),
        ("openMatter", "agencyId", ASKERS, due),
    ]
}

/// The steps that the schema has: they answer with a case, or with the clue that was passed on.
fn steps_of_the_schema() -> BTreeSet<&'static str> {
    let schema = include_str!("../../../schema.graphql");
    let (_, mutations) = schema
        .split_once("type Mutation {")
        .expect("there are mutations");
    let (mutations, _) = mutations.split_once("\n}").expect("they end");
    let is_step =
        |line: &&str| line.ends_with(": CaseOutcome") || line.ends_with(": TransferClueOutcome");
    let steps = mutations.lines().filter(is_step);
    steps
        .filter_map(|line| line.trim().split_once('('))
        .map(|(name, _)| name)
        .collect()
}

#[tokio::test]
async fn who_is_late_or_not_meant_changes_nothing() {
    on_both(async |db| {
        let story = Story::on(&db).await;
        // A case that has everything that a step may be about, each in its second version at least.
        let led = story.confirmed().await;
        let sanction = story.imposed(&led, "internal.central_budget", "").await;
        story.set_right(&led).await;
        let apply = format!(r#"note: "已兑现", evidence: ["{DIGEST}"]"#);
        story
            .done(&story.agency, "applyForRepair", led.the_record(), &apply)
            .await;
        let case = story
            .done(
                &story.agency,
                "fileObjection",
                led.the_record(),
                r#"note: "有误""#,
            )
            .await;
        let (repair, objection) = (id(&case["repairs"][0]), id(&case["objections"][0]));
        for part in [&repair, &objection] {
            let more = format!(r#"note: "案情复杂", part: "{part}""#);
            story
                .done(&development(), "extendDeadline", led.the_case(), &more)
                .await;
        }
        let own = story.id_of(BUREAU).await;
        let things = |argument: &str| match argument {
            "clueId" => led.clue.as_str(),
            "caseId" => &led.case,
            "recordId" => &led.record,
            "sanctionId" => &sanction,
            "repairId" => &repair,
            "objectionId" => &objection,
            _ => &own,
        };
        let table = table(&own, &story.id_of(DEVELOPMENT).await);
        let names: BTreeSet<&str> = table.iter().map(|row| row.0).collect();
        assert_eq!(names, steps_of_the_schema(), "the table has each of them");

        let culture = made::uscc("11", "440600", 4);
        let seq = story.hub.app.live.now().seq();
        for (name, argument, may, more) in &table {
            let thing = things(argument);
            let version = story.version(thing).await;
            for role in Role::ALL.iter().copied() {
                let own_body = Some(story.bureau).filter(|_| role == Role::Agency);
                let near = Who(role, "440600", own_body);
                if !may.contains(&role) {
                    let code = story
                        .code(&near, name, (argument, thing), version, more)
                        .await;
                    assert_eq!(code, "FORBIDDEN", "{name} as {role:?}");
                    continue;
                }
                // Who may call it does nothing by what he saw earlier, ...
                if *argument != "agencyId" {
                    let late = story.step_at(&near, name, (argument, thing), 1, more).await;
                    assert_eq!(
                        late["__typename"], "VersionConflict",
                        "{name} as {role:?}: {late}"
                    );
                    assert_eq!(late["current"], version, "{name} as {role:?}");
                }
                // ... and nothing to what is not his to see.
                let far = match role {
                    Role::Agency => Who(role, "440600", Some(culture)),
                    role => Who(role, "440100", None),
                };
                let refused = story
                    .refused_at(&far, name, (argument, thing), version, more)
                    .await;
                assert_eq!(refused, "NOT_FOUND", "{name} as {role:?} from elsewhere");
            }
        }
        assert_eq!(story.hub.app.live.now().seq(), seq, "nothing was changed");
    })
    .await;
}

impl Story {
    /// The code of the error with which a call of a step is answered.
    async fn code(
        &self,
        who: &Who,
        name: &str,
        on: (&str, &str),
        version: i64,
        more: &str,
    ) -> String {
        let query = format!(
            r#"mutation {{ {name}(input: {{ key: "a key", {}: "{}", version: {version}, {more} }}) {{ __typename }} }}"#,
            on.0, on.1
        );
        let token = match who.0 {
            Role::Public => None,
            _ => Some(self.token(who)),
        };
        let answer = self.hub.query(token.as_deref(), &query).await;
        assert!(
            answer["data"].get(name).is_none_or(Value::is_null),
            "{answer}"
        );
        answer["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    async fn refused_at(
        &self,
        who: &Who,
        name: &str,
        on: (&str, &str),
        version: i64,
        more: &str,
    ) -> String {
        let refused = self.step_at(who, name, on, version, more).await;
        assert_eq!(refused["__typename"], "Refusal", "{name}: {refused}");
        refused["code"].as_str().expect("a word").to_owned()
    }
}
