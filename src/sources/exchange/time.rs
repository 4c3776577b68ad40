//! Times as exchange tables write them: in the time of China where no offset is said.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Utc};

/// How a time may be written, and how an earlier one is written beside it: without fractions, for
/// too early does no harm.
const FORMS: [(&str, &str); 5] = [
    ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M:%S"),
    ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S"),
    ("%Y/%m/%d %H:%M:%S%.f", "%Y/%m/%d %H:%M:%S"),
    ("%Y%m%d%H%M%S", "%Y%m%d%H%M%S"),
    ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M"),
];
/// Days alone.
const DAYS: [&str; 3] = ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"];
/// The last with an offset, as PostgreSQL writes it in sessions with the time of China.
const WITH_OFFSET: [(&str, &str); 2] = [
    ("%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%:z"),
    ("%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%:z"),
];

/// The moment that a text says.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let with_offset = WITH_OFFSET
        .iter()
        .find_map(|(form, _)| DateTime::parse_from_str(text, form).ok());
    let plain = || FORMS.iter().find_map(|(form, _)| read(text, form));
    let day = || DAYS.iter().find_map(|form| read_day(text, form));
    match with_offset {
        Some(moment) => Some(moment.to_utc()),
        None => {
            let moment = plain().or_else(day)?.and_local_timezone(china()).single()?;
            Some(moment.to_utc())
        }
    }
}

/// A time so many minutes before another one, written as that is.
pub(super) fn earlier(text: &str, minutes: u32) -> Option<String> {
    let back = TimeDelta::minutes(i64::from(minutes));
    let with_offset = WITH_OFFSET.iter().find_map(|(form, written)| {
        let moment = DateTime::parse_from_str(text, form).ok()?;
        let earlier = moment.checked_sub_signed(back)?;
        Some(earlier.format(written).to_string())
    });
    let plain = || {
        FORMS.iter().find_map(|(form, written)| {
            let earlier = read(text, form)?.checked_sub_signed(back)?;
            Some(earlier.format(written).to_string())
        })
    };
    let day = || {
        DAYS.iter().find_map(|form| {
            let earlier = read_day(text, form)?.checked_sub_signed(back)?;
            Some(earlier.format(form).to_string())
        })
    };
    with_offset.or_else(plain).or_else(day)
}

/// A moment in the time of China, as tables of all three databases take it.
pub(super) fn written(moment: DateTime<Utc>) -> String {
    let local = moment.with_timezone(&china());
    local.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn read(text: &str, form: &str) -> Option<NaiveDateTime> {
    NaiveDateTime::parse_from_str(text, form).ok()
}

fn read_day(text: &str, form: &str) -> Option<NaiveDateTime> {
    let day = NaiveDate::parse_from_str(text, form).ok()?;
    day.and_hms_opt(0, 0, 0)
}

fn china() -> FixedOffset {
    FixedOffset::east_opt(8 * 3_600).expect("eight hours are less than a day")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_time_is_written_as_the_one_it_is_of() {
        for (text, earlier_by_90_minutes) in [
            ("2026-03-04 01:02:03", "2026-03-03 23:32:03"),
            ("2026-03-04 01:02:03.456", "2026-03-03 23:32:03"),
            ("2026-03-04T01:02:03", "2026-03-03T23:32:03"),
            ("2026-03-04 01:02:03.5+08", "2026-03-03 23:32:03+08:00"),
            ("20260304010203", "20260303233203"),
            ("2026-03-04", "2026-03-03"),
            ("20260304", "20260303"),
        ] {
            let earlier = earlier(text, 90);
            assert_eq!(earlier.as_deref(), Some(earlier_by_90_minutes), "{text}");
        }
        for none in ["", "0000-00-00 00:00:00", "infinity", "昨天"] {
            assert_eq!((earlier(none, 90), moment(none)), (None, None), "{none}");
        }
    }

    #[test]
    fn times_without_an_offset_are_those_of_china() {
        let said = |text| moment(text).expect("a time").to_rfc3339();
        assert_eq!(said("2026-03-04 08:02:03"), "2026-03-04T00:02:03+00:00");
        assert_eq!(said("2026-03-04 08:02:03+00"), "2026-03-04T08:02:03+00:00");
        let moment = moment("2026-03-04 08:02:03").expect("a time");
        assert_eq!(written(moment), "2026-03-04 08:02:03");
    }
}
