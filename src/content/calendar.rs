//! The clinic's clock: days begin and end, and notices come and go, by the time where the clinic is.
//!
//! The zone is a fact of `clinic.toml`. A time that is of content ([`Zoned`]) carries it; what knows no content goes by [`default_zone`].

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{self, TimeZone};
use jiff::{Timestamp, ToSpan, Zoned};
use std::sync::LazyLock;

/// The zone of a clinic that names none (IANA).
const DEFAULT: &str = "America/Los_Angeles";

/// Its rules are compiled in; without them UTC would do.
static ZONE: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get(DEFAULT).unwrap_or(TimeZone::UTC));

/// The zone of a clinic that names none: that of Sacramento.
#[must_use]
pub fn default_zone() -> TimeZone {
    ZONE.clone()
}

/// The zone of a name in the time zone database of IANA, written as it is there: a region and a place.
#[must_use]
pub fn zone(name: &str) -> Option<TimeZone> {
    // Names without a region are abbreviations (`EST`, which knows no daylight saving) and countries.
    let (region, _) = name.split_once('/')?;
    let zone = TimeZone::get(name).ok()?;
    (!NO_REGIONS.contains(&region) && zone.iana_name() == Some(name)).then_some(zone)
}

/// What comes where a region does, and is none.
const NO_REGIONS: [&str; 4] = ["Etc", "SystemV", "posix", "right"];

/// The names of zones as people in the United States call them.
const COMMON: [(&[&str], &str); 6] = [
    (&["pacific", "pst", "pdt", "pt"], "America/Los_Angeles"),
    (&["mountain", "mst", "mdt", "mt"], "America/Denver"),
    (&["central", "cst", "cdt", "ct"], "America/Chicago"),
    (&["eastern", "est", "edt", "et"], "America/New_York"),
    (&["alaska", "akst", "akdt"], "America/Anchorage"),
    (&["hawaii", "hst"], "Pacific/Honolulu"),
];

/// The name of a zone that a text means: `Pacific time`, `chicago`, `america/new york`.
#[must_use]
pub fn meant_zone(text: &str) -> Option<String> {
    let plain = text.trim().to_lowercase().replace([' ', '-'], "_");
    let place = |name: &str| name.rsplit('/').next().map(str::to_lowercase);
    let common =
        COMMON.iter().find(|(words, _)| words.iter().any(|word| plain.split(['_', '/']).any(|part| part == *word)));
    let names = || tz::db().available().map(|name| name.to_string()).filter(|name| zone(name).is_some());
    let same = |plain: &str| names().find(|name| name.to_lowercase() == plain);
    let city = plain.rsplit('/').next().unwrap_or_default();
    same(&plain)
        .or_else(|| {
            common.filter(|_| !plain.contains('/') || plain.starts_with("us/")).map(|(_, name)| (*name).to_owned())
        })
        .or_else(|| names().find(|name| place(name).as_deref() == Some(city)))
        .or_else(|| {
            let names: Vec<String> = names().collect();
            crate::diagnostic::did_you_mean(text, names.iter().map(String::as_str)).map(str::to_owned)
        })
}

/// The instant at which the clocks of a zone show a time. One that they show twice is the first; one that they skip is as much later.
#[must_use]
pub fn instant_in(zone: &TimeZone, time: DateTime) -> Timestamp {
    zone.to_ambiguous_timestamp(time).compatible().unwrap_or(Timestamp::MAX)
}

/// The midnight at the end of a day in a zone.
#[must_use]
pub fn midnight_after_in(zone: &TimeZone, day: Date) -> Timestamp {
    instant_in(zone, day.saturating_add(1.day()).to_datetime(Time::midnight()))
}

/// A time on the clock of a clinic that names no zone.
#[must_use]
pub fn on_the_clinics_clock(time: Timestamp) -> Zoned {
    time.to_zoned(default_zone())
}

/// [`instant_in`] the zone of a clinic that names none.
#[must_use]
pub fn instant(time: DateTime) -> Timestamp {
    instant_in(&ZONE, time)
}

/// [`midnight_after_in`] the zone of a clinic that names none.
#[must_use]
pub fn midnight_after(day: Date) -> Timestamp {
    midnight_after_in(&ZONE, day)
}

#[cfg(test)]
mod tests {
    use super::{instant, meant_zone, midnight_after, on_the_clinics_clock, zone};
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

    #[test]
    fn a_zone_has_the_name_that_the_database_has_for_it() {
        for name in ["America/Los_Angeles", "America/Phoenix", "America/Indiana/Indianapolis", "Pacific/Honolulu"] {
            assert!(zone(name).is_some(), "{name}");
        }
        for (typed, meant) in [
            ("america/new_york", "America/New_York"),
            ("America/New York", "America/New_York"),
            ("America/Chicagoo", "America/Chicago"),
            ("Pacific Time", "America/Los_Angeles"),
            ("EST", "America/New_York"),
            ("chicago", "America/Chicago"),
            ("US/Sacramento", ""),
        ] {
            assert!(zone(typed).is_none(), "{typed}");
            assert_eq!(meant_zone(typed).unwrap_or_default(), meant, "{typed}");
        }
    }
}
