//! The components: one askama struct each, with its template in `templates/components/`.
//!
//! A component makes its own ids and its own wiring to assistive technology. Text fields are escaped by askama; only [`Html`] and what holds it
//! print unescaped, and only [`Html::render`] and the Markdown renderer make one.

pub(super) mod lists;
mod place;
pub(super) mod request;

use crate::content::Ui;
use crate::content::model::{self, CheckResult, Objective};
use crate::content::text::Html;
use askama::Template;
pub(crate) use place::{HoursList, Located, Locations, MailView, NumberView, PlaceView};

/// A telephone number, ready to print: `916-555-0100` and `tel:+19165550100`.
#[derive(Clone, Debug)]
pub(crate) struct PhoneView {
    pub(crate) display: String,
    pub(crate) href: String,
    /// Made up: the template prints the "sample" mark.
    pub(crate) sample: bool,
}

/// A postal address, ready to print.
#[derive(Clone, Debug)]
pub(crate) struct AddressView {
    pub(crate) street: String,
    /// City, state and postal code on one line.
    pub(crate) locality: String,
    pub(crate) sample: bool,
}

/// One line of opening hours: `Monday to Friday`, `5:30 am to 11 am`.
#[derive(Clone, Debug)]
pub(crate) struct HoursView {
    pub(crate) days: String,
    /// Each span of the day.
    pub(crate) times: Vec<String>,
    /// Why they are others than usual.
    pub(crate) reason: Option<Html>,
}

/// What the site knows about reaching the clinic, for every place that shows it. Unknown facts are `None` or empty.
#[derive(Clone, Debug)]
pub(crate) struct ClinicView {
    pub(crate) name: String,
    /// `Sacramento, California`
    pub(crate) area: Option<String>,
    pub(crate) phone: Option<PhoneView>,
    pub(crate) address: Option<AddressView>,
    pub(crate) hours: Vec<HoursView>,
    /// Whether the clinic is open now, in words of `ui.toml`.
    pub(crate) open_now: Option<String>,
    /// Days soon on which the hours are others.
    pub(crate) exceptions: Vec<HoursView>,
    /// The opening hours are made up.
    pub(crate) hours_sample: bool,
    /// `24 hours a day, 7 days a week`, in words of `ui.toml`.
    pub(crate) appointment_line: Option<String>,
    /// Every place, the main one first.
    pub(crate) places: Vec<PlaceView>,
    /// They are written one by one, in `[[locations]]`.
    pub(crate) are_listed: bool,
    /// The payers, in words of `ui.toml`.
    pub(crate) payers: Vec<Html>,
    /// The address of the appointments page.
    pub(crate) appointments: String,
    /// The address of the page for emergencies.
    pub(crate) help: String,
}

impl ClinicView {
    /// Whether there is anything to list besides the ways to call: a list of nothing would be announced as one.
    pub(crate) fn has_details(&self) -> bool {
        let of_the_place = !self.are_listed && (self.address.is_some() || self.has_hours());
        of_the_place || self.area.is_some() || !self.payers.is_empty()
    }

    /// The address of the one place; those of places that are listed are beside them.
    pub(crate) fn own_address(&self) -> Option<&AddressView> {
        self.address.as_ref().filter(|_| !self.are_listed)
    }

    /// The places at the foot of every page: those that are listed and have an address or a number to call.
    pub(crate) fn at_the_foot(&self) -> Vec<&PlaceView> {
        let listed = self.places.iter().filter(|_| self.are_listed);
        listed.filter(|place| place.address.is_some() || place.number("phone").is_some()).collect()
    }

    pub(crate) fn has_sample_phone(&self) -> bool {
        self.phone
            .iter()
            .chain(self.places.iter().flat_map(|place| &place.numbers).map(|number| &number.phone))
            .any(|phone| phone.sample)
    }

    /// Whether there is anything to say of the opening hours.
    pub(crate) fn has_hours(&self) -> bool {
        !self.hours.is_empty() || !self.exceptions.is_empty()
    }
}

/// One help line, with its words.
#[derive(Clone, Debug)]
pub(crate) struct HelpLineView {
    pub(crate) name: Html,
    /// Its name beside its number: without the number, if it begins with that (`988 Suicide & Crisis Lifeline`), or it would be read twice.
    pub(crate) beside_number: Html,
    pub(crate) note: Html,
    pub(crate) call: PhoneView,
    /// `sms:` link.
    pub(crate) text: Option<PhoneView>,
    pub(crate) tty: Option<PhoneView>,
    pub(crate) chat: Option<String>,
}

/// The heading of a section and its anchor.
#[derive(Clone, Debug)]
pub(crate) struct Heading {
    pub(crate) id: String,
    pub(crate) text: String,
    /// 2 below the main heading of a page, 3 in a chapter of the booklet. Headings inside the section are one level deeper.
    pub(crate) level: u8,
}

/// A title with a text, in several components.
#[derive(Clone, Debug)]
pub(crate) struct ItemView {
    pub(crate) title: String,
    pub(crate) body: Html,
}

/// Running text under a heading.
#[derive(Template)]
#[template(path = "components/prose.html")]
pub(crate) struct Prose {
    pub(crate) heading: Heading,
    pub(crate) body: Html,
}

/// Numbered steps.
#[derive(Template)]
#[template(path = "components/steps.html")]
pub(crate) struct Steps {
    pub(crate) heading: Heading,
    pub(crate) intro: Option<Html>,
    pub(crate) items: Vec<ItemView>,
}

/// A picture of `content/files/`, ready to print by `partials/picture.html`. Its size is known, so that nothing jumps when it comes.
#[derive(Clone, Debug)]
pub(crate) struct PictureView {
    /// The middle one of its widths, for browsers that don't choose.
    pub(crate) src: String,
    /// Each width with its address.
    pub(crate) srcset: String,
    /// How wide it is shown (HTML, `sizes`).
    pub(crate) sizes: &'static str,
    /// Of the largest, in pixels.
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// What is read in its place; nothing where it only adorns.
    pub(crate) alt: String,
    /// It is not at the top of a page, so it may come later.
    pub(crate) lazy: bool,
}

/// A picture with words below it.
#[derive(Template)]
#[template(path = "components/picture.html")]
pub(crate) struct Picture {
    pub(crate) heading: Option<Heading>,
    pub(crate) shown: PictureView,
    pub(crate) caption: Option<Html>,
}

/// One document of [`Files`].
#[derive(Clone, Debug)]
pub(crate) struct FileView {
    pub(crate) href: String,
    pub(crate) title: String,
    /// `PDF, 2 pages, 140 KB`, in words of `ui.toml`.
    pub(crate) about: String,
    /// The page that says the same.
    pub(crate) page: Option<String>,
    /// Its language, where that is another than the page's: the tag and its own name.
    pub(crate) language: Option<(String, String)>,
    pub(crate) body: Option<Html>,
}

/// Documents to read or print.
#[derive(Template)]
#[template(path = "components/files.html")]
pub(crate) struct Files<'a> {
    pub(crate) ui: &'a Ui,
    pub(crate) heading: Heading,
    pub(crate) intro: Option<Html>,
    pub(crate) items: Vec<FileView>,
}

/// One card of [`Cards`].
#[derive(Clone, Debug)]
pub(crate) struct CardView {
    pub(crate) title: String,
    pub(crate) body: Html,
    pub(crate) href: Option<String>,
    /// The link leads to another website: the words that say so.
    pub(crate) away: Option<String>,
    pub(crate) icon: Option<Html>,
}

/// A group of cards.
#[derive(Template)]
#[template(path = "components/cards.html")]
pub(crate) struct Cards {
    pub(crate) heading: Heading,
    pub(crate) intro: Option<Html>,
    pub(crate) items: Vec<CardView>,
}

/// One objective of [`Objectives`].
#[derive(Clone, Debug)]
pub(crate) struct ObjectiveView<'a> {
    pub(crate) id: String,
    pub(crate) objective: &'a Objective,
    pub(crate) explanation: Html,
    pub(crate) example: Html,
    pub(crate) icon: Option<Html>,
}

/// The objectives: the heart of the group-therapy page.
#[derive(Template)]
#[template(path = "components/objectives.html")]
pub(crate) struct Objectives<'a> {
    pub(crate) ui: &'a Ui,
    pub(crate) heading: Heading,
    pub(crate) intro: Option<Html>,
    pub(crate) items: Vec<ObjectiveView<'a>>,
}

/// Questions and answers, each open to read without a click, and to be found by the browser's own search.
#[derive(Template)]
#[template(path = "components/questions.html")]
pub(crate) struct Questions {
    pub(crate) heading: Heading,
    pub(crate) items: Vec<ItemView>,
}

/// What to do in an emergency, or urgently. `level` is `emergency`, `urgent` or `soon`, for the style sheet.
#[derive(Template)]
#[template(path = "components/urgent_care.html")]
pub(crate) struct UrgentCare<'a> {
    pub(crate) heading: Heading,
    pub(crate) level: &'static str,
    /// The level in words, hidden from sight.
    pub(crate) level_words: &'a str,
    pub(crate) body: Html,
}

/// Terms with short explanations.
#[derive(Template)]
#[template(path = "components/key_facts.html")]
pub(crate) struct KeyFacts {
    pub(crate) heading: Heading,
    pub(crate) items: Vec<ItemView>,
}

/// A notice inside a page or at the top of every page. `about` is the name for the style sheet.
#[derive(Template)]
#[template(path = "components/notice.html")]
pub(crate) struct Notice<'a> {
    pub(crate) about: &'static str,
    /// What it is about, in words.
    pub(crate) about_words: &'a str,
    pub(crate) heading: Option<Heading>,
    /// Of an English notice on a page in another language: the words that say so.
    pub(crate) in_english: Option<&'a str>,
    /// The page is written from right to left, and English isn't.
    pub(crate) is_rtl: bool,
    pub(crate) body: Html,
}

/// The call to action.
#[derive(Template)]
#[template(path = "components/contact.html")]
pub(crate) struct Contact<'a> {
    pub(crate) ui: &'a Ui,
    pub(crate) clinic: &'a ClinicView,
    pub(crate) heading: Heading,
    pub(crate) body: Html,
    pub(crate) what_happens: Option<Html>,
    /// Shown instead of a number that is not known.
    pub(crate) no_phone: Html,
    /// Shown beside a number that is made up.
    pub(crate) help_lines: &'a [HelpLineView],
    /// Where the button for an appointment leads.
    pub(crate) appointments: String,
    /// The page is the appointments page itself: no button that leads there.
    pub(crate) on_appointments: bool,
}

/// The help lines.
#[derive(Template)]
#[template(path = "components/help_lines.html")]
pub(crate) struct HelpLines<'a> {
    pub(crate) ui: &'a Ui,
    pub(crate) heading: Heading,
    pub(crate) intro: Option<Html>,
    pub(crate) lines: &'a [HelpLineView],
}

/// The place for one of the clinic's official texts.
#[derive(Template)]
#[template(path = "components/official_text.html")]
pub(crate) struct OfficialText<'a> {
    pub(crate) ui: &'a Ui,
    pub(crate) heading: Heading,
    pub(crate) about: Html,
    pub(crate) law: &'a str,
    /// The clinic's own text, or a placeholder.
    pub(crate) body: Html,
    pub(crate) supplied: bool,
}

/// The notice of free language help in one language.
#[derive(Clone, Debug)]
pub(crate) struct LanguageView {
    /// The anchor of its text.
    pub(crate) id: String,
    /// Its BCP 47 tag.
    pub(crate) lang: String,
    /// `ltr` or `rtl`.
    pub(crate) dir: &'static str,
    /// Its own name for itself.
    pub(crate) name: String,
    /// The clinic's official text, if it is there.
    pub(crate) text: Option<Html>,
}

/// The notices of free language help.
#[derive(Template)]
#[template(path = "components/language_help.html")]
pub(crate) struct LanguageHelp {
    pub(crate) heading: Heading,
    pub(crate) intro: Option<Html>,
    pub(crate) languages: Vec<LanguageView>,
    /// Comes before the names of the languages whose text is missing.
    pub(crate) waiting: Html,
}

impl LanguageHelp {
    /// The languages whose text is not there yet.
    fn missing(&self) -> Vec<&LanguageView> {
        self.languages.iter().filter(|language| language.text.is_none()).collect()
    }
}

/// A card to print, cut out and carry.
#[derive(Template)]
#[template(path = "components/pocket_card.html")]
pub(crate) struct PocketCard<'a> {
    pub(crate) ui: &'a Ui,
    pub(crate) clinic: &'a ClinicView,
    pub(crate) heading: Heading,
    pub(crate) body: Html,
    /// Its lists have boxes to tick.
    pub(crate) checklist: bool,
    /// The help lines, if the card shows numbers.
    pub(crate) lines: &'a [HelpLineView],
    pub(crate) numbers: bool,
}

/// What of this site was tested, and when.
#[derive(Template)]
#[template(path = "components/test_results.html")]
pub(crate) struct TestResults<'a> {
    pub(crate) ui: &'a Ui,
    pub(crate) heading: Heading,
    pub(crate) intro: Option<Html>,
    /// The day, in words.
    pub(crate) day: String,
    pub(crate) results: &'a model::TestResults,
    /// Pages have changed since.
    pub(crate) changed: bool,
    /// Each check with its name and what it looks at.
    pub(crate) checks: Vec<(&'a CheckResult, Html, Html)>,
}
