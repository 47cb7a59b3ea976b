//! The form for an appointment: a post becomes a sealed request, or the page with what was typed and what is wrong with it.
//!
//! What was acknowledged is stored: the acknowledgement, a redirect, is made after the request is on disk. A failure of ours (the store is
//! away, too many requests) costs the visitor nothing that was typed.

use super::app::App;
use super::intake::Peer;
use super::respond;
use crate::requests::Reference;
use crate::requests::form::{Form, MAX_BYTES, Malformed};
use crate::requests::inbox::{ClientNetwork, Refused};
use crate::requests::store::StoreError;
use crate::site::{ErrorKind, FormPage, Site, Trouble};
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use bytes::Bytes;
use http_body_util::BodyExt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};
use zeroize::Zeroizing;

/// How long a post's body may take. A slow phone sends these few bytes in a second.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// Answers a post to a page that has a form:
///
/// 1. not a form's media type: 415; longer than [`MAX_BYTES`]: 413; no post of this form: 400
/// 2. mistakes: 422, the page with what was typed
/// 3. too many: 429 with `Retry-After`; it can't be stored: 503; either way the page with what was typed
/// 4. it is stored: 303 to the page with its reference
pub(super) async fn post(app: &App, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let (path, headers, site) = (head.uri.path(), &head.headers, app.site());
    let refuse = |kind| respond::error(&app.snapshot(), kind, path, headers);
    let (Some(page), Some(intake)) = (site.form(path), app.intake()) else { return refuse(ErrorKind::Unavailable) };
    if !is_form(headers) {
        return refuse(ErrorKind::UnsupportedMediaType);
    }
    // Nobody is asked to send what would be refused.
    if body.size_hint().lower() > MAX_BYTES as u64 {
        return refuse(ErrorKind::TooLarge);
    }
    let read = match tokio::time::timeout(BODY_TIMEOUT, typed(body)).await {
        Ok(Ok(bytes)) => Form::read(&bytes),
        Ok(Err(BodyError::TooLong)) => return refuse(ErrorKind::TooLarge),
        // Cut off, or too slow to be a person.
        Ok(Err(BodyError::CutOff)) | Err(_) => Err(Malformed),
    };
    let Ok(form) = read else {
        intake.counts().malformed.fetch_add(1, Ordering::Relaxed);
        return refuse(ErrorKind::BadRequest);
    };
    let Some(new) = form.request(page.lang()) else {
        intake.counts().mistaken.fetch_add(1, Ordering::Relaxed);
        return again(app, page, &form, None, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let peer = address(head.extensions.get::<Peer>());
    let client = intake.proxies().client(peer, headers);
    if let Err(wait) = intake.limiter().count(client) {
        intake.counts().limited.fetch_add(1, Ordering::Relaxed);
        return later(again(app, page, &form, Some(Trouble::TooMany), StatusCode::TOO_MANY_REQUESTS), wait);
    }
    let network = ClientNetwork::new(client.network());
    let id = intake.proxies().request_id(peer, headers);
    match intake.inbox().take_by_id(&new, network, id).await {
        Ok(reference) => respond::see_other(&page.received_path(&reference)),
        Err(error) => {
            // The store's own failures are logged by the store, once for all requests: a line here would say when somebody asked.
            if matches!(error, Refused::Sealing(_) | Refused::Randomness) {
                tracing::error!(%error, "requests can't be sealed; their senders see an error");
            }
            again(app, page, &form, Some(Trouble::Unavailable), StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// The page that says a request came in, if `path` is the address of one: the form's own, and a reference. It is shown only while the store
/// has that request, and to one network only so often.
pub(super) async fn received(app: &App, path: &str, headers: &HeaderMap, peer: Option<Peer>) -> Option<Response<Body>> {
    let (site, intake) = (app.site(), app.intake()?);
    let (form, reference) = named(&site, path)?;
    let Some(page) = site.form(form) else {
        // A saved site can't say whether the request is there: "no such page" would be a lie.
        return Some(respond::error(&app.snapshot(), ErrorKind::Unavailable, path, headers));
    };
    if let Err(wait) = intake.limiter().look_up(intake.proxies().client(address(peer.as_ref()), headers)) {
        return Some(later(respond::error(&app.snapshot(), ErrorKind::TooMany, path, headers), wait));
    }
    let there = tokio::time::timeout(Duration::from_secs(5), intake.inbox().is_recent(&reference)).await;
    match there.unwrap_or(Err(StoreError::late())) {
        Ok(true) => Some(html(page, page.received(&reference), StatusCode::OK)),
        Ok(false) => None,
        // Logged by the store.
        Err(_) => Some(respond::error(&app.snapshot(), ErrorKind::Unavailable, path, headers)),
    }
}

/// The path of the form and the reference that a path names, whether or not there is such a request.
fn named<'p>(site: &Site, path: &'p str) -> Option<(&'p str, Reference)> {
    let (form, code) = path.strip_suffix('/')?.rsplit_once('/')?;
    let form = path.get(..=form.len())?;
    Some((form, code.parse().ok()?)).filter(|_| site.has_form(form))
}

/// Whether a request says that somebody asks for an appointment, so that it has no line of its own in the log: a post of the form, or a look at the page
/// of a reference.
pub(super) fn is_confidential(site: &Site, method: &Method, path: &str) -> bool {
    (*method == Method::POST && site.has_form(path)) || named(site, path).is_some()
}

/// The address of a peer. Without one, as in a test, all count as one network.
fn address(peer: Option<&Peer>) -> IpAddr {
    peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.0.ip())
}

/// Says when to try again.
fn later(mut response: Response<Body>, wait: Duration) -> Response<Body> {
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    response
}

/// What a browser sends a form as; parameters such as `charset` say nothing new.
fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Why a body could not be read.
enum BodyError {
    /// It is longer than [`MAX_BYTES`].
    TooLong,
    /// The client is gone.
    CutOff,
}

/// What was typed, in one buffer that never grows and is zeroed when it goes.
async fn typed(mut body: Body) -> Result<Zeroizing<Vec<u8>>, BodyError> {
    let longest = body.size_hint().upper().and_then(|length| usize::try_from(length).ok());
    let mut typed = Zeroizing::new(Vec::with_capacity(longest.map_or(MAX_BYTES, |length| length.min(MAX_BYTES))));
    while let Some(frame) = body.frame().await {
        // Trailers say nothing that a form could mean.
        let Ok(data) = frame.map_err(|_| BodyError::CutOff)?.into_data() else { continue };
        if data.len() > MAX_BYTES - typed.len() {
            return Err(BodyError::TooLong);
        }
        typed.extend_from_slice(&data);
    }
    Ok(typed)
}

/// The page with the form as it was filled in.
fn again(app: &App, page: &FormPage, form: &Form, trouble: Option<Trouble>, status: StatusCode) -> Response<Body> {
    match page.filled(form, trouble) {
        Ok(text) => html(page, text, status),
        Err(error) => {
            tracing::error!(%error, "the form could not be shown");
            respond::error(&app.snapshot(), ErrorKind::Internal, &page.lang().root(), &HeaderMap::new())
        }
    }
}

/// A page made for one visitor: it is not stored anywhere, and not compressed, so that its length doesn't reveal what is in it.
fn html(page: &FormPage, text: String, status: StatusCode) -> Response<Body> {
    let length = text.len();
    // It may hold what was typed: zeroed when it was sent.
    let mut response = Response::new(Body::from(Bytes::from_owner(Zeroizing::new(text.into_bytes()))));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.extend(HeaderValue::from_str(page.lang().tag()).map(|tag| (CONTENT_LANGUAGE, tag)));
    response
}

/// Logs every so often what became of the posts since the last time, for as long as it is polled. The program gives an hour; what the last line before
/// its end doesn't hold is only in the metrics, as the time between could be short.
pub async fn log_posts(app: App, every: Duration) {
    let Some(intake) = app.intake() else { return std::future::pending().await };
    let mut interval = interval(every);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick is at once.
    interval.tick().await;
    loop {
        interval.tick().await;
        intake.hourly_counts().log();
        intake.proxies().log_once();
        intake.limiter().forget();
        intake.calls().forget();
    }
}
