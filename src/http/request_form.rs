//! The form for an appointment: a post becomes a sealed request, or the page with what was typed and what is wrong with it.
//!
//! What was acknowledged is kept: the answer that says so, a redirect, is made after the request is on disk. A trouble of ours (the store is
//! away, too many requests) costs the visitor nothing that was typed.

mod limiter;

pub use limiter::Rates;

use super::{App, Peer, answer};
use crate::requests::Reference;
use crate::requests::form::{Form, MAX_BYTES, Malformed};
use crate::requests::inbox::Inbox;
use crate::requests::mail::MailCounts;
use crate::requests::store::StoreError;
use crate::site::{ErrorKind, FormPage, Trouble};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::LengthLimitError;
use limiter::Limiter;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long a post's body may take. A slow phone sends these few bytes in a second.
const BODY: Duration = Duration::from_secs(20);

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Takes the posts of the form.
#[derive(Debug)]
pub struct Intake {
    inbox: Arc<Inbox>,
    limiter: Limiter,
    counts: Counts,
    mails: Option<Arc<MailCounts>>,
}

/// What became of posts since the start, besides those in [`crate::requests::inbox::Counts`].
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Shown again with mistakes.
    pub(super) mistaken: AtomicU64,
    /// Too many from one network, or in all.
    pub(super) limited: AtomicU64,
    /// No post that a browser makes from this form.
    pub(super) malformed: AtomicU64,
}

impl Intake {
    /// Takes posts for an inbox, at most at these rates. `mails` counts the messages to staff, if they are told by e-mail.
    #[must_use]
    pub fn new(inbox: Arc<Inbox>, rates: Rates, mails: Option<Arc<MailCounts>>) -> Self {
        Self { inbox, limiter: Limiter::new(rates), counts: Counts::default(), mails }
    }

    pub(super) fn mails(&self) -> Option<&MailCounts> {
        self.mails.as_deref()
    }

    pub(super) fn inbox(&self) -> &Inbox {
        &self.inbox
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Whether the store answers.
    pub(super) async fn ready(&self) -> Result<(), StoreError> {
        tokio::time::timeout(Duration::from_secs(2), self.inbox.store().ping()).await.unwrap_or(Err(StoreError::late()))
    }
}

/// Answers a post to a page that has a form:
///
/// 1. not a form's media type: 415; longer than [`MAX_BYTES`]: 413; no post of this form: 400
/// 2. mistakes: 422, the page with what was typed
/// 3. too many: 429 with `Retry-After`; it can't be kept: 503; either way the page with what was typed
/// 4. it is kept: 303 to the page with its reference
pub(super) async fn post(app: &App, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let (path, headers, site) = (head.uri.path(), &head.headers, app.site());
    let refuse = |kind| answer::error(&app.served(), kind, path, headers);
    let (Some(page), Some(intake)) = (site.form(path), app.intake()) else { return refuse(ErrorKind::Unavailable) };
    if !is_form(headers) {
        return refuse(ErrorKind::UnsupportedMediaType);
    }
    let read = match tokio::time::timeout(BODY, to_bytes(body, MAX_BYTES)).await {
        Ok(Ok(bytes)) => Form::read(&bytes),
        Ok(Err(error)) if is_too_long(&error) => return refuse(ErrorKind::TooLarge),
        // Cut off, or too slow to be a person.
        Ok(Err(_)) | Err(_) => Err(Malformed),
    };
    let Ok(form) = read else {
        intake.counts.malformed.fetch_add(1, Ordering::Relaxed);
        return refuse(ErrorKind::BadRequest);
    };
    let Some(new) = form.request(page.lang()) else {
        intake.counts.mistaken.fetch_add(1, Ordering::Relaxed);
        return again(app, page, &form, None, StatusCode::UNPROCESSABLE_ENTITY);
    };
    // Without an address, as in a test, all count as one network.
    let peer = head.extensions.get::<Peer>().map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.0.ip());
    let forwarded: Vec<&str> =
        headers.get_all(FORWARDED).into_iter().map(|line| line.to_str().unwrap_or_default()).collect();
    let sender = intake.limiter.sender(peer, forwarded.iter().copied());
    if let Err(wait) = intake.limiter.count(peer, forwarded.into_iter()) {
        intake.counts.limited.fetch_add(1, Ordering::Relaxed);
        let mut response = again(app, page, &form, Some(Trouble::TooMany), StatusCode::TOO_MANY_REQUESTS);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        return response;
    }
    match intake.inbox.take(&new, sender).await {
        Ok(reference) => see_other(&page.received_path(&reference)),
        Err(error) => {
            tracing::error!(%error, "a request could not be kept; its sender was told so");
            again(app, page, &form, Some(Trouble::Unavailable), StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// The page that says a request is kept, if `path` is the address of one: the form's own, and a reference. It is shown only while the store
/// has that request.
pub(super) async fn received(app: &App, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let (form, code) = path.strip_suffix('/')?.rsplit_once('/')?;
    let (site, intake) = (app.site(), app.intake()?);
    let page = site.form(&format!("{form}/"))?;
    let reference: Reference = code.parse().ok()?;
    let there = tokio::time::timeout(Duration::from_secs(5), intake.inbox.is_recent(&reference)).await;
    match there.unwrap_or(Err(StoreError::late())) {
        Ok(true) => Some(html(page, page.received(&reference), StatusCode::OK)),
        Ok(false) => None,
        Err(error) => {
            tracing::error!(%error, "a request could not be looked up");
            Some(answer::error(&app.served(), ErrorKind::Unavailable, path, headers))
        }
    }
}

/// What a browser sends a form as; parameters such as `charset` say nothing new.
fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Whether reading a body ended because it is longer than it may be.
fn is_too_long(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>)
}

/// The page with the form as it was filled in.
fn again(app: &App, page: &FormPage, form: &Form, trouble: Option<Trouble>, status: StatusCode) -> Response<Body> {
    match page.filled(form, trouble) {
        Ok(text) => html(page, text, status),
        Err(error) => {
            tracing::error!(%error, "the form could not be shown");
            answer::error(&app.served(), ErrorKind::Internal, page.lang().root(), &HeaderMap::new())
        }
    }
}

/// A page made for one visitor: it is not kept anywhere, and not compressed, so that its length doesn't tell what is in it.
fn html(page: &FormPage, text: String, status: StatusCode) -> Response<Body> {
    let length = text.len();
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(page.lang().tag()));
    response
}

/// 303: a reload of the next page doesn't send the form again.
fn see_other(to: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(location) = HeaderValue::from_str(to) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}
