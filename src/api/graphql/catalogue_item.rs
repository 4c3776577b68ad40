use async_graphql::{Context, ID, Object};
use chrono::NaiveDate;
use domain::division::DivisionCode;

use crate::catalogue;

use super::{
    ask::{Ask, ask},
    casework::Measure,
    credit_record::Tier,
    node::{self, NodeKind},
    scalars::Date,
};

/// 目录清单条目。 / An entry of the list.
pub struct CatalogueItem {
    /// The row of the version that is told.
    row: usize,
    /// The day and the place for which it is told: its measures are those of then and there.
    on: NaiveDate,
    place: Option<DivisionCode>,
}

impl CatalogueItem {
    /// The version by which a record of a day of determination is judged.
    pub(super) fn of_day(
        ask: &Ask,
        code: &str,
        on: NaiveDate,
        place: Option<DivisionCode>,
    ) -> Option<Self> {
        let row = ask.app.catalogue.lists.row(code, on)?;
        Some(Self { row, on, place })
    }

    /// The version with this key: its code and, of later ones, the day from which it is in force.
    pub(super) fn find(ask: &Ask, key: &str) -> Option<Self> {
        let lists = &ask.app.catalogue.lists;
        let code = key.split_once('@').map_or(key, |(code, _)| code);
        let mut rows = lists.versions(code).iter();
        let row = *rows.find(|row| self::key(lists, **row) == key)?;
        let (item, today) = (lists.at(row)?, ask.view.day());
        let on = match item.is_in_force(today) {
            true => today,
            false => item.from,
        };
        Some(Self {
            row,
            on,
            place: item.division,
        })
    }

    /// Each entry once, as it is to be told today.
    pub(super) fn today(ask: &Ask) -> impl Iterator<Item = (&catalogue::CatalogueItem, Self)> {
        let on = ask.view.day();
        let all = ask.app.catalogue.lists.of_day(on);
        all.map(move |(row, item)| {
            let place = item.division;
            (item, Self { row, on, place })
        })
    }

    /// The entries in force on a day, in a division where one is said: those of lists for all and of
    /// lists for it or what lies around it.
    pub(super) fn in_force(ask: &Ask, on: NaiveDate, division: Option<DivisionCode>) -> Vec<Self> {
        let tree = ask.view.divisions();
        let is_there = |item: &catalogue::CatalogueItem| match (item.division, division) {
            (Some(of), Some(asked)) => tree.contains(of, asked),
            _ => true,
        };
        let all = ask.app.catalogue.lists.of_day(on);
        let in_force = all.filter(|(_, item)| item.is_in_force(on) && is_there(item));
        let told = in_force.map(|(row, item)| Self {
            row,
            on,
            place: division.or(item.division),
        });
        told.collect()
    }

    fn item<'a>(&self, ctx: &Context<'a>) -> &'a catalogue::CatalogueItem {
        ask(ctx)
            .app
            .catalogue
            .lists
            .at(self.row)
            .expect("an entry that was found stays as long as the hub runs")
    }
}

/// By what the version in a row is told for good: the first one by the entry's code alone, for it was there when
/// no other was.
fn key(lists: &catalogue::Lists, row: usize) -> String {
    let Some(item) = lists.at(row) else {
        return String::new();
    };
    match lists.versions(&item.code).first() {
        Some(first) if *first == row => item.code.clone(),
        _ => format!("{}@{}", item.code, item.from),
    }
}

/// 目录清单条目。 / An entry of the list.
#[Object(serial)]
impl CatalogueItem {
    /// 全局 id。 / Global id.
    pub(super) async fn id(&self, ctx: &Context<'_>) -> ID {
        let lists = &ask(ctx).app.catalogue.lists;
        node::id(ask(ctx), NodeKind::CatalogueItem, key(lists, self.row))
    }

    /// 上一级条目。 / The entry one level above.
    async fn parent(&self, ctx: &Context<'_>) -> Option<CatalogueItem> {
        let code = self.item(ctx).parent.as_deref()?;
        Self::of_day(ask(ctx), code, self.on, self.place)
    }

    /// 编码。 / Its code.
    async fn code<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx str {
        &self.item(ctx).code
    }

    /// 层级：1 领域、2 事项、3 行为。 / 1 domain, 2 matter, 3 behaviour.
    async fn level(&self, ctx: &Context<'_>) -> i32 {
        i32::try_from(self.item(ctx).level).unwrap_or(3)
    }

    /// 名称。 / Its title.
    async fn title<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx str {
        &self.item(ctx).title
    }

    /// 等级。 / The tier that it fixes.
    async fn tier(&self, ctx: &Context<'_>) -> Option<Tier> {
        self.item(ctx).tier.map(Into::into)
    }

    /// 依据。 / Its legal basis.
    async fn legal_basis<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx str {
        &self.item(ctx).legal_basis
    }

    /// 依据条文是否已核对原文。 / Whether the article's text was at hand.
    async fn verified(&self, ctx: &Context<'_>) -> bool {
        self.item(ctx).verified
    }

    /// 是否示例：等级无法定依据。 / Whether no statute fixes its grade.
    async fn example(&self, ctx: &Context<'_>) -> bool {
        self.item(ctx).is_example
    }

    /// 认定所凭材料。 / What proves it.
    async fn proof<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx [String] {
        &self.item(ctx).proof
    }

    /// 可采取的措施。 / Measures that may follow.
    async fn measures(&self, ctx: &Context<'_>) -> Vec<Measure> {
        let codes = self.item(ctx).measures.iter();
        let measures = codes.map(|code| Measure {
            code: code.clone(),
            on: self.on,
            place: self.place,
        });
        measures.collect()
    }

    /// 负责认定的部门；superior 即上级或主管部门。 / Who is competent; superior means the superior or competent department.
    async fn responsible<'ctx>(&self, ctx: &Context<'ctx>) -> Option<&'ctx str> {
        self.item(ctx).responsible.as_deref()
    }

    /// 所属清单。 / Its list.
    async fn list<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx str {
        &self.item(ctx).list
    }

    /// 清单版本。 / The list's version.
    async fn version<'ctx>(&self, ctx: &Context<'ctx>) -> &'ctx str {
        &self.item(ctx).version
    }

    /// 生效日。 / The first day on which it is in force.
    #[graphql(name = "from")]
    async fn valid_from(&self, ctx: &Context<'_>) -> Date {
        Date(self.item(ctx).from)
    }

    /// 失效日。 / The last day on which it is in force.
    #[graphql(name = "to")]
    async fn valid_to(&self, ctx: &Context<'_>) -> Option<Date> {
        self.item(ctx).to.map(Date)
    }
}
