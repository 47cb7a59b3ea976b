//! Old addresses from a list: `redirects.csv` as spreadsheet programs save it, and `clinic-site new redirects`, which guesses pages.

use crate::harness::sample::sample;
use crate::harness::{TestSite, check};
use crate::program::{folder, run};
use clinic_site::content::Files;
use std::fs;
use tempfile::TempDir;

fn files(list: &str) -> Files {
    let mut files = sample();
    files.insert("redirects.csv", list.as_bytes().to_vec());
    files
}

/// What is told of a list: the place, the rule, and the words.
fn told(list: &str) -> Vec<(String, &'static str, String)> {
    let report = check(&files(list), false).1;
    let found = report.sorted().into_iter().filter(|finding| finding.source.path.ends_with("redirects.csv"));
    found
        .map(|finding| {
            let (line, column) = finding.source.position(finding.span.start);
            (format!("{line}:{column}"), finding.rule.name, format!("{}; {}", finding.message, finding.help))
        })
        .collect()
}

#[test]
fn a_list_is_read_as_every_spreadsheet_program_saves_it() {
    for list in [
        "old,new\n/about.html,/contact/\n/?p=7,/group-therapy/\n",
        "\u{feff}Old address;New address;Remark\r\n/about.html;/contact/;often asked for\r\n/?p=7;/group-therapy/;\r\n;;\r\n",
        "sep=;\r\n\"/about.html\";\"/contact/\"\r\n\"/?p=7\";\"/group-therapy/\"",
        "https://www.old.example/about.html\t/contact/\nhttp://old.example/?p=7\t/group-therapy/",
    ] {
        assert_eq!(told(list), [], "{list:?}");
        let site = TestSite::with(&files(list));
        for (asked, to) in [("/About.html?x=1", "/contact/"), ("/?p=7", "/group-therapy/"), ("/old.html", "/contact/")]
        {
            let reply = site.get(asked);
            let wanted = if asked == "/old.html" { (404, "") } else { (308, to) };
            let location = if reply.status == 308 { reply.header("location") } else { "" };
            assert_eq!((reply.status.as_u16(), location), wanted, "{list:?}: {asked}");
        }
    }
}

#[test]
fn what_is_wrong_in_a_list_is_told_at_its_row_and_column() {
    let list = "old,new\n/a.html,\n,/contact/\n/b.html,contact\n/c.html#x,/contact/\n/d.html,/group-terapy/\n/e.html,/contact/\n/E.html/,/privacy/\n/contact/,/\n\"/f.html\",\"https://clinic.example/privacy\"\nabout.html,/privacy/\n";
    let found = told(list);
    let places: Vec<(&str, &str)> = found.iter().map(|(place, rule, _)| (place.as_str(), *rule)).collect();
    assert_eq!(
        places,
        [
            ("2:1", "redirect-list"),
            ("3:2", "redirect-list"),
            ("4:9", "malformed"),
            ("5:1", "malformed"),
            ("6:9", "redirect"),
            ("8:1", "redirect"),
            ("9:1", "redirect"),
            ("10:12", "malformed"),
            ("11:1", "malformed"),
        ],
        "{found:#?}"
    );
    for (at, words) in [
        (0, "no new address"),
        (1, "no old address"),
        (2, "write /contact/"),
        (3, "write /c.html"),
        (4, "did you mean /group-therapy/?"),
        (5, "redirected twice"),
        (6, "is a page"),
        (7, "write /privacy/"),
        (8, "write /about.html"),
    ] {
        assert!(found[at].2.contains(words), "{:?} should say {words:?}", found[at]);
    }
    // One that redirects.toml has, too.
    let mut both = files("/services.html,/contact/\n");
    both.insert("redirects.toml", b"[[redirects]]\nfrom = \"/Services.html\"\nto = \"/\"\n".to_vec());
    let report = check(&both, false).1;
    assert!(
        report.text().contains("redirects.csv:1:1: error: `/services.html` is redirected twice"),
        "{}",
        report.text()
    );
}

#[test]
fn a_first_row_without_slashes_is_taken_for_names_only_if_it_has_them() {
    for (row, place, words) in [
        ("about.html,contact", "1:1", "/about.html; or delete the row"),
        ("\u{feff}sep=;\nabout us.html;", "2:1", "/about%20us.html"),
        ("old-page,contact", "1:10", "/contact"),
        ("about", "1:1", "/about;"),
        ("Alt;Neu", "1:1", "or delete the row, if it names the columns"),
    ] {
        let separator = if row.contains(';') { ';' } else { ',' };
        let found = told(&format!("{row}\n/b.html{separator}/contact/\n"));
        let [(at, "redirect-list", said)] = found.as_slice() else { panic!("{row:?}: {found:?}") };
        assert!(at == place && said.contains(words), "{row:?}: {found:?}");
    }
    for names in
        ["from,to", "Old_URL,New_URL", "The old page;where it is now: new page;Visits", "Antigua,Nueva", "from"]
    {
        assert_eq!(told(&format!("{names}\n")), [], "{names:?}");
    }
    // The command reads its own lists in the same way.
    let (ran, _) = asked("old.txt", b"about-us\n/privacy.html\n", &["--format", "csv"]);
    assert_eq!(ran.stdout, "old,new\n/privacy.html,/privacy/\n/about-us,\n", "{ran:?}");
}

#[test]
fn lists_that_are_none_are_told_and_bounded() {
    for (list, rule, words) in [
        ("\"/a.html,/contact/\n/b.html,/contact/\n", "redirect-list", "not closed"),
        ("PK\u{3}\u{4}\0\0", "not-utf8", "plain text"),
    ] {
        let found = told(list);
        assert!(found.len() == 1 && found[0].1 == rule && found[0].2.contains(words), "{found:?}");
    }
    let rows = |count: usize| {
        let rows = (0..count).map(|row| format!("/old-{row}.html,/contact/\n"));
        rows.collect::<String>()
    };
    assert_eq!(told(&rows(5_000)), []);
    let many = told(&rows(5_002));
    assert_eq!((many.len(), many[0].0.as_str(), many[0].1), (1, "5001:1", "too-many"));
    let utf16: Vec<u8> = "/a,/b/".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut other = sample();
    other.insert("redirects.csv", utf16);
    assert!(check(&other, false).1.text().contains("not a text file in UTF-8"));
    let long = told(&format!("/{},/contact/\n/b,/contact/\n", "a".repeat(3_000)));
    assert!(long.len() == 1 && long[0].0 == "1:1" && long[0].2.contains("longer than any address"), "{long:?}");
    // An empty one is none.
    assert_eq!(told(""), []);
    assert_eq!(told("\u{feff}old;new\r\n"), []);
}

/// A file beside the sample content, and what the command prints of it.
fn asked(name: &str, bytes: &[u8], more: &[&str]) -> (crate::program::Ran, TempDir) {
    let place = folder(&sample());
    let own = TempDir::new().unwrap();
    let list = own.path().join(name);
    fs::write(&list, bytes).unwrap();
    let content = place.path().to_str().unwrap().to_owned();
    let ran = run(&[&["new", "redirects", list.to_str().unwrap(), "--content", &content], more].concat());
    (ran, place)
}

const SITEMAP: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- made by a plugin --><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="x">
<url><loc>https://www.old.example/</loc></url>
<url><loc> https://www.old.example/contact/ </loc><image:image><image:loc>https://www.old.example/a.jpg</image:loc></image:image></url>
<url><loc>https://www.old.example/our-services/group-therapy.html</loc></url>
<url><loc><![CDATA[https://www.old.example/privacy_policy.php]]></loc></url>
<url><loc>https://www.old.example/blog/2019/hello-world/?a=1&amp;b=&#50;</loc></url>
<url><loc>https://www.old.example/our-services/group-therapy.html/</loc></url>
</urlset>"#;

#[test]
fn pages_are_guessed_and_what_can_not_be_is_left_to_be_written() {
    let (ran, place) = asked("sitemap.xml", SITEMAP.as_bytes(), &[]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.starts_with("# The site answers these already:\n#   /\n#   /contact/\n"), "{}", ran.stdout);
    for lines in [
        "# Guessed: 2. Look at each.",
        "[[redirects]]\nfrom = \"/our-services/group-therapy.html\"\nto = \"/group-therapy/\"\n",
        "[[redirects]]\nfrom = \"/privacy_policy.php\"\nto = \"/privacy/\"\n",
        "# To be written: 1.",
        "# [[redirects]]\n# from = \"/blog/2019/hello-world/?a=1&b=2\"\n",
    ] {
        assert!(ran.stdout.contains(lines), "{lines:?} is not in\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("a.jpg"));
    assert!(
        ran.stderr.contains(
            "5 old addresses: the site answers 2 already, the page of 2 was guessed, that of 1 is to be written."
        ),
        "{}",
        ran.stderr
    );
    // Put where it belongs, it passes.
    let file = place.path().join("redirects.toml");
    let before = fs::read_to_string(&file).unwrap_or_default();
    fs::write(&file, before + "\n" + &ran.stdout).unwrap();
    let checked = run(&["check", "--content", place.path().to_str().unwrap()]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
}

#[test]
fn a_list_of_lines_or_a_table_is_taken_too() {
    let list = "\u{feff}Page;Visits\r\nhttps://old.example/group_therapy;70\r\nabout us.html;3\r\n";
    let (ran, place) = asked("old.csv", list.as_bytes(), &["--format", "csv"]);
    assert_eq!(ran.stdout, "old,new\n/group_therapy,/group-therapy/\n/about%20us.html,\n", "{ran:?}");
    fs::write(place.path().join("redirects.csv"), &ran.stdout).unwrap();
    let checked = run(&["check", "--content", place.path().to_str().unwrap()]);
    assert_eq!(checked.code, Some(1));
    assert!(checked.stdout.contains("redirects.csv:3:1: error: this row has no new address"), "{checked:?}");
}

#[test]
fn what_is_no_list_is_told() {
    for (name, bytes, words) in [
        ("sitemap.xml.gz", &b"\x1f\x8b\x08\0"[..], "gunzip"),
        ("sitemap.xml", &b"<urlset><url><loc>https://x/</url>"[..], "can't be read as a sitemap"),
        ("sitemap.xml", &b"<html><body>Not found</body></html>"[..], "there is no address in it"),
        (
            "sitemap.xml",
            &b"<sitemapindex><sitemap><loc>https://x/page-sitemap.xml</loc></sitemap></sitemapindex>"[..],
            "https://x/page-sitemap.xml",
        ),
        ("old.txt", &b"\xff\xfe/\0"[..], "not a text file in UTF-8"),
    ] {
        let (ran, _) = asked(name, bytes, &[]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
        assert!(ran.stderr.contains(words), "{words:?}: {}", ran.stderr);
    }
    let missing = run(&["new", "redirects", "/nowhere/list.txt"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
    let many = (0..20_002).map(|row| format!("/old-{row}\n"));
    let many = many.collect::<String>();
    let (ran, _) = asked("old.txt", many.as_bytes(), &[]);
    assert!(ran.code == Some(2) && ran.stderr.contains("more than 20000 addresses"), "{}", ran.stderr);
    // A name that the file defines itself is not followed: no bomb grows.
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><urlset><url><loc>https://x/&b;quite-old</loc></url></urlset>";
    let (ran, _) = asked("sitemap.xml", bomb.as_bytes(), &[]);
    assert!(ran.code == Some(0) && ran.stdout.contains("from = \"/quite-old\""), "{ran:?}");
}
