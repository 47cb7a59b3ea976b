//! The components of tables, people and events.

use super::{Heading, PictureView};
use crate::content::Ui;
use crate::content::text::Html;
use askama::Template;

/// A table.
#[derive(Template)]
#[template(path = "components/table.html")]
pub(crate) struct Table {
    pub(crate) heading: Heading,
    pub(crate) intro: Option<Html>,
    /// What it shows, in a line above it; without it the heading is its name.
    pub(crate) caption: Option<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<RowView>,
    pub(crate) note: Option<Html>,
}

/// One row of [`Table`].
#[derive(Clone, Debug)]
pub(crate) struct RowView {
    /// What it is about.
    pub(crate) head: Html,
    /// The other cells, each with the name of its column, which comes before it in a narrow window.
    pub(crate) cells: Vec<(String, Html)>,
}

/// People of the clinic.
#[derive(Template)]
#[template(path = "components/people.html")]
pub(crate) struct People<'a> {
    pub(crate) ui: &'a Ui,
    pub(crate) heading: Heading,
    pub(crate) intro: Option<Html>,
    pub(crate) items: Vec<PersonView>,
}

/// One of [`People`].
#[derive(Clone, Debug)]
pub(crate) struct PersonView {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) picture: Option<PictureView>,
    /// `English, Spanish`; nothing where it isn't said.
    pub(crate) languages: String,
    pub(crate) body: Option<Html>,
}

/// What is coming.
#[derive(Template)]
#[template(path = "components/events.html")]
pub(crate) struct Events<'a> {
    pub(crate) ui: &'a Ui,
    pub(crate) heading: Heading,
    pub(crate) intro: Option<Html>,
    /// What is said in the place of events while none is coming.
    pub(crate) none: Option<Html>,
    pub(crate) items: Vec<EventView>,
}

/// One of [`Events`].
#[derive(Clone, Debug)]
pub(crate) struct EventView {
    pub(crate) id: String,
    pub(crate) title: String,
    /// `Saturday, December 5, 2026, 6:00 pm – 7:30 pm`.
    pub(crate) when: String,
    /// The beginning for `<time datetime>`: `2026-12-05T18:00`.
    pub(crate) begins: String,
    pub(crate) place: Option<String>,
    pub(crate) body: Option<Html>,
    /// Its file for a calendar; none on paper.
    pub(crate) file: Option<String>,
}
