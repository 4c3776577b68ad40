use std::collections::HashMap;

use async_graphql::{Context, InputObject, SimpleObject, Union};
use domain::division::DivisionCode;
use serde::{Deserialize, Serialize};

use crate::store;

use super::{
    ask::{Ask, ask},
    casework::{digests, words},
    division::Division,
    error::{ApiError, Result},
    filter::division_code,
    mutation::{Done, Refusal, once},
    scalars::{Date, DateTime},
};

/// Reports that are listed at once.
const REPORTS_MAX: u64 = 400;
/// Characters of a note.
const NOTE_CHARS_MAX: usize = 500;

/// 零报告的输入。 / A zero report.
#[derive(InputObject)]
pub struct RecordZeroReportInput {
    /// 幂等键，1 至 255 字；72 小时内同键同输入只办一次。 / Idempotency key of 1 to 255 characters; within 72 hours the same key and input are done once.
    key: String,
    /// 区划代码，须为本人辖区之一。 / The division's code, one of the caller's own.
    division: String,
    /// 流程，如 court。 / The track, such as court.
    workflow: String,
    /// 报告所指之日，不晚于今日。 / The day that it is about, today at the latest.
    day: Date,
    /// 说明。 / In which words.
    note: Option<String>,
    /// 依据；缺省为流程所载。 / What it rests on; what the track has by default.
    basis: Option<String>,
    /// 证据的 SHA-256，十六进制小写，至多 20 件。 / SHA-256 of what is attached, in small hexadecimal digits, at most 20.
    evidence: Option<Vec<String>>,
}

/// 零报告的结果。 / What came of a zero report.
#[derive(Union)]
pub enum RecordZeroReportOutcome {
    Success(RecordZeroReportSuccess),
    Refusal(Refusal),
}

/// 已记录；同区划、流程、日期以先到者为准。 / It is kept; of a division, track and day the first stands.
#[derive(SimpleObject)]
pub struct RecordZeroReportSuccess {
    /// 零报告。 / The report.
    report: ZeroReport,
}

/// 零报告：某日无应报告事项。 / A zero report: of a day there was nothing to report.
#[derive(SimpleObject)]
pub struct ZeroReport {
    /// 区划。 / The division.
    division: Option<Division>,
    /// 流程。 / The track.
    workflow: String,
    /// 所指之日。 / The day that it is about.
    day: Date,
    /// 报告时间。 / When it was made.
    at: DateTime,
    /// 报告人标识。 / By whom.
    by: String,
    /// 说明。 / In which words.
    note: Option<String>,
    /// 依据。 / What it rests on.
    basis: String,
    /// 证据的 SHA-256。 / SHA-256 of what is attached.
    evidence: Vec<String>,
}

/// 应报零报告的区划：该日有事项即报事项，无事项即报零。 / A division that says of a day what there was, or that there was nothing.
#[derive(SimpleObject)]
pub struct ZeroReportDue {
    /// 区划。 / The division.
    division: Option<Division>,
    /// 所指之日。 / The day.
    day: Date,
    /// 该区划（含下级不单独报告者）当日告知的该流程事项数：当日开始的办件与当日的记录。 / How much of the track was told of it that day, and of those below it that don't report themselves: cases that began, and records of the day.
    told: i32,
    /// 零报告；未报为 null。 / The zero report; null where there is none.
    report: Option<ZeroReport>,
    /// 是否缺报：该日已到，既未告知事项，亦无零报告。 / Whether it is missing: the day has come, with neither anything told nor a zero report.
    missing: bool,
    /// 依据。 / What it rests on.
    legal_basis: String,
    /// 依据的条文是否已核对。 / Whether the article's text was at hand.
    verified: bool,
}

/// What was done, as it is kept under its key.
#[derive(Serialize, Deserialize)]
struct Kept {
    division: String,
    workflow: String,
    day: chrono::NaiveDate,
    at: chrono::DateTime<chrono::Utc>,
    by: String,
    note: Option<String>,
    basis: String,
    evidence: Vec<String>,
}

impl From<store::ZeroReport> for Kept {
    fn from(report: store::ZeroReport) -> Self {
        Self {
            division: report.division,
            workflow: report.workflow,
            day: report.day,
            at: report.at,
            by: report.by_subject,
            note: report.note,
            basis: report.basis,
            evidence: report.evidence,
        }
    }
}

impl ZeroReport {
    fn of(ask: &Ask, kept: Kept) -> Self {
        let code = kept.division.parse::<DivisionCode>().ok();
        Self {
            division: code.and_then(|code| Division::find(&ask.view, code)),
            workflow: kept.workflow,
            day: Date(kept.day),
            at: kept.at.into(),
            by: kept.by,
            note: kept.note,
            basis: kept.basis,
            evidence: kept.evidence,
        }
    }
}

pub(super) async fn record_zero_report(
    ask: &Ask,
    input: RecordZeroReportInput,
) -> Result<RecordZeroReportOutcome> {
    let note = input.note.as_deref().map(str::trim).unwrap_or_default();
    if note.chars().count() > NOTE_CHARS_MAX {
        let message = format!("a note has at most {NOTE_CHARS_MAX} characters");
        return Err(ApiError::invalid(message));
    }
    let note = domain::privacy::mask_numbers(note).into_owned();
    let basis = words(input.basis.as_deref(), "a basis")?;
    let evidence = digests(input.evidence.unwrap_or_default())?;
    let division = division_code(&input.division)?;
    let viewer = ask.view.viewer().clone();
    let day = input.day.0;
    let request = [
        "recordZeroReport",
        &input.division,
        &input.workflow,
        &day.to_string(),
        &note,
        &format!("{basis:?} {evidence:?}"),
    ];
    let app = std::sync::Arc::clone(&ask.app);
    let (workflow, note) = (input.workflow.clone(), note.clone());
    let attempt = async move {
        let refused = |code, message: &str| Ok(Done::Not(Refusal::new(code, message)));
        let tree = &app.catalogue.divisions;
        let mut own = viewer.divisions.iter();
        if !own.any(|own| tree.contains(*own, division)) {
            return refused(
                "OUT_OF_REACH",
                "the division is not yours / 该区划不在辖区内",
            );
        }
        let mut known = app.catalogue.casework.workflows.iter();
        if !known.any(|known| known.key == workflow) {
            return refused("NO_WORKFLOW", "there is no such track / 没有该流程");
        }
        let casework = app.casework();
        let Some(reporting) = casework.zero_reporting(&workflow, division, day) else {
            return refused(
                "NOT_OWED",
                "no division of this level reports zero in this track / 该流程未要求该级区划零报告",
            );
        };
        let basis = basis.unwrap_or_else(|| reporting.legal_basis.clone());
        if day > app.clock.today() {
            return refused("FUTURE_DAY", "the day has not come / 该日未到");
        }
        let report = store::ZeroReport {
            division: division.to_string(),
            workflow,
            day,
            by_subject: viewer.subject.clone(),
            by_role: viewer.role.as_str().to_owned(),
            at: app.clock.now(),
            note: Some(note).filter(|note| !note.is_empty()),
            basis,
            evidence,
        };
        let stands = app.store.report_zero(report).await?;
        Ok(Done::Well(Kept::from(stands)))
    };
    Ok(match once(ask, input.key, &request, attempt).await? {
        Done::Not(refusal) => RecordZeroReportOutcome::Refusal(refusal),
        Done::Well(kept) => RecordZeroReportOutcome::Success(RecordZeroReportSuccess {
            report: ZeroReport::of(ask, kept),
        }),
    })
}

/// The reports of a track in the viewer's areas, the newest day first.
pub(super) async fn zero_reports(
    ctx: &Context<'_>,
    workflow: &str,
    division: Option<&str>,
) -> Result<Vec<ZeroReport>> {
    let ask = ask(ctx);
    let within = division.map(division_code).transpose()?;
    let own = ask.view.viewer().divisions.iter();
    // The nation's code stands above all others.
    let beginnings = own.map(|code| match code.to_string().as_str() {
        "100000" => String::new(),
        code => code.trim_end_matches("00").to_owned(),
    });
    let beginnings: Vec<String> = beginnings.collect();
    if beginnings.is_empty() {
        return Ok(Vec::new());
    }
    let tree = ask.view.divisions();
    let sees = |code| within.is_none_or(|within| tree.contains(within, code));
    let store = ask.store();
    let reports = store
        .list_zero_reports(workflow, &beginnings, REPORTS_MAX)
        .await?;
    let reports = reports.into_iter().filter(|report| {
        let code = report.division.parse::<DivisionCode>();
        code.is_ok_and(sees)
    });
    Ok(reports
        .map(|report| ZeroReport::of(ask, report.into()))
        .collect())
}

/// The divisions in the viewer's areas that owe a zero report of a day in a track.
pub(super) async fn zero_reports_due(
    ctx: &Context<'_>,
    workflow: &str,
    day: Option<Date>,
    division: Option<&str>,
) -> Result<Vec<ZeroReportDue>> {
    let ask = ask(ctx);
    let within = division.map(division_code).transpose()?;
    let today = ask.app.clock.today();
    let day = day.map_or(today, |day| day.0);
    let has_come = day <= today;
    let casework = ask.app.casework();
    let due = casework.zero_reports_due(&ask.view, workflow, day, within);
    if due.is_empty() {
        return Ok(Vec::new());
    }
    let reports = ask.store().zero_reports_on(workflow, day).await?;
    let reports = reports.into_iter();
    let mut reports: HashMap<String, store::ZeroReport> = reports
        .map(|report| (report.division.clone(), report))
        .collect();
    let told = due.into_iter().map(|due| {
        let report = reports.remove(&due.division.to_string());
        ZeroReportDue {
            division: Division::find(&ask.view, due.division),
            day: Date(day),
            told: i32::try_from(due.told).unwrap_or(i32::MAX),
            missing: has_come && due.told == 0 && report.is_none(),
            report: report.map(|report| ZeroReport::of(ask, report.into())),
            legal_basis: due.rule.legal_basis.clone(),
            verified: due.rule.verified,
        }
    });
    Ok(told.collect())
}
