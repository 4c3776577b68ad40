//! Facts as rows: each version of a fact is a row, and the versions of one change are written and
//! ended together.

use std::collections::HashMap;

use domain::{
    agency::{Agency, AgencyName, NameRelation},
    credit_record::CreditRecord,
    id::{Kind, derived_id, stable_id},
    mention::Mention,
    money::Money,
    resolution::{Candidate, Resolution},
    succession::Succession,
};
use entities::{agency, agency_name, credit_record, mention, succession};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DatabaseTransaction, EntityTrait,
    sea_query::{Alias, Expr, ExprTrait, Query},
};

use super::{Error, ROWS_PER_BATCH, Result};

/// What a row of a source comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    Agency(Agency),
    Succession(Succession),
    Record(CreditRecord),
    Mention(Mention),
}

/// The tables of facts, in the order in which they are written.
pub(super) const TABLES: [&str; 4] = ["agency", "succession", "mention", "credit_record"];

impl Fact {
    /// The stable number of what this row tells of.
    pub fn id(&self, row_id: i64) -> i64 {
        match self {
            Fact::Agency(agency) => stable_id(Kind::Agency, &[agency.uscc.as_str()]),
            Fact::Succession(_) => derived_id(Kind::Succession, row_id, ""),
            Fact::Record(_) => derived_id(Kind::CreditRecord, row_id, ""),
            Fact::Mention(_) => derived_id(Kind::Mention, row_id, ""),
        }
    }

    pub(super) fn table(&self) -> &'static str {
        match self {
            Fact::Agency(_) => "agency",
            Fact::Succession(_) => "succession",
            Fact::Mention(_) => "mention",
            Fact::Record(_) => "credit_record",
        }
    }

    /// Equal for equal facts. It is taken of the debugging form: should that ever change, facts
    /// get one more version each, and nothing else happens.
    pub(super) fn content_hash(&self) -> i64 {
        stable_id(Kind::Evidence, &[&format!("{self:?}")])
    }
}

/// The number of what a row would come to in a table whose facts are numbered by their rows.
pub(super) fn id_of_row(table: &str, row_id: i64) -> Option<i64> {
    let kind = match table {
        "succession" => Kind::Succession,
        "mention" => Kind::Mention,
        "credit_record" => Kind::CreditRecord,
        _ => return None,
    };
    Some(derived_id(kind, row_id, ""))
}

/// A fact that the resident graph holds, with what it needs beside the fact itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Known<T> {
    pub id: i64,
    pub row_id: i64,
    pub version: i64,
    pub fact: T,
}

/// A record or mention with the source that lists it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing<T> {
    pub source: String,
    pub fact: T,
}

/// The newest version of a fact, as far as writing the next one needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Current {
    pub id: i64,
    pub change_from: i64,
    pub version: i64,
    pub content_hash: i64,
}

/// What a table holds of one fact, as far as writing its next version needs it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct History {
    /// The version that nothing has ended.
    pub current: Option<Current>,
    /// The version that the change at hand itself ended.
    pub replaced: Option<Current>,
    /// The highest version number so far.
    pub highest: i64,
}

/// The histories of facts, by their numbers.
pub(super) async fn histories(
    tx: &DatabaseTransaction,
    table: &'static str,
    ids: impl IntoIterator<Item = i64>,
    change: i64,
) -> Result<HashMap<i64, History>> {
    let mut ids = ids.into_iter().peekable();
    if ids.peek().is_none() {
        return Ok(HashMap::new());
    }
    let columns = ["id", "change_from", "change_to", "version", "content_hash"];
    let query = Query::select()
        .columns(columns.map(Alias::new))
        .from(Alias::new(table))
        .and_where(Expr::col(Alias::new("id")).is_in(ids))
        .to_owned();
    let mut found: HashMap<i64, History> = HashMap::new();
    for row in tx.query_all(&query).await? {
        let version = Current {
            id: row.try_get("", "id")?,
            change_from: row.try_get("", "change_from")?,
            version: row.try_get("", "version")?,
            content_hash: row.try_get("", "content_hash")?,
        };
        let history = found.entry(version.id).or_default();
        history.highest = Ord::max(history.highest, version.version);
        match row.try_get::<Option<i64>>("", "change_to")? {
            None => history.current = Some(version),
            Some(ended_by) if ended_by == change => history.replaced = Some(version),
            Some(_) => {}
        }
    }
    Ok(found)
}

/// Takes back that this change ended these facts.
pub(super) async fn restore(
    tx: &DatabaseTransaction,
    table: &'static str,
    ids: &[i64],
    change: i64,
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let query = Query::update()
        .table(Alias::new(table))
        .value(Alias::new("change_to"), Option::<i64>::None)
        .and_where(Expr::col(Alias::new("id")).is_in(ids.iter().copied()))
        .and_where(Expr::col(Alias::new("change_to")).eq(change))
        .to_owned();
    tx.execute(&query).await?;
    Ok(())
}

/// Ends the newest versions of these facts: what an earlier change brought is ended, what this one
/// brought is taken back.
pub(super) async fn end(
    tx: &DatabaseTransaction,
    table: &'static str,
    versions: &[Current],
    change: i64,
) -> Result<()> {
    let (own, earlier): (Vec<_>, Vec<_>) = versions
        .iter()
        .partition(|version| version.change_from == change);
    let ids = |versions: &[&Current]| {
        versions
            .iter()
            .map(|version| version.id)
            .collect::<Vec<_>>()
    };
    if !own.is_empty() {
        let query = Query::delete()
            .from_table(Alias::new(table))
            .and_where(Expr::col(Alias::new("id")).is_in(ids(&own)))
            .and_where(Expr::col(Alias::new("change_from")).eq(change))
            .to_owned();
        tx.execute(&query).await?;
    }
    if !earlier.is_empty() {
        let query = Query::update()
            .table(Alias::new(table))
            .value(Alias::new("change_to"), change)
            .and_where(Expr::col(Alias::new("id")).is_in(ids(&earlier)))
            .and_where(Expr::col(Alias::new("change_to")).is_null())
            .to_owned();
        tx.execute(&query).await?;
    }
    Ok(())
}

/// A version that is about to be written.
pub(super) struct NewVersion {
    pub id: i64,
    pub row_id: i64,
    pub version: i64,
    /// Who lists it: the source's key.
    pub source: String,
    pub fact: Fact,
}

/// Writes versions, at most a batch, in as many statements as there are tables.
pub(super) async fn insert(
    tx: &DatabaseTransaction,
    change: i64,
    new: Vec<NewVersion>,
) -> Result<()> {
    let mut agencies = Vec::new();
    let mut names = Vec::new();
    let mut successions = Vec::new();
    let mut mentions = Vec::new();
    let mut records = Vec::new();
    for new in new {
        let content_hash = new.fact.content_hash();
        macro_rules! row {
            ($table:ident { $($column:ident: $value:expr),* $(,)? }) => {
                $table::ActiveModel {
                    id: Set(new.id),
                    change_from: Set(change),
                    change_to: Set(None),
                    version: Set(new.version),
                    row_id: Set(new.row_id),
                    content_hash: Set(content_hash),
                    $($column: Set($value),)*
                }
            };
        }
        match new.fact {
            Fact::Agency(fact) => {
                names.extend(name_rows(new.id, change, fact.names));
                agencies.push(row!(agency {
                    uscc: fact.uscc.to_string(),
                    kind: fact.kind.as_str().to_owned(),
                    name: fact.name,
                    division: fact.division.to_string(),
                    established_on: fact.established_on,
                    abolished_on: fact.abolished_on,
                    superior: fact.superior.map(|code| code.to_string()),
                    competent: join(&fact.competent),
                }));
            }
            Fact::Succession(fact) => successions.push(row!(succession {
                from_uscc: fact.from.map(|code| code.to_string()),
                from_name: fact.from_name,
                to_uscc: fact.to.map(|code| code.to_string()),
                to_name: fact.to_name,
                kind: fact.kind.as_str().to_owned(),
                effective_on: fact.effective_on,
                basis: fact.basis,
            })),
            Fact::Mention(fact) => mentions.push(row!(mention {
                source: new.source,
                text: fact.text,
                code: fact.code,
                division: fact.division.map(|code| code.to_string()),
                outcome: fact.resolution.outcome.as_str().to_owned(),
                score: fact.resolution.score,
                steps: fact.resolution.steps.join("\n"),
                candidates: candidates_text(&fact.resolution.candidates),
            })),
            Fact::Record(fact) => records.push(row!(credit_record {
                source: new.source,
                agency_id: fact.agency_id,
                kind: fact.kind.as_str().to_owned(),
                tier: fact.tier.map(|tier| tier.as_str().to_owned()),
                status: fact.status.as_str().to_owned(),
                catalogue_item: fact.catalogue_item,
                domain: fact.domain,
                amount_cents: fact.amount.map(|amount| amount.cents()),
                identified_on: fact.identified_on,
                identified_by: fact.identified_by,
                case_number: fact.case_number.map(|number| number.to_string()),
                ended_on: fact.ended_on,
                end_ground: fact.end_ground,
            })),
        }
    }
    insert_many::<agency::Entity, _>(tx, agencies).await?;
    insert_many::<agency_name::Entity, _>(tx, names).await?;
    insert_many::<succession::Entity, _>(tx, successions).await?;
    insert_many::<mention::Entity, _>(tx, mentions).await?;
    insert_many::<credit_record::Entity, _>(tx, records).await
}

/// Inserts in statements of at most a batch.
pub(super) async fn insert_many<E, A>(tx: &DatabaseTransaction, rows: Vec<A>) -> Result<()>
where
    E: EntityTrait,
    A: sea_orm::ActiveModelTrait<Entity = E> + Send,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        E::insert_many(rows.by_ref().take(ROWS_PER_BATCH))
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}

fn name_rows(
    agency_id: i64,
    change: i64,
    names: Vec<AgencyName>,
) -> impl Iterator<Item = agency_name::ActiveModel> {
    names
        .into_iter()
        .enumerate()
        .map(move |(ordinal, name)| agency_name::ActiveModel {
            agency_id: Set(agency_id),
            change_from: Set(change),
            ordinal: Set(ordinal as i64),
            name: Set(name.name),
            relation: Set(name.relation.as_str().to_owned()),
            valid_from: Set(name.from),
            valid_to: Set(name.to),
        })
}

pub(super) fn agency_from_row(
    row: agency::Model,
    names: Vec<agency_name::Model>,
) -> Result<Known<Agency>> {
    let id = row.id;
    let names = names.into_iter().map(|name| {
        Ok(AgencyName {
            relation: read::<NameRelation>("agency_name", id, &name.relation)?,
            name: name.name,
            from: name.valid_from,
            to: name.valid_to,
        })
    });
    let fact = Agency {
        uscc: read("agency", id, &row.uscc)?,
        kind: read("agency", id, &row.kind)?,
        division: read("agency", id, &row.division)?,
        superior: read_optional("agency", id, row.superior.as_deref())?,
        competent: row
            .competent
            .split_whitespace()
            .map(|code| read("agency", id, code))
            .collect::<Result<_>>()?,
        names: names.collect::<Result<_>>()?,
        name: row.name,
        established_on: row.established_on,
        abolished_on: row.abolished_on,
    };
    Ok(Known {
        id,
        row_id: row.row_id,
        version: row.version,
        fact,
    })
}

pub(super) fn succession_from_row(row: succession::Model) -> Result<Known<Succession>> {
    let id = row.id;
    let fact = Succession {
        from: read_optional("succession", id, row.from_uscc.as_deref())?,
        from_name: row.from_name,
        to: read_optional("succession", id, row.to_uscc.as_deref())?,
        to_name: row.to_name,
        kind: read("succession", id, &row.kind)?,
        effective_on: row.effective_on,
        basis: row.basis,
    };
    Ok(Known {
        id,
        row_id: row.row_id,
        version: row.version,
        fact,
    })
}

pub(super) fn mention_from_row(row: mention::Model) -> Result<Known<Listing<Mention>>> {
    let id = row.id;
    let candidates: Vec<(i64, f64, String)> =
        serde_json::from_str(&row.candidates).map_err(|error| Error::Corrupt {
            table: "mention",
            id,
            reason: error.to_string(),
        })?;
    let resolution = Resolution {
        outcome: read("mention", id, &row.outcome)?,
        agency: None,
        score: row.score,
        steps: row.steps.lines().map(str::to_owned).collect(),
        candidates: candidates
            .into_iter()
            .map(|(agency, score, reason)| Candidate {
                agency,
                score,
                reason,
            })
            .collect(),
    };
    let fact = Mention {
        text: row.text,
        code: row.code,
        division: read_optional("mention", id, row.division.as_deref())?,
        resolution,
    };
    Ok(Known {
        id,
        row_id: row.row_id,
        version: row.version,
        fact: Listing {
            source: row.source,
            fact,
        },
    })
}

pub(super) fn record_from_row(row: credit_record::Model) -> Result<Known<Listing<CreditRecord>>> {
    let id = row.id;
    let fact = CreditRecord {
        agency_id: row.agency_id,
        kind: read("credit_record", id, &row.kind)?,
        tier: read_optional("credit_record", id, row.tier.as_deref())?,
        status: read("credit_record", id, &row.status)?,
        catalogue_item: row.catalogue_item,
        domain: row.domain,
        amount: row.amount_cents.map(Money::from_cents),
        identified_on: row.identified_on,
        identified_by: row.identified_by,
        case_number: read_optional("credit_record", id, row.case_number.as_deref())?,
        ended_on: row.ended_on,
        end_ground: row.end_ground,
    };
    Ok(Known {
        id,
        row_id: row.row_id,
        version: row.version,
        fact: Listing {
            source: row.source,
            fact,
        },
    })
}

pub(super) fn read<T: std::str::FromStr<Err: std::fmt::Display>>(
    table: &'static str,
    id: i64,
    text: &str,
) -> Result<T> {
    text.parse().map_err(|error: T::Err| Error::Corrupt {
        table,
        id,
        reason: error.to_string(),
    })
}

pub(super) fn read_optional<T: std::str::FromStr<Err: std::fmt::Display>>(
    table: &'static str,
    id: i64,
    text: Option<&str>,
) -> Result<Option<T>> {
    text.map(|text| read(table, id, text)).transpose()
}

fn join(codes: &[domain::uscc::Uscc]) -> String {
    codes
        .iter()
        .map(|code| code.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

fn candidates_text(candidates: &[Candidate]) -> String {
    let rows: Vec<_> = candidates
        .iter()
        .map(|c| (c.agency, c.score, c.reason.as_str()))
        .collect();
    serde_json::to_string(&rows).expect("numbers and strings always serialise")
}
