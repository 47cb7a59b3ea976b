//! `clinic-site export`: the site as files.

use super::{Failure, Outcome, clock, counted, place, read, say};
use crate::config::ExportOptions;
use crate::content::Content;
use crate::lang::Lang;
use crate::site::{CompressionLevel, Entry, ErrorKind, Settings, Site};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use url::Url;

/// Where old addresses are listed, a line each: `/old/ /new/ 308`.
const REDIRECTS: &str = "_redirects";

pub(super) fn run(options: &ExportOptions) -> Result<Outcome, Failure> {
    let out = &options.out;
    let occupied = fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) || out.is_file();
    if occupied {
        return Err(Failure::new(format!("{} is not empty", out.display()))
            .help("name a folder that is new or empty; nothing was written"));
    }
    let now = clock::now();
    let (content, report) = read(&options.content, &now, options.public_url.is_some())?;
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
        compression: CompressionLevel::First,
    };
    let site = Site::build(&content, &settings, None).map_err(Failure::new)?;
    let mut redirects: Vec<(&str, &str)> = Vec::new();
    let mut files = 0;
    for (path, entry) in site.entries() {
        match entry {
            Entry::Answer(page) => {
                write(out, &file_of(path), &page.identity().bytes)?;
                files += 1;
            }
            Entry::Moved(to) => redirects.push((path, to)),
        }
    }
    for lang in content.languages.iter().map(|language| language.lang) {
        if let Some(page) = site.error(ErrorKind::NotFound, lang.root()) {
            write(out, &error_file(lang), &page.identity().bytes)?;
            files += 1;
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
    write(out, Path::new(REDIRECTS), list.as_bytes())?;
    say(format!("{} in {}, from the content {}", counted(files + 1, "file"), out.display(), place(&options.content)));
    Ok(Outcome::Good)
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

fn error_file(lang: Lang) -> PathBuf {
    PathBuf::from(format!("{}404.html", lang.root().trim_start_matches('/')))
}

fn write(out: &Path, file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let path = out.join(file);
    let folder = path.parent().unwrap_or(out);
    fs::create_dir_all(folder).and_then(|()| fs::write(&path, bytes)).map_err(Failure::at(&path))
}
