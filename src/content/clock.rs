//! Content on the clinic's own clock: its zone, and when time alone changes it.

use super::model::Clinic;
use super::names::CLINIC;
use super::{Content, Files, calendar, document, hours};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// The time zone of some content, as far as `clinic.toml` can be read.
#[must_use]
pub fn zone(files: &Files) -> TimeZone {
    document::read::<Clinic>(files, CLINIC.name, None)
        .map_or_else(|_| calendar::default_zone(), |clinic| clinic.value.zone())
}

impl Content {
    /// The next instant at which the site would be another by time alone: a notice comes or goes, the clinic opens or closes, a day begins.
    /// With the day facts expire, "tomorrow" becomes "today", and reviews fall due.
    #[must_use]
    pub fn next_change(&self, now: &Zoned) -> Timestamp {
        let now = &self.clock(now);
        let midnight = calendar::midnight_after_in(&self.zone, now.date());
        let edge = hours::next_edge(&self.clinic.known_on(now.date()), now);
        let moments = self.notices().flat_map(|notice| {
            let begins = notice.starts.as_ref().map(|starts| starts.begins(&self.zone));
            [begins, notice.ends.as_ref().map(|ends| ends.is_over(&self.zone))].into_iter().flatten()
        });
        moments.chain(edge).chain(self.leaving()).filter(|at| *at > now.timestamp()).fold(midnight, Timestamp::min)
    }

    /// A time on the clinic's own clock.
    #[must_use]
    pub fn clock(&self, time: &Zoned) -> Zoned {
        time.with_time_zone(self.zone.clone())
    }
}
