//! One content file: bytes → text → spanned tree → its shape, with every finding on the way.

use super::decode;
use super::files::{Files, MAX_FILE};
use super::plain::Passages;
use super::{catalogue, syntax};
use crate::diagnostic::{Report, Source};
use serde::de::DeserializeOwned;
use std::sync::Arc;
use toml::de::DeTable;

/// A content file that was read.
#[derive(Clone, Debug)]
pub struct Document<T> {
    /// Its text, for findings of the rules across files.
    pub source: Arc<Source>,
    /// What it says, with placeholders where it has errors.
    pub value: T,
    /// What was found while it was read.
    pub findings: Report,
    /// Where its texts stand that visitors read.
    pub(super) passages: Arc<Passages>,
}

/// Reads one file; the findings alone where there is nothing to read.
pub(super) fn read<T: DeserializeOwned>(files: &Files, path: &str) -> Result<Document<T>, Report> {
    let shown = files.shown(path);
    let mut findings = Report::default();
    let Some(bytes) = files.get(path).filter(|bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX) <= MAX_FILE) else {
        let source = Arc::new(Source { path: shown, text: String::new() });
        let (rule, message, help) = if files.paths().any(|known| known == path) {
            (
                &catalogue::FILE_TOO_LARGE,
                format!("this file is larger than {} KiB", MAX_FILE / 1024),
                "content files hold text only; is this a picture or a document saved under the wrong name?",
            )
        } else {
            (
                &catalogue::MISSING_FILE,
                "this file is missing".to_owned(),
                "create it, or copy it from the content folder that comes with the program",
            )
        };
        findings.add(rule, &source, 0..0, message, help);
        return Err(findings);
    };
    let text = String::from_utf8_lossy(bytes).into_owned();
    let source = Arc::new(Source { path: shown, text });
    encoding(&source, bytes, &mut findings);
    let (tree, errors) = DeTable::parse_recoverable(&source.text);
    // What could not be parsed may hold the missing keys, so those are not told.
    let mut whole = true;
    for error in errors {
        let fault = syntax::explain(&source, error.span().unwrap_or(0..0), error.message());
        whole &= fault.unread.is_empty();
        findings.add(fault.rule, &source, fault.span, fault.message, fault.help);
        findings.mute(&source, fault.unread);
    }
    match decode::decode(&tree, &source, whole, &mut findings) {
        (Some(value), passages) => {
            Ok(Document { source, value, findings, passages: Arc::new(Passages::new(passages)) })
        }
        (None, _) => Err(findings),
    }
}

/// Tells bytes that are not text, and text that is not UTF-8.
fn encoding(source: &Arc<Source>, bytes: &[u8], report: &mut Report) {
    if bytes.contains(&0) {
        report.add(
            &catalogue::NOT_UTF8,
            source,
            0..1,
            "this is not a text file in UTF-8",
            "save it again as plain text with the encoding UTF-8, or restore the file from a copy",
        );
        report.mute(source, 0..usize::MAX);
    } else if let Err(error) = std::str::from_utf8(bytes) {
        let at = error.valid_up_to();
        report.add(
            &catalogue::NOT_UTF8,
            source,
            at..at + char::REPLACEMENT_CHARACTER.len_utf8(),
            "this character is not UTF-8: the file was saved in another encoding",
            "save the file again with the encoding UTF-8 (in the editor's \"Save as\" or \"Save with encoding\")",
        );
    }
}
