//! Days and times: what they are, and at which instant the clocks of a zone show them.

use super::{Closing, Day, Moment, Time, Zone};
use crate::content::calendar;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

impl Day {
    /// The day itself.
    #[must_use]
    pub fn date(&self) -> Date {
        self.as_str().parse().unwrap_or(Date::ZERO)
    }
}

impl Time {
    /// The time itself.
    #[must_use]
    pub fn time(&self) -> jiff::civil::Time {
        self.as_str().parse().unwrap_or_default()
    }
}

impl Closing {
    /// The time that the clock shows then: at the end of a day that of its beginning, `00:00`.
    #[must_use]
    pub fn time(&self) -> jiff::civil::Time {
        self.as_str().parse().unwrap_or_default()
    }

    /// Whether what begins at a time ends on the next day.
    #[must_use]
    pub fn is_after_midnight(&self, opens: &Time) -> bool {
        self.time() <= opens.time()
    }
}

impl Zone {
    /// The zone itself.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        calendar::zone(self.as_str()).unwrap_or_else(calendar::default_zone)
    }
}

impl Moment {
    /// When it begins on the clock of a zone: a day at its midnight. A time that the clock shows twice, in the night daylight saving ends, is
    /// the first; one that it skips is as much later (RFC 5545, section 3.3.5).
    #[must_use]
    pub fn begins(&self, zone: &TimeZone) -> Timestamp {
        calendar::instant_in(zone, self.date_time())
    }

    /// When it is over on the clock of a zone: a day at the next midnight, a minute at once.
    #[must_use]
    pub fn is_over(&self, zone: &TimeZone) -> Timestamp {
        let date_time = self.date_time();
        let is_minute = self.as_str().contains('T');
        if is_minute {
            calendar::instant_in(zone, date_time)
        } else {
            calendar::midnight_after_in(zone, date_time.date())
        }
    }

    /// The day it falls on.
    #[must_use]
    pub fn date(&self) -> Date {
        self.date_time().date()
    }

    fn date_time(&self) -> DateTime {
        let day = || self.as_str().parse::<Date>().map(|day| day.to_datetime(jiff::civil::Time::midnight()));
        self.as_str().parse().or_else(|_| day()).unwrap_or(DateTime::ZERO)
    }
}
