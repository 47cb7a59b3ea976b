//! Holds what was read to the rules, without the pages that are held back and have errors.

use super::{Draft, Review, rules};
use crate::diagnostic::Report;
use std::collections::BTreeSet;

impl Draft {
    /// Holds all to the rules. What is wrong with a page that is held back holds up nothing but that page: its errors become warnings, and the
    /// preview is made without it. Returns the findings, and what the content lacks that a published site has to have.
    pub(super) fn check(&mut self, review: &Review<'_>, mut report: Report) -> (Report, BTreeSet<String>) {
        self.set_aside(&mut report, None);
        loop {
            let mut checked = report.clone();
            let lacking = rules::check(self, review, &mut checked);
            if !self.set_aside(&mut report, Some(&checked)) {
                return (checked, lacking);
            }
        }
    }

    /// Takes the pages out that are held back and have errors. Returns whether there are any.
    fn set_aside(&mut self, report: &mut Report, checked: Option<&Report>) -> bool {
        let mut found = false;
        for language in &mut self.languages {
            for (key, held) in &mut language.held {
                let path = held.source.path.as_str();
                let is_here = language.pages.contains_key(key) || language.unreadable.contains(key);
                if is_here && checked.unwrap_or(report).has_errors_in(path) {
                    report.forgive(path, checked);
                    language.pages.remove(key);
                    language.unreadable.remove(key);
                    held.is_faulty = true;
                    found = true;
                }
            }
        }
        found
    }
}
