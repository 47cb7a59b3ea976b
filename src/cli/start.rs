//! Which site is served first: that of the content, or a replacement while the content has errors.

use super::follow::Maker;
use super::last_good::LastGoodFile;
use super::{Failure, clock, counted, review, review_published, summary};
use crate::config::{ContentOptions, ServeOptions};
use crate::content::{Content, Loader, calendar};
use crate::diagnostic::{Report, Severity};
use crate::http::Serving;
use crate::site::saved::Saved;
use crate::site::{Settings, Site};
use crate::telemetry::{say, say_error};
use std::sync::Arc;

/// The first site, and what follows it.
pub(super) struct Start {
    pub(super) maker: Box<Maker>,
    pub(super) site: Site,
    /// What was found in the content.
    pub(super) report: Report,
    pub(super) serving: Serving,
}

/// Reads the content and makes the first site. `None`: the content has errors, which are printed, and there is no replacement.
pub(super) fn start(options: &ServeOptions, settings: Settings) -> Result<Option<Start>, Failure> {
    let last_good = LastGoodFile::new(options);
    let mut maker = Box::new(Maker::new(&options.content, settings));
    let saved = || last_good.as_ref()?.of_this_program();
    let (content, report, failure) = match maker.read(saved) {
        Ok((content, report)) => (content, report, None),
        Err(failure) => (None, maker.unreadable(&failure), Some(failure)),
    };
    if let Some(content) = content {
        return from_content(maker, content, report, Serving::Newest).map(Some);
    }
    if failure.is_none() && maker.settings().live {
        say(report.text());
        say("The folder has errors. Until they are mended, the content built into the program is shown.");
        let content = built_in(maker.settings())?;
        return from_content(maker, content, report, Serving::BuiltIn).map(Some);
    }
    if let Some(last_good) = last_good
        && let Some(saved) = last_good.read()
    {
        if let Some((content, accepted)) = maker.published_before(&saved.head.revision) {
            say(report.text());
            return from_content(maker, content, accepted, Serving::Newest).map(Some);
        }
        return Ok(Some(from_saved(maker, last_good, saved, report)));
    }
    if let Some(failure) = failure {
        return Err(failure);
    }
    say_error(report.text());
    let what = if maker.settings().published() { "nothing was published" } else { "nothing is served" };
    say_error(format!("{}; {what}", counted(report.count(Severity::Error), "error")));
    Ok(None)
}

fn from_content(mut maker: Box<Maker>, content: Content, report: Report, serving: Serving) -> Result<Start, Failure> {
    maker.serve_content(Arc::new(content), serving);
    let site = maker.site(None)?;
    maker.offer_to_save();
    Ok(Start { maker, site, report, serving })
}

/// The content built into the program.
fn built_in(settings: &Settings) -> Result<Content, Failure> {
    let files = super::files(&ContentOptions { content: None })?;
    let (content, report) = review(&mut Loader::default(), &files, &settings.now, settings.published());
    content.ok_or_else(|| Failure::new(format!("the content built into the program has errors\n{}", report.text())))
}

/// The site that was served last: from its content files, or, where this program's rules refuse those, from its finished pages.
fn from_saved(mut maker: Box<Maker>, file: LastGoodFile, saved: Saved, report: Report) -> Start {
    let settings = maker.settings();
    let (content, refused) = review_published(&mut Loader::default(), &saved.files, &settings.now);
    let (head, now) = (saved.head.clone(), clock::now().timestamp());
    let when = calendar::on_the_clinics_clock(head.saved).strftime("%Y-%m-%d at %H:%M %Z");
    let (errors, at) = (report.count(Severity::Error), head.saved);
    let what = format!(
        "the site that was saved on {when} is served (revision {}, by clinic-site {})",
        head.revision, head.program
    );
    let site = content.and_then(|content| {
        let content = Content { revision: head.revision.clone(), ..content };
        maker.serve_content(Arc::new(content), Serving::SavedContent(at));
        maker.site(None).inspect_err(|failure| tracing::error!("{}", failure.message)).ok()
    });
    let start = if let Some(site) = site {
        tracing::error!(
            errors,
            "the content can't be published: {what}. Its form works. Mend the errors; a restart isn't needed"
        );
        Start { maker, site, report, serving: Serving::SavedContent(at) }
    } else {
        tracing::error!(
            errors,
            "the content can't be published: {what}. This program refuses that content too ({}), so its pages are served as they were \
             saved: the form for appointments is closed, and its page says to call. Mend the errors; a restart isn't needed",
            summary(&refused)
        );
        maker.serve_pages(file, head.until, Serving::SavedPages(at));
        Start { maker, site: saved.into_site(now), report, serving: Serving::SavedPages(at) }
    };
    say_error(start.report.text());
    start
}
