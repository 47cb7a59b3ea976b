//! Pictures and documents of `content/files/`, and the places that use them.

use super::known_name;
use super::lost::Lost;
use crate::content::catalogue::{
    DOCUMENT_ONLY, FILE_NAME, PICTURE_WORDS, UNFIT_FILE, UNKNOWN_CHOICE, UNKNOWN_FILE_NAME, UNUSED_FILE,
};
use crate::content::files::Unreadable;
use crate::content::leaf::{FileName, quoted};
use crate::content::media::{self, Kind, MAX_MEDIA, Media, Unfit};
use crate::content::model::{Download, FileUse, Picture, Section};
use crate::content::{Document, Draft, Files, document};
use crate::diagnostic::{Edit, Help, Report, Source, one_of};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A file of the folder.
#[derive(Debug)]
pub(in crate::content) struct Found {
    /// Its path, as findings show it.
    pub(in crate::content) source: Arc<Source>,
    /// Nothing, where it can't be read, which is reported by itself; or it is larger than it may be.
    pub(in crate::content) media: Result<Arc<Media>, Unread>,
}

/// Why there are no bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::content) enum Unread {
    /// It is larger than a file may be.
    TooLarge,
    /// It was reported.
    Reported,
}

/// Each file of the folder, by name. What can't be read is reported.
pub(in crate::content) fn found(files: &Files, report: &mut Report) -> BTreeMap<String, Found> {
    let mut is_full = false;
    let mut found = |(path, name, media): (&str, &str, Result<&Arc<Media>, &Unreadable>)| {
        let source = Arc::new(Source::without_text(files.shown(path)));
        let media = match media {
            Ok(media) => Ok(Arc::clone(media)),
            Err(Unreadable::TooLarge) => Err(Unread::TooLarge),
            // One cause, however many it leaves out.
            Err(Unreadable::TooMuch | Unreadable::TooMany) if is_full => Err(Unread::Reported),
            Err(why) => {
                let is_of_folder = matches!(why, Unreadable::TooMuch | Unreadable::TooMany);
                is_full |= is_of_folder;
                let folder = || Arc::new(Source::without_text(files.shown(media::FOLDER)));
                document::report_unreadable(&if is_of_folder { folder() } else { Arc::clone(&source) }, why, report);
                Err(Unread::Reported)
            }
        };
        (name.to_owned(), Found { source, media })
    };
    files.media_files().map(&mut found).collect()
}

/// Holds files to their rules, each at its path, and what names them at its place.
pub(super) fn check(draft: &Draft, sound: bool, report: &mut Report) {
    let mut used = BTreeSet::new();
    let mut lost = Lost::default();
    if let Some(clinic) = &draft.clinic {
        for file in clinic.value.files() {
            place(draft, &clinic.source, file, &mut used, &mut lost, report);
        }
    }
    for Document { source, value: page, .. } in draft.languages.iter().flat_map(|language| language.pages.values()) {
        if let Some(picture) = &page.picture {
            place(draft, source, FileUse::Picture(picture), &mut used, &mut lost, report);
        }
    }
    for Document { source, value: ui, .. } in draft.languages.iter().filter_map(|language| language.ui.as_ref()) {
        for file in ui.files() {
            place(draft, source, file, &mut used, &mut lost, report);
        }
    }
    for (source, section) in sections(draft) {
        for file in section.files() {
            place(draft, source, file, &mut used, &mut lost, report);
        }
        if let Section::Files(list) = section {
            list.items.iter().for_each(|item| download(draft, source, item, report));
        }
    }
    let names: Vec<&str> = draft.media.keys().map(String::as_str).collect();
    lost.report(report, |_, name, places| {
        let message = match draft.media.get(name).and_then(|found| found.media.as_ref().ok()?.kind().ok()) {
            Some(Kind::Picture(_)) => format!("`{name}` is a picture, and a PDF is meant to be here"),
            Some(Kind::Document { .. }) => format!("`{name}` is a PDF, and a picture is meant to be here"),
            None => format!("there is no file `{name}` in content/files"),
        };
        let help = match known_file(name, &names).filter(|meant| *meant != name) {
            Some(meant) => Help::all(places.edits(name, meant), format!("did you mean \"{meant}\"?")),
            None => {
                "put it into the folder `files` of the content folder, or write the name of one that is there".into()
            }
        };
        (Arc::clone(places.source()), places.first().span(), message, help.then(&places.also()))
    });
    // What could not be read, or is held back, may use them.
    let knows_all =
        sound && !draft.languages.iter().any(|language| !language.held.is_empty() || !language.unreadable.is_empty());
    for (name, found) in &draft.media {
        file(name, found, used.contains(name.as_str()), knows_all, report);
    }
}

/// The sections of all pages, each with its file.
fn sections(draft: &Draft) -> impl Iterator<Item = (&Arc<Source>, &Section)> {
    let pages = draft.languages.iter().flat_map(|language| language.pages.values());
    pages.flat_map(|Document { source, value, .. }| value.sections.iter().map(move |section| (source, section)))
}

/// The file that was meant: by its letters, with another ending, or with a mistake in it.
fn known_file<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let same = |other: &&&str| other.eq_ignore_ascii_case(name);
    let stem = |name: &str| name.rsplit_once('.').map_or(String::new(), |(stem, _)| stem.to_ascii_lowercase());
    let found = names.iter().find(same).or_else(|| names.iter().find(|other| stem(other) == stem(name)));
    found.copied().or_else(|| known_name(name, names.iter().copied()))
}

/// A place that names a file.
fn place(
    draft: &Draft,
    source: &Arc<Source>,
    file: FileUse<'_>,
    used: &mut BTreeSet<String>,
    lost: &mut Lost,
    report: &mut Report,
) {
    if let FileUse::Picture(picture) = file {
        words(source, picture, report);
    }
    let name: &FileName = file.file();
    if name.as_str().is_empty() {
        return;
    }
    used.insert(name.to_string());
    let kind =
        draft.media.get(name.as_str()).map(|found| found.media.as_ref().ok().and_then(|media| media.kind().ok()));
    let fits = match (kind, file) {
        // What is wrong with it is reported at its path.
        (Some(None), _)
        | (Some(Some(Kind::Picture(_))), FileUse::Picture(_) | FileUse::Named(_))
        | (Some(Some(Kind::Document { .. })), FileUse::Document(_)) => true,
        (None | Some(Some(_)), _) => false,
    };
    if !fits {
        lost.add(&UNKNOWN_FILE_NAME, name.as_str(), source, &name.span(), name.as_str(), report);
    }
}

/// The words of a picture: what is to be seen on it, or that it only adorns, and not both.
fn words(source: &Arc<Source>, picture: &Picture, report: &mut Report) {
    let place = if picture.file.as_str().is_empty() { 0..0 } else { picture.file.span() };
    let (message, help) = match (&picture.alt, picture.decorative == Some(true)) {
        (Some(_), true) => (
            "this picture has words, and is said to be decorative",
            "take one of the two out: `alt`, or `decorative = true`",
        ),
        (None, false) => (
            "this picture has no words for those who don't see it",
            "add alt = \"…\" with what is to be seen on it, as you would say it on the phone; or decorative = true, if it says nothing that the words beside it don't",
        ),
        _ => return,
    };
    report.add(&PICTURE_WORDS, source, place, message, help);
}

/// A document on a list: whether a page says the same, and its language.
fn download(draft: &Draft, source: &Arc<Source>, item: &Download, report: &mut Report) {
    if item.page.is_none() && !item.file.as_str().is_empty() {
        report.add(
            &DOCUMENT_ONLY,
            source,
            item.file.span(),
            "what this PDF says is on no page",
            "many can't read a PDF on a phone, or with a screen reader: write its words into a page, and name it here, page = \"/…/\"",
        );
    }
    let Some(lang) = item.lang.as_ref().filter(|lang| !lang.as_str().is_empty()) else { return };
    let known = language_tags(draft);
    if !known.contains(lang.as_str()) {
        let tags: Vec<&str> = known.into_iter().collect();
        let help = match known_name(lang.as_str(), tags.iter().copied()) {
            Some(tag) => Help::meant(Edit::new(source, lang.span(), quoted(tag))),
            None => format!("it can be {}", one_of(&tags)).into(),
        };
        report.add(&UNKNOWN_CHOICE, source, lang.span(), format!("no language has the tag `{lang}`"), help);
    }
}

/// The tags of the languages whose names the site knows.
fn language_tags(draft: &Draft) -> BTreeSet<&str> {
    let own = draft.languages.iter().map(|language| language.lang.tag());
    let help = draft.language_help.iter().flat_map(|file| &file.value.languages).map(|language| language.lang.as_str());
    own.chain(help).collect()
}

/// A file by itself: its name, what it is, and whether anything uses it.
fn file(name: &str, found: &Found, is_used: bool, knows_all: bool, report: &mut Report) {
    let source = &found.source;
    let unfit = match &found.media {
        Err(Unread::Reported) => return,
        Err(Unread::TooLarge) => Some(Unfit {
            message: format!("this file is larger than {} MB", MAX_MEDIA >> 20),
            help: "make the picture smaller: 2,000 pixels on the longer side are enough; or print the PDF again with smaller pictures".to_owned(),
        }),
        Ok(_) if !media::has_good_stem(name) => {
            let (message, help) = match media::meant_name(name) {
                Some(meant) => ("this name can't be part of an address", format!("rename it: {meant}")),
                None => ("this name can't be part of an address", "rename it: small letters, digits and hyphens, and .jpg, .png or .pdf at the end".to_owned()),
            };
            report.add(&FILE_NAME, source, 0..0, message, help);
            return;
        }
        Ok(media) => media.kind().err().cloned(),
    };
    match unfit {
        Some(unfit) if is_used => report.add(&UNFIT_FILE, source, 0..0, unfit.message, unfit.help),
        Some(unfit) => {
            report.add(&UNUSED_FILE, source, 0..0, format!("{}; no page uses it", unfit.message), unfit.help);
        }
        None if !is_used && knows_all => report.add(
            &UNUSED_FILE,
            source,
            0..0,
            "no page uses this file, so it is not published",
            "name it in a section of a page, or take it out",
        ),
        None => {}
    }
}
