//! How a site looks: the program's style sheets, with the clinic's own colors at their end.

use super::asset::{Asset, Assets, OWN_STYLE};
use crate::content::brand::Scheme;
use crate::content::model::{Brand, Section};
use crate::content::{Content, Language};
use std::fmt::Write as _;

/// What all pages of a site have of its look.
#[derive(Debug)]
pub(super) struct Looks {
    /// The style sheet of most pages.
    pub(super) stylesheet: Asset,
    /// The same with what the sections of few pages need.
    pub(super) full_stylesheet: Asset,
    /// The color of the browser's bar, in light and in dark: that behind everything.
    pub(super) bar: [String; 2],
}

impl Looks {
    pub(super) fn new(content: &Content) -> Self {
        let (assets, brand) = (Assets::get(), content.clinic.brand.as_ref());
        let mut own = brand.map(own_colors).unwrap_or_default();
        if needs_own_style(content) {
            own += OWN_STYLE;
        }
        let bar = Scheme::ALL.map(|scheme| {
            let changed = brand.and_then(|brand| brand.colors(scheme)).map(|colors| colors.changed(scheme));
            let ground = changed.and_then(|changed| changed.get("ground").copied());
            ground.or_else(|| scheme.own().get("ground").copied()).map(|ground| ground.to_string()).unwrap_or_default()
        });
        Self { stylesheet: assets.stylesheet.and(&own), full_stylesheet: assets.full_stylesheet.and(&own), bar }
    }

    /// The one style sheet of a page, with `more` if one of its sections needs that.
    pub(super) const fn stylesheet_with(&self, more: bool) -> &Asset {
        if more { &self.full_stylesheet } else { &self.stylesheet }
    }

    /// The style sheet of a page with some sections.
    pub(super) fn stylesheet_of<'s>(&self, sections: impl IntoIterator<Item = &'s Section>) -> &Asset {
        self.stylesheet_with(sections.into_iter().any(Section::needs_more_style))
    }
}

/// Whether there is something that `own.css` is for.
fn needs_own_style(content: &Content) -> bool {
    let logo = content.clinic.brand.as_ref().is_some_and(|brand| brand.logo.is_some());
    let in_language = |language: &Language| {
        let objectives = &language.objectives.objectives;
        objectives.len() % 3 == 1
            || objectives.iter().any(|objective| objective.icon.is_none())
            || language.pages.values().any(|page| page.picture.is_some())
    };
    let is_joined = |language: &Language| language.direction.is_rtl();
    let places = content.clinic.locations.is_some();
    logo || places || content.languages.iter().any(|language| in_language(language) || is_joined(language))
}

/// The clinic's colors as tokens, after those of `tokens.css` in the same layer: paper and forced colors have the last word as before, and more
/// contrast takes back what it had changed.
fn own_colors(brand: &Brand) -> String {
    let mut css = String::new();
    for (scheme, colors) in Scheme::ALL.into_iter().filter_map(|scheme| Some((scheme, brand.colors(scheme)?))) {
        let _ = writeln!(css, "@media (prefers-color-scheme: {}) {{\n:root {{", scheme.name());
        for (name, color) in colors.changed(scheme) {
            let _ = writeln!(css, "--{name}: {color};");
        }
        css.push_str("}\n}\n");
    }
    if !css.is_empty() {
        let more =
            "@media (prefers-contrast: more) {\n:root {\n--line: var(--edge);\n--action-edge: var(--text);\n}\n}\n";
        css = format!("@layer tokens {{\n{css}{more}}}\n");
    }
    css
}
