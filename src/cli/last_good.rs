//! The site that was served last, in the data folder: written after each change while nothing else happens, and read at a start when the content
//! has errors. See [`crate::site::saved`] for what it holds.

use crate::config::ServeOptions;
use crate::content::{Content, Files};
use crate::http::App;
use crate::site::saved::{Original, ReadError, Saved, read, write};
use crate::site::{Settings, Site};
use jiff::civil::Date;
use std::borrow::Cow;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

/// Its name in the data folder.
const FILE: &str = "last-good-site";
/// How long nothing must change before it is written.
const REST: Duration = Duration::from_millis(500);
/// After how long it is written even if changes go on.
const LONGEST: Duration = Duration::from_secs(10);
/// How long to wait before the next try where it could not be written.
const AGAIN: Duration = Duration::from_secs(30);

/// Content without errors, as it is served.
#[derive(Debug)]
pub(super) struct Good {
    pub(super) content: Arc<Content>,
    /// Its files; none where they are built into the program.
    pub(super) files: Option<Files>,
    /// What its site is built for, and when.
    pub(super) settings: Settings,
}

/// What tells one saved site from the next: the content, and what the time shows of it. The hour isn't saved.
#[derive(Debug, PartialEq, Eq)]
struct State {
    revision: String,
    day: Date,
    notices: Vec<bool>,
}

impl Good {
    fn state(&self) -> State {
        let now = self.settings.now.timestamp();
        State {
            revision: self.content.revision.clone(),
            day: self.settings.now.date(),
            notices: self.content.notices().map(|notice| notice.is_shown(now)).collect(),
        }
    }
}

/// Where the site of an address is saved.
#[derive(Clone, Debug)]
pub(super) struct LastGood {
    folder: PathBuf,
    public_url: Url,
}

impl LastGood {
    /// The place that the options name; none for a preview.
    pub(super) fn place(options: &ServeOptions) -> Option<Self> {
        let public_url = options.public_url.clone()?;
        Some(Self { folder: options.intake.store.data_dir.clone(), public_url })
    }

    fn file(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// The saved site. A file that can't be used is logged, and counts as none.
    pub(super) fn read(&self) -> Option<Saved> {
        let file = self.file();
        let saved = match File::open(&file).map_err(ReadError::Io).and_then(read) {
            Ok(saved) if saved.head.public_url == self.public_url => return Some(saved),
            Ok(saved) => format!("it is the site of {}", saved.head.public_url),
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => error.to_string(),
        };
        tracing::warn!("the site saved in {} can't be used: {saved}", file.display());
        None
    }

    /// Writes the site whole or not at all, for the owner of the process alone.
    fn write(&self, good: &Good, site: &Site) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        self.remove_unfinished()?;
        let new = self.folder.join(format!("{}{:016x}", unfinished(), random()?));
        let written = write_to(&new, good, site).and_then(|()| fs::rename(&new, self.file()));
        if written.is_err() {
            // It would take room on a disk that may be full. There may be none.
            let _ = fs::remove_file(&new);
        }
        written?;
        // The new name is on the disk, too.
        File::open(&self.folder)?.sync_all()
    }

    /// Removes what a process that was killed has left. Another one that is writing at this moment fails, and tries again.
    fn remove_unfinished(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(&unfinished()) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

fn write_to(path: &Path, good: &Good, site: &Site) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let files = good.files.as_ref().map_or_else(|| Cow::Owned(Files::embedded()), Cow::Borrowed);
    let original = Original { site, content: &good.content, files: &files, settings: &good.settings };
    write(original, env!("CARGO_PKG_VERSION"), &file)?;
    file.sync_all()
}

/// How the names of files begin that are being written.
fn unfinished() -> String {
    format!(".{FILE}.")
}

fn random() -> io::Result<u64> {
    getrandom::u64().map_err(io::Error::other)
}

/// Saves each newer site once nothing has changed for a moment, or as soon as there will be no newer one; then it returns.
pub(super) async fn save(place: LastGood, mut good: watch::Receiver<Option<Arc<Good>>>, app: App) {
    let mut saved: Option<State> = None;
    let mut failed = false;
    good.mark_changed();
    loop {
        let changed = tokio::select! {
            changed = good.changed() => changed,
            () = sleep(AGAIN), if failed => Ok(()),
        };
        if changed.is_err() {
            return;
        }
        let end = Instant::now() + LONGEST;
        while Instant::now() < end && matches!(timeout(REST, good.changed()).await, Ok(Ok(()))) {}
        let Some(next) = good.borrow_and_update().clone() else { continue };
        let state = next.state();
        let site = app.site();
        // The next change is under way.
        if saved.as_ref() == Some(&state) || site.revision() != state.revision {
            continue;
        }
        let to = place.clone();
        let written = tokio::task::spawn_blocking(move || to.write(&next, &site));
        match written.await.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok(()) => {
                saved = Some(state);
                if std::mem::take(&mut failed) {
                    app.set_saved(true);
                    tracing::info!("the site is saved again for a start with errors in the content");
                }
            }
            Err(error) if failed => tracing::debug!(%error, "the site still can't be saved"),
            Err(error) => {
                failed = true;
                app.set_saved(false);
                tracing::warn!(
                    %error,
                    "the site can't be saved in {}: after a restart with errors in the content there would be nothing to serve, or an older site. \
                     Let the server write there, or name another folder with --data-dir",
                    place.folder.display()
                );
            }
        }
    }
}
