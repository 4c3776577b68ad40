//! Rules of packs: what is written below `[[rule]]`.

use domain::{
    agency::AgencyKind,
    assess::{Band, Counting, Decay, Grade, Heading, Measured, Of, Rule},
    credit_record::CreditRecordStatus,
};
use rust_decimal::Decimal;
use serde::Deserialize;
use toml::Spanned;

use super::{
    super::{Error, Lists, casework::At},
    condition::{About, RawCondition},
    decimal,
    pack::LEVELS,
    points as points_of,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRule {
    pub(super) code: Spanned<String>,
    indicator: Spanned<String>,
    title: Spanned<String>,
    legal_basis: Spanned<String>,
    illustrative: bool,
    of: Spanned<String>,
    status: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    bodies: Vec<Spanned<String>>,
    #[serde(default)]
    when: Vec<Spanned<RawCondition>>,
    how: Spanned<String>,
    points: Option<Spanned<String>>,
    at_least: Option<usize>,
    cap: Option<Spanned<String>>,
    #[serde(default)]
    decay: Vec<RawDecay>,
    measure: Option<Spanned<String>>,
    #[serde(default)]
    band: Vec<RawBand>,
    veto: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDecay {
    after_days: Spanned<u32>,
    factor: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBand {
    at_least: Spanned<String>,
    points: Spanned<String>,
}

pub(super) fn rule(
    at: At<'_>,
    lists: Option<&Lists>,
    headings: &[Heading],
    grades: &[Grade],
    raw: RawRule,
) -> Result<Rule, Error> {
    let heading = headings
        .iter()
        .position(|heading| heading.code == *raw.indicator.get_ref());
    let is_deep = |place: &usize| headings[*place].code.split('.').count() == LEVELS;
    let heading = heading.filter(is_deep).ok_or_else(|| {
        let reason = format!(
            "{:?} is no heading of level {LEVELS}",
            raw.indicator.get_ref()
        );
        at.error(&raw.indicator, "rule.indicator", reason)
    })?;
    let of = of(at, &raw.of, raw.status.as_deref())?;
    let about = About {
        at,
        lists,
        is_records: of != Of::Indicators,
    };
    let counting = counting(at, &raw, &of)?;
    let cap = raw
        .cap
        .as_ref()
        .map(|cap| points_of(at, cap, "rule.cap"))
        .transpose()?;
    let sign = counting.sign();
    if let (Some(cap), Some(text)) = (cap, &raw.cap)
        && (cap.is_zero() || sign.is_none_or(|loses| loses != cap.is_sign_negative()))
    {
        let reason = "a cap has the sign of the points, which are all lost or all earned";
        return Err(at.error(text, "rule.cap", reason));
    }
    if let Some(veto) = &raw.veto
        && of != Of::Indicators
        && matches!(counting, Counting::None(_))
    {
        // It would begin with the repair of the last record.
        let reason = "a repair could lower the grade: no record, no veto";
        return Err(at.error(veto, "rule.veto", reason));
    }
    let veto = raw.veto.as_ref().map(|veto| {
        let place = grades
            .iter()
            .position(|grade| grade.code == *veto.get_ref());
        place.ok_or_else(|| at.error(veto, "rule.veto", "is no grade of the pack"))
    });
    Ok(Rule {
        heading,
        of,
        bodies: at.words::<AgencyKind>(&raw.bodies, "rule.bodies")?,
        when: about.all(raw.when)?,
        counting,
        cap,
        veto: veto.transpose()?,
        code: at.said(raw.code, "rule.code")?,
        title: at.said(raw.title, "rule.title")?,
        legal_basis: at.said(raw.legal_basis, "rule.legal_basis")?,
        is_illustrative: raw.illustrative,
    })
}

/// What a rule or a red line looks at.
pub(super) fn of(
    at: At<'_>,
    of: &Spanned<String>,
    status: Option<&[Spanned<String>]>,
) -> Result<Of, Error> {
    use CreditRecordStatus as S;
    match (of.get_ref().as_str(), status) {
        ("RECORDS", None) => Ok(Of::Records(vec![S::Active])),
        ("RECORDS", Some(status)) => {
            let statuses: Vec<S> = at.words(status, "status")?;
            // Whoever repairs, or was wronged, is not to lose by it.
            match statuses
                .iter()
                .position(|status| matches!(status, S::Repaired | S::Withdrawn))
            {
                Some(place) => Err(at.error(&status[place], "status", "never counts")),
                None => Ok(Of::Records(statuses)),
            }
        }
        ("INDICATORS", None) => Ok(Of::Indicators),
        ("INDICATORS", Some(_)) => Err(at.error(of, "status", "only records have one")),
        _ => Err(at.error(of, "of", "expected RECORDS or INDICATORS")),
    }
}

fn counting(at: At<'_>, raw: &RawRule, of: &Of) -> Result<Counting, Error> {
    let points = || {
        let missing = || at.error(&raw.how, "rule.points", "is missing");
        points_of(at, raw.points.as_ref().ok_or_else(missing)?, "rule.points")
    };
    let counting = match raw.how.get_ref().as_str() {
        "EACH" => Counting::Each(points()?, decays(at, &raw.decay)?),
        "ONCE" => Counting::Once(points()?, raw.at_least.unwrap_or(1).max(1)),
        "NONE" => Counting::None(points()?),
        "BANDS" => bands(at, raw, of)?,
        _ => {
            let reason = "expected EACH, ONCE, NONE or BANDS";
            return Err(at.error(&raw.how, "rule.how", reason));
        }
    };
    let is_bands = matches!(counting, Counting::Bands(..));
    for (is_there, may, key) in [
        (raw.points.is_some(), !is_bands, "rule.points"),
        (
            !raw.band.is_empty() || raw.measure.is_some(),
            is_bands,
            "rule.band",
        ),
        (
            !raw.decay.is_empty(),
            matches!(counting, Counting::Each(..)),
            "rule.decay",
        ),
        (
            raw.at_least.is_some(),
            matches!(counting, Counting::Once(..)),
            "rule.at_least",
        ),
    ] {
        if is_there && !may {
            let reason = format!("does not belong to {}", raw.how.get_ref());
            return Err(at.error(&raw.how, key, reason));
        }
    }
    // So that a repair, which takes a record away, never lowers a score.
    let earns = matches!(counting, Counting::None(_));
    if *of != Of::Indicators && counting.sign() != Some(!earns) {
        let reason = "records lose points, and only their absence (NONE) earns some";
        return Err(at.error(&raw.how, "rule.points", reason));
    }
    Ok(counting)
}

fn decays(at: At<'_>, raw: &[RawDecay]) -> Result<Vec<Decay>, Error> {
    let (mut decays, mut days, mut share) = (Vec::new(), None, Decimal::ONE);
    for one in raw {
        let factor = decimal(at, &one.factor, "rule.decay.factor")?;
        let after = *one.after_days.get_ref();
        if days.is_some_and(|days| after <= days) || factor > share || factor.is_sign_negative() {
            let reason = "ages rise, and factors fall from 1 towards 0";
            return Err(at.error(&one.after_days, "rule.decay", reason));
        }
        (days, share) = (Some(after), factor);
        decays.push(Decay {
            after_days: after,
            factor,
        });
    }
    Ok(decays)
}

fn bands(at: At<'_>, raw: &RawRule, of: &Of) -> Result<Counting, Error> {
    let missing = || at.error(&raw.how, "rule.measure", "is missing");
    let measure = raw.measure.as_ref().ok_or_else(missing)?;
    let measured: Measured = at.word(measure, "rule.measure")?;
    let fits = match measured {
        Measured::Count => true,
        Measured::Amount => *of != Of::Indicators,
        Measured::Value | Measured::Latest => *of == Of::Indicators,
    };
    if !fits {
        return Err(at.error(measure, "rule.measure", "these facts don't have it"));
    }
    let mut bands: Vec<Band> = Vec::new();
    for one in &raw.band {
        let band = Band {
            at_least: decimal(at, &one.at_least, "rule.band.at_least")?,
            points: points_of(at, &one.points, "rule.band.points")?,
        };
        let before = bands.last();
        let is_monotone =
            *of == Of::Indicators || before.is_none_or(|last| band.points <= last.points);
        if before.is_some_and(|last| band.at_least <= last.at_least) || !is_monotone {
            let reason = "bands rise, and over records a higher one loses more";
            return Err(at.error(&one.at_least, "rule.band", reason));
        }
        bands.push(band);
    }
    match bands.is_empty() {
        true => Err(at.error(&raw.how, "rule.band", "is missing")),
        false => Ok(Counting::Bands(measured, bands)),
    }
}
