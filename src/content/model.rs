//! The shapes of the content files, as staff write them. `docs/content.md` says the same in their words.
//!
//! Optional keys are `Option`; everything else must be there. No shape uses `flatten`, `untagged` or serde's internal tags:
//! [`super::decode`] dispatches on `kind` itself, so that each finding keeps its place.

use super::leaf::{
    Day, Description, Key, Line, Markdown, MarkdownOrEmpty, Path, Phone, Slug, Time, Title, WebAddress, Zip, slug_of,
};
use crate::lang::Lang;
use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::Range;

/// `clinic.toml`: the facts that are the same in every language. What is not known is left out.
#[derive(Clone, Debug, Deserialize)]
pub struct Clinic {
    /// The clinic's name.
    pub name: Fact<Line>,
    /// The city and state it serves.
    pub area_served: Option<Fact<Area>>,
    /// Whom it treats.
    pub audience: Option<Fact<Audience>>,
    /// The substances it helps with, each with its words in `ui.toml`.
    pub substances: Option<Fact<Vec<Key>>>,
    /// Who pays besides the patient, each with its words in `ui.toml`.
    pub payers: Option<Fact<Vec<Key>>>,
    /// When an appointment can be scheduled.
    pub appointment_line: Option<Fact<AppointmentLine>>,
    /// The clinic's own number.
    pub phone: Option<Fact<Phone>>,
    /// The clinic's street address.
    pub address: Option<Fact<Address>>,
    /// Opening hours.
    pub hours: Option<Fact<Vec<Hours>>>,
    /// Lines that help at once or around the clock, in the order they are shown.
    pub help_lines: Vec<HelpLine>,
    /// Figures that copy names in braces, such as `{part_b_deductible}`.
    pub figures: Option<BTreeMap<Key, Fact<Line>>>,
    /// Where facts come from.
    pub sources: Option<BTreeMap<Key, Source>>,
}

/// One fact, with where it is from and how long it holds.
#[derive(Clone, Debug, Deserialize)]
pub struct Fact<T> {
    /// The fact.
    pub value: T,
    /// The key of its source in `[sources]`.
    pub source: Option<Key>,
    /// The day somebody last checked it.
    pub verified_on: Option<Day>,
    /// The last day it may be shown.
    pub expires_on: Option<Day>,
    /// `true` marks a made-up value, shown in preview only.
    pub sample: Option<bool>,
}

/// A city and its state.
#[derive(Clone, Debug, Deserialize)]
pub struct Area {
    /// `Sacramento`
    pub city: Line,
    /// `California`
    pub state: Line,
}

/// Whom the clinic treats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// People of 18 years and older.
    Adults,
}

/// When an appointment can be scheduled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentLine {
    /// 24 hours a day, 7 days a week.
    AroundTheClock,
    /// While the clinic is open.
    OpeningHours,
}

/// A postal address in the United States.
#[derive(Clone, Debug, Deserialize)]
pub struct Address {
    /// House number and street.
    pub street: Line,
    /// City.
    pub city: Line,
    /// Two letters: `CA`.
    pub state: Line,
    /// Five digits.
    pub zip: Zip,
}

/// One span of opening hours, on the clinic's own clock (`America/Los_Angeles`).
#[derive(Clone, Debug, Deserialize)]
pub struct Hours {
    /// The days it holds for.
    pub days: Vec<Weekday>,
    /// Opening time.
    pub opens: Time,
    /// Closing time, later on the same day.
    pub closes: Time,
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of the days say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A line that helps at once or around the clock.
#[derive(Clone, Debug, Deserialize)]
pub struct HelpLine {
    /// Ties the line to its words in `ui.toml`.
    pub id: Key,
    /// The number to call.
    pub call: Phone,
    /// The number to text, if texting works.
    pub text: Option<Phone>,
    /// The number for text telephones (TTY), if there is one.
    pub tty: Option<Phone>,
    /// A page to chat on, if there is one.
    pub chat: Option<WebAddress>,
    /// The key of its source in `[sources]`.
    pub source: Option<Key>,
    /// The day somebody last checked it.
    pub verified_on: Option<Day>,
    /// The last day it may be shown.
    pub expires_on: Option<Day>,
}

/// Where a fact comes from.
#[derive(Clone, Debug, Deserialize)]
pub struct Source {
    /// What it is, as a reader would look for it.
    pub title: Line,
    /// Where it is on the web.
    pub url: Option<WebAddress>,
    /// The day somebody last read it.
    pub verified_on: Option<Day>,
}

/// `redirects.toml`: old addresses and where they lead now.
#[derive(Clone, Debug, Deserialize)]
pub struct Redirects {
    /// Each old address.
    pub redirects: Option<Vec<Redirect>>,
}

/// One old address.
#[derive(Clone, Debug, Deserialize)]
pub struct Redirect {
    /// The old path.
    pub from: Path,
    /// The page that took its place.
    pub to: Path,
}

/// `objectives.toml`: what group therapy does, in order (Yalom's therapeutic factors).
#[derive(Clone, Debug, Deserialize)]
pub struct Objectives {
    /// The nine.
    pub objectives: Vec<Objective>,
}

/// One objective of group therapy.
#[derive(Clone, Debug, Deserialize)]
pub struct Objective {
    /// Its anchor on the page: `hope` makes `#hope`.
    pub id: Key,
    /// Its name.
    pub name: Line,
    /// What it means, in one line.
    pub line: Line,
    /// What it does for a person.
    pub explanation: Markdown,
    /// What it looks like in the room.
    pub example: Markdown,
    /// A picture from `static/icons/`, by name.
    pub icon: Key,
}

/// `notices.toml`: what is shown at the top of every page.
#[derive(Clone, Debug, Deserialize)]
pub struct Notices {
    /// Each notice, the most important first.
    pub notices: Option<Vec<Notice>>,
}

/// One notice, at the top of every page or inside one.
#[derive(Clone, Debug, Deserialize)]
pub struct Notice {
    /// What it is about.
    pub about: NoticeAbout,
    /// A heading, if it needs one.
    pub heading: Option<Line>,
    /// The notice.
    pub text: Markdown,
    /// The first day it is shown.
    pub starts_on: Option<Day>,
    /// The last day it is shown.
    pub ends_on: Option<Day>,
}

/// What a notice is about; it chooses the look and the word that screen readers hear first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeAbout {
    /// Who pays: Medicare and others.
    Payment,
    /// Anything that is good to know.
    Information,
    /// The clinic is closed or opens late.
    Closure,
    /// The phone does not work.
    Phone,
    /// Heat, smoke, storm.
    Weather,
    /// The clinic moves.
    Move,
}

/// `pages/*.toml`: one page in one language.
#[derive(Clone, Debug, Deserialize)]
pub struct Page {
    /// The layout and what the page must have.
    pub kind: PageKind,
    /// The last part of its address; left out on the home page.
    pub slug: Option<Slug>,
    /// The page that stands above it in the trail of links, by file name without `.toml`; left out below home.
    pub parent: Option<Key>,
    /// The title: tab, search results, main heading.
    pub title: Title,
    /// One or two sentences for search results.
    pub description: Description,
    /// What this is, in a sentence or two, below the main heading.
    pub lead: Markdown,
    /// Its place in the navigation.
    pub navigation: Navigation,
    /// The day somebody last read it through.
    pub last_reviewed: Day,
    /// The day to read it again.
    pub next_review: Day,
    /// What its statements rest on: keys in `[sources]` of `clinic.toml`.
    pub sources: Option<Vec<Key>>,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// The kinds of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// The front page.
    Home,
    /// A service of the clinic: must have a contact section.
    Service,
    /// Help at once: the red card and the numbers come first.
    Urgent,
    /// Any other page.
    Page,
}

/// Where a page stands in the navigation.
#[derive(Clone, Debug, Deserialize)]
pub struct Navigation {
    /// The words of the link.
    pub label: Line,
    /// The list it stands in.
    pub group: NavigationGroup,
    /// Its place in that list: smaller numbers come first.
    pub order: u16,
    /// `true` shows it in the header too.
    pub header: Option<bool>,
}

/// The lists of links at the foot of every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NavigationGroup {
    /// What the clinic does.
    Services,
    /// What a patient wants to know before a visit.
    Visit,
    /// Help now, for oneself and others.
    Help,
    /// About the clinic and this site.
    About,
}

/// One part of a page. The key `kind` says which.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// Running text.
    Prose(Prose),
    /// Numbered steps.
    Steps(Items),
    /// A group of cards, each with an optional link.
    Cards(Cards),
    /// The nine objectives of `objectives.toml`.
    Objectives(Intro),
    /// Questions and answers.
    Questions(Questions),
    /// What to do in an emergency, or urgently.
    UrgentCare(UrgentCare),
    /// Terms with short explanations.
    KeyFacts(KeyFacts),
    /// A notice inside a page.
    Notice(Notice),
    /// How to reach the clinic: the call to action.
    Contact(Contact),
    /// The help lines of `clinic.toml`.
    HelpLines(Intro),
    /// The place for one of the clinic's official texts.
    OfficialText(OfficialText),
}

/// Running text under a heading.
#[derive(Clone, Debug, Deserialize)]
pub struct Prose {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// The heading.
    pub heading: Line,
    /// The text.
    pub text: Markdown,
}

/// A heading with an optional text below it.
#[derive(Clone, Debug, Deserialize)]
pub struct Intro {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// The heading.
    pub heading: Line,
    /// Text between the heading and the list.
    pub intro: Option<Markdown>,
}

/// A list of titled items under a heading.
#[derive(Clone, Debug, Deserialize)]
pub struct Items {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// The heading.
    pub heading: Line,
    /// Text between the heading and the list.
    pub intro: Option<Markdown>,
    /// The items.
    pub items: Vec<Item>,
}

/// One titled item.
#[derive(Clone, Debug, Deserialize)]
pub struct Item {
    /// Its title.
    pub title: Line,
    /// Its text.
    pub text: Markdown,
}

/// A group of cards.
#[derive(Clone, Debug, Deserialize)]
pub struct Cards {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// The heading.
    pub heading: Line,
    /// Text between the heading and the cards.
    pub intro: Option<Markdown>,
    /// The cards.
    pub items: Vec<Card>,
}

/// One card.
#[derive(Clone, Debug, Deserialize)]
pub struct Card {
    /// Its title.
    pub title: Line,
    /// Its text.
    pub text: Markdown,
    /// The page it leads to.
    pub link: Option<Path>,
    /// A picture from `static/icons/`, by name.
    pub icon: Option<Key>,
}

/// Questions and answers.
#[derive(Clone, Debug, Deserialize)]
pub struct Questions {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// The heading.
    pub heading: Line,
    /// The questions.
    pub items: Vec<Question>,
}

/// One question.
#[derive(Clone, Debug, Deserialize)]
pub struct Question {
    /// The question, in the words of the person who asks.
    pub question: Line,
    /// The answer, the most important first.
    pub answer: Markdown,
}

/// What to do in an emergency, or urgently: action first, only what is needed.
#[derive(Clone, Debug, Deserialize)]
pub struct UrgentCare {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// How fast.
    pub level: UrgencyLevel,
    /// The action.
    pub heading: Line,
    /// What is needed, and no more.
    pub text: Markdown,
}

/// How fast somebody must act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UrgencyLevel {
    /// A life is in danger: red.
    Emergency,
    /// Today.
    Urgent,
    /// Soon, not at once.
    Soon,
}

/// Terms with short explanations.
#[derive(Clone, Debug, Deserialize)]
pub struct KeyFacts {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// The heading.
    pub heading: Line,
    /// The facts.
    pub items: Vec<KeyFact>,
}

/// One term and what it means here.
#[derive(Clone, Debug, Deserialize)]
pub struct KeyFact {
    /// The term.
    pub term: Line,
    /// What it means here.
    pub text: Markdown,
}

/// The call to action, with the clinic's number and address when they are known.
#[derive(Clone, Debug, Deserialize)]
pub struct Contact {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// The heading.
    pub heading: Line,
    /// For whom, and what to do.
    pub text: Markdown,
    /// What happens when you call or write.
    pub what_happens: Option<Markdown>,
}

/// The place for one of the clinic's official texts. Until it is filled the page says that it is not here yet.
#[derive(Clone, Debug, Deserialize)]
pub struct OfficialText {
    /// The anchor; made from the heading when left out.
    pub id: Option<Key>,
    /// The heading.
    pub heading: Line,
    /// What the document is for, in our words.
    pub about: Markdown,
    /// The law that asks for it.
    pub law: Line,
    /// The clinic's own text, or `""`.
    pub text: MarkdownOrEmpty,
}

impl Clinic {
    /// The facts as they may be shown on a day: what has expired is not known any more.
    #[must_use]
    pub fn known_on(&self, today: Date) -> Self {
        let holds = |expires_on: &Option<Day>| expires_on.as_ref().is_none_or(|day| today <= day.date());
        fn keep<T: Clone>(fact: &Option<Fact<T>>, today: Date) -> Option<Fact<T>> {
            fact.clone().filter(|fact| fact.expires_on.as_ref().is_none_or(|day| today <= day.date()))
        }
        Self {
            name: self.name.clone(),
            area_served: keep(&self.area_served, today),
            audience: keep(&self.audience, today),
            substances: keep(&self.substances, today),
            payers: keep(&self.payers, today),
            appointment_line: keep(&self.appointment_line, today),
            phone: keep(&self.phone, today),
            address: keep(&self.address, today),
            hours: keep(&self.hours, today),
            help_lines: self.help_lines.iter().filter(|line| holds(&line.expires_on)).cloned().collect(),
            figures: self.figures.as_ref().map(|figures| {
                figures
                    .iter()
                    .filter(|(_, figure)| holds(&figure.expires_on))
                    .map(|(key, figure)| (key.clone(), figure.clone()))
                    .collect()
            }),
            sources: self.sources.clone(),
        }
    }
}

impl Address {
    /// City, state and postal code on one line.
    #[must_use]
    pub fn locality(&self) -> String {
        format!("{}, {} {}", self.city, self.state, self.zip)
    }
}

impl Notice {
    /// Whether it is shown on a day.
    #[must_use]
    pub fn is_shown_on(&self, today: Date) -> bool {
        self.starts_on.as_ref().is_none_or(|day| day.date() <= today)
            && self.ends_on.as_ref().is_none_or(|day| today <= day.date())
    }
}

impl Page {
    /// Its address. `key` is the name of its file, which takes the part of a slug that could not be read.
    #[must_use]
    pub fn path(&self, lang: Lang, key: &str) -> String {
        let root = lang.root();
        match &self.slug {
            None if self.kind == PageKind::Home || key == "home" => root.to_owned(),
            Some(slug) if !slug.as_str().is_empty() => format!("{root}{slug}/"),
            _ => format!("{root}{key}/"),
        }
    }

    /// All its copy, in order.
    #[must_use]
    pub fn copy(&self) -> Vec<&Markdown> {
        let mut copy = vec![&self.lead];
        for section in &self.sections {
            match section {
                Section::Prose(prose) => copy.push(&prose.text),
                Section::Steps(steps) => {
                    copy.extend(steps.intro.iter().chain(steps.items.iter().map(|item| &item.text)))
                }
                Section::Cards(cards) => {
                    copy.extend(cards.intro.iter().chain(cards.items.iter().map(|card| &card.text)))
                }
                Section::Objectives(list) | Section::HelpLines(list) => copy.extend(&list.intro),
                Section::Questions(questions) => copy.extend(questions.items.iter().map(|item| &item.answer)),
                Section::UrgentCare(card) => copy.push(&card.text),
                Section::KeyFacts(facts) => copy.extend(facts.items.iter().map(|fact| &fact.text)),
                Section::Notice(notice) => copy.push(&notice.text),
                Section::Contact(contact) => copy.extend([&contact.text].into_iter().chain(&contact.what_happens)),
                Section::OfficialText(text) => copy.push(&text.about),
            }
        }
        copy
    }
}

impl Section {
    /// The anchor it can be linked to, and the place of what makes it. A notice without a heading has none.
    #[must_use]
    pub fn anchor(&self) -> Option<(String, Range<usize>)> {
        let (id, heading) = match self {
            Self::Prose(section) => (&section.id, &section.heading),
            Self::Steps(section) => (&section.id, &section.heading),
            Self::Cards(section) => (&section.id, &section.heading),
            Self::Objectives(section) | Self::HelpLines(section) => (&section.id, &section.heading),
            Self::Questions(section) => (&section.id, &section.heading),
            Self::UrgentCare(section) => (&section.id, &section.heading),
            Self::KeyFacts(section) => (&section.id, &section.heading),
            Self::Notice(section) => (&None, section.heading.as_ref()?),
            Self::Contact(section) => (&section.id, &section.heading),
            Self::OfficialText(section) => (&section.id, &section.heading),
        };
        Some(match id {
            Some(id) => (id.to_string(), id.span()),
            None => (slug_of(heading.as_str()), heading.span()),
        })
    }
}
