//! From typed fields to facts about somebody: who is meant, what the row says about him, and what is
//! none of ours.

use std::convert::From;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    clue::{Clue, ClueStage},
    credit_record::{CreditRecord, RecordSubject},
    date::china_offset,
    decision::{Decided, decide},
    division::DivisionCode,
    id::{Kind, stable_id},
    mention::{Mention, SubjectText},
    person_name::is_masked_name,
    resolution::{Outcome, Resolution, Subject, resolve},
    subject::{SubjectScope, scope},
};

use crate::{
    catalogue::{Catalogue, Form, Source, Yields},
    graph::Graph,
    person_key::PersonKey,
    sources::RawRow,
    store::Fact,
};

use super::{
    field::{Fields, Refused, Value},
    plain::{agency, assessment, post, succession},
    row::FormReader,
};

/// How far a source's clock may go ahead of ours.
const AHEAD_MAX: TimeDelta = TimeDelta::minutes(10);
/// Days of what happened: none lies in the future.
const DAYS: [&str; 4] = ["identified_on", "decided_on", "reported_on", "period_to"];

/// What a row came to.
pub(super) enum Identified {
    Fact(Box<Fact>),
    OutOfScope,
    /// What the row identifies is listed no longer.
    Ended {
        may_be_ours: bool,
    },
}

impl From<Fact> for Identified {
    fn from(fact: Fact) -> Self {
        Self::Fact(Box::new(fact))
    }
}

/// What rows are identified with.
pub(super) struct Identifier<'a> {
    pub graph: &'a Graph,
    pub catalogue: &'a Catalogue,
    /// The source's key: decisions hold of its texts.
    pub source: &'a str,
    /// The channel of the source's clues.
    pub channel: &'a str,
    /// When the delivery came in: nothing that it tells of can have happened later.
    pub known_at: DateTime<Utc>,
    /// The day of which the delivery speaks.
    pub as_of: NaiveDate,
    /// By which natural persons are told; without it nobody is.
    pub person_key: Option<&'a PersonKey>,
    /// The number of the row at hand, where something identifies it.
    pub row_id: Option<i64>,
    /// Whether the rows are kept already: then they are ours, whoever is meant.
    pub is_kept: bool,
}

/// What can be said of whom a row names.
pub(super) enum Who {
    /// This body.
    Agency(i64),
    /// This public official.
    Official(i64),
    /// Nobody is named.
    Nobody,
    /// It can't be told, or is none of ours.
    Other(Identified),
}

impl<'a> Identifier<'a> {
    /// One for the rows of a form that a delivery brings.
    pub(super) fn of(
        source: &'a Source,
        catalogue: &'a Catalogue,
        graph: &'a Graph,
        known_at: DateTime<Utc>,
    ) -> Self {
        Self {
            graph,
            catalogue,
            source: source.key.get_ref(),
            channel: source.channel.as_deref().unwrap_or_default(),
            known_at,
            as_of: known_at.with_timezone(&china_offset()).date_naive(),
            person_key: None,
            row_id: None,
            is_kept: false,
        }
    }

    pub(super) fn identify(
        &self,
        reader: &FormReader<'_>,
        row: &mut RawRow,
    ) -> Result<Identified, Refused> {
        match reader.form.yields {
            Yields::Agency => {
                reader.mask(row);
                agency(reader, row)
            }
            Yields::Succession => {
                reader.mask(row);
                succession(reader, row)
            }
            Yields::CreditRecord => self.listing(reader, row),
            Yields::Clue => self.allegation(reader, row),
            Yields::Disclosure => self.disclosure(reader, row),
            Yields::Indicator => self.indicator(reader, row),
            Yields::Post => {
                reader.mask(row);
                post(reader, row)
            }
            Yields::Assessment => {
                reader.mask(row);
                assessment(reader, row)
            }
        }
    }

    /// Whether an end may be that of a government body's row, as far as the row names one.
    pub(super) fn may_be_ours(&self, reader: &FormReader<'_>, row: &RawRow) -> bool {
        let Ok(named) = Named::read(reader, row) else {
            return false;
        };
        let is_nobody = named.name.is_empty() && named.told_by().is_none();
        is_nobody
            || self.may_be_official(reader, &named)
            || scope(named.told_by(), &named.name) != SubjectScope::OutOfScope
            || resolve(self.graph.directory(), &named.subject()).outcome != Outcome::None
    }

    /// Who is meant. From here on nothing is kept, told or compared that a person's number stands
    /// in.
    pub(super) fn who(&self, reader: &FormReader<'_>, row: &mut RawRow) -> Result<Who, Refused> {
        // Whether it is ours at all comes first: most rows are not, and need no further look. Whom
        // the register knows is ours, however his name sounds.
        let named = Named::read(reader, row)?;
        if named.name.is_empty() && named.told_by().is_none() {
            reader.mask(row);
            return Ok(Who::Nobody);
        }
        let is_none_of_ours = || {
            !self.is_kept
                && scope(named.told_by(), &named.name) == SubjectScope::OutOfScope
                && resolve(self.graph.directory(), &named.subject()).outcome == Outcome::None
        };
        if self.is_kept && is_masked_name(&named.name) {
            return self.official_again(reader, row, &named);
        }
        if let Some(who) = self.official(reader, row, &named, is_none_of_ours)? {
            return Ok(who);
        }
        if is_none_of_ours() {
            return Ok(Who::Other(Identified::OutOfScope));
        }
        reader.mask(row);
        let named = Named::read(reader, row)?;
        let place = self.place(reader, row);
        let subject = Subject {
            context: place.context,
            as_of: place.day,
            ..named.subject()
        };
        let resolution = resolve(self.graph.directory(), &subject);
        let settled =
            |resolution: &Resolution| resolution.agency.filter(|_| resolution.is_settled());
        let text = named.text();
        let is_decided = |text: &SubjectText| self.graph.is_decided(self.source, text);
        if !text.as_ref().is_some_and(is_decided)
            && let Some(agency_id) = settled(&resolution)
        {
            return Ok(Who::Agency(agency_id));
        }
        // A row that is wrong is wrong whoever is meant.
        let fields = self.fields(reader, row)?;
        let division = self.division(&fields);
        let on = text.and_then(|text| self.graph.decision_on(self.source, &text, division));
        let decided = match on {
            Some(on) => {
                let codes = named.codes().unwrap_or_default();
                decide(&on.fact, &by_codes(self.graph, &codes), resolution)
            }
            None => Decided::Open(resolution),
        };
        let resolution = match decided {
            Decided::Told(agency_id) => return Ok(Who::Agency(agency_id)),
            Decided::Open(resolution) => match settled(&resolution) {
                Some(agency_id) => return Ok(Who::Agency(agency_id)),
                None => resolution,
            },
            Decided::Untold(resolution) => resolution,
        };
        let mention = Fact::Mention(Mention {
            code: named.codes(),
            text: named.name,
            division,
            resolution,
            decision_version: on.map(|on| on.version),
        });
        Ok(Who::Other(mention.into()))
    }

    /// Where and when the row was written, as far as it can be read: a row that is wrong is told of
    /// elsewhere.
    fn place(&self, reader: &FormReader<'_>, row: &RawRow) -> Place {
        let fields = reader.fields(row);
        fields.map_or_else(
            |_| Place::default(),
            |fields| Place::of(&fields, self.graph),
        )
    }

    /// The division that a row itself points to, if only by its court.
    pub(super) fn division(&self, fields: &Fields<'_>) -> Option<DivisionCode> {
        Place::of(fields, self.graph).context
    }

    /// The row's fields; what happened can't have happened after it was told.
    pub(super) fn fields<'f>(
        &self,
        reader: &FormReader<'f>,
        row: &RawRow,
    ) -> Result<Fields<'f>, Refused> {
        let fields = reader.fields(row)?;
        let latest = self.known_at + AHEAD_MAX;
        let last_day = latest.with_timezone(&china_offset()).date_naive();
        for field in DAYS {
            if let Some(day) = fields.day(field).filter(|day| *day > last_day) {
                let reason = format!("{day} lies in the future");
                return Err(refused(reader, field, &reason));
            }
        }
        match fields.moment("received_at").filter(|at| *at > latest) {
            Some(_) => Err(refused(reader, "received_at", "lies in the future")),
            None => Ok(fields),
        }
    }

    /// A listing is stored for whom it names: told, as a record; not told, as a mention.
    fn listing(&self, reader: &FormReader<'_>, row: &mut RawRow) -> Result<Identified, Refused> {
        match self.who(reader, row)? {
            Who::Agency(id) => {
                let fields = self.fields(reader, row)?;
                self.record(reader, fields, RecordSubject::Agency(id), None)
            }
            Who::Official(id) => {
                let fields = self.fields(reader, row)?;
                self.record(reader, fields, RecordSubject::Official(id), None)
            }
            Who::Other(other) => Ok(other),
            Who::Nobody => Err(refused(reader, "subject_name", "is empty")),
        }
    }

    /// A record of this catalogue item, or of the form's own.
    fn record(
        &self,
        reader: &FormReader<'_>,
        mut fields: Fields<'_>,
        subject: RecordSubject,
        item: Option<&str>,
    ) -> Result<Identified, Refused> {
        let identified_by = fields.text("identified_by");
        let identified_on = fields
            .day("identified_on")
            .ok_or_else(|| refused(reader, "identified_on", "is no day"))?;
        let own = reader
            .form
            .item
            .as_ref()
            .map(|item| item.get_ref().as_str());
        let item = item
            .or(own)
            .and_then(|code| self.catalogue.lists.item(code, identified_on))
            .expect("the catalogue checks that a form of records has its item");
        let record = CreditRecord {
            tier: item.tier,
            domain: fields.text("domain"),
            amount: fields.money("amount"),
            overdue_since: fields.day("overdue_since"),
            identified_by: identified_by
                .ok_or_else(|| refused(reader, "identified_by", "is empty"))?,
            case_number: fields.case_number("case_number").cloned(),
            ..CreditRecord::new(
                subject,
                item.kind.expect("and that it is a behaviour"),
                item.code.clone(),
                identified_on,
            )
        };
        Ok(Fact::Record(record).into())
    }

    /// An allegation is a clue, and where it is established a record.
    fn allegation(&self, reader: &FormReader<'_>, row: &mut RawRow) -> Result<Identified, Refused> {
        let agency_id = match self.who(reader, row)? {
            Who::Agency(agency_id) => Some(agency_id),
            Who::Nobody => None,
            Who::Official(_) => return Ok(Identified::OutOfScope),
            Who::Other(other) => return Ok(other),
        };
        let mut fields = self.fields(reader, row)?;
        let item = reader.fates.established(row);
        if let (Some(agency_id), Some(_)) = (agency_id, item) {
            return self.record(reader, fields, RecordSubject::Agency(agency_id), item);
        }
        let clue = Clue {
            agency_ids: agency_id.into_iter().collect(),
            channel: self.channel.to_owned(),
            category: fields.text("category"),
            title: fields
                .text("title")
                .ok_or_else(|| refused(reader, "title", "is empty"))?,
            content: fields.text("content"),
            stage: ClueStage::Received,
            due_on: fields.day("due_on"),
            due_is_provisional: false,
            passed_on: fields.day("passed_on"),
            ended_on: fields.day("ended_on"),
            received_at: fields
                .moment("received_at")
                .ok_or_else(|| refused(reader, "received_at", "is empty"))?,
            amount: fields.money("amount"),
        };
        Ok(Fact::Clue(clue).into())
    }
}

/// Where and when a row was written.
#[derive(Default)]
struct Place {
    /// The division that it names for its subject, or that of its court.
    context: Option<DivisionCode>,
    day: Option<NaiveDate>,
}

impl Place {
    fn of(fields: &Fields<'_>, graph: &Graph) -> Self {
        let court = fields
            .case_number("case_number")
            .and_then(|number| number.court_division())
            .filter(|code| graph.divisions().get(*code).is_some());
        let received = || {
            let moment = fields.moment("received_at")?;
            Some(moment.with_timezone(&china_offset()).date_naive())
        };
        Self {
            context: fields.division("subject_division").or(court),
            day: DAYS
                .iter()
                .find_map(|field| fields.day(field))
                .or_else(received),
        }
    }
}

/// Whom a listing names, as written.
pub(super) struct Named {
    pub name: String,
    code: Option<String>,
    org_code: Option<String>,
    /// A natural person's number in a column of its own: it tells what the subject is, no more.
    person: Option<String>,
}

impl Named {
    pub(super) fn read(reader: &FormReader<'_>, row: &RawRow) -> Result<Self, Refused> {
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

    /// Where a natural person's number may stand, the column of its own first.
    pub(super) fn numbers(&self) -> impl Iterator<Item = &str> {
        let cells = [&self.person, &self.code, &self.org_code];
        cells.into_iter().flatten().map(String::as_str)
    }

    /// Its codes, parted by a space.
    fn codes(&self) -> Option<String> {
        let codes = [self.code.as_deref(), self.org_code.as_deref()];
        let codes: Vec<&str> = codes.into_iter().flatten().collect();
        (!codes.is_empty()).then(|| codes.join(" "))
    }

    /// What the row writes about its subject, in one spelling.
    pub(super) fn text(&self) -> Option<SubjectText> {
        SubjectText::of(&self.name, self.codes().as_deref())
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            code: self.code.as_deref(),
            org_code: self.org_code.as_deref(),
            name: Some(&self.name),
            ..Subject::default()
        }
    }
}

/// The bodies that codes alone lead to, parted by a space as a row gives them.
pub(super) fn by_codes(graph: &Graph, codes: &str) -> Vec<i64> {
    let (code, org_code) = match codes.split_once(' ') {
        Some((code, org_code)) => (code, Some(org_code)),
        None => (codes, None),
    };
    let coded = Subject {
        code: Some(code),
        org_code,
        ..Subject::default()
    };
    let coded = resolve(graph.directory(), &coded);
    let candidates = coded.candidates.iter().map(|candidate| candidate.agency);
    coded.agency.into_iter().chain(candidates).collect()
}

pub(super) fn refused(reader: &FormReader<'_>, field: &str, reason: &str) -> Refused {
    Refused {
        column: reader.column_of(field),
        reason: reason.to_owned(),
    }
}

/// The stable number of a source's row.
pub(super) fn row_id(source: &str, feed: &str, form: &Form, key: &str) -> i64 {
    let yields = form.yields.as_str();
    match form.family.as_str() {
        "" => stable_id(Kind::Row, &[source, feed, yields, key]),
        family => stable_id(Kind::Row, &[source, feed, yields, family, key]),
    }
}
