//! The content files as bytes: those built into the program, or those of a folder.

use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

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
pub(super) enum File {
    Bytes(Vec<u8>),
    /// The file is larger than [`MAX_FILE`], so it was not read.
    TooLarge,
}

impl Files {
    /// The files built into the program.
    #[must_use]
    pub fn embedded() -> Self {
        fn add(dir: &Dir<'_>, files: &mut Files) {
            for file in dir.files() {
                files.insert(&file.path().to_string_lossy(), file.contents().to_vec());
            }
            for dir in dir.dirs() {
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
        let root = folder.to_string_lossy().trim_end_matches('/').to_owned();
        let mut files = Self { root, files: BTreeMap::new() };
        files.read_folder(folder, "", 0)?;
        Ok(files)
    }

    /// Adds a file or takes its place.
    pub fn insert(&mut self, path: &str, bytes: Vec<u8>) {
        self.files.insert(path.to_owned(), File::Bytes(bytes));
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) {
        self.files.remove(path);
    }

    /// The bytes of a file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        match self.files.get(path)? {
            File::Bytes(bytes) => Some(bytes),
            File::TooLarge => None,
        }
    }

    /// The paths of all files, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The path findings show for a file.
    pub(super) fn shown(&self, path: &str) -> String {
        if self.root.is_empty() { path.to_owned() } else { format!("{}/{path}", self.root) }
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> io::Result<()> {
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
                    self.read_folder(&path, &format!("{key}/"), depth + 1)?;
                }
            } else if metadata.len() > MAX_FILE {
                self.files.insert(key, File::TooLarge);
            } else if metadata.is_file() {
                self.insert(&key, std::fs::read(&path).map_err(|error| within(error, &path))?);
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
