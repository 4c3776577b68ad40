//! What is said beside a verdict, so that nobody takes it for more than it is.

use chrono::{DateTime, Utc};
use domain::{check::Verdict, resolution::Outcome};

use crate::graph::PREDECESSORS_MAX;

use super::{Answer, backdrop::Sources, told_at};

/// The notice for an answer: what it means, of when the data are, and how many sources deliver in time.
pub fn notice(answer: &Answer, data_as_of: DateTime<Utc>, sources: Sources) -> String {
    let (mut zh, mut en) = meaning(answer);
    let (at, Sources { current, all }) = (told_at(data_as_of), sources);
    zh.push_str(&format!("（数据截至 {at}，来源 {current}/{all} 正常）"));
    en.push_str(&format!(
        " (data as of {at}, {current} of {all} sources current)"
    ));
    let mut say = |there: &str, here: &str| {
        zh.push('；');
        zh.push_str(there);
        en.push_str("; ");
        en.push_str(here);
    };
    for (what, called, told, of) in cut(answer) {
        say(
            &format!("{what}仅显示前 {told} 条，共 {of} 条"),
            &format!("{told} of {of} {called} are told"),
        );
    }
    let inherited = answer.inherited.iter().map(|line| &line.record);
    let mut records = answer.records.iter().chain(inherited);
    if records.any(|record| record.under_objection) {
        say("有记录异议处理中", "an objection to a record is open");
    }
    if answer.predecessors_cut {
        say(
            &format!("前身单位仅追溯 {PREDECESSORS_MAX} 个，其余未作核查"),
            &format!("no more than {PREDECESSORS_MAX} predecessors were looked at"),
        );
    }
    if answer.predecessors_untold {
        say(
            "有前身单位同名而未能确定，其记录未作核查",
            "a predecessor could be any of several namesakes, at which nobody looked",
        );
    }
    if answer.excluded > 0 {
        say(
            &format!("经人工复核已排除 {} 个机构", answer.excluded),
            &format!("reviewed and left out: {}", answer.excluded),
        );
    }
    format!("{zh} / {en}")
}

fn meaning(answer: &Answer) -> (String, String) {
    let told = &answer.resolution;
    let by_code = told.outcome == Outcome::ExactCode.as_str();
    let (zh, en) = match answer.verdict {
        Verdict::Clear => ("未命中≠无失信记录", "no hit is not a clean bill"),
        Verdict::Listed | Verdict::Restricted if by_code => (
            "命中（标识一致），需人工核实记录原文",
            "hit by identifier: read the records themselves",
        ),
        Verdict::Listed | Verdict::Restricted => (
            "疑似匹配，需人工核实",
            "match by name: to be verified by a person",
        ),
        Verdict::Possible if !answer.inherited_sanctions.is_empty() => (
            "疑似匹配，需人工核实；前身单位的记录、惩戒措施另列",
            "possible match, to be verified by a person; predecessors' records and measures stand apart",
        ),
        Verdict::Possible if !answer.inherited.is_empty() => (
            "疑似匹配，需人工核实；前身单位的记录另列",
            "possible match, to be verified by a person; predecessors' records stand apart",
        ),
        Verdict::Possible => (
            "疑似匹配，需人工核实",
            "possible match, to be verified by a person",
        ),
        Verdict::Ambiguous if told.outcome == Outcome::Conflict.as_str() => (
            "标识与名称指向不同机构，请核对",
            "identifiers and name mean different bodies: check what was written",
        ),
        Verdict::Ambiguous => {
            let (place, named) = match answer.input.division {
                None => ("选择地区", "name a division"),
                Some(_) => ("选择更小的地区", "name a smaller division"),
            };
            let who = match told.candidates.len().max(told.fitting) {
                0 => "多个机构均符合".to_owned(),
                several => format!("{several} 个同名机构"),
            };
            return (
                format!("{who}，请{place}或输入统一社会信用代码"),
                format!("several bodies fit: {named} or the code"),
            );
        }
        Verdict::UnknownSubject => (
            "未能确定主体，未作核查；未命中≠无失信记录",
            "nobody is known by this, so nothing was checked",
        ),
        Verdict::NotCovered => (
            "不在核查范围（企业、外省机构或无权核查的机构），未作核查",
            "not covered: an enterprise, a body of another province, or one that may not be checked",
        ),
    };
    (zh.to_owned(), en.to_owned())
}

/// Lists that were cut: what, how many are told, and of how many.
fn cut(answer: &Answer) -> impl Iterator<Item = (&'static str, &'static str, usize, usize)> {
    let lists = [
        ("记录", "records", answer.records.len(), answer.of.records),
        (
            "惩戒措施",
            "measures",
            answer.sanctions.len(),
            answer.of.sanctions,
        ),
        (
            "前身单位记录",
            "predecessors' records",
            answer.inherited.len(),
            answer.of.inherited,
        ),
        (
            "前身单位惩戒措施",
            "predecessors' measures",
            answer.inherited_sanctions.len(),
            answer.of.inherited_sanctions,
        ),
        (
            "候选机构",
            "candidates",
            answer.resolution.candidates.len(),
            answer.resolution.fitting,
        ),
    ];
    lists.into_iter().filter(|(.., told, of)| told < of)
}
