//! The form that asks for an appointment, on its finished page.
//!
//! The page is made when the site is built, as every page is, and parted around the form. When somebody has made a mistake in it, or it could
//! not be kept, the form alone is rendered and put between the parts: this is the only rendering that happens on a request.

use super::component::request::{RequestForm, RequestPlace, Trouble};
use super::{BuildError, Site};
use crate::content::text::Html;
use crate::lang::Lang;
use crate::requests::Reference;
use crate::requests::form::Form;

/// Stands for the code in the page for who has sent the form. No content holds it: `check` refuses control characters.
pub(super) const CODE: &str = "\u{1}";

/// Begins the title of a page, which stands before everything that is the content's own.
const TITLE: &str = "<title>";

/// A page with a form.
#[derive(Debug)]
pub struct FormPage {
    lang: Lang,
    path: String,
    place: RequestPlace,
    /// The page up to the words of its title, from there to the form, and after it.
    parts: [String; 3],
    /// The page for who has sent the form, parted at the code.
    received: Vec<String>,
}

impl FormPage {
    /// Parts a finished page around its form. `received` is the page for who has sent it, with [`CODE`] where the code goes.
    pub(super) fn new(
        lang: Lang,
        path: String,
        place: RequestPlace,
        page: &str,
        received: &str,
    ) -> Result<Self, BuildError> {
        let blank = render(&place, &Form::default(), None)?;
        let (before, after) =
            page.split_once(blank.as_str()).ok_or_else(|| BuildError(format!("no form on {path}")))?;
        let (start, before) = before.split_once(TITLE).ok_or_else(|| BuildError(format!("no title of {path}")))?;
        let parts = [format!("{start}{TITLE}"), before.to_owned(), after.to_owned()];
        Ok(Self { lang, path, place, parts, received: received.split(CODE).map(str::to_owned).collect() })
    }

    /// The language of the page.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The page with what was typed, what is wrong with it, and what kept it from being stored.
    ///
    /// # Errors
    /// The template fails, which it never does: its fields are plain values.
    pub fn filled(&self, form: &Form, trouble: Option<Trouble>) -> Result<String, BuildError> {
        let rendered = render(&self.place, form, trouble)?;
        let [start, before, after] = &self.parts;
        let error = if form.problems.is_empty() && trouble.is_none() {
            Html::default()
        } else {
            Html::text(&format!("{}: ", self.place.words.error))
        };
        Ok(format!("{start}{error}{before}{rendered}{after}"))
    }

    /// The page for who has sent the form: the code, what happens next, the help lines.
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

fn render(place: &RequestPlace, form: &Form, trouble: Option<Trouble>) -> Result<Html, BuildError> {
    Ok(Html::render(&RequestForm { at: place, form, trouble })?)
}

impl Site {
    /// The form on the page at a path, if it has one.
    #[must_use]
    pub fn form(&self, path: &str) -> Option<&FormPage> {
        self.forms.get(path).map(AsRef::as_ref)
    }

    /// Whether the page at a path has a form, or had one when the site was saved. [`Site::form`] of the second is none: nobody can take it.
    #[must_use]
    pub fn has_form(&self, path: &str) -> bool {
        self.forms.contains_key(path) || self.closed_forms.contains(path)
    }

    /// The paths of the pages with a form.
    pub fn form_paths(&self) -> impl Iterator<Item = &str> {
        self.forms.keys().map(String::as_str)
    }
}
