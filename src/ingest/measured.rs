//! Rows that say how a body did: how it kept a term, what was measured of it, what it was commended for.

use domain::{
    disclosure::{Disclosure, disclosure},
    indicator::Indicator,
};

use crate::{sources::RawRow, store::Fact};

use super::{
    field::{Fields, Refused},
    identify::{Identified, Identifier, Who, refused},
    row::FormReader,
};

impl Identifier<'_> {
    /// A decision says how its body kept the term for making it public.
    pub(super) fn disclosure(
        &self,
        reader: &FormReader<'_>,
        row: &mut RawRow,
    ) -> Result<Identified, Refused> {
        self.of_body(reader, row, |agency_id, fields| {
            let term = reader.form.term.as_ref();
            let term = term.expect("the catalogue checks that a form of decisions has its term");
            let decided_on = fields
                .day("decided_on")
                .ok_or_else(|| refused(reader, "decided_on", "is no day"))?;
            let reported_on = fields.day("reported_on");
            let is_revoked = fields.text("state").as_deref() == Some("REVOKED");
            let calendar = &self.catalogue.calendar;
            let judged = match reported_on {
                _ if is_revoked => Some(Disclosure::Revoked),
                Some(on) => Some(disclosure(calendar, term.working_days, decided_on, on)),
                None => None,
            };
            let (code, title, value) = match judged {
                Some(Disclosure::Revoked) => ("disclosure.revoked", &term.revoked, 1),
                Some(Disclosure::Late(days)) => ("disclosure.late", &term.late, days),
                Some(Disclosure::InTime(days)) => ("disclosure.in_time", &term.in_time, days),
                None => ("disclosure.published", &term.published, 1),
            };
            Ok(Indicator {
                agency_id,
                code: code.to_owned(),
                title: title.clone(),
                period_from: decided_on,
                period_to: reported_on.unwrap_or(decided_on).max(decided_on),
                value: value.into(),
            })
        })
    }

    /// A measurement says itself what it is about.
    pub(super) fn indicator(
        &self,
        reader: &FormReader<'_>,
        row: &mut RawRow,
    ) -> Result<Identified, Refused> {
        self.of_body(reader, row, |agency_id, fields| {
            let missing = |field: &'static str| move || refused(reader, field, "is empty");
            let period_from = fields.day("period_from");
            let period_to = fields.day("period_to");
            let indicator = Indicator {
                agency_id,
                code: fields.text("code").ok_or_else(missing("code"))?,
                title: fields.text("title").ok_or_else(missing("title"))?,
                period_from: period_from.ok_or_else(missing("period_from"))?,
                period_to: period_to.ok_or_else(missing("period_to"))?,
                value: fields.decimal("value").ok_or_else(missing("value"))?,
            };
            match indicator.period_to < indicator.period_from {
                true => Err(refused(reader, "period_to", "lies before its beginning")),
                false => Ok(indicator),
            }
        })
    }

    /// The indicator of the body that a row names; natural persons are none of ours here.
    fn of_body(
        &self,
        reader: &FormReader<'_>,
        row: &mut RawRow,
        read: impl FnOnce(i64, &mut Fields<'_>) -> Result<Indicator, Refused>,
    ) -> Result<Identified, Refused> {
        let agency_id = match self.who(reader, row)? {
            Who::Agency(agency_id) => agency_id,
            Who::Official(_) => return Ok(Identified::OutOfScope),
            Who::Other(other) => return Ok(other),
            Who::Nobody => return Err(refused(reader, "subject_name", "is empty")),
        };
        let mut fields = self.fields(reader, row)?;
        let indicator = read(agency_id, &mut fields)?;
        Ok(Fact::Indicator(indicator).into())
    }
}
