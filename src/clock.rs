//! What time it is: injected, so that tests choose it.

use std::{fmt, sync::Arc};

use chrono::{DateTime, NaiveDate, Utc};

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
        self.now()
            .with_timezone(&domain::date::china_offset())
            .date_naive()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
