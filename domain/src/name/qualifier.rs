//! Brackets in names (括注): what they say about the body, told apart from its name.

/// What a bracket says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Qualifier<'a> {
    /// (本级), (机关): the body itself, without those below it.
    Scope(&'a str),
    /// (原XX局): what it was called.
    Former(&'a str),
    /// (挂XX牌子): a second name of the same legal person.
    SecondName(&'a str),
    /// (筹), (已撤销), (合署办公): how it stands with the body.
    Status(&'a str),
    /// (汇总): several bodies in one row, so nobody in particular.
    Aggregate(&'a str),
    /// Anything else, which may change who is meant.
    Other(&'a str),
}

/// A name, and what stood in brackets in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qualified<'a> {
    /// The name without brackets.
    pub name: String,
    /// What stood in them, in order.
    pub qualifiers: Vec<Qualifier<'a>>,
}

/// Parts a [normalised](super::normalise) name from its brackets; none where it has none.
pub fn qualified(name: &str) -> Option<Qualified<'_>> {
    if !name.contains('（') {
        return None;
    }
    let mut parts = Qualified {
        name: String::with_capacity(name.len()),
        qualifiers: Vec::new(),
    };
    let mut rest = name;
    while let Some((before, behind)) = rest.split_once('（') {
        let (inner, behind) = behind.split_once('）').unwrap_or((behind, ""));
        parts.name.push_str(before);
        parts.qualifiers.push(qualifier(inner));
        rest = behind;
    }
    parts.name.push_str(rest);
    Some(parts)
}

fn qualifier(inner: &str) -> Qualifier<'_> {
    let label = |text: &str| -> Option<()> {
        ["加挂", "挂", "牌子", "加挂牌子"]
            .iter()
            .any(|word| text.starts_with(word) || text.ends_with(word))
            .then_some(())
    };
    match inner {
        "本级" | "机关" | "机关本级" | "局机关" | "本部" => Qualifier::Scope(inner),
        "汇总" | "合计" | "系统" | "全系统" | "部门汇总" => {
            Qualifier::Aggregate(inner)
        }
        "筹" | "筹建" | "已撤销" | "撤销" | "已注销" | "合署办公" | "合署" | "代章" | "盖章"
        | "公章" => Qualifier::Status(inner),
        _ if inner.contains("合署办公") => Qualifier::Status(inner),
        _ => {
            let former = ["原名", "原称", "原为", "原", "曾用名", "前身为"]
                .iter()
                .find_map(|word| inner.strip_prefix(word));
            match (former, label(inner)) {
                (Some(former), _) if !former.is_empty() => {
                    Qualifier::Former(former.trim_start_matches([':', '：', '为']))
                }
                (_, Some(())) => {
                    let name = inner.trim_start_matches("加").trim_start_matches("挂");
                    Qualifier::SecondName(name.trim_end_matches("牌子").trim_matches('"'))
                }
                _ => Qualifier::Other(inner),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_told_by_type() {
        for (name, without, first) in [
            (
                "云和县民政局（本级）",
                "云和县民政局",
                Qualifier::Scope("本级"),
            ),
            (
                "云和县自然资源局（原云和县国土资源局）",
                "云和县自然资源局",
                Qualifier::Former("云和县国土资源局"),
            ),
            (
                "云和县司法局（挂云和县法制局牌子）",
                "云和县司法局",
                Qualifier::SecondName("云和县法制局"),
            ),
            ("某某局（筹）", "某某局", Qualifier::Status("筹")),
            (
                "云和县教育局（汇总）",
                "云和县教育局",
                Qualifier::Aggregate("汇总"),
            ),
            ("甲（中国）局", "甲局", Qualifier::Other("中国")),
            ("甲局（未完", "甲局", Qualifier::Other("未完")),
        ] {
            let parts = qualified(name).expect("it has a bracket");
            assert_eq!(
                (parts.name.as_str(), &parts.qualifiers[0]),
                (without, &first)
            );
        }
        assert_eq!(qualified("云和县民政局"), None);
    }
}
