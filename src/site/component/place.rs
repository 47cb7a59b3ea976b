//! The places of the clinic.

use super::{AddressView, Heading, HoursView, PhoneView, PictureView};
use crate::content::Ui;
use crate::content::text::Html;
use askama::Template;

/// A number of a place, with the label of its purpose.
#[derive(Clone, Debug)]
pub(crate) struct NumberView {
    pub(crate) term: String,
    pub(crate) phone: PhoneView,
    /// The name of its fact.
    pub(crate) key: &'static str,
    /// It is no fax, so it is a link.
    pub(crate) can_be_called: bool,
}

/// A mail address of a place.
#[derive(Clone, Debug)]
pub(crate) struct MailView {
    pub(crate) address: String,
    pub(crate) sample: bool,
}

/// Hours for a purpose, with their label.
#[derive(Clone, Debug)]
pub(crate) struct HoursList {
    /// The name of the fact.
    pub(crate) key: &'static str,
    pub(crate) term: String,
    pub(crate) lines: Vec<HoursView>,
    pub(crate) sample: bool,
}

/// A place of the clinic. Unknown facts are `None` or empty.
#[derive(Clone, Debug)]
pub(crate) struct PlaceView {
    /// Its key in `clinic.toml`; empty where it is the only one, and written in the short way.
    pub(crate) id: String,
    /// Its name, in words of `ui.toml`.
    pub(crate) name: Option<Html>,
    pub(crate) numbers: Vec<NumberView>,
    pub(crate) mail: Option<MailView>,
    pub(crate) address: Option<AddressView>,
    /// A page with a map, on another site.
    pub(crate) map: Option<String>,
    /// The hours for each purpose, those at which it is open first.
    pub(crate) hours: Vec<HoursList>,
    pub(crate) open_now: Option<String>,
    /// Days soon on which the hours are others.
    pub(crate) exceptions: Vec<HoursView>,
    /// The same for a year.
    pub(crate) ahead: Vec<HoursView>,
}

impl PlaceView {
    /// The days on which the hours are others: those soon, or those of a year.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates pass their variables by reference")]
    pub(crate) fn days_ahead(&self, ahead: &bool) -> &[HoursView] {
        if *ahead { &self.ahead } else { &self.exceptions }
    }

    /// Whether there is anything to say of it.
    pub(crate) fn is_known(&self) -> bool {
        let Self { id: _, name: _, numbers, mail, address, map, hours, open_now: _, exceptions: _, ahead } = self;
        let has_lists = !(numbers.is_empty() && hours.is_empty() && ahead.is_empty());
        has_lists || mail.is_some() || address.is_some() || map.is_some()
    }

    /// Whether the hours at which it is open are known: days with other hours are shown there.
    pub(crate) fn has_hours(&self) -> bool {
        self.hours.iter().any(|list| list.key == "hours")
    }

    /// A number, by the name of its fact.
    pub(crate) fn number(&self, key: &str) -> Option<&PhoneView> {
        self.numbers.iter().find(|number| number.key == key).map(|number| &number.phone)
    }
}

/// A place with the way there.
pub(crate) struct Located<'a> {
    pub(crate) ui: &'a Ui,
    pub(crate) place: &'a PlaceView,
    /// Its own anchor.
    pub(crate) anchor: String,
    /// How to get there, and where to park: both may be empty.
    pub(crate) directions: Html,
    pub(crate) parking: Html,
    /// The tag of the language of these words, where that is not the page's.
    pub(crate) lang: Option<String>,
    /// A drawing of the way.
    pub(crate) picture: Option<PictureView>,
}

impl Located<'_> {
    /// What there is to say of the way, each with its title.
    pub(crate) fn ways(&self) -> Vec<(&str, &Html)> {
        let words = &self.ui.places;
        let all = [(words.directions.as_str(), &self.directions), (words.parking.as_str(), &self.parking)];
        all.into_iter().filter(|(_, html)| !html.is_empty()).collect()
    }
}

/// The places of the clinic.
#[derive(Template)]
#[template(path = "components/locations.html")]
pub(crate) struct Locations<'a> {
    pub(crate) ui: &'a Ui,
    pub(crate) heading: Heading,
    pub(crate) intro: Option<Html>,
    pub(crate) places: Vec<Located<'a>>,
}
