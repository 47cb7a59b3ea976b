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

/// A drawing of one color, as PNG.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&vec![90; (width * height * 3) as usize]).unwrap();
    writer.finish().unwrap();
    out
}

#[test]
fn the_logo_takes_the_place_of_the_mark_on_every_page_and_the_name_stays() {
    let mut files = with("[brand]\nlogo = \"logo.png\"\nlogo_dark = \"night.png\"\n");
    files.insert("files/logo.png", picture(300, 200));
    files.insert("files/night.png", picture(200, 200));
    assert!(check(&files, false).0.is_some(), "{}", check(&files, false).1.text());
    let site = TestSite::with(&files);
    for page in site.documents() {
        assert!(page.all("header svg.mark").is_empty(), "{}", page.path);
        let logo = page.one("header a.name img.logo");
        // It stands beside the name, which would be read twice.
        assert_eq!(logo.attr("alt"), Some(""), "{}", page.path);
        assert_eq!((logo.attr("width"), logo.attr("height")), (Some("300"), Some("200")));
        assert_eq!(logo.attr("loading"), None);
        site.get(logo.attr("src").unwrap()).is(200).has("content-type", "image/png");
        let dark = page.one("header picture > source");
        assert_eq!(dark.attr("media"), Some("screen and (prefers-color-scheme: dark)"));
        site.get(dark.attr("srcset").unwrap().split(' ').next().unwrap()).is(200);
    }
    let (_, style) = sheet(&site, "site");
    assert!(style.contains(".logo {") && style.contains("max-inline-size"));
    assert!(!sheet(&TestSite::with(&sample()), "site").1.contains(".logo"), "it weighs on no other site");
}

#[test]
fn a_logo_that_is_not_there_is_told_and_so_is_one_for_the_dark_alone() {
    let report = check(&with("[brand]\nlogo = \"logo.png\"\n"), false).1;
    assert!(report.text().contains("[unknown-file-name]"), "{}", report.text());
    let mut files = with("[brand]\nlogo_dark = \"night.png\"\n");
    files.insert("files/night.png", picture(200, 200));
    let report = check(&files, false).1;
    assert!(report.text().contains("`logo` is missing beside `logo_dark`"), "{}", report.text());
}

#[test]
fn a_photograph_takes_the_place_of_the_drawing_on_the_home_page_alone() {
    let photo = |page: &str, file: &str| {
        let mut files = sample();
        files.insert("files/front.png", picture(700, 400));
        replace(
            &mut files,
            page,
            "navigation = ",
            &format!("picture = {{ file = \"{file}\", alt = \"A blue door.\" }}\nnavigation = "),
        );
        files
    };
    let files = photo("en/pages/home.toml", "front.png");
    let site = TestSite::with(&files);
    let page = site.parsed("/");
    let shown = page.one(".hero > img.photo");
    assert_eq!(
        (shown.attr("alt"), shown.attr("width"), shown.attr("loading")),
        (Some("A blue door."), Some("700"), None)
    );
    site.get(shown.attr("src").unwrap()).is(200);
    assert!(page.all(".hero svg.picture").is_empty());
    // Each language has its own words for it, so each says by itself that it has one.
    assert_eq!(site.parsed("/es/").all(".hero svg.picture").len(), 1);
    let report = check(&photo("en/pages/contact.toml", "front.png"), false).1;
    assert!(report.text().contains("only the home page has a `picture`"), "{}", report.text());
    let report = check(&photo("en/pages/home.toml", "fornt.png"), false).1;
    assert!(report.text().contains("did you mean \"front.png\"?"), "{}", report.text());
}
