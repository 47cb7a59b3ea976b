//! The service manager that has started this process, such as systemd: the sockets that it keeps (`sd_listen_fds(3)`), what it wants to be notified of
//! (`sd_notify(3)`), and whether the log goes to its journal (`sd-daemon(3)`).

use listenfd::ListenFd;
use rustix::fs::fstat;
use sd_notify::NotifyState;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

/// The sockets that the service manager keeps open, by name (`FileDescriptorName=`, `systemd.socket(5)`).
#[derive(Debug, Default)]
pub struct Sockets(Vec<(String, io::Result<TcpListener>)>);

impl Sockets {
    /// Takes them out of the environment, so that no other process believes that they are its own. Must be called before any thread starts.
    pub(super) fn take_all() -> Self {
        #[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
        let mut passed = ListenFd::from_env();
        // listenfd knows no names.
        let names = super::environment::variable("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let all = (0..passed.len()).map(|number| {
            let name = names.next().unwrap_or_default().to_owned();
            (name, passed.take_tcp_listener(number).transpose().unwrap_or_else(|| Err(io::ErrorKind::NotFound.into())))
        });
        Self(all.collect())
    }

    /// The names of those that nobody has taken.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Takes a socket by its name. An error: what was passed is no TCP socket.
    pub fn take(&mut self, name: &str) -> Option<io::Result<TcpListener>> {
        let at = self.0.iter().position(|(own, _)| own == name)?;
        Some(self.0.remove(at).1)
    }
}

/// Notifies the service manager by lines such as `READY=1`. Nothing happens where there is none. It may wait for the service manager.
pub fn notify(lines: &str) -> io::Result<()> {
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
    sd_notify::notify(&[NotifyState::Custom(lines)])
}

/// Whether there is a service manager that wants to be notified.
#[must_use]
pub fn is_notified() -> bool {
    super::environment::variable("NOTIFY_SOCKET").is_some()
}

/// How often the service manager wants to hear from this process at least; after a longer silence it starts it anew (`WatchdogSec=`).
#[must_use]
pub fn watchdog() -> Option<Duration> {
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
    sd_notify::watchdog_enabled()
}

/// The line with the time of a reload, in microseconds of `CLOCK_MONOTONIC`.
pub fn reload_time() -> io::Result<String> {
    NotifyState::monotonic_usec_now().map(|time| time.to_string())
}

/// Whether stderr is the journal: `JOURNAL_STREAM` has its device and inode.
pub(super) fn logs_to_journal() -> bool {
    let same = |stream: String| {
        let stderr = fstat(io::stderr()).ok()?;
        Some(stream == format!("{}:{}", stderr.st_dev, stderr.st_ino))
    };
    super::environment::variable("JOURNAL_STREAM").and_then(same).unwrap_or(false)
}
