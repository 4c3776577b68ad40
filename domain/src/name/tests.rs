use proptest::prelude::*;

use super::*;

#[test]
fn names_have_one_spelling() {
    for (written, normalised) in [
        (" 云和县 民政局 ", "云和县民政局"),
        ("云和县民政局(本级)。", "云和县民政局（本级）"),
        ("甲县〔乙〕［丙］【丁】局", "甲县（乙）（丙）（丁）局"),
        ("甲\u{200b}县\u{feff}乙局\t\r\n", "甲县乙局"),
        ("甲县　第１小学；", "甲县第一小学"),
        ("甲縣第①小學", "甲县第一小学"),
        ("ＡＢＣ  Ltd 公司", "ABC Ltd公司"),
        ("买买提•吐某", "买买提·吐某"),
        ("甲局，、", "甲局"),
        ("《甲局》", "甲局"),
        ("“甲局”。", "甲局"),
        ("。", ""),
    ] {
        assert_eq!(normalise(written), normalised);
    }
}

#[test]
fn names_say_what_they_are() {
    use NameClass::{Body, Enterprise, Person, SelfGoverning, Unclear};
    for (name, class) in [
        ("甲省人民政府", Body),
        ("丙县财政局", Body),
        ("丙县民政局（本级）", Body),
        ("丙县卫健委", Body),
        ("乙市丙区人民法院", Body),
        ("乙市公安局丙分局", Body),
        ("丙县交通运输综合行政执法大队", Body),
        ("丁街道办事处", Body),
        ("乙市高新技术产业开发区管理委员会", Body),
        ("丙县政务服务中心", Body),
        ("国家某某技术中心", Body),
        ("丙县戊镇中心小学", Body),
        ("丙县人民医院", Body),
        ("丙县残疾人联合会", Body),
        ("丙县总工会", Body),
        ("丙县市场监督管理局", Body),
        ("财政局", Body),
        ("乙市供销合作社联合社", Body),
        ("戊镇己村村民委员会", SelfGoverning),
        ("庚社区居民委员会", SelfGoverning),
        ("己村股份经济合作社", SelfGoverning),
        ("己村经济联合社", SelfGoverning),
        ("乙市城市建设投资有限公司", Enterprise),
        ("乙市某某集团", Enterprise),
        ("丙县某某种养专业合作社", Enterprise),
        ("某某律师事务所", Enterprise),
        ("某某会计师事务所（普通合伙）", Enterprise),
        ("乙市某某餐厅", Enterprise),
        ("乙市某某洗浴中心", Enterprise),
        ("乙市某某有限公司工会委员会", Enterprise),
        ("某某有限公司乙市办事处", Enterprise),
        ("丙县农村信用合作联社", Enterprise),
        ("张三", Person),
        ("李某某", Person),
        ("甲某九十九", Person),
        ("王*明", Person),
        ("欧阳某甲", Person),
        ("刘镇某", Person),
        ("买买提·吐某", Person),
        ("某某中心", Unclear),
        ("仁某医院", Unclear),
        ("某某超市中心", Unclear),
        ("乙市", Unclear),
        ("丙县戊镇", Unclear),
        ("庚花园业主委员会", Unclear),
        ("某某协会", Unclear),
        ("乙市某某行业联合会", Unclear),
        ("张店", Unclear),
        ("ABC", Unclear),
        ("", Unclear),
    ] {
        assert_eq!(
            normalise(name),
            name,
            "the table is written in the one spelling"
        );
        assert_eq!(classify(name), class, "{name}");
    }
}

proptest! {
    #[test]
    fn normalising_twice_changes_nothing(text in "\\PC{0,24}|[ \\t(（e\u{301}\u{308}\u{200b}か\u{3099}县局.。A]{0,16}") {
        let once = normalise(&text);
        prop_assert_eq!(normalise(&once), once);
    }

    #[test]
    fn no_name_panics(text in "\\PC{0,24}|[甲县局公司（）中心市区]{0,12}") {
        let _ = classify(&normalise(&text));
    }
}
