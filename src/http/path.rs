//! The page that is meant by another spelling of its path.

use crate::address::{NoPath, normal, unescaped};
use crate::site::{Entry, Site};

/// The longest path that is looked up, in bytes: none of the site's is near it.
const MAX_PATH: usize = 1024;

/// The path of the site that is meant: the same in small letters, with a slash at the end, without needless escapes, empty parts and `..`; without
/// `index.html`; and without the punctuation that a link in a mail or a chat may pick up from its sentence.
///
/// It is one of the site's own or nothing, so nobody can be redirected elsewhere.
pub(super) fn meant(site: &Site, path: &str) -> Result<Option<String>, NoPath> {
    if path.len() > MAX_PATH {
        return Ok(None);
    }
    let Ok(plain) = unescaped(path) else {
        // Servers of old wrote other letters than UTF-8.
        return site.moved(path).map(|to| Some(to.to_owned())).ok_or(NoPath);
    };
    let lower = normal(&plain).to_lowercase();
    let torn = without_scraps(&lower);
    let folder = INDEXES.iter().find_map(|index| torn.strip_suffix(index)).unwrap_or(&torn);
    let candidates = [lower.as_str(), &torn, folder];
    let mut pages = candidates.into_iter().flat_map(|path| [path.to_owned(), slashed(path)]);
    let page = pages.find(|path| matches!(site.find(path), Some(Entry::Answer(_))));
    // Its escapes are decoded already, so none is left.
    let old = || candidates.into_iter().find_map(|path| site.moved(&path.replace('%', "%25").replace('?', "%3F")));
    Ok(page.or_else(|| old().map(str::to_owned)))
}

/// The names of a folder's page in other programs.
const INDEXES: [&str; 2] = ["/index.html", "/index.htm"];

fn slashed(path: &str) -> String {
    if path.ends_with('/') { path.to_owned() } else { format!("{path}/") }
}

/// A path without the punctuation and spaces of a sentence at its end, and without invisible characters: no page has either.
fn without_scraps(path: &str) -> String {
    let visible: String = path.chars().filter(|c| !is_invisible(*c)).collect();
    visible.trim_end_matches(is_scrap).to_owned()
}

/// Ends a sentence, a quotation or emphasis, or is space.
fn is_scrap(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, ',' | '.' | ';' | ':' | '!' | '?' | '…' | ')' | ']' | '}' | '>' | '*' | '_' | '\\')
        || matches!(c, '"' | '\'' | '`' | '’' | '”' | '“' | '»' | '。' | '，' | '）')
}

/// Invisible, and put between letters by programs: soft hyphens, joiners, marks of direction, variation selectors.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::without_scraps;

    #[test]
    fn the_punctuation_of_a_sentence_is_removed() {
        for (path, wanted) in [
            ("/medicare/,", "/medicare/"),
            ("/medicare/).", "/medicare/"),
            ("/medicare/\u{200b}", "/medicare/"),
            ("/medi\u{ad}care/”", "/medicare/"),
            ("/medicare/ ", "/medicare/"),
            ("/medicare/*", "/medicare/"),
            ("/sitemap.xml.", "/sitemap.xml"),
            ("/", "/"),
        ] {
            assert_eq!(without_scraps(path), wanted, "{path:?}");
        }
    }
}
