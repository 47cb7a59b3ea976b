//! `/readyz` is about pages alone, and its body says what is degraded; `/readyz/requests` is 503 until requests can be written and every task runs.
//! Whatever fails, pages are 200.

use crate::connections::Client;
use crate::harness::TestSite;
use crate::harness::parts::SmallDisk;
use crate::harness::postgres::Postgres;
use crate::harness::without_samples;
use crate::program::{STAFF_KEY, Serving, folder};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

const PAGES: [&str; 5] = ["/", "/get-help-now/", "/es/", "/appointments/", "/healthz"];

/// A published site of a content folder.
fn published(content: &Path, more: &[&str]) -> Serving {
    let own = ["serve", "--public-url", "https://clinic.example", "--staff-key", STAFF_KEY, "--content"];
    Serving::start(&[&own[..], &[content.to_str().unwrap()], more].concat())
}

/// Asks again, but seldom: nobody reads the log before the end, and what finds no room in the pipe is dropped.
#[track_caller]
fn soon(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..100 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("{what}: not within 20 seconds");
}

/// The status of a path, and its text.
fn get(site: &Serving, path: &str) -> (u16, String) {
    let answer = Client::new(site.address).get(path);
    (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
}

/// Pages are served, `/readyz` names the trouble, and monitoring sees it, unless it is no trouble of the requests.
#[track_caller]
fn is_degraded(site: &Serving, trouble: &str, requests: u16) {
    // Monitoring asks, as it does all the time, and so the trouble is found within seconds.
    soon(trouble, || get(site, "/readyz/requests").0 == requests && get(site, "/readyz").1.contains(trouble));
    let (status, text) = get(site, "/readyz");
    assert_eq!(status, 200, "a balancer would take the help lines away: {text}");
    let (status, text) = get(site, "/readyz/requests");
    assert_eq!(status, requests, "{text}");
    for path in PAGES {
        assert_eq!(get(site, path).0, 200, "{path} while {trouble}");
    }
}

#[track_caller]
fn is_whole(site: &Serving) {
    soon("all is well", || get(site, "/readyz/requests") == (200, "ready\n".to_owned()));
    soon("nothing is refused", || !get(site, "/readyz").1.contains("refused"));
    assert!(!get(site, "/readyz").1.contains(LOST));
}

/// The first line of an outage has its cause, and the last says that it is over.
#[track_caller]
fn log_tells(site: Serving, cause: &str) {
    let said = site.end("-TERM").stderr;
    let lines: Vec<_> =
        said.lines().filter(|line| line.contains("ERROR") || line.contains("can be written again")).collect();
    assert!(lines.first().is_some_and(|line| line.contains(cause)), "{lines:#?}");
    assert!(lines.last().is_some_and(|line| line.contains("can be written again")), "{lines:#?}");
}

const LOST: &str = "degraded: requests for appointments can't be stored\n";

#[test]
fn a_full_disk_is_for_monitoring_and_ends_by_itself() {
    let Some(disk) = SmallDisk::mount("8m") else { return };
    let content = folder(&without_samples());
    let site = published(content.path(), &["--data-dir", disk.path().to_str().unwrap()]);
    is_whole(&site);
    let filler = disk.path().join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    drop(file);
    is_degraded(&site, LOST, 503);
    fs::remove_file(filler).unwrap();
    is_whole(&site);
    log_tells(site, "full");
}

#[test]
fn a_data_folder_that_is_gone_is_for_monitoring_and_nothing_is_begun_in_its_place() {
    let home = tempfile::tempdir().unwrap();
    let (data, aside) = (home.path().join("data"), home.path().join("aside"));
    let content = folder(&without_samples());
    let site = published(content.path(), &["--data-dir", data.to_str().unwrap()]);
    is_whole(&site);
    fs::rename(&data, &aside).unwrap();
    is_degraded(&site, LOST, 503);
    assert!(!data.join("requests.db").exists());
    if data.exists() {
        fs::remove_dir_all(&data).unwrap();
    }
    fs::rename(&aside, &data).unwrap();
    is_whole(&site);
    log_tells(site, "requests.db");
}

#[test]
fn a_database_that_is_away_is_for_monitoring_at_a_start_too() {
    let Some(server) = Postgres::start() else { return };
    let database = server.database();
    server.stop();
    let content = folder(&without_samples());
    let site = published(content.path(), &["--database", database.as_str()]);
    is_degraded(&site, LOST, 503);
    server.go_on();
    is_whole(&site);
    server.stop();
    is_degraded(&site, LOST, 503);
    server.go_on();
    is_whole(&site);
    log_tells(site, "the database");
}

#[test]
fn content_that_is_refused_or_cannot_be_read_is_named_and_requests_go_on() {
    let content = folder(&without_samples());
    let site = published(content.path(), &[]);
    is_whole(&site);
    let page = content.path().join("en/pages/medicare.toml");
    let good = fs::read(&page).unwrap();
    let refused = "degraded: newer content is refused: 1 error\n";
    let breaks: [fn(&Path); 2] = [
        |page| {
            let text = fs::read_to_string(page).unwrap();
            fs::write(page, text.replacen("slug = ", "slog = 1\nslug = ", 1)).unwrap();
        },
        |page| {
            fs::remove_file(page).unwrap();
            fs::create_dir(page).unwrap();
            fs::remove_dir(page).unwrap();
            std::os::unix::net::UnixListener::bind(page).unwrap();
        },
    ];
    for spoil in breaks {
        spoil(&page);
        is_degraded(&site, refused, 200);
        fs::remove_file(&page).unwrap();
        fs::write(&page, &good).unwrap();
        is_whole(&site);
    }
    let said = site.end("-TERM").stderr;
    assert_eq!(said.matches(" WARN newer content is refused").count(), 2, "{said}");
}

#[test]
fn a_task_that_has_ended_and_a_stop_are_told_to_the_right_one() {
    let site = TestSite::published().clone();
    let tasks = site.app().tasks();
    tasks.started("writer");
    assert!(!site.get("/readyz").is(200).text().contains("degraded"));
    tasks.ended("writer");
    assert!(site.get("/readyz").is(200).text().contains("degraded: the task `writer` has ended\n"));
    assert!(site.get("/readyz/requests").is(503).text().contains("the task `writer` has ended"));
    site.get("/").is(200);
    tasks.started("writer");
    assert!(!site.get("/readyz").is(200).text().contains("degraded"));
}

#[test]
fn a_balancer_sends_nobody_to_a_server_that_stops() {
    let site = TestSite::with(&without_samples());
    site.get("/readyz").is(200);
    site.app().stop();
    assert_eq!(site.get("/readyz").is(503).text(), "stopping\n");
    site.get("/").is(200);
}
