//! The site with the heads of its answers: made once, when a site takes the place of another.

use super::headers::{self, Options, Policy};
use crate::lang::Lang;
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
    /// While the answer depends on the codings that a client accepts, and while it doesn't: better bodies may change that.
    varying: Arc<Heads>,
    unvarying: Arc<Heads>,
}

/// The heads of a page, but for the validator.
#[derive(Debug)]
struct Heads {
    /// In the order of [`Coding::ALL`].
    found: [HeaderMap; 3],
    not_modified: HeaderMap,
}

/// What makes the heads of one page differ from those of another. A site has few of them, so pages share theirs.
type Kind = (HeaderValue, Option<Lang>, CachePolicy, Option<String>, bool);

/// Holds the place of a validator.
const VALIDATOR: HeaderValue = HeaderValue::from_static("\"\"");

impl Snapshot {
    pub(super) fn new(site: Arc<Site>, options: Options) -> Self {
        let policy = Policy::new(&site, options);
        let mut known = HashMap::new();
        let pages = site.entries().filter_map(|(path, entry)| match entry {
            Entry::Answer(page) => Some((path.to_owned(), PreparedPage::new(page, &policy, &mut known))),
            Entry::Moved(_) => None,
        });
        Self { pages: pages.collect(), policy, site }
    }

    /// The page at a path, exactly as it is spelled.
    pub(super) fn page(&self, path: &str) -> Option<&PreparedPage> {
        self.pages.get(path)
    }
}

impl PreparedPage {
    fn new(page: &Arc<Prebuilt>, policy: &Policy, known: &mut HashMap<Kind, Arc<Heads>>) -> Self {
        let mut heads = |varies| {
            let kind = (page.content_type.clone(), page.language, page.cache, page.file_name.clone(), varies);
            Arc::clone(known.entry(kind).or_insert_with(|| Arc::new(Heads::new(page, varies, policy))))
        };
        Self { varying: heads(true), unvarying: heads(false), page: Arc::clone(page) }
    }

    /// Its bytes.
    pub(super) fn prebuilt(&self) -> &Prebuilt {
        &self.page
    }

    /// The head of the page in a coding. `varies`: see [`crate::site::Bodies::varies`].
    pub(super) fn found(&self, varies: bool, coding: Coding, body: &Body) -> Response<Bytes> {
        let [brotli, gzip, identity] = &self.heads(varies).found;
        let head = match coding {
            Coding::Brotli => brotli,
            Coding::Gzip => gzip,
            Coding::Identity => identity,
        };
        with(head, body)
    }

    /// 304: the client has these bytes.
    pub(super) fn not_modified(&self, varies: bool, body: &Body) -> Response<Bytes> {
        let mut response = with(&self.heads(varies).not_modified, body);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    }

    fn heads(&self, varies: bool) -> &Heads {
        if varies { &self.varying } else { &self.unvarying }
    }
}

impl Heads {
    fn new(page: &Prebuilt, varies: bool, policy: &Policy) -> Self {
        let head = |coding: Option<Coding>| {
            let mut head = HeaderMap::new();
            if let Some(coding) = coding {
                headers::describe(&mut head, page, coding);
            }
            headers::validated(&mut head, page.cache, varies, VALIDATOR, policy);
            policy.secure(&mut head);
            head
        };
        Self { found: Coding::ALL.map(|coding| head(Some(coding))), not_modified: head(None) }
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
