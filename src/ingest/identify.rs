//! From typed fields to facts: who is meant, what the row says about him, and what is none of ours.

use chrono::NaiveDate;
use domain::{
    agency::{Agency, AgencyName, BodyClass, NameRelation},
    credit_record::{CreditRecord, CreditRecordStatus},
    id::{Kind, stable_id},
    mention::Mention,
    resolution::{Outcome, Subject, resolve},
    subject::{SubjectScope, scope},
    succession::{Succession, SuccessionKind},
};

use crate::{
    catalogue::{CatalogueItem, Yields},
    graph::Graph,
    sources::RawRow,
    store::Fact,
};

use super::row::{FormReader, Refused, Value};

/// What a row came to.
pub(super) enum Identified {
    Fact(Fact),
    OutOfScope,
}

/// What rows are identified with.
pub(super) struct Identifier<'a> {
    pub graph: &'a Graph,
    /// The catalogue item of the form's records.
    pub item: Option<&'a CatalogueItem>,
    /// The day in China on which the delivery is read.
    pub today: NaiveDate,
}

impl Identifier<'_> {
    pub(super) fn identify(
        &self,
        reader: &FormReader<'_>,
        row: &mut RawRow,
    ) -> Result<Identified, Refused> {
        match reader.form.yields {
            Yields::Agency => agency(reader, row),
            Yields::Succession => succession(reader, row),
            Yields::CreditRecord => self.listing(reader, row),
        }
    }

    /// A listing is stored for whom it names: told, as a record; not told, as a mention.
    fn listing(&self, reader: &FormReader<'_>, row: &mut RawRow) -> Result<Identified, Refused> {
        // Whether it is ours at all comes first: most rows are not, and need no further look. Whom
        // the register knows is ours, however his name sounds.
        let named = Named::read(reader, row)?;
        let is_out = scope(named.told_by(), &named.name) == SubjectScope::OutOfScope;
        if is_out && resolve(self.graph, &named.subject()).outcome == Outcome::None {
            return Ok(Identified::OutOfScope);
        }
        // From here on nothing is kept, told or compared that a person's number stands in.
        reader.mask(row);
        let named = Named::read(reader, row)?;
        let resolution = resolve(self.graph, &named.subject());
        let mut fields = reader.fields(row)?;
        // A listing of a day to come is a slip of the pen; in force it would never grow old.
        if let Some(day) = fields.day("identified_on").filter(|day| *day > self.today) {
            return Err(refused(
                reader,
                "identified_on",
                &format!("{day} is still to come"),
            ));
        }
        let case_number = fields.case_number("case_number");
        let Some(agency_id) = resolution.agency else {
            let court = case_number
                .as_ref()
                .and_then(|number| number.court_division());
            let division = court.filter(|code| self.graph.divisions().get(*code).is_some());
            return Ok(Identified::Fact(Fact::Mention(Mention {
                text: named.name,
                code: named.code.or(named.org_code),
                division,
                resolution,
            })));
        };
        let item = self
            .item
            .expect("the catalogue checks that a form of records has its item");
        Ok(Identified::Fact(Fact::Record(CreditRecord {
            agency_id,
            kind: item.kind,
            tier: item.tier,
            status: CreditRecordStatus::Active,
            catalogue_item: item.code.clone(),
            domain: fields.text("domain"),
            amount: fields.money("amount"),
            identified_on: fields
                .day("identified_on")
                .ok_or_else(|| refused(reader, "identified_on", "is no day"))?,
            identified_by: fields.text("identified_by").unwrap_or_default(),
            case_number,
            ended_on: None,
            end_ground: None,
        })))
    }
}

/// Whom a listing names, as written.
struct Named {
    name: String,
    code: Option<String>,
    org_code: Option<String>,
    /// A natural person's number in a column of its own: it tells what the subject is, no more.
    person: Option<String>,
}

impl Named {
    fn read(reader: &FormReader<'_>, row: &RawRow) -> Result<Self, Refused> {
        let text = |field: &str| -> Result<Option<String>, Refused> {
            Ok(match reader.field(field, row)? {
                Some(Value::Text(text)) => Some(text),
                _ => None,
            })
        };
        Ok(Self {
            name: text("subject_name")?.unwrap_or_default(),
            code: text("subject_code")?,
            org_code: text("subject_org_code")?,
            person: text("subject_person")?,
        })
    }

    fn told_by(&self) -> Option<&str> {
        let code = self.code.as_deref().or(self.org_code.as_deref());
        code.or(self.person.as_deref())
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            code: self.code.as_deref(),
            org_code: self.org_code.as_deref(),
            name: Some(&self.name),
            within: None,
        }
    }
}

fn agency(reader: &FormReader<'_>, row: &RawRow) -> Result<Identified, Refused> {
    let mut fields = reader.fields(row)?;
    let (Some(uscc), Some(name), Some(division)) = (
        fields.uscc("uscc"),
        fields.text("name"),
        fields.division("division"),
    ) else {
        return Err(refused(reader, "uscc", "is empty"));
    };
    let BodyClass::Agency(kind) = uscc.class() else {
        return Ok(Identified::OutOfScope);
    };
    let former = fields.names("former_names");
    let aliases = fields.names("aliases");
    let named = |relation: NameRelation| {
        move |name| AgencyName {
            relation,
            name,
            from: None,
            to: None,
        }
    };
    let established_on = fields.day("established_on");
    let abolished_on = fields.day("abolished_on");
    if let (Some(from), Some(to)) = (established_on, abolished_on)
        && to < from
    {
        return Err(refused(
            reader,
            "abolished_on",
            &format!("{to} lies before the founding on {from}"),
        ));
    }
    Ok(Identified::Fact(Fact::Agency(Agency {
        uscc,
        kind,
        name,
        division,
        established_on,
        abolished_on,
        superior: fields.uscc("superior"),
        competent: fields.uscc("competent").into_iter().collect(),
        names: former
            .into_iter()
            .map(named(NameRelation::Former))
            .chain(aliases.into_iter().map(named(NameRelation::Alias)))
            .collect(),
    })))
}

fn succession(reader: &FormReader<'_>, row: &RawRow) -> Result<Identified, Refused> {
    let mut fields = reader.fields(row)?;
    let kind: SuccessionKind = fields
        .text("kind")
        .unwrap_or_default()
        .parse()
        .map_err(|error: domain::UnknownValue| refused(reader, "kind", &error.to_string()))?;
    let from = fields.uscc("from_uscc");
    let to = fields.uscc("to_uscc");
    let (from_name, to_name) = (fields.text("from_name"), fields.text("to_name"));
    if from.is_none() && from_name.is_none() {
        return Err(refused(
            reader,
            "from_name",
            "neither code nor name of the predecessor",
        ));
    }
    if to.is_none() && to_name.is_none() && kind != SuccessionKind::Abolished {
        return Err(refused(
            reader,
            "to_name",
            "neither code nor name of the successor",
        ));
    }
    Ok(Identified::Fact(Fact::Succession(Succession {
        from,
        // Where only the code is given, whoever reads looks the name up.
        from_name: from_name.unwrap_or_default(),
        to,
        to_name,
        kind,
        effective_on: fields
            .day("effective_on")
            .ok_or_else(|| refused(reader, "effective_on", "is no day"))?,
        basis: fields.text("basis"),
    })))
}

fn refused(reader: &FormReader<'_>, field: &str, reason: &str) -> Refused {
    Refused {
        column: reader.column_of(field),
        reason: reason.to_owned(),
    }
}

/// The stable number of a source's row.
pub(super) fn row_id(source: &str, feed: &str, yields: Yields, key: &str) -> i64 {
    stable_id(Kind::Row, &[source, feed, yields.as_str(), key])
}
