//! A site that follows its content: by the folder, by the clock, by SIGHUP. What is broken never reaches a visitor, and mending it is enough.

use crate::connections::Client;
use crate::content::minimal;
use crate::harness::sample::sample;
use crate::harness::{TODAY, TestSite, check, edited, noon, replace, set, with_value, without_samples};
use crate::program::{STAFF_KEY, Serving, folder, seconds_now, soon};
use axum::http::Method;
use clinic_site::content::{Files, Loader, Review, calendar};
use clinic_site::site::{Coding, CompressionLevel, Settings, Site, icon_names, route};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const PAGE: &str = "en/pages/medicare.toml";

/// A page's text as it is served now.
fn page(site: &Serving, path: &str) -> String {
    let answer = Client::new(site.address).get(path);
    assert_eq!(answer.status, 200, "{path}");
    String::from_utf8(answer.body).unwrap()
}

/// The title of a page in a folder becomes another.
#[track_caller]
fn retitle(folder: &Path, title: &str) {
    let path = folder.join(PAGE);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, with_value(&text, "title", title)).unwrap();
}

fn follow(content: &Path) -> Serving {
    Serving::start(&["serve", "--content", content.to_str().unwrap(), "--log", "off"])
}

#[test]
fn a_save_is_served_a_mistake_is_not_and_mending_it_is_enough() {
    let content = folder(&Files::embedded());
    let site = follow(content.path());
    retitle(content.path(), "\"Paying with Medicare\"");
    soon("the new title", || page(&site, "/medicare/").contains("<title>Paying with Medicare"));
    let good = page(&site, "/medicare/");
    retitle(content.path(), "“Paying with Medicare”");
    soon("the finding", || page(&site, "/_preview/state").contains("curly quotes"));
    assert_eq!(page(&site, "/medicare/"), good, "the last good page stays, byte for byte");
    let state = page(&site, "/_preview/state");
    assert!(state.contains("\"refused\":true") && state.contains("\"line\":"), "{state}");
    assert!(page(&site, "/readyz").contains("newer content is refused: 1 error"), "{}", page(&site, "/readyz"));
    retitle(content.path(), "\"Medicare pays\"");
    soon("the mended title", || page(&site, "/medicare/").contains("<title>Medicare pays"));
    let state = page(&site, "/_preview/state");
    assert!(state.contains("\"refused\":false") && !state.contains("\"error\""), "{state}");
    assert!(!page(&site, "/readyz").contains("refused"));
    assert_eq!(site.end("-TERM").code, Some(0));
}

#[test]
fn a_save_by_rename_a_folder_that_comes_back_and_a_link_that_turns_are_followed() {
    let place = TempDir::new().unwrap();
    let (first, second) = (folder(&Files::embedded()), folder(&Files::embedded()));
    retitle(second.path(), "\"From the second folder\"");
    let link = place.path().join("content");
    std::os::unix::fs::symlink(first.path(), &link).unwrap();
    let site = follow(&link);
    // As editors save: a new file, then its name.
    let text = with_value(&fs::read_to_string(first.path().join(PAGE)).unwrap(), "title", "\"What it pays for\"");
    fs::write(first.path().join("en/pages/.medicare.toml.swp"), text).unwrap();
    fs::rename(first.path().join("en/pages/.medicare.toml.swp"), first.path().join(PAGE)).unwrap();
    soon("a save by rename", || page(&site, "/medicare/").contains("What it pays for"));
    // As Kubernetes updates a ConfigMap: another link takes the name.
    let turned = place.path().join("..turned");
    std::os::unix::fs::symlink(second.path(), &turned).unwrap();
    fs::rename(&turned, &link).unwrap();
    soon("the turned link", || page(&site, "/medicare/").contains("<title>From the second folder"));
    fs::rename(second.path().join("en"), second.path().join("away")).unwrap();
    soon("the missing files", || page(&site, "/_preview/state").contains("missing-file"));
    assert!(page(&site, "/medicare/").contains("<title>From the second folder"));
    fs::rename(second.path().join("away"), second.path().join("en")).unwrap();
    soon("the folder's return", || page(&site, "/_preview/state").contains("\"refused\":false"));
    fs::remove_file(&link).unwrap();
    // Longer than it takes to notice.
    std::thread::sleep(Duration::from_millis(2500));
    assert!(page(&site, "/medicare/").contains("<title>From the second folder"), "a deleted folder changes nothing");
    std::os::unix::fs::symlink(first.path(), &link).unwrap();
    soon("the link's return", || page(&site, "/medicare/").contains("What it pays for"));
    assert_eq!(site.end("-TERM").code, Some(0));
}

#[test]
fn a_folder_that_is_broken_from_the_start_is_shown_as_soon_as_it_is_mended() {
    let content = folder(&edited(|files| replace(files, PAGE, "slug = \"medicare\"", "slog = \"medicare\"")));
    let site = follow(content.path());
    assert!(page(&site, "/_preview/state").contains("did you mean `slug`"));
    assert!(page(&site, "/medicare/").contains("<h1>"), "the content built into the program stands in");
    let mended = fs::read_to_string(content.path().join(PAGE)).unwrap().replace("slog = ", "slug = ");
    fs::write(content.path().join(PAGE), mended).unwrap();
    retitle(content.path(), "\"Mended\"");
    soon("the mended folder", || page(&site, "/medicare/").contains("<title>Mended"));
}

#[test]
fn a_notice_leaves_by_itself_at_its_minute() {
    let now = jiff::Timestamp::from_second(jiff::Timestamp::UNIX_EPOCH.as_second() + seconds_now() + 8).unwrap();
    let ends = calendar::on_the_clinics_clock(now).datetime();
    let notice = format!("[[notices]]\nabout = \"phone\"\ntext = \"The phone does not work today.\"\nends = {ends}\n");
    let content = folder(&edited(|files| files.insert("en/notices.toml", notice.into_bytes())));
    let site = follow(content.path());
    assert!(page(&site, "/medicare/").contains("The phone does not work today."), "until {ends}");
    soon("the end of the notice", || !page(&site, "/medicare/").contains("The phone does not work today."));
}

#[test]
fn sighup_reads_the_folder_of_a_published_site_and_its_metrics_tell() {
    let content = folder(&without_samples());
    let arguments = ["serve", "--content", content.path().to_str().unwrap(), "--log", "off"];
    let site = Serving::start(
        &[&arguments[..], &["--public-url", "https://clinic.example", "--staff-key", STAFF_KEY]].concat(),
    );
    let before = page(&site, "/readyz");
    retitle(content.path(), "\"Read again\"");
    let hangup = Command::new("kill").args(["-HUP", &site.process.id().to_string()]).status().unwrap();
    assert!(hangup.success());
    soon("the new title", || page(&site, "/medicare/").contains("<title>Read again"));
    assert_ne!(page(&site, "/readyz"), before, "another revision");
    assert!(!page(&site, "/medicare/").contains("/_preview/") && !page(&site, "/medicare/").contains("src="));
    assert_eq!(Client::new(site.address).get("/_preview/state").status, 404, "a published site has no preview");
    assert_eq!(site.end("-TERM").code, Some(0));
}

#[test]
fn during_a_thousand_swaps_every_answer_is_wholly_old_or_wholly_new() {
    let (old, mut files) = (minimal(), minimal());
    set(&mut files, "en/pages/contact.toml", "title", "\"Write to us\"");
    let site = TestSite::with(&old);
    let bodies = [&old, &files].map(|files| TestSite::with(files).get("/contact/").body);
    std::thread::scope(|scope| {
        let swapping = scope.spawn(|| {
            let (pair, mut loader, now) = ([old, files], Loader::default(), noon(TODAY));
            let icons = icon_names();
            let review = Review {
                now: &now,
                publish: false,
                was_published: false,
                icons: &icons,
                other_paths: &route::LINKABLE,
                reserved: &route::RESERVED,
            };
            let settings = Settings {
                public_url: None,
                now: now.clone(),
                as_of: false,
                live: false,
                requests: true,
                compression: CompressionLevel::Fast,
            };
            let contents = pair.map(|files| loader.load(&files, &review).0.unwrap());
            for turn in 1..=1000 {
                let content = &contents[turn % 2];
                site.app().swap(Site::build(content, &settings, Some(&site.app().site())).unwrap());
            }
        });
        let mut seen = [0_u32; 2];
        while !swapping.is_finished() {
            let reply = site.ask(Method::GET, "/contact/", &[]).is(200);
            let which = bodies.iter().position(|body| *body == reply.body);
            seen[which.unwrap_or_else(|| panic!("neither the old page nor the new one:\n{}", reply.text()))] += 1;
        }
        swapping.join().unwrap();
        assert!(seen.iter().all(|count| *count > 0), "both were seen: {seen:?}");
    });
}

#[test]
fn while_better_bodies_take_the_place_of_others_every_validator_is_that_of_its_body() {
    let site = TestSite::with(&Files::embedded());
    let (content, now) = (check(&Files::embedded(), false).0.unwrap(), noon(TODAY));
    let settings = Settings {
        public_url: None,
        now,
        as_of: false,
        live: false,
        requests: true,
        compression: CompressionLevel::Plain,
    };
    std::thread::scope(|scope| {
        let improving = scope.spawn(|| {
            for _ in 0..4 {
                site.app().swap(Site::build(&content, &settings, None).unwrap());
                let served = site.app().site();
                let page = Arc::clone(served.answer("/medicare/").unwrap());
                served.improve(CompressionLevel::Fast, 1);
                assert_eq!(served.compression(), CompressionLevel::Plain, "one answer was improved, not all");
                served.improve(CompressionLevel::Fast, usize::MAX);
                assert_eq!(served.compression(), CompressionLevel::Fast);
                assert!(Arc::ptr_eq(&served, &site.app().site()), "the site is still the same");
                assert!(Arc::ptr_eq(&page, served.answer("/medicare/").unwrap()), "and so is the page");
                assert!(page.bodies().get(Coding::Brotli).is_some());
            }
        });
        let mut seen = BTreeSet::new();
        while !improving.is_finished() {
            for path in ["/medicare/", "/robots.txt", "/nowhere/"] {
                let reply = site.ask(Method::GET, path, &[("accept-encoding", "br, zstd;q=0.9, gzip;q=0.8")]);
                let coding = reply.header("content-encoding").to_owned();
                assert!(coding.is_empty() || reply.header("vary") == "Accept-Encoding", "{path}: {coding}");
                let (etag, own) = (reply.header("etag"), hex::encode(&Sha256::digest(&reply.body)[..16]));
                assert_eq!(
                    etag,
                    if path == "/nowhere/" { String::new() } else { format!("\"{own}\"") },
                    "{path}: {coding}"
                );
                seen.insert((path, coding));
            }
        }
        improving.join().unwrap();
        for coding in ["", "br"] {
            assert!(seen.contains(&("/medicare/", coding.to_owned())), "{coding}: {seen:?}");
        }
    });
}

#[test]
fn what_has_not_changed_is_taken_over_and_what_has_is_made_again() {
    let mut loader = Loader::default();
    let now = noon(TODAY);
    let mut load = |files: &Files| {
        let icons = icon_names();
        let review = Review {
            now: &now,
            publish: false,
            was_published: false,
            icons: &icons,
            other_paths: &route::LINKABLE,
            reserved: &route::RESERVED,
        };
        loader.load(files, &review).0.unwrap()
    };
    let settings = Settings {
        public_url: None,
        now: now.clone(),
        as_of: false,
        live: false,
        requests: true,
        compression: CompressionLevel::Fast,
    };
    let first = Site::build(&load(&Files::embedded()), &settings, None).unwrap();
    let files = edited(|files| replace(files, PAGE, "slug = \"medicare\"", "# a remark\nslug = \"medicare\""));
    let same = Site::build(&load(&files), &settings, Some(&first)).unwrap();
    let files = edited(|files| set(files, PAGE, "title", "\"Medicare\""));
    let retitled = Site::build(&load(&files), &settings, Some(&same)).unwrap();
    let files = edited(|files| set(files, "en/ui.toml", "menu", "\"Every page\""));
    let reworded = Site::build(&load(&files), &settings, Some(&retitled)).unwrap();
    let taken = |before: &Site, after: &Site, path: &str| {
        Arc::ptr_eq(before.answer(path).unwrap(), after.answer(path).unwrap())
    };
    for path in ["/medicare/", "/", "/contact.vcf"] {
        assert!(taken(&first, &same, path), "{path}: a remark changes nothing");
    }
    assert!(!taken(&same, &retitled, "/medicare/") && taken(&same, &retitled, "/contact/"));
    assert!(!taken(&retitled, &reworded, "/contact/") && taken(&retitled, &reworded, "/robots.txt"));
}

#[test]
fn a_longer_title_is_no_concern_of_other_pages_and_a_label_is() {
    const PATH: &str = "en/pages/accessibility.toml";
    let frame = |change: &dyn Fn(&mut Files)| {
        let mut files = sample();
        change(&mut files);
        check(&files, false).0.unwrap().frame
    };
    let unchanged = frame(&|_| ());
    let retitled = |files: &mut Files| set(files, PATH, "title", "\"Another\"");
    assert_eq!(frame(&retitled), unchanged, "lines that move are no change of what pages share");
    let relabelled = |files: &mut Files| replace(files, PATH, "label = \"Tests and cards\"", "label = \"Another\"");
    assert_ne!(frame(&relabelled), unchanged);
    // A page without a place in the navigation is called by its title, in the breadcrumbs of those below it.
    let placeless = |files: &mut Files| {
        let navigation = "navigation = { label = \"Tests and cards\", group = \"about\", order = 2 }\n";
        replace(files, PATH, navigation, "");
    };
    let both = |files: &mut Files| {
        placeless(files);
        retitled(files);
    };
    assert_ne!(frame(&placeless), frame(&both));
}

/// Posts to the banner of a preview from one of its pages, and returns where the answer leads.
#[track_caller]
fn choose_time(site: &Serving, body: &str) -> (u16, String) {
    let mut client = Client::new(site.address);
    let length = body.len();
    client.send(&format!(
        "POST /_preview/time HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n\
         Referer: http://localhost/medicare/?a=b\r\nContent-Length: {length}\r\n\r\n{body}"
    ));
    let answer = client.answer().unwrap();
    let to = answer.head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default().to_owned();
    (answer.status, to)
}

#[test]
fn a_preview_shows_the_site_of_another_time_and_the_findings_of_that_time() {
    let notice =
        "[[notices]]\nabout = \"closure\"\ntext = \"Closed for Christmas.\"\nstarts = 2031-12-25\nends = 2031-12-25\n";
    let content = folder(&edited(|files| files.insert("en/notices.toml", notice.into())));
    let path = content.path().to_str().unwrap();
    let is_christmas = |site: &Serving| page(site, "/contact/").contains("Closed for Christmas.");
    let site = Serving::start(&["serve", "--content", path, "--as-of", "2031-12-25T09:00", "--log", "off"]);
    assert!(is_christmas(&site) && page(&site, "/contact/").contains("Thursday, December 25, 2031, 9:00\u{a0}am"));
    assert!(page(&site, "/_preview/state").contains("expired"), "the fee for 2026 has ended by then");

    assert_eq!(choose_time(&site, "time="), (303, "/medicare/".to_owned()));
    assert!(!is_christmas(&site) && !page(&site, "/contact/").contains("2031"));
    assert_eq!(choose_time(&site, "time=2031-12-25T23%3A59"), (303, "/medicare/".to_owned()));
    assert!(is_christmas(&site), "the answer waits for the site");
    // Content with errors stays away, but its mistake doesn't hold up the clock.
    retitle(content.path(), "“Paying with Medicare”");
    soon("the finding", || page(&site, "/_preview/state").contains("curly quotes"));
    assert_eq!(choose_time(&site, "time=2031-12-26").0, 303);
    assert!(!is_christmas(&site));
    for bad in ["time=christmas", "time=2031-02-30T09:00", "day=2031-12-25", "", &format!("time={}", "1".repeat(300))] {
        assert_eq!(choose_time(&site, bad).0, 400, "{bad}");
    }
    assert_eq!(site.end("-TERM").code, Some(0));
}

#[test]
fn a_preview_of_an_earlier_time_stands_still() {
    let content = folder(&Files::embedded());
    let path = content.path().to_str().unwrap();
    let site = Serving::start(&["serve", "--content", path, "--as-of", "2026-01-05T09:00", "--log", "off"]);
    let number = || {
        let state: serde_json::Value = serde_json::from_str(&page(&site, "/_preview/state")).unwrap();
        state["state"].as_u64().unwrap()
    };
    let before = number();
    std::thread::sleep(Duration::from_millis(800));
    assert!(number() <= before + 1, "the site is built again and again");
}

#[test]
fn a_published_site_is_of_now_alone() {
    let content = folder(&without_samples());
    let path = content.path().to_str().unwrap();
    let published = ["serve", "--content", path, "--public-url", "http://localhost", "--staff-key", STAFF_KEY];
    let arguments = [&published[..], &["--as-of", "2031-12-25T09:00"]].concat();
    let ran = crate::program::run(&arguments);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--as-of") && ran.stderr.contains("--public-url"), "{}", ran.stderr);
    let site = Serving::start(&[&published[..], &["--log", "off"]].concat());
    assert_eq!(choose_time(&site, "time=2031-12-25T09:00").0, 404);
    assert!(!page(&site, "/contact/").contains("preview-time"));
}

#[test]
fn findings_name_the_page_they_are_about() {
    let content = folder(&Files::embedded());
    let site = follow(content.path());
    retitle(content.path(), "“Paying with Medicare”");
    soon("the finding", || page(&site, "/_preview/state").contains("curly quotes"));
    let state: serde_json::Value = serde_json::from_str(&page(&site, "/_preview/state")).unwrap();
    let mut files = state["findings"].as_array().unwrap().iter().map(|finding| finding["path"].as_str().unwrap());
    let file = files.find(|file| file.ends_with(PAGE)).unwrap();
    assert_eq!(state["pages"][file]["href"], "/medicare/");
    assert_eq!((&state["errors"], state["refused"].as_bool()), (&1.into(), Some(true)));
}
