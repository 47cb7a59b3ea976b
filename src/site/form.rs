//! The form that asks for an appointment, on its finished page.
//!
//! The page is rendered when the site is built, with a gap for the form. When the form has a mistake or could not be stored, the form alone is
//! rendered, with what was typed, and fills the gap: nothing else is rendered on a request.

use super::component::request::{RequestForm, RequestPlace, Trouble};
use super::{BuildError, Site};
use crate::content::text::Html;
use crate::lang::Lang;
use crate::requests::form::Form;
use crate::requests::{Field, Reference};
use askama::Template as _;

/// Bytes that a form takes at most besides what was typed: its markup and words.
const FORM_ROOM: usize = 64 * 1024;
/// Bytes that a byte of what was typed takes at most: `&#34;`.
const ESCAPED: usize = 5;

/// A page with a form.
#[derive(Debug)]
pub struct FormPage {
    pub(super) lang: Lang,
    pub(super) path: String,
    pub(super) place: RequestPlace,
    /// The page: up to the words of its title, from there to the form, and after it.
    pub(super) parts: [String; 3],
    /// The confirmation page: the reference goes into its gaps.
    pub(super) received: Vec<String>,
}

impl FormPage {
    /// The language of the page.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The page with what was typed, its mistakes, and why it could not be stored.
    ///
    /// # Errors
    /// The template fails, which it never does: its fields are plain values.
    pub fn filled(&self, form: &Form, trouble: Option<Trouble>) -> Result<String, BuildError> {
        let [start, before, after] = &self.parts;
        let error = if form.problems.is_empty() && trouble.is_none() {
            Html::default()
        } else {
            Html::text(&format!("{}: ", self.place.words.error))
        };
        // Room for all of it from the start: a string that grows leaves a copy of what was typed behind.
        let typed: usize = Field::ALL.iter().filter_map(|field| form.answers.text(*field)).map(str::len).sum();
        let room = FORM_ROOM + ESCAPED * typed;
        let mut page = String::with_capacity(start.len() + before.len() + after.len() + room);
        page.extend([start, error.as_str(), before]);
        RequestForm { at: &self.place, form, trouble }.render_into(&mut page)?;
        page.push_str(after);
        Ok(page)
    }

    /// The confirmation page: the reference, what happens next, the help lines.
    #[must_use]
    pub fn received(&self, reference: &Reference) -> String {
        self.received.join(reference.as_str())
    }

    /// The path of that page.
    #[must_use]
    pub fn received_path(&self, reference: &Reference) -> String {
        format!("{}{reference}/", self.path)
    }
}

impl Site {
    /// The form on the page at a path, if it takes requests.
    #[must_use]
    pub fn form(&self, path: &str) -> Option<&FormPage> {
        self.forms.get(path)?.as_deref()
    }

    /// Whether the page at a path has a form, or had one when the site was saved. [`Site::form`] of the second is none: nobody can take it.
    #[must_use]
    pub fn has_form(&self, path: &str) -> bool {
        self.forms.contains_key(path)
    }

    /// The paths of the pages with a form.
    pub fn form_paths(&self) -> impl Iterator<Item = &str> {
        self.forms.keys().map(String::as_str)
    }
}
