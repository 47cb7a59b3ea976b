//! What copy says of the clinic that facts say too: where it is, who pays, when appointments are made, how many objectives there are. And words
//! that stand for words to come.
//!
//! Mostly sentences that say it of the clinic itself: "We accept", "our clinic in", "Call us at any hour". Of states and of Medicare, any that name them. Whether they are right is
//! [`super::rules`]' to say, which knows the facts.

mod days;
mod numbers;
pub(super) mod places;

use aho_corasick::{AhoCorasick, AhoCorasickKind};
pub(super) use days::NamedDay;
pub(super) use numbers::Count;
use places::Place;
use std::ops::Range;
use std::sync::LazyLock;

/// The most of one kind that are looked at in one text.
const MOST: usize = 20;

/// What a text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The clinic is in this city.
    City(String),
    /// The clinic takes the money of this payer.
    Payer(&'static str),
    /// This payer pays, or has to do with what is paid.
    Pays(&'static str),
    /// Something of another place may be meant.
    Place(Place),
    /// This is so in the state of the clinic, whichever that is.
    TheState,
    /// So many of a thing are said to be there.
    Count(Count),
    /// Appointments are made around the clock. What to say where they are not.
    AnyHour(Option<&'static str>),
    /// This is the day of the week of a date.
    Day(NamedDay),
    /// Somebody's own words are still to come.
    Unwritten,
}

/// What comes before the name of the city that the clinic is in.
const IN_CITY: [&str; 14] = [
    "clinic in ",
    "clinic is in ",
    "clinic is located in ",
    "center in ",
    "center is in ",
    "office in ",
    "we are located in ",
    "offices in ",
    "clínica en ",
    "clínica está en ",
    "clínica de metadona en ",
    "centro en ",
    "centro está en ",
    "estamos ubicados en ",
];

/// Capital letters that are no city's.
const NO_CITY: [&str; 9] = ["Building", "Suite", "Room", "Edificio", "County", "Spanish", "English", "January", "May"];

/// How the clinic says that it takes somebody's money.
const TAKES: [&str; 16] = [
    "we accept",
    "we now accept",
    "we also accept",
    "we take",
    "we also take",
    "we bill",
    "clinic accepts",
    "clinic now accepts",
    "clinic takes",
    "center accepts",
    "{name} accepts",
    "aceptamos",
    "clínica acepta",
    "centro acepta",
    "{name} acepta",
    "tomamos",
];

/// Who pays elsewhere.
const PAYERS: [&str; 20] = [
    "Medicare",
    "Medi-Cal",
    "Medicaid",
    "TRICARE",
    "Tricare",
    "Kaiser",
    "Blue Shield",
    "Blue Cross",
    "Anthem",
    "Aetna",
    "Cigna",
    "Humana",
    "UnitedHealthcare",
    "Molina",
    "Health Net",
    "Covered California",
    "private insurance",
    "all insurance",
    "seguro privado",
    "todos los seguros",
];

/// Words of payers that have a page of their own, and of nobody else.
const PAYS: [(&str, &str); 4] =
    [("Medicare", "Medicare"), ("Part B", "Medicare"), ("Parte B", "Medicare"), ("QMB", "Medicare")];

/// What makes another name of it: that of the agency, and that of a site.
const OTHER_NAMES: [&str; 4] = [" & Medicaid", " and Medicaid", " y Medicaid", ".gov"];

/// How the clinic says that it doesn't take somebody's money.
const TAKES_NOT: [&str; 8] =
    ["not accept", "don't accept", "not take", "don't take", "can't bill", "no acepta", "no tomamos", "todavía no"];

/// The state that the clinic is in, by no name.
const THE_STATE: [&str; 6] = ["state rule", "state law", "the state", "state's", "el estado", "del estado"];

/// Words by which a sentence says something else.
const OTHERWISE: [&str; 26] = [
    "not", "no", "don't", "doesn't", "never", "if", "whether", "ask", "unless", "yet", "may", "another", "other",
    "others", "si", "nunca", "pregunte", "otra", "otro", "otras", "otros", "also", "también", "until", "aún",
    "todavía",
];

const OPEN_EN: Option<&str> = Some("during our opening hours");
const OPEN_ES: Option<&str> = Some("durante nuestro horario de atención");

/// "Around the clock", the longest first, and what to say where that isn't so.
const ANY_HOUR: [(&str, Option<&str>); 16] = [
    ("24 hours a day, 7 days a week", OPEN_EN),
    ("24 hours a day", OPEN_EN),
    ("at any hour, on any day", OPEN_EN),
    ("at any hour", OPEN_EN),
    ("around the clock", OPEN_EN),
    ("day or night", OPEN_EN),
    ("day and night", OPEN_EN),
    ("at all hours", OPEN_EN),
    ("24/7", OPEN_EN),
    ("24-hour", None),
    ("las 24 horas del día, los 7 días de la semana", OPEN_ES),
    ("las 24 horas, los 7 días", OPEN_ES),
    ("las 24 horas del día", OPEN_ES),
    ("las 24 horas", OPEN_ES),
    ("a cualquier hora", OPEN_ES),
    ("de día o de noche", OPEN_ES),
];

/// What is done when an appointment is made.
const APPOINTMENT: [&str; 14] = [
    "appointment",
    "schedule",
    "call us",
    "our line",
    "we answer",
    "reach us",
    "{phone}",
    "our phone",
    "cita",
    "llámenos",
    "nuestra línea",
    "contestamos",
    "atendemos",
    "nuestro teléfono",
];

/// Others whom people call at any hour, and the form, which waits.
const OTHERS: [&str; 10] =
    ["988", "911", "samhsa", "1-800", "lifeline", "poison", "help line", "form", "línea de ayuda", "línea 988"];

/// Words for words to come.
const UNWRITTEN: [&str; 11] = [
    "lorem ipsum",
    "[insert",
    "[your ",
    "[phone",
    "[name]",
    "[date]",
    "[address]",
    "[su ",
    "[nombre]",
    "[teléfono",
    "[fecha]",
];

/// The same in capital letters alone: "todo" is a Spanish word.
const PLACEHOLDER: &str = concat!("TO", "DO:");

/// What helps write where only the editor knows the words.
const DOTS: &str = "…";

/// A text of nothing but [`DOTS`], and perhaps the sign of a currency, is shorter in its quotes, in bytes.
const MAX_DOTS: usize = 12;

/// Every phrase of this module. Capital letters don't matter here: what may say something is read again with care. It is an automaton for all of
/// them at once, as each passage of each file is looked through; none if it can't be built, and then everything is read with care. The kind that is chosen
/// otherwise takes ten times the memory (380 KB), and longer to be built.
static PHRASES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let lists = [&IN_CITY[..], &TAKES, &UNWRITTEN, &THE_STATE, &days::ENGLISH, &days::SPANISH, &numbers::THINGS];
    let pairs = ANY_HOUR.iter().map(|(phrase, _)| phrase).chain(PAYS.iter().map(|(word, _)| word));
    let all = lists.into_iter().flatten().chain(pairs).chain([&PLACEHOLDER]);
    let kind = Some(AhoCorasickKind::ContiguousNFA);
    AhoCorasick::builder().ascii_case_insensitive(true).kind(kind).build(all).ok()
});

/// Whether a text as it is written may say any of it: most say nothing of the kind, and are not parsed for it.
pub(super) fn may_be_in(written: &str) -> bool {
    PHRASES.as_ref().is_none_or(|phrases| phrases.is_match(written))
        || written.len() < MAX_DOTS && written.contains(DOTS)
        || places::may_be_in(written)
}

/// What a text says, each with its place in it. `above` is the text before it, in small letters: the question, or the title.
pub(super) fn in_text(text: &str, above: &str) -> Vec<(Range<usize>, Said)> {
    // As long as the text, so that places are the same in both.
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<(Range<usize>, Said)> = Vec::new();
    let mut add = |part: Range<usize>, said: Said| {
        if found.iter().all(|(other, _)| part.end <= other.start || other.end <= part.start) {
            found.push((part, said));
        }
    };
    let places_of = |phrase: &str| -> Vec<usize> { lower.match_indices(phrase).take(MOST).map(|(at, _)| at).collect() };
    for phrase in IN_CITY {
        for at in places_of(phrase).into_iter().filter(|at| !says_otherwise(&lower, *at)) {
            let start = at + phrase.len();
            if let Some(city) = text.get(start..).and_then(name) {
                add(start..start + city.len(), Said::City(city.to_owned()));
            }
        }
    }
    let mut taken = Vec::new();
    for at in TAKES.into_iter().flat_map(&places_of).filter(|at| !says_otherwise(&lower, *at)) {
        let part = sentence(&lower, at);
        let rest = text.get(at..part.end).unwrap_or_default();
        for payer in PAYERS {
            let whole = |from: usize| {
                !rest.get(from + payer.len()..).is_some_and(|behind| behind.starts_with(char::is_alphanumeric))
            };
            if let Some(from) = rest.find(payer).filter(|from| whole(*from)) {
                taken.push((part.start, payer));
                add(at + from..at + from + payer.len(), Said::Payer(payer));
            }
        }
    }
    for (phrase, instead) in ANY_HOUR {
        for at in places_of(phrase) {
            let part = sentence(&lower, at);
            let said = lower.get(part.clone()).unwrap_or_default();
            let names = |said: &str, phrases: &[&str]| phrases.iter().any(|phrase| said.contains(phrase));
            // "Schedule a first visit. You can do that at any hour." Or as the answer to a question.
            let last = part.start.checked_sub(1).and_then(|end| lower.get(sentence(&lower, end)));
            let is_made = [Some(said), last, Some(above)].into_iter().flatten().any(|said| names(said, &APPOINTMENT));
            if is_made && !names(said, &OTHERS) && !says_otherwise(&lower, at) {
                add(at..at + phrase.len(), Said::AnyHour(instead));
            }
        }
    }
    for (part, place) in places::in_text(text) {
        add(part, Said::Place(place));
    }
    // Once in a sentence, and not where it is said to be accepted.
    let mut named: Vec<(usize, &str)> = taken;
    for (word, payer) in PAYS {
        for at in text.match_indices(word).map(|(at, _)| at).take(MOST) {
            let part = sentence(&lower, at);
            let said = lower.get(part.clone()).unwrap_or_default().replace('’', "'");
            let behind = text.get(at + word.len()..).unwrap_or_default();
            let is_other = OTHER_NAMES.iter().any(|other| behind.starts_with(other));
            let asks = said.trim_end().ends_with('?') || TAKES_NOT.iter().any(|phrase| said.contains(phrase));
            if !is_other && !asks && !named.contains(&(part.start, payer)) {
                named.push((part.start, payer));
                add(at..at + word.len(), Said::Pays(payer));
            }
        }
    }
    for phrase in THE_STATE {
        for at in places_of(phrase) {
            add(at..at + phrase.len(), Said::TheState);
        }
    }
    for (part, count) in numbers::in_text(&lower) {
        add(part, Said::Count(count));
    }
    for (part, day) in days::in_text(text, &lower) {
        add(part, Said::Day(day));
    }
    for phrase in UNWRITTEN {
        for at in places_of(phrase) {
            add(at..at + phrase.len(), Said::Unwritten);
        }
    }
    if text.contains(DOTS) && !text.contains(char::is_alphanumeric) {
        add(0..text.len(), Said::Unwritten);
    }
    let begins_a_word = |at: &usize| !text.get(..*at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
    for at in text.match_indices(PLACEHOLDER).map(|(at, _)| at).filter(begins_a_word).take(MOST) {
        add(at..at + PLACEHOLDER.len(), Said::Unwritten);
    }
    found
}

/// The sentence around a place, with the sign at its end.
fn sentence(text: &str, at: usize) -> Range<usize> {
    let ends = |c: char| matches!(c, '.' | '?' | '!' | '\n');
    let (before, behind) = text.split_at_checked(at).unwrap_or_default();
    let start = before.rfind(ends).map_or(0, |end| end + 1);
    let end = behind.find(ends).map_or(text.len(), |end| at + end + 1);
    start..end
}

/// Whether the sentence around a place asks, denies, or speaks of others.
fn says_otherwise(lower: &str, at: usize) -> bool {
    let part = sentence(lower, at);
    let before = lower.get(part.start..at).unwrap_or_default();
    // "We can't promise a day, but you can call at any hour."
    let but = [", but ", ", pero "].iter().filter_map(|but| Some(before.rfind(but)? + but.len())).max().unwrap_or(0);
    let said = lower.get(part.start + but..part.end).unwrap_or_default();
    let said = &said.replace("another appointment", "").replace("otra cita", "").replace("ask for", "");
    said.ends_with('?')
        || said.contains('¿')
        || said
            .split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’')))
            .any(|word| OTHERWISE.contains(&word.replace('’', "'").as_str()))
}

/// The name that a text begins with: words with capital letters.
fn name(text: &str) -> Option<&str> {
    let (mut at, mut end) = (0, 0);
    for word in text.split_inclusive(' ') {
        let bare = word.trim_end().trim_end_matches(|c: char| !c.is_alphanumeric());
        if !bare.starts_with(char::is_uppercase) {
            break;
        }
        end = at + bare.len();
        at += word.len();
        if bare.len() < word.trim_end().len() {
            break;
        }
    }
    let name = text.get(..end).filter(|name| !name.is_empty())?;
    let first = name.split(' ').next().unwrap_or_default();
    (!NO_CITY.contains(&first)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{Said, in_text};

    #[test]
    fn what_the_clinic_says_of_itself_is_found() {
        let city = |name: &str| Said::City(name.to_owned());
        for (text, said) in [
            ("Our clinic in Fresno is open.", city("Fresno")),
            ("A methadone clinic in Elk Grove, California.", city("Elk Grove")),
            ("Nuestra clínica está en Los Ángeles.", city("Los Ángeles")),
            ("We accept Medicare and Medi-Cal.", Said::Payer("Medicare")),
            ("Aceptamos Medi-Cal.", Said::Payer("Medi-Cal")),
            ("You can call us 24/7.", Said::AnyHour(super::OPEN_EN)),
            ("Haga una cita a cualquier hora.", Said::AnyHour(super::OPEN_ES)),
            ("Schedule a visit. You can do that at any hour.", Said::AnyHour(super::OPEN_EN)),
            ("No podemos prometer un día, pero puede hacer una cita a cualquier hora.", Said::AnyHour(super::OPEN_ES)),
            ("If you have Medicare, see what you pay.", Said::Pays("Medicare")),
            ("The state sells it.", Said::TheState),
            ("Lorem ipsum dolor.", Said::Unwritten),
            ("…", Said::Unwritten),
            ("$…", Said::Unwritten),
            (concat!("TO", "DO: ask Ana."), Said::Unwritten),
            ("Our fax is [insert number].", Said::Unwritten),
        ] {
            assert_eq!(in_text(text, "").first().map(|(_, said)| said), Some(&said), "{text}");
        }
        let two = in_text("We accept Medicare and Medi-Cal.", "");
        assert_eq!(two.len(), 2, "{two:?}");
    }

    #[test]
    fn what_is_said_of_others_or_asked_is_not() {
        for text in [
            "There is another clinic in Fresno.",
            "If you find a clinic in Fresno, call it.",
            "Our clinic in May is closed on Mondays.",
            "Come to our clinic in the morning.",
            "We don't take Medicare.",
            "The Centers for Medicare & Medicaid Services wrote it.",
            "Ask whether we accept Cigna.",
            "Many clinics accept Cigna.",
            "Do you take Cigna or other insurance?",
            "We do not accept Cigna yet.",
            "Call or text 988 at any hour.",
            "Call us or 988, day or night.",
            "You may leave at any hour.",
            "Send this form at any hour: we call you for an appointment.",
            "You can't schedule at any hour if you need a ride.",
            "Read [sic] your rights.",
            "Todo lo que diga queda entre nosotros.",
            "Incluye todo: consejería, medicina y análisis.",
            "Nuestro método: escuchar..",
        ] {
            assert_eq!(in_text(text, ""), [], "{text}");
        }
    }
}
