//! Dates as sources write them.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Utc};

/// Texts by which sources say "nothing", in any column.
const NULLS: [&str; 5] = ["", r"\N", "暂无", "无处罚期限", "00000000000000000X"];
/// Days by which they do, whatever time of day follows: zero dates of databases and spreadsheets.
const NULL_DAYS: [(i32, u32, u32); 2] = [(1900, 1, 1), (1899, 12, 31)];
/// Days by which they say "without end".
const OPEN_DAYS: [(i32, u32, u32); 3] = [(2099, 12, 31), (9999, 9, 9), (9999, 12, 31)];
/// How a time of day may be written behind a date.
const TIMES: [&str; 5] = ["%H:%M:%S%.f", "%H:%M", "%H%M%S", "%H时%M分%S秒", "%H时%M分"];
/// Moments with an offset that RFC 3339 does not have.
const MOMENTS: [&str; 2] = ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f %z"];

/// What a source says in a column of dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SourceDate {
    /// A day in Asia/Shanghai.
    On(NaiveDate),
    /// A far-off day that means "without end". Where it cannot mean that, it is as good as missing.
    OpenEnded,
    /// Nothing, or a zero date that means nothing.
    Missing,
}

impl SourceDate {
    /// The day, where there is one.
    pub fn day(self) -> Option<NaiveDate> {
        match self {
            Self::On(day) => Some(day),
            Self::OpenEnded | Self::Missing => None,
        }
    }
}

/// A text that is no date, or a date that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("date expected, such as 2019-07-09, 20190709 or 2019年07月09日, found {0:?}")]
pub struct DateError(pub String);

/// China Standard Time, +08:00: what days are counted in.
pub fn china_offset() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).expect("eight hours are less than a day")
}

/// The day in China on which a moment falls.
pub fn china_day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&china_offset()).date_naive()
}

/// Whether a text is on the list by which sources say "nothing" in any column, blanks around or not.
/// Zero dates written with dashes are on it too; digits alone may be a number, and an age of `0` or a
/// far-off day says nothing in its own column only.
pub fn is_missing(text: &str) -> bool {
    let text = text.trim();
    let is_zero_date = || text.starts_with("1900-01-01") || text.starts_with("1899-12-31");
    NULLS.contains(&text) || is_zero_date() && parse_date(text) == Ok(SourceDate::Missing)
}

/// Reads `20190709`, `2019-07-09`, `2019/7/9`, `2019.7.9` and `2019年07月09日`, each with or without
/// a time of day; RFC 3339; seconds (10 digits) and milliseconds (13 digits) since 1970. A moment is
/// the day it falls on in China.
pub fn parse_date(text: &str) -> Result<SourceDate, DateError> {
    let trimmed = text.trim();
    if NULLS.contains(&trimmed) {
        return Ok(SourceDate::Missing);
    }
    let day = moment(trimmed)
        .map(|moment| moment.with_timezone(&china_offset()).date_naive())
        .or_else(|| written(trimmed).map(|(day, _)| day))
        .ok_or_else(|| DateError(text.to_owned()))?;
    let is_one_of = |days: &[(i32, u32, u32)]| {
        days.iter()
            .any(|&(y, m, d)| NaiveDate::from_ymd_opt(y, m, d) == Some(day))
    };
    Ok(if is_one_of(&NULL_DAYS) {
        SourceDate::Missing
    } else if is_one_of(&OPEN_DAYS) {
        SourceDate::OpenEnded
    } else {
        SourceDate::On(day)
    })
}

/// Reads a moment, in the ways in which [`parse_date`] reads a day; a day without a time is its first
/// moment in China. None where the text says nothing or "without end".
pub fn parse_moment(text: &str) -> Result<Option<DateTime<Utc>>, DateError> {
    let trimmed = text.trim();
    let SourceDate::On(day) = parse_date(text)? else {
        return Ok(None);
    };
    if let Some(moment) = moment(trimmed) {
        return Ok(Some(moment.to_utc()));
    }
    let time = written(trimmed).map_or(NaiveTime::MIN, |(_, time)| time);
    let local = day.and_time(time).and_local_timezone(china_offset());
    Ok(local.single().map(|moment| moment.to_utc()))
}

/// Reads the numbers of a Java `Date` object: the year from 1900, the month from 0, the day from 1.
pub fn java_date(year: i32, month: i32, day: i32) -> Result<NaiveDate, DateError> {
    let date = || {
        let year = year.checked_add(1900)?;
        let month = u32::try_from(month.checked_add(1)?).ok()?;
        NaiveDate::from_ymd_opt(year, month, u32::try_from(day).ok()?)
    };
    date().ok_or_else(|| {
        DateError(format!(
            "year {year}, month {month}, day {day} of a Java Date"
        ))
    })
}

fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    let epoch = |count: i64| match text.len() {
        10 => DateTime::from_timestamp(count, 0),
        13 => DateTime::from_timestamp_millis(count),
        _ => None,
    };
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return epoch(text.parse().ok()?).map(|moment| moment.fixed_offset());
    }
    DateTime::parse_from_rfc3339(text).ok().or_else(|| {
        MOMENTS
            .iter()
            .find_map(|form| DateTime::parse_from_str(text, form).ok())
    })
}

/// A day and the time behind it, midnight where there is none.
fn written(text: &str) -> Option<(NaiveDate, NaiveTime)> {
    let (year, rest) = number(text, 4, 4)?;
    let (month, day, rest) = match rest.chars().next()? {
        '年' => {
            let (month, rest) = number(&rest['年'.len_utf8()..], 1, 2)?;
            let (day, rest) = number(rest.strip_prefix('月')?, 1, 2)?;
            (month, day, rest.strip_prefix('日')?)
        }
        mark @ ('-' | '/' | '.') => {
            let (month, rest) = number(&rest[1..], 1, 2)?;
            let (day, rest) = number(rest.strip_prefix(mark)?, 1, 2)?;
            (month, day, rest)
        }
        _ => {
            let (month, rest) = number(rest, 2, 2)?;
            let (day, rest) = number(rest, 2, 2)?;
            (month, day, rest)
        }
    };
    let time = rest.trim_start_matches(['T', ' ', '\u{3000}']);
    let parsed = || {
        TIMES
            .iter()
            .find_map(|form| NaiveTime::parse_from_str(time, form).ok())
    };
    let time = match time.is_empty() {
        true => NaiveTime::MIN,
        false => parsed()?,
    };
    let day = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some((day, time))
}

/// The digits at the start, at most `max` of them, and what follows.
fn number(text: &str, min: usize, max: usize) -> Option<(u32, &str)> {
    let digits = text
        .bytes()
        .take(max)
        .take_while(u8::is_ascii_digit)
        .count();
    if digits < min {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).expect("a day that exists")
    }

    #[test]
    fn every_form_is_the_same_day() {
        for text in [
            "20190709",
            " 2019-07-09 ",
            "2019/7/9",
            "2019.7.9",
            "2019年07月09日",
            "2019年7月9日",
            "2019-07-09 12:30:00",
            "2019/7/9 8:05",
            "2019年07月09日 12时30分",
            "20190709123000",
            "2019-07-09T00:00:00",
            "2019-07-08T16:00:00Z",
            "2019-07-09T23:59:59.999+08:00",
            "2019-07-09T12:00:00.000+0800",
            "2019-07-09 00:00:00.0",
            "1562601600",
            "1562601600000",
            "1562687999999",
        ] {
            assert_eq!(
                parse_date(text),
                Ok(SourceDate::On(day(2019, 7, 9))),
                "{text}"
            );
        }
    }

    #[test]
    fn moments_keep_their_time() {
        for (text, moment) in [
            ("2026-11-20 09:30:00", Some("2026-11-20T01:30:00Z")),
            ("2026年11月20日 9时30分", Some("2026-11-20T01:30:00Z")),
            ("20261120", Some("2026-11-19T16:00:00Z")),
            ("2026-11-20T09:30:00+08:00", Some("2026-11-20T01:30:00Z")),
            ("1795138200", Some("2026-11-20T01:30:00Z")),
            ("暂无", None),
            ("9999-09-09", None),
        ] {
            let moment = moment.map(|text| text.parse().expect("a moment"));
            assert_eq!(parse_moment(text), Ok(moment), "{text}");
        }
        assert!(parse_moment("2026-02-30 10:00").is_err());
    }

    #[test]
    fn sentinels_are_told_apart() {
        for text in [
            "",
            "  ",
            r"\N",
            "暂无",
            "无处罚期限",
            "1900-01-01 00:00:00",
            "1900/1/1",
            "19000101",
            "1899-12-31 12:00:00",
        ] {
            assert_eq!(parse_date(text), Ok(SourceDate::Missing), "{text}");
            let is_number_or_date = text.contains('/') || text == "19000101";
            assert_eq!(is_missing(text), !is_number_or_date, "{text}");
        }
        for text in [
            "2099-12-31",
            "2099-12-31 23:59:59",
            "2099年12月31日",
            "9999-09-09",
            "99991231",
        ] {
            assert_eq!(parse_date(text), Ok(SourceDate::OpenEnded), "{text}");
            assert!(!is_missing(text), "{text}");
        }
        assert!(is_missing("00000000000000000X"));
        assert!(!is_missing("0"));
    }

    #[test]
    fn anything_else_is_an_error_that_names_the_text() {
        for text in [
            "2019-02-29",
            "20191301",
            "2019-7",
            "2019-07/09",
            "2019年07月09",
            "19-07-09",
            "长期",
            "2019-07-09 25:00",
            "2019-07-09起",
            "123456789012",
            "2019-07-091",
            "二〇一九年七月",
        ] {
            assert_eq!(parse_date(text), Err(DateError(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn java_counts_from_1900_and_from_0() {
        assert_eq!(java_date(119, 6, 9), Ok(day(2019, 7, 9)));
        for (year, month, day) in [(119, 12, 1), (119, -1, 1), (119, 1, 29), (i32::MAX, 0, 1)] {
            assert!(java_date(year, month, day).is_err());
        }
    }

    proptest! {
        #[test]
        fn days_read_back(days in 0_u64..73_000) {
            let day = day(1901, 1, 1) + chrono::Days::new(days);
            for form in ["%Y%m%d", "%Y-%m-%d", "%Y/%-m/%-d", "%Y.%m.%d", "%Y年%-m月%d日"] {
                let text = day.format(form).to_string();
                let found = parse_date(&text).expect("a day that exists");
                prop_assert!(found == SourceDate::On(day) || day == self::day(2099, 12, 31), "{}", text);
            }
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}|[0-9年月日/. T:-]{0,20}") {
            let _ = parse_date(&text);
        }
    }
}
