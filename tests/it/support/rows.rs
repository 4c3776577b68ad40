//! Made-up rows of the further sources: complaints, orders, penalties, breaches and posts.

use super::made::uscc;

/// A row: its cells under their headings.
#[derive(Debug, Clone)]
pub(crate) struct Row(Vec<(&'static str, String)>);

impl Row {
    fn of(cells: &[(&'static str, &str)]) -> Self {
        let cells = cells.iter();
        Self(
            cells
                .map(|(heading, cell)| (*heading, (*cell).to_owned()))
                .collect(),
        )
    }

    /// With another cell under this heading, which it gets where it lacks it.
    pub(crate) fn with(mut self, heading: &'static str, cell: impl ToString) -> Self {
        match self.0.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, known)) => *known = cell.to_string(),
            None => self.0.push((heading, cell.to_string())),
        }
        self
    }

    /// Its headings.
    pub(crate) fn headings(&self) -> Vec<&'static str> {
        self.0.iter().map(|(heading, _)| *heading).collect()
    }

    /// Its cells under their headings, without the empty ones.
    pub(crate) fn filled(&self) -> Vec<(&'static str, String)> {
        let cells = self.0.iter().filter(|(_, cell)| !cell.is_empty());
        cells.cloned().collect()
    }

    /// Without this heading.
    pub(crate) fn without(mut self, heading: &str) -> Self {
        self.0.retain(|(known, _)| *known != heading);
        self
    }
}

/// Rows with the same headings as CSV.
pub(crate) fn file(rows: &[Row]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let headings = rows[0].0.iter().map(|(heading, _)| *heading);
    writer.write_record(headings).expect("memory takes it");
    for row in rows {
        let cells = row.0.iter().map(|(_, cell)| cell);
        writer.write_record(cells).expect("memory takes it");
    }
    writer.into_inner().expect("memory takes it")
}

/// A complaint about arrears that nobody disputes and nobody has looked into.
pub(crate) fn complaint(n: u32, debtor: &str) -> Row {
    Row::of(&[
        ("投诉编号", &format!("TS{n}")),
        ("债权人名称", "样例建设有限公司"),
        ("债权人统一社会信用代码", uscc("91", "440604", 91).as_str()),
        ("债权人规模", "小型"),
        ("债务人名称", debtor),
        ("债务人统一社会信用代码", ""),
        ("债务人所在地", "佛山市"),
        ("项目名称", &format!("样例工程{n}")),
        ("合同编号", "YLHT"),
        ("合同签订日期", "2024-03-01"),
        ("合同金额", "500000"),
        ("款项类型", "工程"),
        ("验收日期", "2024-06-01"),
        ("约定付款日期", "2024-07-01"),
        ("拖欠金额", "120000.50"),
        ("逾期起算日", "2024-07-02"),
        ("是否存在分歧", "否"),
        ("是否进入诉讼仲裁", "否"),
        ("受理日期", "2026-09-01"),
        ("受理部门", "样例工信局"),
        ("转交日期", "2026-09-03"),
        ("处理部门", "样例处理局"),
        ("处理结果", ""),
        ("办结日期", ""),
        ("已偿还金额", "0"),
    ])
}

/// The same, established.
pub(crate) fn established(n: u32, debtor: &str) -> Row {
    complaint(n, debtor)
        .with("处理结果", "经核实属实")
        .with("办结日期", "2026-10-09")
}

/// An order of the hotline.
pub(crate) fn order(n: u32, body: &str, category: &str) -> Row {
    Row::of(&[
        ("序号", &n.to_string()),
        ("办件编号", &format!("BJ{n}")),
        ("办件来源", "电话"),
        ("市级编号", &format!("SJ{n}")),
        ("诉求主题", "样例奖补未兑现"),
        ("诉求内容", "样例承诺未兑现，联系电话13000000000"),
        ("办理单位", body),
        ("办理科室", "样例科"),
        ("诉求人", "甲某诉"),
        ("诉求人电话", "10000000001"),
        ("处理结果", ""),
        ("事项大类", category),
        ("事项小类", "承诺兑现"),
        ("派发时间", "2026-05-01 09:00:00"),
        ("承诺完成时间", "2026-05-15 18:00:00"),
        ("办件状态", "办理中"),
        ("派单员", "乙某派"),
        ("预警状态", "正常"),
    ])
}

/// A penalty that a body decided on 2026-03-02 and reported on `reported`, in an exchange table.
pub(crate) fn penalty(n: u32, body: &str, reported: &str) -> Row {
    Row::of(&[
        ("CF_XDR_MC", "样例贸易有限公司"),
        ("CF_FRDB", "甲某罚"),
        ("CF_WSH", &format!("样罚〔2026〕{n}号")),
        ("CF_CFLB", "罚款"),
        ("CF_NR", "罚款"),
        ("CF_JDRQ", "2026-03-02"),
        ("CF_CFJG", body),
        ("CF_CFJGDM", ""),
        ("CF_ZT", "0"),
        ("collecttime", reported),
        ("opt_type", "I"),
        ("env_flag", "0"),
    ])
}

/// A penalty in the columns before 2018.
pub(crate) fn penalty_2017(n: u32, body: &str, reported: &str) -> Row {
    Row::of(&[
        ("CF_XDR_MC", "样例贸易有限公司"),
        ("CF_WSH", &format!("样罚〔2026〕{n}号")),
        ("CF_CFMC", "样例处罚"),
        ("CF_JDRQ", "2026-03-02"),
        ("CF_XZJG", body),
        ("CF_ZT", "0"),
        ("SJC", reported),
    ])
}

/// A licence that a body granted on 2026-03-02 and reported on `reported`, under any number.
pub(crate) fn licence(number: &str, body: &str, reported: &str) -> Row {
    Row::of(&[
        ("XK_XDR_MC", "样例贸易有限公司"),
        ("XK_WSH", number),
        ("XK_NR", "样例许可"),
        ("XK_JDRQ", "2026-03-02"),
        ("XK_XKJG", body),
        ("XK_ZT", "0"),
        ("collecttime", reported),
        ("opt_type", "I"),
        ("env_flag", "0"),
    ])
}

/// A breach that a competent body confirmed, in an exchange table.
pub(crate) fn breach(n: u32, body: &str) -> Row {
    Row::of(&[
        ("jlbh", &format!("SX{n}")),
        ("ztmc", body),
        ("tyshxydm", ""),
        ("sxxw", "未兑现样例承诺"),
        ("ly", "招商引资"),
        ("je", "100000"),
        ("rdbm", "佛山市样例认定局"),
        ("rdwh", &format!("样认〔2026〕{n}号")),
        ("rdrq", "2026-05-06"),
        ("zt", "有效"),
        ("opt_type", "I"),
        ("env_flag", "0"),
    ])
}

/// A post of a made-up person.
pub(crate) fn post(name: &str, number: &str, agency: &str, title: &str) -> Row {
    Row::of(&[
        ("姓名", name),
        ("证件号码", number),
        ("单位统一社会信用代码", agency),
        ("职务", title),
        ("任职起", "2024-03-01"),
        ("任职止", ""),
    ])
}
