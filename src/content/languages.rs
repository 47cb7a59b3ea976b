//! Which languages the content is in: each is a folder that has the language's tag as its name and says in its `language.toml` what it is.

use super::Files;
use super::catalogue::{LANGUAGE_TAG, TOO_MANY};
use super::files::{Role, Stray};
use super::names;
use crate::diagnostic::{Report, Source};
use crate::lang::{Lang, spelled};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A site has at most so many languages: each page is there in each of them, and names all of them.
const MAX_LANGUAGES: usize = 24;

/// What a language's folder holds, so that a folder with one of these is meant as one.
const OF_A_LANGUAGE: [&str; 3] = [names::LANGUAGE.name, names::UI.name, names::PAGES];

/// The languages in the order of their tags, English first: it is there even where its folder isn't, so that what is missing is reported.
pub(super) fn find(files: &Files, report: &mut Report) -> Vec<Lang> {
    let mut found = BTreeSet::new();
    for path in files.paths() {
        let (folder, _) = path.split_once('/').unwrap_or_default();
        if Role::from_path(path) == Role::Content {
            found.extend(Lang::from_tag(folder));
        } else if let Some(Stray { at, original, .. }) = files.stray(path).filter(|stray| !stray.at.contains('/')) {
            found.extend(
                Lang::from_tag(&original).filter(|_| at != original && files.misnamed_folder(&original).is_some()),
            );
        }
    }
    found.extend(files.unreadable_folders().filter_map(|(path, _)| Lang::from_tag(path.split('/').next()?)));
    for folder in misnamed(files) {
        let source = Arc::new(Source::without_text(files.shown(folder)));
        let help = match spelled(folder).filter(|spelled| Lang::from_tag(spelled).is_some()) {
            Some(tag) => format!("rename the folder to {tag}, or take it out if it is no language of the site"),
            None => "rename the folder to the tag of its language, such as vi, ar or zh-Hant, or take it out if it is no language of the site"
                .to_owned(),
        };
        report.add(&LANGUAGE_TAG, &source, 0..0, format!("`{folder}` is not the tag of a language"), help);
    }
    if found.len() > MAX_LANGUAGES {
        let source = Arc::new(Source::without_text(files.shown("")));
        let message = format!("there are {} languages, and a site has at most {MAX_LANGUAGES}", found.len());
        report.add(&TOO_MANY, &source, 0..0, message, "take out the folders of those that are not needed");
    }
    found.remove(&Lang::En);
    [Lang::En].into_iter().chain(found).take(MAX_LANGUAGES).collect()
}

/// The folders that hold what languages do and have another name than the tag of one.
fn misnamed(files: &Files) -> BTreeSet<&str> {
    let of_none = |path: &&str| is_misnamed(files, path);
    files.paths().filter(of_none).filter_map(|path| Some(path.split_once('/')?.0)).collect()
}

/// Whether a file is in such a folder, which is reported as a whole.
pub(super) fn is_misnamed(files: &Files, path: &str) -> bool {
    let Some((folder, _)) = path.split_once('/') else { return false };
    let holds = |name: &&str| files.is_there(&format!("{folder}/{name}"));
    Lang::from_tag(folder).is_none() && OF_A_LANGUAGE.iter().any(holds) && files.stray(path).is_none()
}
