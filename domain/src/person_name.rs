//! Names of natural persons, as far as they are shown: the family name and nothing more.

/// Family names of two characters (复姓).
#[rustfmt::skip]
const COMPOUND: &[&str] = &[
    "欧阳", "太史", "端木", "上官", "司马", "东方", "独孤", "南宫", "万俟", "闻人", "夏侯", "诸葛",
    "尉迟", "公羊", "赫连", "澹台", "皇甫", "宗政", "濮阳", "公冶", "太叔", "申屠", "公孙", "慕容",
    "仲孙", "钟离", "长孙", "宇文", "司徒", "鲜于", "司空", "闾丘", "子车", "亓官", "司寇", "巫马",
    "公西", "颛孙", "壤驷", "公良", "漆雕", "乐正", "宰父", "谷梁", "拓跋", "夹谷", "轩辕", "令狐",
    "段干", "百里", "呼延", "东郭", "南门", "羊舌", "微生", "公户", "公玉", "公仪", "梁丘", "公仲",
    "公上", "公门", "公山", "公坚", "左丘", "公伯", "西门", "公祖", "第五", "公乘", "贯丘", "公皙",
    "南荣", "东里", "东宫", "仲长", "子书", "子桑", "即墨", "达奚", "褚师", "纳兰", "完颜", "歐陽",
    "諸葛", "司馬", "東方", "尉遲", "鍾離", "長孫", "慕容", "鮮于", "獨孤", "聞人",
];

/// The family name, and a `*` for each further character: 张三 is 张*, 欧阳某某 is 欧阳**. A name of
/// one character is hidden whole.
pub fn masked_name(name: &str) -> String {
    let characters: Vec<char> = name.trim().chars().collect();
    let is_compound = || {
        let family: String = characters.iter().take(2).collect();
        COMPOUND.contains(&family.as_str())
    };
    let shown = match characters.len() {
        0 | 1 => 0,
        2 => 1,
        _ if is_compound() => 2,
        _ => 1,
    };
    let family = characters.iter().take(shown);
    let rest = std::iter::repeat_n('*', characters.len() - shown);
    family.copied().chain(rest).collect()
}

/// Whether a name is shown masked already, as [`masked_name`] does it: whom it means can't be told
/// by it.
pub fn is_masked_name(name: &str) -> bool {
    let hidden = name.trim_end_matches('*');
    name.len() > hidden.len() && hidden.chars().count() <= 2
}

/// What stands for a hidden character in names that others have masked.
const HIDDEN: &[char] = &['*', '×', 'X', 'x', '○', '●', '□', '■', '?'];

/// Whether others have hidden characters of a normalised name.
pub fn has_hidden(name: &str) -> bool {
    name.contains(HIDDEN)
}

/// Whether a normalised name with hidden characters may be this one: as long, and the same wherever
/// it is shown. Without a family name it might be anybody's, and so is nobody's.
pub fn may_be(masked: &str, name: &str) -> bool {
    let shows_family = !masked.starts_with(HIDDEN);
    let is_as_long = masked.chars().count() == name.chars().count();
    let mut pairs = masked.chars().zip(name.chars());
    shows_family && is_as_long && pairs.all(|(shown, own)| shown == own || HIDDEN.contains(&shown))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_family_name_stays() {
        for (name, masked) in [
            ("甲某", "甲*"),
            ("甲某某", "甲**"),
            ("欧阳某", "欧阳*"),
            ("司徒某某", "司徒**"),
            // Two characters are a family name and a given one.
            ("欧阳", "欧*"),
            ("陈方某某", "陈***"),
            ("阿某·买某", "阿****"),
            ("某", "*"),
            (" 甲某 ", "甲*"),
            ("甲*某", "甲**"),
            ("", ""),
        ] {
            assert_eq!(masked_name(name), masked, "{name}");
            assert_eq!(is_masked_name(masked), !masked.is_empty(), "{masked}");
        }
        assert!(!is_masked_name("甲某"));
        assert!(!is_masked_name("佛山市样例局*"));
    }

    #[test]
    fn a_masked_name_may_be_one_that_is_as_long_and_the_same_where_it_is_shown() {
        for (masked, name, may) in [
            ("甲*乙", "甲某乙", true),
            ("甲**", "甲某乙", true),
            ("甲XX", "甲某乙", true),
            ("甲○乙", "甲某乙", true),
            ("甲*丙", "甲某乙", false),
            ("甲*", "甲某乙", false),
            ("乙**", "甲某乙", false),
            ("**乙", "甲某乙", false),
            ("***", "甲某乙", false),
        ] {
            assert!(has_hidden(masked) && !has_hidden(name));
            assert_eq!(may_be(masked, name), may, "{masked} {name}");
        }
    }

    proptest! {
        #[test]
        fn a_masked_name_is_as_long_as_the_name_and_never_the_name(name in "[一-龥]{1,8}") {
            let masked = masked_name(&name);
            prop_assert_eq!(masked.chars().count(), name.chars().count());
            prop_assert!(masked.ends_with('*'));
            prop_assert_eq!(masked_name(&masked), masked);
        }
    }
}
