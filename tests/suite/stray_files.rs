//! What other programs leave in a content folder, and content under a wrong name: passed over, or told as what it is.

use crate::content::minimal;
use crate::harness::{check, replace, text_in};
use crate::program::{folder, run};
use crate::translations::in_two_languages;
use clinic_site::content::Files;
use std::fs;

/// What is told of the minimal content with one file more: rule, file and help.
fn told(name: &str) -> Vec<(String, String, String)> {
    let mut files = minimal();
    files.insert(name, files.get("en/pages/group-therapy.toml").unwrap().to_vec());
    found(&files)
}

fn found(files: &Files) -> Vec<(String, String, String)> {
    let (content, report) = check(files, true);
    assert_eq!(content.is_none(), report.has_errors());
    let all = report.sorted().into_iter();
    let file = |path: &str| path.replace("tests/fixtures/minimal/", "");
    all.map(|found| (found.rule.name.to_owned(), file(&found.source.path), file(&found.help))).collect()
}

#[test]
fn a_copy_is_told_as_a_copy_and_nothing_else_is_said_of_it() {
    for name in [
        "group-therapy (Maria's conflicted copy 2026-11-27).toml",
        "group-therapy (Copia en conflicto de Maria 2026-11-27).toml",
        "group-therapy (Case Conflict).toml",
        "group-therapy_conflict-20261127-101112.toml",
        "group-therapy.sync-conflict-20261127-101112-ABCDEF7.toml",
        "group-therapy-LAPTOP.toml",
        "group-therapy-Marias-MacBook.toml",
        "group-therapy-DESKTOP-4F2K9Q.toml",
        "group-therapy - Copy.toml",
        "group-therapy - Copy (2).toml",
        "group-therapy - copia.toml",
        "group-therapy copy.toml",
        "group-therapy copy 2.toml",
        "group-therapy (copy).toml",
        "group-therapy (3rd copy).toml",
        "group-therapy (2).toml",
        "group-therapy(1).toml",
        "group-therapy 2.toml",
        "Copy of group-therapy.toml",
        "Copy (2) of group-therapy.toml",
        "Copia de group-therapy.toml",
        "group-therapy_BACKUP_4711.toml",
        "group-therapy_REMOTE_4711.toml",
        "group-therapy.toml.old",
        "group-therapy.toml.1",
        "group-therapy.toml.rpmsave",
    ] {
        let told = told(&format!("en/pages/{name}"));
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        let (rule, file, help) = &told[0];
        assert_eq!((rule.as_str(), file.as_str()), ("stray-file", &*format!("en/pages/{name}")));
        assert!(
            help.starts_with("compare it with en/pages/group-therapy.toml") && help.ends_with("then delete this one"),
            "{help}"
        );
    }
    // So it is with every other file, and with folders.
    for (name, original) in [
        ("clinic (Maria's conflicted copy).toml", "clinic.toml"),
        ("redirects-LAPTOP.toml", "redirects.toml"),
        ("en/notices - Copy.toml", "en/notices.toml"),
        ("en/ui.sync-conflict-20261127-101112-ABCDEF7.toml", "en/ui.toml"),
        ("en - Copy/pages/contact.toml", "en"),
        ("en/pages (2024 conflicted copy)/contact.toml", "en/pages"),
    ] {
        let told = told(name);
        assert!(
            told.len() == 1 && told[0].0 == "stray-file" && told[0].2.contains(&format!("compare it with {original},")),
            "{name}: {told:?}"
        );
    }
}

#[test]
fn what_programs_leave_for_themselves_is_passed_over() {
    for name in [
        "~$group-therapy.toml",
        "~$oup-therapy.docx",
        "~WRL0001.tmp",
        ".~lock.group-therapy.toml#",
        "group-therapy.toml~",
        "#group-therapy.toml#",
        "group-therapy.toml.swp",
        "group-therapy.toml.swx",
        "group-therapy.toml.bak",
        "group-therapy.toml.orig",
        "4913",
        "._group-therapy.toml",
        ".DS_Store",
        "Icon\r",
        "Thumbs.db",
        "desktop.ini",
        "Desktop.ini",
        "group-therapy.toml.part",
        "group-therapy.toml.crdownload",
        "group-therapy.toml.filepart",
        "group-therapy.toml.partial",
        ".syncthing.group-therapy.toml.tmp",
        "@eaDir",
        "__MACOSX",
        "group-therapy.toml.lock",
        "group-therapy.lnk",
    ] {
        let content = folder(&minimal());
        fs::write(content.path().join("en/pages").join(name), "not = TOML =").unwrap();
        let ran = run(&["check", "--publish", "--content", content.path().to_str().unwrap()]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{name}");
    }
}

#[test]
fn a_page_whose_name_only_looks_like_a_copy_stays_a_page() {
    let page = String::from_utf8(minimal().get("en/pages/group-therapy.toml").unwrap().to_vec()).unwrap();
    for name in [
        "copy-of-records",
        "group-therapy-2",
        "copies",
        "group-therapy-usa",
        "group-therapy-USA",
        "contact-2027",
        "COVID-19",
    ] {
        let mut files = minimal();
        let own =
            page.replace("group-therapy\"", "another\"").replace("title = \"Group therapy\"", "title = \"Another\"");
        files.insert(&format!("en/pages/{name}.toml"), own.into_bytes());
        assert_eq!(found(&files), [], "{name} has an address of its own");
        assert!(check(&files, false).0.unwrap().languages[0].pages.contains_key(name));
    }
}

#[test]
fn a_file_under_a_wrong_name_is_to_be_renamed_and_not_written_anew() {
    let moved = |from: &str, to: &str| {
        let mut files = minimal();
        let bytes = files.get(from).unwrap().to_vec();
        files.remove(from);
        files.insert(to, bytes);
        found(&files)
    };
    for (from, to, help) in [
        ("en/pages/contact.toml", "en/pages/contact.toml.txt", "rename contact.toml.txt to contact.toml"),
        ("en/pages/contact.toml", "en/pages/contact.TOML", "rename contact.TOML to contact.toml"),
        ("en/pages/contact.toml", "en/pages/contact - Copy.toml", "rename contact - Copy.toml to contact.toml"),
        ("en/ui.toml", "en/UI.toml", "rename UI.toml to ui.toml"),
        ("en/notices.toml", "en/notices.toml.txt", "rename notices.toml.txt to notices.toml"),
        ("clinic.toml", "Clinic.toml", "rename Clinic.toml to clinic.toml"),
        ("en/pages/contact.toml", "en/pages/Contact.toml", "rename Contact.toml to contact.toml"),
        ("en/pages/get-help-now.toml", "en/pages/Get-Help-Now.toml", "rename Get-Help-Now.toml to get-help-now.toml"),
        ("en/pages/contact.toml", "en/pages/contact.txt", "rename contact.txt to contact.toml"),
        ("en/pages/contact.toml", "en/pages/Contact.TXT", "rename Contact.TXT to contact.toml"),
        ("en/pages/contact.toml", "en/contact.toml", "move contact.toml to en/pages/"),
        ("en/ui.toml", "en/ui.txt", "rename ui.txt to ui.toml"),
        ("clinic.toml", "clinic.txt", "rename clinic.txt to clinic.toml"),
        ("clinic.toml", "Clinic.text", "rename Clinic.text to clinic.toml"),
    ] {
        let told = moved(from, to);
        assert_eq!(told, [("missing-file".to_owned(), from.to_owned(), help.to_owned())], "{to}");
    }
    // A page that the site can do without: whoever links to it learns the same.
    for (to, stray, dead) in [
        ("en/pages/group-therapy.toml.txt", "rename it to group-therapy.toml", "rename that"),
        ("en/pages/group-therapy.txt", "rename it to group-therapy.toml", "rename that"),
        ("en/group-therapy.toml", "move it to en/pages/", "move that to en/pages/"),
    ] {
        let told = moved("en/pages/group-therapy.toml", to);
        let is_told = |(rule, file, help): &(String, String, String)| match rule.as_str() {
            "stray-file" => file == to && help.starts_with(stray),
            "dead-link" => help.contains(&format!("{to}, which nothing reads: {dead}")),
            _ => false,
        };
        assert!(told.len() == 2 && told.iter().all(is_told), "{to}: {told:?}");
    }
    // A folder's own files have no pages' names, and notes are no content.
    for name in ["en/notice.toml", "notes.txt", "en/pages/pictures.docx"] {
        let told = told(name);
        assert!(told.len() == 1 && told[0].0 == "unknown-file", "{name}: {told:?}");
    }
}

#[test]
fn a_translation_under_a_wrong_name_is_not_said_to_be_missing_or_to_belong_to_nothing() {
    for (from, to, help) in [
        ("en/pages/group-therapy.toml", "en/pages/group-therapy.txt", "rename it to group-therapy.toml"),
        ("en/pages/group-therapy.toml", "en/group-therapy.toml", "move it to en/pages/"),
        ("es/pages/group-therapy.toml", "es/pages/group-therapy.txt", "rename it to group-therapy.toml"),
        ("es/pages/group-therapy.toml", "es/group-therapy.toml", "move it to es/pages/"),
    ] {
        let mut files = in_two_languages();
        let slug = "slug = \"group-therapy\"";
        replace(&mut files, "es/pages/group-therapy.toml", slug, "slug = \"terapia\"");
        for path in ["es/pages/home.toml", "es/notices.toml", "es/ui.toml"] {
            let text = text_in(&files, path).replace("(/es/group-therapy/)", "(/es/terapia/)");
            files.insert(path, text.into_bytes());
        }
        let bytes = files.get(from).unwrap().to_vec();
        files.remove(from);
        files.insert(to, bytes);
        let (_, report) = check(&files, false);
        let told: Vec<_> = report
            .sorted()
            .into_iter()
            .map(|found| (found.rule.name, found.help.replace("tests/fixtures/minimal/", "")))
            .collect();
        let is_told = |(rule, said): &(&str, String)| match *rule {
            "stray-file" => said.starts_with(help),
            "dead-link" => said.contains(&format!("{to}, which nothing reads:")),
            _ => false,
        };
        assert!(
            told.iter().all(is_told) && told.iter().any(|(rule, _)| *rule == "stray-file"),
            "{to}: {}",
            report.text()
        );
    }
}

#[test]
fn a_folder_in_capitals_is_told_once() {
    let renamed = |from: &str, to: &str| {
        let mut files = minimal();
        for path in minimal().paths().filter(|path| path.starts_with(from)) {
            files.insert(&path.replacen(from, to, 1), minimal().get(path).unwrap().to_vec());
            files.remove(path);
        }
        found(&files)
    };
    for (from, to, missing, help) in
        [("en/", "EN/", "en", "rename EN to en"), ("en/pages/", "en/Pages/", "en/pages", "rename Pages to pages")]
    {
        assert_eq!(renamed(from, to), [("missing-file".to_owned(), missing.to_owned(), help.to_owned())], "{to}");
    }
    // The site must not lose a language without a word.
    let shipped = Files::embedded();
    let mut files = shipped.clone();
    for path in shipped.paths().filter(|path| path.starts_with("es/")) {
        files.insert(&path.replacen("es/", "ES/", 1), shipped.get(path).unwrap().to_vec());
        files.remove(path);
    }
    let (content, report) = check(&files, false);
    let errors: Vec<_> = report
        .sorted()
        .into_iter()
        .filter(|found| found.severity == clinic_site::diagnostic::Severity::Error)
        .collect();
    assert!(content.is_none() && errors.len() == 1 && errors[0].help == "rename ES to es", "{}", report.text());
    assert!(report.sorted().iter().all(|found| found.rule.name != "missing-translation"), "{}", report.text());
}
