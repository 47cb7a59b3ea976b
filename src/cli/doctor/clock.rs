//! The clock: closed requests are deleted, notices end and facts expire by it.

use super::super::last_good::LastGoodFile;
use super::super::store as places;
use super::{Deployment, Finding, Found, PATIENCE};
use crate::config::build;
use crate::requests::store::{Presence, Store};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use tokio::time::timeout;

/// A site that stored nothing for so long is less likely than a clock that is wrong.
const SILENT_DAYS: i64 = 400;

const DAY: i64 = 24 * 60 * 60;

/// Whether the time can be: not before what is known to have been, and not long after all of it.
pub(super) fn check(deployment: &Deployment<'_>) -> Found {
    let stored = deployment.runtime.block_on(async { timeout(PATIENCE, newest(deployment)).await.ok().flatten() });
    let saved = LastGoodFile::new(deployment.options).and_then(|file| file.look().ok().flatten());
    let seen = [stored, saved.map(|saved| saved.head.saved.as_second())].into_iter().flatten().max();
    judge(deployment.now.timestamp(), build::DAY.parse().ok(), seen)
}

/// When the newest request came in, if there is a store that has one.
async fn newest(deployment: &Deployment<'_>) -> Option<i64> {
    let store = Store::new(places::location(&deployment.options.intake.store).ok()?).ok()?;
    let is_here = matches!(store.presence().await, Ok(Presence::Here));
    let newest = if is_here { store.newest().await.ok().flatten() } else { None };
    store.close().await;
    newest
}

/// `seen`: when something was last stored, in seconds since 1970.
fn judge(now: Timestamp, built: Option<Date>, seen: Option<i64>) -> Found {
    let help = "set the clock, and let it follow the network's: timedatectl set-ntp true";
    let built = built.and_then(|day| day.to_zoned(TimeZone::UTC).ok()).map(|day| day.timestamp());
    let shown = format!("{now:.0}");
    // The day of the commit may be another one where the program was built.
    if let Some(built) = built.filter(|built| now < built.saturating_sub(24.hours()).unwrap_or(*built)) {
        return Finding::new(
            format!("the clock says {shown}, and this program was built later, on {}", built.strftime("%Y-%m-%d")),
            help,
        )
        .into();
    }
    let Some(seen) = seen else {
        return Found::Good(format!("it is {shown}; nothing is stored yet that it could be compared with"));
    };
    let (ahead, last) = (now.as_second().saturating_sub(seen), Timestamp::from_second(seen).unwrap_or_default());
    if ahead < 0 {
        return Finding::new(format!("the clock says {shown}, and something was stored later, at {last}"), help).into();
    }
    if ahead > SILENT_DAYS * DAY {
        let what = format!("the clock says {shown}, {} days after anything was stored", ahead / DAY);
        return Finding::new(
            what,
            format!("if that is wrong, {help}: with a clock that is ahead, closed requests are deleted too early"),
        )
        .into();
    }
    Found::Good(format!("it is {shown}"))
}

#[cfg(test)]
mod tests {
    use super::{DAY, Found, judge};
    use jiff::civil::date;

    #[test]
    fn a_clock_that_cannot_be_right_is_reported() {
        let now: jiff::Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
        let built = Some(date(2026, 11, 20));
        for (now, built, seen, said) in [
            (now, built, Some(now.as_second()), None),
            (now, None, None, None),
            (now, Some(date(2026, 11, 29)), None, None),
            (now, Some(date(2026, 12, 2)), None, Some("built later")),
            (now, built, Some(now.as_second() + 3600), Some("stored later")),
            (now, built, Some(now.as_second() - 399 * DAY), None),
            (now, built, Some(now.as_second() - 401 * DAY), Some("401 days after")),
            ("2050-01-01T00:00:00Z".parse().unwrap(), built, Some(now.as_second()), Some("after anything was stored")),
        ] {
            match (judge(now, built, seen), said) {
                (Found::Good(_), None) => {}
                (Found::Wrong(findings), Some(said)) => {
                    assert!(findings[0].what.contains(said) && findings[0].help.contains("set-ntp"), "{findings:?}");
                }
                _ => panic!("{now} {built:?} {seen:?}"),
            }
        }
    }
}
