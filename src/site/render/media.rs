//! Pictures and documents of `content/files/` as their components.

use super::Renderer;
use super::sections::Sections;
use crate::content::leaf::{FileName, Key};
use crate::content::media::Media;
use crate::content::model::{Download, Downloads, Page, Picture, PictureSection};
use crate::site::component::{self, FileView, Heading, PictureView};
use crate::site::route;
use std::sync::Arc;

/// How wide a picture is within the text of a page.
const SIZES: &str = "(min-width: 48rem) 42rem, 92vw";

/// How wide the photograph of the home page is: all of a phone, half of a wide screen.
const PHOTO_SIZES: &str = "(min-width: 60em) 31rem, 92vw";

/// How wide a logo is at most.
const LOGO_SIZES: &str = "10rem";

impl Renderer<'_> {
    /// A file of `content/files/` by its name; none where there is none, which `check` reports.
    fn media(&self, file: &FileName) -> Option<&Arc<Media>> {
        self.content.media.get(file.as_str())
    }

    /// The clinic's own logo, and the same for a dark ground. It is beside the clinic's name, so nothing is read in its place.
    pub(super) fn logo(&self) -> Option<(PictureView, Option<PictureView>)> {
        let brand = self.content.clinic.brand.as_ref()?;
        let shown = |file| Some(PictureView { sizes: LOGO_SIZES, lazy: false, ..self.named_picture(file, "")? });
        Some((shown(brand.logo.as_ref()?)?, brand.logo_dark.as_ref().and_then(shown)))
    }

    /// The photograph at the top of the home page.
    pub(super) fn photo(&self, page: &Page) -> Option<PictureView> {
        Some(PictureView { sizes: PHOTO_SIZES, lazy: false, ..self.picture(page.picture.as_ref()?)? })
    }

    /// A language's own name, by its tag.
    fn language_name(&self, tag: &str) -> Option<String> {
        let own = self.content.languages.iter().find(|language| language.lang.tag() == tag);
        let help = self.content.language_help.iter().flat_map(|file| &file.languages);
        let help = || help.into_iter().find(|language| language.lang.as_str() == tag).map(|it| it.name.to_string());
        own.map(|language| language.name.clone()).or_else(help)
    }

    /// A picture with the words that content has for it.
    pub(super) fn picture(&self, picture: &Picture) -> Option<PictureView> {
        self.named_picture(&picture.file, picture.alt())
    }

    /// A picture with other words: a logo has the clinic's name. What is at the top of a page is not `lazy`, and `sizes` says how wide it is.
    pub(super) fn named_picture(&self, file: &FileName, alt: &str) -> Option<PictureView> {
        let media = self.media(file)?;
        let shape = media.picture()?;
        let widths = shape.widths();
        let address = |width| format!("{}{}", route::FILES, media.address(Some(width)));
        let middle = widths.get(widths.len() / 2).or(widths.last())?;
        let largest = *widths.last()?;
        let srcset: Vec<String> = widths.iter().map(|width| format!("{} {width}w", address(*width))).collect();
        Some(PictureView {
            src: address(*middle),
            srcset: srcset.join(", "),
            sizes: SIZES,
            width: largest,
            height: shape.height_of(largest),
            alt: alt.to_owned(),
            lazy: true,
        })
    }
}

impl Sections<'_> {
    /// A picture with its words; none while its file can't be shown.
    pub(super) fn picture(&self, heading: Heading, section: &PictureSection) -> Option<component::Picture> {
        let picture = self.renderer.picture(&section.picture)?;
        let heading = section.heading.is_some().then_some(heading);
        Some(component::Picture { heading, shown: picture, caption: self.optional(section.caption.as_ref()) })
    }

    /// Documents with what they are.
    pub(super) fn files(&self, section: &Downloads) -> Vec<FileView> {
        section.items.iter().filter_map(|item| self.file(item)).collect()
    }

    fn file(&self, item: &Download) -> Option<FileView> {
        let media = self.renderer.media(&item.file)?;
        let (pages, length) = media.document()?;
        let words = &self.renderer.language.ui.files;
        let pages = if pages == 1 { words.one_page.to_string() } else { words.pages.with(pages) };
        let other = item.lang.as_ref().map(Key::as_str).filter(|tag| *tag != self.renderer.language.lang.tag());
        Some(FileView {
            href: format!("{}{}", route::FILES, media.address(None)),
            title: item.title.to_string(),
            about: format!("PDF, {pages}, {}", size(length)),
            page: item.page.as_ref().and_then(|page| self.href(page.as_str())),
            language: other
                .map(|tag| (tag.to_owned(), self.renderer.language_name(tag).unwrap_or_else(|| tag.to_owned()))),
            body: self.optional(item.text.as_ref()),
        })
    }
}

/// A length in bytes, as people know it.
fn size(length: usize) -> String {
    match length.div_ceil(1000) {
        kilobytes @ ..1000 => format!("{kilobytes} KB"),
        kilobytes => format!("{}.{} MB", kilobytes / 1000, kilobytes % 1000 / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn a_length_is_given_in_round_numbers() {
        assert_eq!(
            [1, 139_400, 999_000, 999_001, 1_260_000].map(size),
            ["1 KB", "140 KB", "999 KB", "1.0 MB", "1.2 MB"]
        );
    }
}
