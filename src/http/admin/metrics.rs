//! The metrics, for Prometheus. `docs/metrics.md` lists them, and a test compares it.
//!
//! They hold nothing about any single person: counts, ages by the full hour, and what doesn't work.

use super::Process;
use crate::http::app::{App, ContentStatus, Serving};
use crate::http::intake::Intake;
use crate::http::respond;
use crate::http::staff::StaffCounts;
use crate::requests::mail::MailStatus;
use crate::requests::store::{StoreError, Wanted};
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Response};
use jiff::Timestamp;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long a scrape waits for the store.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);

/// Metrics with one label.
type Gauges<V> = Family<[(&'static str, V); 1], Gauge>;
type Counters<V> = Family<[(&'static str, V); 1], Counter>;

/// The answer to a scrape.
pub(super) async fn answer(app: &App, process: &Process) -> Response<Body> {
    let now = (process.now)();
    let seconds = now.timestamp().as_second();
    let mut metrics = Metrics(Registry::with_prefix("clinic_site"));
    metrics.process(process);
    metrics.content(app, seconds);
    let overdue = app.site().overdue(&now);
    metrics.gauge("facts_overdue", "Facts and figures whose last day has passed: pages do without them", overdue.facts);
    metrics.gauge("reviews_overdue", "Pages that should have been read again", overdue.reviews);
    metrics.troubles(app);
    if let Some(counts) = &process.staff {
        metrics.staff(counts);
    }
    if let Some(intake) = app.intake() {
        metrics.requests(intake);
        if let Some(mails) = intake.mails() {
            metrics.mails(mails);
        }
        metrics.store(intake, seconds, process.staff.is_some()).await;
    }
    let mut text = String::new();
    let _ = encode(&mut text, &metrics.0);
    let mut response = respond::text(text);
    let format = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, format);
    response
}

struct Metrics(Registry);

impl Metrics {
    fn gauge(&mut self, name: &str, help: &str, value: impl TryInto<i64>) {
        self.0.register(name, help, ConstGauge::new(value.try_into().unwrap_or(i64::MAX)));
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.0.register(name, help, ConstCounter::new(value));
    }

    fn count(&mut self, name: &str, help: &str, count: &AtomicU64) {
        self.counter(name, help, count.load(Ordering::Relaxed));
    }

    /// What the process is and does, whatever it serves.
    fn process(&mut self, process: &Process) {
        let build = Info::new([("version", process.version), ("commit", process.commit)]);
        self.0.register("build", "The program that runs", build);
        self.counter("log_lines_dropped", "Lines that the log had no room for", (process.dropped)());
        let connections = Counters::default();
        for (outcome, count) in process.connections.all() {
            add(&connections, &[("outcome", outcome)], count);
        }
        let help = "Connections of the site that have ended: after answers, without a request, too slow, not HTTP, without TLS where it is spoken, of a \
             network with too many, not accepted by the system";
        self.0.register("connections", help, connections);
    }

    /// What is served, and what is known of newer content. `now` is in seconds since 1970.
    fn content(&mut self, app: &App, now: i64) {
        let status @ ContentStatus { refused, unsaved, .. } = &app.content_status();
        let revision = Info::new([("revision", app.site().revision().to_owned())]);
        self.0.register("content", "The content that is served", revision);
        let saved = matches!(status.serving, Serving::SavedContent(_) | Serving::SavedPages(_));
        self.gauge(
            "content_refused",
            "1 if newer content has errors and the site is older than its folder",
            i64::from(*refused),
        );
        if let Some(since) = status.refused_since {
            let since = now.saturating_sub(i64::try_from(since.elapsed().as_secs()).unwrap_or(i64::MAX));
            let help = "Since when newer content is refused without a break, as far as this process knows, in seconds since 1970; left out while none is";
            self.seconds("content_refused_since_timestamp", help, since);
        }
        self.gauge(
            "content_saved_served",
            "1 if saved content or pages are served, because the folder has had errors since the start",
            i64::from(saved),
        );
        self.gauge(
            "content_unsaved",
            "1 if the site can't be saved for a restart with errors in the content",
            i64::from(*unsaved),
        );
        self.gauge("content_errors", "Errors in the newest content", status.findings.errors);
        let responses = Counters::default();
        for (code, count) in app.statuses().all() {
            add(&responses, &[("status", u32::from(code))], count);
        }
        self.0.register("responses", "Answers of the site, by status", responses);
        if let Some(ends) = app.certificate() {
            let help = "When the certificate in use ends, in seconds since 1970";
            self.seconds("certificate_not_after_timestamp", help, ends);
        }
    }

    /// What doesn't work, and the tasks of the server.
    fn troubles(&mut self, app: &App) {
        let troubles = Gauges::default();
        for name in app.troubles().into_keys() {
            troubles.get_or_create(&[("what", name)]).set(1);
        }
        self.0.register("trouble", "1 while something doesn't work as it should; the log has the cause", troubles);
        let (running, restarts) = (Gauges::default(), Counters::default());
        for (name, state) in app.tasks().states() {
            running.get_or_create(&[("task", name)]).set(i64::from(state.is_running));
            add(&restarts, &[("task", name)], state.restarts);
        }
        self.0.register("task_running", "1 while a task of the server runs", running);
        self.0.register("task_restarts", "How often a task has ended and was started again", restarts);
    }

    /// What became of requests for appointments since the start; nothing about any single one.
    fn requests(&mut self, intake: &Intake) {
        let (inbox, counts) = (intake.inbox().counts(), intake.counts());
        for (name, help, count) in [
            ("requests_kept", "Requests for appointments that were stored", &inbox.stored),
            ("requests_failed", "Requests that could not be stored; their senders were asked to call", &inbox.failed),
            ("requests_mistaken", "Forms shown again with mistakes", &counts.mistaken),
            ("requests_limited", "Requests refused because there were too many", &counts.limited),
            ("requests_malformed", "Posts that no browser makes from the form", &counts.malformed),
        ] {
            self.count(name, help, count);
        }
        let proxies = Gauges::default();
        for (what, is_seen) in intake.proxies().seen() {
            proxies.get_or_create(&[("what", what)]).set(i64::from(is_seen));
        }
        let help = "1 if such a proxy was seen since the start: one that names its visitors (sound), a trusted one that doesn't (silent), one of our own \
             that isn't trusted (untrusted), somebody else who names visitors (stranger)";
        self.0.register("proxies_seen", help, proxies);
    }

    fn mails(&mut self, mails: &MailStatus) {
        for (name, help, count) in [
            ("mails_sent", "Messages to staff that the mail server accepted", &mails.sent),
            ("mails_failed", "Tries to send a message that failed", &mails.failed),
            ("mails_refused", "Messages that the mail server refused for good", &mails.refused),
        ] {
            self.count(name, help, count);
        }
        let (refused, late) = mails.unreached_counts();
        for (name, help, count) in [
            ("mail_addresses_refused", "Addresses of staff that the mail server refuses", refused),
            ("mail_addresses_late", "Addresses of staff that could not be reached for 15 minutes or more", late),
        ] {
            self.gauge(name, help, count);
        }
    }

    /// What became of the staff's calls since the start; nothing about any single one, nor whose key it was.
    fn staff(&mut self, counts: &StaffCounts) {
        let signing_in = Counters::default();
        for (outcome, count) in [
            ("challenge", &counts.challenges),
            ("signed_in", &counts.signed_in),
            ("refused", &counts.refused),
            ("limited", &counts.limited),
        ] {
            add(&signing_in, &[("outcome", outcome)], count.load(Ordering::Relaxed));
        }
        let help = "Calls of the front desk by those who were not signed in: challenges that were given, sessions that began, tokens that were wrong, \
             calls that were too many";
        self.0.register("desk_sign_ins", help, signing_in);
        let changes = Counters::default();
        for (result, count) in [("done", &counts.changed), ("overtaken", &counts.overtaken), ("unfit", &counts.unfit)] {
            add(&changes, &[("result", result)], count.load(Ordering::Relaxed));
        }
        let help = "Requests that staff closed or opened again by the front desk: done, overtaken by somebody else, unfit (not there any more, or not sealed)";
        self.0.register("desk_changes", help, changes);
        self.gauge(
            "desk_waits",
            "Calls of the front desk that wait for changes",
            counts.waiting.load(Ordering::Relaxed),
        );
    }

    /// What waits in the store, and whether it is written. `now` is in seconds since 1970.
    async fn store(&mut self, intake: &Intake, now: i64, has_desk: bool) {
        let help = "When a request, or what is written to try it, was last stored by this process, in seconds since 1970; 0 if nothing was yet";
        let written = intake.inbox().health().last_write().map_or(0, Timestamp::as_second);
        self.seconds("store_last_write_timestamp", help, written);
        let store = intake.inbox().store();
        let waiting = tokio::time::timeout(STORE_TIMEOUT, async {
            Ok::<_, StoreError>((store.count(Wanted::Waiting).await?, store.unsent().await?, store.oldest().await?))
        });
        // Left out while the store is away: better no number than a wrong one.
        let Ok(Ok((waiting, unsent, oldest))) = waiting.await else { return };
        let age = |received: Option<i64>| received.map_or(0, |received| now.saturating_sub(received).max(0));
        self.gauge("requests_waiting", "Requests that staff have not closed", waiting);
        let help = "How long the oldest request waits that staff have not closed, counted from the full hour in which it came, as only that is stored: \
             up to an hour too long; 0 if none waits";
        self.seconds("requests_oldest_waiting", help, age(oldest.request));
        self.gauge("mails_waiting", "Messages to staff that have not been sent", unsent);
        if has_desk {
            let sessions = tokio::time::timeout(STORE_TIMEOUT, store.sessions(now)).await;
            if let Ok(Ok(sessions)) = sessions {
                self.gauge(
                    "desk_sessions",
                    "Sessions of the front desk that have not ended, on all replicas",
                    sessions,
                );
            }
        }
        let help = "How long the oldest request waits of which somebody on the staff is still to be notified by mail, counted in the same way; 0 if all are notified";
        self.seconds("mails_oldest_waiting", help, age(oldest.mail));
    }

    /// A number of seconds; its name ends so.
    fn seconds(&mut self, name: &str, help: &str, value: i64) {
        self.0.register_with_unit(name, help, Unit::Seconds, ConstGauge::new(value));
    }
}

fn add<L>(counters: &Family<L, Counter>, labels: &L, count: u64)
where
    L: Clone + std::hash::Hash + Eq + EncodeLabelSet,
{
    counters.get_or_create(labels).inc_by(count);
}
