//! Reads the files of a folder that anything may happen to meanwhile.
//!
//! A name says nothing that holds until the next system call: between a look at a file and its reading it can become a link to a file of
//! the system, or a pipe that nobody writes to. So a file is opened first, without following links and without waiting; then its handle is
//! looked at; then it is read, up to a limit. What links lead to is opened from the content folder downwards, name by name, as long as it
//! is within.

use super::{
    File, Files, MAX_ALL_MEDIA, MAX_FILE, MAX_FILES, MAX_MEDIA, MAX_MEDIA_FILES, Role, Unreadable, holds_content,
    is_passed_over, media_name,
};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use std::cell::OnceCell;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, FileType, Metadata};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The deepest folder that is read below the content folder.
const MAX_DEPTH: usize = 6;

/// What the disk says of a file: enough to see that it was written since, or that another took its place. A program can set the time of
/// writing to what it likes; the time of change, and the place on the disk, are the kernel's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Device and inode.
    place: (u64, u64),
    length: u64,
    /// Seconds and nanoseconds.
    written: (i64, i64),
    changed: (i64, i64),
    /// Clocks of file systems tick in milliseconds: two writes within a tick look the same. A file that was young when it was read
    /// is read again.
    settled: bool,
}

/// How old a file must be when it is read for its time to be trusted.
const SETTLED: Duration = Duration::from_millis(1500);

impl Stamp {
    fn new(metadata: &Metadata, now: SystemTime) -> Self {
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        let seconds = u64::try_from(changed.0).map(Duration::from_secs);
        let settled = seconds.is_ok_and(|at| now > SystemTime::UNIX_EPOCH + at + Duration::from_secs(1) + SETTLED);
        Self {
            place: (metadata.dev(), metadata.ino()),
            length: metadata.len(),
            written: (metadata.mtime(), metadata.mtime_nsec()),
            changed,
            settled,
        }
    }

    /// Whether a file that was read with this stamp is the same now.
    fn holds(&self, now: &Self) -> bool {
        self.settled && self == now
    }
}

/// Reads a folder once.
pub(super) struct Reader<'a> {
    root: &'a Path,
    before: &'a Files,
    now: SystemTime,
    files: Files,
    /// How many pictures and documents there are, and their bytes.
    media: (usize, u64),
    /// Opened when something has to be read.
    handle: OnceCell<OwnedFd>,
}

/// A folder within the content folder.
struct Folder {
    /// What the paths of its files begin with: nothing, or a path with `/` at its end.
    prefix: String,
    /// Where it is below the content folder, without links.
    place: PathBuf,
    /// Opened when something has to be read.
    handle: OnceCell<OwnedFd>,
}

/// What has the name of a content file.
struct Found<'a> {
    folder: &'a Folder,
    entry: &'a DirEntry,
    place: PathBuf,
    /// Of what it leads to, if it is a link.
    metadata: Metadata,
    is_link: bool,
}

impl Folder {
    fn new(prefix: String, place: PathBuf) -> Self {
        Self { prefix, place, handle: OnceCell::new() }
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(root: &'a Path, before: &'a Files, now: SystemTime) -> Self {
        let shown = root.to_string_lossy().trim_end_matches('/').to_owned();
        let files = Files { root: shown, ..Files::default() };
        Self { root, before, now, files, media: (0, 0), handle: OnceCell::new() }
    }

    pub(super) fn read(mut self) -> io::Result<Files> {
        let within = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", self.root.display()));
        let entries = fs::read_dir(self.root).and_then(Iterator::collect).map_err(within)?;
        self.read_entries(&Folder::new(String::new(), PathBuf::new()), entries, &mut vec![PathBuf::new()])?;
        Ok(self.files)
    }

    /// `above` are the places of the folder and of those it was reached by: a link to one of them leads in a circle.
    fn read_entries(&mut self, folder: &Folder, entries: Vec<DirEntry>, above: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in entries {
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_passed_over(&name) {
                continue;
            }
            self.read_entry(folder, &entry, format!("{}{name}", folder.prefix), above)?;
            if self.files.by_path.len() > MAX_FILES {
                let root = self.root.display();
                return Err(io::Error::other(format!(
                    "{root}: more than {MAX_FILES} files; is this the content folder?"
                )));
            }
        }
        Ok(())
    }

    fn read_entry(
        &mut self,
        folder: &Folder,
        entry: &DirEntry,
        key: String,
        above: &mut Vec<PathBuf>,
    ) -> io::Result<()> {
        let place = folder.place.join(entry.file_name());
        let metadata = match entry.metadata() {
            // A link says of itself that it is one; what it leads to counts.
            Ok(metadata) if metadata.is_symlink() => fs::metadata(self.root.join(&place)).map(|target| (target, true)),
            found => found.map(|metadata| (metadata, false)),
        };
        let (metadata, is_link) = match metadata {
            Ok(found) => found,
            // An editor that saves by rename, a dangling link, or one that leads to itself: no file is there.
            Err(error) if error.kind() == io::ErrorKind::NotFound || is(&error, Errno::LOOP) => return Ok(()),
            Err(error) => {
                self.note(key, Unreadable::Failed(error.to_string()));
                return Ok(());
            }
        };
        let role = Role::from_path(&key);
        if role == Role::Content || role == Role::Media && !metadata.is_dir() {
            let found = Found { folder, entry, place, metadata, is_link };
            if let Some(file) =
                self.room(&key, &found.metadata).map(File::unreadable).or_else(|| self.read_file(&key, &found))
            {
                self.files.by_path.insert(key, file);
            }
        } else if !metadata.is_dir() {
            self.files.by_path.insert(key, File::unreadable(Unreadable::Unasked));
        } else if let Some(place) = if is_link { self.within(&place) } else { Some(place) } {
            self.read_folder(key, place, above)?;
        } else {
            self.note(key, Unreadable::Outside);
        }
        Ok(())
    }

    /// Why a picture or document is not read, if there is no room for it.
    fn room(&mut self, key: &str, metadata: &Metadata) -> Option<Unreadable> {
        media_name(key)?;
        self.media.0 += 1;
        self.media.1 = self.media.1.saturating_add(metadata.len().min(MAX_MEDIA));
        if self.media.0 > MAX_MEDIA_FILES {
            Some(Unreadable::TooMany)
        } else if metadata.len() > MAX_MEDIA {
            Some(Unreadable::TooLarge)
        } else {
            (self.media.1 > MAX_ALL_MEDIA).then_some(Unreadable::TooMuch)
        }
    }

    /// What is found under the name of a content file; nothing where it is gone.
    fn read_file(&self, key: &str, found: &Found<'_>) -> Option<File> {
        let stamp = Stamp::new(&found.metadata, self.now);
        let known = self.before.by_path.get(key).filter(|file| file.stamp.is_some_and(|then| then.holds(&stamp)));
        if let Some(file) = known {
            return Some(file.clone());
        }
        if !found.metadata.is_file() {
            return Some(File::unreadable(Unreadable::NotAFile(kind(found.metadata.file_type()))));
        }
        let opened = if found.is_link {
            let Some(place) = self.within(&found.place) else { return Some(File::unreadable(Unreadable::Outside)) };
            self.open(&place, OFlags::NONBLOCK)
        } else {
            self.folder(found.folder).and_then(|folder| open_in(folder, &found.entry.file_name(), OFlags::NONBLOCK))
        };
        let name = media_name(key);
        let most = if name.is_some() { MAX_MEDIA } else { MAX_FILE };
        let file = |bytes, stamp| match name {
            Some(name) => {
                File::media(name, bytes, stamp, self.before.by_path.get(key).and_then(|file| file.media.as_ref()))
            }
            None => File::new(bytes, stamp),
        };
        match opened.and_then(|handle| read(fs::File::from(handle), self.now, most, file)) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => Some(File::unreadable(Unreadable::Failed(error.to_string()))),
        }
    }

    fn read_folder(&mut self, key: String, place: PathBuf, above: &mut Vec<PathBuf>) -> io::Result<()> {
        if above.len() > MAX_DEPTH || above.contains(&place) {
            return Ok(());
        }
        match fs::read_dir(self.root.join(&place)).and_then(Iterator::collect) {
            Ok(entries) => {
                above.push(place.clone());
                let read = self.read_entries(&Folder::new(format!("{key}/"), place), entries, above);
                above.pop();
                read
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => {
                self.note(key, Unreadable::Failed(error.to_string()));
                Ok(())
            }
        }
    }

    /// Notes that something can't be read, if anything would read it.
    fn note(&mut self, key: String, why: Unreadable) {
        if Role::from_path(&key) == Role::Content {
            self.files.by_path.insert(key, File::unreadable(why));
        } else if holds_content(&key) {
            self.files.unreadable_folders.insert(key, why);
        }
    }

    /// Where a link leads below the content folder, without links on the way. Nothing where it leads out of it.
    fn within(&self, place: &Path) -> Option<PathBuf> {
        let root = fs::canonicalize(self.root).ok()?;
        let target = fs::canonicalize(self.root.join(place)).ok()?;
        target.strip_prefix(root).ok().map(Path::to_path_buf)
    }

    /// The handle of the content folder, which may be a link itself.
    fn root(&self) -> io::Result<&OwnedFd> {
        opened(&self.handle, || Ok(openat(CWD, self.root, FLAGS.difference(OFlags::NOFOLLOW), Mode::empty())?))
    }

    fn folder<'f>(&'f self, folder: &'f Folder) -> io::Result<&'f OwnedFd> {
        opened(&folder.handle, || self.open(&folder.place, OFlags::DIRECTORY))
    }

    /// Opens what is at a place below the content folder, name by name, so that no link is followed.
    fn open(&self, place: &Path, flags: OFlags) -> io::Result<OwnedFd> {
        let root = self.root()?;
        let Some(name) = place.file_name() else { return root.try_clone() };
        let mut parent: Option<OwnedFd> = None;
        for part in place.parent().into_iter().flat_map(Path::iter) {
            parent = Some(open_in(parent.as_ref().unwrap_or(root), part, OFlags::DIRECTORY)?);
        }
        open_in(parent.as_ref().unwrap_or(root), name, flags)
    }
}

/// How everything is opened: for reading, without following a link, and never as the terminal of this program.
const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC).union(OFlags::NOFOLLOW).union(OFlags::NOCTTY);

fn open_in(folder: &OwnedFd, name: &OsStr, flags: OFlags) -> io::Result<OwnedFd> {
    Ok(openat(folder, name, FLAGS | flags, Mode::empty())?)
}

/// The handle in a cell, opened the first time.
fn opened(cell: &OnceCell<OwnedFd>, open: impl FnOnce() -> io::Result<OwnedFd>) -> io::Result<&OwnedFd> {
    if let Some(handle) = cell.get() {
        return Ok(handle);
    }
    let handle = open()?;
    Ok(cell.get_or_init(|| handle))
}

/// The bytes behind a handle, if it is a file's.
fn read(
    handle: fs::File,
    now: SystemTime,
    most: u64,
    file: impl FnOnce(Vec<u8>, Option<Stamp>) -> File,
) -> io::Result<File> {
    let metadata = handle.metadata()?;
    if !metadata.is_file() {
        return Ok(File::unreadable(Unreadable::NotAFile(kind(metadata.file_type()))));
    }
    // A byte more than there may be: a file can grow while it is read, and one of the kernel's says that it is empty.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(most)).unwrap_or_default() + 1);
    handle.take(most + 1).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= most) {
        return Ok(file(bytes, Some(Stamp::new(&metadata, now))));
    }
    Ok(File::unreadable(Unreadable::TooLarge))
}

/// What is in place of a file, in words.
fn kind(of: FileType) -> &'static str {
    if of.is_dir() {
        "a folder"
    } else if of.is_fifo() {
        "a pipe"
    } else if of.is_socket() {
        "a socket"
    } else if of.is_block_device() || of.is_char_device() {
        "a device"
    } else {
        "a link"
    }
}

fn is(error: &io::Error, number: Errno) -> bool {
    error.raw_os_error() == Some(number.raw_os_error())
}

#[cfg(test)]
mod tests {
    use super::Stamp;
    use std::fs;
    use std::time::{Duration, SystemTime};

    #[test]
    fn a_stamp_is_trusted_when_it_was_old_and_the_clock_says_so() {
        let metadata = fs::metadata("Cargo.toml").unwrap();
        let at = |seconds| Stamp::new(&metadata, SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
        let changed = u64::try_from(std::os::unix::fs::MetadataExt::ctime(&metadata)).unwrap();
        let (young, old) = (at(changed + 1), at(changed + 60));
        assert!(old.holds(&at(changed + 3_600)), "it has not changed");
        assert!(!young.holds(&old) && !old.holds(&young), "within a second it may have");
        assert!(!old.holds(&at(0)), "what SIGHUP asks for reads every byte");
        assert!(!old.holds(&Stamp { changed: (0, 0), ..old }) && !old.holds(&Stamp { place: (0, 0), ..old }));
    }
}
