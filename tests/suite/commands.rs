//! The program as it is run: exit codes, what goes to stdout and what to stderr, and help that gets a person on.

use crate::connections::Client;
use crate::harness::sample::sample;
use crate::harness::{TODAY, TestSite, edited, replace, supplied, text_in, without_facts, without_samples};
use crate::program::{STAFF_KEY, Serving, command, folder, ran, run};
use clinic_site::content::Files;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;

const MINIMAL: &str = "tests/fixtures/minimal";

/// A page with a dead link and a misspelt key.
fn broken() -> TempDir {
    folder(&edited(|files| {
        replace(files, "en/pages/contact.toml", "slug = \"contact\"", "slugg = \"contact\"");
        files.insert("en/pages/zz.docx", Vec::new());
    }))
}

/// Every file below a folder, by its path there.
fn files_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The site of a folder of content, as `export` writes it.
#[track_caller]
fn exported(content: &Path, options: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let out = TempDir::new().unwrap();
    let arguments = ["export", "--content", content.to_str().unwrap(), "--out", out.path().to_str().unwrap()];
    let ran = run(&[&arguments, options].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    files_of(out.path())
}

#[test]
fn check_tells_by_its_exit_code_what_it_found() {
    let (good, warned, bad) = (run(&["check", "--content", MINIMAL]), run(&["check"]), broken());
    assert_eq!((good.code, good.stdout.as_str()), (Some(0), ""), "{good:?}");
    assert_eq!(good.stderr, format!("7 pages in the folder {MINIMAL}: 0 errors, 0 warnings\n"));
    assert_eq!(warned.code, Some(0), "warnings are allowed: {warned:?}");
    let bad = run(&["check", "--content", bad.path().to_str().unwrap()]);
    assert_eq!(bad.code, Some(1), "{bad:?}");
    assert!(bad.stdout.contains("contact.toml:") && bad.stdout.contains("help: did you mean `slug`?"), "{bad:?}");
    assert!(bad.stderr.ends_with("the site can't be served until the errors are mended\n"), "{bad:?}");
    assert!(!bad.stderr.contains("contact.toml"), "findings are data and go to stdout: {bad:?}");
}

#[test]
fn a_command_looks_at_the_content_that_is_here_and_says_so() {
    let here = TempDir::new().unwrap();
    let run_here = |arguments: &[&str]| {
        let mut command = command(arguments);
        command.current_dir(here.path());
        ran(command)
    };
    // Nothing is here.
    let (checked, reported) = (run_here(&["check"]), run_here(&["report"]));
    assert!(
        checked.code == Some(0) && checked.stderr.contains(" pages built into the program: 0 errors"),
        "{checked:?}"
    );
    assert!(reported.code == Some(0) && reported.stderr == "of the content built into the program\n", "{reported:?}");
    fs::rename(broken().keep(), here.path().join("content")).unwrap();
    let public = ["--public-url", "https://clinic.example"];
    for arguments in [&["check"][..], &["report"], &["export", "--out", "site"], &["new", "page", "x"]] {
        let ran = run_here(arguments);
        assert_eq!(ran.code, Some(1), "{arguments:?}: {ran:?}");
        assert!(format!("{}{}", ran.stdout, ran.stderr).contains("content/en/pages/contact.toml:"), "{ran:?}");
    }
    let ran = run_here(
        &[&["serve", "--listen", "127.0.0.1:0", "--staff-key", STAFF_KEY, "--data-dir", "data"][..], &public].concat(),
    );
    assert!(ran.code == Some(1) && ran.stderr.contains("content/en/pages/contact.toml:"), "{ran:?}");
    assert!(run_here(&["check"]).stderr.contains(" in the folder content; "));
    // The folder of another project with that name is none.
    fs::rename(here.path().join("content"), here.path().join("away")).unwrap();
    fs::create_dir(here.path().join("content")).unwrap();
    assert!(run_here(&["check"]).stderr.contains("built into the program"));
    // One that lost its facts is.
    fs::create_dir(here.path().join("content/en")).unwrap();
    assert_eq!(run_here(&["check"]).code, Some(1));
    // What is named comes first.
    let named = run_here(&["check", "--content", "away"]);
    assert!(named.stderr.contains("in the folder away;"), "{named:?}");
}

#[test]
fn staff_are_told_which_requests_they_look_at() {
    let preview = Serving::start(&["serve"]);
    let listed = |data: &Path| run(&["requests", "list", "--log", "off", "--data-dir", data.to_str().unwrap()]);
    let data = preview.data().join("preview");
    crate::program::soon("the store", || data.join("requests.db").is_file());
    let ran = listed(&data);
    let place =
        format!("0 requests waiting in the folder {} (of a preview: they are for trying out)\n", data.display());
    assert_eq!((ran.code, ran.stderr), (Some(0), place));
    let published = folder(&without_samples());
    let content = published.path().to_str().unwrap();
    let site = Serving::start(&[
        "serve",
        "--content",
        content,
        "--public-url",
        "https://clinic.example",
        "--staff-key",
        STAFF_KEY,
    ]);
    crate::program::soon("the store", || site.data().join("requests.db").is_file());
    let ran = listed(site.data());
    assert_eq!(ran.stderr, format!("0 requests waiting in the folder {}\n", site.data().display()));
}

#[test]
fn findings_are_printed_for_programs_and_for_github() {
    let folder = broken();
    let content = folder.path().to_str().unwrap();
    let json = run(&["check", "--content", content, "--format", "json"]);
    let value: Value = serde_json::from_str(&json.stdout).unwrap();
    let findings = value["findings"].as_array().unwrap();
    let errors = findings.iter().filter(|finding| finding["severity"] == "error").count();
    assert_eq!(value["errors"], errors, "{value:#}");
    assert_eq!(value["warnings"], findings.len() - errors, "{value:#}");
    let finding = findings.iter().find(|finding| finding["rule"] == "unknown-key").unwrap();
    assert_eq!(finding["path"], format!("{content}/en/pages/contact.toml"));
    assert_eq!((&finding["line"], &finding["column"]), (&Value::from(4), &Value::from(1)), "{finding:#}");
    assert_eq!((&finding["end_line"], &finding["end_column"]), (&Value::from(4), &Value::from(6)), "{finding:#}");
    assert_eq!(finding["help"], "did you mean `slug`?");

    let github = run(&["check", "--content", content, "--format", "github"]);
    assert_eq!((json.code, github.code), (Some(1), Some(1)));
    assert_eq!(github.stdout.lines().count(), findings.len());
    for line in github.stdout.lines() {
        assert!(line.starts_with("::error file=") || line.starts_with("::warning file="), "{line}");
    }

    let good = run(&["check", "--content", MINIMAL, "--format", "json"]);
    let value: Value = serde_json::from_str(&good.stdout).unwrap();
    assert_eq!(value, serde_json::json!({ "errors": 0, "warnings": 0, "findings": [] }));
}

#[test]
fn every_command_helps_with_examples() {
    for arguments in
        [&["--help"][..], &["serve", "--help"], &["check", "--help"], &["export", "--help"], &["check", "-h"]]
    {
        let ran = run(arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{arguments:?}");
        assert!(ran.stdout.contains("Examples:\n  clinic-site "), "{arguments:?}\n{}", ran.stdout);
    }
    // The commit and its day, where it is known.
    let version = run(&["--version"]).stdout;
    let start = format!("clinic-site {} (", env!("CARGO_PKG_VERSION"));
    assert!(version.starts_with(&start) && version.ends_with(")\n") && version.lines().count() == 1, "{version}");
}

#[test]
fn what_can_not_run_exits_with_2_and_says_how_to_get_on() {
    for (arguments, said) in [
        (&["check", "--contents", "x"][..], "'--content"),
        (&["chekc"], "'check'"),
        (&["check", "--format", "xml"], "[possible values: text, json, github]"),
        (&["check", "--content", "/nowhere/at/all"], "help: --content takes the folder"),
        (&["check", "--content", "Cargo.toml"], "help: --content takes the folder"),
        (&["serve", "--listen", "8080"], "--listen"),
        (&["serve", "--public-url", "http://clinic.example"], "write it like https://clinic.example"),
        (&["export"], "--out <DIR>"),
    ] {
        let ran = run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{arguments:?} {ran:?}");
        assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(said), "{arguments:?}\n{}", ran.stderr);
    }
}

#[test]
fn samples_are_never_published() {
    let data = TempDir::new().unwrap();
    let serve =
        ["serve", "--listen", "127.0.0.1:0", "--staff-key", STAFF_KEY, "--data-dir", data.path().to_str().unwrap()];
    for arguments in [&serve[..], &["export", "--out", "/nowhere/at/all"]] {
        let ran = run(&[arguments, &["--public-url", "https://clinic.example"]].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
        assert!(
            ran.stderr.contains("\ncontent/clinic.toml:") || ran.stderr.starts_with("content/clinic.toml:"),
            "{ran:?}"
        );
        assert!(ran.stderr.contains(": error: `phone` is a sample: a published site can't show it"), "{ran:?}");
    }
    let strict = run(&["check", "--publish"]);
    assert_eq!(strict.code, Some(1), "{strict:?}");
}

#[test]
fn the_environment_stands_in_for_flags_and_flags_come_first() {
    let folder = broken();
    let mut by_environment = command(&["check"]);
    by_environment.env("CLINIC_CONTENT", folder.path());
    assert_eq!(ran(by_environment).code, Some(1));
    let mut by_flag = command(&["check", "--content", MINIMAL]);
    by_flag.env("CLINIC_CONTENT", folder.path());
    assert_eq!(ran(by_flag).code, Some(0));
    let mut published = command(&["serve"]);
    published.env("CLINIC_PUBLIC_URL", "https://clinic.example").env("CLINIC_LISTEN", "127.0.0.1:0");
    // Not the folder of the other tests, in which previews leave their key.
    let data = TempDir::new().unwrap();
    published.env("CLINIC_STAFF_KEY", STAFF_KEY).env("CLINIC_DATA_DIR", data.path());
    assert_eq!(ran(published).code, Some(1), "the shipped content has samples");
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let folder = broken();
    let mut process = command(&["check", "--content", folder.path().to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(process.stdout.take());
    assert_eq!(process.wait().unwrap().code(), Some(1), "the exit code tells of the content, not of the pipe");
}

#[test]
fn a_port_in_use_is_told_with_the_way_to_another() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let ran = run(&["serve", "--listen", &taken.local_addr().unwrap().to_string()]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("help: another program has this port"), "{ran:?}");
}

#[test]
fn a_signal_ends_the_server_with_exit_code_0_and_the_request_under_way_is_answered() {
    for signal in ["-TERM", "-INT"] {
        let server = Serving::start(&["serve", "--log", "info"]);
        let (mut idle, mut busy) = (Client::new(server.address), Client::new(server.address));
        assert_eq!(idle.get("/").status, 200);
        busy.send("GET /medicare/ HTTP/1.1\r\n");
        // Connections are accepted in order: once a later one is answered, the first line has arrived. On a busy machine it is read a little later.
        assert_eq!(Client::new(server.address).get("/healthz").body, b"up\n");
        std::thread::sleep(Duration::from_millis(500));
        let ended = std::thread::spawn(move || server.end(signal));
        assert!(idle.answer().is_none(), "a connection with nothing to do is closed");
        busy.send("Host: localhost\r\n\r\n");
        assert_eq!(busy.answer().map(|answer| answer.status), Some(200), "the request under way");
        let ran = ended.join().unwrap();
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{ran:?}");
        assert!(ran.stderr.contains("stopped; every request was answered"), "{ran:?}");
    }
}

/// What stands before and after the section with the form, if a page has one.
fn parts_around_the_form(page: &[u8]) -> Option<(&str, &str)> {
    let page = std::str::from_utf8(page).ok()?;
    let form = page.find("<form")?;
    let (start, end) = (page[..form].rfind("<section")?, form + page[form..].find("</section>")?);
    Some((&page[..start], &page[end..]))
}

/// Whether an exported file is one that the server sends at its path.
fn is_page(file: &str) -> bool {
    let own = ["_redirects", "_headers", ".clinic-site-export"].contains(&file);
    !own && ["404.html", "503.html", ".br", ".gz"].iter().all(|ending| !file.ends_with(ending))
}

#[test]
fn export_writes_byte_for_byte_what_serve_sends() {
    let folder = folder(&without_samples());
    let content = folder.path().to_str().unwrap();
    let public = ["--public-url", "https://clinic.example"];
    let files = exported(folder.path(), &public);
    let server = Serving::start(&[&["serve", "--content", content, "--staff-key", STAFF_KEY], &public[..]].concat());
    let mut client = Client::new(server.address);
    let mut without_form = Vec::new();
    for (file, bytes) in files.iter().filter(|(file, _)| is_page(file)) {
        let path = format!("/{}", file.strip_suffix("index.html").unwrap_or(file));
        let answer = client.get(&path);
        assert_eq!(answer.status, 200, "{path}");
        if parts_around_the_form(&answer.body)
            .is_some_and(|(before, after)| bytes.starts_with(before.as_bytes()) && bytes.ends_with(after.as_bytes()))
        {
            // Files take no requests: the form is what they lack, and all that they lack.
            assert!(!String::from_utf8_lossy(bytes).contains("<form"), "{file} has a form that goes nowhere");
            without_form.push(path);
            continue;
        }
        assert!(answer.body == *bytes, "{path} isn't the file {file}");
    }
    assert_eq!(without_form, ["/appointments/", "/es/citas/"]);
    for (path, file) in [("/no/such/page/", "404.html"), ("/es/no/such/page/", "es/404.html")] {
        assert!(client.get(path).body == files[file], "{file} isn't the page for what isn't there");
    }
    let redirects = String::from_utf8(files["_redirects"].clone()).unwrap();
    assert!(!redirects.is_empty());
    for line in redirects.lines() {
        let [from, to, status] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line:?}") };
        let answer = client.get(from);
        assert_eq!(answer.status.to_string(), status, "{from}");
        assert!(answer.head.contains(&format!("\r\nlocation: {to}\r\n")), "{from}\n{}", answer.head);
    }
    assert_eq!(server.end("-TERM").code, Some(0));
}

#[test]
fn an_exported_preview_asks_no_server_for_anything() {
    for (file, bytes) in exported(folder(&sample()).path(), &[]) {
        let text = String::from_utf8_lossy(&bytes);
        for lost in ["<form", "_preview/", "<script src"] {
            assert!(!file.starts_with("_preview") && !text.contains(lost), "{file} has {lost}");
        }
    }
}

#[test]
fn export_writes_into_no_folder_that_has_something_in_it() {
    let out = TempDir::new().unwrap();
    fs::write(out.path().join("thesis.txt"), "words").unwrap();
    let ran = run(&["export", "--out", out.path().to_str().unwrap()]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("is not empty") && ran.stderr.contains("help: name a folder"), "{ran:?}");
    assert_eq!(files_of(out.path()).len(), 1, "something was written");
}

#[test]
fn an_export_is_replaced_by_the_next_as_a_whole_unless_somebody_added_to_it() {
    let home = TempDir::new().unwrap();
    let (out, link) = (home.path().join("site"), home.path().join("www"));
    let export = |content: &Path, to: &Path| {
        run(&["export", "--content", content.to_str().unwrap(), "--out", to.to_str().unwrap()])
    };
    let minimal = Path::new(MINIMAL);
    assert_eq!(export(minimal, &out).code, Some(0));
    std::os::unix::fs::symlink(&out, &link).unwrap();
    let first = files_of(&out);
    assert!(!first.contains_key("parking/index.html"));
    let more = folder(&crate::content::minimal());
    fs::write(more.path().join("en/pages/parking.toml"), parking("parking")).unwrap();
    // By a link, as web servers are often pointed to.
    let ran = export(more.path(), &link);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let second = files_of(&out);
    assert!(second.contains_key("parking/index.html") && link.is_symlink());
    assert_eq!(export(minimal, &out).code, Some(0));
    assert_eq!(files_of(&out), first, "nothing is left of the one before");
    fs::write(out.join("thesis.txt"), "words").unwrap();
    let ran = export(more.path(), &out);
    assert!(ran.code == Some(2) && ran.stderr.contains("thesis.txt was not written by an export"), "{ran:?}");
    assert!(out.join("thesis.txt").exists() && !out.join("parking").exists());
    let names: Vec<_> = fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn exported_files_have_their_heads_and_their_compressed_bytes_beside_them() {
    let files = exported(folder(&without_samples()).path(), &["--public-url", "https://clinic.example"]);
    let heads = String::from_utf8(files["_headers"].clone()).unwrap();
    let rules: BTreeMap<&str, Vec<&str>> = heads.split_inclusive("\n/").fold(BTreeMap::new(), |mut rules, rule| {
        let mut lines = rule.trim_end_matches("\n/").lines();
        rules.insert(lines.next().unwrap().trim_start_matches('/'), lines.map(str::trim).collect());
        rules
    });
    let site = TestSite::build(&without_samples(), Some("https://clinic.example/"), TODAY);
    let every = &rules["*"];
    assert!(every.contains(&"strict-transport-security: max-age=63072000") && every.len() > 6, "{every:?}");
    for path in site.paths() {
        let (own, reply) = (&rules[&path[1..]], site.get(&path));
        for line in every.iter().chain(own) {
            let (name, value) = line.split_once(": ").unwrap();
            assert_eq!(reply.header(name), value, "{name} of {path}");
        }
        assert!(own.iter().any(|line| line.starts_with("cache-control: ")), "{path}: {own:?}");
    }
    for (file, bytes) in &files {
        if let Some(plain) = file.strip_suffix(".gz") {
            assert!(bytes.len() < files[plain].len() && bytes.starts_with(&[0x1f, 0x8b]), "{file}");
        }
        if Path::new(file).extension().is_some_and(|end| end == "html") {
            assert!(files.contains_key(&format!("{file}.br")) && files.contains_key(&format!("{file}.gz")), "{file}");
        }
    }
    for file in ["503.html", "es/503.html"] {
        assert!(String::from_utf8_lossy(&files[file]).contains("tel:911"), "{file}");
    }
}

#[test]
fn objectives_that_change_places_and_words_change_the_page() {
    let page = |files: &Files| {
        String::from_utf8(exported(folder(files).path(), &[])["group-therapy/index.html"].clone()).unwrap()
    };
    let at = |page: &str, id: &str| page.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no #{id}"));
    let mut files = sample();
    let before = page(&files);
    assert!(at(&before, "universality") < at(&before, "self-understanding") && before.contains("Name of hope"));
    let text = text_in(&files, "en/objectives.toml");
    let mut parts: Vec<&str> = text.split("[[objectives]]").collect();
    parts.swap(1, 2);
    files.insert("en/objectives.toml", parts.join("[[objectives]]").into_bytes());
    replace(&mut files, "en/objectives.toml", "Name of hope", "Another name");
    let after = page(&files);
    assert!(at(&after, "self-understanding") < at(&after, "universality"), "the objectives stand in the file's order");
    assert!(after.contains("Another name") && !after.contains("Name of hope"));
}

/// A page about parking, as a file of a language.
fn parking(slug: &str) -> String {
    format!(
        "kind = \"page\"\nslug = \"{slug}\"\ntitle = \"Parking and buses\"\n\
         description = \"Where to park and which buses stop near the clinic in Sacramento.\"\nlead = \"How to get here.\"\n\
         navigation = {{ label = \"Getting here\", group = \"visit\", order = 9, header = true }}\n\
         last_reviewed = 2026-11-23\nnext_review = 2027-11-23\n\n\
         [[sections]]\nkind = \"prose\"\nheading = \"By car\"\ntext = \"Ask when you call.\"\n"
    )
}

#[test]
fn a_page_made_of_toml_alone_is_found_from_every_page_of_its_language_and_by_search_engines() {
    let folder = folder(&Files::embedded());
    for (file, slug, path) in [
        ("en/pages/parking.toml", "parking", "/parking/"),
        ("es/pages/parking.toml", "estacionamiento", "/es/estacionamiento/"),
    ] {
        fs::write(folder.path().join(file), parking(slug)).unwrap();
        let files = exported(folder.path(), &[]);
        let text = |file: &str| String::from_utf8(files[file].clone()).unwrap();
        assert!(text(&format!("{}index.html", &path[1..])).contains("Parking and buses"));
        assert!(text("sitemap.xml").contains(&format!("{path}</loc>")), "{}", text("sitemap.xml"));
        let of_its_language =
            |name: &&String| name.ends_with("index.html") && name.starts_with("es/") == file.starts_with("es/");
        let all: Vec<_> = files.keys().filter(of_its_language).collect();
        assert!(all.len() > 15, "{all:?}");
        for name in all {
            let links = text(name).matches(&format!("href=\"{path}\"")).count();
            assert!(links >= 2, "{name} has {links} links to {path}, not one in its header and one at its foot");
        }
    }
}

#[test]
fn pages_are_built_without_any_fact_that_may_be_missing() {
    let folder = folder(&supplied(without_facts()));
    let ran = run(&["check", "--publish", "--content", folder.path().to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let files = exported(folder.path(), &[]);
    let home = String::from_utf8(files["index.html"].clone()).unwrap();
    assert!(home.contains("tel:911") && !home.contains("916-555"), "help lines stay, the clinic's number is unknown");
}
