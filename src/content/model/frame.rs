//! What `clinic.toml` says of the site itself: its lists of links, and the way out of it.

use super::Clinic;
use crate::content::leaf::{Key, WebAddress};
use schemars::JsonSchema;
use serde::Deserialize;

/// Where the link leads that leaves the site, if the clinic names nothing else: a site that says nothing of who was here.
const LEAVE: &str = "https://www.weather.gov/";

/// The lists of links at the foot of every page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct NavigationLists {
    /// Their keys, in order. Each has its name in `ui.toml`, under `[navigation]`; a list that no page is in is not shown.
    pub groups: Vec<Key>,
}

/// The link that leaves the site fast, for somebody who must not be seen here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Leave {
    /// Where it leads: a page that anybody may be looking at.
    #[schemars(example = &"https://www.weather.gov/")]
    pub url: WebAddress,
}

impl Clinic {
    /// Where the link leads that leaves the site.
    #[must_use]
    pub fn leave_url(&self) -> &str {
        self.leave.as_ref().map_or(LEAVE, |leave| leave.url.as_str())
    }

    /// The name of that place, as people know it: its host without `www.`.
    #[must_use]
    pub fn leave_site(&self) -> &str {
        let url = self.leave_url();
        let host = url.split_once("//").map_or(url, |(_, rest)| rest).split(['/', '?', '#', ':']).next();
        let host = host.unwrap_or_default();
        host.strip_prefix("www.").unwrap_or(host)
    }
}
