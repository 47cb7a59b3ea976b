//! Signing in without a password: the server seals a token to each staff key, and who sends it back has the key that opens it.
//!
//! What is sealed has one form, which names the server, the purpose and the end. Whoever opens it refuses any other, so no server can have a request
//! opened by passing it off as a challenge, and none can have another server's challenge answered.
//!
//! A token is good once, a session for [`SESSION`] or until nobody has called for an hour. The store has hashes of both, which all replicas share. A key that is
//! taken from a server ends its sessions there: each call asks whether it is one of its keys.

use super::Desk;
use super::shape::{Answer, Asked, Nothing, Refusal};
use crate::http::{Caller, StaffCounts, is_loopback_name};
use crate::requests::keys::{PublicKeys, fingerprint};
use crate::requests::seal::seal_text;
use crate::requests::store::{NewToken, TokenKind, hash};
use axum::Router;
use axum::extract::{Extension, FromRequestParts, State};
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::request::Parts;
use axum::http::uri::{Authority, Scheme};
use axum::http::{HeaderMap, Uri};
use axum::routing::post;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The minutes within which a challenge has to be answered.
const CHALLENGE_MINUTES: i64 = 5;
/// How long a session lasts at most: a working day, in seconds.
const SESSION: i64 = 12 * 3600;
/// When to try again, if too many challenges or sessions are open.
const FULL: Duration = Duration::from_mins(1);
/// At most so many sessions are known to this process as good ones.
const MAX_KNOWN: usize = 4096;

/// The address of a server, as browsers name it: a scheme, a name and perhaps a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// That of a published site. What a request names its host by has no say.
    Published(String),
    /// A preview's: as this computer was named, by one of the names that only this computer can have.
    Preview(Scheme),
}

impl Origin {
    /// The origin that a request asks; `None`: a preview by a name that isn't this computer's alone.
    pub(super) fn asked(&self, headers: &HeaderMap, uri: &Uri) -> Option<String> {
        match self {
            Self::Published(origin) => Some(origin.clone()),
            Self::Preview(scheme) => {
                // HTTP/2 has the name in the address.
                let host = uri.authority().map(Authority::as_str).or_else(|| headers.get(HOST)?.to_str().ok())?;
                is_loopback_name(host).then(|| format!("{scheme}://{}", host.to_ascii_lowercase()))
            }
        }
    }
}

/// Who gets in.
pub(super) struct Door {
    /// Each of the server's keys by itself, with its fingerprint.
    keys: Vec<(PublicKeys, String)>,
    pub(super) origin: Origin,
    /// The sessions, by their hashes, that were good at their last call: they go on when a stranger on the same network has used up its calls.
    known: Mutex<HashSet<String>>,
}

impl Door {
    pub(super) fn new(keys: &PublicKeys, origin: Origin) -> Self {
        let single = |key: String| Some((PublicKeys::parse([key.as_str()]).ok()?, fingerprint(&key)));
        Self { keys: keys.texts().into_iter().filter_map(single).collect(), origin, known: Mutex::default() }
    }

    /// The fingerprints of its keys.
    pub(super) fn fingerprints(&self) -> Vec<&str> {
        self.keys.iter().map(|(_, fingerprint)| fingerprint.as_str()).collect()
    }

    /// The keys that the server seals to.
    pub(super) fn readers(&self) -> Vec<String> {
        self.keys.iter().flat_map(|(key, _)| key.texts()).collect()
    }

    fn has(&self, fingerprint: &str) -> bool {
        self.keys.iter().any(|(_, own)| own == fingerprint)
    }

    fn knows(&self, session: &str) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).contains(session)
    }

    fn remember(&self, session: String, is_good: bool) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_good {
            known.remove(&session);
            return;
        }
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(session);
    }
}

/// The calls of signing in and out.
pub(super) fn routes() -> Router<Arc<Desk>> {
    Router::new().route("/challenge", post(challenge)).route("/session", post(session)).route("/end", post(end))
}

/// Counts a call of somebody who isn't signed in.
fn count(desk: &Desk, caller: &Caller) -> Result<(), Refusal> {
    caller.count().map_err(|wait| {
        StaffCounts::add(&desk.counts.limited);
        Refusal::TooMany(wait)
    })
}

#[derive(Serialize)]
struct Challenges {
    challenges: Vec<String>,
}

async fn challenge(
    State(desk): State<Arc<Desk>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
    headers: HeaderMap,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Answer<Challenges>, Refusal> {
    let door = desk.door.as_ref().ok_or(Refusal::NotHere)?;
    let origin = door.origin.asked(&headers, &uri).ok_or(Refusal::NotHere)?;
    count(&desk, &caller)?;
    let now = desk.now();
    let ends = now.checked_add(CHALLENGE_MINUTES.minutes()).map_err(|_| Refusal::Unavailable)?;
    let mut made = Vec::new();
    for (key, fingerprint) in &door.keys {
        let token = token()?;
        let sealed = seal_text(key, &plaintext(&origin, ends, &token)).map_err(|_| Refusal::Unavailable)?;
        made.push((hash(&token), fingerprint.as_str(), sealed));
    }
    // In the order of what chance has made: it says nothing of which key is whose.
    made.sort_unstable();
    let tokens: Vec<_> = made.iter().map(|(hash, key, _)| NewToken { hash, key }).collect();
    let (ends, now) = (ends.as_second(), now.as_second());
    if !desk.ask(desk.store.add_tokens(&tokens, TokenKind::Challenge, ends, now)).await? {
        return Err(Refusal::TooMany(FULL));
    }
    StaffCounts::add(&desk.counts.challenges);
    Ok(Answer(Challenges { challenges: made.into_iter().map(|(_, _, sealed)| sealed).collect() }))
}

/// What is sealed: five lines, and no other form is answered by anybody.
fn plaintext(origin: &str, ends: Timestamp, token: &str) -> String {
    format!("clinic-site desk 1\n{origin}\nsign in\n{}\n{token}\n", ends.strftime("%Y-%m-%dT%H:%M:%SZ"))
}

/// 256 random bits, as 64 hexadecimal digits.
fn token() -> Result<String, Refusal> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits).map_err(|_| Refusal::Unavailable)?;
    Ok(hex::encode(bits))
}

/// Whether a text is a token as [`token`] makes them.
fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Opened {
    token: String,
}

#[derive(Serialize)]
struct Session {
    session: String,
    key: String,
}

async fn session(
    State(desk): State<Arc<Desk>>,
    Extension(caller): Extension<Caller>,
    Asked(Opened { token: opened }): Asked<Opened>,
) -> Result<Answer<Session>, Refusal> {
    let door = desk.door.as_ref().ok_or(Refusal::NotHere)?;
    count(&desk, &caller)?;
    if !is_token(&opened) {
        return Err(Refusal::WrongShape);
    }
    let now = desk.now().as_second();
    let key = desk.ask(desk.store.take_challenge(&hash(&opened), now)).await?;
    let Some(key) = key.filter(|key| door.has(key)) else {
        StaffCounts::add(&desk.counts.refused);
        return Err(Refusal::SignedOut);
    };
    let session = token()?;
    let hashed = hash(&session);
    if !desk.ask(desk.store.add_token(&hashed, &key, TokenKind::Session, now.saturating_add(SESSION), now)).await? {
        return Err(Refusal::TooMany(FULL));
    }
    door.remember(hashed, true);
    StaffCounts::add(&desk.counts.signed_in);
    Ok(Answer(Session { session, key }))
}

async fn end(
    State(desk): State<Arc<Desk>>,
    Signed { session, .. }: Signed,
    Asked(Nothing {}): Asked<Nothing>,
) -> Result<Answer<Nothing>, Refusal> {
    desk.ask(desk.store.end_session(&session)).await?;
    if let Some(door) = &desk.door {
        door.remember(session, false);
    }
    Ok(Answer(Nothing {}))
}

/// Who calls is signed in; on the desk of this computer, knows its path.
pub(super) struct Signed {
    /// The fingerprint of the key; empty where nobody signs in.
    pub(super) key: String,
    /// The hash of the session; empty where nobody signs in.
    pub(super) session: String,
}

impl FromRequestParts<Arc<Desk>> for Signed {
    type Rejection = Refusal;

    async fn from_request_parts(head: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Refusal> {
        let Some(door) = &desk.door else { return Ok(Self { key: String::new(), session: String::new() }) };
        let caller = head.extensions.get::<Caller>().ok_or(Refusal::Unavailable)?;
        let stranger = || count(desk, caller).err().unwrap_or(Refusal::SignedOut);
        let Some(session) = bearer(&head.headers).map(hash) else { return Err(stranger()) };
        if !door.knows(&session) {
            // Before the store is asked: guesses cost it nothing once they are too many.
            caller.may_call().map_err(Refusal::TooMany)?;
        }
        let key = desk.ask(desk.store.session(&session, desk.now().as_second())).await?;
        match key {
            Some(key) if door.has(&key) => {
                door.remember(session.clone(), true);
                Ok(Self { key, session })
            }
            other => {
                if other.is_some() {
                    desk.ask(desk.store.end_session(&session)).await?;
                }
                door.remember(session, false);
                Err(stranger())
            }
        }
    }
}

/// The token of a call (RFC 6750, section 2.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && is_token(token)).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::{Origin, plaintext};
    use axum::http::header::HOST;
    use axum::http::uri::Scheme;
    use axum::http::{HeaderMap, Uri};

    #[test]
    fn a_challenge_has_one_form() {
        let ends = "2026-11-23T20:05:00.75Z".parse().unwrap();
        let wanted =
            format!("clinic-site desk 1\nhttps://clinic.example\nsign in\n2026-11-23T20:05:00Z\n{}\n", "0a".repeat(32));
        assert_eq!(plaintext("https://clinic.example", ends, &"0a".repeat(32)), wanted);
    }

    #[test]
    fn the_name_in_a_request_says_nothing_of_a_published_site_and_a_preview_is_this_computer() {
        let published = Origin::Published("https://clinic.example".to_owned());
        let preview = Origin::Preview(Scheme::HTTP);
        for (host, wanted) in [
            ("localhost:8080", Some("http://localhost:8080")),
            ("LOCALHOST:8080", Some("http://localhost:8080")),
            ("127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("[::1]:8080", Some("http://[::1]:8080")),
            ("attacker.example", None),
            ("127.0.0.1.attacker.example", None),
            ("192.168.1.2:8080", None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
            let uri = Uri::from_static("/desk/api/challenge");
            assert_eq!(preview.asked(&headers, &uri).as_deref(), wanted, "{host}");
            assert_eq!(published.asked(&headers, &uri).as_deref(), Some("https://clinic.example"), "{host}");
        }
        let uri = Uri::from_static("https://attacker.example/desk/api/challenge");
        let headers = HeaderMap::from_iter([(HOST, "localhost".parse().unwrap())]);
        assert_eq!(preview.asked(&headers, &uri), None, "the name in the address is asked first");
    }
}
