//! `clinic-site export`: the site as files.

use super::{Failure, Outcome, clock, counted, place, read, say};
use crate::config::ExportOptions;
use crate::content::Content;
use crate::http::headers_file;
use crate::site::{Coding, CompressionLevel, Entry, ErrorKind, Prebuilt, Settings, Site};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io, process};
use url::Url;

/// Where old addresses are listed, a line each: `/old/ /new/ 308`.
const REDIRECTS: &str = "_redirects";

/// The headers of each path.
const HEADERS: &str = "_headers";

/// Lies in each folder that an export has written: what else is in such a folder may be replaced.
const MARK: &str = ".clinic-site-export";

/// The errors that a static host or a proxy answers by itself, each with its file's name.
const ERRORS: [(ErrorKind, &str); 2] = [(ErrorKind::NotFound, "404.html"), (ErrorKind::Unavailable, "503.html")];

/// The codings whose bytes lie beside a file, each with what is added to its name, where nginx and Caddy look for them.
const PRECOMPRESSED: [(Coding, &str); 2] = [(Coding::Brotli, ".br"), (Coding::Gzip, ".gz")];

pub(super) fn run(options: &ExportOptions) -> Result<Outcome, Failure> {
    // A link stays, and what it leads to is replaced.
    let out = fs::canonicalize(&options.out).unwrap_or_else(|_| options.out.clone());
    let found = Found::at(&out)?;
    let now = clock::now();
    let published = options.public_url.is_some();
    let (content, report) = read(&options.content, &now, published)?;
    let Some(content) = content else {
        say(report.text());
        return Ok(Outcome::ContentErrors);
    };
    let content = Content { tells_the_hour: false, ..content };
    let settings = Settings {
        public_url: options.public_url.clone(),
        now,
        as_of: false,
        // Files have no server that their script could ask.
        live: false,
        requests: false,
        compression: if published { CompressionLevel::Best } else { CompressionLevel::Fast },
    };
    let site = Site::build(&content, &settings, None).map_err(Failure::new)?;
    let new = beside(&out)?;
    let done = write_site(&new, &content, &site).and_then(|files| put(&new, &out, found).map(|()| files));
    if done.is_err() {
        let _ = fs::remove_dir_all(&new);
    }
    say(format!(
        "{} in {}, from the content {}",
        counted(done?, "file"),
        options.out.display(),
        place(&options.content)
    ));
    Ok(Outcome::Good)
}

/// What is where the files belong.
#[derive(Clone, Copy)]
enum Found {
    Nothing,
    /// An empty folder, or one that an export has written.
    Folder,
}

impl Found {
    fn at(out: &Path) -> Result<Self, Failure> {
        let mut entries = match fs::read_dir(out) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::Nothing),
            Err(error) => return Err(Failure::at(out)(error)),
        };
        if entries.next().is_none() || out.join(MARK).is_file() {
            return Ok(Self::Folder);
        }
        Err(Failure::new(format!("{} has files that no export has written", out.display()))
            .help("name a folder that is new, empty, or from an export, which is replaced; nothing was written"))
    }
}

/// Makes a folder beside `out`, on the same disk, that nobody else uses.
fn beside(out: &Path) -> Result<PathBuf, Failure> {
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    let new = out.with_file_name(format!(".{name}.new-{}", process::id()));
    fs::create_dir_all(&new).map_err(Failure::at(&new)).map_err(|failure| {
        failure.help(format!(
            "the new site is made beside {}, in the folder that holds it, which has to be writable",
            out.display()
        ))
    })?;
    Ok(new)
}

/// Puts the new folder into its place, in one step where there was another: whoever asks for a file gets one of the site before or one of the new site.
fn put(new: &Path, out: &Path, found: Found) -> Result<(), Failure> {
    match found {
        Found::Nothing => fs::rename(new, out).map_err(Failure::at(out)),
        Found::Folder => {
            renameat_with(CWD, new, CWD, out, RenameFlags::EXCHANGE).map_err(|error| {
                Failure::at(out)(error.into())
                    .help("the folder can't be replaced in one step; name one that is new or empty and no place where a disk is mounted")
            })?;
            // The site before has the new one's name now.
            fs::remove_dir_all(new).map_err(Failure::at(new))
        }
    }
}

/// Writes every file of the site into a new folder; gives their number, less those beside others.
fn write_site(folder: &Path, content: &Content, site: &Site) -> Result<usize, Failure> {
    let mut redirects: Vec<(&str, &str)> = Vec::new();
    let mut files = 0;
    for (path, entry) in site.entries() {
        match entry {
            Entry::Answer(page) => {
                write_page(folder, &file_of(path), page)?;
                files += 1;
            }
            Entry::Moved(to) => redirects.push((path, to)),
        }
    }
    for lang in content.languages.iter().map(|language| language.lang) {
        for (kind, name) in ERRORS {
            if let Some(page) = site.error(kind, lang.root()) {
                write_page(folder, &PathBuf::from(format!("{}{name}", lang.root().trim_start_matches('/'))), page)?;
                files += 1;
            }
        }
    }
    redirects.sort_unstable();
    let list = redirects.iter().fold(String::new(), |mut list, (from, to)| {
        // The pairs of a query stand by themselves: `/ page_id=7 /medicare/ 308`. What isn't ASCII is escaped, as browsers ask for it.
        let Ok(from) = Url::parse("https://clinic.example/").and_then(|base| base.join(from)) else { return list };
        let query = from.query().map(|query| format!(" {}", query.replace('&', " "))).unwrap_or_default();
        let _ = writeln!(list, "{}{query} {to} 308", from.path());
        list
    });
    write(folder, Path::new(REDIRECTS), list.as_bytes())?;
    write(folder, Path::new(HEADERS), headers_file(site).as_bytes())?;
    write(folder, Path::new(MARK), b"Written by clinic-site export, which replaces this whole folder.\n")?;
    Ok(files + 2)
}

/// The file of a path, below the folder: a path that ends with a slash is a folder's `index.html`. Paths are the site's own, so there is no `..`.
fn file_of(path: &str) -> PathBuf {
    let relative = path.trim_start_matches('/');
    if relative.is_empty() || relative.ends_with('/') {
        PathBuf::from(format!("{relative}index.html"))
    } else {
        PathBuf::from(relative)
    }
}

/// Writes a page, and its compressed bytes beside it.
fn write_page(folder: &Path, file: &Path, page: &Prebuilt) -> Result<(), Failure> {
    write(folder, file, &page.identity().bytes)?;
    let bodies = page.bodies();
    for (coding, suffix) in PRECOMPRESSED {
        if let Some(body) = bodies.get(coding) {
            let mut name = file.as_os_str().to_owned();
            name.push(suffix);
            write(folder, Path::new(&name), &body.bytes)?;
        }
    }
    Ok(())
}

fn write(folder: &Path, file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let path = folder.join(file);
    let parent = path.parent().unwrap_or(folder);
    fs::create_dir_all(parent).and_then(|()| fs::write(&path, bytes)).map_err(Failure::at(&path))
}
