//! The site with the heads of its answers: made once, when a site takes the place of another.

use super::headers::{self, Options, Policy};
use crate::site::{Body, CachePolicy, Coding, Entry, Prebuilt, Site};
use axum::http::header::ETAG;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::Arc;

/// A site that is served.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) site: Arc<Site>,
    pub(super) policy: Policy,
    pages: HashMap<String, PreparedPage>,
}

/// A page with the heads of its answers.
#[derive(Debug)]
pub(super) struct PreparedPage {
    page: Arc<Prebuilt>,
    /// In the order of [`Coding::ALL`].
    found: [Arc<HeaderMap>; 4],
    not_modified: Arc<HeaderMap>,
}

/// What makes one head differ from another, but for the validator: a site has few, so that pages share theirs. Without a coding it is that
/// of a 304.
type Kind = (HeaderValue, Option<&'static str>, CachePolicy, bool, Option<Coding>);

/// Holds the place of a validator.
const VALIDATOR: HeaderValue = HeaderValue::from_static("\"\"");

impl Snapshot {
    pub(super) fn new(site: Arc<Site>, options: Options) -> Self {
        let policy = Policy::new(&site, options);
        let mut heads = HashMap::new();
        let pages = site.entries().filter_map(|(path, entry)| match entry {
            Entry::Answer(page) => Some((path.to_owned(), PreparedPage::new(page, &policy, &mut heads))),
            Entry::Moved(_) => None,
        });
        Self { pages: pages.collect(), policy, site }
    }

    /// The page that stands at a path, exactly as it is spelled.
    pub(super) fn page(&self, path: &str) -> Option<&PreparedPage> {
        self.pages.get(path)
    }
}

impl PreparedPage {
    fn new(page: &Arc<Prebuilt>, policy: &Policy, heads: &mut HashMap<Kind, Arc<HeaderMap>>) -> Self {
        let mut head = |coding: Option<Coding>| {
            let language = page.language.map(crate::lang::Lang::tag);
            let kind = (page.content_type.clone(), language, page.cache, page.varies(), coding);
            let head = heads.entry(kind).or_insert_with(|| {
                let mut head = HeaderMap::new();
                if let Some(coding) = coding {
                    headers::describe(&mut head, page, coding);
                }
                headers::validated(&mut head, page, VALIDATOR, policy);
                policy.secure(&mut head);
                Arc::new(head)
            });
            Arc::clone(head)
        };
        Self { found: Coding::ALL.map(|coding| head(Some(coding))), not_modified: head(None), page: Arc::clone(page) }
    }

    /// Its bytes.
    pub(super) fn prebuilt(&self) -> &Prebuilt {
        &self.page
    }

    /// The head of the page in a coding.
    pub(super) fn found(&self, coding: Coding, body: &Body) -> Response<Bytes> {
        let [brotli, zstd, gzip, identity] = &self.found;
        let head = match coding {
            Coding::Brotli => brotli,
            Coding::Zstd => zstd,
            Coding::Gzip => gzip,
            Coding::Identity => identity,
        };
        with(head, body)
    }

    /// 304: the client has these bytes.
    pub(super) fn not_modified(&self, body: &Body) -> Response<Bytes> {
        let mut response = with(&self.not_modified, body);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    }
}

fn with(head: &HeaderMap, body: &Body) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.headers_mut() = head.clone();
    if let Some(etag) = response.headers_mut().get_mut(ETAG) {
        *etag = body.etag.clone();
    }
    response
}
