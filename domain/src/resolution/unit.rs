//! Units inside a body (内设机构): no legal persons of their own, so the body answers for them.

use super::{
    alias, close, exact,
    found::Found,
    question::Question,
    search::Search,
    successor::{self, Way},
    tier::Tier,
};
use crate::{division::DivisionLevel, gazetteer::Place, name::BodyType, unit_words::UnitWords};

/// A station that is told by its place alone, such as 桥头所, is no longer than this.
const STATION_CHARS: usize = 4;

/// By a body whose name the question begins with; what stands behind is a unit of it, which the body
/// answers for. Without the unit the name is asked anew.
pub(super) fn find<'a>(search: &mut Search<'a>, question: &Question<'_>) -> Found<'a> {
    let name = question.name;
    let words = &search.directory.knowledge().units;
    if !may_end_unit(words, name) {
        return Found::nobody();
    }
    let splits: Vec<usize> = name.char_indices().skip(3).map(|(at, _)| at).collect();
    for at in splits.into_iter().rev() {
        let (head, unit) = name.split_at(at);
        // 委 is short for 委员会, and no unit begins within that.
        let is_within_word = head.ends_with('委') && unit.starts_with("员会");
        if is_within_word || !has_units(head) || !is_unit_of(words, head, unit) {
            continue;
        }
        let body = Question::of(search, head);
        // The offices of a government and of a party committee are bodies of their own but in towns.
        if has_offices(head, unit) && !body.is_of_town(search) {
            continue;
        }
        let mut found = exact::find(search, &body)
            .or_else(|| alias::find(search, &body))
            .or_else(|| successor::find(search, &body, Way::Told))
            .or_else(|| successor::find(search, &body, Way::Read))
            .or_else(|| successor::find(search, &body, Way::Early));
        if found.fits {
            if is_elsewhere(search, unit, &found) {
                search.steps.add(format!(
                    "分支机构不在该单位区划内 / a branch of another division: {unit}"
                ));
                return Found::nobody();
            }
            // What may be a slip of the pen for a registered body is no mere unit.
            let like = close::here(search, question);
            if like.fits && like.tier == Tier::Subsequence && !like.is_doubtful {
                return like;
            }
            search.steps.add(format!(
                "内设机构归并 / unit, answered for by its body: {unit}"
            ));
            found.tier = found.tier.of_unit();
            return if like.fits { found.and(like) } else { found };
        }
    }
    Found::nobody()
}

/// Whether a name may end in a unit of whoever it begins with.
fn may_end_unit(words: &UnitWords, name: &str) -> bool {
    is_unit(words, name) || name.ends_with('所') || name.ends_with('办')
}

/// Whether a text behind a body's name names a unit of it.
pub(super) fn is_unit(words: &UnitWords, text: &str) -> bool {
    let ends = words.units.end(text) && !words.bodies.end(text);
    // Who is posted (派驻) to a body is of another one.
    ends && text.chars().nth(1).is_some() && !text.contains('驻')
}

/// As [`is_unit`], and what is a unit of such a body only: a bureau's station by its place, a town's
/// office.
fn is_unit_of(words: &UnitWords, head: &str, text: &str) -> bool {
    let chars = text.chars().count();
    let is_station = text.ends_with('所')
        && (2..=STATION_CHARS).contains(&chars)
        && head.ends_with('局')
        && !words.stations.end(text);
    let is_office = text.ends_with('办') && chars > 2 && is_government(head);
    is_unit(words, text) || is_station || is_office
}

/// Whether a body of this name may have units that are named so.
fn has_units(name: &str) -> bool {
    BodyType::of(name).0 != BodyType::UNKNOWN
}

/// Whether such a body's offices, or this one, are bodies of their own: a government's, and the
/// office of the party's committee of a division.
fn has_offices(head: &str, unit: &str) -> bool {
    let party = ["中国共产党", "中共"]
        .iter()
        .find_map(|party| head.strip_prefix(party));
    let place = party.and_then(|rest| {
        let ends = ["委员会", "委"];
        ends.iter().find_map(|end| rest.strip_suffix(end))
    });
    let levels = ['省', '市', '区', '县', '州', '盟', '旗', '镇', '乡'];
    let is_committee = place.is_some_and(|place| place.ends_with(levels));
    is_government(head) || is_committee && unit == "办公室"
}

/// Whether a government is named.
fn is_government(name: &str) -> bool {
    BodyType::of(name).0 == BodyType::of("人民政府").0
}

/// Whether a branch is that of a division outside those of the body it was put to: 武侯 is none of
/// 金堂县's. A word without its level word is a county's only, since towns have all names.
fn is_elsewhere(search: &Search<'_>, unit: &str, found: &Found<'_>) -> bool {
    let gazetteer = search.gazetteer();
    let quarters = &search.directory.knowledge().units.quarters;
    let Some(word) = unit
        .strip_suffix("分局")
        .filter(|word| !quarters.iter().any(|quarter| quarter == word))
    else {
        return false;
    };
    let reading = gazetteer.read(word);
    let paths = gazetteer.paths(&reading, 0).into_iter();
    let meant: Vec<(Place, bool)> = paths
        .filter(|path| path.end == word.len())
        .flat_map(|path| {
            path.places
                .into_iter()
                .map(move |place| (place, path.is_short))
        })
        .collect();
    let is_of_body = |place: Place| {
        let mut homes = found
            .matches
            .iter()
            .flat_map(|one| [one.place, one.body.home]);
        homes.any(|home| gazetteer.is_within(home, place))
    };
    let tells =
        |place: Place, is_short: bool| !is_short || gazetteer.level(place) <= DivisionLevel::County;
    meant
        .iter()
        .any(|(place, is_short)| tells(*place, *is_short))
        && !meant.iter().any(|(place, _)| is_of_body(*place))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::book::KNOWLEDGE, *};

    #[test]
    fn units_are_told_from_bodies() {
        for unit in [
            "预算科",
            "城关派出所",
            "刑侦大队",
            "第一税务分局",
            "办税服务厅",
            "云和分中心",
            "交通警察总队",
            "刑事侦查局",
            "桥头市场监督管理所",
            "交警大队车辆管理所",
            "南海管理部",
        ] {
            assert!(is_unit(&KNOWLEDGE.units, unit), "{unit}");
        }
        for body in [
            "科",
            "会计核算中心",
            "街道办事处",
            "水库管理处",
            "第一小学",
            "有限公司",
            "公证处",
        ] {
            assert!(!is_unit(&KNOWLEDGE.units, body), "{body}");
        }
    }

    #[test]
    fn a_station_and_a_towns_office_are_units_of_their_kind_of_body() {
        for (head, unit, expected) in [
            ("永嘉县公安局", "瓯北所", true),
            ("永嘉县市场监督管理局桥头分局", "桥头所", true),
            ("永嘉县桥头镇人民政府", "城建办", true),
            ("永嘉县桥头镇人民政府", "桥头所", false),
            ("永嘉县公安局", "城建办", false),
            ("永嘉县卫生局", "监督所", false),
            ("永嘉县农业局", "水稻研究所", false),
        ] {
            let is_unit = is_unit_of(&KNOWLEDGE.units, head, unit);
            assert_eq!(is_unit, expected, "{head} {unit}");
        }
    }
}
