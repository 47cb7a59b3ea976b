//! Files that other programs leave beside the content, and content under a name that nothing reads. Each is reported as what it is: otherwise the help
//! for a page would be to change its address, and for a file under a wrong name to write it anew.

use super::{Files, NEEDED_PAGES, Role};
use crate::content::names;
use crate::diagnostic::did_you_mean;

/// A file that isn't content under its own name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::content) struct Stray {
    /// It, or the folder that it is in, by its path.
    pub(in crate::content) at: String,
    /// What it is beside, or should be called: the path.
    pub(in crate::content) original: String,
    pub(in crate::content) kind: Kind,
}

/// What a stray file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::content) enum Kind {
    /// A copy: who made it, and why.
    Copy(&'static str),
    /// The ending is another one than `.toml`.
    Ending,
    /// The name has capital letters.
    Capitals,
    /// It is a page beside the folder of its language's pages.
    Outside,
}

impl Stray {
    /// What mends it: another name, or another folder. `what` is how it is called.
    pub(in crate::content) fn mend(&self, files: &Files, what: &str) -> String {
        let folder = |path: &str| path.strip_suffix(name_of(path)).unwrap_or_default().to_owned();
        let (at, original) = (folder(&self.at), folder(&self.original));
        if at == original {
            format!("rename {what} to {}", name_of(&self.original))
        } else {
            format!("move {what} to {}", files.shown(&original))
        }
    }
}

const BY_SOMEBODY: &str = "a copy";
const BY_MERGE: &str = "a copy that git left when it merged two versions";

/// What programs put behind the name of a file that they copy, in small letters, up to the end or to a number.
const BEHIND: [(&str, &str); 12] = [
    (".sync-conflict-", "a copy that Syncthing made when two people had saved the file"),
    ("_conflict-", "a copy that Nextcloud made when two people had saved the file"),
    (".conflict", "a copy that was made when two people had saved the file"),
    ("_backup_", BY_MERGE),
    ("_base_", BY_MERGE),
    ("_local_", BY_MERGE),
    ("_remote_", BY_MERGE),
    (" - copy", BY_SOMEBODY),
    (" - copia", BY_SOMEBODY),
    (" copy", BY_SOMEBODY),
    (" copia", BY_SOMEBODY),
    (" - kopie", BY_SOMEBODY),
];

/// What they put before it.
const BEFORE: [&str; 4] = ["copy of ", "copia de ", "copy - ", "backup of "];

/// What comes in brackets after it.
const IN_BRACKETS: [(&str, &str); 3] = [
    ("conflict", "a copy that Dropbox, or a program like it, made when two people had saved the file"),
    ("copy", BY_SOMEBODY),
    ("copia", BY_SOMEBODY),
];

/// What people call another version of a file, in small letters.
const VERSIONS: [&str; 21] = [
    "old", "new", "copy", "copia", "copie", "backup", "bak", "bkp", "final", "draft", "borrador", "orig", "original",
    "previous", "viejo", "vieja", "nuevo", "nueva", "antiguo", "save", "test",
];

/// The endings that editors of texts put in the place of `.toml`, and slips of it.
const OTHER_ENDINGS: [&str; 4] = ["txt", "text", "tml", "tom"];

/// What follows `.toml` in copies; anything else there is a wrong ending.
const COPY_ENDINGS: [&str; 9] = ["old", "save", "copy", "backup", "bkp", "mine", "rej", "rpmsave", "dpkg-old"];

impl Files {
    /// What a file is whose name says that it isn't content of its own.
    pub(in crate::content) fn stray(&self, path: &str) -> Option<Stray> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'/');
        let stem = path.strip_suffix(".toml").filter(|_| Role::from_path(path) == Role::Content);
        // Nearly all.
        if let Some(stem) = stem.filter(|stem| stem.bytes().all(plain)) {
            let name = stem.rsplit('/').next().unwrap_or_default();
            let (original, what) = self.version(path, name)?;
            let original = format!("{}{original}.toml", stem.strip_suffix(name)?);
            return Some(Stray { at: path.to_owned(), original, kind: Kind::Copy(what) });
        }
        let mut at = String::new();
        for name in path.split('/') {
            let above = at.clone();
            let slash = if at.is_empty() { "" } else { "/" };
            at = format!("{at}{slash}{name}");
            let found = self.stray_name(&at, name).map(|(right, kind)| (format!("{above}{slash}{right}"), kind));
            if let Some((original, kind)) = found.filter(|(original, _)| is_content(original)) {
                return Some(Stray { at, original, kind });
            }
        }
        outside(path)
    }

    /// What is in the place of a file that is missing, under another name.
    pub(in crate::content) fn misnamed(&self, path: &str) -> Option<Stray> {
        let below =
            |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.paths().filter_map(|other| self.stray(other)).find(|stray| below(&stray.original))
    }

    /// A folder in capital letters in the place of one that is missing.
    pub(in crate::content) fn misnamed_folder(&self, folder: &str) -> Option<Stray> {
        let found = (!self.has_folder(folder)).then(|| self.misnamed(folder))?;
        found.filter(|stray| stray.kind == Kind::Capitals && stray.original == folder)
    }

    /// The name that a file or folder was copied from, or should have.
    fn stray_name(&self, at: &str, name: &str) -> Option<(String, Kind)> {
        let lower = name.to_ascii_lowercase();
        let is_other = |(stem, ending): &(&str, &str)| OTHER_ENDINGS.contains(ending) && !stem.contains(".toml");
        if let Some((stem, _)) = lower.rsplit_once('.').filter(is_other) {
            return Some((format!("{stem}.toml"), Kind::Ending));
        }
        let is_folder = Role::from_path(at) != Role::Content && !lower.contains(".toml");
        if is_folder {
            let copy = copied(name, &lower).map(|(stem, what)| (stem, Kind::Copy(what)));
            return copy.or_else(|| capitals(name, &lower));
        }
        if let Some((stem, ending)) = lower.split_once(".toml.") {
            let kind = if COPY_ENDINGS.contains(&ending) || ending.bytes().all(|byte| byte.is_ascii_digit()) {
                Kind::Copy(BY_SOMEBODY)
            } else {
                Kind::Ending
            };
            return Some((format!("{}.toml", name.get(..stem.len())?), kind));
        }
        let (stem, lower_stem) = (name.get(..name.len().checked_sub(5)?)?, lower.strip_suffix(".toml")?);
        if let Some((original, what)) = copied(stem, lower_stem) {
            return Some((format!("{original}.toml"), Kind::Copy(what)));
        }
        if let Some((original, what)) = self.numbered(at, stem).or_else(|| self.version(at, stem)) {
            return Some((format!("{original}.toml"), Kind::Copy(what)));
        }
        let (right, kind) = capitals(name, &lower)?;
        if Role::from_path(at) == Role::Content {
            // A page may have such a name, unless there is another of the same address, or every page links to it.
            let needed = at.strip_suffix(name).filter(|folder| *folder == "en/pages/").and(right.strip_suffix(".toml"));
            let is_needed = needed.is_some_and(|key| NEEDED_PAGES.contains(&key));
            return (is_needed || self.is_same_page(at, &right)).then_some((right, kind));
        }
        self.stray_name(at, &right).or(Some((right, kind)))
    }

    /// Whether a page has the address of the one with another name beside it.
    fn is_same_page(&self, at: &str, name: &str) -> bool {
        let folder = at.rsplit_once('/').map_or("", |(folder, _)| folder);
        let slash = if folder.is_empty() { "" } else { "/" };
        let other = self.get(&format!("{folder}{slash}{name}"));
        // What isn't a page has no address: nothing else has such a name.
        let is_page = Role::from_path(at) == Role::Content;
        other.is_some_and(|other| !is_page || slug(other) == slug(self.get(at).unwrap_or(other)))
    }

    /// The name beside a word that says that it is another version: `x_old`, `x-v2`, `x FINAL`, `old-x`. It has the same address.
    fn version(&self, at: &str, stem: &str) -> Option<(String, &'static str)> {
        const JOINTS: [char; 4] = ['-', '_', ' ', '.'];
        let word = stem.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = word.strip_suffix(['v', 'V']).filter(|rest| rest.ends_with(JOINTS)).unwrap_or(word);
        let dated = stem.trim_end_matches(|c: char| c.is_ascii_digit() || JOINTS.contains(&c));
        let is_version = |word: &&str| VERSIONS.contains(&word.to_ascii_lowercase().as_str());
        let last = stem.rsplit(JOINTS).next().filter(is_version).and_then(|word| stem.strip_suffix(word));
        let first = stem.split(JOINTS).next().filter(is_version).and_then(|word| stem.strip_prefix(word));
        let originals = [Some(number), Some(dated), last, first].into_iter().flatten();
        let originals =
            originals.map(|name| name.trim_matches(JOINTS)).filter(|name| !name.is_empty() && *name != stem);
        let mut copied = originals.filter(|name| self.is_same_page(at, &format!("{name}.toml")));
        copied.next().map(|name| (name.to_owned(), BY_SOMEBODY))
    }

    /// The name before a number or the name of a computer, where both files have the same address: `x (2)`, `x 2`, `x-LAPTOP`.
    fn numbered(&self, at: &str, stem: &str) -> Option<(String, &'static str)> {
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let cut = |text: &str| -> Option<(usize, &'static str)> {
            let bracket = text.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
            if let Some((before, _)) = bracket.filter(|(_, number)| is_number(number)) {
                return Some((before.trim_end().len(), BY_SOMEBODY));
            }
            text.rsplit_once(' ').filter(|(_, number)| is_number(number)).map(|(before, _)| (before.len(), BY_SOMEBODY))
        };
        let computers = stem.match_indices('-').filter(|(dash, _)| {
            stem.get(dash + 1..).is_some_and(|rest| rest.bytes().any(|byte| byte.is_ascii_uppercase()))
        });
        let computers =
            computers.map(|(dash, _)| (dash, "a copy that OneDrive made when two computers had saved the file"));
        let same = |(end, what): (usize, &'static str)| {
            let original = stem.get(..end)?;
            self.is_same_page(at, &format!("{original}.toml")).then(|| (original.to_owned(), what))
        };
        cut(stem).into_iter().chain(computers).find_map(same)
    }
}

/// What a page is that lies beside the folder of its language's pages. What is nearly the name of a file that belongs there is no page's.
fn outside(path: &str) -> Option<Stray> {
    let (lang, name) = path.split_once('/')?;
    let original = format!("{lang}/{}/{name}", names::PAGES);
    let is_page = Role::from_path(path) == Role::Unknown && Role::from_path(&original) == Role::Content;
    let is_other = did_you_mean(name.strip_suffix(".toml")?, names::ALL.iter().map(|file| file.stem())).is_some();
    (is_page && !is_other).then(|| Stray { at: path.to_owned(), original, kind: Kind::Outside })
}

/// The name of a file, without its folders.
pub(in crate::content) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// Whether a path is that of a content file, or of a folder of them.
fn is_content(path: &str) -> bool {
    Role::from_path(path) == Role::Content || super::holds_content(path)
}

/// The same name in small letters.
fn capitals(name: &str, lower: &str) -> Option<(String, Kind)> {
    (name != lower).then(|| (lower.to_owned(), Kind::Capitals))
}

/// The name that another was made from, and what it is.
fn copied(name: &str, lower: &str) -> Option<(String, &'static str)> {
    let rest = |at: usize| lower.get(at..).unwrap_or_default().trim();
    let is_end =
        |tail: &str| tail.trim_matches(|c: char| c.is_ascii_digit() || matches!(c, '(' | ')' | ' ')).is_empty();
    let bracket = lower.rfind(['(', '[']).filter(|at| *at > 0 && lower.ends_with([')', ']']));
    if let Some(bracket) = bracket
        && let Some((_, what)) = IN_BRACKETS.iter().find(|(mark, _)| rest(bracket).contains(mark))
    {
        return Some((name.get(..bracket)?.trim_end().to_owned(), what));
    }
    for (mark, what) in BEHIND {
        let whole = mark.starts_with(' ');
        if let Some(at) = lower.find(mark).filter(|at| *at > 0)
            && (!whole || is_end(rest(at + mark.len())))
        {
            return Some((name.get(..at)?.to_owned(), what));
        }
    }
    let numbered = lower.strip_prefix("copy (").and_then(|_| Some(lower.find(") of ")? + ") of ".len()));
    let before = numbered.or_else(|| BEFORE.iter().find(|mark| lower.starts_with(**mark)).map(|mark| mark.len()));
    if let Some(end) = before {
        return Some((name.get(end..)?.to_owned(), BY_SOMEBODY));
    }
    None
}

/// The line with the address of a page.
fn slug(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let line = text.lines().find(|line| line.trim_start().starts_with("slug"))?;
    Some(line.split_whitespace().collect())
}
