//! Units inside a body (内设机构): no legal persons of their own, so the body answers for them.

use crate::name::BodyType;

/// Endings of units.
#[rustfmt::skip]
const UNITS: [&str; 33] = [
    "科", "股", "室", "处", "庭", "组", "大队", "中队", "支队", "分局", "派出所", "税务所", "司法所", "财政所",
    "国土所", "规划所", "资源所", "监管所", "工商所", "水利所", "看守所", "拘留所", "执行局", "政治部", "检察部",
    "窗口", "专班", "工作站", "分中心", "服务厅", "办税厅", "大厅", "值班室",
];

/// Endings that look like one of those, of bodies of their own.
#[rustfmt::skip]
const BODIES: [&str; 9] = [
    "管理处", "办事处", "管护处", "服务处", "事务处", "卫生室", "实验室", "办公厅", "代表处",
];

/// Whether a text behind a body's name names a unit of it.
pub(super) fn is_unit(text: &str) -> bool {
    let ends = |endings: &[&str]| endings.iter().any(|ending| text.ends_with(ending));
    // Who is posted (派驻) to a body is of another one.
    text.chars().nth(1).is_some() && ends(&UNITS) && !ends(&BODIES) && !text.contains('驻')
}

/// Whether a body of this name may have units that are named so.
pub(super) fn has_units(name: &str) -> bool {
    BodyType::of(name).0 != BodyType::UNKNOWN
}

/// Whether a government is named.
pub(super) fn is_government(name: &str) -> bool {
    BodyType::of(name).0 == BodyType::of("人民政府").0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_told_from_bodies() {
        for unit in [
            "预算科",
            "城关派出所",
            "刑侦大队",
            "第一税务分局",
            "办税服务厅",
            "云和分中心",
        ] {
            assert!(is_unit(unit), "{unit}");
        }
        for body in [
            "科",
            "会计核算中心",
            "街道办事处",
            "水库管理处",
            "第一小学",
            "有限公司",
        ] {
            assert!(!is_unit(body), "{body}");
        }
    }
}
