//! The front desk's interface, asked through the service that answers the site: who gets in, what is sent, and what changes. `docs/desk-interface.md` is
//! the contract.

mod access;
mod answers;
mod calls;

use crate::harness::stores::written;
use crate::harness::{Reply, TODAY, TestSite, noon};
use crate::sealed::Kept;
use age::armor::ArmoredReader;
use axum::body::Body;
use axum::http::{Method, Request};
use clinic_site::desk::{self, Desk, Origin};
use clinic_site::http::{App, Intake, Rates, SiteService};
use clinic_site::requests::inbox::Inbox;
use clinic_site::requests::keys::{PrivateKeys, PublicKeys, fingerprint};
use clinic_site::requests::seal::{open, seal};
use clinic_site::requests::store::hash;
use clinic_site::requests::{Closing, Line, Lines, Outcome, Reference};
use http_body_util::BodyExt;
use hyper::service::Service;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::cell::Cell;
use std::io::Read;
use std::num::NonZeroU32;
use std::sync::Arc;
use tokio::runtime::Runtime;

pub const ANA: &str = "name=Ana+Test&phone=916-555-0100&message=discreet&times=morning&language=spanish&note=Call+late";
pub const BEN: &str = "name=Ben&phone=916-555-0101&message=no&times=evening";

/// The origin of the site that is asked.
pub const SITE: &str = "https://clinic.example";

thread_local! {
    /// How many seconds after noon it is: a test and all that it asks run on one thread.
    static LATER: Cell<i64> = const { Cell::new(0) };
}

fn clock() -> Timestamp {
    Timestamp::from_second(noon(TODAY).timestamp().as_second() + LATER.get()).unwrap()
}

/// Lets time pass.
fn pass(seconds: i64) {
    LATER.set(LATER.get() + seconds);
}

/// A server with a front desk, over the store of a test.
struct Front {
    desk: Arc<Desk>,
    service: SiteService,
    app: App,
    runtime: Runtime,
}

impl Front {
    fn of(kept: &Kept) -> Self {
        Self::with(kept, &kept.keys.public().unwrap(), Origin::Published(SITE.to_owned()))
    }

    /// A server that seals to other keys, or is asked as another origin.
    fn with(kept: &Kept, keys: &PublicKeys, origin: Origin) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let site = if matches!(origin, Origin::Published(_)) { TestSite::published() } else { TestSite::shipped() };
        let (desk, app) = runtime.block_on(async {
            let store = Arc::new(kept.store());
            let inbox = written(Inbox::new(keys.clone(), Arc::clone(&store), clock, None).unwrap());
            let many = NonZeroU32::new(1000).unwrap();
            let trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
            let rates = Rates { per_network: many, in_all: many, trusted_proxies, is_behind_proxy: false };
            let app = site.app().clone().with_intake(Intake::new(inbox, rates, None));
            (Desk::for_server(store, clock, 30, keys, origin), app)
        });
        let service = SiteService::with_staff(app.clone(), desk::router(&desk));
        Self { desk, service, app, runtime }
    }

    /// Asks; `test-peer` among the headers is where from.
    fn ask(&self, method: &Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Reply {
        self.runtime.block_on(self.asking(method, path, headers, body))
    }

    async fn asking(&self, method: &Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        let given = |name: &str| headers.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
        if given("host").is_none() {
            request = request.header("host", "clinic.example");
        }
        for (name, value) in headers.iter().filter(|(name, _)| *name != "test-peer") {
            request = request.header(*name, *value);
        }
        let asked = format!("{method} {path} {headers:?}");
        let peer = given("test-peer").unwrap_or("192.0.2.1:1").parse().unwrap();
        let response = self.service.with_peer(peer).call(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply { asked, status: parts.status, headers: parts.headers, body }
    }

    fn get(&self, path: &str) -> Reply {
        self.ask(&Method::GET, path, &[], "")
    }

    /// A call as a page from a disk makes it.
    fn call(&self, name: &str, session: &str, body: &Value) -> Reply {
        self.call_from("192.0.2.1:1", name, session, body)
    }

    fn call_from(&self, peer: &str, name: &str, session: &str, body: &Value) -> Reply {
        self.runtime.block_on(self.calling(peer, name, session, body))
    }

    async fn calling(&self, peer: &str, name: &str, session: &str, body: &Value) -> Reply {
        let bearer = format!("Bearer {session}");
        let mut headers = vec![("content-type", "application/json"), ("origin", "null"), ("test-peer", peer)];
        if !session.is_empty() {
            headers.push(("authorization", &bearer));
        }
        self.asking(&Method::POST, &format!("/desk/api/{name}"), &headers, body.to_string()).await
    }

    /// The five lines of each challenge that these keys open.
    fn challenged(&self, keys: &PrivateKeys) -> Vec<String> {
        let answer = answer(&self.call("challenge", "", &json!({})).is(200));
        let all = answer["challenges"].as_array().unwrap();
        all.iter().filter_map(|sealed| opened(keys, sealed.as_str().unwrap())).collect()
    }

    /// The session of who has these keys.
    fn sign_in(&self, keys: &PrivateKeys) -> String {
        let challenge = self.challenged(keys).remove(0);
        let token = challenge.lines().nth(4).unwrap();
        let session = answer(&self.call("session", "", &json!({ "token": token })).is(200));
        assert_eq!(session["key"], own_fingerprint(keys));
        session["session"].as_str().unwrap().to_owned()
    }

    /// The row of a request, as it is sent.
    fn row(&self, session: &str, reference: &Reference) -> Value {
        answer(&self.call("get", session, &json!({ "reference": reference.as_str() })).is(200))["row"].take()
    }

    fn change(&self, session: &str, changes: &[Value]) -> Value {
        answer(&self.call("change", session, &json!({ "changes": changes })).is(200))["results"].take()
    }
}

/// What an answer holds.
#[track_caller]
fn answer(reply: &Reply) -> Value {
    assert_eq!(reply.header("content-type"), "application/json", "{}", reply.asked);
    serde_json::from_slice(&reply.body).unwrap_or_else(|error| panic!("{}: {error}", reply.asked))
}

/// Which error an answer is.
#[track_caller]
fn code(reply: &Reply) -> (u16, String) {
    let answer = answer(reply);
    assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
    (reply.status.as_u16(), answer["error"].as_str().unwrap().to_owned())
}

fn own_fingerprint(keys: &PrivateKeys) -> String {
    fingerprint(&keys.public().unwrap().texts()[0])
}

/// What was sealed to some keys, or nothing.
fn opened(keys: &PrivateKeys, sealed: &str) -> Option<String> {
    let identities: Vec<age::x25519::Identity> =
        keys.file(&[]).lines().filter(|line| !line.starts_with('#')).map(|line| line.parse().unwrap()).collect();
    let decryptor = age::Decryptor::new_buffered(ArmoredReader::new(sealed.as_bytes())).unwrap();
    let mut text = String::new();
    let identities = identities.iter().map(|key| key as &dyn age::Identity);
    decryptor.decrypt(identities).ok()?.read_to_string(&mut text).unwrap();
    Some(text)
}

/// The change that closes a request, or opens it again, as a page makes it of a row.
fn closing(keys: &PrivateKeys, row: &Value, note: Option<&str>) -> Value {
    let sealed = row["sealed"].as_str().unwrap();
    let mut request = open(keys, sealed).unwrap();
    request.closing = note.map(|note| Closing {
        outcome: Outcome::Booked,
        note: Lines::new(note),
        at: Line::new("2026-11-23T20:00:00Z"),
    });
    let again = seal(&keys.public().unwrap(), &request).unwrap();
    let state = if note.is_some() { "closed" } else { "waiting" };
    json!({ "reference": row["reference"], "state": state, "sealed": again, "was": hash(sealed) })
}
