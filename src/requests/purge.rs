//! Deletes requests that have been closed for long enough, by a clock that is plausible.
//!
//! A clock that says 2050 for a minute would delete every closed request. So the store remembers the last day on which it was used, and a clock that
//! has leapt from there is doubted: nothing is deleted until it is right again, or an admin trusts it, or it has gone on like that for a week.

use super::health::Health;
use super::inbox::today;
use super::store::{Store, StoreError};
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// For so many days a server may have been off.
const MOST_AHEAD: i64 = 14;
/// For so many days nobody may have asked, where the store remembers no day yet.
const MOST_QUIET: i64 = 90;
/// A clock may have been set back by so many days.
const MOST_BEHIND: i64 = 2;

/// How often to look while all is well, after a failure, and while the clock is doubted.
const PAUSES: [Duration; 3] = [Duration::from_hours(24), Duration::from_mins(10), Duration::from_mins(1)];

/// After going on evenly for so long, a clock that leapt before the start is believed.
const PATIENCE: Duration = Duration::from_hours(7 * 24);
/// How far a clock may drift from the time that really passed, in seconds.
const EVEN: u64 = 3600;

/// Why a clock is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// By how many days it is ahead of `since`; negative: behind.
    days: i64,
    /// The day that it is compared with, in days since 1970.
    since: i64,
    /// Whether the store was used on that day; otherwise it is that of the newest request.
    used: bool,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = Date::constant(1970, 1, 1).checked_add(Span::new().days(self.since)).unwrap_or(Date::MAX);
        let (side, days) = if self.days < 0 { ("behind", -self.days) } else { ("ahead of", self.days) };
        let what = if self.used { "the store was last in use" } else { "the newest request came" };
        write!(f, "the clock is {days} days {side} {day}, when {what}")
    }
}

/// Whether a clock is plausible that says it is `today` (days since 1970), by [`Store::days`].
#[must_use]
pub fn doubt((seen, newest): (Option<i64>, Option<i64>), today: i64) -> Option<Doubt> {
    let (since, used, most) = match (seen, newest) {
        (Some(seen), _) => (seen, true, MOST_AHEAD),
        (None, Some(newest)) => (newest, false, MOST_QUIET),
        (None, None) => return None,
    };
    let days = today.saturating_sub(since);
    let leapt = days > most || used && days < -MOST_BEHIND;
    leapt.then_some(Doubt { days, since, used })
}

/// A clock that is doubted, and since when it has gone on evenly.
struct Doubted {
    from: Instant,
    at: Timestamp,
}

impl Doubted {
    /// Whether it has gone on evenly for so long that it is believed. `None`: it leapt again.
    fn is_over(&self, now: Timestamp) -> Option<bool> {
        let (real, said) = (self.from.elapsed(), now.as_second() - self.at.as_second());
        let even = u64::try_from(said).is_ok_and(|said| said.abs_diff(real.as_secs()) <= EVEN);
        even.then_some(real >= PATIENCE)
    }
}

/// Deletes requests that have been closed for more than `keep_days`, now and every day; after a failure, which `health` reports, sooner. While
/// the clock is doubted, which `health` reports too, nothing is deleted. It never ends; it may be dropped and started again.
pub async fn purge_daily(store: Arc<Store>, keep_days: u16, clock: fn() -> Timestamp, health: Arc<Health>) {
    let mut doubted: Option<Doubted> = None;
    loop {
        let now = clock();
        let pause = match store.days().await.map(|days| doubt(days, today(now))) {
            Ok(Some(doubt)) if !is_believed(&mut doubted, now) => {
                health.doubt_clock(Some(doubt.to_string()));
                2
            }
            Ok(_) => {
                doubted = None;
                health.doubt_clock(None);
                usize::from(purge(&store, keep_days, now, &health).await.is_none())
            }
            Err(error) => {
                health.failed(&error);
                1
            }
        };
        sleep(PAUSES.get(pause).copied().unwrap_or_default()).await;
    }
}

fn is_believed(doubted: &mut Option<Doubted>, now: Timestamp) -> bool {
    let over = doubted.as_ref().and_then(|doubted| doubted.is_over(now));
    if over.is_none() {
        *doubted = Some(Doubted { from: Instant::now(), at: now });
    }
    over.unwrap_or_default()
}

/// `None`: it failed, which was reported.
async fn purge(store: &Store, keep_days: u16, now: Timestamp, health: &Health) -> Option<()> {
    let purged = match store.purge(today(now) - i64::from(keep_days)).await {
        Ok(purged) => purged,
        Err(error) => return report(health, error.store()),
    };
    if purged > 0 {
        tracing::info!(purged, "closed requests were deleted");
    }
    let rest = async {
        store.forget_tokens(now.as_second()).await?;
        let implausible = store.implausible(today(now)).await?;
        health.found_implausible(
            implausible,
            implausible_words(implausible).map(|words| format!("{words}; {IMPLAUSIBLE_HELP}")),
        );
        store.see(today(now)).await
    };
    match rest.await {
        Ok(()) => Some(()),
        Err(error) => report(health, &error),
    }
}

/// How requests that are never deleted are mended.
pub const IMPLAUSIBLE_HELP: &str = "a clock was wrong, or somebody wrote into the database: have staff open each again at the front desk, where it is marked, and \
     close it anew; one that nobody closed waits in their list";

/// How many requests are never deleted ([`Store::implausible`]), in words for who runs the site. `None`: none.
#[must_use]
pub fn implausible_words(count: i64) -> Option<String> {
    match count {
        ..=0 => None,
        1 => Some(
            "1 closed request is not deleted in time: the day on which it was closed is before it came in, or still to come".to_owned(),
        ),
        _ => Some(format!(
            "{count} closed requests are not deleted in time: the days on which they were closed are before they came in, or still to come"
        )),
    }
}

fn report(health: &Health, error: &StoreError) -> Option<()> {
    health.failed(error);
    None
}

#[cfg(test)]
mod tests {
    use super::{Doubted, PATIENCE, doubt, implausible_words};
    use jiff::Timestamp;
    use std::time::Duration;
    use tokio::time::{Instant, advance};

    #[test]
    fn a_clock_that_leapt_is_doubted() {
        let today = 20_785;
        for (seen, newest, doubted) in [
            (None, None, false),
            (Some(today), None, false),
            (Some(today - 14), Some(today - 400), false),
            (Some(today - 15), None, true),
            (Some(today - 15), Some(today), true),
            (Some(today + 2), None, false),
            (Some(today + 3), None, true),
            (None, Some(today - 90), false),
            (None, Some(today - 91), true),
            (None, Some(today + 9000), false),
        ] {
            assert_eq!(doubt((seen, newest), today).is_some(), doubted, "{seen:?} {newest:?}");
        }
        let words = doubt((Some(today), None), today + 8_500).unwrap().to_string();
        assert_eq!(words, "the clock is 8500 days ahead of 2026-11-28, when the store was last in use");
        let words = doubt((Some(today), None), 0).unwrap().to_string();
        assert_eq!(words, "the clock is 20785 days behind 2026-11-28, when the store was last in use");
    }

    #[test]
    fn what_is_never_deleted_is_reported_by_its_number() {
        assert_eq!(implausible_words(0), None);
        assert!(
            implausible_words(1)
                .unwrap()
                .starts_with("1 closed request is not deleted in time: the day on which it was closed")
        );
        assert!(
            implausible_words(2)
                .unwrap()
                .starts_with("2 closed requests are not deleted in time: the days on which they were")
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_goes_on_evenly_for_a_week_is_believed_and_one_that_leaps_again_is_not() {
        let at = Timestamp::UNIX_EPOCH;
        let clock = Doubted { from: Instant::now(), at };
        assert_eq!(clock.is_over(at), Some(false));
        advance(PATIENCE).await;
        assert_eq!(clock.is_over(at + PATIENCE), Some(true));
        assert_eq!(clock.is_over(at + PATIENCE + Duration::from_hours(2)), None);
        assert_eq!(clock.is_over(at - Duration::from_hours(2)), None);
    }
}
