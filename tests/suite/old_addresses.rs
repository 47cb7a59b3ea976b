//! Old addresses, as bookmarks, search engines and paper have them, lead to the pages that took their place.

use crate::harness::sample::sample;
use crate::harness::{TestSite, check, edited};
use crate::program::{folder, run};
use axum::http::Method;
use clinic_site::content::Files;
use tempfile::TempDir;

const OLD: &str = r#"
[[redirects]]
from = "/services.html"
to = "/contact/"

[[redirects]]
from = "/index.php"
to = "/"

[[redirects]]
from = "/old%20page/"
to = "/contact/"

[[redirects]]
from = "/información/"
to = "/es/contacto/"

[[redirects]]
from = "/?page_id=7"
to = "/group-therapy/"

[[redirects]]
from = "/index.php?id=7&lang=es"
to = "/es/"

[[redirects]]
from = "/Old-Page/"
to = "/privacy/"

[[redirects]]
from = "/100%25"
to = "/"

[[redirects]]
from = "/contact/?show=map"
to = "/privacy/"
"#;

fn files(redirects: &str) -> Files {
    let mut files = sample();
    files.insert("redirects.toml", redirects.to_owned().into_bytes());
    files
}

#[test]
fn every_spelling_of_an_old_address_leads_to_the_new_page() {
    let site = TestSite::with(&files(OLD));
    for (asked, to) in [
        ("/services.html", "/contact/"),
        ("/Services.HTML", "/contact/"),
        ("/services.html/", "/contact/"),
        ("/services.html?utm_source=mail", "/contact/"),
        ("/services.html,", "/contact/"),
        ("//services.html", "/contact/"),
        ("/index.php", "/"),
        ("/index.php?id=8", "/"),
        ("/index.php?LANG=es&x=1&id=7", "/es/"),
        ("/old%20page/", "/contact/"),
        ("/Old%20Page", "/contact/"),
        ("/informaci%C3%B3n/", "/es/contacto/"),
        ("/INFORMACI%C3%93N", "/es/contacto/"),
        ("/informaci%F3n/", "/es/contacto/"),
        ("/?page_id=7", "/group-therapy/"),
        ("/?page_id=7&fbclid=x", "/group-therapy/"),
        ("/?PAGE_ID=7", "/group-therapy/"),
        ("/?page%5Fid=7", "/group-therapy/"),
        ("/old-page/", "/privacy/"),
        ("/OLD-PAGE", "/privacy/"),
        ("/Old-Page/", "/privacy/"),
        ("/100%25", "/"),
        ("/contact/?show=map", "/privacy/"),
    ] {
        for method in [Method::GET, Method::HEAD] {
            let reply = site.ask(method, asked, &[]);
            assert_eq!((reply.status.as_u16(), reply.header("location")), (308, to), "{asked}");
        }
    }
    for (asked, status) in [
        ("/", 200),
        ("/?page_id=8", 200),
        ("/?fbclid=page_id=7", 200),
        ("/contact/?show=list", 200),
        ("/services.htm", 404),
        ("/old-page-2/", 404),
        ("/old/page/", 404),
        ("/informaci%F2n/", 400),
    ] {
        assert_eq!(site.get(asked).status, status, "{asked}");
    }
    assert_eq!(site.ask(Method::OPTIONS, "/?page_id=7", &[]).status, 204);
}

#[test]
fn what_cannot_work_is_a_finding_whose_help_works() {
    for (from, said, help) in [
        ("services.html", "has to start with one slash", "from = \"/services.html\""),
        ("https://www.clinic.example/a.html", "is a whole address", "from = \"/a.html\""),
        ("/old page/", "is not written as browsers ask for it", "from = \"/old%20page/\""),
        ("/100%", "is not written as browsers ask for it", "from = \"/100%25\""),
        ("/a/#part", "browsers never send what follows it", "from = \"/a/\""),
        ("/Contact", "is a page", "who asks for it gets /contact/"),
        ("/cont%61ct/", "is a page", "who asks for it gets /contact/"),
        ("/sitemap.xml", "is an address of the program itself", "delete this redirect"),
        ("/Sitemap.xml/", "is an address of the program itself", "delete this redirect"),
        ("/readyz", "is an address of the program itself", "delete this redirect"),
        ("/readyz/requests", "is an address of the program itself", "delete this redirect"),
        ("/healthz", "is an address of the program itself", "delete this redirect"),
        ("/favicon.ico", "is an address of the program itself", "delete this redirect"),
        ("/desk", "is an address of the program itself", "delete this redirect"),
        ("/desk/lamp.html", "is an address of the program itself", "delete this redirect"),
        ("/_preview/report/", "is an address of the program itself", "delete this redirect"),
    ] {
        let text = |from: &str| format!("[[redirects]]\nfrom = \"{from}\"\nto = \"/privacy/\"\n");
        let (content, report) = check(&files(&text(from)), false);
        let printed = report.text();
        assert!(content.is_none() && printed.contains(said) && printed.contains(help), "{from}: {printed}");
        if let Some(line) = help.strip_prefix("from = \"") {
            let (content, report) = check(&files(&text(line.trim_end_matches('"'))), false);
            assert!(content.is_some(), "{help}: {}", report.text());
        }
    }
    let twice = "[[redirects]]\nfrom = \"/Old/?b=1&a=2\"\nto = \"/\"\n[[redirects]]\nfrom = \"/old?a=2&b=1\"\nto = \"/contact/\"\n";
    assert!(check(&files(twice), false).1.text().contains("is redirected twice"));
}

#[test]
fn what_the_program_has_none_of_is_for_old_addresses() {
    let all =
        ["/assets/brochure.pdf", "/assets/logo.12ab.png", "/files/form.pdf", "/metrics", "/desktop/", "/healthz.html"];
    let list = all.map(|from| format!("[[redirects]]\nfrom = \"{from}\"\nto = \"/contact/\"\n")).concat();
    let (content, report) = check(&files(&list), false);
    assert!(content.is_some(), "{}", report.text());
    let site = TestSite::with(&files(&list));
    for from in all {
        let reply = site.get(from);
        assert_eq!((reply.status.as_u16(), reply.header("location")), (308, "/contact/"), "{from}");
    }
}

#[test]
fn exported_files_list_them_for_static_hosts() {
    let content = folder(&edited(|files| files.insert("redirects.toml", OLD_EXPORT.to_owned().into_bytes())));
    let out = TempDir::new().unwrap();
    let (from, to) = (content.path().to_str().unwrap(), out.path().join("site"));
    let ran = run(&["export", "--content", from, "--out", to.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let list = std::fs::read_to_string(to.join("_redirects")).unwrap();
    assert_eq!(list, "/ page_id=7 l=es /contact/ 308\n/informaci%C3%B3n/ /es/ 308\n/old%20page/ / 308\n");
}

const OLD_EXPORT: &str = "[[redirects]]\nfrom = \"/?page_id=7&l=es\"\nto = \"/contact/\"\n[[redirects]]\nfrom = \"/información/\"\nto = \"/es/\"\n\
                          [[redirects]]\nfrom = \"/old%20page/\"\nto = \"/\"\n";
