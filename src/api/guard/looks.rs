//! Fields that look at many rows to tell of few: what that costs, in the unit of the cost, ten
//! microseconds of a province of 40,000 bodies.

use async_graphql::parser::types::Field;

/// Looking at all rows of a list, once for a page and once for its total.
const PASS: u64 = 800;
/// One more test of each of them.
const TEST: u64 = 250;
/// Putting them in an order that is not kept.
const SORT: u64 = 1_500;
/// The same for what belongs to one thing.
const OWN_PASS: u64 = 3;
const OWN_TEST: u64 = 1;

/// Subjects that are told at once.
const BATCH_MAX: u64 = crate::check::WATCH_BATCH_MAX as u64;

/// Grading one body.
const GRADING: u64 = 3;

/// Fields that are heavy by themselves.
const HEAVY: [(&str, &str, u64); 37] = [
    ("Query", "zeroReports", 50),
    // Divisions, and the day's cases, are looked at one by one.
    ("Query", "zeroReportsDue", 50),
    // Cases of one body.
    ("CreditRecord", "prewarning", OWN_PASS),
    // Names of a division's bodies are compared.
    ("Case", "competent", 50),
    ("CompetentBody", "agencies", 50),
    ("Warning", "warned", 50),
    // Of a day that is over the version that stood when it ended may have to be read.
    ("Division", "overview", super::PAST_COST),
    // Whose bodies, warnings and cases are looked at one by one.
    ("Overview", "fallers", PASS),
    ("Overview", "heat", PASS),
    ("Overview", "risers", PASS),
    ("Overview", "totals", PASS),
    ("Overview", "trend", PASS),
    // All results of a year are held against what the viewer sees; distribution and report tell of two years.
    ("AnnualCampaign", "distribution", 2 * PASS),
    ("AnnualCampaign", "ranking", PASS),
    ("AnnualCampaign", "report", 2 * PASS),
    ("Assessment", "comparison", GRADING),
    ("Query", "resolve", 50),
    // Who is meant is told, and the answer is written down.
    ("Query", "sanctionCheck", 50),
    // An earlier version may have to be read.
    ("Query", "sanctionCheckReceipt", PASS),
    // The log is read for all subjects of a list.
    ("Query", "watchChanges", PASS),
    ("Query", "watchLists", 20),
    ("Query", "checkExclusions", 20),
    ("Mutation", "excludeFalseMatch", 50),
    // As many are told as a check tells at once.
    ("Mutation", "addWatchSubjects", 3 * BATCH_MAX),
    ("Query", "search", PASS),
    ("Query", "creditRecordStats", PASS),
    // Those that ended are read from the database.
    ("Query", "mentionDecisions", PASS),
    // A body is graded: its records and measurements are held against each rule.
    ("Agency", "assessment", GRADING),
    ("Agency", "assessments", GRADING),
    ("Assessment", "ifRepaired", GRADING),
    ("Assessment", "changesFrom", GRADING),
    ("Mention", "resolution", 10),
    // Read from the audit log.
    ("Query", "auditEntries", 50),
    ("Query", "auditProof", 50),
    ("Agency", "accesses", 20),
    ("Source", "runs", 20),
    ("SourceRun", "rejects", 20),
];

/// What a field costs beside itself and its rows, with so many tests in its filter.
pub(super) fn cost(type_name: &str, field: &Field, tests: impl Fn(&str) -> Option<u64>) -> u64 {
    let name = field.name.node.as_str();
    let heavy = HEAVY
        .iter()
        .find(|(of, heavy, _)| *of == type_name && *heavy == name)
        .map_or(0, |(_, _, points)| *points);
    // Below a division may lie the province.
    let (pass, test, sort) = match type_name {
        "Query" | "Division" => (PASS, TEST, SORT),
        _ => (OWN_PASS, OWN_TEST, OWN_PASS),
    };
    let filtered =
        tests("filter").map_or(0, |tests| pass.saturating_add(test.saturating_mul(tests)));
    let ordered = tests("orderBy").map_or(0, |_| sort);
    heavy.saturating_add(filtered).saturating_add(ordered)
}
