//! By what bodies are graded and warned, as it stands in the catalogue: rule packs and red lines.

mod red_line;

use std::sync::Arc;

use async_graphql::{Object, SimpleObject};
use chrono::NaiveDate;
use domain::assess;

use crate::catalogue::Catalogue;

use super::{
    agency::AgencyKind,
    ask::Ask,
    scalars::{Date, Decimal},
};

pub use red_line::RedLine;

/// 规则包：据以评分定级的一套公布的规则。 / A rule pack: published rules by which bodies are graded.
pub struct RulePack {
    catalogue: Arc<Catalogue>,
    at: usize,
}

/// 规则包的等级。 / A grade of a rule pack.
#[derive(SimpleObject)]
pub struct RuleGrade {
    /// 等级代码。 / Its code.
    code: String,
    /// 名称。 / What it is called.
    title: String,
    /// 最低分；末等为 null。 / The lowest score that has it; null of the worst.
    at_least: Option<Decimal>,
}

/// 规则包的指标，共三级。 / A heading of a rule pack, on one of three levels.
#[derive(SimpleObject)]
pub struct RuleHeading {
    /// 代码，如 1.2.1。 / Its code, such as 1.2.1.
    code: String,
    /// 名称。 / What it is called.
    title: String,
    /// 上级指标的代码；一级指标为 null。 / Code of the heading above it; null on the first level.
    parent: Option<String>,
    /// 权重：其一级指标的权重。 / What its points are multiplied by: the weight of its heading of the first level.
    weight: Decimal,
    /// 其下之和的下限。 / The sum below it is at least this.
    least: Option<Decimal>,
    /// 其下之和的上限。 / The sum below it is at most this.
    most: Option<Decimal>,
    /// 数据来源的键；只有三级指标有来源。 / Keys of the sources that tell what is looked at below it, on the third level alone.
    sources: Vec<String>,
    /// 其下的规则；只有三级指标有规则。 / The rules below it, on the third level alone.
    rules: Vec<Rule>,
}

/// 规则包的一条规则。 / A rule of a rule pack.
#[derive(SimpleObject)]
pub struct Rule {
    /// 代码。 / Its code.
    code: String,
    /// 名称。 / What it is called.
    title: String,
    /// 所看的事实：记录（及其状态）或者指标测量。 / Which facts it looks at: records, by status, or measurements.
    facts: String,
    /// 所适用的单位性质；空为全部。 / Kinds of bodies that it is about; all where none is named.
    bodies: Vec<AgencyKind>,
    /// 事实须满足的条件；空为全部。 / The condition that facts meet; empty where all do.
    condition: String,
    /// 计分方法。 / How what is found becomes points.
    formula: String,
    /// 至多得分或者扣分。 / Its points at most, lost or earned.
    cap: Option<Decimal>,
    /// 一票否决：其计分时至高的等级。 / The best grade while it gives points.
    veto: Option<String>,
    /// 依据。 / What it rests on.
    legal_basis: String,
    /// 分值是否为示例、非法定。 / Whether its points are an example without force of law.
    illustrative: bool,
}

impl RulePack {
    /// Those by which a day may be graded.
    pub(super) fn in_force(ask: &Ask, on: NaiveDate) -> Vec<Self> {
        let catalogue = &ask.app.catalogue;
        let packs = catalogue.assess.packs.iter().enumerate();
        let held = packs.filter(|(_, pack)| pack.is_in_force(on));
        held.map(|(at, _)| Self {
            catalogue: Arc::clone(catalogue),
            at,
        })
        .collect()
    }

    fn fact(&self) -> &assess::RulePack {
        &self.catalogue.assess.packs[self.at]
    }
}

/// 规则包：据以评分定级的一套公布的规则。 / A rule pack: published rules by which bodies are graded.
#[Object]
impl RulePack {
    /// 代码。 / Its key.
    async fn key(&self) -> &str {
        &self.fact().key
    }

    /// 版本。 / Which one of its versions.
    async fn version(&self) -> &str {
        &self.fact().version
    }

    /// 名称。 / What it is called.
    async fn title(&self) -> &str {
        &self.fact().title
    }

    /// 文件摘要（SHA-256）。 / The digest of its file (SHA-256).
    async fn digest(&self) -> &str {
        &self.fact().digest
    }

    /// 文件原文（TOML），摘要即由此计算。 / Its file (TOML), of which the digest is taken.
    async fn source(&self) -> Option<&str> {
        let text = self.catalogue.assess.texts.get(&self.fact().digest);
        text.map(String::as_str)
    }

    /// 可据以评分的首日。 / The first day that may be graded by it.
    #[graphql(name = "from")]
    async fn valid_from(&self) -> Date {
        Date(self.fact().from)
    }

    /// 可据以评分的末日。 / The last day that may be graded by it.
    #[graphql(name = "to")]
    async fn valid_to(&self) -> Option<Date> {
        self.fact().to.map(Date)
    }

    /// 是否缺省规则包。 / Whether bodies are graded by it where no pack is named.
    async fn default(&self) -> bool {
        self.fact().is_default
    }

    /// 依据。 / What it rests on.
    async fn legal_basis(&self) -> &str {
        &self.fact().legal_basis
    }

    /// 是否为示例、非法定。 / Whether it is an example without force of law.
    async fn illustrative(&self) -> bool {
        self.fact().is_illustrative
    }

    /// 基准分。 / Points that a body begins with.
    async fn base(&self) -> Decimal {
        Decimal(self.fact().base)
    }

    /// 最低分。 / The lowest score.
    async fn least(&self) -> Decimal {
        Decimal(self.fact().least)
    }

    /// 最高分。 / The highest score.
    async fn most(&self) -> Decimal {
        Decimal(self.fact().most)
    }

    /// 等级，优者在前。 / Its grades, the best first.
    async fn grades(&self) -> Vec<RuleGrade> {
        let grades = self.fact().grades.iter();
        let grades = grades.map(|grade| RuleGrade {
            code: grade.code.clone(),
            title: grade.title.clone(),
            at_least: grade.at_least.map(Decimal),
        });
        grades.collect()
    }

    /// 指标，上级在前。 / Its headings, a parent before its children.
    async fn headings(&self) -> Vec<RuleHeading> {
        let pack = self.fact();
        let headings = pack.headings.iter().enumerate();
        let told = headings.map(|(at, heading)| RuleHeading {
            code: heading.code.clone(),
            title: heading.title.clone(),
            parent: heading
                .parent
                .map(|above| pack.headings[above].code.clone()),
            weight: Decimal(heading.weight),
            least: heading.least.map(Decimal),
            most: heading.most.map(Decimal),
            sources: heading.sources.clone(),
            rules: {
                let below = pack.rules.iter().filter(|rule| rule.heading == at);
                below.map(|rule| Rule::of(pack, rule)).collect()
            },
        });
        told.collect()
    }
}

impl Rule {
    fn of(pack: &assess::RulePack, rule: &assess::Rule) -> Self {
        Self {
            code: rule.code.clone(),
            title: rule.title.clone(),
            facts: rule.of.to_string(),
            bodies: rule.bodies.iter().map(|body| (*body).into()).collect(),
            condition: rule.when.to_string(),
            formula: rule.counting.to_string(),
            cap: rule.cap.map(Decimal),
            veto: rule.veto.map(|grade| pack.grades[grade].code.clone()),
            legal_basis: rule.legal_basis.clone(),
            illustrative: rule.is_illustrative,
        }
    }
}
