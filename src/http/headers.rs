//! The only place that writes policy headers: how long an answer may be kept, and what a browser may do with it.

use super::{App, Policy};
use crate::site::CachePolicy;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Response};

/// Nothing but the site's own style sheet and pictures: no script, no frame, no request to anybody else, and nobody may frame the site.
/// `connect-src` serves programs that audit a page from within and fetch `robots.txt` there; no script of the page could use it.
/// Structured data in the pages is data, not code, so it needs no permission (CSP Level 3, section 4.2.3 looks at scripts that run).
pub(super) const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A preview that follows its content runs the site's own script, which asks the site what has changed.
const CSP_LIVE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// Sent with every answer, whatever its status.
const SECURITY: [(HeaderName, HeaderValue); 7] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP)),
    // `same-origin`, not `no-referrer`: browsers would send `Origin: null` with the site's own forms.
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"),
    ),
];

/// Two years, as the preload lists ask for: where the site is published, since TLS is before it then, or speaks TLS itself.
const TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Writes a cache policy.
///
/// A published page may be shown for half a minute while a cache asks anew, so that nobody waits for that; and for an hour where the site
/// can't be reached at all: old help lines are better than none, and what has expired is not shown for long (RFC 5861). A preview shows what its files say now.
pub(super) fn cache(headers: &mut HeaderMap, kept: CachePolicy, policy: Policy) {
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(match kept {
            CachePolicy::Revalidate if policy.published => "max-age=0, stale-while-revalidate=30, stale-if-error=3600",
            CachePolicy::Revalidate => "max-age=0, must-revalidate",
            CachePolicy::Immutable => "max-age=31536000, immutable",
            CachePolicy::Hour => "max-age=3600, stale-while-revalidate=3600, stale-if-error=604800",
            CachePolicy::NoStore => "no-store",
        }),
    );
}

/// Adds the security headers of a site without a script or TLS of its own, such as the front desk's page. One without a cache policy may not be
/// kept.
pub(crate) fn security_headers(headers: &mut HeaderMap) {
    secured(headers, Policy { live: false, published: false, transport_security: false });
}

/// Says that an answer may not be kept.
pub(super) fn not_kept(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// Adds the security headers to every answer. One without a cache policy may not be kept.
pub(super) async fn secure(State(app): State<App>, mut response: Response<Body>) -> Response<Body> {
    secured(response.headers_mut(), app.served().policy);
    response
}

/// Adds the security headers, and a cache policy where there is none.
pub(super) fn secured(headers: &mut HeaderMap, policy: Policy) {
    for (name, value) in SECURITY {
        headers.insert(name, value);
    }
    if policy.live {
        headers.insert(CONTENT_SECURITY_POLICY, CSP_LIVE);
    }
    if policy.transport_security {
        headers.insert(STRICT_TRANSPORT_SECURITY, TRANSPORT_SECURITY);
    }
    if !headers.contains_key(CACHE_CONTROL) {
        not_kept(headers);
    }
}

/// Says that nothing more is read from this connection.
pub(super) fn close(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
}
