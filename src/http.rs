//! HTTP, as far as it is about the site: which answer a request gets, and every header of it. Transport is [`crate::server`]'s.
//!
//! [`SiteService`] is the one entry: production serves it and tests call it. A prepared page is answered at once; everything else goes through
//! `router`, which has every route and layer.

mod admin;
mod app;
mod form;
mod headers;
mod host;
mod intake;
mod log;
mod negotiate;
mod path;
mod preview;
mod protocol;
mod redirect;
mod respond;
mod router;
mod service;
mod snapshot;
mod staff;
mod statuses;
mod tasks;

pub use admin::{Process, admin_router};
pub use app::{App, ContentStatus, Findings, Serving};
pub use form::log_posts;
pub(crate) use headers::security_headers;
pub use headers::{Options, headers_file};
pub(crate) use host::is_loopback_name;
pub use intake::{Intake, Rates};
pub use redirect::redirect;
pub use service::{Answer, AnswerBody, SiteService};
pub use staff::{Caller, StaffCounts};
pub use tasks::{TaskState, Tasks};
