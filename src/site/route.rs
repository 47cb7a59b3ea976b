//! Paths that no content file names: the only place that spells one. Templates name its constants.
//!
//! Paths of pages are made from their slugs, by [`crate::content::model::Page::path`].

use url::Url;

/// Map of the site for search engines.
pub const SITEMAP: &str = "/sitemap.xml";
/// What search engines may look at (RFC 9309).
pub const ROBOTS: &str = "/robots.txt";
/// Whom to report a vulnerability to (RFC 9116).
pub const SECURITY: &str = "/.well-known/security.txt";
/// The clinic for a phone's address book (RFC 6350).
pub const CONTACT_CARD: &str = "/contact.vcf";
/// Asked for by browsers that don't read the page's own link to the icon.
pub const FAVICON: &str = "/favicon.ico";
/// The process is up.
pub const HEALTH: &str = "/healthz";
/// Pages can be served: for balancers.
pub const READY: &str = "/readyz";
/// Requests for appointments can be written, and every task runs: for monitoring.
pub const READY_REQUESTS: &str = "/readyz/requests";
/// The server as a whole, as `OPTIONS` may ask about it (RFC 9112, section 3.2.4).
pub const SERVER: &str = "*";
/// Metrics, on the second listener alone.
pub const METRICS: &str = "/metrics";
/// Below it is what only staff see in a live preview.
pub const PREVIEW: &str = "/_preview/";
/// What the script of a preview asks for.
pub const PREVIEW_STATE: &str = "/_preview/state";
/// Where the banner of a preview sends the time that staff choose.
pub const PREVIEW_TIME: &str = "/_preview/time";
/// What needs attention, for staff who look at a live preview.
pub const PREVIEW_REPORT: &str = "/_preview/report/";
/// Every component in each of its states, for those who work on a live preview.
pub const PREVIEW_COMPONENTS: &str = "/_preview/components/";
/// What the front desk's page is and where it is taken from; below it is what that page asks.
pub const DESK: &str = "/desk/";
/// The page of the front desk, as a file to save.
pub const DESK_FILE: &str = "/desk/desk.html";
/// Below it are the calls of the front desk's interface.
pub const DESK_CALLS: &str = "/desk/api/";
/// Below it are the hashed assets.
pub const ASSETS: &str = "/assets/";
/// Below it are the pictures and documents of content, with hashed names.
pub const FILES: &str = "/files/";

/// Paths that copy may link to besides pages, and that no page may take.
pub const LINKABLE: [&str; 5] = [SITEMAP, ROBOTS, SECURITY, CONTACT_CARD, DESK];
/// What else is answered before any old address is looked up: below those that end with a slash, too. Not [`ASSETS`] and [`FILES`], which many sites of old
/// have: below them, what is none of this site's is looked up.
pub const RESERVED: [&str; 6] = [HEALTH, READY, READY_REQUESTS, FAVICON, PREVIEW, DESK];

/// The file of an event for a calendar, on the page at a path.
#[must_use]
pub fn event(page: &str, anchor: &str) -> String {
    format!("{page}{anchor}.ics")
}

/// The address of a path on the web.
#[must_use]
pub fn absolute(base: &Url, path: &str) -> String {
    base.join(path).map_or_else(|_| path.to_owned(), String::from)
}
