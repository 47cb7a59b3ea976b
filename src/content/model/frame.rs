//! What `clinic.toml` says of the site itself: its lists of links, and the way out of it.

use super::{Clinic, FileUse};
use crate::content::leaf::{Color, FileName, Key, WebAddress};
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

/// The clinic's own look. What it doesn't name is the program's own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Brand {
    /// Its logo, at the top of every page beside the clinic's name: a picture in `content/files/`.
    #[schemars(example = &"logo.png")]
    pub logo: Option<FileName>,
    /// The same for a dark ground.
    #[schemars(example = &"logo-dark.png")]
    pub logo_dark: Option<FileName>,
    /// Its colors, dark on light.
    pub light: Option<BrandColors>,
    /// Its colors where a reader has asked for light on dark.
    pub dark: Option<BrandColors>,
}

/// Colors. What else has to go with them (cards, lines, the words on the button) is made from them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct BrandColors {
    /// Behind everything.
    #[schemars(example = &"#ffffff")]
    pub ground: Option<Color>,
    /// Links, icons, and the lines that lead to what matters.
    #[schemars(example = &"#0b3d91")]
    pub link: Option<Color>,
    /// The one button that matters most, and the sun.
    #[schemars(example = &"#ffb81c")]
    pub action: Option<Color>,
    /// The foot, the line at the top, and the numbers of steps.
    #[schemars(example = &"#0a2a5e")]
    pub deep: Option<Color>,
}

impl Clinic {
    /// The files of `content/files/` that it names: pictures whose words the program knows.
    #[must_use]
    pub fn files(&self) -> Vec<FileUse<'_>> {
        let logos = self.brand.iter().flat_map(|brand| [brand.logo.as_ref(), brand.logo_dark.as_ref()]);
        logos.flatten().map(FileUse::Named).collect()
    }

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
