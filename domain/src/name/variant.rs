//! Spellings of one name that differ in words which tell nobody apart (异写): 教育和体育局 is
//! 教育体育局, 农业农村委 is 农业农村委员会.

/// Words between two others.
const BETWEEN: [char; 3] = ['和', '与', '、'];
/// So many characters, or twice as many and so on, stand between two such words, as words have: 中和镇
/// and 太和中学 keep theirs, and 农业农与村局 is a slip of the pen.
const AROUND: usize = 2;
/// Committees that are called so in full, or whose longer form is another one.
#[rustfmt::skip]
const SHORT_COMMITTEES: [&str; 16] = [
    "纪委", "监委", "监察委", "党委", "编委", "政法委", "省委", "市委", "县委", "区委", "州委", "旗委", "盟委",
    "管委", "工委", "团委",
];
/// Endings that are written in two ways, and the way in which they are compared.
const ENDINGS: [(&str, &str); 3] = [("中学校", "中学"), ("中医医院", "中医院"), ("委", "委员会")];

/// The spelling by which names are compared that are not the same letter by letter, where it
/// differs from this one.
pub fn variant(core: &str) -> Option<String> {
    let joined = joined(core);
    let ending = respelled(joined.as_deref().unwrap_or(core));
    ending.or(joined)
}

/// With the ending by which names are compared.
pub fn respelled(core: &str) -> Option<String> {
    ENDINGS.iter().find_map(|(ending, compared)| {
        let stem = core.strip_suffix(ending)?;
        let is_committee = *ending == "委";
        let is_word = !is_committee || stem.chars().nth(AROUND - 1).is_some();
        let mut others = SHORT_COMMITTEES.iter();
        let is_other = is_committee && others.any(|other| core.ends_with(other));
        (is_word && !is_other).then(|| format!("{stem}{compared}"))
    })
}

/// Without the words between others.
pub fn joined(core: &str) -> Option<String> {
    core.find(BETWEEN)?;
    let characters: Vec<char> = core.chars().collect();
    let mut kept = Vec::with_capacity(characters.len());
    let mut word = 0;
    for (at, c) in characters.iter().enumerate() {
        let left = characters.len() - at - 1;
        let is_between = BETWEEN.contains(c)
            && word >= AROUND
            && word % AROUND == 0
            && left >= AROUND
            && !BETWEEN.contains(&characters[at + 1])
            && characters[at - 1] != '共';
        word = if is_between { 0 } else { word + 1 };
        if !is_between {
            kept.push(*c);
        }
    }
    let joined: String = kept.into_iter().collect();
    (joined.len() < core.len()).then_some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_tell_nobody_apart_are_left_out() {
        for (core, expected) in [
            ("教育和体育局", Some("教育体育局")),
            ("自然资源与规划建设局", Some("自然资源规划建设局")),
            ("农业农村委", Some("农业农村委员会")),
            ("发展和改革委", Some("发展改革委员会")),
            ("金堂中学校", Some("金堂中学")),
            ("中医医院", Some("中医院")),
            ("教育体育局", None),
            ("中和镇人民政府", None),
            ("太和中学", None),
            ("共和街道办事处", None),
            ("市纪委", None),
            ("建委", None),
            ("县委", None),
            ("和", None),
            ("文化和和旅游局", None),
            ("农业农与村局", None),
            ("经济信和息化局", None),
        ] {
            assert_eq!(variant(core).as_deref(), expected, "{core}");
        }
    }
}
