//! `pages/*.toml`: one page in one language, and the sections it is made of.

use super::{
    Card, Downloads, Events, FileUse, Item, KeyFact, Notice, People, Picture, PictureSection, Question, Table,
    UrgencyLevel,
};
use crate::content::leaf::{
    Day, Description, Key, Label, Line, Markdown, MarkdownWithHeadings, OfficialMarkdown, Person, Slug, Title, Words,
    anchor_of,
};
use crate::lang::Lang;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ops::Range;

/// `pages/*.toml`: one page in one language.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Page {
    /// The layout and what the page must have.
    pub kind: PageKind,
    /// `true` keeps the page in the preview until it is finished: a published site is made without it.
    pub draft: Option<bool>,
    /// The last part of its address; left out on the home page.
    pub slug: Option<Slug>,
    /// The page above it in the breadcrumbs, by file name without `.toml`; left out below home.
    pub parent: Option<Key>,
    /// The title: tab, search results, main heading.
    pub title: Title,
    /// One or two sentences for search results.
    pub description: Description,
    /// What this is, in a sentence or two, below the main heading.
    pub lead: Markdown,
    /// On the home page: a photograph in the place of the drawing at its top.
    pub picture: Option<Picture>,
    /// Its place in the navigation; a page without one is found by links and search engines alone.
    pub navigation: Option<Navigation>,
    /// The day somebody last read it through.
    pub last_reviewed: Day,
    /// The day to read it again.
    pub next_review: Day,
    /// What its statements rest on: keys in `[sources]` of `clinic.toml`.
    pub sources: Option<Vec<Key>>,
    /// On a translation: the fingerprint of the English words it was made from, as `check` prints it.
    pub translated_from: Option<Key>,
    /// On a translation: who of the clinic has read it, such as "clinic director". Until then the page says that nobody has.
    #[schemars(example = &"clinic director")]
    pub reviewed_by: Option<Person>,
    /// The fingerprint of the words that they have read, as `check` prints it. When the words change, the page says again that nobody has.
    pub reviewed_words: Option<Key>,
    /// `true` on a page about medicine: a clinician of the clinic should have read it.
    pub about_medicine: Option<bool>,
    /// The clinician who has read it, shown at its foot: name and position.
    #[schemars(example = &"The medical director, MD")]
    pub clinically_reviewed_by: Option<Person>,
    /// The day they read it.
    pub clinically_reviewed_on: Option<Day>,
    /// The fingerprint of the words that they have read, as `check` prints it. When the words change, the page does not name them any more.
    pub clinically_reviewed_words: Option<Key>,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// The kinds of pages.
// The first takes the part of a kind that could not be read, so it is the one that asks for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// Any page that isn't one of the others.
    Page,
    /// The front page.
    Home,
    /// A service of the clinic: must have a contact section.
    Service,
    /// Help at once: the red card and the numbers come first.
    Urgent,
}

/// The place of a page in the navigation.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Navigation {
    /// The words of the link.
    pub label: Label,
    /// The words of the link in the header, if they have to be fewer there.
    #[schemars(example = &"Cost")]
    pub short_label: Option<Label>,
    /// The list it is in: one of `groups` in `clinic.toml`.
    #[schemars(example = &"visit")]
    pub group: Key,
    /// Its place in that list: smaller numbers come first.
    pub order: u16,
    /// `true` shows it in the header too, where there is room for few.
    pub header: Option<bool>,
}

/// One part of a page. The key `kind` says which.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(tag = "kind")]
pub enum Section {
    /// Running text.
    Prose(Prose),
    /// Numbered steps.
    Steps(Items),
    /// A group of cards, each with an optional link.
    Cards(Cards),
    /// The objectives of `objectives.toml`.
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
    /// The form that asks for an appointment.
    RequestForm(RequestForm),
    /// The help lines of `clinic.toml`.
    HelpLines(Intro),
    /// The place for one of the clinic's official texts.
    OfficialText(OfficialText),
    /// The notices of `language_help.toml`, each in its own language.
    LanguageHelp(Intro),
    /// A card to print, cut out and carry in a pocket.
    PocketCard(PocketCard),
    /// What of this site was tested: the table of `tests.toml`.
    TestResults(Intro),
    /// The places of `clinic.toml`, each with its numbers, its hours and the way there.
    Locations(Intro),
    /// A picture of `content/files/`, with an optional heading and words below it.
    Picture(PictureSection),
    /// Documents of `content/files/` to read or print: forms as PDF.
    Files(Downloads),
    /// A table: prices and the like. On a phone each row is a block of its own.
    Table(Table),
    /// People of the clinic. Who has left leaves the page by a date.
    People(People),
    /// What happens at the clinic on a day, each with a file for the visitor's calendar. What is over leaves the page by itself.
    Events(Events),
}

/// Declares shapes of sections: besides their own keys they have a heading, and an anchor by which links find them.
macro_rules! sections {
    ($($(#[$($doc:tt)+])+ $name:ident { $($(#[$($about:tt)+])+ $key:ident: $value:ty,)+ })+) => {$(
        $(#[$($doc)+])+
        #[derive(Clone, Debug, Deserialize, JsonSchema)]
        #[schemars(inline)]
        pub struct $name {
            /// The anchor; made from the heading when left out.
            pub id: Option<Key>,
            /// The heading.
            pub heading: Line,
            $($(#[$($about)+])+ pub $key: $value,)+
        }

        impl $name {
            fn named(&self) -> (Option<&Key>, Option<&Line>) {
                (self.id.as_ref(), Some(&self.heading))
            }
        }
    )+};
}

sections! {
    /// Running text under a heading.
    Prose {
        /// The text. Long ones have headings within them.
        text: MarkdownWithHeadings,
    }
    /// A heading with an optional text below it.
    Intro {
        /// Text between the heading and the list.
        intro: Option<Markdown>,
    }
    /// A list of titled items under a heading.
    Items {
        /// Text between the heading and the list.
        intro: Option<Markdown>,
        /// The items.
        items: Vec<Item>,
    }
    /// A group of cards.
    Cards {
        /// Text between the heading and the cards.
        intro: Option<Markdown>,
        /// The cards.
        items: Vec<Card>,
    }
    /// Questions and answers.
    Questions {
        /// The questions.
        items: Vec<Question>,
    }
    /// What to do in an emergency, or urgently: action first, only what is needed.
    UrgentCare {
        /// How fast.
        level: UrgencyLevel,
        /// What is needed, and no more.
        text: Markdown,
    }
    /// Terms with short explanations.
    KeyFacts {
        /// The facts.
        items: Vec<KeyFact>,
    }
    /// The call to action, with the clinic's number and address when they are known.
    Contact {
        /// For whom, and what to do.
        text: Markdown,
        /// What happens when you call or write.
        what_happens: Option<Markdown>,
    }
    /// The form that asks for an appointment; its questions are in `ui.toml`. A page has at most one.
    RequestForm {
        /// What to know before the form is filled in.
        text: Markdown,
    }
    /// The place for one of the clinic's official texts. Until it is filled the page says that it is not here yet.
    OfficialText {
        /// What the document is for, in our words.
        about: Markdown,
        /// The law that asks for it.
        law: Line,
        /// The clinic's own text, or `""`. It may have headings within it.
        text: OfficialMarkdown,
    }
    /// A card to print, cut out and carry: on paper it has the size of a bank card when it is folded once.
    PocketCard {
        /// The words on the card.
        text: Markdown,
        /// `true` puts a box to tick before each item of its lists.
        checklist: Option<bool>,
        /// `true` prints the clinic's number and the help lines on it.
        numbers: Option<bool>,
    }
}

impl Page {
    /// Its name in links: the label of the navigation, or its title.
    #[must_use]
    pub fn label(&self) -> &str {
        self.navigation.as_ref().map_or(self.title.as_str(), |navigation| navigation.label.as_str())
    }

    /// Its name in the header, if it is there.
    #[must_use]
    pub fn header_label(&self) -> Option<&Label> {
        let place = self.navigation.as_ref().filter(|place| place.header == Some(true))?;
        Some(place.short_label.as_ref().unwrap_or(&place.label))
    }

    /// Its address. `key` is the name of its file, which takes the part of a slug that could not be read.
    #[must_use]
    pub fn path(&self, lang: Lang, key: &str) -> String {
        let root = lang.root();
        match &self.slug {
            None if self.kind == PageKind::Home || key == "home" => root,
            Some(slug) if !slug.as_str().is_empty() => format!("{root}{slug}/"),
            _ => format!("{root}{key}/"),
        }
    }

    /// The files of `content/files/` that it shows or links to.
    #[must_use]
    pub fn files(&self) -> Vec<FileUse<'_>> {
        self.picture.iter().map(FileUse::Picture).chain(self.sections.iter().flat_map(Section::files)).collect()
    }

    /// The facts that its copy names.
    #[must_use]
    pub fn facts(&self) -> BTreeSet<String> {
        let copy = self.sections.iter().flat_map(Section::copy);
        [Words::from(&self.lead)].into_iter().chain(copy).flat_map(|words| words.facts()).collect()
    }
}

impl Section {
    /// The anchor it can be linked to, and the place of what makes it. A notice or a picture without a heading has none.
    #[must_use]
    pub fn anchor(&self) -> Option<(String, Range<usize>)> {
        let (id, heading) = self.named();
        let from_heading = |heading: &Line| (anchor_of(heading.as_str()), heading.span());
        id.map(|id| (id.to_string(), id.span())).or_else(|| heading.map(from_heading))
    }

    /// Its heading. A notice or a picture may be without one.
    #[must_use]
    pub fn heading(&self) -> Option<&Line> {
        self.named().1
    }

    /// All its copy, in order.
    #[must_use]
    pub fn copy(&self) -> Vec<Words<'_>> {
        let copy: Vec<&Markdown> = match self {
            Self::Prose(prose) => return vec![Words::from(&prose.text)],
            Self::Steps(steps) => steps.intro.iter().chain(steps.items.iter().map(|item| &item.text)).collect(),
            Self::Cards(cards) => cards.intro.iter().chain(cards.items.iter().map(|card| &card.text)).collect(),
            Self::Objectives(list)
            | Self::HelpLines(list)
            | Self::LanguageHelp(list)
            | Self::TestResults(list)
            | Self::Locations(list) => list.intro.iter().collect(),
            Self::Questions(questions) => questions.items.iter().map(|item| &item.answer).collect(),
            Self::UrgentCare(card) => vec![&card.text],
            Self::KeyFacts(facts) => facts.items.iter().map(|fact| &fact.text).collect(),
            Self::Notice(notice) => vec![&notice.text],
            Self::Contact(contact) => [&contact.text].into_iter().chain(&contact.what_happens).collect(),
            Self::RequestForm(form) => vec![&form.text],
            Self::OfficialText(text) => vec![&text.about],
            Self::PocketCard(card) => vec![&card.text],
            Self::Picture(picture) => picture.caption.iter().collect(),
            Self::Files(files) => files.copy(),
            Self::Table(table) => table.copy(),
            Self::People(people) => people.copy(),
            Self::Events(events) => events.copy(),
        };
        copy.into_iter().map(Words::from).collect()
    }

    /// The files of `content/files/` that it shows or links to.
    #[must_use]
    pub fn files(&self) -> Vec<FileUse<'_>> {
        match self {
            Self::Picture(section) => vec![FileUse::Picture(&section.picture)],
            Self::Files(files) => files.items.iter().map(|item| FileUse::Document(&item.file)).collect(),
            Self::People(people) => {
                people.items.iter().filter_map(|one| one.picture.as_ref()).map(FileUse::Picture).collect()
            }
            Self::Prose(_)
            | Self::Steps(_)
            | Self::Cards(_)
            | Self::Objectives(_)
            | Self::Questions(_)
            | Self::UrgentCare(_)
            | Self::KeyFacts(_)
            | Self::Notice(_)
            | Self::Contact(_)
            | Self::RequestForm(_)
            | Self::HelpLines(_)
            | Self::OfficialText(_)
            | Self::LanguageHelp(_)
            | Self::PocketCard(_)
            | Self::TestResults(_)
            | Self::Locations(_)
            | Self::Table(_)
            | Self::Events(_) => Vec::new(),
        }
    }

    fn named(&self) -> (Option<&Key>, Option<&Line>) {
        match self {
            Self::Notice(notice) => (None, notice.heading.as_ref()),
            Self::Prose(section) => section.named(),
            Self::Steps(section) => section.named(),
            Self::Cards(section) => section.named(),
            Self::Objectives(section)
            | Self::HelpLines(section)
            | Self::LanguageHelp(section)
            | Self::TestResults(section)
            | Self::Locations(section) => section.named(),
            Self::Questions(section) => section.named(),
            Self::UrgentCare(section) => section.named(),
            Self::KeyFacts(section) => section.named(),
            Self::Contact(section) => section.named(),
            Self::RequestForm(section) => section.named(),
            Self::OfficialText(section) => section.named(),
            Self::PocketCard(section) => section.named(),
            Self::Picture(section) => (section.id.as_ref(), section.heading.as_ref()),
            Self::Files(section) => section.named(),
            Self::Table(section) => section.named(),
            Self::People(section) => section.named(),
            Self::Events(section) => section.named(),
        }
    }
}
