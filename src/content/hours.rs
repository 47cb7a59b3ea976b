//! Whether the clinic is open, by its own clock: the regular hours, and the days on which they are others.

use super::calendar;
use super::leaf::Key;
use super::model::{Clinic, Exception, Fact, Hours, Weekday};
use jiff::civil::{Date, Time};
use jiff::{Timestamp, ToSpan, Zoned};

/// How many days ahead an opening is promised by the name of its weekday: on the seventh the name would be that of today.
const PROMISED_DAYS: i32 = 6;
/// How many days before it begins an exception is shown.
const SHOWN_DAYS: i32 = 7;

/// What can be said of the hours at a moment. Two that are equal are shown in the same words, so the pages of the one are those of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Now {
    /// Open or closed. `None` if the clinic is closed and opens too late to promise a day.
    pub state: Option<State>,
    /// Exceptions that hold today or soon, the next first.
    pub exceptions: Vec<Special>,
}

/// Open or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Open until a time of today.
    Open(Time),
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
    /// When the clinic opens and closes; `None` if it doesn't open.
    pub times: Option<(Time, Time)>,
    /// Why.
    pub reason: Option<Key>,
}

impl Now {
    /// What can be said now, if anything is known of the hours: `clinic` holds the facts of today.
    #[must_use]
    pub fn of(clinic: &Clinic, now: &Zoned) -> Option<Self> {
        let table = Table::new(clinic)?;
        let regular = clinic.hours.is_some();
        let (today, at) = (now.date(), now.timestamp());
        let open = table.spans(today).into_iter().find(|span| span.opens <= at && at < span.closes);
        let state = match open {
            Some(span) => Some(State::Open(time_of(span.closes))),
            // Where the regular hours are not known, nobody can say when it opens next.
            None if !regular => None,
            None => (0..=PROMISED_DAYS).find_map(|ahead| {
                let day = today.saturating_add(ahead.days());
                let span = table.spans(day).into_iter().find(|span| span.opens > at)?;
                let opening = match ahead {
                    0 => Opening::Today,
                    1 => Opening::Tomorrow,
                    _ => Opening::On(Weekday::of(day)),
                };
                Some(State::Closed(opening, time_of(span.opens)))
            }),
        };
        let soon = today.saturating_add(SHOWN_DAYS.days());
        let shown = |exception: &&Exception| exception.last() >= today && exception.first() <= soon;
        let mut exceptions: Vec<_> =
            table.exceptions.iter().filter(shown).map(|exception| Special::new(exception, today)).collect();
        exceptions.sort_by_key(|special| special.first);
        Some(Self { state, exceptions })
    }

    /// The same without what is true for a moment or a day only: for files that nobody makes anew.
    #[must_use]
    pub fn without_the_clock(self) -> Self {
        let exceptions =
            self.exceptions.into_iter().map(|special| Special { today: Today::Before, ..special }).collect();
        Self { state: None, exceptions }
    }
}

impl Special {
    fn new(exception: &Exception, today: Date) -> Self {
        let (first, last) = (exception.first(), exception.last());
        let today = match today {
            day if day < first => Today::Before,
            day if day < last => Today::Within,
            _ => Today::Last,
        };
        Self {
            first,
            last,
            today,
            times: exception.times().map(|(opens, closes)| (opens.time(), closes.time())),
            reason: exception.reason.clone(),
        }
    }
}

/// The next opening or closing on a day, if there is one after `now`.
#[must_use]
pub fn next_edge(clinic: &Clinic, now: &Zoned) -> Option<Timestamp> {
    let spans = Table::new(clinic)?.spans(now.date());
    spans.into_iter().flat_map(|span| [span.opens, span.closes]).find(|edge| *edge > now.timestamp())
}

/// The hours of every day.
struct Table<'a> {
    hours: Option<&'a Fact<Vec<Hours>>>,
    exceptions: &'a [Exception],
}

/// From an opening to the closing that follows.
struct Span {
    opens: Timestamp,
    closes: Timestamp,
}

impl<'a> Table<'a> {
    fn new(clinic: &'a Clinic) -> Option<Self> {
        let (hours, exceptions) = (clinic.hours.as_ref(), clinic.exceptions.as_deref().unwrap_or_default());
        (hours.is_some() || !exceptions.is_empty()).then_some(Self { hours, exceptions })
    }

    /// When the clinic is open on a day, in order. What the clock skips when daylight saving begins is left out; hours without a pause
    /// between them are one span.
    fn spans(&self, day: Date) -> Vec<Span> {
        let exception = self.exceptions.iter().find(|exception| exception.first() <= day && day <= exception.last());
        let times: Vec<_> = if let Some(exception) = exception {
            exception.times().into_iter().collect()
        } else {
            let weekday = Weekday::of(day);
            let regular = self.hours.into_iter().flat_map(|fact| fact.value_on(day));
            let regular = regular.filter(|hours| hours.days.contains(&weekday));
            regular.map(|hours| (&hours.opens, &hours.closes)).collect()
        };
        let instant = |time: Time| calendar::instant(day.to_datetime(time));
        let spans = times.into_iter().map(|(opens, closes)| (instant(opens.time()), instant(closes.time())));
        let mut spans: Vec<_> = spans.filter(|(opens, closes)| opens < closes).collect();
        spans.sort_unstable();
        spans.into_iter().fold(Vec::new(), |mut joined: Vec<Span>, (opens, closes)| {
            match joined.last_mut().filter(|before| opens <= before.closes) {
                Some(before) => before.closes = before.closes.max(closes),
                None => joined.push(Span { opens, closes }),
            }
            joined
        })
    }
}

/// What the clinic's clock shows.
fn time_of(at: Timestamp) -> Time {
    calendar::on_the_clinics_clock(at).time()
}
