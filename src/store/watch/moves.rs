//! What closed changes did to some bodies, as far as a check would tell it: read from the change log, for the
//! bodies alone, however much else a change did.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{casework::Case, succession::Succession};
use entities::{agency, casefile, succession};
use sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, QueryResult, Statement, Value,
};

use crate::store::{
    Entry, Known, Result, Store,
    rows::{case_from_row, succession_from_row},
};

/// Entries of the log that are read at once.
const ENTRIES_AT_ONCE: usize = 32;

/// What touches one of the bodies, by the indexes that begin with them: a planner who went through the changes would
/// read all that they did to others, so the order of the tables is said (SQLite keeps that of a cross join).
const TOUCHING: [&str; 4] = [
    "credit_record r CROSS JOIN change c WHERE r.agency_id IN {bodies} AND c.id = r.change_from AND",
    "credit_record r CROSS JOIN change c WHERE r.agency_id IN {bodies} AND c.id = r.change_to AND",
    "agency a CROSS JOIN change c WHERE a.id IN {bodies} AND c.id = a.change_from AND",
    "credit_record r CROSS JOIN casefile f CROSS JOIN change c \
     WHERE r.agency_id IN {bodies} AND f.record_id = r.id AND c.id = f.change_from AND",
];
/// Successions are few, and their ends are told by code or name.
const SUCCESSIONS: &str = "succession s CROSS JOIN change c WHERE c.id = s.change_from AND";

/// What some entries of the log did.
#[derive(Debug, Default)]
pub struct WatchMoves {
    /// Those that did anything, oldest first.
    pub entries: Vec<Entry>,
    /// Whether there are none behind them.
    pub is_all: bool,
    pub records: Vec<RecordStanding>,
    pub bodies: Vec<BodyMove>,
    pub cases: Vec<CaseMove>,
    /// Events that were told for the first time, each with its change.
    pub successions: Vec<(i64, Known<Succession>)>,
}

/// A version of a record about one of the bodies, and between which changes it stood.
#[derive(Debug, Clone, FromQueryResult)]
pub struct RecordStanding {
    pub id: i64,
    pub agency_id: i64,
    pub status: String,
    pub change_from: i64,
    pub change_to: Option<i64>,
    kind: String,
    tier: Option<String>,
    catalogue_item: String,
    domain: Option<String>,
    amount_cents: Option<i64>,
    identified_on: NaiveDate,
    identified_by: String,
    case_number: Option<String>,
    under_objection: bool,
    public_until: Option<NaiveDate>,
}

impl RecordStanding {
    /// Whether a check says the same of both versions, but for their numbers.
    pub fn says_what(&self, other: &Self) -> bool {
        let what = |one: &Self| {
            let list = (
                one.kind.clone(),
                one.tier.clone(),
                one.catalogue_item.clone(),
            );
            let by = (
                one.identified_on,
                one.identified_by.clone(),
                one.case_number.clone(),
            );
            let worth = (one.domain.clone(), one.amount_cents);
            (list, by, worth, one.under_objection, one.public_until)
        };
        what(self) == what(other)
    }
}

/// A body's name in the register and the day on which it was dissolved, before and after a change.
#[derive(Debug, Clone)]
pub struct BodyMove {
    pub change: i64,
    pub id: i64,
    pub before: (String, Option<NaiveDate>),
    pub after: (String, Option<NaiveDate>),
}

/// The case of a record about one of the bodies, before and after a change.
#[derive(Debug, Clone)]
pub struct CaseMove {
    pub change: i64,
    /// The bodies, of these, that the record has been about.
    pub agencies: Vec<i64>,
    pub before: Option<Case>,
    pub after: Case,
}

/// A row of versions: its number, the change that brought it, and the one that ended it.
type Version = (i64, i64, Option<i64>);

impl Entry {
    /// The change's number in its table.
    pub fn change(&self) -> i64 {
        self.change
    }
}

impl Store {
    /// What changes did to these bodies, and to who came of whom where that is asked, from the one numbered `from` to
    /// the one numbered `up_to`: of those that did anything the first few. Only rows about the bodies are read.
    pub async fn watch_moves(
        &self,
        bodies: &[i64],
        with_successions: bool,
        from: i64,
        up_to: i64,
    ) -> Result<WatchMoves> {
        let touching = TOUCHING.iter().filter(|_| !bodies.is_empty());
        let touching = touching.chain(with_successions.then_some(&SUCCESSIONS));
        let bodies = numbers(bodies);
        let mut entries = BTreeMap::new();
        for touching in touching {
            let sql = format!(
                "SELECT DISTINCT c.seq, c.id, c.cause, c.closed_at FROM {touching} \
                 c.seq >= $1 AND c.seq <= $2 ORDER BY c.seq LIMIT {}",
                ENTRIES_AT_ONCE + 1
            );
            let mut values = vec![from.into(), up_to.into()];
            if touching.contains("{bodies}") {
                values.push(bodies.clone());
            }
            let sql = sql.replace("{bodies}", &self.members(3));
            for row in self.read_rows(&sql, values).await? {
                let seq = row.try_get("", "seq")?;
                let entry = Entry {
                    seq,
                    change: row.try_get("", "id")?,
                    cause: row.try_get("", "cause")?,
                    closed_at: row.try_get("", "closed_at")?,
                };
                entries.insert(seq, entry);
            }
        }
        let mut moves = WatchMoves {
            is_all: entries.len() <= ENTRIES_AT_ONCE,
            entries: entries.into_values().take(ENTRIES_AT_ONCE).collect(),
            ..WatchMoves::default()
        };
        if !moves.entries.is_empty() {
            self.read_moves(&mut moves, bodies).await?;
        }
        Ok(moves)
    }

    /// Numbers of the log at which these succession events were first told, and when that was.
    pub async fn successions_since(
        &self,
        events: &[i64],
    ) -> Result<HashMap<i64, (i64, DateTime<Utc>)>> {
        if events.is_empty() {
            return Ok(HashMap::new());
        }
        let sql = format!(
            "SELECT s.id, MIN(c.seq) AS seq, MIN(c.closed_at) AS at FROM succession s JOIN change c ON c.id = s.change_from \
             WHERE c.seq IS NOT NULL AND s.id IN {} GROUP BY s.id",
            self.members(1)
        );
        let rows = self.read_rows(&sql, vec![numbers(events)]).await?;
        let since = rows.iter().map(|row| {
            let told = (row.try_get("", "seq")?, row.try_get("", "at")?);
            Ok((row.try_get("", "id")?, told))
        });
        since.collect()
    }

    async fn read_moves(&self, moves: &mut WatchMoves, bodies: Value) -> Result<()> {
        let changes: Vec<i64> = moves.entries.iter().map(|entry| entry.change).collect();
        let (these, theirs) = (self.members(1), self.members(2));
        let values = vec![numbers(&changes), bodies];
        let changes: HashSet<i64> = changes.into_iter().collect();
        // For what a change brought and what it ended there are different indexes; where things are named their own goes
        // before both.
        let either = |columns: &str, table: &str, also: &str| {
            let plus = if also.is_empty() { "" } else { "+" };
            let side = |column: &str| {
                format!("SELECT {columns} FROM {table} WHERE {plus}{column} IN {these} {also}")
            };
            format!("{} UNION {}", side("change_from"), side("change_to"))
        };
        let columns = "id, agency_id, status, change_from, change_to, kind, tier, catalogue_item, domain, \
                       amount_cents, identified_on, identified_by, case_number, under_objection, public_until";
        let sql = either(
            columns,
            "credit_record",
            &format!("AND agency_id IN {theirs}"),
        );
        for row in self.read_rows(&sql, values.clone()).await? {
            let standing = RecordStanding::from_query_result(&row, "")?;
            // A last version that ends with the change that brought it stood at no time.
            if standing.change_to != Some(standing.change_from) {
                moves.records.push(standing);
            }
        }

        let sql = either("*", "agency", &format!("AND id IN {theirs}"));
        let rows = agency::Entity::find().from_raw_sql(self.bound(&sql, values.clone()));
        let rows = rows.all(&self.read).await?;
        let version = |row: &agency::Model| (row.id, row.change_from, row.change_to);
        for (change, before, after) in pairs(&changes, &rows, version) {
            let entry = |row: &agency::Model| (row.name.clone(), row.abolished_on);
            if let Some(before) = before {
                moves.bodies.push(BodyMove {
                    change,
                    id: after.id,
                    before: entry(before),
                    after: entry(after),
                });
            }
        }

        let sql = format!(
            "SELECT DISTINCT r.id, r.agency_id FROM casefile f JOIN credit_record r ON r.id = f.record_id \
             WHERE f.change_from IN {these} AND r.agency_id IN {theirs}"
        );
        let mut whose: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for row in self.read_rows(&sql, values.clone()).await? {
            let agencies = whose.entry(row.try_get("", "id")?).or_default();
            agencies.push(row.try_get("", "agency_id")?);
        }
        let records: Vec<i64> = whose.keys().copied().collect();
        let sql = either("*", "casefile", &format!("AND record_id IN {theirs}"));
        let of_records = vec![values[0].clone(), numbers(&records)];
        let rows = casefile::Entity::find().from_raw_sql(self.bound(&sql, of_records));
        let rows = rows.all(&self.read).await?;
        let version = |row: &casefile::Model| (row.id, row.change_from, row.change_to);
        for (change, before, after) in pairs(&changes, &rows, version) {
            let case = |row: &casefile::Model| case_from_row(row.clone()).map(|known| known.fact);
            let agencies = after.record_id.and_then(|record| whose.get(&record));
            moves.cases.push(CaseMove {
                change,
                agencies: agencies.cloned().unwrap_or_default(),
                before: before.map(case).transpose()?,
                after: case(after)?,
            });
        }

        let sql = either("*", "succession", "");
        let values = values.into_iter().take(1).collect();
        let rows = succession::Entity::find().from_raw_sql(self.bound(&sql, values));
        let rows = rows.all(&self.read).await?;
        let version = |row: &succession::Model| (row.id, row.change_from, row.change_to);
        for (change, before, after) in pairs(&changes, &rows, version) {
            if before.is_none() {
                let known = succession_from_row(after.clone())?;
                moves.successions.push((change, known));
            }
        }
        Ok(())
    }

    async fn read_rows(&self, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>> {
        Ok(self.read.query_all_raw(self.bound(sql, values)).await?)
    }

    fn bound(&self, sql: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.backend(), sql, values)
    }

    /// The numbers in the text that is bound at a place: there may be too many for a value each.
    fn members(&self, place: usize) -> String {
        match self.backend() {
            DbBackend::Postgres => format!(
                "(SELECT value::bigint FROM json_array_elements_text(${place}::text::json))"
            ),
            _ => format!("(SELECT value FROM json_each(${place}))"),
        }
    }
}

fn numbers(numbers: &[i64]) -> Value {
    let text = serde_json::to_string(numbers);
    text.expect("numbers are JSON").into()
}

/// What each change brought, with what it ended of the same thing.
fn pairs<'a, T>(
    changes: &HashSet<i64>,
    rows: &'a [T],
    version: impl Fn(&T) -> Version,
) -> Vec<(i64, Option<&'a T>, &'a T)> {
    let mut ended = HashMap::new();
    for row in rows {
        if let (id, _, Some(to)) = version(row) {
            ended.insert((id, to), row);
        }
    }
    let brought = rows.iter().filter_map(|row| {
        let (id, from, to) = version(row);
        let stood = changes.contains(&from) && to != Some(from);
        stood.then(|| (from, ended.get(&(id, from)).copied(), row))
    });
    brought.collect()
}
