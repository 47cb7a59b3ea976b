//! The metrics, the list of them in the documents, and what is made of them: alert rules, which Prometheus' own tool tries, and a dashboard.
//!
//! `UPDATE=1 cargo test` writes the table of `docs/metrics.md` anew.

use crate::connections::Client;
use crate::content::minimal;
use crate::harness::parts::program_of;
use crate::harness::ports::free_address;
use crate::harness::stores::{block_on, set_closed, written};
use crate::harness::{TODAY, TestSite, edited, noon, process, set};
use crate::program::{Serving, soon};
use crate::schema::holds;
use axum::body::Body;
use axum::http::Request;
use clinic_site::content::agenda::{Agenda, DueDays};
use clinic_site::http::{App, Findings, Intake, Rates, admin_router};
use clinic_site::lang::Lang;
use clinic_site::requests::Reference;
use clinic_site::requests::inbox::Inbox;
use clinic_site::requests::keys::PrivateKeys;
use clinic_site::requests::mail::MailStatus;
use clinic_site::requests::store::{Location, NewRow, Store};
use http_body_util::BodyExt;
use jiff::civil::date;
use regex::Regex;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::num::NonZeroU32;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use tempfile::TempDir;

const DOCUMENT: &str = "docs/metrics.md";
const RULES: &str = "packaging/prometheus/alerts.yml";
const RULE_TESTS: &str = "packaging/prometheus/alerts.test.yml";
const DASHBOARD: &str = "packaging/prometheus/dashboard.json";

/// How the names of our metrics begin.
const PREFIX: &str = "clinic_site_";

/// An application with a store in this folder and whatever can be measured; must be called within a tokio runtime.
fn app(site: &TestSite, store: &Arc<Store>) -> App {
    let keys = PrivateKeys::generate().public().unwrap();
    let inbox = written(Inbox::new(keys, Arc::clone(store), || noon(TODAY).timestamp(), None).unwrap());
    let many = NonZeroU32::new(1000).unwrap();
    let rates = Rates { per_network: many, in_all: many, trusted_proxies: Vec::new(), is_behind_proxy: false };
    site.app().clone().with_intake(Intake::new(inbox, rates, Some(Arc::new(MailStatus::default()))))
}

async fn scrape(app: &App) -> String {
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(admin_router(app.clone(), process()), request).await.unwrap();
    assert_eq!(response.status(), 200);
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}

/// The value of a metric, with its labels as they are printed.
fn value(metrics: &str, name: &str) -> Option<i64> {
    let start = format!("{PREFIX}{name} ");
    metrics.lines().find_map(|line| line.strip_prefix(&start)?.parse().ok())
}

/// The seconds of the suite's day.
fn now() -> i64 {
    noon(TODAY).timestamp().as_second()
}

/// A row of the table for each metric, by what the server prints of it.
fn table(metrics: &str) -> String {
    let field = |what: &str| -> BTreeMap<&str, &str> {
        let start = format!("# {what} {PREFIX}");
        metrics.lines().filter_map(|line| line.strip_prefix(&start)?.split_once(' ')).collect()
    };
    let (types, helps) = (field("TYPE"), field("HELP"));
    let rows = types.into_iter().map(|(name, kind)| {
        let name = match kind {
            "counter" => format!("{PREFIX}{name}_total"),
            "info" => format!("{PREFIX}{name}_info"),
            _ => format!("{PREFIX}{name}"),
        };
        let labels: BTreeSet<&str> = metrics
            .lines()
            .filter_map(|line| line.strip_prefix(&name)?.strip_prefix('{')?.split_once('}'))
            .flat_map(|(labels, _)| labels.split(',').filter_map(|label| label.split_once('=')))
            .map(|(label, _)| label)
            .collect();
        let labels: Vec<String> = labels.into_iter().map(|label| format!("`{label}`")).collect();
        let help = helps[name.trim_start_matches(PREFIX).trim_end_matches("_total").trim_end_matches("_info")];
        format!("| `{name}` | {kind} | {} | {} |\n", labels.join(", "), help.trim_end_matches('.'))
    });
    rows.collect()
}

#[test]
fn the_document_lists_what_the_server_measures() {
    let (site, folder) = (TestSite::with(&minimal()), TempDir::new().unwrap());
    site.get("/");
    let metrics = block_on(async {
        let store = Arc::new(Store::new(Location::Folder(folder.path().join("data"))).unwrap());
        let app = app(&site, &store);
        app.report_findings(Findings { errors: 1, ..Findings::default() });
        app.set_trouble("certificate", Some("it has expired".to_owned()));
        app.set_certificate(Some(0));
        app.tasks().started("writer");
        scrape(&app).await
    });
    let document = fs::read_to_string(DOCUMENT).unwrap();
    let (before, _) = document.split_once("|---|---|---|---|\n").unwrap();
    holds(Path::new(DOCUMENT), &format!("{before}|---|---|---|---|\n{}", table(&metrics)));
}

#[test]
fn how_long_somebody_has_waited_is_measured_from_the_hour_that_is_stored() {
    let (site, folder) = (TestSite::with(&minimal()), TempDir::new().unwrap());
    block_on(async {
        let store = Arc::new(Store::new(Location::Folder(folder.path().join("data"))).unwrap());
        let app = app(&site, &store);
        let ages = async || {
            let metrics = scrape(&app).await;
            let names = [
                "requests_waiting",
                "requests_oldest_waiting_seconds",
                "mails_waiting",
                "mails_oldest_waiting_seconds",
            ];
            names.map(|name| value(&metrics, name).unwrap_or_else(|| panic!("no {name} in\n{metrics}")))
        };
        assert_eq!(ages().await, [0; 4]);
        let row = |number: u8, hours: i64| NewRow {
            reference: Reference::from_random([number; 5]),
            received_hour: now() - now() % 3600 - hours * 3600,
            language: Lang::En,
            keys: "0123abcd".to_owned(),
            sealed: "sealed".to_owned(),
        };
        // Noon: the hour has just begun.
        store.add(&[row(1, 3), row(2, 5)], false).await.unwrap();
        store.add(&[row(3, 2)], true).await.unwrap();
        assert_eq!(ages().await, [3, 5 * 3600, 1, 2 * 3600]);
        set_closed(&store, &row(2, 5).reference, Some(20_800), "closed").await;
        assert_eq!(ages().await, [2, 3 * 3600, 1, 2 * 3600], "a closed one waits no more");
        assert_eq!(value(&scrape(&app).await, "store_last_write_timestamp_seconds"), Some(0), "not by the inbox");
        let intake = app.clone();
        soon("a probe", || {
            let ready = Request::get("/readyz/requests").body(Body::empty()).unwrap();
            let asked = tower::ServiceExt::oneshot(admin_router(intake.clone(), process()), ready);
            std::thread::scope(|scope| scope.spawn(|| block_on(asked)).join().unwrap().unwrap().status() == 200)
        });
        assert_eq!(value(&scrape(&app).await, "store_last_write_timestamp_seconds"), Some(now()));
        // Better no number than a wrong one.
        fs::rename(folder.path().join("data"), folder.path().join("away")).unwrap();
        let metrics = scrape(&app).await;
        assert!(value(&metrics, "requests_waiting").is_none() && !metrics.contains("oldest"), "{metrics}");
    });
}

#[test]
fn content_that_is_refused_is_measured_from_its_first_error_to_its_last() {
    let (site, folder) = (TestSite::with(&minimal()), TempDir::new().unwrap());
    block_on(async {
        let store = Arc::new(Store::new(Location::Folder(folder.path().join("data"))).unwrap());
        let app = app(&site, &store);
        let since = async || value(&scrape(&app).await, "content_refused_since_timestamp_seconds");
        assert_eq!(since().await, None);
        for errors in [1, 2] {
            app.report_findings(Findings { errors, ..Findings::default() });
            let since = since().await.unwrap();
            assert!((now() - 5..=now()).contains(&since), "{since}");
        }
        app.report_findings(Findings::default());
        assert_eq!(since().await, None);
    });
}

#[test]
fn what_is_overdue_is_what_the_agenda_lists_as_late() {
    let mut some = 0;
    for files in [edited(|_| {}), crate::harness::with_all_facts()] {
        for day in [TODAY, date(2027, 6, 1), date(2035, 1, 1)] {
            let (Some(content), _) = crate::harness::check_on(&files, false, day) else { panic!("{day}") };
            let overdue = DueDays::new(&content).overdue(day);
            let agenda = Agenda::new(&content, &noon(day), 0);
            let late = |key: &str| {
                agenda.lists.iter().find(|list| list.key == key).unwrap().rows.iter().filter(|row| row.late).count()
            };
            assert_eq!((overdue.facts, overdue.reviews), (late("expiring_facts"), late("reviews")), "{day}");
            some += overdue.facts + overdue.reviews;
        }
    }
    assert!(some > 0);
    let mut files = minimal();
    set(&mut files, "en/pages/home.toml", "next_review", "2026-11-22");
    let site = TestSite::with(&files);
    let metrics = block_on(scrape(site.app()));
    assert_eq!((value(&metrics, "reviews_overdue"), value(&metrics, "facts_overdue")), (Some(1), Some(0)), "{metrics}");
    assert!(metrics.contains("clinic_site_build_info{version=\"0.0.0\",commit=\"abc1234\"} 1"), "{metrics}");
}

#[test]
fn connections_and_answers_are_counted_by_what_became_of_them() {
    let admin = free_address();
    let server = Serving::start(&["serve", "--admin-listen", &admin.to_string()]);
    let mut client = Client::new(server.address);
    for (path, status) in [("/", 200), ("/nowhere/", 404), ("/contact", 308), ("/", 200)] {
        assert_eq!(client.get(path).status, status);
    }
    drop(client);
    let send = |bytes: &[u8]| {
        let mut stream = TcpStream::connect(server.address).unwrap();
        stream.write_all(bytes).unwrap();
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    };
    send(b"\x16\x03\x01 is no HTTP\r\n\r\n");
    send(b"");
    send(b"POST /appointments/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\na=b");
    let metrics = || String::from_utf8(Client::new(admin).get("/metrics").body).unwrap();
    let count = |name: &str, label: &str| value(&metrics(), &format!("{name}_total{{{label}}}")).unwrap_or_default();
    for (label, wanted) in [
        ("outcome=\"answered\"", 2),
        ("outcome=\"unused\"", 1),
        ("outcome=\"malformed\"", 1),
        ("outcome=\"timed_out\"", 0),
    ] {
        soon(label, || count("connections", label) == wanted);
    }
    for (status, wanted) in [(200, 2), (404, 1), (308, 1), (422, 1)] {
        assert_eq!(count("responses", &format!("status=\"{status}\"")), wanted, "{status}: {}", metrics());
    }
    assert_eq!(server.end("-TERM").code, Some(0));
}

/// The metrics that a text names.
fn named(text: &str) -> BTreeSet<String> {
    let name = Regex::new("clinic_site_[a-z_]+").unwrap();
    name.find_iter(text).map(|found| found.as_str().to_owned()).collect()
}

#[test]
fn the_rules_and_the_dashboard_name_metrics_that_there_are() {
    let document = fs::read_to_string(DOCUMENT).unwrap();
    let rows = document.lines().filter(|line| line.starts_with("| `clinic_site_"));
    let known: BTreeSet<String> = rows.flat_map(|row| named(row.split('|').nth(1).unwrap())).collect();
    assert!(known.len() >= 32, "{known:?}");
    for file in [RULES, RULE_TESTS, DASHBOARD] {
        let text = fs::read_to_string(file).unwrap();
        let lost: Vec<_> = named(&text).into_iter().filter(|name| !known.contains(name)).collect();
        assert!(lost.is_empty(), "{file} names {lost:?}, which the server doesn't measure");
    }
    // What visitors and staff would not see by themselves is both shown and called for.
    let [rules, dashboard] = [RULES, DASHBOARD].map(|file| named(&fs::read_to_string(file).unwrap()));
    for name in
        ["requests_oldest_waiting_seconds", "store_last_write_timestamp_seconds", "content_refused", "facts_overdue"]
    {
        let name = format!("{PREFIX}{name}");
        assert!(rules.iter().any(|rule| rule.starts_with(&name)) && dashboard.contains(&name), "{name}");
    }
    let dashboard: Value = serde_json::from_str(&fs::read_to_string(DASHBOARD).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() > 10 && panels.iter().all(|panel| panel["targets"][0]["expr"].is_string()));
}

#[test]
fn each_alert_says_what_to_do_and_is_tried() {
    let (rules, tests) = (fs::read_to_string(RULES).unwrap(), fs::read_to_string(RULE_TESTS).unwrap());
    let alerts: Vec<&str> = rules.split("- alert: ").skip(1).collect();
    assert!(alerts.len() >= 15, "{alerts:?}");
    for alert in alerts {
        let name = alert.lines().next().unwrap();
        for part in ["severity: ", "summary: ", "description: ", "runbook: docs/operating.md#alerts"] {
            assert!(alert.contains(part), "{name} has no {part:?}");
        }
        assert!(
            tests.contains(&format!("alertname=\"{name}\"")) || tests.contains(&format!("alertname: {name}")),
            "{name} is not tried"
        );
    }
    let Some(promtool) = program_of("prometheus", "promtool") else { return };
    for arguments in [
        &["check", "rules", "alerts.yml"][..],
        &["test", "rules", "alerts.test.yml"],
        &["check", "config", "scrape.example.yml"],
    ] {
        let folder = Path::new(RULES).parent().unwrap();
        let ran = Command::new(&promtool).args(arguments).current_dir(folder).output().unwrap();
        assert!(
            ran.status.success(),
            "{arguments:?}: {}{}",
            String::from_utf8_lossy(&ran.stdout),
            String::from_utf8_lossy(&ran.stderr)
        );
    }
}
