//! Watches a content folder: tells that something in it may have changed.
//!
//! The kernel tells at once; once a second we look ourselves, which also sees what the kernel can't tell: a folder that was deleted and came
//! back, a link that leads elsewhere, a network file system.

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until, timeout};

/// How long the folder must be quiet after a change. Editors save in several steps, and copying a folder changes many files.
const QUIET: Duration = Duration::from_millis(10);
/// How long a burst of changes is waited out at most.
const BURST: Duration = Duration::from_millis(60);
/// How often we look ourselves.
const LOOK: Duration = Duration::from_secs(1);

/// A folder that is watched.
pub(super) struct Watch {
    folder: PathBuf,
    watcher: Option<RecommendedWatcher>,
    /// The device and inode of the folder the watcher looks at.
    watched: Option<(u64, u64)>,
    sender: UnboundedSender<()>,
    events: UnboundedReceiver<()>,
    next_look: Instant,
    /// When a burst of changes that has begun is over at the latest.
    burst_ends: Option<Instant>,
}

impl Watch {
    /// Watches a folder, whether it is there or not.
    pub(super) fn new(folder: &Path) -> Self {
        let (sender, events) = unbounded_channel();
        let folder = folder.to_path_buf();
        let next_look = Instant::now() + LOOK;
        let mut watch = Self { folder, watcher: None, watched: None, sender, events, next_look, burst_ends: None };
        watch.watch_again();
        watch
    }

    /// Returns when something may have changed and the folder is quiet again, or when it is time to look. Who gives up waiting loses nothing: the
    /// next call goes on with the burst that has begun.
    pub(super) async fn changed(&mut self) {
        if self.burst_ends.is_none() {
            tokio::select! {
                _ = self.events.recv() => self.burst_ends = Some(Instant::now() + BURST),
                () = sleep_until(self.next_look) => {}
            }
        }
        if let Some(end) = self.burst_ends {
            while Instant::now() < end && timeout(QUIET, self.events.recv()).await.is_ok() {}
            self.burst_ends = None;
        }
        if Instant::now() >= self.next_look {
            self.next_look = Instant::now() + LOOK;
            self.watch_again();
        }
    }

    /// Looks at the folder that stands at the path now, if it is another one than before.
    fn watch_again(&mut self) {
        let identity = std::fs::metadata(&self.folder).ok().map(|metadata| (metadata.dev(), metadata.ino()));
        if identity == self.watched {
            return;
        }
        self.watched = identity;
        self.watcher = identity.and_then(|_| watcher(&self.folder, self.sender.clone()));
    }
}

/// A watcher, or nothing where the kernel has none to give: then we look ourselves.
fn watcher(folder: &Path, sender: UnboundedSender<()>) -> Option<RecommendedWatcher> {
    let tell = move |event: notify::Result<notify::Event>| {
        // Our own reading is told too: it must not start another one.
        if !matches!(event, Ok(notify::Event { kind: EventKind::Access(_), .. })) {
            // Nobody listens any more when the program stops.
            let _ = sender.send(());
        }
    };
    let watching = notify::recommended_watcher(tell).and_then(|mut watcher| {
        // A link to the folder is followed: changes happen where it leads.
        let real = std::fs::canonicalize(folder)?;
        watcher.watch(&real, RecursiveMode::Recursive)?;
        Ok(watcher)
    });
    match watching {
        Ok(watcher) => Some(watcher),
        Err(error) => {
            tracing::warn!(%error, "the content folder can't be watched; it is looked at once a second");
            None
        }
    }
}
