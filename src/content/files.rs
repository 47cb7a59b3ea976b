//! The content files as bytes: those built into the program, or those of a folder.

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/content");

/// No content file may be larger than this, in bytes.
pub(super) const MAX_FILE: u64 = 1024 * 1024;

/// No content folder may hold more files than this.
pub(super) const MAX_FILES: usize = 10_000;

/// The deepest folder that is read below the content folder.
const MAX_DEPTH: usize = 6;

/// Content files by their path below the content folder, with `/` between the parts.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// What findings put before each path: the folder as the user typed it.
    pub(super) root: String,
    pub(super) files: BTreeMap<String, File>,
}

/// One file.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// `None` where it is larger than [`MAX_FILE`]: then it was not read.
    pub(super) bytes: Option<Arc<[u8]>>,
    /// Tells one state of a file from another.
    pub(super) hash: [u8; 32],
    /// What the disk said of it when it was read.
    stamp: Option<Stamp>,
}

/// What the disk says of a file: enough to see that it was written since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    modified: SystemTime,
    length: u64,
    /// Clocks of file systems tick in milliseconds: two writes within a tick can't be told apart. A file that was young when it was read
    /// is read again.
    settled: bool,
}

/// How old a file must be when it is read for its time to be trusted.
const SETTLED: Duration = Duration::from_millis(1500);

impl Stamp {
    fn of(metadata: &Metadata, now: SystemTime) -> Option<Self> {
        let modified = metadata.modified().ok()?;
        let settled = now.duration_since(modified).is_ok_and(|age| age > SETTLED);
        Some(Self { modified, length: metadata.len(), settled })
    }

    /// Whether a file that was read with this stamp is the same now.
    fn holds(&self, now: &Self) -> bool {
        self.settled && self.modified == now.modified && self.length == now.length
    }
}

impl File {
    fn new(bytes: Vec<u8>, stamp: Option<Stamp>) -> Self {
        let hash = Sha256::digest(&bytes).into();
        Self { bytes: Some(bytes.into()), hash, stamp }
    }
}

impl Files {
    /// The files built into the program.
    #[must_use]
    pub fn embedded() -> Self {
        fn add(dir: &Dir<'_>, files: &mut Files) {
            let shown = |path: &Path| !path.file_name().is_some_and(|name| is_passed_over(&name.to_string_lossy()));
            for file in dir.files().filter(|file| shown(file.path())) {
                files.insert(&file.path().to_string_lossy(), file.contents().to_vec());
            }
            for dir in dir.dirs().filter(|dir| shown(dir.path())) {
                add(dir, files);
            }
        }
        let mut files = Self { root: "content".into(), files: BTreeMap::new() };
        add(&EMBEDDED, &mut files);
        files
    }

    /// The files of a folder, symbolic links followed; hidden files and editors' backups are passed over.
    ///
    /// # Errors
    /// The folder or a file in it can't be read, or there are more than 10,000 files.
    pub fn read(folder: &Path) -> io::Result<Self> {
        Self::read_again(folder, &Self::default(), SystemTime::UNIX_EPOCH)
    }

    /// Like [`Files::read`], but what has not changed since `before` was read isn't read again. `now` is the time of day.
    ///
    /// # Errors
    /// As those of [`Files::read`].
    pub fn read_again(folder: &Path, before: &Self, now: SystemTime) -> io::Result<Self> {
        let root = folder.to_string_lossy().trim_end_matches('/').to_owned();
        let mut files = Self { root, files: BTreeMap::new() };
        files.read_folder(folder, "", 0, before, now)?;
        Ok(files)
    }

    /// Tells one state of all files from another.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let all = self.files.iter().fold(Sha256::new(), |all, (path, file)| {
            all.chain_update(path.len().to_le_bytes()).chain_update(path).chain_update(file.hash)
        });
        all.finalize().into()
    }

    /// Adds a file or takes its place.
    pub fn insert(&mut self, path: &str, bytes: Vec<u8>) {
        self.files.insert(path.to_owned(), File::new(bytes, None));
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// The bytes of a file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path)?.bytes.as_deref()
    }

    /// Tells one state of a file from another.
    pub(super) fn hash(&self, path: &str) -> Option<[u8; 32]> {
        self.files.get(path).map(|file| file.hash)
    }

    /// Whether there is a file below a folder.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        self.paths().any(|path| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
    }

    /// The paths of all files, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The path findings show for a file.
    pub(super) fn shown(&self, path: &str) -> String {
        if self.root.is_empty() { path.to_owned() } else { format!("{}/{path}", self.root) }
    }

    fn read_folder(
        &mut self,
        folder: &Path,
        prefix: &str,
        depth: usize,
        before: &Self,
        now: SystemTime,
    ) -> io::Result<()> {
        let within =
            |error: io::Error, path: &Path| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        for entry in std::fs::read_dir(folder).map_err(|error| within(error, folder))? {
            let entry = entry.map_err(|error| within(error, folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_passed_over(&name) {
                continue;
            }
            let path = entry.path();
            let metadata = match std::fs::metadata(&path) {
                Ok(metadata) => metadata,
                // An editor that saves by rename, or a dangling link: the file isn't there any more.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(within(error, &path)),
            };
            let key = format!("{prefix}{name}");
            if metadata.is_dir() {
                if depth < MAX_DEPTH {
                    self.read_folder(&path, &format!("{key}/"), depth + 1, before, now)?;
                }
            } else if metadata.len() > MAX_FILE {
                self.files.insert(key, File { bytes: None, hash: [0; 32], stamp: None });
            } else if metadata.is_file() {
                let stamp = Stamp::of(&metadata, now);
                let known = before.files.get(&key);
                let same =
                    known.filter(|file| matches!((&file.stamp, &stamp), (Some(then), Some(now)) if then.holds(now)));
                let file = match same {
                    Some(file) => file.clone(),
                    None => File::new(std::fs::read(&path).map_err(|error| within(error, &path))?, stamp),
                };
                self.files.insert(key, file);
            }
            if self.files.len() > MAX_FILES {
                let message = format!("{}: more than {MAX_FILES} files; is this the content folder?", folder.display());
                return Err(io::Error::other(message));
            }
        }
        Ok(())
    }
}

/// Hidden files, and what editors leave beside the file they save.
fn is_passed_over(name: &str) -> bool {
    let tail = name.rsplit('.').next().unwrap_or_default();
    name.starts_with(['.', '#']) || name.ends_with('~') || matches!(tail, "swp" | "swo" | "tmp" | "bak" | "orig")
}
