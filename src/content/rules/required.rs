//! What a published site has to have: the clinic's official texts, its notice of free language help, and translations that somebody of the
//! clinic has read. Whoever answers for the clinic may let the site be published without one of them until a day: `[accepted]` in
//! `clinic.toml`.

use super::known_name;
use crate::content::catalogue::{
    ACCEPTANCE, ACCEPTANCE_ENDS_SOON, ACCEPTANCE_OVER, UNREVIEWED_TRANSLATION, UNSUPPLIED_TEXT, UNUSED_ACCEPTANCE,
};
use crate::content::leaf::Key;
use crate::content::model::{Acceptance, Clinic, OfficialText, Section};
use crate::content::{Content, Document, Draft, Review};
use crate::diagnostic::{Edit, Help, Report, Rule, Source};
use crate::lang::Lang;
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// The official texts that every site needs: their names in `[accepted]`, what they are called, and the law that distinguishes them from others.
const OFFICIAL: [(&str, &str, &str); 3] = [
    ("privacy-practices", "notice of privacy practices", "45 CFR 164.520"),
    ("records", "notice on the confidentiality of records", "42 CFR Part 2"),
    ("nondiscrimination", "nondiscrimination notice", "45 CFR 92.10"),
];
const LANGUAGE_HELP: &str = "language-help";
const TRANSLATIONS: &str = "translations";

/// How far ahead the day may be on which an acceptance ends: it is a decision for a while, and looked at twice a year.
const MAX_DAYS: i32 = 180;
/// How long an acceptance is that a help proposes.
const DAYS: i32 = 90;
/// How many days before it the end of an acceptance is reported.
const SOON: i32 = 14;

/// Reports what is not here and what is wrong with `[accepted]`, and returns the names of what is not here. `sound`: all files could be read.
pub(super) fn check(draft: &Draft, review: &Review<'_>, sound: bool, report: &mut Report) -> BTreeSet<String> {
    let Some(clinic) = &draft.clinic else { return BTreeSet::new() };
    let known = OFFICIAL.map(|(what, ..)| what).into_iter().chain([LANGUAGE_HELP, TRANSLATIONS]);
    let mut required =
        Required { clinic, review, known: known.map(str::to_owned).collect(), lacking: BTreeSet::new(), report };
    required.official_texts(draft, sound);
    required.language_help(draft, sound);
    required.translations(draft);
    required.acceptances(sound);
    required.lacking
}

struct Required<'a> {
    clinic: &'a Document<Clinic>,
    review: &'a Review<'a>,
    /// The names that `[accepted]` may have.
    known: BTreeSet<String>,
    /// Those of what is not here.
    lacking: BTreeSet<String>,
    report: &'a mut Report,
}

impl Required<'_> {
    /// Notes something that is not here, and reports it unless it was accepted.
    fn lacks(
        &mut self,
        what: &str,
        rule: &'static Rule,
        (source, span): (&Arc<Source>, Range<usize>),
        message: String,
        help: &str,
    ) {
        self.lacking.insert(what.to_owned());
        let today = self.review.now.date();
        let (value, path) = (&self.clinic.value, &self.clinic.source.path);
        let accepted = value.acceptance(what);
        if self.review.was_published || accepted.is_some_and(|accepted| today <= accepted.until.date()) {
            return;
        }
        let or = match accepted {
            Some(Acceptance { accepted_by, until }) => format!(
                ". That it may wait was accepted until {until} ({accepted_by}): if it is accepted again, write a later day \
                 below [accepted.{what}] in {path}"
            ),
            None => format!(
                ". If somebody who answers for the clinic accepts that it waits, add three lines at the end of {path}: \
                 [accepted.{what}], accepted_by = \"their name\", until = {}",
                today.saturating_add(DAYS.days())
            ),
        };
        self.report.add(rule, source, span, message, format!("{help}{or}"));
    }

    fn official_texts(&mut self, draft: &Draft, sound: bool) {
        let mut here = BTreeSet::new();
        for page in draft.languages.iter().flat_map(|language| language.pages.values()) {
            for (section, text) in page.value.sections.iter().filter_map(official) {
                let what = name_of(section, text);
                if text.text.as_str().trim().is_empty() {
                    let message = format!("the clinic's text for \"{}\" is not here yet", text.heading);
                    let help = format!("paste the clinic's own text between the quotes; {} asks for it", text.law);
                    self.lacks(&what, &UNSUPPLIED_TEXT, (&page.source, text.text.span()), message, &help);
                }
                self.known.insert(what.clone());
                here.insert(what);
            }
        }
        for (what, name, law) in OFFICIAL.into_iter().filter(|(what, ..)| sound && !here.contains(*what)) {
            let message = format!("no page has a place for the {name} ({law})");
            let help = format!(
                "add one to the page of legal notices: [[sections]], kind = \"official_text\", a heading, `about`, law = \"{law}\" and `text`"
            );
            self.lacks(what, &UNSUPPLIED_TEXT, (&self.clinic.source.clone(), 0..0), message, &help);
        }
    }

    fn language_help(&mut self, draft: &Draft, sound: bool) {
        if let Some(Document { source, value, .. }) = &draft.language_help {
            let waiting: Vec<_> = value.languages.iter().filter(|language| !language.is_supplied()).collect();
            if let Some(first) = waiting.first() {
                let names: Vec<&str> = waiting.iter().map(|language| language.name.as_str()).collect();
                let message = format!(
                    "the clinic's notice of free language help is not here yet in {} of {} languages: {}",
                    waiting.len(),
                    value.languages.len(),
                    names.join(", ")
                );
                let help = "paste the clinic's own texts between the quotes; 45 CFR 92.11 asks for them";
                self.lacks(LANGUAGE_HELP, &UNSUPPLIED_TEXT, (source, first.text.span()), message, help);
            }
        }
        let sections = || draft.languages.iter().flat_map(|of| of.pages.values()).flat_map(|page| &page.value.sections);
        let shown = sections().any(|section| matches!(section, Section::LanguageHelp(_)));
        if sound && !(shown && draft.language_help.is_some()) {
            let message = "no page has the notice of free language help (45 CFR 92.11)".to_owned();
            let help = "write the clinic's texts into language_help.toml, and add to the page of legal notices: [[sections]], \
                        kind = \"language_help\" and a heading";
            self.lacks(LANGUAGE_HELP, &UNSUPPLIED_TEXT, (&self.clinic.source.clone(), 0..0), message, help);
        }
    }

    fn translations(&mut self, draft: &Draft) {
        let english = draft.languages.iter().find(|language| language.lang == Lang::En);
        for other in draft.languages.iter().filter(|language| language.lang != Lang::En) {
            let pages = other.pages.iter().filter(|(key, _)| english.is_some_and(|en| en.pages.contains_key(*key)));
            for (_, page) in pages {
                let named = page.value.review();
                let (place, message, help) = match named.by {
                    None => (
                        page.value.title.span(),
                        "nobody of the clinic has read this translation yet, and the page says so",
                        "read it; then add a line that says who you are, such as reviewed_by = \"clinic director\"",
                    ),
                    Some(_) if named.holds(page.passages.words_read(&page.source)) => continue,
                    Some(by) => (
                        by.span(),
                        "nobody of the clinic has read this translation as it is now, and the page says so",
                        "read it again; then write the line that `check` prints for this page",
                    ),
                };
                self.lacks(TRANSLATIONS, &UNREVIEWED_TRANSLATION, (&page.source, place), message.to_owned(), help);
            }
        }
    }

    /// Reports what is wrong with the acceptances themselves.
    fn acceptances(&mut self, sound: bool) {
        let Self { clinic, review, known, lacking, report } = self;
        let (source, today) = (&clinic.source, review.now.date());
        let accepted = clinic.value.accepted.iter().flatten();
        for (key, Acceptance { accepted_by, until }) in
            accepted.filter(|(key, it)| !key.as_str().is_empty() && !it.until.as_str().is_empty())
        {
            let left = today.until(until.date()).map_or(0, |span| span.get_days());
            let later = |days: i32| {
                let day = today.saturating_add(days.days()).to_string();
                Help::value(Edit::new(source, until.span(), day), "until")
            };
            let again = || later(DAYS).then(&format!(" if {accepted_by} accepts it again, or put in what is missing"));
            if !known.contains(key.as_str()) {
                let help = match known_name(key.as_str(), known.iter().map(String::as_str)) {
                    Some(name) => Help::meant(Edit::new(source, key.span(), name)),
                    None => format!("there are {}", known.iter().cloned().collect::<Vec<_>>().join(", ")).into(),
                };
                report.add(&ACCEPTANCE, source, key.span(), format!("nothing is called `{key}` here"), help);
            } else if sound && !lacking.contains(key.as_str()) {
                let words = format!("delete [accepted.{key}] with its two lines");
                let table = table(&source.text, &key.span(), key).map(|table| Edit::new(source, table, ""));
                let help = Help::all(table.into_iter().collect(), words);
                let message = format!("`{key}` is here, so nothing has to be accepted");
                report.add(&UNUSED_ACCEPTANCE, source, key.span(), message, help);
            } else if left > MAX_DAYS {
                let message = format!("an acceptance ends within {MAX_DAYS} days, and this one in {left}");
                report.add(&ACCEPTANCE, source, until.span(), message, later(MAX_DAYS));
            } else if left < 0 {
                let message = format!(
                    "that `{key}` may be missing was accepted until {until}: nothing new is published any more, and what is published stays"
                );
                report.add(&ACCEPTANCE_OVER, source, until.span(), message, again());
            } else if left <= SOON {
                let message = format!(
                    "that `{key}` may be missing is accepted until {until}: after that day nothing new is published"
                );
                report.add(&ACCEPTANCE_ENDS_SOON, source, until.span(), message, again());
            }
        }
    }
}

fn official(section: &Section) -> Option<(&Section, &OfficialText)> {
    match section {
        Section::OfficialText(text) => Some((section, text)),
        _ => None,
    }
}

impl OfficialText {
    /// Whether it is the notice of privacy practices, to which every page links by its name (45 CFR 164.520(c)(3)(i)).
    #[must_use]
    pub fn is_privacy_practices(&self) -> bool {
        self.law.as_str().contains("164.520")
    }
}

/// The name of an official text in `[accepted]`: the same in all languages if the law asks every site for it, its anchor if not.
fn name_of(section: &Section, text: &OfficialText) -> String {
    let plain = |law: &str| law.split_whitespace().collect::<String>().to_lowercase();
    let law = plain(text.law.as_str());
    let known = OFFICIAL.into_iter().find(|(.., asks)| law.contains(&plain(asks)));
    known.map_or_else(|| section.anchor().map(|(anchor, _)| anchor).unwrap_or_default(), |(what, ..)| what.to_owned())
}

/// The lines of a table `[accepted.key]`, up to an empty line, a remark or the next table.
fn table(text: &str, key: &Range<usize>, name: &Key) -> Option<Range<usize>> {
    let start = text.get(..key.start)?.rfind('\n').map_or(0, |end| end + 1);
    let mut lines = text.get(start..)?.split_inclusive('\n');
    let head = lines.next().filter(|head| head.trim() == format!("[accepted.{name}]"))?;
    let own = lines.take_while(|line| !line.trim().is_empty() && !line.starts_with(['#', '[']));
    Some(start..start + head.len() + own.map(str::len).sum::<usize>())
}

impl Clinic {
    /// Who has accepted that something is missing, and until when.
    fn acceptance(&self, what: &str) -> Option<&Acceptance> {
        self.accepted.iter().flatten().find(|(key, _)| key.as_str() == what).map(|(_, accepted)| accepted)
    }
}

impl Content {
    /// What a published site of this content lacks on a day though nobody accepts it, in words without a name: they go into the log, and to
    /// whoever asks `/readyz`.
    #[must_use]
    pub fn unaccepted(&self, today: Date) -> Vec<String> {
        let words = |what: &String| match self.clinic.acceptance(what) {
            Some(Acceptance { until, .. }) if today <= until.date() => None,
            Some(Acceptance { until, .. }) => Some(format!("{what} (accepted until {until})")),
            None => Some(what.clone()),
        };
        self.lacking.iter().filter_map(words).collect()
    }
}
