//! The port without TLS: everybody is sent to the site's own address.

use super::Failure;
use super::listen::{HTTP, Inherited};
use crate::config::ServeOptions;
use crate::http::{self, App};
use crate::server::{self, Limits};
use crate::telemetry::say;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How many visitors may be on the way to TLS at once, and how long each may wait with a further request: after the first, they are gone.
const CONNECTIONS: usize = 256;
const IDLE: Duration = Duration::from_secs(5);

/// Serves the port until the server stops, if the options name one or a service manager keeps its socket.
pub(super) async fn serve(
    options: &ServeOptions,
    app: &App,
    inherited: &mut Inherited,
) -> Result<Option<JoinHandle<bool>>, Failure> {
    let Some(listener) = inherited.or_listen_if(HTTP, options.acme.http_listen).await? else { return Ok(None) };
    let Some(url) = options.public_url.as_ref().filter(|url| url.scheme() == "https") else {
        return Err(Failure::new("--http-listen sends visitors to TLS, and the site has no address with https://")
            .help("give the site's address, --public-url https://clinic.example, or leave out --http-listen and the socket `http`"));
    };
    say(format!("redirect: http://{}/ to {url}", listener.local_addr().map_err(Failure::new)?));
    let origin: Arc<str> = url.origin().ascii_serialization().into();
    let limits = Limits { connections: CONNECTIONS, idle: IDLE, ..Limits::default() };
    let app = app.clone();
    let serving = server::serve(listener, move |_| http::redirect(Arc::clone(&origin)), None, limits, async move {
        app.stopped().await;
    });
    Ok(Some(tokio::spawn(serving)))
}
