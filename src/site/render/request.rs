//! The form that asks for an appointment, as its page shows it, and the confirmation page.

use super::Renderer;
use super::sections::Sections;
use crate::content::Language;
use crate::content::model::{self, Page, Section};
use crate::content::rules::FORM_ANCHORS;
use crate::content::text::Html;
use crate::requests::form::Form;
use crate::site::component::Heading;
use crate::site::component::request::{RequestForm, RequestPlace, SpokenLanguage};
use crate::site::gap::Parts;
use crate::site::page::{Layout, ReceivedPage};
use crate::site::{BuildError, FormPage, component};
use askama::Template;

impl Renderer<'_> {
    /// The form of a page, if it has one that takes requests. `key` is the name of the page's file.
    pub(super) fn form_place(&self, key: &str, page: &Page) -> Option<RequestPlace> {
        let sections = self.sections(key);
        page.sections.iter().filter(|_| self.settings.requests).find_map(|section| match section {
            Section::RequestForm(form) => Some(sections.place(sections.heading(section), form)),
            _ => None,
        })
    }

    /// The page with the form, of what its template has written.
    pub(super) fn form_page(&self, path: String, place: RequestPlace, page: Parts) -> Result<FormPage, BuildError> {
        let parts = page.into_vec().try_into().map_err(|_| BuildError::new(format!("not two gaps in {path}")))?;
        Ok(FormPage { lang: self.language.lang, path, place, parts, received: self.received()? })
    }

    /// The confirmation page, with gaps for the reference.
    fn received(&self) -> Result<Vec<String>, BuildError> {
        let words = &self.language.ui.request_received;
        let title = words.title.to_string();
        // Without the clinic's name: it stays in the history of the browser.
        let layout = Layout { title: title.clone(), description: title.clone(), noindex: true, ..self.layout("") };
        let heading = Heading { id: "next".to_owned(), text: words.next.to_string(), level: 2 };
        let parts = Parts::default();
        let code = parts.gap();
        let body = self.copy(&words.text);
        ReceivedPage { layout, title, heading, words, code, body }.render_into(&mut &parts)?;
        Ok(parts.into_vec())
    }
}

fn spoken(language: &Language) -> SpokenLanguage {
    SpokenLanguage { lang: language.lang, name: language.name.clone(), direction: language.direction }
}

impl Sections<'_> {
    /// The blank form; where nobody takes requests, what to do instead.
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
        let Self { renderer, key, chapters, gone: _ } = self;
        let words = &renderer.language.ui.request_form;
        let page = renderer.language.pages.get(*key);
        let path = page.map(|page| page.path(renderer.language.lang, key)).unwrap_or_default();
        // A document of chapters can have several forms. No anchor of the content contains a full stop.
        let ids = if chapters.is_some() { format!("{}.", heading.id) } else { FORM_ANCHORS.to_owned() };
        let trouble = |text| Html::concat(&[self.copy(text), self.without_phone()]);
        RequestPlace {
            action: format!("{path}#{}", heading.id),
            heading,
            ids,
            body: self.copy(&form.text),
            words: words.clone(),
            lang: renderer.language.lang,
            languages: renderer.content.languages.iter().map(spoken).collect(),
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
