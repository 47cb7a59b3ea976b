//! `clinic-site new redirects`: from the addresses of an old site, what to write so that they lead to the pages of this one. The pages are guessed by
//! their names and titles; nothing is written into the content.

use super::old_site::{self, OldSite};
use super::{Failure, Outcome, clock, counted, place, print, read, say};
use crate::address::OldAddress;
use crate::config::{NewRedirectsOptions, RedirectFormat};
use crate::content::Content;
use crate::content::leaf::slug_of;
use crate::lang::Lang;
use crate::site::route;
use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

/// Words of addresses that say nothing about the content of a page.
const EMPTY_WORDS: [&str; 22] = [
    "a", "and", "about", "for", "in", "of", "our", "the", "to", "us", "we", "your", "page", "de", "del", "el", "en",
    "la", "las", "los", "nuestro", "y",
];

/// How alike two names have to be, of 1.
const ALIKE: f64 = 0.5;

/// How alike two words have to be, of 1.
const NEAR: f64 = 0.9;

pub(super) fn run(options: &NewRedirectsOptions) -> Result<Outcome, Failure> {
    let OldSite { addresses, unread } = old_site::read(&options.list)?;
    let (content, report) = read(&options.content, &clock::now(), false)?;
    let Some(content) = content else {
        say(report.text());
        say("Mend these errors first: what old addresses lead to is not known yet.");
        return Ok(Outcome::ContentErrors);
    };
    let (answered, pages) = (answered(&content), pages(&content));
    let mut lists = Lists::default();
    for (written, address) in &addresses {
        // Sites of old have pages behind a question mark, where this one would show the page before it.
        if answered.contains(address) {
            lists.answered.push(written);
        } else if let Some(page) = guess(address, &pages) {
            lists.guessed.push((written, page));
        } else {
            lists.unknown.push(written);
        }
    }
    print(&match options.format {
        RedirectFormat::Toml => lists.toml(),
        RedirectFormat::Csv => lists.csv(),
    })?;
    let (count, plural) = (addresses.len(), if addresses.len() == 1 { "" } else { "es" });
    say(format!(
        "{count} old address{plural}: the site answers {} already, the page of {} was guessed, that of {} is to be written.",
        lists.answered.len(),
        lists.guessed.len(),
        lists.unknown.len()
    ));
    if unread > 0 {
        say(format!("{} of the list are no addresses.", counted(unread, "line")));
    }
    say(match options.format {
        RedirectFormat::Toml => {
            "Look at each guess, then put them at the end of redirects.toml. `clinic-site check` reports what is wrong."
        }
        RedirectFormat::Csv => {
            "Look at each guess, then save it as redirects.csv in the content folder. `clinic-site check` names each row that lacks a page."
        }
    });
    say(format!("of the content {}", place(&options.content)));
    Ok(Outcome::Good)
}

/// What is to become of each old address.
#[derive(Default)]
struct Lists<'a> {
    answered: Vec<&'a str>,
    guessed: Vec<(&'a str, &'a str)>,
    unknown: Vec<&'a str>,
}

impl Lists<'_> {
    fn toml(&self) -> String {
        let mut text = String::new();
        if !self.answered.is_empty() {
            let _ = writeln!(text, "# The site answers these already:");
            self.answered.iter().for_each(|address| {
                let _ = writeln!(text, "#   {address}");
            });
            text.push('\n');
        }
        if !self.guessed.is_empty() {
            let _ = writeln!(text, "# Guessed: {}. Look at each.\n", self.guessed.len());
            for (from, to) in &self.guessed {
                let _ = writeln!(text, "[[redirects]]\nfrom = \"{from}\"\nto = \"{to}\"\n");
            }
        }
        if !self.unknown.is_empty() {
            let _ = writeln!(
                text,
                "# To be written: {}. Put the page's address behind `to` and take the marks away, or delete those that nobody needs.\n",
                self.unknown.len()
            );
            for from in &self.unknown {
                let _ = writeln!(text, "# [[redirects]]\n# from = \"{from}\"\n# to = \"\"\n");
            }
        }
        text
    }

    fn csv(&self) -> String {
        let cell = |text: &str| if text.contains(',') { format!("\"{text}\"") } else { text.to_owned() };
        let unknown = self.unknown.iter().map(|from| (*from, ""));
        let rows = self.guessed.iter().copied().chain(unknown);
        rows.fold("old,new\n".to_owned(), |text, (from, to)| text + &format!("{},{to}\n", cell(from)))
    }
}

/// A page of this site as an old address may mean it.
struct Named {
    lang: Lang,
    path: String,
    /// The words of its address, of its title and of its link.
    names: Vec<BTreeSet<String>>,
}

fn pages(content: &Content) -> Vec<Named> {
    let languages = content.languages.iter();
    let pages = languages.flat_map(|language| language.pages.iter().map(move |(key, page)| (language, key, page)));
    let named = pages.map(|(language, key, page)| {
        let path = page.path(language.lang, key);
        let slug = page.slug.as_ref().map_or(key.as_str(), |slug| slug.as_str()).to_owned();
        let names = [slug, slug_of(page.title.as_str()), slug_of(page.label())];
        Named { lang: language.lang, path, names: names.iter().map(|name| words(name)).collect() }
    });
    named.collect()
}

/// What this site answers with a page, a file or a redirect.
fn answered(content: &Content) -> HashSet<OldAddress> {
    let pages = content.languages.iter().flat_map(|language| {
        let paths = language.pages.iter().map(|(key, page)| page.path(language.lang, key));
        paths.collect::<Vec<_>>()
    });
    let redirects = content.redirects.redirects.iter().flatten().map(|redirect| redirect.from.to_string());
    let files = route::LINKABLE.iter().chain(&route::RESERVED).map(|path| (*path).to_owned());
    pages.chain(redirects).chain(files).filter_map(|path| OldAddress::read(&path).ok()).collect()
}

/// The words of a name, without those that say nothing, unless there are no others.
fn words(name: &str) -> BTreeSet<String> {
    let all = || name.split(['-', '_', ' ', '.', '+']).filter(|word| !word.is_empty());
    let meaningful: BTreeSet<String> = all().filter(|word| !EMPTY_WORDS.contains(word)).map(str::to_owned).collect();
    if meaningful.is_empty() { all().map(str::to_owned).collect() } else { meaningful }
}

/// The page that an old address most likely meant: one whose name or title has the words of the address's last part.
fn guess<'a>(address: &OldAddress, pages: &'a [Named]) -> Option<&'a str> {
    if address.has_query() {
        return None;
    }
    let path = address.path();
    let lang = Lang::of_path(&path, pages.iter().map(|page| page.lang));
    let parts = path.split('/').filter(|part| !part.is_empty()).rev();
    let parts = parts.map(|part| part.rsplit_once('.').map_or(part, |(stem, _)| stem));
    let last = parts.into_iter().find(|part| !matches!(*part, "index" | "default" | "home"))?;
    let asked = words(&slug_of(&last.replace('_', "-")));
    let score = |page: &Named| page.names.iter().map(|name| alike(&asked, name)).fold(0.0, f64::max);
    let own = pages.iter().filter(|page| page.lang == lang).map(|page| (score(page), page));
    // Of equals the first is taken.
    let best = own.fold(None::<(f64, &Named)>, |best, (score, page)| match best {
        Some((most, _)) if most >= score => best,
        _ => Some((score, page)),
    });
    best.filter(|(score, _)| *score >= ALIKE).map(|(_, page)| page.path.as_str())
}

/// Whether two words may be alike at all. Comparing takes time in the product of their lengths, and one that is more than twice as long is never nearer
/// than [`NEAR`]: its Jaro similarity is (1 + 1/2 + 1) / 3 at most, to which a common start adds 4/10 of what it lacks.
fn are_near_in_length(one: &str, other: &str) -> bool {
    let (one, other) = (one.chars().count(), other.chars().count());
    one.max(other) <= 2 * one.min(other)
}

/// How many of the words of two names are the same, of 1; a word with another ending counts for as much as it has in common.
fn alike(asked: &BTreeSet<String>, name: &BTreeSet<String>) -> f64 {
    let near = |word: &String| {
        let others = name.iter().filter(|other| are_near_in_length(word, other));
        others.map(|other| strsim::jaro_winkler(word, other)).fold(0.0, f64::max)
    };
    let common: f64 = asked.iter().map(near).filter(|near| *near > NEAR).sum();
    let count = asked.len() + name.len();
    2.0 * common / f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::{NEAR, are_near_in_length};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_words_that_are_not_compared_are_near(start in "[a-zé]{0,4}", one in "[a-cé]{0,12}", other in "[a-cé]{0,40}") {
            let (one, other) = (format!("{start}{one}"), format!("{start}{other}"));
            if !are_near_in_length(&one, &other) {
                prop_assert!(strsim::jaro_winkler(&one, &other) <= NEAR, "{} {}", one, other);
            }
        }
    }
}
