//! The clock: the only reader of the time of day.

use crate::content::{self, Files, calendar};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use std::path::Path;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The zone of commands that read no content.
static ZONE: OnceLock<TimeZone> = OnceLock::new();

/// The time now. Whatever reads content goes by the zone that it names ([`content::Content::clock`]); before, and in commands that read none, by
/// the zone that was saved ([`keep_zone`]), or that of a clinic that names none.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn now() -> Zoned {
    Timestamp::now().to_zoned(zone())
}

/// The time at which the clocks of a zone show one.
#[must_use]
pub fn at(time: DateTime, zone: &TimeZone) -> Zoned {
    calendar::instant_in(zone, time).to_zoned(zone.clone())
}

/// The time now, as file systems write it.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
pub fn file_time() -> SystemTime {
    SystemTime::now()
}

/// Goes by the zone of the content in a folder from now on, if it can be read: for staff, whose commands take no content.
pub fn keep_zone(folder: &Path) {
    if let Ok(files) = Files::read(folder) {
        let _ = ZONE.set(content::zone(&files));
    }
}

/// The name of the zone that [`now`] goes by (IANA).
#[must_use]
pub fn zone_name() -> String {
    zone().iana_name().unwrap_or("UTC").to_owned()
}

fn zone() -> TimeZone {
    ZONE.get().cloned().unwrap_or_else(calendar::default_zone)
}
