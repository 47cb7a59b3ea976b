//! `clinic-site backup`: all requests in one file.

use super::{Failure, Outcome, clock, counted, print, requests, resources, say, store};
use crate::config::BackupOptions;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The name of a file in the folder of backups: its time, in UTC.
const NAME: &str = "requests-%Y%m%dT%H%M%SZ.db";

/// The time in names of files.
const STAMP: &str = "%Y%m%dT%H%M%SZ";

/// A timer runs once a day. A clock that has leapt ahead must not make all backups old: they age by at most so much from one to the next.
const LONGEST_STEP: SignedDuration = SignedDuration::from_hours(48);

pub(super) fn run(options: &BackupOptions) -> Result<Outcome, Failure> {
    resources::hide_memory();
    let now = clock::now().timestamp();
    let file = match (&options.out, &options.out_dir) {
        (Some(file), _) => file.clone(),
        (None, Some(folder)) => {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Failure::at(folder))?;
            folder.join(now.strftime(NAME).to_string())
        }
        (None, None) => return Err(Failure::new("there is no --out and no --out-dir")),
    };
    let (summary, bytes) = requests::runtime()?.block_on(async {
        let store = store::existing(&options.store)?;
        let written = store.back_up(&file).await;
        store.close().await;
        written.map_err(|error| {
            Failure::new(format!("there is no new backup: {error}")).help(
                "check --data-dir or --database, and the room and rights where the file is to be; no other backup was touched",
            )
        })
    })?;
    say(format!("{summary}, {bytes} bytes, {}: in {}", store::place(&options.store), file.display()));
    print(&format!("{}\n", file.display()))?;
    if let (None, Some(folder), Some(days)) = (&options.out, &options.out_dir, options.keep) {
        clear(folder, &file, now, days)?;
    }
    Ok(Outcome::Good)
}

/// The time now, for names of files: `20261128T064500Z`.
pub(super) fn stamp(now: Timestamp) -> String {
    now.strftime(STAMP).to_string()
}

/// Deletes what is too old, and was made by this command.
fn clear(folder: &Path, new: &Path, now: Timestamp, days: u16) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(Failure::at(folder))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let earlier = paths.filter(|path| path != new && path.is_file()).filter_map(|path| Some((made(&path)?, path)));
    let old = too_old(earlier.collect(), now, days);
    for path in &old {
        fs::remove_file(path).map_err(Failure::at(path))?;
    }
    if !old.is_empty() {
        say(format!("{} older than {} deleted", counted(old.len(), "backup"), counted(days.into(), "day")));
    }
    Ok(())
}

/// When a backup was made, by its name; `None`: it isn't one of this command.
fn made(path: &Path) -> Option<Timestamp> {
    let time = DateTime::strptime(NAME, path.file_name()?.to_str()?).ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}

fn too_old(mut earlier: Vec<(Timestamp, PathBuf)>, now: Timestamp, days: u16) -> Vec<PathBuf> {
    earlier.sort_unstable();
    let Some((newest, _)) = earlier.last() else { return Vec::new() };
    let now = now.min(newest.saturating_add(LONGEST_STEP).unwrap_or(now));
    let Ok(oldest) = now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))) else { return Vec::new() };
    earlier.into_iter().filter(|(made, _)| *made < oldest).map(|(_, path)| path).collect()
}

#[cfg(test)]
mod tests {
    use super::{made, stamp, too_old};
    use jiff::{Timestamp, ToSpan};
    use std::path::{Path, PathBuf};

    #[test]
    fn only_backups_of_this_command_age_and_a_leap_of_the_clock_ages_none() {
        let now: Timestamp = "2026-11-28T03:00:00Z".parse().unwrap();
        let daily: Vec<_> = (1..=20)
            .map(|day| now - (24 * day).hours())
            .map(|at| (at, PathBuf::from(format!("requests-{}.db", stamp(at)))))
            .collect();
        assert!(daily.iter().all(|(at, path)| made(path) == Some(*at)));
        let old = too_old(daily.clone(), now, 14);
        assert_eq!(old.len(), 6);
        assert_eq!(old[5], Path::new("requests-20261113T030000Z.db"));
        // In 2050, those go that would have gone the day after tomorrow.
        assert_eq!(too_old(daily.clone(), "2050-01-01T00:00:00Z".parse().unwrap(), 14).len(), 7);
        assert_eq!(too_old(daily, "1970-01-01T00:00:00Z".parse().unwrap(), 14).len(), 0);
        assert_eq!(too_old(vec![(now, PathBuf::new())], now + 9000.hours(), 0).len(), 1);
        for other in ["requests.db", "requests-20261128.db", "requests-20261128T030000Z.db.old", "notes.txt"] {
            assert_eq!(made(Path::new(other)), None, "{other}");
        }
    }
}
