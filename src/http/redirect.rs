//! The port without TLS: every request is sent to the same path of the site's address. The name in the request has no say, or a foreign page could send
//! visitors wherever it likes (CWE-601).

use crate::server::{RequestBody, Respond};
use axum::http::header::{CONTENT_LENGTH, LOCATION};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Request, Response, StatusCode, Uri};
use bytes::Bytes;
use http_body_util::Empty;
use hyper::service::service_fn;
use std::future::ready;
use std::sync::Arc;

/// The service of a connection. `origin` is the site's address without a path, such as `https://clinic.example`.
pub fn redirect(origin: Arc<str>) -> impl Respond {
    service_fn(move |request: Request<RequestBody>| ready(Ok(answer(&origin, request.uri()))))
}

/// 308, so that a post stays one (RFC 9110, section 15.4.9).
fn answer(origin: &str, asked: &Uri) -> Response<Empty<Bytes>> {
    // What has no path (`OPTIONS *`, CONNECT) is answered for the first page.
    let path = asked.path_and_query().map(PathAndQuery::as_str).filter(|path| path.starts_with('/'));
    let mut response = Response::new(Empty::new());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    // A path that hyper has read is a value.
    if let Ok(location) = HeaderValue::from_str(&format!("{origin}{}", path.unwrap_or("/"))) {
        headers.insert(LOCATION, location);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn the_same_path_of_the_sites_own_address_is_named() {
        for (asked, location) in [
            ("/", "/"),
            ("/medicare/?a=b", "/medicare/?a=b"),
            ("//evil.example/", "//evil.example/"),
            ("/@evil.example", "/@evil.example"),
            ("http://evil.example/es/", "/es/"),
            ("http://evil.example", "/"),
            ("evil.example:443", "/"),
            ("*", "/"),
        ] {
            let response = answer("https://clinic.example", &asked.parse().unwrap());
            assert_eq!(response.status(), 308, "{asked}");
            assert_eq!(response.headers()["location"], format!("https://clinic.example{location}"), "{asked}");
        }
    }
}
