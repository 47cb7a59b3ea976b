//! The small words of the site in one language: `ui.toml`. Every key is required, so a template never lacks a word.

mod request;

pub use request::{RequestFormWords, RequestReceivedWords};

use super::leaf::{CountPhrase, DayTimePhrase, Description, Key, Line, Markdown, SitePhrase, TimePhrase, Title};
use super::model::{FileUse, Picture};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// `ui.toml`: the small words of the site: buttons, labels, messages.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Ui {
    /// On a translation: the fingerprint of the English words it was made from, as `check` prints it.
    pub translated_from: Option<Key>,
    /// The page's frame.
    pub layout: LayoutWords,
    /// The name of each list of links at the foot, by its key in `groups` of `clinic.toml`.
    pub navigation: BTreeMap<Key, Line>,
    /// Words about reaching the clinic.
    pub contact: ContactWords,
    /// Words of the components.
    pub components: ComponentWords,
    /// Words on translated pages.
    pub translation: TranslationWords,
    /// What screen readers hear before an urgent-care card.
    pub urgency: UrgencyWords,
    /// What screen readers hear before a notice.
    pub notice: NoticeWords,
    /// Words only a preview shows.
    pub preview: PreviewWords,
    /// Names of the days.
    pub weekdays: WeekdayWords,
    /// Whether the clinic is open.
    pub hours: HoursWords,
    /// Each reason of an exception of `clinic.toml`, by its key.
    pub exceptions: BTreeMap<Key, Line>,
    /// Words about places.
    pub places: PlaceWords,
    /// Each place of `[[locations]]` in `clinic.toml`, by its id.
    pub locations: Option<BTreeMap<Key, LocationWords>>,
    /// Each help line of `clinic.toml`, by its id.
    pub help_lines: BTreeMap<Key, HelpLineWords>,
    /// Each substance of `clinic.toml`, by its key.
    pub substances: BTreeMap<Key, Line>,
    /// Each payer of `clinic.toml`, by its key.
    pub payers: BTreeMap<Key, Line>,
    /// The table of tests.
    pub tests: TestWords,
    /// Documents to read or print.
    pub files: FileWords,
    /// Each check of `tests.toml`, by its id.
    pub checks: BTreeMap<Key, CheckWords>,
    /// The whole site as one document to print.
    pub booklet: BookletWords,
    /// The form that asks for an appointment.
    pub request_form: RequestFormWords,
    /// The page after the form was sent.
    pub request_received: RequestReceivedWords,
    /// The pages shown when something went wrong.
    pub errors: ErrorWords,
}

/// The words of places where there are none.
static NO_PLACES: BTreeMap<Key, LocationWords> = BTreeMap::new();

impl Ui {
    /// The words of each place, by its id.
    #[must_use]
    pub fn locations(&self) -> &BTreeMap<Key, LocationWords> {
        self.locations.as_ref().unwrap_or(&NO_PLACES)
    }

    /// The files of `content/files/` that it names.
    #[must_use]
    pub fn files(&self) -> Vec<FileUse<'_>> {
        self.locations().values().filter_map(|words| words.picture.as_ref()).map(FileUse::Picture).collect()
    }
}

/// The page's frame.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct LayoutWords {
    /// The first link on every page, for keyboards and screen readers.
    pub skip_to_content: Line,
    /// The breadcrumb that leads home.
    pub home: Line,
    /// The link to the list of all pages, on a phone.
    pub menu: Line,
    /// Name of the breadcrumbs.
    pub breadcrumbs: Line,
    /// Name of the links in the header.
    pub main_navigation: Line,
    /// Name of the list of all pages.
    pub all_pages: Line,
    /// Heading of the help lines at the foot.
    pub help_heading: Line,
    /// Name of the bar at the bottom of a phone.
    pub quick_actions: Line,
    /// Link to the page for emergencies.
    pub get_help_now: Line,
    /// Link that leaves the site fast.
    pub leave: Line,
    /// Where that link leads, and that it does not clear the history. Names `{site}`, which `[leave]` of `clinic.toml` says.
    pub leave_note: SitePhrase,
    /// Said at the foot: what clinic this is. May name `{name}` and `{area}`.
    pub about_clinic: Markdown,
    /// Said at the foot: this site does not track. With a link to the privacy page.
    pub no_tracking: Markdown,
    /// Before the date of the last review.
    pub last_reviewed: Line,
    /// Before the date of the next review.
    pub next_review: Line,
    /// Before the clinician who has read a page about medicine, and the day.
    pub clinically_reviewed: Line,
    /// Heading of a page's sources.
    pub sources: Line,
    /// Before the date a source was checked.
    pub checked: Line,
    /// The address of a printed page.
    pub printed_from: Line,
    /// Heading of the notices in other languages at the foot, and the link to them.
    pub language_help: Line,
}

/// Words about reaching the clinic.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ContactWords {
    /// Before the number, on a button: "Call".
    pub call: Line,
    /// Before a number to text: "Text".
    pub text: Line,
    /// On the button for an appointment.
    pub appointment: Line,
    /// Said of the appointment line when it is open around the clock.
    pub around_the_clock: Line,
    /// Said of the appointment line when it follows the opening hours.
    pub opening_hours: Line,
    /// Term before the street address.
    pub address: Line,
    /// Term before the opening hours.
    pub hours: Line,
    /// Term before the area served.
    pub area: Line,
    /// Term before the payers.
    pub payers: Line,
    /// Heading of what happens when you call.
    pub what_happens: Line,
    /// Shown in the place of a number that is not known.
    pub no_phone: Markdown,
    /// Link to the contact card for a phone's address book.
    pub card: Line,
}

/// Words of the components.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ComponentWords {
    /// Before an objective's example: "In the room".
    pub in_the_room: Line,
    /// In the place of an official text that the clinic has not supplied.
    pub text_not_supplied: Markdown,
    /// Before the law that asks for an official text.
    pub law: Line,
    /// Link to a line's chat page.
    pub chat: Line,
    /// Before a TTY number.
    pub tty: Line,
    /// Beside the clinic's number on a card to carry, which may not say its name twice.
    pub our_clinic: Line,
    /// Says that a link leads away.
    pub other_site: Line,
    /// Before the languages that somebody of the clinic speaks.
    pub speaks: Line,
    /// Before the place of an event.
    pub event_place: Line,
    /// Link to the file of an event for a calendar.
    pub save_event: Line,
}

/// Words on translated pages. English is the source language, so its own are never shown.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct TranslationWords {
    /// Above a page that nobody of the clinic has read yet.
    pub not_reviewed: Line,
    /// Above a notice that nobody has translated yet, and that is shown in English until then.
    pub notice_in_english: Line,
    /// Link to the same page in English: in English, whatever the language, since it is for those who read that.
    pub original: Line,
}

/// Documents to read or print.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct FileWords {
    /// Behind the link to a document of one page.
    pub one_page: Line,
    /// Behind the link to a longer one.
    pub pages: CountPhrase,
    /// The link to the page that says the same.
    pub as_page: Line,
}

/// The table of tests.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct TestWords {
    /// Before the day of the tests.
    pub tested_on: Line,
    /// Before the browser.
    pub browser: Line,
    /// Heading of the column of checks.
    pub check: Line,
    /// Heading of the column of pages.
    pub pages: Line,
    /// Heading of the column that shows how many times a check looked.
    pub looks: Line,
    /// Heading of the column of findings.
    pub findings: Line,
    /// Said where pages have changed since the tests.
    pub changed: Line,
}

/// The words of one check.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct CheckWords {
    /// Its name.
    pub name: Line,
    /// What it looks at.
    pub note: Line,
}

/// The whole site as one document to print.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct BookletWords {
    /// The words of the link to it.
    pub link: Line,
    /// Its title, which is on the cover.
    pub title: Title,
    /// For search results.
    pub description: Description,
    /// What it is, below the main heading.
    pub lead: Line,
    /// Heading of the table of contents.
    pub contents: Line,
    /// Before the day it was made.
    pub made_on: Line,
}

/// What screen readers hear before an urgent-care card.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct UrgencyWords {
    pub emergency: Line,
    pub urgent: Line,
    pub soon: Line,
}

/// What screen readers hear before a notice.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct NoticeWords {
    /// Name of the region that holds the site's notices.
    pub region: Line,
    pub payment: Line,
    pub information: Line,
    pub closure: Line,
    pub phone: Line,
    pub weather: Line,
    pub r#move: Line,
}

/// Words only a preview shows.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct PreviewWords {
    /// The banner of every page in preview.
    pub banner: Line,
    /// The mark beside a made-up value.
    pub sample: Line,
    /// Beside a made-up number, before the help lines that somebody in need can call.
    pub sample_number: Line,
    /// Above a page that is a draft, or not written yet.
    pub draft: Line,
}

/// Names of the days.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct WeekdayWords {
    pub monday: Line,
    pub tuesday: Line,
    pub wednesday: Line,
    pub thursday: Line,
    pub friday: Line,
    pub saturday: Line,
    pub sunday: Line,
}

/// Whether the clinic is open, to the minute.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct HoursWords {
    /// Open: until when.
    pub open_until: TimePhrase,
    /// Closed, and it opens later on the same day.
    pub opens_today: TimePhrase,
    /// Closed, and it opens on the next day.
    pub opens_tomorrow: TimePhrase,
    /// Closed, and it opens on another day of this week or the next.
    pub opens_on: DayTimePhrase,
    /// Before the hours of an exception that holds today.
    pub today: Line,
    /// Said of an exception on which the clinic doesn't open.
    pub closed: Line,
}

/// Words about places: the labels of their numbers and hours, and of the way there.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct PlaceWords {
    /// Before the number to call.
    pub phone: Line,
    /// Before the number that says when doses are given.
    pub dosing_line: Line,
    /// Before the number to call while the clinic is closed.
    pub after_hours: Line,
    /// Before the number of the fax.
    pub fax: Line,
    /// Before the mail address.
    pub mail: Line,
    /// Before the hours at which doses are given.
    pub dosing_hours: Line,
    /// Before the hours at which new patients are seen.
    pub intake_hours: Line,
    /// Before the hours of counseling.
    pub counseling_hours: Line,
    /// Link to a page with a map.
    pub map: Line,
    /// Heading of how to get there.
    pub directions: Line,
    /// Heading of where to park.
    pub parking: Line,
    /// Said of hours from midnight to midnight.
    pub all_day: Line,
    /// Said of a place that is open for a day or longer.
    pub open_now: Line,
    /// Before holidays and other days on which the hours are others.
    pub days_ahead: Line,
}

/// The words of one place.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct LocationWords {
    /// Its name, as people call it.
    #[schemars(example = &"Main Street clinic")]
    pub name: Line,
    /// How to get there: buses, landmarks, the door.
    pub directions: Option<Markdown>,
    /// Where to park, and what it costs.
    pub parking: Option<Markdown>,
    /// A drawing of the way, or a photograph of the door.
    pub picture: Option<Picture>,
}

/// The words of one help line.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct HelpLineWords {
    /// Its name.
    pub name: Line,
    /// When to use it, in one line.
    pub note: Line,
}

/// The pages shown when something went wrong.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ErrorWords {
    /// 400: the request could not be understood.
    pub bad_request: ErrorPageWords,
    /// 403: a form that was sent from another site.
    pub forbidden: ErrorPageWords,
    /// 404: no such page.
    pub not_found: ErrorPageWords,
    /// 405: the page exists, but not for this method.
    pub method_not_allowed: ErrorPageWords,
    /// 413: more was sent than the form holds.
    pub too_large: ErrorPageWords,
    /// 415: what was sent is no form.
    pub unsupported_media_type: ErrorPageWords,
    /// 429: too much was sent in a short time.
    pub too_many: ErrorPageWords,
    /// 500: our fault.
    pub internal: ErrorPageWords,
    /// 503: for a short time.
    pub unavailable: ErrorPageWords,
}

/// One error page.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ErrorPageWords {
    /// Tab and main heading.
    pub title: Line,
    /// What to do now.
    pub text: Markdown,
}
