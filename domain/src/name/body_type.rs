//! What type of body a name ends in (机构类型后缀). Two names of different types are two bodies,
//! however alike they are: a court and a procuratorate, a bureau and its centre.

use std::sync::LazyLock;

use hashbrown::HashMap;

/// Endings, the longest that fits decides; the number tells types apart, and long and short forms
/// of one type share it.
#[rustfmt::skip]
const ENDINGS: &[(&str, u8)] = &[
    ("人民政府", 1), ("政府", 1),
    ("人民政府办公室", 2), ("政府办公室", 2), ("政府办", 2), ("府办", 2), ("人民政府办公厅", 2), ("政府办公厅", 2),
    ("街道办事处", 3), ("街道办", 3), ("街办", 3), ("办事处", 3),
    ("人民代表大会常务委员会", 4), ("人大常委会", 4), ("常务委员会", 4), ("常委会", 4), ("人民代表大会", 4), ("人大", 4),
    ("政治协商会议", 5), ("政协", 5), ("政协委员会", 5),
    ("人民法院", 6), ("法院", 6), ("中院", 6), ("高院", 6),
    ("人民检察院", 7), ("检察院", 7), ("检院", 7),
    ("监察委员会", 8), ("监委", 8), ("监察委", 8),
    ("纪律检查委员会", 9), ("纪委", 9),
    ("村民委员会", 10), ("村委会", 10), ("村委", 10),
    ("居民委员会", 11), ("居委会", 11), ("居委", 11),
    ("经济合作社", 12), ("合作社", 12), ("联合社", 12), ("经济社", 12), ("联社", 12),
    ("管理委员会", 13), ("管委会", 13), ("管委", 13),
    ("委员会", 14), ("委", 14),
    ("局", 15), ("厅", 16), ("办公厅", 17), ("办公室", 18), ("办", 18),
    ("中心", 19), ("站", 20), ("所", 21), ("研究所", 22), ("处", 23), ("分局", 24),
    ("派出所", 25), ("税务所", 26), ("司法所", 27), ("财政所", 28),
    ("总队", 29), ("支队", 30), ("大队", 31), ("中队", 32), ("队", 33),
    ("小学", 34), ("小", 34), ("中学", 35), ("中", 35), ("幼儿园", 36), ("幼", 36), ("大学", 37), ("学院", 38), ("学校", 39), ("校", 39),
    ("医院", 40), ("卫生院", 41), ("保健院", 42), ("福利院", 43), ("敬老院", 44), ("卫生室", 45),
    ("馆", 46), ("图书馆", 47), ("博物馆", 48), ("文化馆", 49), ("档案馆", 50),
    ("总工会", 51), ("联合会", 52), ("联", 52), ("海关", 53), ("监狱", 54), ("总局", 55),
    ("公司", 56), ("集团", 56), ("厂", 56), ("指挥部", 57), ("领导小组", 58), ("领导小组办公室", 59),
    ("分行", 60), ("支行", 60), ("协会", 61), ("学会", 62), ("商会", 63), ("党校", 64), ("林场", 65),
    ("庭", 66), ("执行局", 67), ("科", 68), ("股", 69), ("室", 70), ("部", 71), ("社", 72), ("院", 73), ("园", 74),
    ("台", 75), ("农场", 76), ("水库", 77),
];

/// The type of a name's ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BodyType(u8);

/// The endings by their last character, the longer ones first.
static BY_LAST: LazyLock<HashMap<char, Vec<(&str, u8)>>> = LazyLock::new(|| {
    let mut by_last: HashMap<_, Vec<_>> = HashMap::new();
    for (ending, number) in ENDINGS {
        let last = ending.chars().next_back().expect("no ending is empty");
        by_last.entry(last).or_default().push((*ending, *number));
    }
    for endings in by_last.values_mut() {
        endings.sort_by_key(|(ending, _)| std::cmp::Reverse(ending.len()));
    }
    by_last
});

impl BodyType {
    /// No ending that is known.
    pub const UNKNOWN: Self = Self(0);

    /// Whether a name of this type may be told by an abbreviation alone. Centres, schools, hospitals
    /// and the like differ by what an abbreviation leaves out, and what has no type could be anything.
    pub fn may_be_abbreviated(self) -> bool {
        !matches!(self.0, 0 | 10..=12 | 19 | 34..=45 | 56 | 65 | 73..)
    }

    /// Whether bodies of two types can never be one, whatever both are called: a centre is a legal
    /// person beside its bureau.
    pub fn clashes(self, other: Self) -> bool {
        let is_centre = |one: Self| one.0 == 19;
        let are_known = self != Self::UNKNOWN && other != Self::UNKNOWN;
        are_known && is_centre(self) != is_centre(other)
    }

    /// The type of a name, and how many bytes of it the ending has.
    pub fn of(name: &str) -> (Self, usize) {
        let endings = name.chars().next_back().and_then(|last| BY_LAST.get(&last));
        let mut endings = endings.into_iter().flatten();
        let longest = endings.find(|(ending, _)| name.ends_with(ending));
        longest.map_or((Self::UNKNOWN, 0), |(ending, number)| {
            (Self(*number), ending.len())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_short_forms_share_a_type_and_twins_do_not() {
        let same = |a, b| BodyType::of(a).0 == BodyType::of(b).0;
        for (a, b) in [
            ("住建局", "住房和城乡建设局"),
            ("发改委", "发展和改革委员会"),
            ("管委会", "管理委员会"),
            ("中院", "中级人民法院"),
            ("街道办", "办事处"),
            ("政府办", "人民政府办公室"),
        ] {
            assert!(same(a, b), "{a} {b}");
        }
        for (a, b) in [
            ("人民法院", "人民检察院"),
            ("教育局", "教育局会计核算中心"),
            ("村民委员会", "股份经济合作社"),
            ("街道办事处", "居民委员会"),
            ("公安局", "公安局莲都分局"),
            ("教育局", "教育厅"),
            ("人民政府", "人民政府办公室"),
            ("管理委员会", "委员会"),
        ] {
            assert!(!same(a, b), "{a} {b}");
        }
        assert_eq!(BodyType::of("没有"), (BodyType::UNKNOWN, 0));
    }

    #[test]
    fn a_centre_clashes_with_all_that_is_none() {
        let clash = |a, b| BodyType::of(a).0.clashes(BodyType::of(b).0);
        assert!(clash("大数据中心", "大数据发展管理局"));
        assert!(clash("投促局", "投资促进中心"));
        assert!(!clash("疾控中心", "疾病预防控制中心"));
        assert!(!clash("卫健委", "卫生健康局"));
        assert!(!clash("妇幼", "妇幼保健院"));
    }
}
