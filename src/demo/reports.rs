//! What is reported about bodies of the made-up province: complaints about arrears, supervision
//! cases, hotline orders, and the decisions that bodies made public.

use chrono::{Days, NaiveDate};

use super::luck::{Luck, day, person};
use super::places::Place;
use super::words::{HOTLINE_MATTERS, SUPERVISION_MATTERS};
use super::world::{MadeAgency, MadeTable, Reports, Scale};

/// Columns of the registry of arrears.
const ARREARS: [&str; 25] = [
    "投诉编号",
    "债权人名称",
    "债权人统一社会信用代码",
    "债权人规模",
    "债务人名称",
    "债务人统一社会信用代码",
    "债务人所在地",
    "项目名称",
    "合同编号",
    "合同签订日期",
    "合同金额",
    "款项类型",
    "验收日期",
    "约定付款日期",
    "拖欠金额",
    "逾期起算日",
    "是否存在分歧",
    "是否进入诉讼仲裁",
    "受理日期",
    "受理部门",
    "转交日期",
    "处理部门",
    "处理结果",
    "办结日期",
    "已偿还金额",
];

/// Keys of the supervision platform.
const SUPERVISION: [&str; 10] = [
    "id",
    "title",
    "content",
    "category",
    "department",
    "departmentCode",
    "region",
    "submitTime",
    "status",
    "reply",
];

/// Columns of a hotline's export.
const HOTLINE: [&str; 18] = [
    "序号",
    "办件编号",
    "办件来源",
    "市级编号",
    "诉求主题",
    "诉求内容",
    "办理单位",
    "办理科室",
    "诉求人",
    "诉求人电话",
    "处理结果",
    "事项大类",
    "事项小类",
    "派发时间",
    "承诺完成时间",
    "办件状态",
    "派单员",
    "预警状态",
];

/// Columns of penalties (双公示), with those that an exchange adds.
const PENALTIES: [&str; 17] = [
    "CF_XDR_MC",
    "CF_XDR_LB",
    "CF_WSH",
    "CF_CFLB",
    "CF_WFXW",
    "CF_SY",
    "CF_YJ",
    "CF_NR",
    "CF_NR_FK",
    "CF_JDRQ",
    "CF_GSJZQ",
    "CF_CFJG",
    "CF_CFJGDM",
    "CF_ZT",
    "collecttime",
    "opt_type",
    "env_flag",
];

/// Makes what is reported, of bodies that still stand.
pub(super) fn make(
    luck: Luck,
    places: &[Place],
    agencies: &[MadeAgency],
    scale: &Scale,
) -> Reports {
    let standing = agencies.iter().filter(|agency| agency.abolished.is_none());
    let mut maker = Maker {
        luck,
        places,
        bodies: standing.collect(),
    };
    Reports {
        arrears: maker.table(&ARREARS, scale.arrears, Maker::complaint),
        supervision: maker.table(&SUPERVISION, scale.supervision, Maker::case),
        hotline: maker.table(&HOTLINE, scale.orders, Maker::order),
        penalties: maker.table(&PENALTIES, scale.penalties, Maker::penalty),
    }
}

struct Maker<'a> {
    luck: Luck,
    places: &'a [Place],
    bodies: Vec<&'a MadeAgency>,
}

impl<'a> Maker<'a> {
    fn table<const N: usize>(
        &mut self,
        headings: &'static [&'static str; N],
        count: usize,
        row: fn(&mut Self, usize) -> [String; N],
    ) -> MadeTable {
        // Where there is nobody nothing is said of anybody.
        let count = if self.bodies.is_empty() { 0 } else { count };
        MadeTable {
            headings,
            rows: (1..=count).map(|n| row(self, n).to_vec()).collect(),
        }
    }

    fn body(&mut self) -> &'a MadeAgency {
        let at = self.luck.below(self.bodies.len());
        self.bodies[at]
    }

    fn date(&mut self) -> NaiveDate {
        day(2025, 6, 1) + Days::new(self.luck.below(500) as u64)
    }

    fn complaint(&mut self, n: usize) -> [String; 25] {
        let body = self.body();
        let place = self.luck.pick(self.places).prefix.clone();
        let accepted = self.date();
        let due = accepted - Days::new(60 + self.luck.below(300) as u64);
        let owed = 5_000 + self.luck.below(3_000_000);
        let (disputed, in_court) = (self.luck.one_in(6), self.luck.one_in(9));
        let is_settled = !self.luck.one_in(3);
        let result = match (is_settled, self.luck.below(4)) {
            (false, _) => "",
            (true, 0) => "不属实",
            (true, 1) => "责令限期支付",
            (true, _) => "经核实属实",
        };
        let yes = |is: bool| if is { "是" } else { "否" }.to_owned();
        let later = |days: u64| (accepted + Days::new(days)).to_string();
        let when_settled = |text: String| if is_settled { text } else { String::new() };
        [
            format!("TS2026{n:06}"),
            format!("示例{n}号工程有限公司"),
            String::new(),
            (*self.luck.pick(&["中型", "小型", "微型"])).to_owned(),
            body.name.clone(),
            body.uscc.to_string(),
            place,
            format!("示例项目{n}"),
            format!("SLHT-{n}"),
            (due - Days::new(200)).to_string(),
            (owed * 2).to_string(),
            (*self.luck.pick(&["工程", "货物", "服务", "保证金"])).to_owned(),
            (due - Days::new(30)).to_string(),
            due.to_string(),
            format!("{owed}.00"),
            (due + Days::new(1)).to_string(),
            yes(disputed),
            yes(in_court),
            accepted.to_string(),
            "示例市工业和信息化局".to_owned(),
            later(5),
            "示例市款项清欠办公室".to_owned(),
            result.to_owned(),
            when_settled(later(28)),
            when_settled("0".to_owned()),
        ]
    }

    fn case(&mut self, n: usize) -> [String; 10] {
        let body = self.body();
        let (category, title) = *self.luck.pick(SUPERVISION_MATTERS);
        let submitted = self.date();
        [
            format!("DC2026{n:06}"),
            title.to_owned(),
            format!("示例线索：{title}。"),
            category.to_owned(),
            body.name.clone(),
            body.uscc.to_string(),
            body.division.clone(),
            format!("{submitted} 10:30:00"),
            (*self.luck.pick(&["办理中", "已办结"])).to_owned(),
            String::new(),
        ]
    }

    fn order(&mut self, n: usize) -> [String; 18] {
        let body = self.body();
        let (matter, kind, subject) = *self.luck.pick(HOTLINE_MATTERS);
        let sent = self.date();
        let caller = person(&mut self.luck);
        [
            n.to_string(),
            format!("BJ2026{n:07}"),
            (*self.luck.pick(&["电话", "网站", "微信"])).to_owned(),
            format!("SJ{n:07}"),
            subject.to_owned(),
            format!("示例诉求：{subject}。"),
            body.name.clone(),
            "示例科".to_owned(),
            caller,
            // Nobody has such a number.
            format!("1000000{:04}", n % 10_000),
            String::new(),
            matter.to_owned(),
            kind.to_owned(),
            format!("{sent} 09:15:00"),
            (sent + Days::new(15)).to_string(),
            (*self.luck.pick(&["办理中", "已办结"])).to_owned(),
            "示例派单员".to_owned(),
            "正常".to_owned(),
        ]
    }

    fn penalty(&mut self, n: usize) -> [String; 17] {
        let body = self.body();
        let decided = self.date();
        let reported = decided + Days::new(self.luck.below(16) as u64);
        let is_revoked = self.luck.one_in(60);
        [
            format!("示例{n}号贸易有限公司"),
            "法人及非法人组织".to_owned(),
            format!("示罚〔2026〕{n}号"),
            "罚款".to_owned(),
            "示例行为".to_owned(),
            "示例事实".to_owned(),
            "示例依据".to_owned(),
            "罚款".to_owned(),
            format!("{}.5", 1 + self.luck.below(9)),
            decided.to_string(),
            (decided + Days::new(365)).to_string(),
            body.name.clone(),
            body.uscc.to_string(),
            if is_revoked { "1" } else { "0" }.to_owned(),
            format!("{reported} 08:00:00"),
            "I".to_owned(),
            // A system under trial leaves a test row now and then.
            if self.luck.one_in(200) { "1" } else { "0" }.to_owned(),
        ]
    }
}
