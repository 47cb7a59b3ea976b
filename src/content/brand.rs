//! The clinic's own colors: what follows from the few that it names, and whether all are seen that lie on one another.
//!
//! The names are those of `static/css/tokens.css`, whose values apply where the clinic names none.

use super::color::Color;
use super::leaf::Color as Named;
use super::model::{Brand, BrandColors};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What is read has this contrast (WCAG 2.2, success criterion 1.4.6).
const TEXT: f64 = 7.0;
/// What only has to be seen: edges of controls, focus (1.4.11).
const SHAPE: f64 = 3.0;

/// Pairs that meet on pages: the contrast they need, what is in front, what it lies on. `tokens.css` has the same list in its head.
pub const PAIRS: &[(f64, &[&str], &[&str])] = &[
    (TEXT, &["text", "text-soft", "link"], &["ground", "surface", "sunk", "sky"]),
    (TEXT, &["on-action"], &["action"]),
    (TEXT, &["on-deep", "on-deep-soft"], &["deep"]),
    (TEXT, &["on-alarm"], &["alarm"]),
    (TEXT, &["on-urgent"], &["urgent"]),
    (TEXT, &["on-soon"], &["soon"]),
    (TEXT, &["text"], &["mark"]),
    (SHAPE, &["edge", "action-edge", "focus", "link"], &["ground", "surface", "sunk", "sky"]),
    (SHAPE, &["focus-deep"], &["deep"]),
];

/// What people call the things that have these colors.
const THINGS: [(&str, &str); 15] = [
    ("text", "the text"),
    ("text-soft", "small text"),
    ("link", "a link"),
    ("edge", "the edge of a field"),
    ("action-edge", "the edge of the main button"),
    ("focus", "the ring around what the keyboard is at"),
    ("on-action", "the words of the main button"),
    ("on-deep", "the words at the foot"),
    ("on-deep-soft", "small words at the foot"),
    ("focus-deep", "the ring around what the keyboard is at"),
    ("ground", "the page"),
    ("surface", "a card"),
    ("sunk", "a tinted part"),
    ("action", "it"),
    ("deep", "it"),
];

/// The colors of all names, in light or in dark.
pub type Colors = BTreeMap<&'static str, Color>;

/// The two choices of colors that a browser may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Scheme {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Light, Self::Dark];

    /// Its name in style sheets and in `[brand]`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The program's own colors.
    #[must_use]
    pub fn own(self) -> &'static Colors {
        static COLORS: LazyLock<[Colors; 2]> = LazyLock::new(|| {
            let css = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/static/css/tokens.css"));
            let (light, rest) = css.split_once("prefers-color-scheme: dark").unwrap_or((css, ""));
            [light, rest.split("@media").next().unwrap_or_default()].map(declared)
        });
        let [light, dark] = &*COLORS;
        match self {
            Self::Light => light,
            Self::Dark => dark,
        }
    }
}

/// The colors that a part of a style sheet declares.
fn declared(css: &'static str) -> Colors {
    let lines = css.lines().filter_map(|line| line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": "));
    lines.filter_map(|(name, value)| Some((name, Color::read(value)?))).collect()
}

impl Brand {
    /// The colors that the clinic names.
    #[must_use]
    pub const fn colors(&self, scheme: Scheme) -> Option<&BrandColors> {
        match scheme {
            Scheme::Light => self.light.as_ref(),
            Scheme::Dark => self.dark.as_ref(),
        }
    }
}

impl BrandColors {
    /// Each that is named, in the order in which they are held to one another.
    fn named(&self) -> Vec<(&'static str, &Named)> {
        let Self { ground, link, action, deep } = self;
        let all = [("ground", ground), ("link", link), ("action", action), ("deep", deep)];
        all.into_iter().filter_map(|(name, color)| Some((name, color.as_ref()?))).collect()
    }

    fn given(&self) -> Colors {
        self.named().into_iter().filter_map(|(name, named)| Some((name, Color::read(named.as_str())?))).collect()
    }

    /// The colors that are others than the program's own: the clinic's, and what follows from them.
    #[must_use]
    pub fn changed(&self, scheme: Scheme) -> Colors {
        let (own, given) = (scheme.own(), self.given());
        let mut all = followed(scheme, &given);
        if given.contains_key("ground") || given.contains_key("action") {
            all.extend(edge(&all, &given).map(|edge| ("action-edge", edge)));
        }
        all.into_iter().filter(|(name, color)| own.get(name) != Some(color)).collect()
    }

    /// The colors that can't be seen on one another, each with the key that has to change.
    #[must_use]
    pub fn weak(&self, scheme: Scheme) -> Vec<Weak<'_>> {
        let mut given = self.given();
        let mut found = Vec::new();
        for (key, named) in self.named() {
            let Some(color) = given.get(key).copied() else { continue };
            let Some((wanted, front, ground, contrast)) = worst(scheme, &given, key) else { continue };
            let instead = color.nearest(|color| {
                let mut others = given.clone();
                others.insert(key, color);
                worst(scheme, &others, key).is_none()
            });
            found.push(Weak { key, named, wanted, front: thing(front), ground: thing(ground), contrast, instead });
            // The next ones are held to this one as it will be.
            match instead {
                Some(color) => given.insert(key, color),
                None => given.remove(key),
            };
        }
        found
    }
}

/// A color on which, or in which, something can't be seen.
#[derive(Clone, Debug)]
pub struct Weak<'a> {
    /// Its key.
    pub key: &'static str,
    /// What is written there.
    pub named: &'a Named,
    /// The contrast that is needed.
    pub wanted: f64,
    /// What is in front, and what it lies on, in words.
    pub front: &'static str,
    /// Likewise.
    pub ground: &'static str,
    /// The contrast that they have.
    pub contrast: f64,
    /// The nearest color that does, if there is one.
    pub instead: Option<Color>,
}

fn thing(name: &'static str) -> &'static str {
    THINGS.iter().find(|(other, _)| *other == name).map_or(name, |(_, words)| words)
}

/// All colors, those that follow from the given ones among them, but for the edge of the main button.
fn followed(scheme: Scheme, given: &Colors) -> Colors {
    let mut all = scheme.own().clone();
    let look_up = |all: &Colors, name: &str| all.get(name).copied().unwrap_or(Color::BLACK);
    all.extend(given.iter().map(|(name, color)| (*name, *color)));
    let (ground, text, action) = (look_up(&all, "ground"), look_up(&all, "text"), look_up(&all, "action"));
    if given.contains_key("ground") {
        let (surface, sunk) = match scheme {
            Scheme::Light => (ground.with(Color::WHITE, 160), ground.with(text, 12)),
            Scheme::Dark => (ground.with(Color::WHITE, 14), ground.with(Color::BLACK, 64)),
        };
        all.extend([("surface", surface), ("sunk", sunk), ("line", ground.with(text, 40))]);
    }
    if given.contains_key("action") {
        let own = look_up(&all, "on-action");
        let words = if own.contrast(action) >= Color::WHITE.contrast(action) { own } else { Color::WHITE };
        all.extend([("on-action", words), ("sun", action.with(ground, 24)), ("halo", action.with(ground, 128))]);
    }
    if given.contains_key("deep") {
        all.insert("bridge", look_up(&all, "deep"));
    }
    if given.contains_key("ground") || given.contains_key("action") {
        let read = ["text", "text-soft", "link"].map(|name| look_up(&all, name));
        let skies = [176, 208, 232, 244].map(|parts| action.with(ground, parts));
        let sky = skies.into_iter().find(|sky| read.iter().all(|front| front.contrast(*sky) >= TEXT)).unwrap_or(ground);
        all.insert("sky", sky);
    }
    all
}

/// The edge of the main button: its own color, or the nearest that is seen on every ground.
fn edge(all: &Colors, given: &Colors) -> Option<Color> {
    let grounds = ["ground", "surface", "sunk", "sky"].map(|name| all.get(name).copied());
    let name = if given.contains_key("action") { "action" } else { "action-edge" };
    all.get(name)?.nearest(|edge| grounds.iter().flatten().all(|ground| edge.contrast(*ground) >= SHAPE))
}

/// The key whose color decides a name's.
fn key_of(name: &str) -> Option<&'static str> {
    match name {
        "ground" | "surface" | "sunk" | "sky" => Some("ground"),
        "link" => Some("link"),
        "action" | "on-action" => Some("action"),
        "deep" => Some("deep"),
        _ => None,
    }
}

/// The pair with the least of its contrast among those for which a key has to change.
fn worst(scheme: Scheme, given: &Colors, key: &str) -> Option<(f64, &'static str, &'static str, f64)> {
    let all = followed(scheme, given);
    let pairs = PAIRS.iter().flat_map(|(wanted, fronts, grounds)| {
        fronts.iter().flat_map(move |front| grounds.iter().map(move |ground| (*wanted, *front, *ground)))
    });
    let is_given = |key: &&str| given.contains_key(*key);
    // The edge of the button is made so that it is seen, which takes a search of its own.
    let blamed = pairs.filter(|(_, front, ground)| {
        *front != "action-edge"
            && key_of(front).filter(is_given).or_else(|| key_of(ground).filter(is_given)) == Some(key)
    });
    let seen = blamed.filter_map(|(wanted, front, ground)| {
        Some((wanted, front, ground, all.get(front)?.contrast(*all.get(ground)?)))
    });
    let weak = seen.filter(|(wanted, .., contrast)| contrast < wanted);
    weak.min_by(|one, other| (one.3 / one.0).total_cmp(&(other.3 / other.0)))
}

#[cfg(test)]
mod tests {
    use super::{PAIRS, Scheme};

    #[test]
    fn the_programs_own_colors_are_those_of_the_style_sheet() {
        for scheme in Scheme::ALL {
            let colors = scheme.own();
            for name in PAIRS.iter().flat_map(|(_, fronts, grounds)| fronts.iter().chain(*grounds)) {
                assert!(colors.contains_key(name), "{name} in {}", scheme.name());
            }
        }
        assert_ne!(Scheme::Light.own().get("ground"), Scheme::Dark.own().get("ground"));
    }
}
