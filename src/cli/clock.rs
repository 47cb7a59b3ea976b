//! The clock: the only reader of the time of day.

use jiff::civil::Date;
use jiff::{Timestamp, Zoned};

/// The clinic's time zone: days begin and end on its own clock.
const ZONE: &str = "America/Los_Angeles";

/// The time now, on the clinic's clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Zoned {
    on_the_clinics_clock(Timestamp::now())
}

/// A time on the clinic's clock. The zone is compiled in; without it UTC would do.
fn on_the_clinics_clock(time: Timestamp) -> Zoned {
    time.in_tz(ZONE).unwrap_or_else(|_| time.to_zoned(jiff::tz::TimeZone::UTC))
}

/// The day now, on the clinic's clock.
#[must_use]
pub fn today() -> Date {
    now().date()
}

#[cfg(test)]
mod tests {
    use super::on_the_clinics_clock;

    #[test]
    fn days_change_at_midnight_in_sacramento_on_both_sides_of_daylight_saving() {
        for (utc, day) in [
            ("2026-11-23T07:59:00Z", "2026-11-22"),
            ("2026-11-23T08:00:00Z", "2026-11-23"),
            ("2026-07-01T06:59:00Z", "2026-06-30"),
            ("2026-07-01T07:00:00Z", "2026-07-01"),
        ] {
            assert_eq!(on_the_clinics_clock(utc.parse().unwrap()).date().to_string(), day, "{utc}");
        }
    }
}
