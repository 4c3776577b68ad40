//! What time it is: injected, so that tests choose it.

use std::{fmt, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};
use domain::date::{SourceDate, china_offset, parse_date};

/// A clock.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's clock, to the microsecond that databases keep.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine"
    )]
    pub fn system() -> Self {
        Self(Arc::new(|| {
            let now = Utc::now();
            DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
        }))
    }

    /// A clock that says what this function says.
    pub fn of(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The moment.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)()
    }

    /// The day in China.
    pub fn today(&self) -> NaiveDate {
        self.now().with_timezone(&china_offset()).date_naive()
    }
}

/// A moment as people write it: RFC 3339, or a day, which stands for its end.
pub fn parse_moment(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Ok(moment.to_utc());
    }
    match parse_date(text) {
        Ok(SourceDate::On(day)) => {
            // A list of a day tells what held when the day was over.
            let end = day
                .and_hms_opt(23, 59, 59)
                .and_then(|end| end.and_local_timezone(china_offset()).single());
            end.map(|end| end.to_utc())
                .ok_or_else(|| format!("{text:?} is no moment"))
        }
        _ => Err(format!("{text:?} is neither a day nor an RFC 3339 moment")),
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
