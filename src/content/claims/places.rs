//! Where else a text says to be: states with what is theirs alone, counties, and the clinic of the content that is built in.

use super::{name, sentence};
use crate::content::states::{STATES, State};
use serde::Deserialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

/// What a text names of a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::content) enum Place {
    /// A state, or something that these states alone have: a program, an agency, a code of law.
    States(Vec<&'static State>),
    /// A county, by its name without that word.
    County(String),
    /// The name of the clinic that the built-in content is of.
    ExampleName,
    /// Its city.
    ExampleCity,
}

/// The clinic that the built-in content is of: who copies that content says of this one what was said of another.
#[derive(Debug, Deserialize)]
pub(in crate::content) struct Example {
    name: Value<String>,
    area_served: Option<Value<Area>>,
}

#[derive(Debug, Deserialize)]
struct Value<T> {
    value: T,
}

#[derive(Debug, Deserialize)]
struct Area {
    city: String,
}

impl Example {
    pub(in crate::content) fn name(&self) -> &str {
        &self.name.value
    }

    pub(in crate::content) fn city(&self) -> Option<&str> {
        self.area_served.as_ref().map(|area| area.value.city.as_str())
    }
}

/// It, from the built-in file of facts.
pub(in crate::content) static EXAMPLE: LazyLock<Option<Example>> =
    LazyLock::new(|| toml::from_str(include_str!("../../../content/clinic.toml")).ok());

/// How citations of a state's law go on behind its abbreviation: "Cal. Health & Safety Code", "Colo. Rev. Stat.".
const CITED: [&str; 11] =
    ["Admin.", "Ann.", "Bus.", "Code", "Comp.", "Gen.", "Health", "Penal Code", "Rev.", "Stat.", "Welf."];

/// What comes after the name of a state where it names something else: "Kansas City", "Delaware County", "California Street".
const NO_STATE: [&str; 12] =
    ["Ave", "Avenue", "Blvd", "Boulevard", "City", "County", "Drive", "River", "Road", "St", "Street", "Way"];

/// States that share their names with people, countries and the capital: they are found only where the words around them say that it is the state.
const AMBIGUOUS: [&str; 3] = ["Georgia", "Virginia", "Washington"];
const BEFORE: [&str; 8] = ["in", "of", "from", "outside", "en", "de", "desde", "the"];
const BEHIND: [&str; 7] = ["Code", "Department", "Medicaid", "State", "law", "residents", "state"];

/// Every name, by its first word; the longest first.
static NAMES: LazyLock<BTreeMap<String, Vec<(String, Place)>>> = LazyLock::new(|| {
    let mut states: BTreeMap<String, Vec<&'static State>> = BTreeMap::new();
    for state in STATES {
        let cited = CITED.iter().filter(|_| !state.cited.is_empty()).map(|law| format!("{} {law}", state.cited));
        let own = [state.name, state.medicaid].into_iter().chain(state.own.iter().copied());
        for name in own.filter(|name| !name.is_empty()).map(str::to_owned).chain(cited) {
            states.entry(name).or_default().push(state);
        }
    }
    let example = EXAMPLE.as_ref();
    let city = example.and_then(|it| Some((it.city()?.to_owned(), Place::ExampleCity)));
    let own = example.map(|it| (it.name().to_owned(), Place::ExampleName));
    let mut names: BTreeMap<String, Vec<(String, Place)>> = BTreeMap::new();
    for (name, place) in states.into_iter().map(|(name, of)| (name, Place::States(of))).chain(city).chain(own) {
        names.entry(first_word(&name).to_owned()).or_default().push((name, place));
    }
    for all in names.values_mut() {
        all.sort_by_key(|(name, _)| Reverse(name.len()));
    }
    names
});

fn first_word(text: &str) -> &str {
    text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
}

/// Where words with a capital letter begin.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut before = ' ';
    text.char_indices().filter_map(move |(at, c)| {
        let begins = c.is_uppercase() && !before.is_alphanumeric();
        before = c;
        begins.then(|| (at, text.get(at..).map(first_word).unwrap_or_default()))
    })
}

/// Whether a text as it is written may name any of them.
pub(super) fn may_be_in(written: &str) -> bool {
    words(written).any(|(_, word)| NAMES.contains_key(word) || matches!(word, "County" | "Condado"))
        || written.contains("condado de ")
}

/// The places that a text names, each once in a sentence.
pub(in crate::content) fn in_text(text: &str) -> Vec<(Range<usize>, Place)> {
    let mut found: Vec<(Range<usize>, Place)> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut end = 0;
    for (at, word) in words(text) {
        let rest = text.get(at..).unwrap_or_default();
        let county = match word {
            "County" => county_before(text, at).map(|from| (from..at + word.len(), text.get(from..at))),
            "Condado" => rest.strip_prefix("Condado de ").and_then(name).map(|of| (at..at + 11 + of.len(), Some(of))),
            _ => None,
        };
        if let Some((part, Some(of))) = county {
            found.retain(|(other, _)| other.end <= part.start);
            end = part.end;
            let of = of.trim();
            let of = of.strip_prefix("The ").unwrap_or(of);
            found.push((part, Place::County(of.to_owned())));
            continue;
        }
        if at < end {
            continue;
        }
        let whole = |name: &str| {
            rest.strip_prefix(name)
                .is_some_and(|behind| name.ends_with('.') || !behind.starts_with(char::is_alphanumeric))
        };
        let Some((name, place)) = NAMES.get(word).and_then(|all| all.iter().find(|(name, _)| whole(name))) else {
            continue;
        };
        end = at + name.len();
        if is_that(text, at, name, place) && seen.insert((sentence(text, at).start, format!("{place:?}"))) {
            found.push((at..end, place.clone()));
        }
    }
    for (at, phrase) in text.match_indices("condado de ").take(super::MOST) {
        let from = at + phrase.len();
        if let Some(of) = text.get(from..).and_then(name) {
            let part = at..from + of.len();
            found.retain(|(other, _)| other.end <= part.start || part.end <= other.start);
            found.push((part, Place::County(of.to_owned())));
        }
    }
    found
}

/// Where the name of a county begins whose last word is "County".
fn county_before(text: &str, at: usize) -> Option<usize> {
    let mut from = None;
    let mut before = text.get(..at)?;
    for _ in 0..3 {
        let bare = before.strip_suffix(' ')?;
        let start = bare.rfind(|c: char| c.is_whitespace() || "(“\"".contains(c)).map_or(0, |gap| gap + 1);
        let start = bare.ceil_char_boundary(start);
        let word = bare.get(start..)?;
        if !word.starts_with(char::is_uppercase) || !word.ends_with(char::is_alphanumeric) {
            break;
        }
        from = Some(start);
        if start == 0 {
            break;
        }
        before = text.get(..start)?;
    }
    from
}

/// Whether a name means what it is the name of.
fn is_that(text: &str, at: usize, name: &str, place: &Place) -> bool {
    let Place::States(_) = place else { return true };
    let behind = text.get(at + name.len()..).unwrap_or_default();
    let next = behind.split_whitespace().next().unwrap_or_default();
    if NO_STATE.contains(&next.trim_end_matches([',', ';', ':', '.'])) && behind.starts_with(' ') {
        return false;
    }
    let last = text.get(..at).unwrap_or_default().split_whitespace().next_back().unwrap_or_default();
    !AMBIGUOUS.contains(&name)
        || !["D.C", "DC"].iter().any(|dc| behind.trim_start_matches([',', ' ']).starts_with(dc))
            && (BEFORE.contains(&last) || BEHIND.contains(&next.trim_end_matches(|c: char| !c.is_alphabetic())))
}

#[cfg(test)]
mod tests {
    use super::{Place, in_text};

    fn shown_places(text: &str) -> Vec<String> {
        let shown = |(part, place): (std::ops::Range<usize>, Place)| match place {
            Place::States(of) => {
                let letters: Vec<_> = of.iter().map(|state| state.letters).collect();
                format!("{} {}", text.get(part).unwrap(), letters.join("/"))
            }
            Place::County(name) => format!("{name} County"),
            place => format!("{} {place:?}", text.get(part).unwrap()),
        };
        in_text(text).into_iter().map(shown).collect()
    }

    #[test]
    fn states_and_what_is_theirs_are_found() {
        for (text, wanted) in [
            ("In California, the limit is 30 days. California says so.", &["California CA", "California CA"][..]),
            ("California has a rule in California.", &["California CA"]),
            ("Do you take Medi-Cal or MassHealth?", &["Medi-Cal CA", "MassHealth MA"]),
            ("It is in the Health and Safety Code.", &["Health and Safety Code CA/TX"]),
            ("See Colo. Rev. Stat. 27-80.", &["Colo. Rev. CO"]),
            ("En Nuevo México y en Carolina del Norte.", &["Nuevo México NM", "Carolina del Norte NC"]),
            ("West Virginia has another.", &["West Virginia WV"]),
            ("It is the law in Virginia.", &["Virginia VA"]),
            ("The Washington Department of Health says so.", &["Washington WA"]),
        ] {
            assert_eq!(shown_places(text), wanted, "{text}");
        }
    }

    #[test]
    fn counties_are_found() {
        for (text, wanted) in [
            ("Ask the Los Angeles County office.", &["Los Angeles County"][..]),
            ("The Placer County office.", &["Placer County"]),
            ("Los servicios del Condado de San Luis Obispo.", &["San Luis Obispo County"]),
            ("Pregunte al condado de Alameda.", &["Alameda County"]),
            ("Ask Delaware County.", &["Ask Delaware County"]),
        ] {
            assert_eq!(shown_places(text), wanted, "{text}");
        }
    }

    #[test]
    fn the_clinic_of_the_built_in_content_is_known() {
        let example = super::EXAMPLE.as_ref().unwrap();
        assert!(!example.name().is_empty() && example.city().is_none_or(|city| !city.is_empty()), "{example:?}");
    }

    #[test]
    fn other_things_of_such_names_are_not() {
        for text in [
            "Kansas City is near.",
            "Write to 200 Independence Avenue SW, Washington, D.C. 20201.",
            "The Washington, DC office.",
            "Virginia leads the group.",
            "Take the bus on California Street.",
            "The county has its own services.",
            "Indianapolis, Calm, Maines, Ohioan.",
        ] {
            assert_eq!(shown_places(text), [""; 0], "{text}");
        }
    }
}
