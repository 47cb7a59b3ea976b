//! The words: every claim the clinic makes is still made (`facts.md`, section 1), and no word wounds (section 5). In every language.

use crate::harness::{TestSite, address, es, lang_of, langs, language, text_of};
use clinic_site::lang::Lang;

/// What must be said in a language, and where: the file tells how it is written.
fn file_of(lang: Lang) -> &'static str {
    match lang.tag() {
        "en" => include_str!("words/claims.txt"),
        _ => include_str!("words/claims.es.txt"),
    }
}

/// The rows of a file of what must be said: what it is, its place, and its words.
pub(crate) fn rows(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str, Vec<&'static str>)> {
    file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let mut parts = line.splitn(3, '|').map(str::trim);
        let (Some(what), Some(place), Some(words)) = (parts.next(), parts.next(), parts.next()) else {
            panic!("not `what | place | words`: {line}");
        };
        (what, place, words.split(" … ").collect())
    })
}

/// A claim: its number and name, its place, and its words.
fn claims(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str, Vec<&'static str>)> {
    rows(file_of(lang))
}

/// Where a claim is made: the name of the page's file, or `*`, and the id there.
pub(crate) fn place_of(lang: Lang, place: &'static str) -> (&'static str, Option<&'static str>) {
    let (path, id) = place.split_once('#').map_or((place, None), |(path, id)| (path, Some(id)));
    let mut keys = language(lang).pages.keys().map(String::as_str);
    let key = if path == "*" { Some(path) } else { keys.find(|key| address(lang, key) == path) };
    (key.unwrap_or_else(|| panic!("{path} is no page in {lang:?}")), id)
}

#[test]
fn every_claim_of_the_clinic_is_made_where_a_reader_looks_for_it() {
    let site = TestSite::published();
    let mut lost = Vec::new();
    let all = langs().into_iter().flat_map(|lang| claims(lang).map(move |claim| (lang, claim)));
    for (lang, (claim, place, words)) in all {
        let (key, id) = place_of(lang, place);
        let paths = match key {
            "*" => site.pages().into_iter().filter(|path| lang_of(path) == lang).collect(),
            key => vec![address(lang, key)],
        };
        assert!(!paths.is_empty(), "{place}");
        for path in paths {
            let page = site.parsed(&path);
            let part = match (id, claim.starts_with("S16")) {
                (Some(id), _) => page.one(&format!("[id={id:?}]")),
                (None, true) => page.one("main section.contact"),
                (None, false) => page.one("body"),
            };
            let text = plain(&text_of(&part));
            let missing = words.iter().filter(|words| !text.contains(&plain(words)));
            lost.extend(
                missing
                    .map(|words| format!("{claim}: {path} does not say {words:?}\n    it says: {}", beginning(&text))),
            );
        }
    }
    assert!(
        lost.is_empty(),
        "claims that the site must make are lost; if they are only worded anew, change tests/suite/words/claims*.txt:\n{}",
        lost.join("\n")
    );
}

#[test]
fn all_sixteen_claims_and_all_nine_objectives_are_held_in_each_language() {
    for lang in langs() {
        for number in 1..=16 {
            let prefix = format!("S{number} ");
            assert!(claims(lang).any(|(claim, ..)| claim.starts_with(&prefix)), "nothing holds S{number} in {lang:?}");
        }
        let path = address(lang, "group-therapy");
        let page = TestSite::shipped().parsed(&path);
        let shown: Vec<_> =
            page.all(".objectives > li").iter().map(|item| item.attr("id").unwrap().to_owned()).collect();
        let held: Vec<_> =
            claims(lang).filter_map(|(_, place, _)| place.strip_prefix(&path)?.strip_prefix('#')).collect();
        assert_eq!(shown, held, "the nine objectives and their order in {lang:?}");
        assert_eq!(held.len(), 9, "{lang:?}");
    }
}

#[test]
fn each_language_makes_the_same_claims_on_the_same_pages() {
    let made = |lang| {
        let all = claims(lang).map(move |(claim, place, words)| {
            let number = claim.split(' ').next().unwrap();
            let (key, id) = place_of(lang, place);
            (number, key, id.is_some(), words.len())
        });
        all.collect::<Vec<_>>()
    };
    for lang in langs() {
        assert_eq!(made(lang), made(Lang::En), "{lang:?}, line by line: the claim, the page, how many pieces of words");
    }
}

/// In small letters, with straight quotation marks and plain spaces: typography is no part of a claim.
pub(crate) fn plain(text: &str) -> String {
    text.to_lowercase()
        .replace(['\u{2018}', '\u{2019}'], "'")
        .replace(['\u{201c}', '\u{201d}'], "\"")
        .replace('\u{a0}', " ")
}

fn beginning(text: &str) -> String {
    text.chars().take(400).collect()
}

/// Words to avoid, and what to write. A `*` stands for any ending. From the lists of VA and NIDA. English names stand on Spanish pages too, so
/// all are looked for on all pages.
const AVOIDED: &[(&str, &str)] = &[
    ("addict", "person with opioid use disorder"),
    ("addicts", "people with opioid use disorder"),
    ("abuser*", "person who uses drugs"),
    ("user", "person who uses drugs"),
    ("users", "people who use drugs"),
    ("junkie*", "person who uses drugs"),
    ("abuse", "opioid use disorder; drug use"),
    ("habit", "opioid use disorder; drug use"),
    ("habits", "opioid use disorder; drug use"),
    ("clean", "in recovery; tested negative"),
    ("dirty", "not in recovery; tested positive"),
    ("reformed", "person in recovery"),
    ("replacement therapy", "medicine for opioid use disorder"),
    ("opioid replacement", "medicine for opioid use disorder"),
    ("substitution", "medicine for opioid use disorder"),
    ("medication-assisted", "medicine for opioid use disorder"),
    ("mat", "medicine for opioid use disorder"),
    ("relaps*", "return to use"),
    ("slip", "return to use"),
    ("slips", "return to use"),
    ("slipped", "returned to use"),
    ("non-complian*", "not ready yet"),
    ("noncomplian*", "not ready yet"),
    ("in denial", "not ready yet"),
    ("refuses", "chose not to"),
    ("refused", "chose not to"),
    ("failed treatment", "treatment did not help"),
    ("treatment failed", "treatment did not help"),
    ("suffer*", "has; living with"),
    ("victim*", "has; living with"),
    ("struggl*", "has; living with"),
    ("adicto*", "persona con trastorno por consumo de opioides"),
    ("adicta*", "persona con trastorno por consumo de opioides"),
    ("exadict*", "persona en recuperación"),
    ("drogadict*", "persona con trastorno por consumo de opioides"),
    ("drogodepend*", "persona con trastorno por consumo de opioides"),
    ("farmacodepend*", "persona con trastorno por consumo de opioides"),
    ("toxicóman*", "persona con trastorno por consumo de opioides"),
    ("heroinóman*", "persona con trastorno por consumo de opioides"),
    ("tecat*", "persona con trastorno por consumo de opioides"),
    ("yonqui*", "persona con trastorno por consumo de opioides"),
    ("consumidor*", "persona que consume drogas"),
    ("usuari*", "persona que consume drogas"),
    ("abuso*", "trastorno por consumo de opioides; consumo de drogas"),
    ("abusa*", "consumir drogas"),
    ("vicio*", "trastorno por consumo de opioides; consumo de drogas"),
    ("hábito*", "trastorno por consumo de opioides; consumo de drogas"),
    ("drogarse", "consumir drogas"),
    ("limpio*", "en recuperación; negativa"),
    ("limpia*", "en recuperación; negativa"),
    ("sucio*", "que consume; positiva"),
    ("sucia*", "que consume; positiva"),
    ("recaíd*", "volver a consumir"),
    ("recae*", "volver a consumir"),
    ("recay*", "volver a consumir"),
    ("recaig*", "volver a consumir"),
    ("desliz*", "volver a consumir"),
    ("resbal*", "volver a consumir"),
    ("terapia de sustitución", "medicina para el trastorno por consumo de opioides"),
    ("terapia de reemplazo", "medicina para el trastorno por consumo de opioides"),
    ("sustitutiv*", "medicina para el trastorno por consumo de opioides"),
    ("asistido con medic*", "medicina para el trastorno por consumo de opioides"),
    ("incumpl*", "todavía no está listo o lista"),
    ("en negación", "todavía no está listo o lista"),
    ("se niega*", "decidió que no"),
    ("se negó", "decidió que no"),
    ("rehús*", "decidió que no"),
    ("rehus*", "decidió que no"),
    ("fracas*", "el tratamiento no le ayudó"),
    ("fallid*", "el tratamiento no le ayudó"),
    ("sufre*", "tiene; vive con"),
    ("sufri*", "tiene; vive con"),
    ("padec*", "tiene; vive con"),
    ("víctima*", "tiene; vive con"),
    ("luchar*", "tiene; vive con"),
    ("lucha*", "tiene; vive con"),
    ("batall*", "tiene; vive con"),
];

/// Official names and terms where the word is right: they are taken out before the words are looked for.
const EXEMPT: [&str; 8] = [
    "substance abuse and mental health services administration",
    "national institute on drug abuse",
    // Abuse that was done to a person is called what it is.
    "abuse in your past",
    "child abuse",
    // Once, where medicine is explained, since people search for it.
    "also called medication-assisted treatment, or mat",
    "abuso en su pasado",
    "abuso infantil",
    "tratamiento asistido con medicamentos, o mat",
];

/// Where an avoided word stands in a text: as a word of its own, in any case.
fn finds(text: &str, avoided: &str) -> Option<usize> {
    let (stem, open_end) = avoided.strip_suffix('*').map_or((avoided, false), |stem| (stem, true));
    let in_word =
        |character: Option<char>| character.is_some_and(|character| character.is_alphanumeric() || character == '-');
    text.match_indices(stem).map(|(at, _)| at).find(|at| {
        !in_word(text[..*at].chars().next_back()) && (open_end || !in_word(text[at + stem.len()..].chars().next()))
    })
}

#[test]
fn no_page_has_a_word_that_wounds() {
    let mut found = Vec::new();
    for (state, site) in TestSite::states() {
        for page in site.documents() {
            let attributes: Vec<&str> =
                page.all("meta[content]").iter().filter_map(|meta| meta.attr("content")).collect();
            let title = page.one("title");
            let mut text = format!("{} {} {}", text_of(&page.one("body")), text_of(&title), attributes.join(" "));
            text = plain(&text);
            for exempt in EXEMPT {
                text = text.replace(exempt, "");
            }
            for (avoided, instead) in AVOIDED {
                if let Some(at) = finds(&text, avoided) {
                    let around: String =
                        text[text.floor_char_boundary(at.saturating_sub(60))..].chars().take(130).collect();
                    found.push(format!("{state}: {}: {avoided:?} in \"{around}\"; write: {instead}", page.path));
                }
            }
        }
    }
    assert!(found.is_empty(), "words to avoid (facts.md, section 5):\n{}", found.join("\n"));
}

#[test]
fn avoided_words_are_found_as_words() {
    for (text, avoided, there) in [
        ("an addict.", "addict", true),
        ("addiction", "addict", false),
        ("he relapsed", "relaps*", true),
        ("a screen-user", "user", false),
        ("user", "user", true),
        ("cleaning", "clean", false),
        ("una adicta.", "adicta*", true),
        ("la adicción", "adicta*", false),
    ] {
        assert_eq!(finds(text, avoided).is_some(), there, "{avoided} in {text}");
    }
}

#[test]
fn the_term_that_people_search_for_stands_once() {
    for (lang, term) in [
        (Lang::En, "also called medication-assisted treatment, or mat"),
        (es(), "tratamiento asistido con medicamentos, o mat"),
    ] {
        let pages = TestSite::shipped().parsed_pages();
        let on = |path: &str| {
            let page = pages.iter().find(|page| page.path == path).unwrap();
            plain(&text_of(&page.one("body"))).matches(term).count()
        };
        let medicine = address(lang, "medicine");
        for path in pages.iter().map(|page| page.path.as_str()) {
            assert_eq!(on(path), usize::from(path == medicine), "{path}");
        }
    }
}
