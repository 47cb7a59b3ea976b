//! The clinic's clock: days begin and end, and notices come and go, by the time in Sacramento.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use std::sync::LazyLock;

/// The name of the clinic's time zone (IANA).
pub const ZONE_NAME: &str = "America/Los_Angeles";

/// The clinic's time zone. Its rules are compiled in; without them UTC would do.
static ZONE: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get(ZONE_NAME).unwrap_or(TimeZone::UTC));

/// A time on the clinic's clock.
#[must_use]
pub fn on_the_clinics_clock(time: Timestamp) -> Zoned {
    time.to_zoned(ZONE.clone())
}

/// The instant that the clinic's clock shows a time. One that it shows twice is the first; one that it skips is as much later.
#[must_use]
pub fn instant(time: DateTime) -> Timestamp {
    ZONE.to_ambiguous_timestamp(time).compatible().unwrap_or(Timestamp::MAX)
}

/// The midnight at the end of a day.
#[must_use]
pub fn midnight_after(day: Date) -> Timestamp {
    instant(day.saturating_add(1.day()).to_datetime(Time::midnight()))
}

#[cfg(test)]
mod tests {
    use super::{instant, midnight_after, on_the_clinics_clock};
    use jiff::civil::date;

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

    #[test]
    fn the_nights_of_daylight_saving_have_23_and_25_hours() {
        for (day, hours) in [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 11, 23), 24)] {
            let length = midnight_after(day).duration_since(instant(day.at(0, 0, 0, 0)));
            assert_eq!(length.as_hours(), hours, "{day}");
        }
    }

    #[test]
    fn a_time_the_clock_skips_is_later_and_one_it_shows_twice_is_the_first() {
        assert_eq!(instant(date(2026, 3, 8).at(2, 30, 0, 0)).to_string(), "2026-03-08T10:30:00Z");
        assert_eq!(instant(date(2026, 11, 1).at(1, 30, 0, 0)).to_string(), "2026-11-01T08:30:00Z");
    }
}
