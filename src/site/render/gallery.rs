//! Every component in each of its states, as a page of a live preview. The sections are data: `templates/gallery/`.

use super::Renderer;
use super::sections::{Chapters, Sections, chapter_anchor};
use crate::content::leaf::{Key, slug_of};
use crate::content::media::{Format, Kind, Made, Media, Shape};
use crate::content::model::{Clinic, LanguageHelp, Page, Section, TestResults};
use crate::content::text::Html;
use crate::content::{Content, LocationWords, calendar, parse};
use crate::requests::form::Form;
use crate::site::component::Heading;
use crate::site::component::request::{RequestForm, RequestReceived};
use crate::site::page::{Chapter, GalleryPage, Layout, Part};
use crate::site::{BuildError, Today, Trouble, route};
use askama::Template;
use bytes::Bytes;
use jiff::civil::{DateTime, datetime};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

/// Its title.
pub(super) const TITLE: &str = "Components";
const COMPONENTS: &str = include_str!("../../../templates/gallery/components.toml");
const BARE: &str = include_str!("../../../templates/gallery/bare.toml");
/// The picture of the gallery in each of its widths, as it is served: encoding it took most of a preview's start.
const PICTURE: [(u32, &[u8]); 2] = [
    (480, include_bytes!("../../../templates/gallery/picture-480.png")),
    (1000, include_bytes!("../../../templates/gallery/picture.png")),
];
const SHAPE: Shape = Shape { width: 1000, height: 640, format: Format::Png };
/// The picture and the document that sections of the gallery show.
static MEDIA: LazyLock<[Arc<Media>; 2]> = LazyLock::new(|| {
    let made = PICTURE.map(|(width, bytes)| Made { width: Some(width), bytes: Bytes::from_static(bytes) });
    let hash = made.iter().fold(Sha256::new(), |hash, made| hash.chain_update(&made.bytes)).finalize();
    let picture = Media::saved("picture.png", hash.into(), Kind::Picture(SHAPE), made.to_vec());
    let form = Media::new("form.pdf", include_bytes!("../../../templates/gallery/form.pdf").to_vec());
    [Arc::new(picture), Arc::new(form)]
});

const FULL: &str = include_str!("../../../templates/gallery/full.toml");
const FACTS: &str = include_str!("../../../templates/gallery/facts.toml");
const PLACES: &str = include_str!("../../../templates/gallery/places.toml");
const PLACES_FACTS: &str = include_str!("../../../templates/gallery/places_facts.toml");
const PLACES_WORDS: &str = include_str!("../../../templates/gallery/places_words.toml");
const LANGUAGES: &str = include_str!("../../../templates/gallery/languages.toml");
const TESTS: &str = include_str!("../../../templates/gallery/tests.toml");

/// A name, what was typed into a form, and why it could not be stored.
type FormState = (&'static str, &'static [u8], Option<Trouble>);
const FORMS: [FormState; 4] = [
    ("with every mistake", b"name=&phone=555-0100&other_language=a+language+with+a+name+that+is+longer+than+any&message=named&website=x", None),
    ("with empty answers", b"", None),
    ("that could not be stored", b"name=Somebody&phone=916-555-0100&message=discreet&times=morning&times=night&language=other&other_language=Hmong&whom=me&note=One+line.%0AAnother.", Some(Trouble::Unavailable)),
    ("of which there were too many", b"name=Somebody&phone=916-555-0100", Some(Trouble::TooMany)),
];

/// A Monday on which the clinic of `facts.toml` is open, the day before its exception.
const OPEN: DateTime = datetime(2026, 11, 23, 9, 0, 0, 0);

impl Renderer<'_> {
    /// The gallery's HTML.
    pub(in crate::site) fn gallery(&self) -> Result<String, BuildError> {
        let full: Clinic = read(FACTS)?;
        let mut bare = full.clone();
        bare.retain(|_| false);
        let (name, help_lines) = (self.today.clinic.name.clone(), self.today.clinic.help_lines.clone());
        let bare = Clinic { name, help_lines, ..bare };
        let now = calendar::on_the_clinics_clock(calendar::instant(OPEN));
        let places = Today::from_facts(read(PLACES_FACTS)?, &now);
        let (bare, full) = (Today::from_facts(bare, &now), Today::from_facts(full, &now));
        let mut language = self.language.clone();
        language.ui.locations = Some(read::<BTreeMap<Key, LocationWords>>(PLACES_WORDS)?);
        let content = Content {
            language_help: Some(read::<LanguageHelp>(LANGUAGES)?),
            tests: Some(read::<TestResults>(TESTS)?),
            media: media().map(|media| (media.name().to_owned(), Arc::clone(media))).collect(),
            ..self.content.clone()
        };
        let own = Content { media: content.media.clone(), ..self.content.clone() };
        let with = |content, today| Renderer::new(content, today, self.looks, self.language, self.base, self.settings);
        let chapters = vec![
            with(&own, self.today).chapter(TITLE, COMPONENTS)?,
            with(self.content, &bare).chapter("Bare", BARE)?,
            with(&content, &full).chapter("Full", FULL)?,
            Renderer::new(self.content, &places, self.looks, &language, self.base, self.settings)
                .chapter("Places", PLACES)?,
        ];
        let layout = Layout {
            title: self.full_title(TITLE),
            description: TITLE.to_owned(),
            noindex: true,
            stylesheet: self.looks.stylesheet_with(true),
            ..self.layout(route::PREVIEW_COMPONENTS)
        };
        Ok(GalleryPage { layout, title: TITLE, chapters }.render()?)
    }

    fn chapter(&self, name: &str, page: &str) -> Result<Chapter<'static>, BuildError> {
        let key = name.to_lowercase();
        let page: Page = read(page)?;
        let none = Chapters::new();
        let sections = Sections { renderer: self, key: &key, chapters: Some(&none), gone: BTreeSet::new() };
        let mut body = self.body(&page, &sections, None, |_| true)?;
        // The words are the same in every chapter.
        if name == TITLE {
            body.sections.extend(sections.forms(&page)?.into_iter().map(Part::Html));
        }
        Ok(Chapter { path: String::new(), body, id: chapter_anchor(&key) })
    }
}

impl Sections<'_> {
    /// The form of a page in the states after the blank one, and the confirmation.
    fn forms(&self, page: &Page) -> Result<Vec<Html>, BuildError> {
        let mut forms = Vec::new();
        let found = page.sections.iter().find_map(|section| match section {
            Section::RequestForm(form) => Some((self.heading(section), form)),
            _ => None,
        });
        let Some((heading, form)) = found else { return Ok(forms) };
        for (state, typed, trouble) in FORMS {
            let typed = Form::read(typed).map_err(|_| BuildError::new(format!("the form {state} is malformed")))?;
            let heading = Heading {
                id: format!("{}.{}", heading.id, slug_of(state)),
                text: format!("{} {state}", heading.text),
                ..heading.clone()
            };
            let at = &self.place(heading, form);
            forms.push(Html::render(&RequestForm { at, form: &typed, trouble })?);
        }
        let words = &self.renderer.language.ui.request_received;
        let heading =
            Heading { id: format!("{}.received", heading.id), text: words.next.to_string(), level: heading.level };
        let body = self.renderer.copy(&words.text);
        forms.push(Html::render(&RequestReceived { heading, words, code: "K7QM-4XT2", body })?);
        Ok(forms)
    }
}

/// What a live preview has besides the files of content.
pub(in crate::site) fn media() -> impl Iterator<Item = &'static Arc<Media>> {
    MEDIA.iter()
}

/// Reads one of the files above; a test holds that each can be read.
fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, BuildError> {
    parse(text).map_err(|report| BuildError::new(report.text()))
}

#[cfg(test)]
mod tests {
    use super::{PICTURE, SHAPE};
    use crate::content::media::{Media, Shape};

    #[test]
    fn the_picture_is_what_the_program_would_serve() {
        assert_eq!(SHAPE.widths(), PICTURE.map(|(width, _)| width));
        for (width, bytes) in PICTURE {
            let shape = Shape { width, height: SHAPE.height_of(width), ..SHAPE };
            assert_eq!(Media::new("picture.png", bytes.to_vec()).picture(), Some(shape), "{width}");
        }
    }
}
