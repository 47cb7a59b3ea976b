//! What is compiled into the program besides content: the style sheet, the icon, the pictures.
//!
//! An asset's address holds a hash of its bytes, so it may be cached forever and a new one is fetched at once.

use super::prebuilt::short_hash;
use super::route;
use crate::content::text::Html;
use include_dir::{Dir, include_dir};
use std::collections::BTreeMap;
use std::sync::LazyLock;

const CSS: &str = "text/css; charset=utf-8";

/// The one folder that is taken as a whole: an icon is added by its file. `build.rs` watches it.
static ICONS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/static/icons");

/// A file of `static/`. Each is named: what the desk page is made from, and the packages that make it, are no part of the program.
macro_rules! text {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/static/", $path))
    };
}

/// The parts of the style sheet of most pages, and of the desk page, in the order of its cascade layers.
const STYLES: [&str; 6] = [
    text!("css/tokens.css"),
    text!("css/base.css"),
    text!("css/layout.css"),
    text!("css/components.css"),
    text!("css/utilities.css"),
    text!("css/print.css"),
];

/// What the sections of few pages need besides: only those pages have it (`Section::needs_more_style`), so that the first visit of the others
/// stays within 14 KB.
const MORE_STYLE: &str = text!("css/more.css");

/// What few sites need: only they send it.
pub(super) const OWN_STYLE: &str = text!("css/own.css");

/// An asset with its hashed address.
#[derive(Clone, Debug)]
pub(crate) struct Asset {
    pub(crate) path: String,
    pub(super) content_type: &'static str,
    pub(super) body: String,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Assets {
    pub(crate) stylesheet: Asset,
    /// The same with what the sections of few pages need. A page has one of the two.
    pub(crate) full_stylesheet: Asset,
    pub(crate) icon: Asset,
    /// The script and the style of a preview that follows its content. Published pages have neither.
    pub(crate) live_script: Asset,
    pub(crate) live_style: Asset,
    /// The picture of the home page, and the same for pages from right to left: what it leaves free for the words is on the other side.
    pub(super) picture: Html,
    pub(super) mirrored_picture: Html,
    /// Line icons by name.
    icons: BTreeMap<&'static str, Html>,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    stylesheet: Asset::new("site", "css", CSS, STYLES.map(compact).concat()),
    full_stylesheet: Asset::new("full", "css", CSS, STYLES.map(compact).concat() + &compact(MORE_STYLE)),
    icon: Asset::new("icon", "svg", "image/svg+xml", text!("icon.svg").trim().to_owned()),
    live_script: Asset::new("preview", "js", "text/javascript; charset=utf-8", text!("preview/live.js").to_owned()),
    live_style: Asset::new("preview", "css", CSS, text!("preview/live.css").to_owned()),
    picture: Html::picture(text!("picture.svg")),
    mirrored_picture: Html::picture(text!("picture.svg")).mirrored(),
    icons: ICONS
        .files()
        .filter_map(|file| Some((file.path().file_stem()?.to_str()?, Html::picture(file.contents_utf8()?))))
        .collect(),
});

impl Assets {
    pub(super) fn get() -> &'static Self {
        &ASSETS
    }

    /// The icon of a name; nothing for a name that `check` would refuse.
    pub(super) fn icon(&self, name: &str) -> Html {
        self.icons.get(name).cloned().unwrap_or_default()
    }
}

/// The address of the style sheet.
pub(crate) fn stylesheet() -> &'static str {
    &Assets::get().stylesheet.path
}

/// What the desk page is made of: the template of the file, its style and its script.
pub(crate) struct DeskParts {
    pub(crate) page: &'static str,
    pub(crate) style: String,
    pub(crate) script: &'static str,
}

pub(crate) fn desk_parts() -> DeskParts {
    DeskParts {
        page: text!("desk/page.html"),
        style: [&Assets::get().stylesheet.body, &compact(text!("desk/desk.css"))].map(String::as_str).concat(),
        script: text!("desk/dist/desk.js"),
    }
}

/// The names of the icons there are.
#[must_use]
pub fn icon_names() -> Vec<&'static str> {
    Assets::get().icons.keys().copied().collect()
}

/// The name and the ending of an asset by its address, which differs from one build to another by a hash between them.
pub(super) fn unhashed(path: &str) -> Option<(&str, &str)> {
    let (name, rest) = path.strip_prefix(route::ASSETS)?.split_once('.')?;
    let (hash, extension) = rest.split_once('.')?;
    hash.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some((name, extension))
}

impl Asset {
    /// A style sheet with more at its end.
    pub(super) fn and(&self, more: &str) -> Self {
        let Some((name, extension)) = unhashed(&self.path).filter(|_| !more.is_empty()) else { return self.clone() };
        Self::new(name, extension, self.content_type, [self.body.as_str(), &compact(more)].concat())
    }

    fn new(name: &str, extension: &str, content_type: &'static str, body: String) -> Self {
        Self {
            path: format!("{}{name}.{}.{extension}", route::ASSETS, short_hash(body.as_bytes())),
            content_type,
            body,
        }
    }
}

/// A style sheet without comments, indentation and empty lines. By hand: a CSS minifier is a parser, a hundred crates for the few bytes that
/// brotli leaves.
fn compact(css: &str) -> String {
    let mut rest = css;
    let mut out = String::with_capacity(css.len());
    while let Some((before, comment)) = rest.split_once("/*") {
        out.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.lines().map(str::trim).filter(|line| !line.is_empty()).fold(String::new(), |all, line| all + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::{Assets, MORE_STYLE, STYLES, compact, desk_parts};

    #[test]
    fn a_style_sheet_is_sent_without_what_is_for_its_writers() {
        assert_eq!(compact("/* One\n two */\n\ta {\n\t\tcolor: red; /* why */\n\n\t}\n"), "a {\ncolor: red;\n}\n");
        assert!(compact("a { }").ends_with("}\n") && compact("/* open").is_empty());
        let (sheet, full) = (&Assets::get().stylesheet.body, &Assets::get().full_stylesheet.body);
        assert!(!full.contains("/*") && sheet.contains("@layer"));
        let rules = STYLES.map(|style| style.matches('{').count()).iter().sum::<usize>();
        assert_eq!(sheet.matches('{').count(), rules);
        assert_eq!(full.matches('{').count(), rules + MORE_STYLE.matches('{').count());
    }

    #[test]
    fn the_full_style_sheet_is_the_other_with_more() {
        let Assets { stylesheet, full_stylesheet, .. } = Assets::get();
        let more = full_stylesheet.body.strip_prefix(&stylesheet.body);
        assert!(more.is_some_and(|more| more.starts_with("@layer")), "{more:?}");
    }

    #[test]
    fn every_icon_is_a_picture() {
        assert!(!Assets::get().icons.is_empty());
        assert!(Assets::get().icons.values().all(|icon| icon.as_str().starts_with("<svg")));
    }

    #[test]
    fn the_desk_page_has_the_sites_colors_and_no_comments() {
        let parts = desk_parts();
        assert!(parts.style.contains("--ground:") && !parts.style.contains("/*"));
        assert!(parts.page.starts_with("<!doctype html>") && !parts.script.is_empty());
    }
}
