//! The names of the content files: one table, by which files are read, distinguished from strays, described by schemas, and named in helps.

use crate::lang::Lang;

/// The folder of a language that holds its pages.
pub(super) const PAGES: &str = "pages";

/// A file that there is once on the site or once in each language. All other content files are pages, pictures and documents.
#[derive(Clone, Copy, Debug)]
pub(super) struct ContentFile {
    /// Its name: `notices.toml`.
    pub(super) name: &'static str,
    /// Whether each language has its own, in its folder.
    of_language: bool,
    /// The list that it is made of, and no other file has: `notices`.
    list: Option<&'static str>,
    /// Whether an empty one may as well be deleted.
    pub(super) dispensable: bool,
}

macro_rules! table {
    ($($constant:ident: $file:expr;)+) => {
        $(pub(super) const $constant: ContentFile = $file;)+
        /// All of them.
        pub(super) const ALL: &[ContentFile] = &[$($constant),+];
    };
}

table! {
    CLINIC: ContentFile::of_site("clinic.toml");
    REDIRECTS: ContentFile::of_site("redirects.toml").with_list("redirects");
    REDIRECT_LIST: ContentFile::of_site("redirects.csv");
    LANGUAGE_HELP: ContentFile::of_site("language_help.toml").with_list("languages").dispensable();
    TESTS: ContentFile::of_site("tests.toml").dispensable();
    LANGUAGE: ContentFile::of_language("language.toml");
    UI: ContentFile::of_language("ui.toml");
    OBJECTIVES: ContentFile::of_language("objectives.toml").with_list("objectives");
    NOTICES: ContentFile::of_language("notices.toml").with_list("notices");
    ANSWERS: ContentFile::of_language("answers.toml");
    WORDS: ContentFile::of_language("words.toml").with_list("words").dispensable();
}

impl ContentFile {
    const fn of_site(name: &'static str) -> Self {
        Self { name, of_language: false, list: None, dispensable: false }
    }

    const fn of_language(name: &'static str) -> Self {
        Self { of_language: true, ..Self::of_site(name) }
    }

    const fn with_list(self, list: &'static str) -> Self {
        Self { list: Some(list), ..self }
    }

    const fn dispensable(self) -> Self {
        Self { dispensable: true, ..self }
    }

    /// Its path below the content folder; `lang` is that of which it is, if each language has its own.
    pub(super) fn path(self, lang: Lang) -> String {
        if self.of_language { format!("{}/{}", lang.tag(), self.name) } else { self.name.to_owned() }
    }

    /// The name without its ending.
    pub(super) fn stem(self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(stem, _)| stem)
    }

    /// The paths of all there are, as editors' settings have them: `*/ui.toml`.
    pub(super) fn pattern(self) -> String {
        if self.of_language { format!("*/{}", self.name) } else { self.name.to_owned() }
    }
}

/// Whether there is a file of a name at the top of the content folder, or else in each language's folder.
pub(super) fn is_known(name: &str, in_language: bool) -> bool {
    ALL.iter().any(|file| file.name == name && file.of_language == in_language)
}

/// The file that a list is written in, for people; none of one that is part of something else.
pub(super) fn file_of_list(list: &str) -> Option<String> {
    if list == "sections" {
        return Some("the file of a page".to_owned());
    }
    ALL.iter().find(|file| file.list == Some(list)).map(|file| file.path(Lang::En))
}

/// The path of a page below the content folder.
#[must_use]
pub fn page(lang: Lang, key: &str) -> String {
    format!("{}/{}", lang.tag(), page_in_language(key))
}

/// The paths of all pages, as editors' settings have them.
pub(super) fn pages_pattern() -> String {
    format!("*/{}", page_in_language("*"))
}

/// The path of a page below the folder of its language.
pub(super) fn page_in_language(key: &str) -> String {
    format!("{PAGES}/{key}.toml")
}

/// The page of a path below the folder of a language.
pub(super) fn page_key(path: &str) -> Option<&str> {
    path.strip_prefix(PAGES)?.strip_prefix('/')?.strip_suffix(".toml")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::schema;
    use std::collections::BTreeSet;

    #[test]
    fn every_file_in_toml_has_a_schema() {
        let files = ALL.iter().filter(|file| file.name != REDIRECT_LIST.name).map(|file| file.pattern());
        let files: BTreeSet<String> = files.chain([pages_pattern()]).collect();
        assert_eq!(files, schema::all().into_iter().map(|schema| schema.files).collect());
    }

    #[test]
    fn a_page_has_one_path() {
        assert_eq!(page(Lang::En, "home"), "en/pages/home.toml");
        assert_eq!(page_key(&page_in_language("home")), Some("home"));
        assert_eq!(page_key("pagesx/home.toml"), None);
        assert_eq!(page_key(UI.name), None);
    }
}
