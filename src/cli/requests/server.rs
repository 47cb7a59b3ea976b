//! A server that is asked for its requests, by the desk's interface (docs/desk-interface.md). It is not trusted: it has ciphertexts and nothing else, is sent
//! nothing but ciphertexts, and what it answers is bounded, checked and never printed as it is.

use super::entry::{Change, Entry};
use super::refusal::{Code, LIST_TIMEOUT, ServerError};
use super::sign_in::{Challenges, SessionKey};
use crate::cli::ask::{self, AskError, Limits};
use crate::cli::clock;
use crate::requests::Reference;
use crate::requests::keys::PrivateKeys;
use crate::requests::seal::Shape;
use crate::requests::store::{Changed, Past, Row, Wanted};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use http::{HeaderMap, Request, Response};
use http_body_util::Full;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tokio_rustls::TlsConnector;
use url::Url;
use zeroize::Zeroizing;

/// How much an answer may take: a page of requests is a megabyte.
const LIMITS: Limits = Limits { within: Duration::from_secs(30), bytes: 4 * 1024 * 1024 };

/// How many requests are asked for at once, and at most in one list: some months of junk at the rate that the form allows.
const PAGE: usize = 100;
const MAX_ROWS: usize = 50_000;

/// How many changes are sent at once: as many as pass a proxy that lets 128 KiB through.
const CHANGES: usize = 12;

/// How far two clocks may be apart, in minutes.
const CLOCKS: i64 = 10;

/// A server that somebody is signed in to.
pub(super) struct Server {
    address: Url,
    tls: TlsConnector,
    session: Option<HeaderValue>,
    /// What it says the time is.
    now: Timestamp,
    /// The public keys that it seals new requests to, once it has said so.
    readers: Vec<String>,
}

/// A refusal, as it comes.
#[derive(Deserialize)]
struct Refusal {
    error: Code,
}

/// A stored request, as it comes.
#[derive(Deserialize)]
struct WireRow {
    reference: String,
    received_hour: i64,
    language: String,
    closed_day: Option<i64>,
    keys: String,
    sealed: String,
    history: Vec<WirePast>,
}

/// A change in the past, as it comes.
#[derive(Deserialize)]
struct WirePast {
    state: State,
    key: String,
    hour: i64,
}

/// The state of a request.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Waiting,
    Closed,
}

/// Where a list goes on.
#[derive(Serialize, Deserialize)]
struct Next {
    reference: String,
    received_hour: i64,
    closed_day: Option<i64>,
}

#[derive(Deserialize)]
struct ListAnswer {
    now: String,
    readers: Option<Vec<String>>,
    rows: Vec<WireRow>,
    next: Option<Next>,
}

#[derive(Deserialize)]
struct GetAnswer {
    now: String,
    row: WireRow,
}

#[derive(Deserialize)]
struct ChangeAnswer {
    results: Vec<WireChanged>,
}

/// What became of a change, as it comes.
#[derive(Deserialize)]
struct WireChanged {
    reference: String,
    result: WireResult,
    row: Option<WireRow>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireResult {
    Done,
    Changed,
    Gone,
    WrongShape,
}

impl WireRow {
    fn entry(mut self) -> Entry {
        // One for thousands of keys would take as long to be tried. What is no request stays unreadable.
        if Shape::parse(&self.sealed).is_err() {
            self.sealed = String::new();
        }
        let past = |past: WirePast| Past { closed: past.state == State::Closed, by: past.key, hour: past.hour };
        Entry {
            row: Row {
                reference: self.reference,
                received_hour: self.received_hour,
                language: self.language,
                closed_day: self.closed_day,
                keys: self.keys,
                sealed: self.sealed,
            },
            history: self.history.into_iter().map(past).collect(),
        }
    }
}

impl Server {
    /// Signs in with the first key that the server knows.
    pub(super) async fn sign_in(address: &Url, tls: TlsConnector, keys: &PrivateKeys) -> Result<Self, ServerError> {
        let now = clock::now().timestamp();
        let mut server = Self { address: address.clone(), tls, session: None, now, readers: Vec::new() };
        let challenges: Challenges = server.call("challenge", &json!({})).await?;
        let token = challenges.token(keys, &address.origin().ascii_serialization())?;
        let session: SessionKey = server.call("session", &json!({ "token": *token })).await?;
        server.session = Some(session.bearer().ok_or(ServerError::Shape("a session without a key of its own"))?);
        Ok(server)
    }

    /// Every request of a state, the newest first.
    pub(super) async fn list(&mut self, wanted: Wanted, take: impl FnMut(Entry)) -> Result<(), ServerError> {
        tokio::time::timeout(LIST_TIMEOUT, self.pages(wanted, take)).await.unwrap_or(Err(ServerError::Slow))
    }

    async fn pages(&mut self, wanted: Wanted, mut take: impl FnMut(Entry)) -> Result<(), ServerError> {
        let state = if wanted == Wanted::Closed { State::Closed } else { State::Waiting };
        let (mut after, mut seen): (Option<Next>, _) = (None, HashSet::new());
        loop {
            let page: ListAnswer = self.call("list", &json!({ "state": state, "after": after, "limit": PAGE })).await?;
            self.hear(&page.now)?;
            self.readers = page.readers.unwrap_or_default();
            let more = !page.rows.is_empty();
            for row in page.rows {
                if !seen.insert(row.reference.clone()) {
                    return Err(ServerError::Shape("a list that goes round in circles"));
                }
                if seen.len() > MAX_ROWS {
                    return Err(ServerError::Shape("a list without an end"));
                }
                take(row.entry());
            }
            match page.next {
                None => return Ok(()),
                next if more => after = next,
                Some(_) => return Err(ServerError::Shape("a list without an end")),
            }
        }
    }

    /// A request.
    pub(super) async fn get(&mut self, reference: &Reference) -> Result<Option<Entry>, ServerError> {
        let answer: GetAnswer = match self.call("get", &json!({ "reference": reference.as_str() })).await {
            Err(ServerError::Refused(Code::NotHere, _)) => return Ok(None),
            answer => answer?,
        };
        self.hear(&answer.now)?;
        if answer.row.reference != reference.as_str() {
            return Err(ServerError::Shape("another request than the one that was asked for"));
        }
        Ok(Some(answer.row.entry()))
    }

    /// Changes requests, each of which is as it was seen; what became of each, in order.
    pub(super) async fn change(&mut self, changes: &[Change]) -> Result<Vec<Changed>, ServerError> {
        let mut all = Vec::with_capacity(changes.len());
        for some in changes.chunks(CHANGES) {
            let sent = some.iter().map(|change| {
                let state = if change.to.closed { State::Closed } else { State::Waiting };
                json!({ "reference": change.reference.as_str(), "state": state, "sealed": change.to.sealed, "was": change.to.was })
            });
            let answer: ChangeAnswer = self.call("change", &json!({ "changes": sent.collect::<Vec<_>>() })).await?;
            let mut results: HashMap<String, WireChanged> =
                answer.results.into_iter().map(|result| (result.reference.clone(), result)).collect();
            for change in some {
                let result = results.remove(change.reference.as_str());
                let result = result.ok_or(ServerError::Shape("nothing about a request that was changed"))?;
                all.push(match (result.result, result.row) {
                    (WireResult::Done, _) => Changed::Done,
                    (WireResult::Gone, _) => Changed::Gone,
                    (WireResult::Changed, Some(row)) => Changed::Other(row.entry().row),
                    (WireResult::Changed, None) => return Err(ServerError::Shape("a request without what it is now")),
                    (WireResult::WrongShape, _) => return Err(ServerError::Refused(Code::WrongShape, None)),
                });
            }
        }
        Ok(all)
    }

    /// Ends the session. If that fails, it ends by itself.
    pub(super) async fn end(self) {
        let _: Result<serde_json::Value, _> = self.call("end", &json!({})).await;
    }

    /// The time by the server, which all times are of.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// The public keys that it seals new requests to, as far as it said.
    pub(super) fn readers(&self) -> &[String] {
        &self.readers
    }

    fn hear(&mut self, now: &str) -> Result<(), ServerError> {
        self.now = now.parse().map_err(|_| ServerError::Shape("no time"))?;
        Ok(())
    }

    /// By how many minutes this computer's clock is ahead of the server's, if that is more than a few.
    pub(super) fn clock_off(&self) -> Option<i64> {
        let minutes = clock::now().timestamp().duration_since(self.now).as_mins();
        Some(minutes).filter(|minutes| minutes.abs() > CLOCKS)
    }

    async fn call<T: DeserializeOwned>(&self, name: &str, body: &impl Serialize) -> Result<T, ServerError> {
        // It may hold a token: with room for one, so that it isn't copied as it grows.
        let mut bytes = Zeroizing::new(Vec::with_capacity(256));
        serde_json::to_writer(&mut *bytes, body).map_err(|_| ServerError::Shape("a question that can't be asked"))?;
        let mut request = Request::post(format!("{}desk/api/{name}", self.address));
        if let Some(headers) = request.headers_mut() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers.extend(self.session.clone().map(|session| (AUTHORIZATION, session)));
        }
        let request = request
            .body(Full::new(Bytes::from_owner(bytes)))
            .map_err(|_| AskError::Address("the address can't be asked"))?;
        let answer = ask::send(request, |_| Ok(self.tls.clone()), LIMITS).await?;
        read(&answer)
    }
}

fn read<T: DeserializeOwned>(answer: &Response<Bytes>) -> Result<T, ServerError> {
    let (status, headers) = (answer.status(), answer.headers());
    if status.is_success() {
        return serde_json::from_slice(answer.body()).map_err(|_| {
            if is_json(headers) {
                ServerError::Shape("other words than this program knows")
            } else {
                ServerError::NotADesk(status)
            }
        });
    }
    if status.is_redirection() {
        let to = headers.get(LOCATION).and_then(|to| Url::parse(to.to_str().ok()?).ok());
        return Err(ServerError::Redirected(to.map(|to| to.origin().ascii_serialization())));
    }
    let refusal = serde_json::from_slice::<Refusal>(answer.body()).map_err(|_| ServerError::NotADesk(status))?;
    let wait = headers.get(RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
    Err(ServerError::Refused(refusal.error, wait))
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}
