//! `clinic-site new page`: a new page in every language, which passes `check`.

use super::{Failure, Outcome, clock, files, option, print, quoted, review, say};
use crate::config::{ContentOptions, NewPageKind, NewPageOptions};
use crate::content::MARK;
use crate::content::leaf::{Key, slug_of};
use crate::content::model::PageKind;
use crate::content::names;
use crate::content::{Content, Language, Loader, fingerprint};
use crate::diagnostic::one_of;
use crate::lang::Lang;
use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The page above those of services, if there is one.
const SERVICES: &str = "services";
/// Months until the first review of a page.
const REVIEW_AFTER: i32 = 6;

pub(super) fn run(options: &NewPageOptions) -> Result<Outcome, Failure> {
    let folder = folder(options)?;
    let slug = slug(options)?;
    let mut files = files(&ContentOptions { content: Some(folder.clone()) })?;
    let now = clock::now();
    let (content, report) = review(&mut Loader::default(), &files, &now, false);
    let Some(content) = content else {
        say(report.text());
        say("Nothing was written: mend these errors first, so that the new page starts on good ground.");
        return Ok(Outcome::ContentErrors);
    };
    let pages = pages(options, slug, &folder, &content, now.date())?;
    for (file, text) in &pages {
        if fs::symlink_metadata(folder.join(file)).is_ok() {
            return Err(Failure::new(format!("{} is there already", folder.join(file).display()))
                .help("open that file, or choose another name for the new page; nothing was written"));
        }
        files.insert(file, text.clone().into_bytes());
    }
    let (content, report) = review(&mut Loader::default(), &files, &now, false);
    // A page that is still to be written holds up nothing, whatever is wrong with it: here it would not even be in the preview.
    let is_shown = |content: &Content| content.languages.iter().all(|language| language.pages.contains_key(slug));
    if !content.is_some_and(|content| is_shown(&content)) {
        say(report.text());
        say("Nothing was written: the new page would have these mistakes.");
        return Ok(Outcome::ContentErrors);
    }
    for (file, text) in &pages {
        let path = folder.join(file);
        write_new(&path, text)?;
        print(&format!("{}\n", path.display()))?;
    }
    let folder = option("--content", &folder);
    say("Next: open what was written and put in your own words. To look at the page while you write:");
    say(format!("  clinic-site serve{folder}    then open http://127.0.0.1:8080/{slug}/"));
    Ok(Outcome::Good)
}

/// The folder that was named, or that is here.
fn folder(options: &NewPageOptions) -> Result<PathBuf, Failure> {
    options.content.clone().ok_or_else(|| {
        Failure::new("there is no content folder here to write to")
            .help("name it: clinic-site new page NAME --content DIR, with the folder that holds clinic.toml")
    })
}

/// The name, if it can be an address.
fn slug(options: &NewPageOptions) -> Result<&str, Failure> {
    let named = options.slug.as_str();
    let meant = slug_of(named);
    if meant == named && !named.is_empty() && Lang::from_tag(named).is_none() {
        return Ok(named);
    }
    let failure = Failure::new(format!("`{named}` can't be the address of a page"));
    Err(if meant.is_empty() || Lang::from_tag(&meant).is_some() {
        failure.help("write small letters a to z, digits and single hyphens, such as parking-and-buses")
    } else {
        let title = options.title.as_ref().map(|title| option("--title", title)).unwrap_or_default();
        let kind = if options.kind == NewPageKind::Service { " --kind=service" } else { "" };
        let folder = options.content.as_ref().map(|folder| option("--content", folder)).unwrap_or_default();
        failure.help(format!("write it like this: clinic-site new page {meant}{kind}{title}{folder}"))
    })
}

/// The files of the page, one a language: path below the content folder, and text.
fn pages(
    options: &NewPageOptions,
    slug: &str,
    folder: &Path,
    content: &Content,
    today: Date,
) -> Result<Vec<(String, String)>, Failure> {
    let title = options.title.clone().unwrap_or_else(|| title_of(slug));
    let title = serde_json::to_string(&title).map_err(Failure::new)?;
    let groups: Vec<&str> = content.groups().into_iter().map(Key::as_str).collect();
    let (kind, service, group) = match options.kind {
        NewPageKind::Service => ("service", true, group_of_services(content).or(groups.first().copied())),
        NewPageKind::Page => ("page", false, groups.last().copied()),
    };
    let group = group.unwrap_or_default();
    // English comes first, and the others are made from it.
    let mut english = None;
    let page = |language: &Language| {
        let page = NewPage {
            folder: quoted(folder),
            kind,
            slug,
            parent: Some(SERVICES).filter(|above| service && language.pages.contains_key(*above)),
            title: &title,
            group,
            groups: one_of(&groups),
            order: last_place(language, group).saturating_add(1),
            today,
            next_review: today.saturating_add(REVIEW_AFTER.months()),
            service,
            translated_from: english.clone(),
            mark: MARK,
            words: Words::for_language(language.lang),
        };
        let text = page.render().map_err(Failure::new)?;
        if language.lang == Lang::En {
            english = fingerprint(&text);
        }
        Ok((names::page(language.lang, slug), format!("{}\n", text.trim_end())))
    };
    content.languages.iter().map(page).collect()
}

/// The list that the pages of services are in.
fn group_of_services(content: &Content) -> Option<&str> {
    let pages = content.languages.iter().flat_map(|language| language.pages.values());
    let mut services = pages.filter(|page| page.kind == PageKind::Service);
    services.find_map(|page| page.navigation.as_ref()).map(|place| place.group.as_str())
}

/// The place of the last link of a group.
fn last_place(language: &Language, group: &str) -> u16 {
    let navigation = language.pages.values().filter_map(|page| page.navigation.as_ref());
    navigation.filter(|place| place.group.as_str() == group).map(|place| place.order).max().unwrap_or(0)
}

/// `parking-and-buses` becomes `Parking and buses`.
fn title_of(slug: &str) -> String {
    let words = slug.replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Writes a file that doesn't exist yet.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| OpenOptions::new().write(true).create_new(true).open(path))
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(Failure::at(path))
}

/// The file. Its comments are for staff, in English; its copy is in the page's language.
#[derive(Template)]
#[template(path = "new/page.toml", escape = "none", whitespace = "preserve")]
struct NewPage<'a> {
    folder: String,
    kind: &'static str,
    slug: &'a str,
    parent: Option<&'static str>,
    /// In quotes.
    title: &'a str,
    group: &'a str,
    /// The lists that there are, in words.
    groups: String,
    order: u16,
    today: Date,
    next_review: Date,
    service: bool,
    /// In a translation: the revision of the English page.
    translated_from: Option<String>,
    /// Comes before what is to be replaced.
    mark: &'static str,
    words: Words,
}

/// What staff replace with their own words.
struct Words {
    description: &'static str,
    lead: &'static str,
    heading: &'static str,
    text: &'static str,
    contact: &'static str,
    contact_text: &'static str,
}

impl Words {
    fn for_language(lang: Lang) -> Self {
        // Whoever doesn't know the language puts nothing of it: the words are replaced in any case.
        match lang.language() {
            "es" => Self {
                description: "Escriba aquí una o dos frases para los buscadores: lo que la gente encuentra en esta página.",
                lead: "Escriba aquí de qué trata esta página.",
                heading: "Escriba un título aquí",
                text: "Escriba aquí lo que la gente necesita saber. Una línea vacía empieza un párrafo nuevo.\n\n- ✎ Esto es una \
                       lista.\n- ✎ Cada punto empieza con un guion.",
                contact: "Pregúntenos",
                contact_text: "¿Tiene una pregunta? Pregúntenos. Escriba aquí lo que la gente puede preguntar.",
            },
            _ => Self {
                description: "Write one or two sentences for search results here: what people find on this page.",
                lead: "Write here what this page is about.",
                heading: "Write a heading here",
                text: "Write here what people need to know. An empty line starts a new paragraph.\n\n- ✎ This is a list.\n- \
                       ✎ Each item starts with a hyphen.",
                contact: "Ask us",
                contact_text: "Do you have a question? Ask us. Write here what people can ask you.",
            },
        }
    }
}
