//! The clock: the only reader of the time of day.

use crate::content::calendar;
use jiff::{Timestamp, Zoned};
use std::time::SystemTime;

/// The time now, on the clinic's clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Zoned {
    calendar::on_the_clinics_clock(Timestamp::now())
}

/// The time now, as file systems write it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn file_time() -> SystemTime {
    SystemTime::now()
}
