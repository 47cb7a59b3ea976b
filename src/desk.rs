//! The front desk: a page on the staff's own computer that opens requests, notes what came of them and closes them.
//!
//! It has the private key, so nobody else may get in:
//!
//! - it listens on the loopback interface alone;
//! - every path begins with a token of 128 random bits, which other users of the computer don't know. It is not compared in constant time: a
//!   clock that shows how many of its first bits were right would have to measure nanoseconds over a socket, and a new start has a new token;
//! - a request has to name the address that was printed (`Host`), so that a stranger's page can't reach it under a name of its own that turns
//!   into 127.0.0.1 (DNS rebinding);
//! - what changes something is refused when it comes from another page (`Sec-Fetch-Site`, `Origin`).
//!
//! There is no cookie, no script and no storage, and a browser may cache nothing. What is opened is forgotten when its page is made.

mod answer;
mod list;
mod page;
mod people;
mod request;
pub mod words;

use crate::http::security_headers;
use crate::requests::keys::PrivateKeys;
use crate::requests::store::Store;
use crate::site::desk_assets;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::get;
use jiff::Zoned;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;

/// The longest post, in bytes: a note of the longest characters, in the spelling of a form, fits in.
const MAX_BYTES: usize = 16 * 1024;

/// What all pages share.
pub struct Desk {
    store: Store,
    keys: PrivateKeys,
    /// The time on the clinic's clock.
    clock: fn() -> Zoned,
    /// What every path begins with: `/TOKEN/`.
    root: String,
    /// The address that was printed, as a browser names it.
    host: String,
    /// Where the requests are, in words: `in the folder data`.
    place: String,
}

impl Desk {
    /// A desk with 128 random bits for its token, listening at an address.
    #[must_use]
    pub fn new(
        store: Store,
        keys: PrivateKeys,
        clock: fn() -> Zoned,
        token: [u8; 16],
        address: SocketAddr,
        place: String,
    ) -> Arc<Self> {
        let root = format!("/{}/", hex::encode(token));
        Arc::new(Self { store, keys, clock, root, host: address.to_string(), place })
    }

    /// The address to open.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{}", self.host, self.root)
    }

    /// The link back to the list.
    fn way_back(&self) -> (String, &'static str) {
        (self.root.clone(), "All that wait")
    }

    /// The path of a request's page.
    fn request(&self, reference: &str) -> String {
        format!("{}requests/{reference}/", self.root)
    }
}

/// It holds the private key and the token: `{:?}` prints neither.
impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Desk").field("host", &self.host).finish_non_exhaustive()
    }
}

/// Every route and every layer; the last layer is the outermost.
pub fn router(desk: Arc<Desk>) -> Router {
    let file = |content_type, text: &'static str| get(async move || answer::file(content_type, text));
    let assets = desk_assets();
    let pages = Router::new()
        .route("/", get(list::waiting))
        .route("/closed/", get(list::closed))
        .route("/requests/{reference}/", get(request::show).post(request::change))
        .route("/site.css", file("text/css; charset=utf-8", assets.site))
        .route("/desk.css", file("text/css; charset=utf-8", assets.desk))
        .route("/icon.svg", file("image/svg+xml", assets.icon))
        .method_not_allowed_fallback(|| async { answer::outside(StatusCode::METHOD_NOT_ALLOWED) })
        .layer(DefaultBodyLimit::max(MAX_BYTES))
        // Within the nest, so that it doesn't see the token: at the finest level it logs the paths it sees.
        .layer(CsrfLayer::new().with_rejection_response(|_| answer::outside(StatusCode::FORBIDDEN)));
    Router::new()
        .nest(&desk.root, pages)
        .fallback(|| async { answer::outside(StatusCode::NOT_FOUND) })
        .layer(from_fn_with_state(Arc::clone(&desk), only_by_its_name))
        .layer(CatchPanicLayer::custom(|_| answer::outside(StatusCode::INTERNAL_SERVER_ERROR)))
        .layer(map_response(|mut response: Response| async {
            security_headers(response.headers_mut());
            response
        }))
        .with_state(desk)
}

/// Refuses what names another address than the one that was printed.
async fn only_by_its_name(State(desk): State<Arc<Desk>>, request: Request, next: Next) -> Response {
    let mut hosts = request.headers().get_all(HOST).iter();
    let named = hosts.next().is_some_and(|host| host.as_bytes() == desk.host.as_bytes()) && hosts.next().is_none();
    let other = request.uri().authority().is_some_and(|authority| authority.as_str() != desk.host);
    if named && !other { next.run(request).await } else { answer::outside(StatusCode::MISDIRECTED_REQUEST) }
}
