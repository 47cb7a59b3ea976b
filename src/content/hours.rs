//! Whether a place is open, by the clinic's own clock: the regular hours, and the days on which they are others.

use super::calendar;
use super::leaf::{Closing, Key, Time as Opens};
use super::model::{Clinic, Exception, Hours, Place, Weekday, exception_on};
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan, Zoned};

/// How many days ahead an opening is promised by the name of its weekday: on the seventh the name would be that of today.
const PROMISED_DAYS: i32 = 6;
/// How many days before it begins an exception is shown beside the hours.
const SHOWN_DAYS: i32 = 7;
/// How many days before it begins an exception is shown in a list of those to come: a year, so that each holiday is in it.
const AHEAD_DAYS: i32 = 365;
/// How many exceptions such a list has at most.
const AHEAD: usize = 24;

/// What can be said of the hours at a moment. Two that are equal are shown in the same words, so the pages of the one are those of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Now {
    /// Open or closed. `None` if the place is closed and opens too late to promise a day.
    pub state: Option<State>,
    /// Exceptions that hold today or soon, the next first.
    pub exceptions: Vec<Special>,
    /// Exceptions of the year to come, the next first.
    pub ahead: Vec<Special>,
}

/// Open or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Open until a time of today, or of the night that follows.
    Open(Time),
    /// Open for a day or longer.
    OpenOn,
    /// Closed; it opens on a day at a time.
    Closed(Opening, Time),
}

/// A day as people call it who live through the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// The day that it is.
    Today,
    /// The next.
    Tomorrow,
    /// One of the five after that.
    On(Weekday),
}

/// What today is to an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Today {
    /// It begins later.
    Before,
    /// It holds today, and on days after.
    Within,
    /// It holds today for the last time.
    Last,
}

/// Days on which the hours are others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Special {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// What today is to them.
    pub today: Today,
    /// When the place opens and closes, each time; nothing if it doesn't open.
    pub times: Vec<(Time, Time)>,
    /// Why.
    pub reason: Option<Key>,
}

impl Now {
    /// What can be said now, if anything is known of the hours: `place` holds the facts of today, and `now` is on the clinic's clock.
    #[must_use]
    pub fn new(place: &Place<'_>, now: &Zoned) -> Option<Self> {
        let table = Table::new(place, now)?;
        let (today, at) = (now.date(), now.timestamp());
        let spans = table.spans(today.saturating_sub(1.days()), PROMISED_DAYS + 1);
        let state = match spans.iter().find(|span| span.opens <= at && at < span.closes) {
            Some(span) if span.closes.duration_since(at).as_hours() >= 24 => Some(State::OpenOn),
            Some(span) => Some(State::Open(table.time_of(span.closes))),
            // Where the regular hours are not known, nobody can say when it opens next.
            None if place.hours.is_none() => None,
            None => spans.iter().find(|span| span.opens > at).map(|span| {
                let day = span.opens.to_zoned(now.time_zone().clone()).date();
                let opening = match today.until(day).map_or(0, |until| until.get_days()) {
                    0 => Opening::Today,
                    1 => Opening::Tomorrow,
                    _ => Opening::On(Weekday::from_date(day)),
                };
                State::Closed(opening, table.time_of(span.opens))
            }),
        };
        let ahead = match table.night_until() {
            Some(until) => with_the_night(specials(place.exceptions, today), today, until),
            None => specials(place.exceptions, today),
        };
        let soon = today.saturating_add(SHOWN_DAYS.days());
        let exceptions = ahead.iter().filter(|special| special.first <= soon).cloned().collect();
        Some(Self { state, exceptions, ahead })
    }

    /// The same without what is true for a moment or a day only: for files that nobody makes anew.
    #[must_use]
    pub fn without_the_clock(self) -> Self {
        let before = |special| Special { today: Today::Before, ..special };
        let exceptions = self.exceptions.into_iter().map(before).collect();
        Self { state: None, exceptions, ahead: self.ahead.into_iter().map(before).collect() }
    }
}

/// The days in a row of a span that are left when some are taken out.
fn runs((first, last): (Date, Date), is_out: &impl Fn(Date) -> bool) -> Vec<(Date, Date)> {
    let mut runs: Vec<(Date, Date)> = Vec::new();
    for day in first.series(1.day()).take_while(|day| *day <= last).filter(|day| !is_out(*day)) {
        match runs.last_mut().filter(|(_, end)| end.saturating_add(1.days()) == day) {
            Some((_, end)) => *end = day,
            None => runs.push((day, day)),
        }
    }
    runs
}

/// The exceptions of the year that begins today, the next first: holidays that come back with the days on which they do, without those that have
/// an exception of their own.
#[must_use]
pub fn specials(exceptions: &[Exception], today: Date) -> Vec<Special> {
    let until = today.saturating_add(AHEAD_DAYS.days());
    let dated: Vec<_> = exceptions.iter().filter(|exception| exception.every_year.is_none()).collect();
    let has_its_own = |day: Date| dated.iter().any(|exception| exception.holds_on(day));
    let mut ahead: Vec<_> = exceptions
        .iter()
        .flat_map(|exception| exception.between(today, until).into_iter().map(move |days| (exception, days)))
        .flat_map(|(exception, days)| {
            let runs = if exception.every_year.is_none() { vec![days] } else { runs(days, &has_its_own) };
            runs.into_iter().map(move |days| Special::new(exception, days, today))
        })
        .collect();
    ahead.sort_by_key(|special| special.first);
    ahead.truncate(AHEAD);
    ahead
}

/// The exceptions while the night goes on that began yesterday. It is of the day on which it began, so an exception that begins today doesn't end it: until it
/// is over, today is shown with the rest of it, or what is open would be shown as closed.
fn with_the_night(specials: Vec<Special>, today: Date, until: Time) -> Vec<Special> {
    let shown = |special: Special| {
        if special.first != today {
            return vec![special];
        }
        // Hours of its own that begin earlier follow it at once.
        let until = special.times.iter().map(|(opens, _)| *opens).fold(until, Time::min);
        let night = (until > Time::midnight()).then_some((Time::midnight(), until));
        let times = night.into_iter().chain(special.times.iter().copied()).collect();
        let others = Special { first: today.saturating_add(1.day()), today: Today::Before, ..special.clone() };
        let others = Some(others).filter(|others| others.first <= others.last);
        let tonight = Special { last: today, today: Today::Last, times, ..special };
        std::iter::once(tonight).chain(others).collect()
    };
    specials.into_iter().flat_map(shown).collect()
}

impl Special {
    fn new(exception: &Exception, (first, last): (Date, Date), today: Date) -> Self {
        let today = match today {
            day if day < first => Today::Before,
            day if day < last => Today::Within,
            _ => Today::Last,
        };
        let times = exception.times().into_iter().map(|(opens, closes)| (opens.time(), closes.time()));
        Self { first, last, today, times: times.collect(), reason: exception.reason.clone() }
    }
}

/// The next opening or closing of any place, if there is one after `now` and before the end of the next day.
#[must_use]
pub fn next_edge(clinic: &Clinic, now: &Zoned) -> Option<Timestamp> {
    let tables = clinic.places().into_iter().filter_map(|place| Table::new(&place, now));
    let spans = tables.flat_map(|table| table.spans(now.date().saturating_sub(1.days()), 2));
    spans.flat_map(|span| [span.opens, span.closes]).filter(|edge| *edge > now.timestamp()).min()
}

/// The hours of every day.
struct Table<'a> {
    place: Place<'a>,
    now: &'a Zoned,
}

/// From an opening to the closing that follows.
struct Span {
    opens: Timestamp,
    closes: Timestamp,
}

impl<'a> Table<'a> {
    fn new(place: &Place<'a>, now: &'a Zoned) -> Option<Self> {
        (place.hours.is_some() || !place.exceptions.is_empty()).then_some(Self { place: *place, now })
    }

    /// When the place is open on some days from one on, in order. What the clock skips when daylight saving begins is left out; hours
    /// without a pause between them are one span, also where one day ends and the next begins.
    fn spans(&self, first: Date, days: i32) -> Vec<Span> {
        let days = (0..=days).map(|ahead| first.saturating_add(ahead.days()));
        let mut spans: Vec<_> = days.flat_map(|day| self.day(day)).filter(|(opens, closes)| opens < closes).collect();
        spans.sort_unstable();
        spans.into_iter().fold(Vec::new(), |mut joined: Vec<Span>, (opens, closes)| {
            match joined.last_mut().filter(|before| opens <= before.closes) {
                Some(before) => before.closes = before.closes.max(closes),
                None => joined.push(Span { opens, closes }),
            }
            joined
        })
    }

    /// The openings and closings of a day. What goes on after midnight is of the day on which it begins.
    fn day(&self, day: Date) -> Vec<(Timestamp, Timestamp)> {
        let times: Vec<(&Opens, &Closing)> = if let Some(exception) = exception_on(self.place.exceptions, day) {
            exception.times()
        } else {
            let weekday = Weekday::from_date(day);
            let regular = self.place.hours.into_iter().flat_map(|fact| fact.value_on(day));
            let regular = regular.filter(|hours: &&Hours| hours.days.contains(&weekday));
            regular.map(|hours| (&hours.opens, &hours.closes)).collect()
        };
        let instant = |day: Date, time: Time| calendar::instant_in(self.now.time_zone(), day.to_datetime(time));
        let span = |(opens, closes): (&Opens, &Closing)| {
            let last = if closes.is_after_midnight(opens) { day.saturating_add(1.day()) } else { day };
            (instant(day, opens.time()), instant(last, closes.time()))
        };
        times.into_iter().map(span).collect()
    }

    /// When the night ends that began yesterday, if it goes on now.
    fn night_until(&self) -> Option<Time> {
        let (today, at) = (self.now.date(), self.now.timestamp());
        let midnight = calendar::instant_in(self.now.time_zone(), today.to_datetime(Time::midnight()));
        let spans = self.day(today.saturating_sub(1.days())).into_iter();
        let end = spans.filter(|(opens, closes)| *opens < midnight && at < *closes).map(|(_, closes)| closes).max()?;
        (end > midnight).then(|| self.time_of(end))
    }

    /// What the clinic's clock shows.
    fn time_of(&self, at: Timestamp) -> Time {
        at.to_zoned(self.now.time_zone().clone()).time()
    }
}
