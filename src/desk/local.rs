//! The desk of one computer: the same page and the same calls, for a store that can be reached from here.
//!
//! Whoever knows the path is in, so nobody else may learn it:
//!
//! - it listens on the loopback interface alone;
//! - every path begins with a token of 128 random bits, which other users of the computer don't know. It is not compared in constant time: a
//!   clock that shows how many of its first bits were right would have to measure nanoseconds over a socket, and a new start has a new token;
//! - a request has to name the address that was printed (`Host`), so that a stranger's page can't reach it under a name of its own that turns
//!   into 127.0.0.1 (DNS rebinding);
//! - what another page sends is refused (`Sec-Fetch-Site`, `Origin`).
//!
//! The key is chosen in the page: this program has none, and opens nothing.

use super::page::{Page, PageSettings};
use super::{Desk, interface};
use crate::http::security_headers;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state, map_response};
use axum::response::Response;
use axum::routing::get;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;

/// Where the desk of this computer is.
pub struct Local {
    /// What every path begins with: `/TOKEN/`.
    root: String,
    /// The address that was printed, as a browser names it.
    host: String,
}

impl Local {
    /// A place with 128 random bits for its token, at an address.
    #[must_use]
    pub fn new(token: [u8; 16], address: SocketAddr) -> Self {
        Self { root: format!("/{}/", hex::encode(token)), host: address.to_string() }
    }

    /// The address to open.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}{}", self.host, self.root)
    }
}

/// It holds the token: `{:?}` doesn't print it.
impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").field("host", &self.host).finish_non_exhaustive()
    }
}

/// Every route and every layer; the last layer is the outermost. `zone` is the name of the clinic's time zone.
pub fn local_router(local: &Local, desk: &Arc<Desk>, zone: &str) -> Router {
    let settings = PageSettings {
        server: format!("http://{}", local.host),
        api: format!("{}api/", local.root),
        readers: Vec::new(),
        local: true,
        zone: zone.to_owned(),
    };
    let page = Arc::new(Page::new(&settings));
    let pages = Router::new()
        .route("/", get(async move || shown(&page)))
        .nest("/api/", interface(desk))
        .method_not_allowed_fallback(|| async { outside(StatusCode::METHOD_NOT_ALLOWED) })
        // Within the nest, so that it doesn't see the token: at the finest level it logs the paths it sees.
        .layer(CsrfLayer::new().with_rejection_response(|_| outside(StatusCode::FORBIDDEN)));
    Router::new()
        .nest(&local.root, pages)
        .fallback(|| async { outside(StatusCode::NOT_FOUND) })
        .layer(from_fn_with_state(Arc::<str>::from(local.host.as_str()), only_by_its_name))
        .layer(CatchPanicLayer::custom(|_| outside(StatusCode::INTERNAL_SERVER_ERROR)))
        .layer(map_response(secured))
}

/// The page, which runs here: its own policy takes the place of the site's.
fn shown(page: &Page) -> Response {
    let mut response = with(StatusCode::OK, "text/html; charset=utf-8", page.html.clone());
    // What a policy says of frames, a `<meta>` element can't (CSP Level 3, section 3.3).
    if let Ok(policy) = HeaderValue::from_str(&format!("{}; frame-ancestors 'none'", page.policy)) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

async fn secured(mut response: Response) -> Response {
    let own = response.headers_mut().remove(CONTENT_SECURITY_POLICY);
    security_headers(response.headers_mut());
    if let Some(own) = own {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, own);
    }
    response
}

/// Refuses what names another address than the one that was printed.
async fn only_by_its_name(State(wanted): State<Arc<str>>, request: Request, next: Next) -> Response {
    let mut hosts = request.headers().get_all(HOST).iter();
    let named = hosts.next().is_some_and(|host| host.as_bytes() == wanted.as_bytes()) && hosts.next().is_none();
    let other = request.uri().authority().is_some_and(|authority| authority.as_str() != &*wanted);
    if named && !other { next.run(request).await } else { outside(StatusCode::MISDIRECTED_REQUEST) }
}

/// What anybody gets who isn't in: it reveals nothing of the desk, and leads nowhere.
fn outside(status: StatusCode) -> Response {
    let text = match status {
        StatusCode::INTERNAL_SERVER_ERROR => "This could not be made. Load the page again.\n",
        StatusCode::METHOD_NOT_ALLOWED | StatusCode::FORBIDDEN => {
            "This was refused. Go back, and use the buttons of the page.\n"
        }
        _ => "This page is not here. Open the address that `clinic-site desk` printed when it was started.\n",
    };
    with(status, "text/plain; charset=utf-8", text.to_owned())
}

fn with(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
