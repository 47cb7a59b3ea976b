//! Watches a content folder: reports that something in it may have changed.
//!
//! The kernel reports changes at once (inotify), except for these: another folder takes the path, another computer writes to a network file system,
//! a program writes through a memory map. So what is at the path, and mounted below it, is checked every two seconds, and the files are read a second after each change
//! and otherwise every [`REREAD_INTERVAL`]; where the file system isn't known to be local, every second.
//!
//! A thread of its own makes every file-system call: if the server of a network file system is gone, a call may never return, and it must not hold
//! up the threads that answer requests.

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until, timeout};

/// How long the folder must be quiet after a change. Editors save in several steps, and copying a folder changes many files.
const QUIET_INTERVAL: Duration = Duration::from_millis(10);
/// The longest wait for a burst of changes to end.
const BURST_TIMEOUT: Duration = Duration::from_millis(60);
/// How often the files are read if the kernel doesn't report all changes, and how long after a change that it reports.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// How often the thread checks which folder is at the path if the kernel reports all changes in it.
const IDENTITY_INTERVAL: Duration = Duration::from_secs(2);
/// How often the files are read even though the kernel reports no change.
const REREAD_INTERVAL: Duration = Duration::from_mins(1);

/// The file systems whose changes the kernel reports (`statfs(2)`): ext, XFS, btrfs, tmpfs, ramfs, overlayfs, F2FS, ZFS, bcachefs.
const LOCAL_FILE_SYSTEMS: [u32; 9] =
    [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x8584_58f6, 0x794c_7630, 0xf2f5_2010, 0x2fc1_2fc1, 0xca45_1a4e];

/// What is mounted, as this process sees it.
const MOUNTS: &str = "/proc/self/mountinfo";

/// A folder that is watched.
pub(super) struct Watch {
    signals: UnboundedReceiver<Signal>,
    /// When a burst of changes that has begun is over at the latest.
    burst_ends: Option<Instant>,
    next_reread: Instant,
}

/// Why to read the folder.
enum Signal {
    /// Something has changed.
    Change,
    /// Something may have changed without a report.
    Unreported,
}

impl Watch {
    /// Watches a folder, whether it exists or not.
    pub(super) fn new(folder: &Path) -> Self {
        let mut checker = Checker::new(folder);
        Self::start(move |signals| checker.check(signals))
    }

    /// Starts the thread. `check` returns how long to wait before the next check.
    fn start(mut check: impl FnMut(&UnboundedSender<Signal>) -> Duration + Send + 'static) -> Self {
        let (sender, signals) = unbounded_channel();
        let thread = thread::Builder::new().name("watch".to_owned()).spawn(move || {
            // It is closed when the program stops.
            while !sender.is_closed() {
                thread::sleep(check(&sender));
            }
        });
        if let Err(error) = thread {
            tracing::warn!(%error, "the content folder can't be watched; it is read every {} seconds", REREAD_INTERVAL.as_secs());
        }
        Self { signals, burst_ends: None, next_reread: Instant::now() + CHECK_INTERVAL }
    }

    /// Returns when something may have changed and the folder is quiet again, or when it is time to read it anyway. Cancel safe: the next call
    /// continues with the burst that has begun.
    pub(super) async fn changed(&mut self) {
        if self.burst_ends.is_none() {
            tokio::select! {
                Some(signal) = self.signals.recv() => match signal {
                    Signal::Change => self.burst_ends = Some(Instant::now() + BURST_TIMEOUT),
                    Signal::Unreported => {}
                },
                () = sleep_until(self.next_reread) => {}
            }
        }
        let mut interval = REREAD_INTERVAL;
        if let Some(end) = self.burst_ends {
            while Instant::now() < end && timeout(QUIET_INTERVAL, self.signals.recv()).await.is_ok() {}
            self.burst_ends = None;
            // Files that come into a new folder before the kernel watches it are not reported.
            interval = CHECK_INTERVAL;
        }
        self.next_reread = Instant::now() + interval;
    }
}

/// What the thread knows of the folder.
struct Checker {
    folder: PathBuf,
    /// Which folder is at the path, by its device and inode.
    identity: Option<(u64, u64)>,
    /// What is mounted in the whole system.
    mounts: Vec<u8>,
    /// The lines of that for file systems below the folder.
    below: Vec<String>,
    watcher: Option<RecommendedWatcher>,
    /// Whether the kernel reports all changes in it.
    is_reported: bool,
}

impl Checker {
    fn new(folder: &Path) -> Self {
        let (mounts, below) = (Vec::new(), Vec::new());
        Self { folder: folder.to_path_buf(), identity: None, mounts, below, watcher: None, is_reported: false }
    }

    fn check(&mut self, signals: &UnboundedSender<Signal>) -> Duration {
        let signal = if self.is_another() {
            self.watcher = self.identity.and_then(|_| watcher(&self.folder, signals.clone()));
            let is_local = || is_local(&self.folder) && self.below.iter().all(|line| is_local(&mounted_at(line)));
            // Without a list of what is mounted nothing is known of what is below.
            self.is_reported = self.watcher.is_some() && !self.mounts.is_empty() && is_local();
            Signal::Change
        } else if self.identity.is_some() && !self.is_reported {
            Signal::Unreported
        } else {
            return IDENTITY_INTERVAL;
        };
        // Nobody receives it once the program stops.
        let _ = signals.send(signal);
        CHECK_INTERVAL
    }

    /// Whether another folder is at the path than at the last check, or something else is mounted below it. The folders below are not walked through:
    /// that costs system calls for each, and the watcher would be notified of them.
    fn is_another(&mut self) -> bool {
        let identity = fs::metadata(&self.folder).ok().map(|folder| (folder.dev(), folder.ino()));
        let mounts = mounts(self.mounts.len()).unwrap_or_default();
        if (identity, &mounts) == (self.identity, &self.mounts) {
            return false;
        }
        let below = fs::canonicalize(&self.folder).map(|folder| below(&folder, &mounts)).unwrap_or_default();
        let is_another = identity != self.identity || below != self.below;
        (self.identity, self.mounts, self.below) = (identity, mounts, below);
        is_another
    }
}

/// What is mounted, in about so many bytes: a buffer that grows takes more calls.
fn mounts(size: usize) -> io::Result<Vec<u8>> {
    let mut mounts = Vec::with_capacity(size + 1024);
    fs::File::open(MOUNTS)?.read_to_end(&mut mounts)?;
    Ok(mounts)
}

/// The lines of what is mounted that are for places below a folder. What links lead to is in the folder itself.
fn below(folder: &Path, mounts: &[u8]) -> Vec<String> {
    let mounts = String::from_utf8_lossy(mounts);
    let is_below = |line: &&str| {
        let place = mounted_at(line);
        place != folder && place.starts_with(folder)
    };
    mounts.lines().filter(is_below).map(str::to_owned).collect()
}

/// Where the file system of a line is mounted (`proc_pid_mountinfo(5)`).
fn mounted_at(line: &str) -> PathBuf {
    let place = line.split(' ').nth(4).unwrap_or_default();
    let signs = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    signs.into_iter().fold(place.to_owned(), |place, (code, sign)| place.replace(code, sign)).into()
}

/// A watcher of a folder and everything in it, if the kernel has one to give.
fn watcher(folder: &Path, signals: UnboundedSender<Signal>) -> Option<RecommendedWatcher> {
    let report = move |event: notify::Result<notify::Event>| {
        // Our own reading is reported too, and must not cause another.
        if !matches!(event, Ok(notify::Event { kind: EventKind::Access(_), .. })) {
            let _ = signals.send(Signal::Change);
        }
    };
    let watching = notify::recommended_watcher(report).and_then(|mut watcher| {
        // If the folder is a link, changes happen where it leads.
        watcher.watch(&fs::canonicalize(folder)?, RecursiveMode::Recursive)?;
        Ok(watcher)
    });
    let warn =
        |error: &notify::Error| tracing::warn!(%error, "the content folder can't be watched; it is read once a second");
    watching.inspect_err(warn).ok()
}

/// Whether a folder is on a file system that only this computer writes to.
fn is_local(folder: &Path) -> bool {
    let kind = rustix::fs::statfs(folder).ok().and_then(|found| u32::try_from(found.f_type).ok());
    kind.is_some_and(|kind| LOCAL_FILE_SYSTEMS.contains(&kind))
}

#[cfg(test)]
mod tests {
    use super::{CHECK_INTERVAL, Checker, IDENTITY_INTERVAL, MOUNTS, Signal, Watch, below, is_local, mounted_at};
    use notify::Watcher;
    use std::path::{Path, PathBuf};
    use std::process::Command;
    use std::sync::mpsc;
    use std::time::Duration;
    use tokio::time::timeout;

    #[tokio::test]
    async fn a_file_system_that_hangs_holds_up_no_other_task() {
        let (release, hung) = mpsc::channel::<()>();
        let mut watch = Watch::start(move |signals| {
            let _ = hung.recv();
            let _ = signals.send(Signal::Change);
            CHECK_INTERVAL
        });
        let other = tokio::spawn(async {});
        assert!(timeout(CHECK_INTERVAL / 4, watch.changed()).await.is_err(), "nothing is known of the folder");
        other.await.unwrap();
        drop(release);
        timeout(Duration::from_secs(10), watch.changed()).await.expect("the file system is back");
    }

    #[tokio::test]
    async fn a_local_folder_is_read_after_a_change_and_left_alone_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        if !is_local(folder.path()) {
            return eprintln!("left out: {} is not on a local file system", folder.path().display());
        }
        let mut watch = Watch::new(folder.path());
        for _ in 0..2 {
            std::fs::write(folder.path().join("file"), "text").unwrap();
            timeout(CHECK_INTERVAL / 2, watch.changed()).await.expect("the change is reported");
            let mut reads = 1;
            while reads < 8 && timeout(CHECK_INTERVAL * 2, watch.changed()).await.is_ok() {
                reads += 1;
            }
            assert!((2..8).contains(&reads), "read {reads} times");
        }
    }

    #[test]
    fn a_check_of_a_folder_that_is_as_it_was_opens_nothing_in_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("en/pages")).unwrap();
        if !is_local(folder.path()) || std::fs::read(MOUNTS).is_err() {
            return eprintln!("left out: {} is not on a local file system", folder.path().display());
        }
        let (signals, _receiver) = tokio::sync::mpsc::unbounded_channel();
        let mut checker = Checker::new(folder.path());
        assert_eq!(checker.check(&signals), CHECK_INTERVAL);
        let (sender, opened) = mpsc::channel();
        let mut watcher = notify::recommended_watcher(sender).unwrap();
        watcher.watch(folder.path(), notify::RecursiveMode::Recursive).unwrap();
        let seen = || opened.recv_timeout(CHECK_INTERVAL).is_ok();
        std::fs::read_dir(folder.path().join("en")).unwrap().for_each(drop);
        assert!(seen(), "the kernel says who looks into a folder");
        while seen() {}
        for _ in 0..3 {
            assert_eq!(checker.check(&signals), IDENTITY_INTERVAL);
        }
        assert!(!seen());
    }

    #[test]
    fn what_is_mounted_below_a_folder_is_found_under_any_name() {
        let mounts = b"22 27 0:21 / /srv rw - proc proc rw\n\
            23 27 0:22 / /srv/my\\040site rw,relatime shared:7 - ext4 /dev/sda rw\n\
            24 27 0:23 / /srv/my\\040site/en rw - nfs4 host:/en rw\n\
            25 27 0:24 / /srv/my\\040site/a\\134040b rw - tmpfs tmpfs rw\n\
            26 27 0:25 / /srv/my\\040sites rw - tmpfs tmpfs rw\n";
        let found = below(Path::new("/srv/my site"), mounts);
        let places: Vec<_> = found.iter().map(|line| mounted_at(line)).collect();
        assert_eq!(places, ["/srv/my site/en", "/srv/my site/a\\040b"].map(PathBuf::from));
    }

    /// Unmounts it however the test ends.
    struct Mounted(PathBuf);

    impl Mounted {
        fn new(place: PathBuf) -> Option<Self> {
            let mount = Command::new("mount").args(["-t", "mqueue", "none"]).arg(&place).output();
            mount.is_ok_and(|done| done.status.success()).then_some(Self(place))
        }
    }

    impl Drop for Mounted {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
        }
    }

    #[tokio::test]
    async fn a_file_system_that_is_mounted_below_the_folder_is_looked_at_too() {
        let folder = tempfile::tempdir().unwrap();
        let pages = folder.path().join("en/pages");
        std::fs::create_dir_all(&pages).unwrap();
        if !is_local(folder.path()) {
            return eprintln!("left out: {} is not on a local file system", folder.path().display());
        }
        let mut watch = Watch::new(folder.path());
        while timeout(CHECK_INTERVAL * 3, watch.changed()).await.is_ok() {}
        let Some(mounted) = Mounted::new(pages) else { return eprintln!("left out: nothing can be mounted here") };
        for _ in 0..4 {
            timeout(CHECK_INTERVAL * 3, watch.changed()).await.expect("it is read every second");
        }
        drop(mounted);
        let mut reads = 0;
        while reads < 9 && timeout(CHECK_INTERVAL * 3, watch.changed()).await.is_ok() {
            reads += 1;
        }
        assert!(reads < 9, "once it is gone, the folder is left alone");
    }

    #[tokio::test]
    async fn a_folder_whose_changes_are_not_reported_is_read_every_second() {
        assert!(!is_local(Path::new("/proc")));
        let mut watch = Watch::new(Path::new("/proc/sys/fs/epoll"));
        for _ in 0..3 {
            timeout(CHECK_INTERVAL * 3, watch.changed()).await.expect("it is read");
        }
    }
}
