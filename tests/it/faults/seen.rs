//! What is in the hub: straight from its tables, and as its graph tells it.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::viewer::{Role, Viewer};
use entities::{agency, change, credit_record, evidence, mention, run};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};
use zhengxin::app::App;

use super::oracle::{Record, Standing, State};

/// Rows of the graph that are looked at; a scenario has fewer, with lists that grew twice.
const GRAPH_ROWS: u32 = 100_000;

/// How many changes are in.
pub(crate) async fn changes(db: &DatabaseConnection) -> Result<u64, String> {
    let closed = change::Entity::find().filter(change::Column::Seq.is_not_null());
    let counted = closed.count(db).await;
    counted.map_err(|error| format!("the changes can't be counted: {error}"))
}

/// How many runs say that they are under way.
pub(crate) async fn runs_under_way(db: &DatabaseConnection) -> Result<u64, String> {
    let running = run::Entity::find().filter(run::Column::State.eq("RUNNING"));
    let counted = running.count(db).await;
    counted.map_err(|error| format!("the runs can't be counted: {error}"))
}

/// What stands in the tables of the court's list.
pub(crate) struct Seen {
    pub(crate) state: State,
    /// Rows that an open change brought or ended.
    pub(crate) leftovers: usize,
}

/// Looks at the tables; the error is what is there twice or for no reason.
pub(crate) async fn look(db: &DatabaseConnection) -> Result<Seen, String> {
    let failed = |error: sea_orm::DbErr| format!("the tables can't be read: {error}");
    let changes = change::Entity::find().all(db).await.map_err(failed)?;
    let closed: HashSet<i64> = changes
        .iter()
        .filter(|change| change.seq.is_some())
        .map(|change| change.id)
        .collect();
    let is_in = |from: i64| closed.contains(&from);
    let stands = |from: i64, to: Option<i64>| is_in(from) && !to.is_some_and(is_in);
    let bodies = agency::Entity::find().all(db).await.map_err(failed)?;
    let code_of: HashMap<i64, String> = bodies.into_iter().map(|row| (row.id, row.uscc)).collect();

    let contents = evidence::Entity::find()
        .filter(evidence::Column::Source.eq("court_debtors"))
        .all(db)
        .await
        .map_err(failed)?;
    let is_open = |from: i64, to: Option<i64>| !is_in(from) || to.is_some_and(|to| !is_in(to));
    let mut leftovers = contents
        .iter()
        .filter(|row| is_open(row.change_from, row.change_withdrawn))
        .count();
    let mut key_of = HashMap::new();
    let mut state = State::new();
    // What only says that a row is listed no longer is no content.
    let contents = contents.into_iter().filter(|row| row.content != "{}");
    for row in contents.filter(|row| is_in(row.change_from)) {
        let known = state.entry(row.source_key.clone()).or_default();
        known.contents += 1;
        if stands(row.change_from, row.change_withdrawn) {
            let content = serde_json::from_str(&row.content)
                .map_err(|error| format!("{}: evidence is no JSON: {error}", row.source_key))?;
            if known.listed.replace(content).is_some() {
                return Err(format!(
                    "{}: two contents are listed at once",
                    row.source_key
                ));
            }
        }
        key_of.insert(row.row_id, row.source_key);
    }
    let of = |state: &'_ mut State, row_id: i64, what: &str| -> Result<String, String> {
        let key = key_of
            .get(&row_id)
            .ok_or(format!("{what} of row {row_id} has no evidence"))?;
        state.entry(key.clone()).or_default();
        Ok(key.clone())
    };
    let records = credit_record::Entity::find()
        .all(db)
        .await
        .map_err(failed)?;
    leftovers += records
        .iter()
        .filter(|row| is_open(row.change_from, row.change_to))
        .count();
    let mut highest: BTreeMap<String, i64> = BTreeMap::new();
    for row in records.into_iter().filter(|row| is_in(row.change_from)) {
        let key = of(&mut state, row.row_id, "a record")?;
        let top = highest.entry(key.clone()).or_default();
        *top = row.version.max(*top);
        let known = state.entry(key.clone()).or_default();
        known.versions += 1;
        if stands(row.change_from, row.change_to) {
            let record = Record {
                body: row
                    .agency_id
                    .and_then(|id| code_of.get(&id).cloned())
                    .unwrap_or_default(),
                case: row.case_number.unwrap_or_default(),
                identified_on: row.identified_on.to_string(),
                delisted_on: row.ended_on.map(|day| day.to_string()),
            };
            if (row.status == "ACTIVE") != record.delisted_on.is_none() {
                return Err(format!(
                    "{key}: a record is {} and ended {:?}",
                    row.status, record.delisted_on
                ));
            }
            if known.record.replace(record).is_some() {
                return Err(format!("{key}: two versions of a record stand at once"));
            }
        }
    }
    for (key, top) in highest {
        if state[&key].versions as i64 != top {
            return Err(format!(
                "{key}: version {top} is the highest of {}",
                state[&key].versions
            ));
        }
    }
    for row in mention::Entity::find().all(db).await.map_err(failed)? {
        leftovers += usize::from(is_open(row.change_from, row.change_to));
        if stands(row.change_from, row.change_to) {
            let key = of(&mut state, row.row_id, "a mention")?;
            let known: &mut Standing = state.entry(key.clone()).or_default();
            if known.mention.replace(row.text).is_some() {
                return Err(format!("{key}: two mentions stand at once"));
            }
        }
    }
    Ok(Seen { state, leftovers })
}

/// The records of a state as the graph must tell them.
pub(crate) fn records_of(state: &State) -> Vec<String> {
    let records = state
        .values()
        .filter_map(|known| known.record.as_ref().map(|record| (known, record)));
    let mut told: Vec<String> = records
        .map(|(known, record)| {
            let on = record.delisted_on.clone().unwrap_or_default();
            format!(
                "{} {} v{} {on}",
                record.case, record.identified_on, known.versions
            )
        })
        .collect();
    told.sort();
    told
}

/// The records that the graph tells a government of the province.
pub(crate) fn told(app: &App) -> Vec<String> {
    let viewer = Viewer {
        role: Role::Government,
        divisions: vec!["440000".parse().expect("a division's code")],
        ..Viewer::public()
    };
    let view = app.view(&app.live.now(), viewer);
    let record = |row: u32| {
        let known = view.record_at(row)?;
        let record = &known.fact.fact;
        let case = record
            .case_number
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let on = record
            .ended_on
            .map(|day| day.to_string())
            .unwrap_or_default();
        Some(format!(
            "{case} {} v{} {on}",
            record.identified_on, known.version
        ))
    };
    let mut told: Vec<String> = (0..GRAPH_ROWS).filter_map(record).collect();
    told.sort();
    told
}
