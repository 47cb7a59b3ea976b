//! How hard the pages are to read, by two formulas of their languages.
//!
//! English: the Flesch–Kincaid grade, the years of school a reader needs (Kincaid, Fishburne, Rogers, Chissom: Derivation of new
//! readability formulas for Navy enlisted personnel, 1975). Spanish: the ease of Fernández Huerta (Medidas sencillas de lecturabilidad,
//! 1959), which is the higher the easier a text is.
//!
//! A language without a measure is not graded, and nothing is said of it.
//!
//! A formula sees long words and long sentences and nothing else. It finds the sentences to look at; it doesn't say what is well written.

mod sentences;
mod syllables;

pub use sentences::Counts;

use super::catalogue::HARD_TO_READ;
use super::leaf::Words;
use super::model::{Page, Section};
use super::names;
use super::plain::{Passage, Plain, Reading};
use super::{Content, Files, Language};
use crate::diagnostic::{Report, Source};
use crate::lang::Lang;
use serde::{Serialize, Serializer};
use std::ops::Range;
use std::sync::Arc;

/// The highest grade a page may have.
const MAX_GRADE: f64 = 7.0;
/// The lowest ease that is as good: 60 to 70 are the grades 7 and 8 of the scale.
const MIN_EASE: f64 = 65.0;
/// How many of the hardest sentences are reported.
const HARDEST: usize = 3;
/// Shorter sentences are not reported: two long words aren't a hard sentence.
const MIN_WORDS: usize = 6;

/// A formula. Each is made for one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    /// English: Flesch–Kincaid.
    Grade,
    /// Spanish: Fernández Huerta.
    Ease,
}

impl Measure {
    /// The measure of a language, if there is one.
    fn for_lang(lang: Lang) -> Option<Self> {
        match lang.language() {
            "en" => Some(Self::Grade),
            "es" => Some(Self::Ease),
            _ => None,
        }
    }
}

/// How hard a text is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    measure: Measure,
    value: f64,
}

impl Score {
    #[expect(clippy::cast_precision_loss, reason = "no page has so many words that a float can't count them")]
    fn new(counts: Counts, measure: Measure) -> Self {
        let per = |a: usize, b: usize| a as f64 / b.max(1) as f64;
        let (length, weight) = (per(counts.words, counts.sentences), per(counts.syllables, counts.words));
        let value = match measure {
            Measure::Grade => 0.39 * length + 11.8 * weight - 15.59,
            Measure::Ease => 206.84 - 60.0 * weight - 1.02 * length,
        };
        Self { measure, value: (value * 10.0).round() / 10.0 }
    }

    /// The name of the measure.
    #[must_use]
    pub const fn measure(self) -> &'static str {
        match self.measure {
            Measure::Grade => "grade",
            Measure::Ease => "ease",
        }
    }

    /// The measure itself, to one place behind the point.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.value
    }

    /// Whether it is more than the site asks of a reader.
    #[must_use]
    pub fn is_hard(self) -> bool {
        match self.measure {
            Measure::Grade => self.value > MAX_GRADE,
            Measure::Ease => self.value < MIN_EASE,
        }
    }

    /// The harder, the larger.
    fn hardness(self) -> f64 {
        match self.measure {
            Measure::Grade => self.value,
            Measure::Ease => -self.value,
        }
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.value)
    }
}

/// How hard a page is.
#[derive(Debug, Serialize)]
pub struct PageReading {
    /// Its address.
    pub address: String,
    /// Its file.
    pub path: String,
    /// `grade` or `ease`.
    pub measure: &'static str,
    /// That of all its copy.
    pub score: Score,
    /// How many words its copy has.
    pub words: usize,
    /// Each part.
    pub sections: Vec<SectionReading>,
    /// The hardest sentences, the hardest first.
    pub hardest: Vec<Sentence>,
    #[serde(skip)]
    title: (Arc<Source>, Range<usize>),
}

/// How hard a part of a page is.
#[derive(Debug, Serialize)]
pub struct SectionReading {
    /// Its heading; nothing for the lead, and for a notice without one.
    pub heading: Option<String>,
    /// That of its copy.
    pub score: Score,
    /// How many words its copy has.
    pub words: usize,
}

/// A sentence.
#[derive(Debug, Serialize)]
pub struct Sentence {
    /// The file it is in.
    pub path: String,
    /// The line it begins on.
    pub line: usize,
    /// The sentence by itself.
    pub score: Score,
    /// Its words.
    pub text: String,
}

/// Measures every page of the languages that have a measure.
#[must_use]
pub fn measure(files: &Files, content: &Content) -> Vec<PageReading> {
    content
        .languages
        .iter()
        .filter_map(|language| Some((language, Measure::for_lang(language.lang)?)))
        .flat_map(|(language, measure)| {
            language.pages.iter().map(move |(key, page)| of_page(files, language, measure, key, page))
        })
        .collect()
}

/// Reports the pages that are too hard.
pub fn report(pages: &[PageReading], report: &mut Report) {
    for page in pages.iter().filter(|page| page.score.is_hard()) {
        let (message, wanted) = match page.score.measure {
            Measure::Grade => (
                format!("this page needs grade {:.1}: so many years of school", page.score.value),
                format!("the aim is {MAX_GRADE:.0}"),
            ),
            Measure::Ease => (
                format!("this page has an ease of {:.1}", page.score.value),
                format!("the aim is {MIN_EASE:.0} or more"),
            ),
        };
        let start = match page.hardest.first() {
            Some(Sentence { path, line, .. }) => format!("the hardest sentence is at {path}:{line}"),
            None => "start with the longest words".to_owned(),
        };
        let help = format!("{wanted}. Part long sentences in two and take shorter words; {start}");
        let (source, span) = &page.title;
        report.add(&HARD_TO_READ, source, span.clone(), message, help);
    }
}

fn of_page(files: &Files, language: &Language, measure: Measure, key: &str, page: &Page) -> PageReading {
    let source = source(files, &names::page(language.lang, key));
    let objectives = source_of_objectives(files, language);
    let mut all = Counts::default();
    let mut sections = Vec::with_capacity(page.sections.len() + 1);
    let mut found = Vec::new();
    let mut part = |heading: Option<String>, copy: Vec<(&Arc<Source>, Words<'_>)>| {
        let mut counts = Counts::default();
        for (source, copy) in copy {
            counts += of_copy(source, &copy, measure, &mut found);
        }
        all += counts;
        if counts.words > 0 {
            sections.push(SectionReading { heading, score: Score::new(counts, measure), words: counts.words });
        }
    };
    part(None, vec![(&source, Words::from(&page.lead))]);
    for section in &page.sections {
        let mut copy: Vec<_> = section.copy().into_iter().map(|copy| (&source, copy)).collect();
        if matches!(section, Section::Objectives(_)) {
            let each = language.objectives.objectives.iter();
            copy.extend(
                each.flat_map(|objective| [&objective.explanation, &objective.example])
                    .map(|copy| (&objectives, Words::from(copy))),
            );
        }
        part(section.heading().map(ToString::to_string), copy);
    }
    found.sort_by(|a: &Sentence, b| b.score.hardness().total_cmp(&a.score.hardness()));
    found.truncate(HARDEST);
    let score = Score::new(all, measure);
    PageReading {
        address: page.path(language.lang, key),
        path: source.path.clone(),
        measure: score.measure(),
        score,
        words: all.words,
        sections,
        hardest: found,
        title: (source, page.title.span()),
    }
}

/// Counts a piece of copy, and adds its sentences to those that were found.
fn of_copy(source: &Source, copy: &Words<'_>, measure: Measure, found: &mut Vec<Sentence>) -> Counts {
    let plain = Plain::new(source, &Passage { span: copy.span(), reading: Reading::Markdown });
    let mut all = Counts::default();
    for part in sentences::sentences(&plain.text) {
        let text = plain.text.get(part.clone()).unwrap_or_default();
        let counts = Counts::from_sentence(text, measure);
        all += counts;
        if counts.words >= MIN_WORDS {
            let (line, _) = source.position(plain.place(&part).start);
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            found.push(Sentence { path: source.path.clone(), line, score: Score::new(counts, measure), text });
        }
    }
    all
}

fn source_of_objectives(files: &Files, language: &Language) -> Arc<Source> {
    source(files, &names::OBJECTIVES.path(language.lang))
}

fn source(files: &Files, path: &str) -> Arc<Source> {
    Arc::new(Source::new(files.shown(path), String::from_utf8_lossy(files.get(path).unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::{Counts, Measure, Score};

    #[test]
    fn the_formulas_are_those_of_their_authors() {
        let counts = Counts { sentences: 10, words: 100, syllables: 140 };
        assert!((Score::new(counts, Measure::Grade).value - 4.8).abs() < 0.01, "0.39 × 10 + 11.8 × 1.4 − 15.59 = 4.83");
        let counts = Counts { sentences: 10, words: 100, syllables: 200 };
        assert!((Score::new(counts, Measure::Ease).value - 76.6).abs() < 0.01, "206.84 − 60 × 2 − 1.02 × 10 = 76.64");
        assert!(Score::new(counts, Measure::Grade).is_hard() && !Score::new(counts, Measure::Ease).is_hard());
    }
}
