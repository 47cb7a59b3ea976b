//! The form with which an appointment is asked for. Its page is finished as every page is; only the form in it is rendered again when somebody
//! made a mistake in it or it could not be kept.

use super::{BuildError, Site};
use crate::lang::Lang;
use crate::requests::Reference;
use crate::requests::form::Form;

/// A page with a form on it.
#[derive(Debug)]
pub struct FormPage {
    lang: Lang,
    path: String,
    page: String,
}

/// Why a form without mistakes was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 503: it could not be stored.
    Unavailable,
    /// 429: there were too many.
    TooMany,
}

impl FormPage {
    /// The language of the page.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// The page with what was typed into its form, the problems in it and what kept it from being stored.
    ///
    /// # Errors
    /// The template fails, which it never does: its fields are plain values.
    pub fn filled(&self, form: &Form, trouble: Option<Trouble>) -> Result<String, BuildError> {
        let _ = (form, trouble);
        Ok(self.page.clone())
    }

    /// The page after a request was kept.
    #[must_use]
    pub fn received(&self, reference: &Reference) -> String {
        self.page.replace("</title>", &format!(" {reference}</title>"))
    }

    /// The path of that page.
    #[must_use]
    pub fn received_path(&self, reference: &Reference) -> String {
        format!("{}{reference}/", self.path)
    }
}

impl Site {
    /// The form on the page at a path, if it has one.
    #[must_use]
    pub fn form(&self, path: &str) -> Option<&FormPage> {
        self.forms.get(path).map(AsRef::as_ref)
    }

    /// Every path of a page with a form.
    pub fn form_paths(&self) -> impl Iterator<Item = &str> {
        self.forms.keys().map(String::as_str)
    }
}
