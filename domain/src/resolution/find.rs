//! A name looked for from the nearest tier to the farthest: normalised, parted from its brackets,
//! and without what was put before or behind it.

use super::{
    alias, bracket, close, exact,
    found::Found,
    question::{LEVEL_WORDS, Question, joined},
    search::Search,
    successor::{self, Way},
    unit,
};
use crate::name::{self, BodyType, NameClass};

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
                bracket::find(search, &parts)
            }
        }
    }
}

/// Steps are kept as lines.
pub(super) fn one_line(written: &str) -> String {
    written.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// By a name without brackets.
pub(super) fn find_name<'a>(search: &mut Search<'a>, name: &str) -> Found<'a> {
    let question = Question::of(search, name);
    let found = exact::find(search, &question);
    if found.fits {
        return found;
    }
    search.steps.found("名称", question.name, 0);
    if is_foreign(question.name) {
        return found;
    }
    if masks_place(question.name) {
        search
            .steps
            .add("地名已隐去，不指任何单位 / the place is masked: nobody in particular");
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
        return find_like(search, &question);
    };
    let rest = [&question.name[..start], core].concat();
    search.steps.turned("原称 / formerly", name, &rest);
    let question = Question::of(search, &rest);
    exact::find(search, &question)
        .or_else(|| find_near(search, &question))
        .or_else(|| find_like(search, &question))
}

/// By likeness, or else by a reform that was still to come.
fn find_like<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    let like = close::find(search, question);
    if like.fits {
        return like;
    }
    let later = successor::find(search, question, Way::Early);
    if later.fits { later } else { like }
}

/// 某县民政局, XX市: a sign that stands for any place, before the word for its level.
fn masks_place(name: &str) -> bool {
    let is_sign = |c: char| matches!(c, '某' | 'X' | 'x' | '×' | '*' | '○' | '□' | '_' | '?');
    let signs = name.match_indices(is_sign);
    signs
        .map(|(at, sign)| &name[at + sign.len()..])
        .any(|rest| {
            let mut words = LEVEL_WORDS.iter().chain(&["州", "旗", "盟", "村"]);
            words.any(|word| rest.starts_with(word))
        })
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
        .or_else(|| successor::find(search, question, Way::Told))
        .or_else(|| find_read(search, question))
        .or_else(|| unit::find(search, question))
}

/// By what a name may be short for: that of a body of today before that of one that is gone.
fn find_read<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    let steps = search.steps.len();
    let heirs = successor::find(search, question, Way::Read);
    if !heirs.fits {
        return heirs;
    }
    let told = search.steps.split_off(steps);
    let short = close::abbreviation(search, question);
    if short.fits {
        return short;
    }
    search.steps.extend(told);
    heirs
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
