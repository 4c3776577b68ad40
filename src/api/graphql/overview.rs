use std::sync::Arc;

use async_graphql::{Context, Object, SimpleObject};
use domain::{assess, division::DivisionCode};

use crate::graph::View;

use super::{
    agency::Agency,
    ask::{Ask, ask},
    division::Division,
    error::{ApiError, Result},
    scalars::{Date, Decimal},
    times::as_it_stood,
    warning::WarningLevel,
};

/// Months that a trend tells at most, and by default.
const MONTHS_MAX: i32 = 60;
const MONTHS: i32 = 12;
/// Bodies in a list of movers at most, and by default.
const MOVERS_MAX: i32 = 50;
const MOVERS: i32 = 10;

/// 辖区监督总览：本级人大见本级，上级政府见辖区以下，均以可见者为限。 / What an area looks like to who supervises it, as far as he may see it.
pub struct Overview {
    view: Arc<View>,
    /// What stood when the day was over: the same as above where that is today.
    stood: Arc<View>,
    code: DivisionCode,
}

/// 某一等级的单位数。 / Bodies with one grade.
#[derive(SimpleObject)]
pub struct GradeCount {
    /// 等级。 / The grade's code.
    grade: String,
    /// 等级名称；不在现行规则包者为 null。 / What it is called; null where the pack in force has it not.
    title: Option<String>,
    /// 单位数。 / How many bodies have it.
    count: i32,
}

/// 某一级别的预警数。 / Open warnings of one level.
#[derive(SimpleObject)]
pub struct WarningCount {
    /// 级别。 / The level.
    level: WarningLevel,
    /// 未办结的预警数。 / How many are open.
    count: i32,
}

/// 合计。 / Totals.
#[derive(SimpleObject)]
pub struct Totals {
    /// 未撤销的单位数。 / Bodies that are not abolished.
    agencies: i32,
    /// 其中已评分者。 / Of these the graded ones.
    graded: i32,
    /// 等级分布，优者在前。 / Bodies by grade, the best first.
    grades: Vec<GradeCount>,
    /// 未办结的预警，重者在前。 / Open warnings by level, the most serious first.
    warnings: Vec<WarningCount>,
    /// 其中整改中而逾期未整改完毕者。 / Of these the ones that are being set right and were not in time.
    overdue_warnings: i32,
    /// 未办结的办件数。 / Cases that are not over.
    open_cases: i32,
    /// 其中逾期者。 / Of these the overdue ones.
    overdue_cases: i32,
    /// 逾期未验收的整改任务数。 / Tasks of rectification that are overdue.
    overdue_rectifications: i32,
}

/// 一个月的失信记录。 / Records of one month.
#[derive(SimpleObject)]
pub struct TrendMonth {
    /// 月份，如 2026-11。 / The month, such as 2026-11.
    month: String,
    /// 当月认定的记录数。 / Records that were determined in it.
    added: i32,
    /// 其中至今有效者。 / Of these the ones that hold.
    holding: i32,
}

/// 评分变动的单位，以 90 日为期。 / A body whose score moved within 90 days.
#[derive(SimpleObject)]
pub struct Mover {
    /// 单位。 / The body.
    agency: Option<Agency>,
    /// 原评分。 / Its score then.
    before: Decimal,
    /// 现评分。 / Its score now.
    after: Decimal,
}

/// 某下级区划某红线的未办结预警。 / Open warnings by one red line in one division below.
#[derive(SimpleObject)]
pub struct RedLineHeat {
    /// 红线代码。 / The red line's code.
    red_line: String,
    /// 红线名称。 / What it is called.
    title: Option<String>,
    /// 下级区划；本级单位归本区划。 / The division below; the division itself for bodies of its own.
    division: Option<Division>,
    /// 预警数。 / How many warnings.
    warnings: i32,
    /// 其中最重的级别。 / The most serious level among them.
    level: WarningLevel,
}

impl GradeCount {
    pub(super) fn new(title: Option<String>, grade: String, bodies: usize) -> Self {
        Self {
            grade,
            title,
            count: count(bodies),
        }
    }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn bounded(asked: Option<i32>, default: i32, most: i32, name: &str) -> Result<usize> {
    let asked = asked.unwrap_or(default);
    match usize::try_from(asked) {
        Ok(number) if (1..=most).contains(&asked) => Ok(number),
        _ => Err(ApiError::invalid(format!(
            "`{name}` is {asked}, expected 1 to {most}"
        ))),
    }
}

impl Overview {
    pub(super) async fn of(ask: &Ask, view: &Arc<View>, code: DivisionCode) -> Result<Self> {
        Ok(Self {
            stood: as_it_stood(ask, view).await?,
            view: Arc::clone(view),
            code,
        })
    }

    fn movers(&self, falling: bool, first: Option<i32>) -> Result<Vec<Mover>> {
        let first = bounded(first, MOVERS, MOVERS_MAX, "first")?;
        let movers = self.stood.movers(self.code, falling, first).into_iter();
        Ok(movers
            .map(|mover| Mover {
                agency: Agency::by_id(&self.view, mover.agency),
                before: Decimal(mover.before),
                after: Decimal(mover.after),
            })
            .collect())
    }
}

/// 辖区监督总览：本级人大见本级，上级政府见辖区以下，均以可见者为限。 / What an area looks like to who supervises it, as far as he may see it.
#[Object]
impl Overview {
    /// 所及之日。 / The day of which it tells.
    async fn as_of(&self) -> Date {
        Date(self.view.day())
    }

    /// 合计。 / Totals.
    async fn totals(&self, ctx: &Context<'_>) -> Totals {
        let found = self.stood.totals(self.code);
        let agencies = match Arc::ptr_eq(&self.view, &self.stood) {
            true => found.agencies,
            false => self.view.count_bodies(self.code),
        };
        let pack = ask(ctx).app.catalogue.assess.pack(None, self.view.day());
        let place = |code: &str| pack.and_then(|pack| pack.grade(code));
        let mut grades: Vec<_> = found.grades.iter().collect();
        grades.sort_by_key(|(code, _)| (place(code.as_str()).unwrap_or(usize::MAX), **code));
        let grade = |(code, number): (&assess::GradeCode, &usize)| {
            let code = code.as_str();
            let title = pack
                .zip(place(code))
                .map(|(pack, at)| pack.grades[at].title.clone());
            GradeCount {
                grade: code.to_owned(),
                title,
                count: count(*number),
            }
        };
        let warnings = found.warnings.iter().rev();
        Totals {
            agencies: count(agencies),
            graded: count(found.graded),
            grades: grades.into_iter().map(grade).collect(),
            warnings: warnings
                .map(|(level, number)| WarningCount {
                    level: (*level).into(),
                    count: count(*number),
                })
                .collect(),
            open_cases: count(found.open_cases),
            overdue_cases: count(found.overdue_cases),
            overdue_rectifications: count(found.overdue_rectifications),
            overdue_warnings: count(found.overdue_warnings),
        }
    }

    /// 逐月趋势，旧者在前；缺省 12 个月、至多 60。 / Month by month, the oldest first; 12 months by default and at most 60.
    async fn trend(&self, months: Option<i32>) -> Result<Vec<TrendMonth>> {
        let months = bounded(months, MONTHS, MONTHS_MAX, "months")?;
        let found = self.view.months_of_records(self.code, months).into_iter();
        Ok(found
            .map(|month| TrendMonth {
                month: month.month.format("%Y-%m").to_string(),
                added: count(month.added),
                holding: count(month.holding),
            })
            .collect())
    }

    /// 90 日内评分上升最多者；缺省 10 个、至多 50。 / The bodies whose scores rose most within 90 days; 10 by default and at most 50.
    async fn risers(&self, first: Option<i32>) -> Result<Vec<Mover>> {
        self.movers(false, first)
    }

    /// 90 日内评分下降最多者；缺省 10 个、至多 50。 / The bodies whose scores fell most within 90 days; 10 by default and at most 50.
    async fn fallers(&self, first: Option<i32>) -> Result<Vec<Mover>> {
        self.movers(true, first)
    }

    /// 各红线在各下级区划的未办结预警。 / Open warnings by red line and division below.
    async fn heat(&self, ctx: &Context<'_>) -> Vec<RedLineHeat> {
        let lines = &ask(ctx).app.catalogue.assess;
        let found = self.stood.heat(self.code).into_iter();
        found
            .map(|heat| RedLineHeat {
                title: lines
                    .red_line(&heat.red_line, self.view.day())
                    .map(|line| line.title.clone()),
                red_line: heat.red_line,
                division: Division::find(&self.view, heat.division),
                warnings: count(heat.warnings),
                level: heat.level.into(),
            })
            .collect()
    }
}
