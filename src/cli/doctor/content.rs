//! The content, and the site that was saved for a start with errors in it.

use super::super::last_good::LastGoodFile;
use super::super::{check, counted, files, option, place, review, summary};
use super::{Deployment, Finding, Found};
use crate::content::{Loader, calendar};
use crate::diagnostic::Severity;

/// At most so many mistakes are listed; `check` lists all.
const MAX_LISTED: usize = 10;

/// The content as `check` sees it, as strict as publishing if the site is published.
pub(super) fn newest(deployment: &Deployment<'_>) -> Found {
    let options = &deployment.options.content;
    let published = deployment.options.public_url.is_some();
    let files = match files(options) {
        Ok(files) => files,
        Err(failure) => return failure.into(),
    };
    let (content, report) = review(&mut Loader::default(), &files, &deployment.now, published);
    let Some(content) = content else {
        let folder = options.content.as_ref().map(|folder| option("--content", folder)).unwrap_or_default();
        let publish = if published { " --publish" } else { "" };
        let errors = report.count(Severity::Error);
        let listed = report.sorted().into_iter().filter(|found| found.severity == Severity::Error).take(MAX_LISTED);
        let mut findings: Vec<Finding> = listed
            .map(|found| {
                let (line, column) = found.source.position(found.span.start);
                let what = format!("{}:{line}:{column}: {} [{}]", found.source.path, found.message, found.rule.name);
                Finding::new(what, &found.help)
            })
            .collect();
        if errors > findings.len() {
            let more = counted(errors - findings.len(), "more error");
            findings.push(Finding::new(
                format!("{more} in the content"),
                format!("list all with: clinic-site check{folder}{publish}"),
            ));
        }
        return Found::Wrong(findings);
    };
    match check::build(content, &deployment.now) {
        Ok(()) => Found::Good(format!("the content {}: {}", place(options), summary(&report))),
        Err(failure) => failure.into(),
    }
}

/// The last good site in the data folder.
pub(super) fn saved(deployment: &Deployment<'_>) -> Found {
    let Some(file) = LastGoodFile::new(deployment.options) else {
        return Found::left_out("a preview saves none");
    };
    match file.look() {
        Ok(Some(saved)) => {
            let when = calendar::on_the_clinics_clock(saved.head.saved).strftime("%Y-%m-%d at %H:%M %Z").to_string();
            Found::Good(format!("{} was saved on {when}, revision {}", file.path().display(), saved.head.revision))
        }
        Ok(None) => Found::left_out("none is saved yet: the server writes one a moment after its first start"),
        Err(why) => Finding::new(
            format!("the site saved in {} can't be used: {why}", file.path().display()),
            "start the server with content that has no errors, and it is written anew; if it is the site of another address, look at --data-dir and \
             --public-url first: two sites need two data folders",
        )
        .into(),
    }
}
