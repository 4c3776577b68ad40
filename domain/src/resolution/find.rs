//! A name looked for from the nearest tier to the farthest: normalised, parted from its brackets,
//! and without what was put before or behind it.

use super::{
    alias, close, exact,
    found::Found,
    question::{LEVEL_WORDS, Question, joined},
    search::Search,
    successor,
    tier::Tier,
    unit,
};
use crate::name::{self, BodyType, NameClass, Qualified, Qualifier};

/// What the subject's name says.
pub(super) fn by_name<'a>(search: &mut Search<'a>) -> Found<'a> {
    let Some(written) = search.subject.name else {
        return Found::nobody();
    };
    let name = name::normalise(written);
    if name.is_empty() {
        return Found::nobody();
    }
    let name = joined(search, &name).unwrap_or(name);
    if name != written.trim() {
        search
            .steps
            .turned("名称规范 / normalised", &one_line(written), &name);
    }
    match name::qualified(&name) {
        None => find_name(search, &name),
        Some(parts) => {
            // A registered name may have brackets of its own.
            let question = Question::of(search, &name);
            let found = exact::find(search, &question);
            if found.fits {
                found
            } else {
                find_qualified(search, &parts)
            }
        }
    }
}

/// Steps are kept as lines.
pub(super) fn one_line(written: &str) -> String {
    written.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn find_qualified<'a>(search: &mut Search<'a>, parts: &Qualified<'_>) -> Found<'a> {
    let mut former = None;
    let mut others = Vec::new();
    for qualifier in &parts.qualifiers {
        let (rule, text) = match qualifier {
            Qualifier::Scope(text) => ("括注：范围 / bracket: scope", text),
            Qualifier::Former(text) => {
                former = Some(*text);
                ("括注：原名 / bracket: former name", text)
            }
            Qualifier::SecondName(text) => ("括注：加挂牌子 / bracket: second name", text),
            Qualifier::Status(text) => ("括注：状态 / bracket: status", text),
            Qualifier::Aggregate(text) => {
                search.steps.add(format!(
                    "括注：汇总，不指任何单位 / bracket: an aggregate, nobody in particular: {text}"
                ));
                return Found::nobody();
            }
            Qualifier::Other(text) => {
                others.push(*text);
                ("括注：其他 / bracket: other", text)
            }
        };
        search.steps.add(format!("{rule}: {text}"));
    }
    let found = find_name(search, &parts.name);
    let found = match former {
        Some(former) if !found.fits => find_name(search, former),
        _ => found,
    };
    // The body's own code in brackets says nothing else than its name; anything else may.
    let is_its_code = |text: &&str| {
        let mut bodies = found.matches.iter().map(|one| one.body);
        bodies.any(|body| body.uscc.as_str() == *text)
    };
    let is_doubtful = !others.iter().all(is_its_code);
    found.doubtful(is_doubtful)
}

fn find_name<'a>(search: &mut Search<'a>, name: &str) -> Found<'a> {
    let question = Question::of(search, name);
    let found = exact::find(search, &question);
    if found.fits {
        return found;
    }
    search.steps.found("名称", question.name, 0);
    if is_foreign(question.name) {
        return found;
    }
    let found = find_near(search, &question);
    if found.fits {
        return found;
    }
    // 原国土资源局, 云和县原国土资源局: whoever was called so.
    let mut cores = question.keys.iter();
    let former = cores.find_map(|key| Some((key.start, key.core.strip_prefix('原')?)));
    let Some((start, core)) = former.filter(|former| !former.1.is_empty()) else {
        return close::find(search, &question);
    };
    let rest = [&question.name[..start], core].concat();
    search.steps.turned("原称 / formerly", name, &rest);
    let question = Question::of(search, &rest);
    exact::find(search, &question)
        .or_else(|| find_near(search, &question))
        .or_else(|| close::find(search, &question))
}

/// Enterprises, persons and villages are none of ours unless the register has that very name.
fn is_foreign(name: &str) -> bool {
    match name::classify(name) {
        NameClass::Enterprise | NameClass::SelfGoverning => true,
        NameClass::Person => BodyType::of(name).0 == BodyType::UNKNOWN,
        NameClass::Body | NameClass::Unclear => false,
    }
}

/// By what is known beside the register.
fn find_near<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    find_of_level(search, question)
        .or_else(|| alias::find(search, question))
        .or_else(|| successor::find(search, question))
        .or_else(|| find_unit(search, question))
}

/// By a body whose name the question begins with; what stands behind is a unit of it, which the body
/// answers for. Without the unit the name is asked anew.
fn find_unit<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    let name = question.name;
    if !unit::is_unit(name) {
        return Found::nobody();
    }
    let splits: Vec<usize> = name.char_indices().skip(3).map(|(at, _)| at).collect();
    for at in splits.into_iter().rev() {
        let (head, unit) = name.split_at(at);
        if !unit::is_unit(unit) || !unit::has_units(head) {
            continue;
        }
        let body = Question::of(search, head);
        // A government's offices are bodies of their own but in towns.
        if unit::is_government(head) && !body.is_of_town(search) {
            continue;
        }
        let mut found = exact::find(search, &body)
            .or_else(|| alias::find(search, &body))
            .or_else(|| successor::find(search, &body));
        if found.fits {
            search.steps.add(format!(
                "内设机构归并 / unit, answered for by its body: {unit}"
            ));
            found.tier = found.tier.max(Tier::Unit);
            return found;
        }
    }
    Found::nobody()
}

/// 市教育局: the division is for the context to tell.
fn find_of_level<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    let name = question.name;
    let level = LEVEL_WORDS
        .iter()
        .find_map(|word| Some((word, name.strip_prefix(word)?)));
    let Some((word, rest)) = level.filter(|(_, rest)| !rest.is_empty() && !question.has_place)
    else {
        return Found::nobody();
    };
    let bare = Question::of(search, rest);
    let found = alias::find_of_level(search, &bare, word);
    if found.fits {
        search
            .steps
            .turned("缺区划名 / division not named", name, rest);
    }
    found
}
