//! The clinic's own colors: in the style sheets of the site, in the browser's bar, and held to their contrast.

use crate::harness::sample::sample;
use crate::harness::{TestSite, check, replace};
use clinic_site::content::Files;
use clinic_site::content::brand::{PAIRS, Scheme};
use clinic_site::content::color::Color;
use clinic_site::site::route;

/// The sample with words of `[brand]`.
fn with(brand: &str) -> Files {
    let mut files = sample();
    replace(&mut files, "clinic.toml", "[navigation]\n", &format!("{brand}\n[navigation]\n"));
    files
}

const OCEAN: &str = "[brand.light]\nground = \"#ffffff\"\nlink = \"#0b3d91\"\naction = \"#ffb81c\"\ndeep = \"#0a2a5e\"\n\n\
                     [brand.dark]\nground = \"#0b1526\"\nlink = \"#9cc3ff\"\naction = \"#ffb81c\"\ndeep = \"#050c18\"\n";

/// The address of a style sheet by its name, and what it says.
fn sheet(site: &TestSite, name: &str) -> (String, String) {
    let start = format!("{}{name}.", route::ASSETS);
    let path = site.paths().into_iter().find(|path| path.starts_with(&start)).unwrap();
    let text = site.get(&path).is(200).text().to_owned();
    (path, text)
}

#[test]
fn the_clinics_colors_stand_at_the_end_of_the_style_sheets_and_in_the_browsers_bar() {
    let (plain, own) = (TestSite::with(&sample()), TestSite::with(&with(OCEAN)));
    for name in ["site", "full"] {
        let ((before, all), (path, text)) = (sheet(&plain, name), sheet(&own, name));
        assert_ne!(before, path, "another text has another address");
        let more = text.strip_prefix(&all).unwrap_or_else(|| panic!("{name}: the rest changed"));
        assert!(more.starts_with("@layer tokens {\n@media (prefers-color-scheme: light) {\n:root {\n"), "{more}");
        for line in ["--ground: #ffffff;", "--link: #9cc3ff;", "--sunk: #f4f5f5;", "--line: var(--edge);"] {
            assert!(more.contains(line), "{line} is not in {more}");
        }
        // A page from before, or of a replica in other colors, gets what there is.
        assert_eq!(own.get(&before).is(200).text(), text);
        assert!(own.get("/").text().contains(&path) || name == "full");
    }
    let bars = |site: &TestSite| {
        let page = site.parsed("/");
        page.all("meta[name=theme-color]").iter().map(|bar| bar.attr("content").unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(bars(&plain), ["#fbf6ea", "#0f2228"]);
    assert_eq!(bars(&own), ["#ffffff", "#0b1526"]);
}

#[test]
fn what_is_left_empty_leaves_no_trace() {
    let (plain, empty) = (TestSite::with(&sample()), TestSite::with(&with("[brand]\n")));
    for path in plain.paths() {
        assert_eq!(plain.get(&path).is(200).text(), empty.get(&path).is(200).text(), "{path}");
    }
    // The program's own colors, written out.
    let own = Scheme::Light.own();
    let same = ["ground", "link", "action", "deep"].map(|name| format!("{name} = \"{}\"\n", own[name])).concat();
    assert!(!check(&with(&format!("[brand.light]\n{same}")), false).1.has_errors());
}

#[test]
fn one_scheme_alone_leaves_the_other_as_it_is() {
    let (_, text) = sheet(&TestSite::with(&with("[brand.light]\nlink = \"#0b3d91\"\n")), "site");
    let (_, more) = text.rsplit_once("@layer tokens {\n").unwrap();
    assert!(more.starts_with("@media (prefers-color-scheme: light) {\n:root {\n--link: #0b3d91;\n}\n}\n"), "{more}");
    assert!(!more.contains("dark"), "{more}");
}

#[test]
fn colors_that_nobody_sees_are_told_with_the_nearest_that_they_do() {
    for (scheme, key, color, words) in [
        ("light", "link", "#4a90d9", "a link"),
        ("light", "ground", "#808080", "on "),
        ("light", "action", "#888888", "the words of the main button"),
        ("light", "deep", "#77aacc", "at the foot"),
        ("dark", "link", "#4a90d9", "a link"),
        ("dark", "ground", "#777777", "on "),
        ("dark", "deep", "#ffffff", "at the foot"),
    ] {
        let brand = |color: &str| with(&format!("[brand.{scheme}]\n{key} = \"{color}\"\n"));
        let report = check(&brand(color), false).1;
        let found: Vec<_> =
            report.sorted().into_iter().filter(|finding| finding.rule.name == "brand-contrast").collect();
        let [finding] = found.as_slice() else { panic!("{scheme} {key} {color}: {}", report.text()) };
        assert!(
            finding.message.contains(words) && finding.message.contains(&format!("`{key}`")),
            "{}",
            finding.message
        );
        let [edit] = finding.fix.as_slice() else { panic!("{}", finding.help) };
        let instead = edit.text.trim_matches('"');
        assert!(!check(&brand(instead), false).1.has_errors(), "{instead}: {}", check(&brand(instead), false).1.text());
        assert_ne!(Color::read(instead), Color::read(color));
    }
}

#[test]
fn whatever_passes_check_has_its_contrast_on_every_pair() {
    // Each two of these colors as the ground and the link: most are refused, and of the others every pair is looked at.
    let colors =
        ["#ffffff", "#f4f8ff", "#fff4e0", "#e8f5e9", "#0b3d91", "#7a1f3d", "#14532d", "#3a2a6b", "#5b21b6", "#ff5c8a"];
    let mut passed = 0;
    for ground in colors {
        for other in colors {
            let brand = format!("[brand.light]\nground = \"{ground}\"\nlink = \"{other}\"\naction = \"{other}\"\n");
            let (content, _) = check(&with(&brand), false);
            let Some(content) = content else { continue };
            passed += 1;
            let mut all = Scheme::Light.own().clone();
            all.extend(content.clinic.brand.unwrap().light.unwrap().changed(Scheme::Light));
            for (wanted, fronts, grounds) in PAIRS {
                for (front, on) in fronts.iter().flat_map(|front| grounds.iter().map(move |on| (front, on))) {
                    let is = all[front].contrast(all[on]);
                    assert!(is >= *wanted, "{ground} {other}: {front} on {on} is {is:.2}, wanted {wanted}");
                }
            }
        }
    }
    assert!(passed > 3, "only {passed} passed");
}

#[test]
fn a_color_is_written_as_style_sheets_write_it() {
    let report = check(&with("[brand.light]\nlink = \"0b3d91\"\n"), false).1;
    assert!(report.text().contains("write link = \"#0b3d91\""), "{}", report.text());
    let report = check(&with("[brand.light]\nlink = \"navy\"\n"), false).1;
    assert!(report.text().contains("write it like \"#0b4d41\""), "{}", report.text());
}
