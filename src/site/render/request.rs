//! The form that asks for an appointment, as its page shows it, and the page for who has sent it.

use super::Renderer;
use super::sections::Sections;
use crate::content::model::{self, Page, Section};
use crate::content::rules::FORM_ANCHORS;
use crate::content::text::Html;
use crate::requests::form::Form;
use crate::site::component::Heading;
use crate::site::component::request::{RequestForm, RequestPlace, RequestReceived};
use crate::site::form::{CODE, FormPage};
use crate::site::page::{Layout, ReceivedPage};
use crate::site::{BuildError, component};
use askama::Template;

impl Renderer<'_> {
    /// The form of a finished page, if it has one. `key` is the name of its file.
    pub(in crate::site) fn form(&self, key: &str, page: &Page, html: &str) -> Result<Option<FormPage>, BuildError> {
        let forms = page.sections.iter().filter_map(|section| match section {
            Section::RequestForm(form) => Some((section, form)),
            _ => None,
        });
        let Some((section, form)) = forms.into_iter().next().filter(|_| self.settings.requests) else {
            return Ok(None);
        };
        let sections = self.sections(key);
        let place = sections.place(sections.heading(section), form);
        let path = page.path(self.language.lang, key);
        Ok(Some(FormPage::new(self.language.lang, path, place, html, &self.received()?)?))
    }

    /// The page for who has sent a form.
    fn received(&self) -> Result<String, BuildError> {
        let words = &self.language.ui.request_received;
        let title = words.title.to_string();
        // Without the clinic's name: it stays in the history of the browser.
        let layout = Layout { title: title.clone(), description: title.clone(), noindex: true, ..self.layout("") };
        let body = self.received_part("next".to_owned(), 2, CODE)?;
        Ok(ReceivedPage { layout, title, body }.render()?)
    }

    /// What that page says.
    pub(super) fn received_part(&self, id: String, level: u8, code: &str) -> Result<Html, BuildError> {
        let words = &self.language.ui.request_received;
        let heading = Heading { id, text: words.next.to_string(), level };
        Ok(Html::render(&RequestReceived { heading, words, code, body: self.copy(&words.text) })?)
    }
}

impl Sections<'_> {
    /// The form, empty; where nobody takes requests, what to do instead.
    pub(super) fn request_form(&self, heading: Heading, form: &model::RequestForm) -> askama::Result<Html> {
        if self.renderer.settings.requests {
            let at = &self.place(heading, form);
            Html::render(&RequestForm { at, form: &Form::default(), trouble: None })
        } else {
            Html::render(&component::Prose { heading, body: self.no_form() })
        }
    }

    /// Where a form is, and all its words.
    pub(super) fn place(&self, heading: Heading, form: &model::RequestForm) -> RequestPlace {
        let Self { renderer, key, chapters } = self;
        let words = &renderer.language.ui.request_form;
        let page = renderer.language.pages.get(*key);
        let path = page.map(|page| page.path(renderer.language.lang, key)).unwrap_or_default();
        // Several forms can be in one document of chapters. A full stop is in no anchor of the content's own.
        let ids = if chapters.is_some() { format!("{}.", heading.id) } else { FORM_ANCHORS.to_owned() };
        let trouble = |text| Html::concat(&[self.copy(text), self.without_phone()]);
        RequestPlace {
            action: format!("{path}#{}", heading.id),
            heading,
            ids,
            body: self.copy(&form.text),
            words: words.clone(),
            no_form: self.no_form(),
            unavailable: trouble(&words.unavailable.text),
            too_many: trouble(&words.too_many.text),
        }
    }

    /// What to do where the form can't be sent.
    fn no_form(&self) -> Html {
        Html::concat(&[self.copy(&self.renderer.language.ui.request_form.no_form), self.without_phone()])
    }

    /// Whom to call while the clinic's number is not known.
    fn without_phone(&self) -> Html {
        match self.renderer.view.phone {
            Some(_) => Html::default(),
            None => self.copy(&self.renderer.language.ui.contact.no_phone),
        }
    }
}
