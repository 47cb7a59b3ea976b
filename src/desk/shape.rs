//! What is sent: questions and answers as JSON, and the errors, which are codes alone. Whoever asks has words of their own for them, so that nothing
//! a server writes is shown.

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use std::error::Error as _;
use std::time::Duration;

/// The longest question, in bytes.
const MAX_BYTES: usize = 4 * 1024;
/// The longest question that holds sealed requests: 50 of them, with room for how they are written.
pub(super) const MAX_CHANGES_BYTES: usize = 1024 * 1024;

/// How long a question may take to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(25);

/// Why a call is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is no JSON, does not say so, or was cut off.
    BadRequest,
    /// It is asked by another method than `POST`.
    OtherMethod,
    /// Nobody is signed in by this token, or not any more.
    SignedOut,
    /// There is no such call, or no such request.
    NotHere,
    /// It is too long.
    TooLong,
    /// It is JSON, and another shape.
    WrongShape,
    /// There were too many: when to try again.
    TooMany(Duration),
    /// The store can't be used now.
    Unavailable,
}

impl Refusal {
    const fn code(self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::OtherMethod => (StatusCode::METHOD_NOT_ALLOWED, "bad_request"),
            Self::SignedOut => (StatusCode::UNAUTHORIZED, "signed_out"),
            Self::NotHere => (StatusCode::NOT_FOUND, "not_here"),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "too_long"),
            Self::WrongShape => (StatusCode::UNPROCESSABLE_ENTITY, "wrong_shape"),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, code) = self.code();
        let mut response = json(status, format!("{{\"error\":\"{code}\"}}"));
        if let Self::TooMany(wait) = self {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

/// An answer.
pub(super) struct Answer<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => json(StatusCode::OK, body),
            // No shape of ours has keys that are no text.
            Err(_) => Refusal::Unavailable.into_response(),
        }
    }
}

fn json(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A question without anything in it: `{}`.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// A question, of at most so many bytes. It is read once whoever asks is known: a stranger is refused by the head alone.
pub(super) struct Asked<T, const MAX: usize = MAX_BYTES>(pub(super) T);

impl<T: DeserializeOwned, S: Sync, const MAX: usize> FromRequest<S> for Asked<T, MAX> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let (head, body) = request.into_parts();
        // A page of another site has to ask before it may send this type (a preflight), and gets no leave.
        if !is_json(&head.headers) {
            return Err(Refusal::BadRequest);
        }
        if body.size_hint().lower() > MAX as u64 {
            return Err(Refusal::TooLong);
        }
        let bytes = match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, MAX)).await {
            Ok(Ok(bytes)) => bytes,
            Ok(Err(error)) if error.source().is_some_and(<dyn std::error::Error>::is::<LengthLimitError>) => {
                return Err(Refusal::TooLong);
            }
            // Cut off, or too slow.
            Ok(Err(_)) | Err(_) => return Err(Refusal::BadRequest),
        };
        match serde_json::from_slice(&bytes) {
            Ok(asked) => Ok(Self(asked)),
            Err(error) if error.classify() == Category::Data => Err(Refusal::WrongShape),
            Err(_) => Err(Refusal::BadRequest),
        }
    }
}

/// Parameters, such as `charset`, say nothing new: JSON is UTF-8 (RFC 8259, section 8.1).
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
