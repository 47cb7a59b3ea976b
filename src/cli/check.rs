//! `clinic-site check`: load and build everything a visitor could reach, and tell what was found.

use super::{Failure, Outcome, clock, counted, print, read, say};
use crate::config::{CheckOptions, Format};
use crate::diagnostic::Severity;
use crate::site::{Effort, Settings, Site};

pub(super) fn run(options: &CheckOptions) -> Result<Outcome, Failure> {
    let now = clock::now();
    let (content, report) = read(&options.content, &now, options.publish)?;
    print(&match options.format {
        Format::Text if report.sorted().is_empty() => String::new(),
        Format::Text => format!("{}\n", report.text()),
        Format::Json => report.json(),
        Format::Github => report.github(),
    })?;
    let found = format!(
        "{}, {}",
        counted(report.count(Severity::Error), "error"),
        counted(report.count(Severity::Warning), "warning")
    );
    let Some(content) = content else {
        say(format!("{found}; the site can't be served until the errors are mended"));
        return Ok(Outcome::ContentErrors);
    };
    let settings = Settings { public_url: None, now, live: false, effort: Effort::Fast };
    Site::build(&content, &settings, None).map_err(Failure::new)?;
    let pages = content.languages.iter().map(|language| language.pages.len()).sum();
    say(format!("{}: {found}", counted(pages, "page")));
    Ok(Outcome::Good)
}
