//! Findings about content files: where, what, and how to mend it. One value, three renderings.
//!
//! The text rendering is `path:line:column: error: message [rule]`, the source line with a caret, and `help:`.
//! Lines and columns count from 1; columns count characters, not bytes, as editors do.
//!
//! However many mistakes a file has, a report has a limit and is made in a time that grows as the file does: [`Report`] counts what it
//! doesn't show.

mod help;
mod render;
mod report;
mod source;
mod suggest;

pub use help::{Edit, Help};
pub use report::{MAX_IN_ALL, MAX_IN_FILE, Report};
pub use source::Source;
pub use suggest::{did_you_mean, one_of};

use serde::Serialize;
use std::ops::Range;
use std::sync::Arc;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The content can't be served.
    Error,
    /// The content is served, but somebody should look.
    Warning,
}

impl Severity {
    /// `error` or `warning`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What publishing the site changes about a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenPublished {
    /// Nothing.
    Same,
    /// What is a warning in a preview is an error.
    Error,
    /// Only a site that is published is held to it.
    Only,
}

/// A rule that content files are held to. Each has a broken example in `tests/fixtures/broken/`.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// What publishing changes about that.
    pub when_published: WhenPublished,
    /// What it asks, in a sentence.
    pub about: &'static str,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// The rule's severity, unless publishing makes it worse.
    pub severity: Severity,
    /// The file.
    pub source: Arc<Source>,
    /// The bytes of the file it is about.
    pub span: Range<usize>,
    /// What is wrong: a phrase without a full stop.
    pub message: String,
    /// How to mend it.
    pub help: String,
    /// The changes that the help names, where they are exact: applied, the finding is gone. None for advice.
    pub fix: Vec<Edit>,
}
