//! The harness: a site from the sample, from the shipped content or from an edited copy, asked through the production router.
//! What a test says of the program, it says of the sample; what holds for all that is shipped, of the shipped content.

pub mod parts;
pub mod pebble;
pub mod ports;
pub mod postgres;
pub mod proxies;
pub mod sample;
pub mod stores;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use clinic_site::content::{Content, Files, Language, Loader, Review, calendar};
use clinic_site::diagnostic::Report;
use clinic_site::http::{App, Options, Process, SiteService};
use clinic_site::lang::Lang;
use clinic_site::site::{CompressionLevel, ErrorKind, Settings, Site, icon_names, route};
use http_body_util::BodyExt;
use hyper::service::Service;
use jiff::Zoned;
use jiff::civil::{Date, date};
use scraper::{ElementRef, Html, Selector};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// The day the suite lives on, so that nothing expires while it is not looked at.
pub const TODAY: Date = date(2026, 11, 23);

/// The shipped content with changes.
pub fn edited(change: impl FnOnce(&mut Files)) -> Files {
    let mut files = Files::embedded();
    change(&mut files);
    files
}

/// Takes `from` in a shipped file for `to`. Fails if it isn't there exactly once: an edit that does nothing tests nothing.
#[track_caller]
pub fn replace(files: &mut Files, path: &str, from: &str, to: &str) {
    let text = text_in(files, path);
    assert_eq!(text.matches(from).count(), 1, "{from:?} in {path}");
    files.insert(path, text.replace(from, to).into_bytes());
}

/// Compares two sets, and says what is missing or too much in the first, with how to go on.
#[track_caller]
pub fn assert_same<T: Ord + std::fmt::Debug>(found: &BTreeSet<T>, wanted: &BTreeSet<T>, help: &str) {
    let missing: Vec<&T> = wanted.difference(found).collect();
    let more: Vec<&T> = found.difference(wanted).collect();
    assert!(missing.is_empty() && more.is_empty(), "{help}\n  missing: {missing:?}\n  too many: {more:?}");
}

/// The text of a file.
#[track_caller]
pub fn text_in(files: &Files, path: &str) -> String {
    let bytes = files.get(path).unwrap_or_else(|| panic!("{path} is not there"));
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Gives the first `key` of a file another value, as TOML writes it. What it was doesn't matter, so any copy will do.
#[track_caller]
pub fn set(files: &mut Files, path: &str, key: &str, value: &str) {
    files.insert(path, with_value(&text_in(files, path), key, value).into_bytes());
}

/// The text of a file whose first `key` has another value.
#[track_caller]
pub fn with_value(text: &str, key: &str, value: &str) -> String {
    let start = format!("{key} = ");
    let line = text.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("there is no {key}"));
    assert!(!line.ends_with("\"\"\""), "{key} takes more lines than one");
    text.replacen(line, &format!("{start}{value}"), 1)
}

/// Reads content as on [`TODAY`].
pub fn check(files: &Files, publish: bool) -> (Option<Content>, Report) {
    check_on(files, publish, TODAY)
}

/// Noon of a day in Sacramento.
pub fn noon(day: Date) -> Zoned {
    calendar::on_the_clinics_clock(calendar::instant(day.at(12, 0, 0, 0)))
}

/// Reads content as on a day.
pub fn check_on(files: &Files, publish: bool, today: Date) -> (Option<Content>, Report) {
    check_at(files, publish, &noon(today))
}

/// Reads content as at a time. A server that follows its folder does so too: it reads anew the pages that are not as they were before, here as they are
/// shipped. Most tests change a file or two, and to read all is most of their time.
pub fn check_at(files: &Files, publish: bool, now: &Zoned) -> (Option<Content>, Report) {
    static SHIPPED: OnceLock<Loader> = OnceLock::new();
    let icons = icon_names();
    let (other_paths, reserved) = (&route::LINKABLE, &route::RESERVED);
    let review = Review { now, publish, was_published: false, icons: &icons, other_paths, reserved };
    let shipped = SHIPPED.get_or_init(|| {
        let mut loader = Loader::default();
        let _ = loader.load(&Files::embedded(), &Review { now: &noon(TODAY), publish: false, ..review });
        loader
    });
    shipped.clone().load(files, &review)
}

/// The shipped content.
pub fn shipped() -> &'static Content {
    static CONTENT: OnceLock<Content> = OnceLock::new();
    CONTENT.get_or_init(|| check(&Files::embedded(), false).0.unwrap())
}

/// The name of the clinic, as the shipped content has it.
pub fn clinic_name() -> &'static str {
    shipped().clinic.name.value.as_str()
}

/// The languages of the shipped content, English first.
pub fn langs() -> [Lang; 2] {
    [Lang::En, es()]
}

/// Spanish, as it is written in the United States.
pub fn es() -> Lang {
    Lang::from_tag("es").unwrap()
}

/// The language of a path of the shipped site.
pub fn lang_of(path: &str) -> Lang {
    Lang::of_path(path, langs())
}

/// The path of the shipped booklet of a language.
pub fn booklet_of(lang: Lang) -> &'static str {
    language(lang).booklet.as_str()
}

/// The shipped content of a language: its words and pages.
#[track_caller]
pub fn language(lang: Lang) -> &'static Language {
    shipped()
        .languages
        .iter()
        .find(|language| language.lang == lang)
        .unwrap_or_else(|| panic!("{lang:?} is not shipped"))
}

/// The address of a shipped page in a language, by the name of its file.
#[track_caller]
pub fn address(lang: Lang, key: &str) -> String {
    let page = language(lang).pages.get(key).unwrap_or_else(|| panic!("there is no {}/pages/{key}.toml", lang.tag()));
    page.path(lang, key)
}

/// The tests ask previews by many names; `hosts.rs` holds that only loopback names are answered otherwise.
pub const REMOTE: Options = Options { hsts_subdomains: false, remote_preview: true };

/// A site that answers.
#[derive(Clone)]
pub struct TestSite {
    app: App,
    /// The pages made of content files, and the booklets: their paths in order.
    pages: Vec<String>,
    booklets: Vec<String>,
}

impl TestSite {
    /// The shipped content, as a preview. Built once for the whole suite.
    pub fn shipped() -> &'static Self {
        static SITE: OnceLock<TestSite> = OnceLock::new();
        SITE.get_or_init(|| Self::after(None, &Files::embedded(), None, noon(TODAY)))
    }

    /// The shipped content without its samples, published as `https://clinic.example/` while the clinic's own texts are still to come.
    pub fn published() -> &'static Self {
        static SITE: OnceLock<TestSite> = OnceLock::new();
        SITE.get_or_init(|| {
            Self::after(None, &accepted(published_empty()), Some("https://clinic.example/"), noon(TODAY))
        })
    }

    /// The shipped content with every fact filled in, published as `https://clinic.example/`. The facts are this test's own.
    pub fn complete() -> &'static Self {
        static SITE: OnceLock<TestSite> = OnceLock::new();
        SITE.get_or_init(|| Self::build(&accepted(with_facts()), Some("https://clinic.example/"), TODAY))
    }

    /// The shipped content, as a preview, without any fact that may be missing.
    pub fn bare() -> &'static Self {
        static SITE: OnceLock<TestSite> = OnceLock::new();
        SITE.get_or_init(|| Self::with(&without_facts()))
    }

    /// The four states a site can be in, with their names: what holds for a page should hold in each.
    pub fn states() -> [(&'static str, &'static Self); 4] {
        [
            ("preview", Self::shipped()),
            ("published", Self::published()),
            ("every fact", Self::complete()),
            ("no facts", Self::bare()),
        ]
    }

    /// Content of a test's own, as a preview.
    #[track_caller]
    pub fn with(files: &Files) -> Self {
        Self::build(files, None, TODAY)
    }

    /// Content as on a day, for the public if there is an address.
    #[track_caller]
    pub fn build(files: &Files, public_url: Option<&str>, today: Date) -> Self {
        Self::at(files, public_url, noon(today))
    }

    /// Content as at a time, for the public if there is an address. It comes after the shipped site, as after a save: what is the same is taken over
    /// from that ([`crate::rebuilding`] holds that it is what would be made anew).
    #[track_caller]
    pub fn at(files: &Files, public_url: Option<&str>, now: Zoned) -> Self {
        let before = if public_url.is_some() { Self::published() } else { Self::shipped() };
        Self::after(Some(&before.app.site()), files, public_url, now)
    }

    #[track_caller]
    fn after(before: Option<&Site>, files: &Files, public_url: Option<&str>, now: Zoned) -> Self {
        let (content, report) = check_at(files, public_url.is_some(), &now);
        let content = content.unwrap_or_else(|| panic!("the content has errors:\n{}", report.text()));
        let public_url = public_url.map(|url| url.parse().unwrap());
        let settings = Settings {
            public_url,
            now,
            as_of: false,
            live: false,
            requests: true,
            compression: CompressionLevel::Fast,
        };
        let languages = content.languages.iter();
        let pages = languages.clone().flat_map(|of| of.pages.iter().map(|(key, page)| page.path(of.lang, key)));
        let mut pages: Vec<_> = pages.collect();
        pages.sort();
        let booklets = languages.map(|language| language.booklet.clone()).collect();
        let app = App::new(Site::build(&content, &settings, before).unwrap(), REMOTE);
        Self { app, pages, booklets }
    }

    /// What is served now.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Every path that answers with bytes of its own, in order.
    pub fn paths(&self) -> Vec<String> {
        let site = self.app.site();
        let answers = site.entries().filter(|(_, entry)| matches!(entry, clinic_site::site::Entry::Answer(_)));
        let mut paths: Vec<_> = answers.map(|(path, _)| path.to_owned()).collect();
        paths.sort();
        paths
    }

    /// The paths of the pages made of content files, in every language, in order.
    pub fn pages(&self) -> Vec<String> {
        self.pages.clone()
    }

    /// The path of the booklet in each language.
    pub fn booklets(&self) -> Vec<String> {
        self.booklets.clone()
    }

    /// Every page of [`TestSite::pages`], parsed.
    pub fn parsed_pages(&self) -> Vec<Page> {
        self.pages.iter().map(|path| self.parsed(path)).collect()
    }

    /// Everything a person reads: every page, then the booklets, then the error pages of each language (`error-404`, `error-404-es`).
    pub fn documents(&self) -> Vec<Page> {
        let site = self.app.site();
        let errors = self.booklets.iter().flat_map(|booklet| ErrorKind::ALL.map(|kind| (lang_of(booklet), kind)));
        let errors = errors.map(|(lang, kind)| {
            let html = &site.error(kind, &lang.root()).unwrap().identity().bytes;
            let html = Html::parse_document(std::str::from_utf8(html).unwrap());
            Page { path: error_path(lang, kind), html }
        });
        self.parsed_pages()
            .into_iter()
            .chain(self.booklets.iter().map(|path| self.parsed(path)))
            .chain(errors)
            .collect()
    }

    /// The page at a path, parsed, with that path for a name.
    #[track_caller]
    pub fn parsed(&self, path: &str) -> Page {
        Page { path: path.to_owned(), ..self.get(path).is(200).page() }
    }

    /// Asks for a path.
    pub fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, &[])
    }

    /// Asks for a path with a method and headers.
    #[expect(clippy::needless_pass_by_value, reason = "`ask(Method::POST, …)` reads better than with a reference")]
    pub fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = Request::builder().method(&method).uri(path);
        if headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("host")) {
            request = request.header("host", "clinic.example");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let asked = format!("{method} {path} {headers:?}");
        let request = request.body(Body::empty()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let response = SiteService::new(self.app.clone()).call(request).await.unwrap();
            let (mut parts, body) = response.into_parts();
            // As hyper says it where the head doesn't.
            if let Some(length) = hyper::body::Body::size_hint(&body).exact()
                && !matches!(parts.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
            {
                parts.headers.entry("content-length").or_insert(length.into());
            }
            let body = body.collect().await.unwrap().to_bytes();
            Reply { asked, status: parts.status, headers: parts.headers, body }
        })
    }
}

/// What stands for the path of an error page, which has none.
pub fn error_path(lang: Lang, kind: ErrorKind) -> String {
    let language = if lang == Lang::En { String::new() } else { format!("-{}", lang.tag()) };
    format!("error-{}{language}", kind.status())
}

/// The shipped content as a clinic would publish it: without the sample phone and address, and with the texts that are the clinic's own.
pub fn without_samples() -> Files {
    supplied(published_empty())
}

/// The same while none of the clinic's own texts is there, and nobody has read the Spanish.
pub fn published_empty() -> Files {
    edited(|files| leave_out(files, &["phone", "address"]))
}

/// What a published site has to have, by its names in `[accepted]`.
pub const REQUIRED: [&str; 5] = ["privacy-practices", "records", "nondiscrimination", "language-help", "translations"];

/// Content whose clinic accepts, on [`TODAY`] and for some weeks, that all of that is missing.
pub fn accepted(files: Files) -> Files {
    accepting(files, &REQUIRED, date(2027, 2, 1))
}

/// Content whose clinic accepts until a day that something is missing.
pub fn accepting(mut files: Files, what: &[&str], until: Date) -> Files {
    let line =
        |what: &&str| format!("\n[accepted.{what}]\naccepted_by = \"The compliance officer\"\nuntil = {until}\n");
    let facts = text_in(&files, "clinic.toml") + &what.iter().map(line).collect::<String>();
    files.insert("clinic.toml", facts.into_bytes());
    files
}

/// Puts in what a published site has to have: official texts, the notice of language help, and somebody who has read each translation.
pub fn supplied(mut files: Files) -> Files {
    let all: Vec<String> = files.paths().map(str::to_owned).collect();
    for path in all.iter().filter(|path| path.contains("/pages/") || *path == "language_help.toml") {
        let text = text_in(&files, path).replace("\ntext = \"\"\n", "\ntext = \"The clinic's own text.\"\n");
        let read = text.starts_with("reviewed_by = ") || text.contains("\nreviewed_by = ");
        let text = if path.starts_with("es/") && !read { reviewed(&text) } else { text };
        files.insert(path, text.into_bytes());
    }
    files
}

/// A page that somebody of the clinic has read as it is.
pub fn reviewed(page: &str) -> String {
    let words = clinic_site::content::words_read(page).unwrap();
    format!("reviewed_by = \"clinic director\"\nreviewed_words = \"{words}\"\n{page}")
}

/// The facts that a clinic may not know yet, by their names in `clinic.toml`: not its name, figures and help lines.
pub fn optional_facts() -> Vec<String> {
    let content = check(&Files::embedded(), false).0.unwrap();
    let all = content.clinic.facts().into_iter().map(|(key, _)| key);
    all.filter(|key| key != "name" && !key.contains('.')).collect()
}

/// The shipped content without any fact that may be missing.
pub fn without_facts() -> Files {
    edited(|files| {
        let facts = optional_facts();
        leave_out(files, &facts.iter().map(String::as_str).collect::<Vec<_>>());
    })
}

/// The shipped content in English alone.
pub fn in_english_alone() -> Files {
    edited(|files| {
        let spanish: Vec<String> = files.paths().filter(|path| path.starts_with("es/")).map(str::to_owned).collect();
        assert!(spanish.len() > 15, "{spanish:?}");
        for path in &spanish {
            files.remove(path);
        }
    })
}

/// The shipped content with every fact filled in, as confirmed ones.
pub fn with_all_facts() -> Files {
    supplied(with_facts())
}

fn with_facts() -> Files {
    edited(|files| {
        leave_out(files, &["phone", "address", "hours"]);
        files.insert("clinic.toml", format!("{}\n{FACTS}", text_in(files, "clinic.toml")).into_bytes());
    })
}

/// Facts of no clinic. The number is not of the range for samples, so that it counts as confirmed.
const FACTS: &str = r#"
[phone]
value = "916-444-2368"
verified_on = 2026-11-23

[address]
value = { street = "12 Test Street", city = "Sacramento", state = "CA", zip = "95814" }
verified_on = 2026-11-23

[hours]
value = [
    { days = ["monday", "tuesday", "wednesday", "thursday", "friday"], opens = "05:30", closes = "14:00" },
    { days = ["saturday"], opens = "06:00", closes = "09:00" },
]
verified_on = 2026-11-23

[license]
value = "34-00"
verified_on = 2026-11-23

[accreditor]
value = "A commission"
verified_on = 2026-11-23

[coordinator_1557]
value = { name = "The compliance officer", phone = "916-444-2368", mail = "rights@clinic.org" }
verified_on = 2026-11-23

[coordinator_504]
value = { name = "The access coordinator" }
verified_on = 2026-11-23

[complaint_lines]
value = [{ name = "The state", url = "https://www.medicare.gov/" }, { name = "The commission", phone = "916-444-2368" }]
verified_on = 2026-11-23
"#;

/// Takes facts out of `clinic.toml`.
pub fn leave_out(files: &mut Files, facts: &[&str]) {
    files.insert("clinic.toml", without_tables(&text_in(files, "clinic.toml"), facts).into_bytes());
}

/// A TOML text without some of its tables.
fn without_tables(text: &str, names: &[&str]) -> String {
    let mut kept = String::new();
    let mut keep = true;
    for line in text.lines() {
        if line.starts_with('[') {
            let name = line.trim_matches(['[', ']']).split('.').next().unwrap_or_default();
            keep = !names.contains(&name);
        }
        if keep {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    pub asked: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Reply {
    /// The value of a header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body as text.
    #[track_caller]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_else(|error| panic!("{}: {error}", self.asked))
    }

    /// The body as a parsed page.
    #[track_caller]
    pub fn page(&self) -> Page {
        Page { path: self.asked.clone(), html: Html::parse_document(self.text()) }
    }

    /// Asserts the status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}\n{:?}", self.asked, self.headers);
        self
    }

    /// Asserts a header.
    #[track_caller]
    pub fn has(self, name: &str, value: &str) -> Self {
        assert_eq!(self.header(name), value, "{name} of {}", self.asked);
        self
    }

    /// Asserts that a header isn't there.
    #[track_caller]
    pub fn lacks(self, name: &str) -> Self {
        assert!(!self.headers.contains_key(name), "{name} of {} is {:?}", self.asked, self.header(name));
        self
    }
}

/// A parsed page.
pub struct Page {
    pub path: String,
    pub html: Html,
}

impl Page {
    /// The elements of a CSS selector, in order.
    #[track_caller]
    pub fn all(&self, selector: &str) -> Vec<ElementRef<'_>> {
        let selector = Selector::parse(selector).unwrap_or_else(|error| panic!("{selector}: {error}"));
        self.html.select(&selector).collect()
    }

    /// The only element of a CSS selector.
    #[track_caller]
    pub fn one(&self, selector: &str) -> ElementRef<'_> {
        let all = self.all(selector);
        assert_eq!(all.len(), 1, "{selector} on {}", self.path);
        all[0]
    }

    /// The language that the page says it is in.
    #[track_caller]
    pub fn lang(&self) -> Lang {
        let tag = self.one("html").attr("lang").unwrap_or_default();
        Lang::from_tag(tag).unwrap_or_else(|| panic!("{}: the language {tag:?}", self.path))
    }
}

/// The text of an element, white space folded.
pub fn text_of(element: &ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The piece of a text around a find, for messages.
pub fn around<'a>(text: &'a str, find: &str) -> &'a str {
    let at = text.find(find).unwrap_or_default();
    let start = text.floor_char_boundary(at.saturating_sub(60));
    &text[start..text.floor_char_boundary(at + find.len() + 60)]
}

/// What the metrics of a test say of the process.
pub fn process() -> Process {
    Process {
        now: || noon(TODAY),
        dropped: || 0,
        version: "0.0.0",
        commit: "abc1234",
        connections: Arc::default(),
        staff: Some(Arc::default()),
    }
}
