//! The last good site, in the data folder: written after each change, and read at a start when the content has errors. [`crate::site::saved`] is
//! its format.

use crate::config::ServeOptions;
use crate::content::{Content, Files};
use crate::http::App;
use crate::site::saved::{Original, ReadError, Saved, read, write};
use crate::site::{Settings, Site, Today};
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
const DELAY: Duration = Duration::from_millis(500);
/// After how long it is written even if changes go on.
const MAX_DELAY: Duration = Duration::from_secs(10);
/// How long to wait before the next try after a failure.
const RETRY_INTERVAL: Duration = Duration::from_secs(30);

/// Content without errors, as it is served.
#[derive(Debug)]
pub(super) struct LastGoodSite {
    pub(super) content: Arc<Content>,
    /// Its files; none where they are built into the program.
    pub(super) files: Option<Files>,
    /// What its site is built for, and when.
    pub(super) settings: Settings,
}

/// What distinguishes one saved site from the next: the content, the day, and what time shows of the content. The hour isn't saved.
type State = (String, Date, Today);

impl LastGoodSite {
    fn state(&self) -> State {
        let Self { content, settings, .. } = self;
        (content.revision.clone(), settings.now.date(), settings.today(content).without_the_clock())
    }
}

/// Where the site of an address is saved.
#[derive(Clone, Debug)]
pub(super) struct LastGoodFile {
    folder: PathBuf,
    public_url: Url,
}

impl LastGoodFile {
    /// The file that the options name; none for a preview.
    pub(super) fn new(options: &ServeOptions) -> Option<Self> {
        let public_url = options.public_url.clone()?;
        Some(Self { folder: options.intake.store.data_dir.clone(), public_url })
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// The saved site. A file that can't be used is logged, and counts as none.
    pub(super) fn read(&self) -> Option<Saved> {
        self.look().unwrap_or_else(|why| {
            tracing::warn!("the site saved in {} can't be used: {why}", self.path().display());
            None
        })
    }

    /// The files of the saved site, if it can be used and this very program has saved it: another one may encode pictures otherwise.
    pub(super) fn of_this_program(&self) -> Option<Files> {
        let saved = self.look().ok()??;
        (saved.head.program == env!("CARGO_PKG_VERSION")).then_some(saved.files)
    }

    /// The saved site, if there is one, or why it can't be used.
    pub(super) fn look(&self) -> Result<Option<Saved>, String> {
        match File::open(self.path()).map_err(ReadError::Io).and_then(read) {
            Ok(saved) if saved.head.public_url == self.public_url => Ok(Some(saved)),
            Ok(saved) => Err(format!("it is the site of {}", saved.head.public_url)),
            Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Writes the complete site or none, readable by the process's user alone.
    fn write(&self, good: &LastGoodSite, site: &Site) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        self.remove_unfinished()?;
        let new = self.folder.join(format!("{}{:016x}", unfinished(), random()?));
        let written = write_to(&new, good, site).and_then(|()| fs::rename(&new, self.path()));
        if written.is_err() {
            // The disk may be full. It may not exist.
            let _ = fs::remove_file(&new);
        }
        written?;
        // The new name must be on the disk, too.
        File::open(&self.folder)?.sync_all()
    }

    /// Removes what a killed process has left. A process that is writing at this moment fails and tries again.
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

fn write_to(path: &Path, good: &LastGoodSite, site: &Site) -> io::Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let files = good.files.as_ref().map_or_else(|| Cow::Owned(Files::embedded()), Cow::Borrowed);
    let original = Original { site, content: &good.content, files: &files, settings: &good.settings };
    write(original, env!("CARGO_PKG_VERSION"), &file)?;
    file.sync_all()
}

/// The prefix of files that are being written.
fn unfinished() -> String {
    format!(".{FILE}.")
}

fn random() -> io::Result<u64> {
    getrandom::u64().map_err(io::Error::other)
}

/// Saves each newer site once nothing has changed for a moment; returns when the last one is saved and there will be no newer one.
pub(super) async fn save(file: LastGoodFile, mut good: watch::Receiver<Option<Arc<LastGoodSite>>>, app: App) {
    let mut saved: Option<State> = None;
    let mut failed = false;
    good.mark_changed();
    loop {
        let changed = tokio::select! {
            changed = good.changed() => changed,
            () = sleep(RETRY_INTERVAL), if failed => Ok(()),
        };
        if changed.is_err() {
            return;
        }
        let end = Instant::now() + MAX_DELAY;
        while Instant::now() < end && matches!(timeout(DELAY, good.changed()).await, Ok(Ok(()))) {}
        let Some(next) = good.borrow_and_update().clone() else { continue };
        let state = next.state();
        let site = app.site();
        // The next change is under way.
        if saved.as_ref() == Some(&state) || site.revision() != state.0 {
            continue;
        }
        let to = file.clone();
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
                    file.folder.display()
                );
            }
        }
    }
}
