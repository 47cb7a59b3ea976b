//! The only place that writes heads: what a body is, how long a cache may store it, and what a browser may do with it.

use crate::site::{CachePolicy, Coding, Entry, Prebuilt, Site};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    ETAG, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Response};
use std::fmt::Write as _;
use url::Host;

/// Nothing but the site's own style sheet and pictures: no script, no frame, no request to anybody else, and nobody may frame the site.
/// `connect-src` serves programs that audit a page from within and fetch `robots.txt` there; no script of the page could use it.
/// Structured data in the pages is data, not code, so it needs no permission (CSP Level 3, section 4.2.3 looks at scripts that run).
pub(super) const CSP: &str = "default-src 'none'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A live preview runs the site's own script, which asks the server for updates.
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

/// Two years. Subdomains are the admin's to decide: another program may speak plain HTTP there (RFC 6797, section 11.4).
const TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=63072000");
const TRANSPORT_SECURITY_OF_SUBDOMAINS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Options of the admin for answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Browsers use TLS alone for the subdomains of the site's name, too (RFC 6797, section 6.1.2).
    pub hsts_subdomains: bool,
    /// A preview answers to any name, not to the loopback names alone.
    pub remote_preview: bool,
}

/// What the headers of every answer of a site depend on.
#[derive(Clone, Debug, Default)]
pub(super) struct Policy {
    /// The pages run the site's own script: a live preview.
    live: bool,
    /// The site is for the public.
    published: bool,
    /// Browsers use TLS alone. Never for a preview or this computer, whose names belong to other programs, too.
    transport_security: Option<HeaderValue>,
    /// The site answers to the loopback names alone: a preview, unless the admin wants otherwise.
    pub(super) loopback_only: bool,
}

impl Policy {
    pub(super) fn new(site: &Site, options: Options) -> Self {
        let is_public = site.public_url().and_then(url::Url::host).is_some_and(|host| match host {
            Host::Domain(name) => name != "localhost" && !name.ends_with(".localhost"),
            Host::Ipv4(_) | Host::Ipv6(_) => false,
        });
        let transport_security = is_public.then_some(if options.hsts_subdomains {
            TRANSPORT_SECURITY_OF_SUBDOMAINS
        } else {
            TRANSPORT_SECURITY
        });
        Self {
            live: site.live(),
            published: site.published(),
            transport_security,
            loopback_only: !site.published() && !options.remote_preview,
        }
    }

    /// Adds the security headers, and a cache policy where there is none. An answer that has a policy of its own for its content has both.
    pub(super) fn secure(&self, headers: &mut HeaderMap) {
        let own = headers.remove(CONTENT_SECURITY_POLICY);
        for (name, value) in SECURITY {
            headers.insert(name, value);
        }
        if self.live {
            headers.insert(CONTENT_SECURITY_POLICY, CSP_LIVE);
        }
        if let Some(own) = own {
            headers.append(CONTENT_SECURITY_POLICY, own);
        }
        if let Some(value) = &self.transport_security {
            headers.insert(STRICT_TRANSPORT_SECURITY, value.clone());
        }
        if !headers.contains_key(CACHE_CONTROL) {
            no_store(headers);
        }
    }
}

/// Describes a body.
pub(super) fn describe(headers: &mut HeaderMap, page: &Prebuilt, coding: Coding) {
    headers.insert(CONTENT_TYPE, page.content_type.clone());
    if coding != Coding::Identity {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    if let Some(value) = page.file_name.as_deref().and_then(disposition) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    if let Some(lang) = page.language {
        headers.extend(HeaderValue::from_str(lang.tag()).map(|tag| (CONTENT_LANGUAGE, tag)));
    }
}

/// A document is shown by the browser, and saved under its own name, which is made of letters, digits and hyphens (RFC 6266).
fn disposition(name: &str) -> Option<HeaderValue> {
    HeaderValue::try_from(format!("inline; filename=\"{name}\"")).ok()
}

/// Writes what a cache has to know: the validator, the cache policy, and whether the answer depends on the codings that a client accepts. A 304
/// repeats it (RFC 9110, section 15.4.5).
pub(super) fn validated(
    headers: &mut HeaderMap,
    cached: CachePolicy,
    varies: bool,
    etag: HeaderValue,
    policy: &Policy,
) {
    headers.insert(ETAG, etag);
    cache(headers, cached, policy);
    vary(headers, varies);
}

/// Writes whether an answer depends on the codings that a client accepts.
pub(super) fn vary(headers: &mut HeaderMap, varies: bool) {
    if varies {
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
}

/// Writes a cache policy.
///
/// A cache may serve a published page for half a minute while it validates it, so that nobody waits; and for an hour while the site can't be
/// reached: old help lines are better than none, and nothing expired is shown for long (RFC 5861). A preview is always up to date.
pub(super) fn cache(headers: &mut HeaderMap, cached: CachePolicy, policy: &Policy) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control(cached, policy.published)));
}

const fn cache_control(cached: CachePolicy, published: bool) -> &'static str {
    match cached {
        CachePolicy::Revalidate if published => "max-age=0, stale-while-revalidate=30, stale-if-error=3600",
        CachePolicy::Revalidate => "max-age=0, must-revalidate",
        CachePolicy::Immutable => "max-age=31536000, immutable",
        CachePolicy::Hour => "max-age=3600, stale-while-revalidate=3600, stale-if-error=604800",
        CachePolicy::NoStore => "no-store",
    }
}

/// Panics where debug assertions are on, if something other than this module wrote a cache policy, or if an error has a validator.
pub(super) fn assert_sound<B>(response: &Response<B>, policy: &Policy) {
    let headers = response.headers();
    let ours =
        |value: &HeaderValue| CachePolicy::ALL.into_iter().any(|known| value == cache_control(known, policy.published));
    debug_assert!(headers.get_all(CACHE_CONTROL).iter().all(ours), "a foreign cache policy: {headers:?}");
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    debug_assert!(!is_error || !headers.contains_key(ETAG), "{status} with a validator: {headers:?}");
}

/// Adds the security headers of a site without a script or TLS of its own, such as the front desk's, and `no-store` if there is no cache policy.
pub(crate) fn security_headers(headers: &mut HeaderMap) {
    Policy::default().secure(headers);
}

/// The heads of a site's files for a static host, as Netlify's and Cloudflare's `_headers` has them: those of every answer, then what each path's own is.
///
/// A header that two rules give is joined with a comma there, so the rule for everything has none that a path has.
#[must_use]
pub fn headers_file(site: &Site) -> String {
    let policy = Policy::new(site, Options::default());
    let mut every = HeaderMap::new();
    policy.secure(&mut every);
    every.remove(CACHE_CONTROL);
    let mut rules = vec![("/*", every)];
    rules.extend(site.entries().filter_map(|(path, entry)| match entry {
        Entry::Answer(page) => {
            let mut own = HeaderMap::new();
            cache(&mut own, page.cache, &policy);
            if let Some(name) = page.file_name.as_deref().and_then(disposition) {
                own.insert(CONTENT_DISPOSITION, name);
            }
            // A host knows pages by the names of their files.
            if !path.ends_with('/') {
                own.insert(CONTENT_TYPE, page.content_type.clone());
            }
            Some((path, own))
        }
        Entry::Moved(_) => None,
    }));
    rules.sort_by_key(|(path, _)| *path);
    let mut text = String::new();
    for (path, headers) in rules {
        let _ = writeln!(text, "{path}");
        for (name, value) in &headers {
            let _ = writeln!(text, "  {name}: {}", value.to_str().unwrap_or_default());
        }
    }
    text
}

/// An answer that no cache may store.
fn no_store(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::{Policy, assert_sound};
    use axum::http::header::{CACHE_CONTROL, ETAG, HeaderName};
    use axum::http::{Response, StatusCode};

    fn check(status: StatusCode, name: HeaderName, value: &str) {
        assert_sound(&Response::builder().status(status).header(name, value).body(()).unwrap(), &Policy::default());
    }

    #[test]
    #[should_panic(expected = "a foreign cache policy")]
    fn only_the_policy_writes_how_long_an_answer_is_cached() {
        check(StatusCode::OK, CACHE_CONTROL, "no-store");
        check(StatusCode::OK, CACHE_CONTROL, "max-age=60");
    }

    #[test]
    #[should_panic(expected = "with a validator")]
    fn an_error_has_no_validator() {
        check(StatusCode::OK, ETAG, "\"a\"");
        check(StatusCode::NOT_FOUND, ETAG, "\"a\"");
    }
}
