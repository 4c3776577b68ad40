//! Succession events, and the predecessors that ended with them.

use chrono::NaiveDate;

use super::{Draft, Maker};
use crate::demo::luck::day;
use crate::demo::world::MadeSuccession;

/// How a department came out of others in some places, under a new code.
struct Reform {
    kind: &'static str,
    from: &'static [&'static str],
    to: &'static [&'static str],
    on: (i32, u32, u32),
}

/// Reforms. Where one took place, the successor bears none of the former names of the table of
/// departments: they are those of bodies with codes of their own.
const REFORMS: &[Reform] = &[
    Reform {
        kind: "合并",
        from: &["国土资源局", "城乡规划局"],
        to: &["自然资源局"],
        on: (2019, 3, 1),
    },
    Reform {
        kind: "合并",
        from: &["工商行政管理局", "质量技术监督局", "食品药品监督管理局"],
        to: &["市场监督管理局"],
        on: (2019, 3, 15),
    },
    Reform {
        kind: "更名",
        from: &["卫生和计划生育局"],
        to: &["卫生健康局"],
        on: (2019, 2, 20),
    },
    Reform {
        kind: "更名",
        from: &["安全生产监督管理局"],
        to: &["应急管理局"],
        on: (2019, 2, 26),
    },
    Reform {
        kind: "更名",
        from: &["环境保护局"],
        to: &["生态环境局"],
        on: (2019, 4, 1),
    },
    Reform {
        kind: "分立",
        from: &["经济贸易局"],
        to: &["工业和信息化局", "商务局"],
        on: (2014, 9, 30),
    },
    Reform {
        kind: "职能划转",
        from: &["人力资源和社会保障局"],
        to: &["医疗保障局"],
        on: (2019, 1, 31),
    },
    Reform {
        kind: "撤销",
        from: &["农业机械管理局"],
        to: &[],
        on: (2020, 6, 30),
    },
];

impl Maker<'_> {
    /// Every reform in every fifth place, so that each kind occurs however small the demo is.
    pub(super) fn reforms(&mut self) {
        let start = self.luck.below(5);
        for place in self.local() {
            for (number, reform) in REFORMS.iter().enumerate() {
                if (place + number + start).is_multiple_of(5) {
                    self.reform(place, reform);
                }
            }
        }
    }

    fn reform(&mut self, place: usize, reform: &Reform) {
        let (year, month, date) = reform.on;
        let on = day(year, month, date);
        let to: Vec<_> = reform
            .to
            .iter()
            .filter_map(|name| self.department.get(&(place, *name)).copied())
            .collect();
        if to.len() < reform.to.len()
            || self.register.agencies.len() + reform.from.len() > self.count
        {
            return;
        }
        let letter = &self.places[0].courts[0].code;
        let basis = format!(
            "{letter}示例编〔{year}〕{}号(示例)",
            1 + self.luck.below(300)
        );
        let lives_on = reform.kind == "职能划转";
        for &name in reform.from {
            let full = format!("{}{name}", self.places[place].prefix);
            let from = match self.department.get(&(place, name)) {
                Some(&index) if lives_on => Some(index),
                // What was renamed long before codes came is known by name only.
                _ if reform.kind == "更名" && self.luck.one_in(4) => None,
                _ => self.predecessor(place, full.clone(), on),
            };
            let targets: Vec<_> = if to.is_empty() {
                vec![None]
            } else {
                to.iter().copied().map(Some).collect()
            };
            for target in targets {
                let event = MadeSuccession {
                    from_code: self.code_of(from),
                    from_name: full.clone(),
                    to_code: self.code_of(target),
                    to_name: target
                        .map(|index| self.register.agencies[index].name.clone())
                        .unwrap_or_default(),
                    kind: reform.kind,
                    effective: on,
                    basis: basis.clone(),
                };
                self.register.successions.push(event);
            }
        }
        for index in to {
            // The former name is that of another body here, which had a code of its own.
            let successor = &mut self.register.agencies[index];
            successor.former_names.clear();
            successor.established = Some(on.to_string());
        }
    }

    fn predecessor(&mut self, place: usize, name: String, gone: NaiveDate) -> Option<usize> {
        let superior = self.government(place);
        let made = self.add(Draft {
            place,
            kind: "11",
            name,
            superior,
            competent: None,
        })?;
        let founded = self.luck.day(1984, 2009);
        let agency = &mut self.register.agencies[made];
        agency.established = Some(founded.to_string());
        agency.abolished = Some(gone.to_string());
        Some(made)
    }
}
