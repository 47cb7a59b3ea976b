//! The site that was served last is on disk: a published server that starts while its content has errors serves it, from its content files or,
//! where the program's rules have become stricter, from its finished pages.

use crate::connections::{Answer, Client};
use crate::harness::{TODAY, check, edited, langs, noon, replace, text_in, with_value, without_samples};
use crate::program::{Ran, STAFF_KEY, Serving, command, folder, ran, run, seconds_now, soon};
use clinic_site::content::{Files, calendar};
use clinic_site::site::saved::{Original, ReadError, Saved, read, write};
use clinic_site::site::{CompressionLevel, ErrorKind, Settings, Site};
use jiff::ToSpan;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

const URL: &str = "https://clinic.example";
const PAGE: &str = "en/pages/medicare.toml";

/// A published clinic: its content and its data.
struct Clinic {
    content: TempDir,
    data: TempDir,
}

impl Clinic {
    fn new(files: &Files) -> Self {
        Self { content: folder(files), data: TempDir::new().unwrap() }
    }

    fn arguments(&self) -> [&str; 9] {
        let (content, data) = (self.content.path().to_str().unwrap(), self.data.path().to_str().unwrap());
        ["serve", "--content", content, "--data-dir", data, "--public-url", URL, "--staff-key", STAFF_KEY]
    }

    fn start(&self) -> Serving {
        Serving::start(&self.arguments())
    }

    /// For a test that asks more often than a log that nobody reads has room for.
    fn start_quietly(&self) -> Serving {
        Serving::start(&[&self.arguments()[..], &["--log", "warn"]].concat())
    }

    /// Runs the server where it is to end by itself.
    fn ends(&self) -> Ran {
        let mut command = command(&self.arguments());
        command.env("CLINIC_LISTEN", "127.0.0.1:0");
        ran(command)
    }

    fn file(&self) -> PathBuf {
        self.data.path().join("last-good-site")
    }

    fn saved(&self) -> Result<Saved, ReadError> {
        fs::File::open(self.file()).map_err(ReadError::Io).and_then(read)
    }

    /// Takes a text of a content file for another.
    #[track_caller]
    fn edit(&self, path: &str, from: &str, to: &str) {
        let path = self.content.path().join(path);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {}", path.display());
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Gives the page another title.
    #[track_caller]
    fn retitle(&self, title: &str) {
        let path = self.content.path().join(PAGE);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, with_value(&text, "title", &format!("{title:?}"))).unwrap();
    }

    /// Starts, waits until the site is saved, and stops.
    fn serve_once(&self) {
        let site = self.start();
        self.wait_until_saved(&site);
        assert_eq!(site.end("-TERM").code, Some(0));
    }

    fn wait_until_saved(&self, site: &Serving) {
        soon("the site is saved", || self.saved().is_ok_and(|saved| saved.head.revision == revision(site)));
    }

    /// Changes each line of the saved site, and its checksum with them.
    fn rewrite_saved(&self, change: impl Fn(&str) -> String) {
        let text = fs::read_to_string(self.file()).unwrap();
        let (lines, _) = text.trim_end().rsplit_once('\n').unwrap();
        let mut saved = lines.lines().fold(String::new(), |saved, line| saved + &change(line) + "\n");
        let hash = Sha256::digest(&saved).iter().fold(String::new(), |hash, byte| format!("{hash}{byte:02x}"));
        writeln!(saved, "{{\"end\":{{\"sha256\":\"{hash}\"}}}}").unwrap();
        fs::write(self.file(), saved).unwrap();
        self.saved().unwrap();
    }

    /// Makes the saved content one that this program refuses, as an older program with milder rules could have saved it.
    fn make_saved_content_refused(&self) {
        self.rewrite_saved(|line| {
            let is_page = line.starts_with("{\"file\":{\"path\":\"en/pages/medicare.toml\"");
            if is_page { line.replace("\\nslug = ", "\\nslog = ") } else { line.to_owned() }
        });
        let files = self.saved().unwrap().files;
        assert!(String::from_utf8_lossy(files.get(PAGE).unwrap()).contains("\nslog = "));
    }
}

fn get(site: &Serving, path: &str) -> Answer {
    Client::new(site.address).get(path)
}

/// A page's text as it is served now.
#[track_caller]
fn page(site: &Serving, path: &str) -> String {
    let answer = get(site, path);
    assert_eq!(answer.status, 200, "{path}");
    String::from_utf8(answer.body).unwrap()
}

fn revision(site: &Serving) -> String {
    let ready = page(site, "/readyz");
    ready.lines().find_map(|line| line.strip_prefix("revision ")).unwrap().to_owned()
}

/// Sends a form without mistakes.
fn post(site: &Serving, path: &str) -> Answer {
    let body = "name=Ana&phone=9165550142";
    let mut client = Client::new(site.address);
    client.send(&format!(
        "POST {path} HTTP/1.1\r\nHost: clinic.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    client.answer().unwrap()
}

/// The paths that the site itself names.
fn sitemap(site: &Serving) -> Vec<String> {
    let text = page(site, "/sitemap.xml");
    let addresses = text.split("<loc>").skip(1).map(|rest| rest.split("</loc>").next().unwrap());
    let paths: Vec<_> = addresses.map(|address| address.strip_prefix(URL).unwrap().to_owned()).collect();
    assert!(paths.len() > 25 && paths.contains(&"/es/".to_owned()), "{paths:?}");
    paths
}

#[track_caller]
fn has_help_lines(what: &str, body: &[u8]) {
    let html = String::from_utf8_lossy(body);
    for line in ["href=\"tel:911\"", "href=\"tel:988\""] {
        assert!(html.contains(line), "{what} lacks {line}:\n{html}");
    }
}

/// Every page is there, with the help lines, and so are those for errors.
#[track_caller]
fn is_whole(site: &Serving) {
    for path in sitemap(site).iter().map(String::as_str).chain(["/print/", "/es/imprimir/"]) {
        has_help_lines(path, page(site, path).as_bytes());
    }
    for path in ["/nothing/", "/es/nada/"] {
        let answer = get(site, path);
        assert_eq!(answer.status, 404, "{path}");
        has_help_lines(path, &answer.body);
    }
    for path in ["/robots.txt", "/contact.vcf", "/.well-known/security.txt", "/favicon.ico"] {
        assert_eq!(get(site, path).status, 200, "{path}");
    }
    let home = page(site, "/");
    let style = home.split("href=\"/assets/").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(get(site, &format!("/assets/{style}")).status, 200, "{style}");
    let old = get(site, "/location/sacramento/");
    assert_eq!(old.status, 308, "{}", old.head);
}

#[test]
fn a_restart_with_an_error_serves_the_last_site_from_its_content_until_the_error_is_mended() {
    let clinic = Clinic::new(&without_samples());
    let site = clinic.start();
    clinic.retitle("Served last");
    soon("the new title", || page(&site, "/medicare/").contains("<title>Served last"));
    clinic.wait_until_saved(&site);
    let served_last = revision(&site);
    assert_eq!(fs::metadata(clinic.file()).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(site.end("-TERM").code, Some(0));

    clinic.edit(PAGE, "title = \"Served last\"", "titel = \"Broken\"");
    let site = clinic.start();
    is_whole(&site);
    assert_eq!(revision(&site), served_last);
    assert!(page(&site, "/medicare/").contains("<title>Served last"));
    assert!(page(&site, "/readyz").contains("newer content is refused: 1 error"));
    assert!(page(&site, "/appointments/").contains("<form"));
    let answer = post(&site, "/appointments/");
    assert_eq!(answer.status, 303, "the form works: {}", answer.head);
    let place = answer.head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap().to_uppercase();
    has_help_lines("the acknowledgement", page(&site, &place.replace("APPOINTMENTS", "appointments")).as_bytes());

    clinic.edit(PAGE, "titel = \"Broken\"", "title = \"Mended\"");
    soon("the mended title", || page(&site, "/medicare/").contains("<title>Mended"));
    assert!(!page(&site, "/readyz").contains("refused"));
    clinic.wait_until_saved(&site);
    let said = site.end("-TERM").stderr;
    let error = said.lines().find(|line| line.contains(" ERROR ")).unwrap_or_else(|| panic!("{said}"));
    assert!(error.contains("the content can't be published") && error.contains(&served_last), "{error}");
    assert!(error.contains("errors=1"), "{error}");
    assert!(said.contains(":6:1: error: ") && said.contains("help: did you mean `title`?"), "the findings: {said}");
    assert!(said.contains("the content has no errors any more"), "{said}");
}

#[test]
fn a_program_that_refuses_the_saved_content_serves_its_pages_and_says_that_the_form_is_closed() {
    let clinic = Clinic::new(&without_samples());
    clinic.serve_once();
    let files = TempDir::new().unwrap();
    let content = clinic.content.path().to_str().unwrap();
    let exported = run(&["export", "--content", content, "--public-url", URL, "--out", files.path().to_str().unwrap()]);
    assert_eq!(exported.code, Some(0), "{exported:?}");
    clinic.make_saved_content_refused();
    clinic.edit(PAGE, "slug = ", "slog = ");

    let site = clinic.start();
    is_whole(&site);
    for path in sitemap(&site) {
        let file = fs::read(files.path().join(&path[1..]).join("index.html")).unwrap();
        assert!(page(&site, &path).as_bytes() == file, "{path} isn't what a site of files says");
    }
    for (path, words) in [("/appointments/", "send our form from here"), ("/es/citas/", "nuestro formulario")] {
        let html = page(&site, path);
        assert!(!html.contains("<form") && html.contains(words), "{path}: {html}");
        let answer = post(&site, path);
        assert_eq!(answer.status, 503, "{path}: {}", answer.head);
        has_help_lines(path, &answer.body);
        let answer = get(&site, &format!("{path}K7QM-4XT2/"));
        assert_eq!(answer.status, 503, "nobody can say whether the request is there: {}", answer.head);
        has_help_lines(path, &answer.body);
    }
    assert_eq!(post(&site, "/medicare/").status, 405);
    let mut client = Client::new(site.address);
    let mut coded = || {
        client.send("GET /medicare/ HTTP/1.1\r\nHost: clinic.example\r\nAccept-Encoding: br, gzip\r\n\r\n");
        client.answer().unwrap()
    };
    soon("the page is compressed", || coded().head.contains("content-encoding: "));
    let answer = coded();
    assert!(answer.head.contains("etag: "), "{}", answer.head);
    assert!(answer.head.contains("strict-transport-security: "), "a saved site is a published one: {}", answer.head);

    clinic.edit(PAGE, "slog = ", "slug = ");
    clinic.retitle("Mended");
    soon("the mended title", || page(&site, "/medicare/").contains("<title>Mended"));
    assert_eq!(post(&site, "/appointments/").status, 303, "the form works again");
    clinic.wait_until_saved(&site);
    let said = site.end("-TERM").stderr;
    let error = said.lines().find(|line| line.contains(" ERROR ")).unwrap_or_else(|| panic!("{said}"));
    assert!(error.contains("the form for appointments is closed") && error.contains("(1 error, "), "{error}");
    assert!(said.contains("help: did you mean `slug`?"), "the findings: {said}");
    assert!(said.contains("the content has no errors any more"), "{said}");
}

#[test]
fn what_was_accepted_until_a_day_is_served_after_it_and_published_anew_by_nobody() {
    let mut files = without_samples();
    let (path, day) = ("en/pages/notices.toml", |days: i64| {
        let at = jiff::Timestamp::from_second(seconds_now() + days * 24 * 3600).unwrap();
        calendar::on_the_clinics_clock(at).date().to_string()
    });
    let text = text_in(&files, path);
    let (before, after) = text.split_once("law = \"42 CFR Part 2\"").unwrap();
    let emptied = format!("{before}law = \"42 CFR Part 2\"{}", after.replacen("The clinic's own text.", "", 1));
    files.insert(path, emptied.into_bytes());
    let facts = format!(
        "{}\n[accepted.records]\naccepted_by = \"The compliance officer\"\nuntil = {}\n",
        text_in(&files, "clinic.toml"),
        day(30)
    );
    files.insert("clinic.toml", facts.into_bytes());
    let clinic = Clinic::new(&files);
    clinic.serve_once();
    let was = clinic.saved().unwrap().head.revision;

    // As if 31 days had gone by since then.
    let (until, over) = (format!("until = {}", day(30)), format!("until = {}", day(-1)));
    clinic.edit("clinic.toml", &until, &over);
    let revision_now = Files::read(clinic.content.path()).unwrap().revision();
    clinic.rewrite_saved(|line| line.replace(&until, &over).replace(&was, &revision_now));
    let site = clinic.start();
    is_whole(&site);
    let ready = page(&site, "/readyz");
    assert!(
        ready.contains("published without what it has to have: records (accepted until ") && !ready.contains("refused")
    );
    assert_eq!(post(&site, "/appointments/").status, 303, "the form works");
    clinic.retitle("A change");
    soon("the change is refused", || page(&site, "/readyz").contains("newer content is refused: 1 error"));
    let said = site.end("-TERM").stderr;
    let error = said.lines().find(|line| line.contains(" ERROR ")).unwrap_or_else(|| panic!("{said}"));
    assert!(error.contains("records (accepted until ") && !error.contains("The compliance officer"), "{error}");
    assert!(said.contains("[unsupplied-text]"), "the list: {said}");

    let site = clinic.start();
    assert!(!page(&site, "/medicare/").contains("<title>A change"), "what was published last is served");
    assert_eq!(post(&site, "/appointments/").status, 303, "and its form works");
    assert_eq!(site.end("-TERM").code, Some(0));

    fs::remove_file(clinic.file()).unwrap();
    let refused = clinic.ends();
    assert_eq!(refused.code, Some(1), "what was never published: {refused:?}");
    assert!(refused.stderr.contains("[unsupplied-text]") && refused.stderr.contains("1 error; nothing was published"));
}

#[test]
fn a_site_that_is_a_moment_old_when_the_server_stops_is_saved() {
    let clinic = Clinic::new(&without_samples());
    let site = clinic.start();
    clinic.wait_until_saved(&site);
    clinic.retitle("A moment old");
    soon("the new title", || page(&site, "/medicare/").contains("<title>A moment old"));
    let newest = revision(&site);
    assert_eq!(site.end("-TERM").code, Some(0));
    assert_eq!(clinic.saved().unwrap().head.revision, newest);
}

#[test]
fn a_notice_leaves_the_saved_pages_at_its_minute() {
    let notice = "[[notices]]\nabout = \"phone\"\ntext = \"The phone does not work today.\"\nends = 2026-11-30\n";
    let mut files = without_samples();
    files.insert("en/notices.toml", notice.replace("2026-11-30", &tomorrow()).into_bytes());
    let clinic = Clinic::new(&files);
    clinic.serve_once();
    clinic.make_saved_content_refused();
    clinic.edit(PAGE, "slug = ", "slog = ");
    // Not in a day, but in some seconds.
    let head = clinic.saved().unwrap().head;
    let ends = jiff::Timestamp::from_second(seconds_now() + 8).unwrap();
    clinic.rewrite_saved(|line| {
        line.replacen(&format!("\"until\":\"{}\"", head.until), &format!("\"until\":\"{ends}\""), 1)
    });
    assert_eq!(clinic.saved().unwrap().head.until, ends);
    let site = clinic.start_quietly();
    assert!(page(&site, "/medicare/").contains("The phone does not work today."), "until {ends}");
    soon("the end of the notice", || !page(&site, "/medicare/").contains("The phone does not work today."));
    is_whole(&site);
    let said = site.end("-TERM").stderr;
    assert!(said.contains("they are served without all that ends"), "{said}");
}

/// A day from now on the clinic's clock.
fn tomorrow() -> String {
    let at = jiff::Timestamp::from_second(seconds_now() + 24 * 3600).unwrap();
    calendar::on_the_clinics_clock(at).date().to_string()
}

#[test]
fn a_content_folder_that_is_gone_at_a_restart_is_an_error_too() {
    let clinic = Clinic::new(&without_samples());
    clinic.serve_once();
    let away = clinic.data.path().join("away");
    fs::rename(clinic.content.path(), &away).unwrap();
    let site = clinic.start();
    is_whole(&site);
    assert!(page(&site, "/readyz").contains("newer content is refused"));
    fs::rename(&away, clinic.content.path()).unwrap();
    soon("the folder's return", || !page(&site, "/readyz").contains("refused"));
    let said = site.end("-TERM").stderr;
    assert!(said.contains(" ERROR ") && said.contains("the content folder can't be read"), "{said}");
    assert!(said.contains("the content folder can be read again"), "{said}");
}

#[test]
fn a_content_folder_that_goes_away_is_reported_once_and_so_is_its_return() {
    let content = folder(&Files::embedded());
    let path = content.path().to_str().unwrap();
    let site = Serving::start(&["serve", "--content", path]);
    let away = format!("{path}-away");
    fs::rename(path, &away).unwrap();
    soon("the finding", || page(&site, "/_preview/state").contains("the content folder can't be read"));
    assert!(page(&site, "/readyz").contains("refused"));
    // Several more looks.
    std::thread::sleep(Duration::from_millis(2500));
    assert!(page(&site, "/medicare/").contains("<h1>"));
    fs::rename(&away, path).unwrap();
    soon("the folder's return", || page(&site, "/_preview/state").contains("\"refused\":false"));
    assert!(!page(&site, "/readyz").contains("refused"));
    let said = site.end("-TERM").stderr;
    assert_eq!(said.matches("the content folder can't be read").count(), 1, "{said}");
    assert_eq!(said.matches("the content folder can be read again").count(), 1, "{said}");
}

#[test]
fn without_a_saved_site_of_this_address_a_start_with_errors_ends_as_ever() {
    let clinic = Clinic::new(&without_samples());
    clinic.serve_once();
    let saved = fs::read(clinic.file()).unwrap();
    clinic.edit(PAGE, "slug = ", "slog = ");
    let text = String::from_utf8(saved.clone()).unwrap();
    let (half, last_line) = (saved.len() / 2, text.trim_end().rfind('\n').unwrap());
    let mut flipped = saved.clone();
    flipped[half] ^= 1;
    for (what, bytes, said) in [
        ("cut in the middle", saved[..half].to_vec(), "it is damaged"),
        ("without its last line", saved[..=last_line].to_vec(), "it is damaged: it ends too early"),
        ("with another bit", flipped, "it is damaged"),
        ("with another text behind", [&saved[..], b"{}\n"].concat(), "it is damaged: it goes on after its end"),
        (
            "of a later format",
            text.replacen("\"format\":1", "\"format\":2", 1).into_bytes(),
            "it isn't a site that this version",
        ),
        ("of something else", b"SQLite format 3\0".to_vec(), "it isn't a site that this version"),
        ("empty", Vec::new(), "it isn't a site that this version"),
    ] {
        fs::write(clinic.file(), &bytes).unwrap();
        let ran = clinic.ends();
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{what}: {ran:?}");
        assert!(ran.stderr.contains(" WARN ") && ran.stderr.contains(said), "{what}: {}", ran.stderr);
        assert!(ran.stderr.ends_with("1 error; nothing was published\n"), "{what}: {}", ran.stderr);
        assert!(fs::read(clinic.file()).unwrap() == bytes, "{what}: the file was changed");
    }
    fs::write(clinic.file(), &saved).unwrap();
    let mut other = command(&clinic.arguments().map(|text| if text == URL { "https://other.example" } else { text }));
    other.env("CLINIC_LISTEN", "127.0.0.1:0");
    let other = ran(other);
    assert_eq!(other.code, Some(1), "{other:?}");
    assert!(other.stderr.contains("it is the site of https://clinic.example/"), "{other:?}");
    fs::remove_file(clinic.file()).unwrap();
    let none = clinic.ends();
    assert_eq!(none.code, Some(1), "{none:?}");
    assert!(!none.stderr.contains("WARN"), "{none:?}");
    fs::rename(clinic.content.path(), clinic.data.path().join("away")).unwrap();
    let gone = clinic.ends();
    assert_eq!(gone.code, Some(2), "{gone:?}");
    assert!(gone.stderr.contains("help: --content takes the folder"), "{gone:?}");
}

#[test]
fn a_preview_saves_nothing_and_serves_nothing_that_was_saved() {
    let clinic = Clinic::new(&without_samples());
    clinic.serve_once();
    let saved = fs::read(clinic.file()).unwrap();
    clinic.retitle("A preview");
    let (content, data) = (clinic.content.path().to_str().unwrap(), clinic.data.path().to_str().unwrap());
    let site = Serving::start(&["serve", "--content", content, "--data-dir", data]);
    clinic.edit(PAGE, "title = \"A preview\"", "titel = \"A preview\"");
    soon("the finding", || page(&site, "/_preview/state").contains("did you mean"));
    std::thread::sleep(Duration::from_millis(800));
    site.end("-TERM");
    assert!(fs::read(clinic.file()).unwrap() == saved);
}

#[test]
fn a_site_that_can_not_be_saved_is_reported_once_and_the_end_of_it_too() {
    let clinic = Clinic::new(&without_samples());
    let data = clinic.data.path().join("data");
    fs::write(&data, "in the way").unwrap();
    let path = data.to_str().unwrap().to_owned();
    let arguments = clinic.arguments();
    let arguments: Vec<&str> =
        arguments.iter().map(|text| if arguments[4] == *text { path.as_str() } else { *text }).collect();
    let site = Serving::start(&arguments);
    for number in 0..2 {
        clinic.retitle(&format!("Edit {number}"));
        soon("the edit", || page(&site, "/medicare/").contains(&format!("<title>Edit {number}")));
        std::thread::sleep(Duration::from_millis(1200));
    }
    fs::remove_file(&data).unwrap();
    clinic.retitle("Edit 2");
    soon("the site is saved", || data.join("last-good-site").exists());
    std::thread::sleep(Duration::from_millis(200));
    let said = site.end("-TERM").stderr;
    assert_eq!(said.matches("the site can't be saved in ").count(), 1, "{said}");
    assert_eq!(said.matches("the site is saved again").count(), 1, "{said}");
}

/// The bytes of a saved site of published content, and the site.
fn saved(files: &Files) -> (Vec<u8>, Site) {
    let (content, report) = check(files, true);
    let content = content.unwrap_or_else(|| panic!("{}", report.text()));
    let settings = Settings {
        public_url: Some(URL.parse().unwrap()),
        now: noon(TODAY),
        as_of: false,
        live: false,
        requests: true,
        compression: CompressionLevel::Plain,
    };
    let site = Site::build(&content, &settings, None).unwrap();
    let mut bytes = Vec::new();
    write(Original { site: &site, content: &content, files, settings: &settings }, "0.1.0", &mut bytes).unwrap();
    (bytes, site)
}

#[test]
fn a_saved_site_says_nothing_past_its_end_and_keeps_the_help_lines() {
    let files = edited(|files| {
        *files = without_samples();
        replace(files, "clinic.toml", "id = \"samhsa\"", "id = \"samhsa\"\nexpires_on = 2026-12-31");
        let notices = "[[notices]]\nabout = \"closure\"\ntext = \"Closed today.\"\nends = 2026-11-23\n\n\
                       [[notices]]\nabout = \"move\"\ntext = \"We have moved.\"\nstarts = 2026-11-01\n";
        files.insert("en/notices.toml", notices.as_bytes().to_vec());
        let page = String::from_utf8(files.get("en/pages/medicare.toml").unwrap().to_vec()).unwrap();
        let inside =
            "\n[[sections]]\nkind = \"notice\"\nabout = \"phone\"\ntext = \"No calls today.\"\nends = 2026-11-23\n";
        files.insert("en/pages/medicare.toml", format!("{page}{inside}").into_bytes());
    });
    let (bytes, site) = saved(&files);
    let text =
        |site: &Site, path: &str| String::from_utf8(site.answer(path).unwrap().identity().bytes.to_vec()).unwrap();
    let now = noon(TODAY);
    let head = read(&bytes[..]).unwrap().head;
    assert_eq!((head.revision.as_str(), head.saved), (site.revision(), now.timestamp()));
    assert_eq!(head.until, calendar::midnight_after(TODAY), "the notice ends first");
    for (when, late) in [(now.timestamp(), false), (head.until, true), (now.timestamp() + (24 * 400).hours(), true)] {
        let restored = read(&bytes[..]).unwrap().into_site(when);
        for (path, has) in [
            ("/", "Closed today."),
            ("/medicare/", "$283"),
            ("/print/", "$283"),
            ("/medicare/", "No calls today."),
            ("/print/", "No calls today."),
        ] {
            assert_eq!(text(&restored, path).contains(has), !late, "{path}, {when}: {has}");
        }
        let error = restored.error(ErrorKind::NotFound, "/").unwrap().identity().bytes.clone();
        for html in
            [text(&restored, "/"), text(&restored, "/get-help-now/"), String::from_utf8(error.to_vec()).unwrap()]
        {
            assert!(
                html.contains("We have moved.") && html.contains("tel:911") && html.contains("1-800-662-4357"),
                "{when}: {html}"
            );
        }
    }
}

#[test]
fn a_saved_site_has_every_path_and_error_page_and_is_right_in_every_language() {
    let (bytes, site) = saved(&without_samples());
    let restored = read(&bytes[..]).unwrap().into_site(noon(TODAY).timestamp());
    let paths = |site: &Site| {
        let mut paths: Vec<_> = site.entries().map(|(path, _)| path.to_owned()).collect();
        paths.sort();
        paths
    };
    assert_eq!(paths(&restored), paths(&site));
    for path in paths(&site) {
        let Some(page) = site.answer(&path) else { continue };
        let other = restored.answer(&path).unwrap();
        assert_eq!(
            (&other.content_type, other.language, other.cache),
            (&page.content_type, page.language, page.cache),
            "{path}"
        );
        assert_eq!(
            other.identity().bytes == page.identity().bytes,
            !site.has_form(&path),
            "{path}: forms alone are left out"
        );
        assert_eq!((restored.has_form(&path), restored.form(&path).is_none()), (site.has_form(&path), true), "{path}");
    }
    for (lang, kind) in langs().into_iter().flat_map(|lang| ErrorKind::ALL.map(|kind| (lang, kind))) {
        let bytes = |site: &Site| site.error(kind, &lang.root()).unwrap().identity().bytes.clone();
        assert!(bytes(&restored) == bytes(&site), "{lang:?} {kind:?}");
    }
    assert!(restored.published() && !restored.live() && restored.public_url() == site.public_url());
}

#[test]
fn a_saved_site_that_was_cut_or_changed_anywhere_is_refused() {
    let (bytes, _) = saved(&without_samples());
    assert!(read(&bytes[..]).is_ok());
    for step in 1..25 {
        let at = bytes.len() * step / 25;
        assert!(read(&bytes[..at]).is_err(), "cut at {at}");
        let mut changed = bytes.clone();
        changed[at] ^= 0x01;
        assert!(read(&changed[..]).is_err(), "changed at {at}");
    }
    assert!(read(&bytes[..bytes.len() - 2]).is_err(), "cut before the end of the last line");
    for foreign in ["", "\n", "{}\n", "{\"head\":{}}\n", "[[[[", "null\n"] {
        assert!(matches!(read(foreign.as_bytes()), Err(ReadError::Foreign)), "{foreign:?}");
    }
    // A line without an end is no reason to fill the memory.
    let endless = std::io::Read::take(std::io::repeat(b'['), 1 << 30);
    assert!(read(endless).is_err());
}

/// Random enough to choose a moment with (splitmix64).
fn below(seed: &mut u64, end: u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) % end
}

fn unfinished(data: &Path) -> usize {
    let entries = fs::read_dir(data).unwrap().filter_map(Result::ok);
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(".last-good-site.")).count()
}

#[test]
fn a_server_that_is_killed_while_it_saves_leaves_a_whole_site_and_the_next_cleans_up() {
    let rounds = std::env::var_os("CLINIC_KILL_ROUNDS").map_or(6, |rounds| rounds.to_str().unwrap().parse().unwrap());
    let clinic = Clinic::new(&without_samples());
    clinic.serve_once();
    let (mut seed, mut cut) = (7, 0);
    for number in 0..rounds {
        let before = clinic.saved().unwrap().head.revision;
        let mut site = clinic.start();
        let path = clinic.content.path().join(PAGE);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}# {number}\n")).unwrap();
        soon("another revision", || revision(&site) != before);
        let after = revision(&site);
        // In the middle of writing, or at any moment around it.
        let is_saved = || clinic.saved().is_ok_and(|saved| saved.head.revision == after);
        while unfinished(clinic.data.path()) == 0 && !is_saved() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(below(&mut seed, 300_000)));
        site.process.kill().unwrap();
        site.process.wait().unwrap();
        cut += unfinished(clinic.data.path());
        let left = clinic.saved().unwrap_or_else(|error| panic!("round {number}: {error}")).head.revision;
        assert!(left == before || left == after, "round {number}: {left} is neither {before} nor {after}");
    }
    println!("{cut} of {rounds} were killed in the middle of writing");
    clinic.serve_once();
    assert_eq!(unfinished(clinic.data.path()), 0, "what was left is removed");
}
