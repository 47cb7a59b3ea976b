//! Every page and every error page, in every state of the site, held to [`rules`]; and each rule shown a page that breaks it, so that none
//! can pass by looking away.

mod frame;
mod names;
mod parts;
mod rules;

use crate::harness::{Page, TestSite, langs, language};
use clinic_site::site::ErrorKind;
use rules::RULES;
use scraper::Html;

/// Everything that is wrong with a page: the rule, then the finding.
pub(crate) fn problems(page: &Page) -> Vec<String> {
    let of_rule = |rule: &rules::Rule| {
        let name = rule.name;
        (rule.find)(page).into_iter().map(move |problem| format!("{}: {name}: {problem}", page.path))
    };
    RULES.iter().flat_map(of_rule).collect()
}

#[test]
fn every_page_keeps_every_rule_in_every_state() {
    let mut found = Vec::new();
    for (state, site) in TestSite::states() {
        let documents = site.documents();
        // In each language its pages, the booklet and the error pages.
        let wanted = langs().map(|lang| language(lang).pages.len() + 1 + ErrorKind::ALL.len());
        assert_eq!(documents.len(), wanted.iter().sum::<usize>(), "{state}");
        found.extend(documents.iter().flat_map(problems).map(|problem| format!("{state}: {problem}")));
    }
    let count = found.len();
    assert!(found.is_empty(), "{count} problems; rules.rs beside this file has the rules:\n{}", found.join("\n"));
}

/// A page that keeps every rule, with one of each thing that a rule looks at.
const GOOD: &str = r##"<!doctype html>
<html lang="en">
<head>
<title>Good</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="canonical" href="https://clinic.example/here/">
</head>
<body>
<a href="#main">Skip</a>
<header>
<nav aria-label="Quick"><a href="/medicare/" aria-describedby="note">Read about Medicare</a></nav>
<nav aria-label="Pages"><ul><li><a href="/">Home</a></li><li><a href="/here/" aria-current="page">Contact</a></li></ul></nav>
<a href="/es/" lang="es" hreflang="es">Español</a>
<a href="/es/here/" hreflang="es">Read this page in Spanish</a>
</header>
<main id="main" tabindex="-1">
<h1>Good</h1>
<p>Text</p>
<svg aria-hidden="true" focusable="false"></svg>
<svg role="img"><title>A bridge</title></svg>
<img src="/picture.svg" alt="">
<section aria-labelledby="two">
<h2 id="two">Two</h2>
<ul><li>One</li></ul>
<h3>Three</h3>
<dl><div><dt>Area</dt><dd>Sacramento</dd></div></dl>
<p id="note">The link is <a href="#two">two</a>.</p>
<table><caption>Hours</caption><tr><th scope="col">Day</th></tr><tr><td>Monday</td></tr></table>
<form><label for="name">Name</label><input id="name"><button>Send</button></form>
</section>
<article class="chapter" aria-labelledby="two">
<h3 id="two-part">Part</h3>
<p><a href="#two-part">part</a></p>
<p class="origin"><a href="/two/">/two/</a></p>
</article>
</main>
<footer><p><a href="/two/">Two</a> <a href="/two/#part">Part</a></p>
<ul><li lang="ko"><a href="/notices/#lang-ko" hreflang="ko">한국어</a></li></ul>
<p><a href="https://a.example/" lang="fr" hreflang="fr">Le titre</a></p></footer>
</body>
</html>"##;

fn page(html: &str) -> Page {
    Page { path: "the example".to_owned(), html: Html::parse_document(html) }
}

#[test]
fn the_good_example_keeps_every_rule() {
    let found = problems(&page(GOOD));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_rule_finds_what_breaks_it() {
    for rule in RULES {
        assert!(!rule.broken.is_empty(), "{} has no broken example", rule.name);
        for (from, to) in rule.broken {
            assert!(GOOD.contains(from), "{}: {from:?} is not in the good example", rule.name);
            let found = (rule.find)(&page(&GOOD.replacen(from, to, 1)));
            assert!(!found.is_empty(), "{} does not see {to:?} in the place of {from:?}", rule.name);
        }
    }
}
