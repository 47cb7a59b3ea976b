//! The content files as bytes: those built into the program, or those of a folder.

mod folder;
mod stray;

use super::media::{self, MAX_ALL_MEDIA, MAX_MEDIA, MAX_MEDIA_FILES, Media};
use super::names;
use super::text::typed::is_invisible;
use crate::lang::Lang;
use folder::{Reader, Stamp};
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;
pub(super) use stray::{Kind, Stray, name_of};

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/content");

/// No content file may be larger than this, in bytes.
pub(super) const MAX_FILE: u64 = 1024 * 1024;

/// Pages that every other page links to, by file name.
pub(super) const NEEDED_PAGES: [&str; 5] = ["home", "get-help-now", "appointments", "contact", "privacy"];

/// A content folder holds at most so many files.
const MAX_FILES: usize = 10_000;

/// Content files by their path below the content folder, with `/` between the parts.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// What findings put before each path: the folder as the user typed it.
    root: String,
    by_path: BTreeMap<String, File>,
    /// Folders that should be read and can't be, by path.
    unreadable_folders: BTreeMap<String, Unreadable>,
}

/// One file.
#[derive(Clone, Debug)]
struct File {
    bytes: Result<Arc<[u8]>, Unreadable>,
    /// Differs from one state of a file to another.
    hash: [u8; 32],
    /// What the disk said of it when it was read.
    stamp: Option<Stamp>,
    /// Of a picture or a document, which has its bytes by itself.
    media: Option<Arc<Media>>,
}

/// Why the bytes of a file, or the names in a folder, are not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Nothing reads a file of this name.
    Unasked,
    /// It is larger than a file of its kind may be.
    TooLarge,
    /// The pictures and documents together are larger than they may be.
    TooMuch,
    /// There are more pictures and documents than there may be.
    TooMany,
    /// It is a link that leads out of the content folder.
    Outside,
    /// It is something else than a file: what.
    NotAFile(&'static str),
    /// The system's reason.
    Failed(String),
}

/// What becomes of a file, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// [`super::load`] reads it.
    Content,
    /// A picture or a document: [`Media`].
    Media,
    /// Only people read it.
    Notes,
    /// Nobody reads it.
    Unknown,
}

impl Role {
    pub(super) fn from_path(path: &str) -> Self {
        let is_language = |tag: &str| Lang::from_tag(tag).is_some();
        let has_extension = |name: &str, extension| Path::new(name).extension().is_some_and(|found| found == extension);
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            [name] if names::is_known(name, false) => Self::Content,
            [name] if has_extension(name, "md") => Self::Notes,
            [lang, name] if is_language(lang) && names::is_known(name, true) => Self::Content,
            [media::FOLDER, _] => Self::Media,
            [lang, names::PAGES, page] if is_language(lang) && has_extension(page, "toml") => Self::Content,
            _ => Self::Unknown,
        }
    }
}

/// Whether a folder of this path holds content files.
fn holds_content(folder: &str) -> bool {
    let language = folder.strip_suffix("/pages").unwrap_or(folder);
    Lang::from_tag(language).is_some() || folder == media::FOLDER
}

impl File {
    fn new(bytes: Vec<u8>, stamp: Option<Stamp>) -> Self {
        let hash = Sha256::digest(&bytes).into();
        Self { bytes: Ok(bytes.into()), hash, stamp, media: None }
    }

    /// A picture or a document; an equal one that was read before is reused.
    fn media(name: &str, bytes: Vec<u8>, stamp: Option<Stamp>, before: Option<&Arc<Media>>) -> Self {
        let media = Media::new(name, bytes);
        let media = match before.filter(|before| before.hash() == media.hash()) {
            Some(before) => Arc::clone(before),
            None => Arc::new(media),
        };
        Self { bytes: Err(Unreadable::Unasked), hash: media.hash(), stamp, media: Some(media) }
    }

    fn unreadable(why: Unreadable) -> Self {
        Self { hash: why.hash(), bytes: Err(why), stamp: None, media: None }
    }
}

impl Unreadable {
    /// Differs from one reason to another, and from the hash of every file.
    fn hash(&self) -> [u8; 32] {
        match self {
            Self::Unasked => [0; 32],
            why => Sha256::digest(format!("\0 unread: {why:?}")).into(),
        }
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
        let mut files = Self { root: "content".into(), ..Self::default() };
        add(&EMBEDDED, &mut files);
        files
    }

    /// The files of a folder; hidden files and editors' backups are passed over. Links are followed within the folder. What can't be read in
    /// it becomes a finding of [`super::load`].
    ///
    /// # Errors
    /// The folder itself can't be read, or there are more than 10,000 files.
    pub fn read(folder: &Path) -> io::Result<Self> {
        Self::read_again(folder, &Self::default(), SystemTime::UNIX_EPOCH)
    }

    /// Like [`Files::read`], but what has not changed since `before` was read isn't read again. `now` is the time of day; with
    /// [`SystemTime::UNIX_EPOCH`] no file is old enough to be trusted, so that the bytes of all are read.
    ///
    /// # Errors
    /// As those of [`Files::read`].
    pub fn read_again(folder: &Path, before: &Self, now: SystemTime) -> io::Result<Self> {
        Reader::new(folder, before, now).read()
    }

    /// Differs from one state of all files to another.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        let all = self.by_path.iter().fold(Sha256::new(), |all, (path, file)| {
            all.chain_update(path.len().to_le_bytes()).chain_update(path).chain_update(file.hash)
        });
        let all = self.unreadable_folders.iter().fold(all, |all, (path, why)| {
            all.chain_update(path.len().to_le_bytes()).chain_update(path).chain_update(why.hash())
        });
        all.finalize().into()
    }

    /// The same in short, for people.
    #[must_use]
    pub fn revision(&self) -> String {
        hex::encode(self.fingerprint().into_iter().take(6).collect::<Vec<u8>>())
    }

    /// Adds a file or takes its place.
    pub fn insert(&mut self, path: &str, bytes: Vec<u8>) {
        let file = match media_name(path) {
            Some(name) => File::media(name, bytes, None, None),
            None => File::new(bytes, None),
        };
        self.by_path.insert(path.to_owned(), file);
    }

    /// The pictures and documents, by name.
    pub(crate) fn media(&self) -> impl Iterator<Item = (&str, &Arc<Media>)> {
        self.by_path.values().filter_map(|file| file.media.as_ref()).map(|media| (media.name(), media))
    }

    /// Each file of the folder of pictures and documents: its path, its name, and what it is, or why that isn't known.
    pub(super) fn media_files(&self) -> impl Iterator<Item = (&str, &str, Result<&Arc<Media>, &Unreadable>)> {
        self.by_path.iter().filter_map(|(path, file)| {
            let media = match (&file.media, &file.bytes) {
                (Some(media), _) => Ok(media),
                (None, Err(why)) => Err(why),
                (None, Ok(_)) => return None,
            };
            Some((path.as_str(), media_name(path)?, media))
        })
    }

    /// Whether there are pictures or documents.
    pub(crate) fn has_media(&self) -> bool {
        self.media().next().is_some()
    }

    /// Takes over what was made of pictures and documents of other files, where they are the same: they are not decoded and encoded again.
    pub(crate) fn take_made(&mut self, others: &Self) {
        for (path, file) in &mut self.by_path {
            let other = others.by_path.get(path).filter(|other| other.hash == file.hash);
            file.media = other.and_then(|other| other.media.clone()).or_else(|| file.media.take());
        }
    }

    /// Adds a picture or document whose bytes are there already.
    pub(crate) fn insert_media(&mut self, media: Media) {
        let (path, hash) = (format!("{}/{}", media::FOLDER, media.name()), media.hash());
        let file = File { bytes: Err(Unreadable::Unasked), hash, stamp: None, media: Some(Arc::new(media)) };
        self.by_path.insert(path, file);
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) {
        self.by_path.remove(path);
    }

    /// The bytes of a file.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.by_path.get(path)?.bytes.as_deref().ok()
    }

    /// Whether there is a file, whether or not it can be read.
    pub(super) fn contains(&self, path: &str) -> bool {
        self.by_path.contains_key(path)
    }

    /// Whether there is a file, or a folder with files.
    pub(super) fn is_there(&self, path: &str) -> bool {
        self.contains(path) || self.has_folder(path)
    }

    /// Why the bytes of a file that is there are not here.
    pub(super) fn unreadable(&self, path: &str) -> Option<&Unreadable> {
        self.by_path.get(path)?.bytes.as_ref().err()
    }

    /// The folders that should be read and can't be, and why.
    pub(super) fn unreadable_folders(&self) -> impl Iterator<Item = (&str, &Unreadable)> {
        self.unreadable_folders.iter().map(|(path, why)| (path.as_str(), why))
    }

    /// Whether a file may be in a folder that can't be read.
    pub(super) fn may_be_unreadable(&self, path: &str) -> bool {
        let below = |folder: &String| path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
        self.unreadable_folders.keys().any(below)
    }

    /// Differs from one state of a file to another.
    pub(super) fn hash(&self, path: &str) -> Option<[u8; 32]> {
        self.by_path.get(path).map(|file| file.hash)
    }

    /// Whether there is a file below a folder.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        let start = format!("{folder}/");
        self.by_path.range(start.clone()..).next().is_some_and(|(path, _)| path.starts_with(&start))
    }

    /// The paths of all files, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.by_path.keys().map(String::as_str)
    }

    /// The path findings show for a file: nothing in its name commands a terminal.
    #[must_use]
    pub fn shown(&self, path: &str) -> String {
        let unseen = |c: char| c.is_control() || is_invisible(c);
        let path = path.replace(unseen, "\u{fffd}");
        if self.root.is_empty() { path } else { format!("{}/{path}", self.root) }
    }
}

/// The name of a picture or document of this path.
fn media_name(path: &str) -> Option<&str> {
    path.strip_prefix(media::FOLDER)?.strip_prefix('/').filter(|name| !name.contains('/'))
}

/// What is neither content nor meant to be: hidden files, what editors and Word leave beside the file they save, what is still being uploaded or
/// downloaded, and what systems put into folders of their own accord.
fn is_passed_over(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let tail = lower.rsplit_once('.').map_or("", |(_, tail)| tail);
    name.starts_with(['.', '#', '~', '@', '$'])
        || name.ends_with('~')
        || PASSED_OVER.contains(&lower.as_str())
        || ENDINGS.contains(&tail)
}

/// By their names, in small letters: of Vim, Finder, Windows, ZIP.
const PASSED_OVER: [&str; 8] = [
    "4913",
    "icon\r",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "system volume information",
    "lost+found",
    "__macosx",
];

/// By their endings: of editors, of uploads and downloads that are under way, of shortcuts.
const ENDINGS: [&str; 16] = [
    "swp",
    "swo",
    "swx",
    "swpx",
    "tmp",
    "temp",
    "bak",
    "orig",
    "lock",
    "part",
    "partial",
    "crdownload",
    "download",
    "filepart",
    "opdownload",
    "lnk",
];

#[cfg(test)]
mod tests {
    use super::Files;
    use std::sync::Arc;

    #[test]
    fn what_was_made_of_a_picture_is_taken_over_where_it_is_the_same() {
        let files = |bytes: &[u8]| {
            let mut files = Files::default();
            files.insert("files/entrance.jpg", bytes.to_vec());
            files.insert("files/other.jpg", b"other".to_vec());
            files
        };
        let before = files(b"a picture");
        let is_taken_over = |bytes: &[u8]| {
            let mut now = files(bytes);
            now.take_made(&before);
            now.media().zip(before.media()).map(|((_, one), (_, other))| Arc::ptr_eq(one, other)).collect::<Vec<_>>()
        };
        assert_eq!(is_taken_over(b"a picture"), [true, true]);
        assert_eq!(is_taken_over(b"another"), [false, true]);
        assert_eq!(files(b"a picture").fingerprint(), before.fingerprint());
        let mut none = Files::default();
        none.take_made(&before);
        assert!(!none.has_media() && before.has_media());
    }
}
