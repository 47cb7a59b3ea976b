//! HTTP with an authority: a connection a request, of which an order makes about ten.

use super::super::ask::{self, AskError, Limits};
use bytes::Bytes;
use http::Request;
use http::uri::Scheme;
use http_body_util::Full;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tokio_rustls::TlsConnector;

/// How much an answer may take. A certificate with its chain has some 10 KB.
const LIMITS: Limits = Limits { within: Duration::from_secs(30), bytes: 1024 * 1024 };

/// The client of an authority.
pub(super) struct Client(pub(super) TlsConnector);

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let connector = self.0.clone();
        Box::pin(async move {
            if request.uri().scheme() != Some(&Scheme::HTTPS) {
                return Err(Error::Other(AskError::Address("an address without https").into()));
            }
            let answer = ask::send(request, |_| Ok(connector.clone()), LIMITS).await;
            // The log names the authority itself.
            let cause = |error| match error {
                AskError::Connection(_, error) | AskError::Tls(_, error) => error.into(),
                AskError::Http(_, error) => error,
                other => other.into(),
            };
            answer.map(|answer| BytesResponse::from(answer.map(Full::new))).map_err(|error| Error::Other(cause(error)))
        })
    }
}
