//! `clinic-site new page`: what it writes is good at once, and nothing is overwritten.

use crate::connections::Client;
use crate::harness::langs;
use crate::program::{Serving, command, folder, ran, run};
use clinic_site::content::Files;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The shipped content in a folder of its own.
fn shipped() -> TempDir {
    folder(&Files::embedded())
}

fn count(folder: &Path) -> usize {
    langs().iter().map(|lang| fs::read_dir(folder.join(lang.tag()).join("pages")).unwrap().count()).sum()
}

/// What `new page` prints: the file in each language.
fn written(content: &str, name: &str) -> String {
    langs().map(|lang| format!("{content}/{}/pages/{name}.toml\n", lang.tag())).concat()
}

#[test]
fn a_new_page_passes_check_and_is_served_and_linked() {
    let folder = shipped();
    let content = folder.path().to_str().unwrap();
    for (name, kind) in [("parking-and-buses", "page"), ("acupuncture", "service")] {
        let ran = run(&["new", "page", name, "--kind", kind, "--content", content]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(ran.stdout, written(content, name));
        assert!(ran.stderr.contains(&format!("clinic-site serve --content={content}")), "{ran:?}");
    }
    let checked = run(&["check", "--content", content]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let told = checked.stdout.lines().filter(|line| line.contains("parking") || line.contains("acupuncture"));
    let others: Vec<_> =
        told.clone().filter(|line| !line.contains("[unwritten]") && !line.contains("[draft]")).collect();
    assert!(
        told.count() > 0 && others.is_empty(),
        "what is new is told as more than unwritten:\n{}",
        others.join("\n")
    );
    let strict = run(&["check", "--publish", "--content", content]);
    assert!(!strict.stdout.contains("here your own words are still to be written"), "{}", strict.stdout);
    assert_eq!(
        strict.stdout.matches("warning: this page is not written yet, so it is in the preview alone").count(),
        4
    );

    let server = Serving::start(&["serve", "--content", content]);
    let mut client = Client::new(server.address);
    let mut text = |path: &str| {
        let answer = client.get(path);
        assert_eq!(answer.status, 200, "{path}");
        String::from_utf8(answer.body).unwrap()
    };
    let page = text("/parking-and-buses/");
    assert!(page.contains("<h1") && page.contains("Parking and buses"), "{page}");
    for (root, medicine) in [("/", "/medicine/"), ("/es/", "/es/medicina/")] {
        let home = text(root);
        for path in ["parking-and-buses/", "acupuncture/"].map(|path| format!("{root}{path}")) {
            assert!(home.contains(&format!("href=\"{path}\"")), "{root} has no link to {path}");
            assert!(text("/sitemap.xml").contains(&format!("{path}</loc>")), "{path} isn't in the sitemap");
            assert!(text(&path).contains("<h1"), "{path}");
        }
        let links: Vec<_> = home.match_indices("href=\"/").map(|(at, _)| &home[at + 6..]).collect();
        let place = |path: &str| links.iter().rposition(|link| link.starts_with(path)).unwrap();
        assert!(place(medicine) < place(&format!("{root}acupuncture/")), "a new service stands last in its list");
    }
    assert_eq!(server.end("-TERM").code, Some(0));
}

#[test]
fn a_page_is_written_in_every_language_there_is_and_in_no_other() {
    let folder = shipped();
    let content = folder.path().to_str().unwrap();
    let ran = run(&["new", "page", "parking", "--content", content]);
    assert_eq!((ran.code, ran.stdout), (Some(0), written(content, "parking")), "{}", ran.stderr);
    let spanish = fs::read_to_string(folder.path().join("es/pages/parking.toml")).unwrap();
    assert!(spanish.contains("Escriba aquí"), "{spanish}");
    fs::remove_dir_all(folder.path().join("es")).unwrap();
    let alone = run(&["new", "page", "acupuncture", "--content", content]);
    assert_eq!((alone.code, alone.stdout), (Some(0), format!("{content}/en/pages/acupuncture.toml\n")));
}

#[test]
fn nothing_is_written_over_a_page_or_beside_errors() {
    let folder = shipped();
    let content = folder.path().to_str().unwrap();
    let before = fs::read_to_string(folder.path().join("en/pages/contact.toml")).unwrap();
    let ran = run(&["new", "page", "contact", "--content", content]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("is there already") && ran.stderr.contains("nothing was written"), "{ran:?}");
    assert_eq!(fs::read_to_string(folder.path().join("en/pages/contact.toml")).unwrap(), before);

    let pages = count(folder.path());
    let long = "a title that is much too long for search results, which cut what is longer than this";
    let ran = run(&["new", "page", "x", "--title", long, "--content", content]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.stderr.contains("Nothing was written"), "{ran:?}");

    fs::write(folder.path().join("en/pages/contact.toml"), before.replace("slug =", "slugg =")).unwrap();
    let ran = run(&["new", "page", "parking", "--content", content]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.stderr.contains("did you mean `slug`?") && ran.stderr.contains("Nothing was written"), "{ran:?}");
    assert_eq!(count(folder.path()), pages);
}

#[test]
fn the_commands_for_staff_help_with_examples() {
    for arguments in [&["new", "page", "--help"][..], &["schema", "--help"]] {
        let ran = run(arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(ran.stdout.contains("Examples:\n  clinic-site "), "{arguments:?}\n{}", ran.stdout);
    }
    assert_eq!(run(&["new"]).code, Some(2), "what shall be new?");
}

#[test]
fn a_name_that_is_no_address_is_told_with_one_that_is() {
    let folder = shipped();
    let content = folder.path().to_str().unwrap();
    for (name, help) in [
        ("Parking & Buses", "clinic-site new page parking-buses"),
        ("a_b", "clinic-site new page a-b"),
        ("¿Qué pasa?", "clinic-site new page que-pasa"),
        ("../../etc/passwd", "clinic-site new page etc-passwd"),
        ("!", "such as parking-and-buses"),
        ("es", "such as parking-and-buses"),
    ] {
        let ran = run(&["new", "page", name, "--content", content]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
        assert!(ran.stderr.contains(help), "{name}: {}", ran.stderr);
    }
}

#[test]
fn a_title_may_hold_quotes_and_without_a_folder_the_one_that_is_here_is_meant() {
    let outside = TempDir::new().unwrap();
    let mut lost = command(&["new", "page", "parking"]);
    lost.current_dir(outside.path());
    let lost = ran(lost);
    assert_eq!((lost.code, lost.stdout.as_str()), (Some(2), ""), "{lost:?}");
    assert!(lost.stderr.contains("help: name it: clinic-site new page NAME --content DIR"), "{lost:?}");

    let folder = shipped();
    fs::rename(folder.path(), outside.path().join("content")).unwrap();
    let mut here = command(&["new", "page", "parking", "--title", r#"Our "safe" parking \ lot"#]);
    here.current_dir(outside.path());
    let here = ran(here);
    assert_eq!((here.code, here.stdout), (Some(0), written("content", "parking")), "{}", here.stderr);
    for lang in langs() {
        let text =
            fs::read_to_string(outside.path().join(format!("content/{}/pages/parking.toml", lang.tag()))).unwrap();
        assert!(text.contains(r#"title = "Our \"safe\" parking \\ lot""#), "{text}");
    }
}
