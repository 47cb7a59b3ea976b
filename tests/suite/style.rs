//! The style sheet: contrast as its tokens promise, nothing from elsewhere, nothing undefined; and the weight of each page with it.

use crate::harness::{Page, TODAY, TestSite, check, error_path, lang_of, langs, noon};
use clinic_site::content::Files;
use clinic_site::content::brand::PAIRS;
use clinic_site::lang::Lang;
use clinic_site::site::{Coding, CompressionLevel, Entry, ErrorKind, Prebuilt, Settings, Site};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What a first visit of a page may weigh, in bytes: what a server may send at once, before a word comes back (RFC 6928).
const BUDGET: usize = 14 * 1024;
/// What is read must have this contrast (WCAG 2.2, success criterion 1.4.6).
const TEXT: f64 = 7.0;

/// Colours that carry no meaning: rules between things, and the picture.
const DECORATION: [&str; 12] = [
    "--line",
    "--sun",
    "--halo",
    "--ridge-far",
    "--ridge",
    "--bank",
    "--oak",
    "--oak-lit",
    "--bridge",
    "--gilt",
    "--water",
    "--glint",
];

/// How a reader may have set the browser: the media queries of `tokens.css` that then hold, and whether the page is printed.
const SETTINGS: [(&str, &[&str]); 5] = [
    ("light", &[]),
    ("dark", &["prefers-color-scheme: dark"]),
    ("light, more contrast", &["prefers-contrast: more"]),
    ("dark, more contrast", &["prefers-color-scheme: dark", "prefers-contrast: more"]),
    ("print", &["print"]),
];

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/css").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    without_comments(&text)
}

fn without_comments(css: &str) -> String {
    css.split("/*")
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once("*/").map_or("", |(_, css)| css) })
        .collect()
}

/// The tokens with their values under some settings: the declarations of `:root`, later ones over earlier ones.
fn tokens(held: &[&str]) -> BTreeMap<String, String> {
    let mut tokens = BTreeMap::new();
    for css in [file("tokens.css"), file("print.css")] {
        let (mut open, mut rest) = (Vec::<String>::new(), css.as_str());
        while let Some(at) = rest.find(['{', '}', ';']) {
            let (before, mark) = (rest[..at].trim(), &rest[at..=at]);
            match mark {
                "{" => open.push(before.to_owned()),
                "}" => drop(open.pop()),
                _ => {
                    let queries = open.iter().filter_map(|head| head.strip_prefix("@media"));
                    let holds =
                        queries.map(|query| query.trim().trim_matches(['(', ')'])).all(|query| held.contains(&query));
                    if let (true, Some(":root"), Some((name, value))) =
                        (holds, open.last().map(String::as_str), before.split_once(':'))
                    {
                        tokens.insert(name.trim().to_owned(), value.trim().to_owned());
                    }
                }
            }
            rest = &rest[at + 1..];
        }
    }
    tokens
}

/// Red, green and blue of a token, through `var()`.
#[track_caller]
fn colour(tokens: &BTreeMap<String, String>, name: &str) -> [u8; 3] {
    let value = tokens.get(name).unwrap_or_else(|| panic!("{name} is not in tokens.css"));
    if let Some(other) = value.strip_prefix("var(").and_then(|rest| rest.strip_suffix(')')) {
        return colour(tokens, other);
    }
    let digits = value.strip_prefix('#').unwrap_or_else(|| panic!("{name} is {value:?}, wanted #rrggbb"));
    let long =
        if digits.len() == 3 { digits.chars().flat_map(|digit| [digit, digit]).collect() } else { digits.to_owned() };
    let [_, red, green, blue] =
        u32::from_str_radix(&long, 16).unwrap_or_else(|_| panic!("{name} is {value:?}")).to_be_bytes();
    [red, green, blue]
}

/// The contrast of two colours (WCAG 2.2, "contrast ratio" and "relative luminance").
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let luminance = |[red, green, blue]: [u8; 3]| 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn contrast_is_computed_as_the_guidelines_say() {
    for (one, other, wanted) in [([0; 3], [255; 3], 21.0), ([255; 3], [255; 3], 1.0), ([0x76; 3], [255; 3], 4.54)] {
        assert!((contrast(one, other) - wanted).abs() < 0.01, "{one:?} on {other:?}: {}", contrast(one, other));
    }
}

#[test]
fn every_pair_of_colours_has_its_contrast_in_every_setting() {
    let mut weak = Vec::new();
    for (setting, held) in SETTINGS {
        let tokens = tokens(held);
        // Nothing on paper is a control, or has the focus.
        for (wanted, fronts, grounds) in PAIRS.iter().filter(|(wanted, ..)| setting != "print" || *wanted == TEXT) {
            for (front, ground) in fronts.iter().flat_map(|front| grounds.iter().map(move |ground| (front, ground))) {
                let of = |name| colour(&tokens, &format!("--{name}"));
                let is = contrast(of(front), of(ground));
                if is < *wanted {
                    weak.push(format!("{setting}: {front} on {ground} is {is:.2}:1, wanted {wanted}:1"));
                }
            }
        }
    }
    assert!(weak.is_empty(), "{}", weak.join("\n"));
}

#[test]
fn settings_change_the_tokens() {
    let (light, dark, more) =
        (tokens(&[]), tokens(&["prefers-color-scheme: dark"]), tokens(&["prefers-contrast: more"]));
    assert_ne!(light["--ground"], dark["--ground"]);
    assert_eq!(more["--edge"], "var(--text)");
    assert_eq!(tokens(&["print"])["--text"], "#000");
}

#[test]
fn every_colour_is_in_a_pair_or_is_decoration_and_has_a_value_for_the_night() {
    let paired: BTreeSet<&str> =
        PAIRS.iter().flat_map(|(_, fronts, grounds)| fronts.iter().chain(*grounds)).copied().collect();
    let (light, dark) = (tokens(&[]), file("tokens.css"));
    let dark = dark.split_once("prefers-color-scheme: dark").unwrap().1.split_once("@media").unwrap().0;
    for (name, _) in light.iter().filter(|(_, value)| value.starts_with('#')) {
        assert!(
            paired.contains(name.trim_start_matches('-')) || DECORATION.contains(&name.as_str()),
            "{name}: say in PAIRS what it lies on"
        );
        assert!(dark.contains(&format!("{name}:")), "{name} has no value for the dark");
    }
}

#[test]
fn the_colour_of_the_browsers_bar_is_the_ground() {
    let page = TestSite::shipped().get("/").page();
    for (scheme, held) in [("light", &[][..]), ("dark", &["prefers-color-scheme: dark"])] {
        let meta = page.one(&format!("meta[name=theme-color][media=\"(prefers-color-scheme: {scheme})\"]"));
        assert_eq!(
            meta.attr("content"),
            Some(tokens(held)["--ground"].as_str()),
            "theme-color, {scheme}: templates/base.html"
        );
    }
}

/// The style sheet as it is served.
fn served() -> String {
    let site = TestSite::shipped();
    let path = site.paths().into_iter().find(|path| path.starts_with("/assets/full.")).unwrap();
    without_comments(site.get(&path).is(200).text())
}

#[test]
fn every_property_that_is_used_is_defined_and_the_other_way_round() {
    let css = served();
    let name =
        |text: &str| text.split(|c: char| c != '-' && !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_owned();
    let used: BTreeSet<String> = css.split("var(").skip(1).map(name).collect();
    let declared = css.split(['{', ';', '}']).map(str::trim).filter(|part| part.starts_with("--"));
    let defined: BTreeSet<String> = declared.map(name).collect();
    assert!(used.len() > 20, "{used:?}");
    assert_eq!(used.difference(&defined).collect::<Vec<_>>(), Vec::<&String>::new(), "used, but not defined");
    assert_eq!(defined.difference(&used).collect::<Vec<_>>(), Vec::<&String>::new(), "defined, but not used");
}

#[test]
fn the_style_sheet_asks_nobody_for_anything() {
    let css = served();
    for banned in ["url(", "@import", "@font-face", "image-set(", "http:", "https:", "expression("] {
        assert!(!css.contains(banned), "{banned} in static/css");
    }
    assert_eq!(css.matches('{').count(), css.matches('}').count(), "braces");
}

#[test]
fn only_utilities_and_print_overrule() {
    for name in ["tokens.css", "base.css", "layout.css", "components.css", "more.css"] {
        let css = file(name);
        // `more.css` has rules for the layer of print at its end.
        let css = css.split("@layer print").next().unwrap_or_default();
        let line = css.lines().find(|line| line.contains("!important"));
        assert_eq!(line, None, "static/css/{name}: a layer below does it without !important");
    }
}

#[test]
fn pages_hold_no_style_and_no_code_of_their_own() {
    for (state, site) in TestSite::states() {
        for page in site.documents() {
            let found = page.all("style, [style], script:not([type=\"application/ld+json\"]), script[src], iframe, object, embed, base, meta[http-equiv]");
            assert!(found.is_empty(), "{state}: {}: {}", page.path, found[0].html());
            let handlers = page
                .all("*")
                .into_iter()
                .find(|element| element.value().attrs().any(|(name, _)| name.starts_with("on")));
            assert!(handlers.is_none(), "{state}: {}: {}", page.path, handlers.unwrap().html());
        }
    }
}

/// Everything a browser fetches for a page besides the page.
fn fetched(page: &Page) -> Vec<String> {
    let links = page
        .all("link[href]")
        .into_iter()
        .filter(|link| !["canonical", "alternate"].contains(&link.attr("rel").unwrap_or_default()));
    let others =
        page.all("img, source, script, iframe, video, audio, object, embed, track, input[type=image], image, use");
    let attributes = ["href", "src", "srcset", "data", "poster", "xlink:href"];
    let addresses =
        links.chain(others).flat_map(|element| attributes.iter().filter_map(move |name| element.attr(name)));
    addresses.filter(|address| !address.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn a_first_visit_is_three_requests_and_fourteen_kilobytes() {
    let (content, _) = check(&Files::embedded(), false);
    let settings = Settings {
        public_url: None,
        now: noon(TODAY),
        as_of: false,
        live: false,
        requests: true,
        compression: CompressionLevel::Best,
    };
    let site = Site::build(&content.unwrap(), &settings, None).unwrap();
    let of = |answer: &Prebuilt| {
        let bodies = answer.bodies();
        bodies.get(Coding::Brotli).unwrap_or(bodies.identity).bytes.len()
    };
    let weight = |path: &str| match site.find(path) {
        Some(Entry::Answer(answer)) => of(answer),
        other => panic!("{path} is {other:?}"),
    };
    let errors =
        |lang: Lang| ErrorKind::ALL.map(|kind| (error_path(lang, kind), site.error(kind, &lang.root()).unwrap()));
    let errors: Vec<_> = langs().into_iter().flat_map(errors).collect();
    let (pages, booklets) = (TestSite::shipped().pages(), TestSite::shipped().booklets());
    let pages_of = |lang| pages.iter().filter(|path| lang_of(path) == lang).map(|path| weight(path)).sum::<usize>();
    for page in TestSite::shipped().documents() {
        let fetched = fetched(&page);
        let kind = |path: &str| (path.starts_with("/assets/"), path.rsplit('.').next().unwrap_or_default().to_owned());
        let kinds: Vec<_> = fetched.iter().map(|path| kind(path)).collect();
        assert_eq!(kinds, [(true, "svg".to_owned()), (true, "css".to_owned())], "{}: {fetched:?}", page.path);
        let error = errors.iter().find(|(name, _)| *name == page.path);
        let own = error.map_or_else(|| weight(&page.path), |(_, error)| of(error));
        let rest: usize = fetched.iter().map(|path| weight(path)).sum();
        let all = own + rest;
        // A booklet holds every page of its language. Nobody comes to it first, and once it is here, no page has to be fetched.
        let budget = if booklets.contains(&page.path) { pages_of(page.lang()) / 2 } else { BUDGET };
        assert!(all <= budget, "{}: {all} bytes, {own} of them its own; {budget} is the most", page.path);
        println!("{:25} {own:6} + {rest} = {all}", page.path);
    }
}
