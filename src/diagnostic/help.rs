//! How a finding is mended: words for people and, where it is exact, the same as a change of files.

use super::Source;
use std::ops::Range;
use std::sync::Arc;

/// A text of a file in whose place another belongs. A place without a length is where it is put in.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The file.
    pub source: Arc<Source>,
    /// The bytes that go.
    pub span: Range<usize>,
    /// What comes.
    pub text: String,
}

impl Edit {
    /// A change at one place.
    pub fn new(source: &Arc<Source>, span: Range<usize>, text: impl Into<String>) -> Self {
        Self { source: Arc::clone(source), span, text: text.into() }
    }
}

/// How to mend a finding. Words alone are advice. What is exact has been made from its change, so that nobody reads one thing and applies
/// another: applied to the letter, the finding is gone and no other comes. A test applies those of all rules.
#[derive(Clone, Debug, Default)]
pub struct Help {
    pub(super) words: String,
    pub(super) fix: Vec<Edit>,
}

impl Help {
    /// One change. The words are made from the text that it writes.
    pub fn exact(edit: Edit, words: impl FnOnce(&str) -> String) -> Self {
        Self { words: words(&edit.text), fix: vec![edit] }
    }

    /// Several changes, which are one: all of them, or the words alone if there are none.
    pub fn all(edits: Vec<Edit>, words: impl Into<String>) -> Self {
        Self { words: words.into(), fix: edits }
    }

    /// A name that was probably meant.
    #[must_use]
    pub fn meant(edit: Edit) -> Self {
        Self::exact(edit, |text| format!("did you mean {text}?"))
    }

    /// A text to write in the place of another.
    #[must_use]
    pub fn write(edit: Edit) -> Self {
        Self::exact(edit, |text| format!("write {text}"))
    }

    /// A value to write in the place of another. The words name its key too.
    #[must_use]
    pub fn value(edit: Edit, key: &str) -> Self {
        Self::exact(edit, |text| if key.is_empty() { format!("write {text}") } else { format!("write {key} = {text}") })
    }

    /// The same with more words behind.
    #[must_use]
    pub fn then(mut self, words: &str) -> Self {
        self.words.push_str(words);
        self
    }
}

impl From<&str> for Help {
    fn from(words: &str) -> Self {
        Self::from(words.to_owned())
    }
}

impl From<String> for Help {
    fn from(words: String) -> Self {
        Self { words, fix: Vec::new() }
    }
}
