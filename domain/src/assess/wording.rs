//! What rules and red lines ask, as short texts that people read: operators and field names are those of the files.

use std::fmt::{Display, Formatter, Result};

use super::{
    condition::Condition,
    pack::{Band, Counting, Decay, Of},
    red_line::Trigger,
};

/// Things in brackets, with commas between them.
fn listed<T: Display>(things: &[T]) -> String {
    let things: Vec<String> = things.iter().map(ToString::to_string).collect();
    format!("({})", things.join(", "))
}

/// `… in (A, B)`; nothing where nothing is named.
fn of<T: Display>(what: &str, things: &[T]) -> String {
    match things.is_empty() {
        true => what.to_owned(),
        false => format!("{what} in {}", listed(things)),
    }
}

impl Condition {
    /// Whether it holds of everything.
    fn is_all(&self) -> bool {
        matches!(self, Self::All(all) if all.is_empty())
    }

    /// The parts between these words, in brackets where they stand within another condition.
    fn joined(parts: &[Self], word: &str, is_within: bool) -> String {
        let parts: Vec<String> = parts.iter().map(|part| part.text(true)).collect();
        match is_within && parts.len() > 1 {
            true => format!("({})", parts.join(word)),
            false => parts.join(word),
        }
    }

    fn text(&self, is_within: bool) -> String {
        let given = |has: bool| if has { "given" } else { "not given" };
        match self {
            Self::All(parts) => Self::joined(parts, " and ", is_within),
            Self::Any(parts) => Self::joined(parts, " or ", is_within),
            Self::Not(part) => format!("not ({})", part.text(false)),
            Self::In { field, words } => of(field.as_str(), words),
            Self::Within {
                field,
                at_least: Some(least),
                below: Some(below),
            } => format!("{least} <= {field} < {below}"),
            Self::Within {
                field,
                at_least: Some(least),
                below: None,
            } => format!("{field} >= {least}"),
            Self::Within {
                field,
                at_least: None,
                below: Some(below),
            } => format!("{field} < {below}"),
            Self::Within { field, .. } => format!("{field} given"),
            Self::HasWord(field, has) => format!("{field} {}", given(*has)),
            Self::HasNumber(field, has) => format!("{field} {}", given(*has)),
            Self::UnderObjection(true) => "under_objection".to_owned(),
            Self::UnderObjection(false) => "not (under_objection)".to_owned(),
        }
    }
}

/// Such as `kind in (BREACH) and age_days < 730`; nothing where it holds of everything.
impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.text(false))
    }
}

/// Such as `records in (ACTIVE, EXPIRED)`.
impl Display for Of {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Records(statuses) => f.write_str(&of("records", statuses)),
            Self::Indicators => f.write_str("indicators"),
        }
    }
}

/// Such as `each -5; from day 180 on × 0.5`, or `AMOUNT: 0 -> -4; 1000000 -> -8`.
impl Display for Counting {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Each(points, decay) => {
                write!(f, "each {points}")?;
                let mut steps = decay.iter();
                steps.try_for_each(|Decay { after_days, factor }| {
                    write!(f, "; from day {after_days} on × {factor}")
                })
            }
            Self::Once(points, at_least) => write!(f, "once {points} where count >= {at_least}"),
            Self::None(points) => write!(f, "{points} where count = 0"),
            Self::Bands(measured, bands) => {
                write!(f, "{measured}:")?;
                let mut bands = bands.iter().enumerate();
                bands.try_for_each(|(at, Band { at_least, points })| {
                    let before = if at == 0 { "" } else { ";" };
                    write!(f, "{before} {at_least} -> {points}")
                })
            }
        }
    }
}

/// `what where condition`, or what alone where the condition holds of everything.
fn among(what: &dyn Display, when: &Condition) -> String {
    match when.is_all() {
        true => what.to_string(),
        false => format!("{what} where {when}"),
    }
}

/// Such as `count >= 3 of records in (ACTIVE) where kind in (BREACH)`.
impl Display for Trigger {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Records { of, when, at_least } => {
                write!(f, "count >= {at_least} of {}", among(of, when))
            }
            Self::Indicators { when, at_least } => {
                let what = among(&Of::Indicators, when);
                write!(f, "count >= {at_least} of {what}")
            }
            Self::Missing {
                code,
                when,
                years_ago,
                from: (month, day),
            } => {
                let what = among(code, when);
                write!(
                    f,
                    "none of {what}, years_ago = {years_ago}, from {month:02}-{day:02} on"
                )
            }
            Self::Clues {
                channels,
                days,
                at_least,
            } => write!(
                f,
                "count >= {at_least} of {} within {days} days that wait for verification",
                of("clues", channels)
            ),
            Self::Cases { trouble, workflows } => {
                write!(f, "{trouble} of {}", of("cases", workflows))
            }
            Self::Grade(at_most) => write!(f, "grade {at_most} or worse"),
            Self::Fall { points, days } => {
                write!(f, "score fell by >= {points} within {days} days")
            }
        }
    }
}

#[cfg(test)]
mod tests;
