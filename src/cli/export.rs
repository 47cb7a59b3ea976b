//! `clinic-site export`: the site as files, for a static host, or for a proxy to fall back on.

use super::{Failure, Outcome, clock, counted, place, read, say};
use crate::config::ExportOptions;
use crate::content::Content;
use crate::http::headers_file;
use crate::lang::Lang;
use crate::site::{Coding, CompressionLevel, Entry, ErrorKind, Prebuilt, Settings, Site};
use bytes::Bytes;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use url::Url;

/// Where old addresses are listed, a line each: `/old/ /new/ 308`.
const REDIRECTS: &str = "_redirects";

/// Where the headers of the answers are listed, for hosts that read them (Netlify, Cloudflare Pages).
const HEADERS: &str = "_headers";

/// Lists what an export wrote, so that the next one knows what it may replace.
const LIST: &str = ".clinic-site-export";

/// The codings that are written beside a file, with the endings that web servers look for (nginx `gzip_static`, Caddy `precompressed`).
const CODINGS: [(Coding, &str); 2] = [(Coding::Brotli, "br"), (Coding::Gzip, "gz")];

/// The pages for errors that are written: what a static host shows for an address that isn't there, and a proxy while the server is away.
const ERRORS: [ErrorKind; 2] = [ErrorKind::NotFound, ErrorKind::Unavailable];

/// The files, by their path in the folder.
type Files = BTreeMap<PathBuf, Bytes>;

pub(super) fn run(options: &ExportOptions) -> Result<Outcome, Failure> {
    let out = Target::new(&options.out)?;
    let now = clock::now();
    let (content, report) = read(&options.content, &now, options.public_url.is_some())?;
    let Some(content) = content else {
        say(report.text());
        return Ok(Outcome::ContentErrors);
    };
    let content = Content { shows_open_now: false, ..content };
    let settings = Settings {
        public_url: options.public_url.clone(),
        now,
        as_of: false,
        // Files have no server that their script could ask.
        live: false,
        requests: false,
        compression: CompressionLevel::Fast,
    };
    let site = Site::build(&content, &settings, None).map_err(Failure::new)?;
    // The large ones were left for later. Who looks at files on the own computer doesn't want to wait.
    site.improve(
        if options.public_url.is_some() { CompressionLevel::Best } else { CompressionLevel::Fast },
        usize::MAX,
    );
    let files = files(&content, &site);
    out.write(&files)?;
    let out = options.out.display();
    say(format!("{} in {out}, from the content {}", counted(files.len(), "file"), place(&options.content)));
    Ok(Outcome::Good)
}

/// Every file of the site.
fn files(content: &Content, site: &Site) -> Files {
    let mut files = Files::new();
    let mut redirects: Vec<(&str, &str)> = Vec::new();
    for (path, entry) in site.entries() {
        match entry {
            Entry::Answer(page) => put(&mut files, file_of(path), page),
            Entry::Moved(to) => redirects.push((path, to)),
        }
    }
    for lang in content.languages.iter().map(|language| language.lang) {
        for kind in ERRORS {
            if let Some(page) = site.error(kind, &lang.root()) {
                put(&mut files, error_file(lang, kind), page);
            }
        }
    }
    files.insert(REDIRECTS.into(), list(redirects).into());
    files.insert(HEADERS.into(), headers_file(site).into());
    files
}

/// A file, and its codings beside it.
fn put(files: &mut Files, file: PathBuf, page: &Prebuilt) {
    let bodies = page.bodies();
    for (coding, ending) in CODINGS {
        if let Some(body) = bodies.get(coding) {
            let mut name = file.clone().into_os_string();
            name.push(format!(".{ending}"));
            files.insert(name.into(), body.bytes.clone());
        }
    }
    files.insert(file, bodies.identity.bytes.clone());
}

fn list(mut redirects: Vec<(&str, &str)>) -> String {
    redirects.sort_unstable();
    redirects.iter().fold(String::new(), |mut list, (from, to)| {
        // The pairs of a query are separate words: `/ page_id=7 /medicare/ 308`. What isn't ASCII is escaped, as browsers ask for it.
        let Ok(from) = Url::parse("https://clinic.example/").and_then(|base| base.join(from)) else { return list };
        let query = from.query().map(|query| format!(" {}", query.replace('&', " "))).unwrap_or_default();
        let _ = writeln!(list, "{}{query} {to} 308", from.path());
        list
    })
}

/// The folder to write to.
struct Target {
    folder: PathBuf,
    /// It holds an earlier export.
    replaced: bool,
}

impl Target {
    /// A folder that is new or empty, or holds what an earlier export wrote and nothing else.
    fn new(out: &Path) -> Result<Self, Failure> {
        if !out.is_dir() || fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_none()) {
            let occupied = out.is_file();
            return if occupied { Err(not_empty(out)) } else { Ok(Self { folder: out.to_owned(), replaced: false }) };
        }
        let Ok(list) = fs::read_to_string(out.join(LIST)) else { return Err(not_empty(out)) };
        // A link to the folder stays one.
        let folder = out.canonicalize().map_err(Failure::at(out))?;
        let mut folders = vec![PathBuf::new()];
        while let Some(below) = folders.pop() {
            let at = folder.join(&below);
            for entry in fs::read_dir(&at).map_err(Failure::at(&at))? {
                let entry = entry.map_err(Failure::at(&at))?;
                let name = below.join(entry.file_name());
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    folders.push(name);
                } else if name != Path::new(LIST) && !list.lines().any(|line| Path::new(line) == name) {
                    return Err(Failure::new(format!("{} was not written by an export", out.join(&name).display()))
                        .help("the folder would be replaced with all that is in it: move that file elsewhere; nothing was written"));
                }
            }
        }
        Ok(Self { folder, replaced: true })
    }

    /// Writes the files. An earlier export is replaced as a whole: no visitor gets a page of one and a style sheet of the other.
    fn write(&self, files: &Files) -> Result<(), Failure> {
        let out = &self.folder;
        if !self.replaced {
            return write_to(out, files);
        }
        let name = out.file_name().unwrap_or_default().to_string_lossy();
        let new = out.with_file_name(format!(".{name}.{}", std::process::id()));
        let swapped = write_to(&new, files).and_then(|()| {
            let rights = fs::metadata(out).and_then(|old| fs::set_permissions(&new, old.permissions()));
            let swapped = rights.and_then(|()| Ok(renameat_with(CWD, &new, CWD, out, RenameFlags::EXCHANGE)?));
            swapped.map_err(Failure::at(out))
        });
        // After the swap it is the old one.
        let removed = fs::remove_dir_all(&new).map_err(Failure::at(&new));
        swapped.and(removed)
    }
}

fn not_empty(out: &Path) -> Failure {
    Failure::new(format!("{} is not empty", out.display()))
        .help("name a folder that is new or empty, or that an export has written; nothing was written")
}

fn write_to(folder: &Path, files: &Files) -> Result<(), Failure> {
    for (file, bytes) in files {
        write(&folder.join(file), bytes)?;
    }
    let list = files.keys().fold(String::new(), |list, file| format!("{list}{}\n", file.display()));
    // Last: where it is, all of them are.
    write(&folder.join(LIST), list.as_bytes())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(path, bytes)).map_err(Failure::at(path))
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

fn error_file(lang: Lang, kind: ErrorKind) -> PathBuf {
    PathBuf::from(format!("{}{}.html", lang.root().trim_start_matches('/'), kind.status()))
}
