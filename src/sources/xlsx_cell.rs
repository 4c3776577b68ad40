//! Cells of a workbook as text.

use calamine::{DataRef, ExcelDateTime};

/// Bytes in one cell at most.
const CELL_BYTES_MAX: usize = 1_048_576;
/// The first whole number of which a spreadsheet has lost digits: it keeps fifteen.
const WHOLE_MAX: f64 = 1e15;
/// The first day number behind 9999-12-31.
const DAYS_MAX: f64 = 2_958_466.0;

/// A cell's text, none where it is empty, or what is wrong with it.
pub(super) type Text = Result<Option<String>, String>;

/// What a cell says.
pub(super) fn text_of(value: &DataRef<'_>) -> Text {
    let text = match value {
        DataRef::Empty => return Ok(None),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number)?,
        DataRef::DateTime(moment) => moment_text(moment)?,
        DataRef::DateTimeIso(text) => {
            let text = text.replacen('T', " ", 1);
            text.strip_suffix(" 00:00:00").unwrap_or(&text).to_owned()
        }
        DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => return Err(format!("is the error {error}")),
    };
    if text.len() > CELL_BYTES_MAX {
        return Err(format!("is longer than {CELL_BYTES_MAX} bytes"));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A number as a person would write it: fifteen digits count, for the rest is how it is stored.
fn number_text(number: f64) -> Result<String, String> {
    if !number.is_finite() || number.abs() >= WHOLE_MAX {
        return Err(
            "is a number of more than 15 digits, of which a spreadsheet keeps 15; codes must be text"
                .to_owned(),
        );
    }
    let rounded = format!("{number:.14e}").parse().unwrap_or(number);
    // Zero has no sign for people.
    Ok(if rounded == 0.0 { 0.0 } else { rounded }.to_string())
}

fn moment_text(moment: &ExcelDateTime) -> Result<String, String> {
    let days = moment.as_f64();
    if !(0.0..DAYS_MAX).contains(&days) {
        return Err(format!("is the day number {days}, which is no date"));
    }
    if moment.is_duration() {
        let seconds = (days * 86_400.0).round() as u64;
        let (hours, rest) = (seconds / 3_600, seconds % 3_600);
        return Ok(format!("{hours:02}:{:02}:{:02}", rest / 60, rest % 60));
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    Ok(match (days < 1.0, time.as_str()) {
        (true, _) => time,
        (false, "00:00:00") => format!("{year:04}-{month:02}-{day:02}"),
        (false, _) => format!("{year:04}-{month:02}-{day:02} {time}"),
    })
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;

    use super::*;

    #[test]
    fn numbers_are_as_a_person_wrote_them() {
        for (number, text) in [
            (20_250_304.0, "20250304"),
            (-0.0, "0"),
            (1.1 * 3.0, "3.3"),
            (0.1 + 0.2, "0.3"),
            (999_999_999_999_999.0, "999999999999999"),
            (-12.5, "-12.5"),
        ] {
            assert_eq!(text_of(&DataRef::Float(number)), Ok(Some(text.to_owned())));
        }
        for number in [1e15, -1e15, 4.4e17, f64::NAN, f64::INFINITY] {
            let lost = text_of(&DataRef::Float(number)).expect_err("digits are lost");
            assert!(lost.contains("15 digits"), "{lost}");
        }
    }

    #[test]
    fn day_numbers_are_days() {
        let moment = |days, kind, is_1904| {
            text_of(&DataRef::DateTime(ExcelDateTime::new(days, kind, is_1904)))
        };
        let (date, length) = (ExcelDateTimeType::DateTime, ExcelDateTimeType::TimeDelta);
        for (days, kind, is_1904, text) in [
            (45_720.0, date, false, "2025-03-04"),
            (44_258.0, date, true, "2025-03-04"),
            (
                45_720.0 + 620.0 / 1_440.0,
                date,
                false,
                "2025-03-04 10:20:00",
            ),
            (
                45_720.0 + 86_399.0 / 86_400.0,
                date,
                false,
                "2025-03-04 23:59:59",
            ),
            (0.5, date, false, "12:00:00"),
            (1.5, length, false, "36:00:00"),
        ] {
            assert_eq!(moment(days, kind, is_1904), Ok(Some(text.to_owned())));
        }
        for days in [-1.0, 3e6, f64::NAN] {
            assert!(moment(days, date, false).is_err(), "{days}");
        }
    }
}
