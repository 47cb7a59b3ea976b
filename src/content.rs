//! Content files: read, held to the rules, and handed over as one value that a site can be built from.
//!
//! [`load`] is the only door. It collects every finding; it gives content only if none of them is an error.

pub mod catalogue;
mod decode;
mod document;
mod files;
pub mod leaf;
pub mod model;
pub mod rules;
mod syntax;
pub mod text;
mod ui;

pub use document::Document;
pub use files::Files;
pub use ui::Ui;

use crate::diagnostic::{Report, Source};
use crate::lang::Lang;
use jiff::civil::Date;
use model::{Clinic, Notices, Objectives, Page, Redirects};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What the rules need to know besides the files.
#[derive(Clone, Copy, Debug)]
pub struct Review<'a> {
    /// The day in Sacramento: expired facts and overdue reviews are told by it.
    pub today: Date,
    /// The site is to be published: samples become errors.
    pub publish: bool,
    /// The names of the icons there are.
    pub icons: &'a [&'a str],
    /// Paths that links may lead to though no page has them.
    pub other_paths: &'a [&'a str],
}

/// Content without errors.
#[derive(Clone, Debug)]
pub struct Content {
    /// The facts.
    pub clinic: Clinic,
    /// Old addresses.
    pub redirects: Redirects,
    /// Each language there is, English first.
    pub languages: Vec<Language>,
}

/// The content of one language.
#[derive(Clone, Debug)]
pub struct Language {
    /// Which.
    pub lang: Lang,
    /// The small words.
    pub ui: Ui,
    /// The nine objectives.
    pub objectives: Objectives,
    /// The notices at the top of every page.
    pub notices: Notices,
    /// The pages by file name without `.toml`, which ties the languages together.
    pub pages: BTreeMap<String, Page>,
}

/// Content as far as it could be read, with placeholders where there are errors.
struct Draft {
    clinic: Option<Document<Clinic>>,
    redirects: Option<Document<Redirects>>,
    languages: Vec<DraftLanguage>,
}

struct DraftLanguage {
    lang: Lang,
    ui: Option<Document<Ui>>,
    objectives: Option<Document<Objectives>>,
    notices: Option<Document<Notices>>,
    pages: BTreeMap<String, Document<Page>>,
}

/// Reads content and holds it to the rules. There is content exactly if the report has no errors.
#[must_use]
pub fn load(files: &Files, review: &Review<'_>) -> (Option<Content>, Report) {
    let mut report = Report::default();
    let draft = Draft {
        clinic: document::read(files, "clinic.toml", &mut report),
        redirects: document::read(files, "redirects.toml", &mut report),
        languages: Lang::ALL
            .into_iter()
            .filter(|lang| *lang == Lang::En || files.paths().any(|path| path.starts_with(&format!("{}/", lang.tag()))))
            .map(|lang| read_language(files, lang, &mut report))
            .collect(),
    };
    for path in files.paths().filter(|path| !is_known(path)) {
        let source = Arc::new(Source { path: files.shown(path), text: String::new() });
        let help = "pages stand in a language's folder `pages/` and end in .toml; other files are not read";
        report.add(&catalogue::UNKNOWN_FILE, &source, 0..0, "nothing reads this file", help);
    }
    rules::check(&draft, review, &mut report);
    let content = if report.has_errors() { None } else { draft.finish() };
    (content, report)
}

fn read_language(files: &Files, lang: Lang, report: &mut Report) -> DraftLanguage {
    let folder = format!("{}/pages/", lang.tag());
    let mut pages = BTreeMap::new();
    let found = files.paths().filter_map(|path| path.strip_prefix(&folder)?.strip_suffix(".toml"));
    let needed = rules::NEEDED_PAGES.into_iter().filter(|_| lang == Lang::En);
    let keys: std::collections::BTreeSet<&str> = found.filter(|key| !key.contains('/')).chain(needed).collect();
    for key in keys {
        if let Some(page) = document::read(files, &format!("{folder}{key}.toml"), report) {
            pages.insert(key.to_owned(), page);
        }
    }
    let file = |name: &str| format!("{}/{name}.toml", lang.tag());
    DraftLanguage {
        lang,
        ui: document::read(files, &file("ui"), report),
        objectives: document::read(files, &file("objectives"), report),
        notices: document::read(files, &file("notices"), report),
        pages,
    }
}

/// Whether a file is one that [`load`] reads, or one that only people read.
fn is_known(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["clinic.toml" | "redirects.toml"] => true,
        [name] => has_extension(name, "md"),
        [lang, "ui.toml" | "objectives.toml" | "notices.toml"] => Lang::from_tag(lang).is_some(),
        [lang, "pages", page] => Lang::from_tag(lang).is_some() && has_extension(page, "toml"),
        _ => false,
    }
}

fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found == extension)
}

impl Draft {
    fn finish(self) -> Option<Content> {
        let mut languages = Vec::with_capacity(self.languages.len());
        for language in self.languages {
            languages.push(Language {
                lang: language.lang,
                ui: language.ui?.value,
                objectives: language.objectives?.value,
                notices: language.notices?.value,
                pages: language.pages.into_iter().map(|(key, page)| (key, page.value)).collect(),
            });
        }
        Some(Content { clinic: self.clinic?.value, redirects: self.redirects?.value, languages })
    }
}
