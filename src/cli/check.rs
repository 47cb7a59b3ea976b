//! `clinic-site check`: loads and builds everything that a visitor could reach, and prints the findings.

use super::{Failure, Outcome, clock, counted, explain, files, place, print, review, say, summary};
use crate::config::{CheckOptions, Format};
use crate::content::{Content, Loader, reading};
use crate::site::{CompressionLevel, Settings, Site};
use jiff::Zoned;

pub(super) fn run(options: &CheckOptions) -> Result<Outcome, Failure> {
    if let Some(rule) = &options.explain {
        return explain::run(rule, options.format);
    }
    let now = clock::now();
    let files = files(&options.content)?;
    let (content, mut report) = review(&mut Loader::default(), &files, &now, options.publish);
    let pages = match &content {
        Some(content) if options.reading => reading::measure(&files, content),
        _ => Vec::new(),
    };
    reading::report(&pages, &mut report);
    print(&match options.format {
        Format::Text if report.sorted().is_empty() => String::new(),
        Format::Text => format!("{}\n", report.text()),
        Format::Json if options.reading => {
            let mut value = report.value();
            if let Some(object) = value.as_object_mut() {
                object.insert("reading".into(), serde_json::json!(pages));
            }
            format!("{value:#}\n")
        }
        Format::Json => report.json(),
        Format::Github => report.github(),
    })?;
    if options.reading && options.format == Format::Text && content.is_some() {
        print(&super::reading::text(&pages))?;
    }
    let found = summary(&report);
    let Some(content) = content else {
        say(format!("{found} {}; the site can't be served until the errors are mended", place(&options.content)));
        return Ok(Outcome::ContentErrors);
    };
    let pages = content.languages.iter().map(|language| language.pages.len()).sum();
    build(content, &now)?;
    say(format!("{} {}: {found}", counted(pages, "page"), place(&options.content)));
    Ok(Outcome::Good)
}

/// Builds all that a visitor could reach, but for the pictures: whether they can be shown is known.
pub(super) fn build(content: Content, now: &Zoned) -> Result<(), Failure> {
    let content = Content { has_media: false, ..content };
    let settings = Settings {
        public_url: None,
        now: now.clone(),
        as_of: false,
        live: false,
        requests: true,
        compression: CompressionLevel::Plain,
    };
    Site::build(&content, &settings, None).map(drop).map_err(Failure::new)
}
