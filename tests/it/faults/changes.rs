//! Scenarios of a source that tells only what changed: the court's list as an exchange table, whose rows
//! bear operations. They stay there, so that what was not taken in once comes again with the next run.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use zhengxin::{clock::Clock, config::Place, failpoint::Plan};

use super::{
    delivery::{Delivery, Way},
    judge::{Became, is_truth},
    kinds::Law,
    luck::Luck,
    oracle::Oracle,
    row::{Fate, Row},
    scenario::Play,
    told::Told,
    world::{Form, Listed, Meant, World},
};
use crate::support::{TODAY, moment};

const TABLE: &str = "DW_ZJ_FZGG_SXBZXRXX";

const LATE: &str = "a row that appears late";
const TEST: &str = "a removal in a test";
const TWICE: &str = "a row of the table twice";
const BAD: &str = "a row of the table with an impossible date";
const SAME_TIME: &str = "rows of one time";
const AWAY: &str = "a database that is away";
const MANY_ENDED: &str = "many rows ended";
const OTHER_CASE: &str = "an operation in the other case";
const RENAMED: &str = "a column of the table renamed";
/// What it may be, and what it is called then.
const DECIDING: [&str; 2] = ["opt_type", "env_flag"];
const MOVED: &str = "moved";

/// All that is played here; `docs/faults.md` tells of each.
pub(crate) const FAULTS: [&str; 9] = [
    LATE, TEST, TWICE, BAD, SAME_TIME, AWAY, MANY_ENDED, OTHER_CASE, RENAMED,
];

/// The source's side: the table, and what was ever put into it, in the order in which it is read.
struct Table {
    connection: DatabaseConnection,
    place: Place,
    rows: BTreeMap<(String, usize), Row>,
    next: usize,
    /// What the table last said of each listing …
    listed: BTreeMap<i64, Listed>,
    /// … but for those of which it said something that can't be read.
    owed: BTreeSet<i64>,
    /// What was done since the last delivery.
    faults: Vec<&'static str>,
    /// The column that has another name now.
    renamed: Option<&'static str>,
}

/// Plays a scenario to its end; what is wrong with the hub is the error.
pub(crate) async fn whole(mut play: Play) -> Result<Told, String> {
    play.oracle = Oracle::of_changes();
    let rows = play.luck.within(14..30);
    let mut world = World::of(&mut play.luck, rows);
    let mut table = Table::make(&play).await?;
    let mut attempts = 0;
    for day in 1..=play.luck.within(2..5) {
        if day > 1 {
            pass_a_day(&mut world, &mut play.luck);
        }
        let day = format!("2025-06-{day:02}");
        table.tell(&world, &day, &mut play.luck).await?;
        for _ in 0..play.luck.within(1..4) {
            let next = table.delivery(&mut play.luck).await?;
            let plan = play.plan();
            // What was interrupted is too old to go on with by then.
            attempts += 1;
            let now = moment(TODAY) + TimeDelta::days(attempts);
            play.stage.ingest.clock = Clock::of(move || now);
            let became = play.bring_once(&next, &day, &plan).await?;
            table.put_back().await?;
            if let Became::Held(run) = became
                && play.luck.one_in(3)
            {
                let plan = play.plan();
                play.let_in(run, &next.rows, &day, &plan).await?;
            }
        }
    }
    let (day, clean) = ("2025-06-28", Plan::of(Vec::new()));
    table.mend(&world, day).await?;
    let now = moment(TODAY) + TimeDelta::days(attempts + 1);
    play.stage.ingest.clock = Clock::of(move || now);
    let last = table.whole();
    if let Became::Held(run) = play.bring_once(&last, day, &clean).await? {
        play.let_in(run, &last.rows, day, &clean).await?;
    }
    is_truth(&world, &play.oracle.state)?;
    Ok(play.told)
}

/// A day passes as in any court; but what was about a body never becomes somebody else's matter, of
/// which a list of changes says nothing.
fn pass_a_day(world: &mut World, luck: &mut Luck) {
    let before = world.list.clone();
    world.pass_a_day(luck);
    for (id, listed) in &mut world.list {
        if let Some(was) = before.get(id)
            && was.meant != Meant::NotOurs
            && listed.meant == Meant::NotOurs
        {
            listed.clone_from(was);
        }
    }
}

impl Table {
    async fn make(play: &Play) -> Result<Self, String> {
        let file = play.stage.folder.path().join("exchange.db");
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let connection = Database::connect(url).await.map_err(told)?;
        let columns: String = zhengxin::demo::files::PLATFORM
            .iter()
            .map(|column| format!(", {column} TEXT"))
            .collect();
        let sql = format!(
            "CREATE TABLE {TABLE} (id INTEGER PRIMARY KEY, cd_time DATETIME, opt_type TEXT, \
             env_flag TEXT{columns}); CREATE TABLE {TABLE}_FK (sjbh INTEGER, pcbh TEXT, clzt TEXT, \
             clsm TEXT, clsj DATETIME)"
        );
        connection.execute_unprepared(&sql).await.map_err(told)?;
        Ok(Self {
            connection,
            place: Place {
                url: Some(format!("sqlite:{}", file.display())),
                ..Place::default()
            },
            rows: BTreeMap::new(),
            next: 1,
            listed: BTreeMap::new(),
            owed: BTreeSet::new(),
            faults: Vec::new(),
            renamed: None,
        })
    }

    /// Tells how the list differs from what was told of it before.
    async fn tell(&mut self, world: &World, day: &str, luck: &mut Luck) -> Result<(), String> {
        let before = std::mem::take(&mut self.listed);
        let last_time = self
            .rows
            .last_key_value()
            .map(|((time, _), _)| time.clone());
        let is_at_once = luck.one_in(4);
        let mut second = 0;
        let mut time = |luck: &mut Luck| {
            second += if is_at_once { 0 } else { luck.below(40) };
            format!("{day} 08:{:02}:{:02}", second / 60 % 60, second % 60)
        };
        if is_at_once {
            self.faults.push(SAME_TIME);
        }
        let is_new = |id: &i64, listed: &Listed| {
            let was = before.get(id);
            was.is_none_or(|was| was.listing.detail() != listed.listing.detail())
        };
        for (id, listed) in world.list.iter().filter(|(id, listed)| is_new(id, listed)) {
            let operation = if before.contains_key(id) { "U" } else { "I" };
            let spelled = self.spell(operation, luck);
            let mut row = Row::of(listed, Form::Platform);
            let mut at = time(luck);
            match (luck.below(12), &last_time) {
                (0, _) => {
                    self.faults.push(TWICE);
                    self.put(&at, &spelled, row.clone()).await?;
                }
                (1, _) => {
                    self.faults.push(BAD);
                    self.owed.insert(*id);
                    row.put("fbrq", "2025-02-30 00:00:00");
                    row.fate = Fate::Rejected;
                }
                (2 | 3, Some(last)) if operation == "I" => {
                    self.faults.push(LATE);
                    // Shortly before the last one that anybody may have read by now.
                    at = format!("{} 07:{:02}:00", &last[..10], 31 + luck.below(28));
                    if last[11..] > *"08:30:00" {
                        at = last.clone();
                    }
                }
                _ => {}
            }
            self.put(&at, &spelled, row).await?;
        }
        let gone: Vec<_> = before
            .iter()
            .filter(|(id, _)| !world.list.contains_key(id))
            .collect();
        if gone.len() > 10 {
            self.faults.push(MANY_ENDED);
        }
        for (id, listed) in gone {
            self.owed.remove(id);
            let mut row = Row::of(listed, Form::Platform);
            row.fate = Fate::Ended;
            let spelled = self.spell("D", luck);
            self.put(&time(luck), &spelled, row).await?;
        }
        if luck.one_in(3) {
            self.faults.push(TEST);
            let ids: Vec<i64> = world.list.keys().copied().collect();
            let mut row = Row::of(&world.list[luck.pick(&ids)], Form::Platform);
            row.fate = Fate::Counted;
            self.put(&time(luck), "D", row).await?;
        }
        self.listed.clone_from(&world.list);
        Ok(())
    }

    /// An operation as its owner writes it.
    fn spell(&mut self, operation: &str, luck: &mut Luck) -> String {
        if !luck.one_in(8) {
            return operation.to_owned();
        }
        self.faults.push(OTHER_CASE);
        operation.to_ascii_lowercase()
    }

    async fn rename(&self, from: &str, to: &str) -> Result<(), String> {
        let sql = format!("ALTER TABLE {TABLE} RENAME COLUMN {from} TO {to}");
        let renamed = self.connection.execute_unprepared(&sql).await;
        renamed.map(|_| ()).map_err(told)
    }

    /// Gives a renamed column its name again.
    async fn put_back(&mut self) -> Result<(), String> {
        match self.renamed.take() {
            Some(column) => self.rename(MOVED, column).await,
            None => Ok(()),
        }
    }

    /// Says once more what could not be read.
    async fn mend(&mut self, world: &World, day: &str) -> Result<(), String> {
        for id in std::mem::take(&mut self.owed) {
            let row = Row::of(&world.list[&id], Form::Platform);
            self.put(&format!("{day} 08:00:00"), "U", row).await?;
        }
        Ok(())
    }

    async fn put(&mut self, time: &str, operation: &str, row: Row) -> Result<(), String> {
        let env = if row.fate == Fate::Counted { "1" } else { "0" };
        let id = self.next;
        self.next += 1;
        let (mut columns, mut cells) = (Vec::new(), Vec::new());
        for (column, cell) in &row.object {
            columns.push(column.as_str());
            let text = cell.as_str().unwrap_or_default().replace('\'', "''");
            cells.push(format!("'{text}'"));
        }
        let sql = format!(
            "INSERT INTO {TABLE} (id, cd_time, opt_type, env_flag, {}) \
             VALUES ({id}, '{time}', '{operation}', '{env}', {})",
            columns.join(", "),
            cells.join(", ")
        );
        self.connection
            .execute_unprepared(&sql)
            .await
            .map_err(told)?;
        self.rows.insert((time.to_owned(), id), row);
        Ok(())
    }

    /// All that the table ever said: what of it was taken in already changes nothing.
    fn whole(&mut self) -> Delivery {
        Delivery {
            rows: self.rows.values().cloned().collect(),
            law: Law::Whole,
            way: Way::Table(self.place.clone()),
            faults: std::mem::take(&mut self.faults),
        }
    }

    /// The same, from a database that is away now and then, or a table that lost a column.
    async fn delivery(&mut self, luck: &mut Luck) -> Result<Delivery, String> {
        let mut next = self.whole();
        if luck.one_in(8) {
            next.law = Law::Refused;
            next.way = Way::Table(Place {
                url: self.place.url.as_ref().map(|url| format!("{url}.away")),
                ..Place::default()
            });
            next.faults.push(AWAY);
        } else if luck.one_in(8) {
            let column = *luck.pick(&DECIDING);
            self.rename(column, MOVED).await?;
            self.renamed = Some(column);
            next.law = Law::Refused;
            next.faults.push(RENAMED);
        }
        Ok(next)
    }
}

fn told(error: sea_orm::DbErr) -> String {
    format!("the harness's own table: {error}")
}
