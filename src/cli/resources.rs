//! What the program takes of the machine: threads, and files that may be open at once; and what it shows of its memory: nothing.

use crate::server::Limits;
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
use std::io;
use std::num::NonZeroUsize;
use std::thread::available_parallelism;
use tokio::runtime::{Builder, Runtime};

/// Open files that are no connections to the site: the content, the database, the log, and the connections of the other ports.
const OTHER_FILES: u64 = 400;

/// Keeps the memory of this process from files and from other processes of the same user: no core dump, no `ptrace`, no `/proc/PID/mem`. Called
/// before anything is read that a visitor typed or that a key opens. Root can still look; metrics in `/proc/PID/status` and `stat` stay readable.
pub(super) fn hide_memory() {
    // Both: a pipe in `core_pattern` gets a dump whatever the limit is, unless the process can't be dumped (prctl(2), core(5)).
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "other processes of the same user may read this one's memory");
    }
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        tracing::warn!(%error, "a crash may write this process's memory to a file");
    }
}

/// A runtime with so many threads, or one a processor. A single thread needs no other to give it work.
pub(super) fn runtime(threads: Option<NonZeroUsize>) -> io::Result<Runtime> {
    match threads.or_else(|| available_parallelism().ok()).map_or(1, usize::from) {
        1 => Builder::new_current_thread().enable_all().build(),
        threads => Builder::new_multi_thread().worker_threads(threads).enable_all().build(),
    }
}

/// What connections may take, on this machine: each is an open file, so there can be no more than those.
///
/// Many systems let a program open 1,024 files unless it asks for more, which it may.
pub(super) fn limits() -> Limits {
    let mut limits = Limits::default();
    let mut files = getrlimit(Resource::Nofile);
    let wanted = limits.connections as u64 + OTHER_FILES;
    if files.current.is_some_and(|current| current < wanted) {
        files.current = Some(files.maximum.map_or(wanted, |maximum| maximum.min(wanted)));
        if let Err(error) = setrlimit(Resource::Nofile, files) {
            tracing::debug!(%error, "the limit of open files stays as it is");
        }
    }
    if let Some(files) = getrlimit(Resource::Nofile).current {
        let connections = files.saturating_sub(OTHER_FILES).max(files / 2);
        limits.connections = limits.connections.min(usize::try_from(connections).unwrap_or(usize::MAX));
    }
    limits
}
