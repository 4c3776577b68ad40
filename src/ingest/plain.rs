//! From typed fields to facts that name their bodies by code: nobody has to be told.

use domain::{
    agency::{Agency, AgencyName, BodyClass, NameRelation},
    assessment::AssessmentLine,
    post::Post,
    succession::{Succession, SuccessionKind},
};

use crate::{sources::RawRow, store::Fact};

use super::{
    field::Refused,
    identify::{Identified, refused},
    row::FormReader,
};

pub(super) fn post(reader: &FormReader<'_>, row: &RawRow) -> Result<Identified, Refused> {
    let mut fields = reader.fields(row)?;
    let (from, to) = (fields.day("from"), fields.day("to"));
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        let reason = format!("{to} lies before the beginning on {from}");
        return Err(refused(reader, "to", &reason));
    }
    let (Some(person), Some(name), Some(agency), Some(title)) = (
        fields.text("person"),
        fields.text("name"),
        fields.uscc("agency"),
        fields.text("title"),
    ) else {
        return Err(refused(reader, "person", "is empty"));
    };
    let post = Post {
        person,
        name,
        agency,
        title,
        from,
        to,
    };
    Ok(Fact::Post(post).into())
}

pub(super) fn assessment(reader: &FormReader<'_>, row: &RawRow) -> Result<Identified, Refused> {
    let mut fields = reader.fields(row)?;
    let (Some(assessor), Some(period_from), Some(period_to)) = (
        fields.text("assessor"),
        fields.day("period_from"),
        fields.day("period_to"),
    ) else {
        return Err(refused(reader, "period_from", "is no day"));
    };
    if period_to < period_from {
        let reason = format!("{period_to} lies before the beginning on {period_from}");
        return Err(refused(reader, "period_to", &reason));
    }
    let (uscc, division) = (fields.uscc("uscc"), fields.division("division"));
    if uscc.is_none() && division.is_none() {
        return Err(refused(
            reader,
            "uscc",
            "neither body nor division is named",
        ));
    }
    let (score, full_score) = (fields.decimal("score"), fields.decimal("full_score"));
    if let (Some(score), Some(full)) = (score, full_score)
        && score > full
    {
        let reason = format!("{score} is more than the {full} that can be had");
        return Err(refused(reader, "score", &reason));
    }
    let assessment = AssessmentLine {
        assessor,
        period_from,
        period_to,
        uscc,
        division,
        indicator: fields.text("indicator"),
        score,
        full_score,
        grade: fields.text("grade"),
        report: fields.text("report"),
    };
    Ok(Fact::Assessment(assessment).into())
}

pub(super) fn agency(reader: &FormReader<'_>, row: &RawRow) -> Result<Identified, Refused> {
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
    Ok(Fact::Agency(Agency {
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
    })
    .into())
}

pub(super) fn succession(reader: &FormReader<'_>, row: &RawRow) -> Result<Identified, Refused> {
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
    Ok(Fact::Succession(Succession {
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
    })
    .into())
}
