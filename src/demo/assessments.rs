//! What a made-up institute measured: each body as a whole and by what the whole is made of.

use super::luck::Luck;
use super::world::{MadeAgency, MadeTable};

/// Headings of third parties' assessments.
pub const SCORES: [&str; 10] = [
    "评估机构",
    "评估期间起",
    "评估期间止",
    "统一社会信用代码",
    "行政区划代码",
    "指标",
    "得分",
    "满分",
    "等级",
    "报告文号",
];

/// What the whole is made of, and how many points each may have: a hundred together.
const INDICATORS: [(&str, usize); 3] = [("履约践诺", 50), ("依法行政", 30), ("政务公开", 20)];

/// Makes assessments of so many bodies that still stand, spread over the whole register.
pub(super) fn make(mut luck: Luck, agencies: &[MadeAgency], count: usize) -> MadeTable {
    let standing = agencies.iter().filter(|agency| agency.abolished.is_none());
    let bodies: Vec<&MadeAgency> = standing.collect();
    let step = (bodies.len() / count.max(1)).max(1);
    let chosen = bodies.into_iter().step_by(step).take(count);
    MadeTable {
        headings: &SCORES,
        rows: chosen.flat_map(|body| of(&mut luck, body)).collect(),
    }
}

/// A body's lines, that of the whole first.
fn of(luck: &mut Luck, body: &MadeAgency) -> Vec<Vec<String>> {
    let scores = INDICATORS.map(|(indicator, full)| {
        let least = full / 2;
        (indicator, least + luck.below(full - least + 1), full)
    });
    let whole = scores.iter().map(|(_, score, _)| score).sum();
    let lines = [("", whole, 100)].into_iter().chain(scores);
    lines
        .map(|(indicator, score, full)| line(body, indicator, score, full))
        .collect()
}

fn line(body: &MadeAgency, indicator: &str, score: usize, full: usize) -> Vec<String> {
    let grade = match score * 100 / full {
        90.. => "优",
        75.. => "良",
        60.. => "中",
        _ => "差",
    };
    [
        "示例评估院",
        "2025-01-01",
        "2025-12-31",
        body.uscc.as_str(),
        &body.division,
        indicator,
        &score.to_string(),
        &full.to_string(),
        grade,
        "示评〔2026〕1号",
    ]
    .map(str::to_owned)
    .to_vec()
}
