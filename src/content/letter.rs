//! What only the clinic can answer, as a letter to hand to its director: each question with the place where the answer belongs.

use super::Content;
use super::model::{ABOUT, ABOUT_PLACES, Section};
use super::names;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::BTreeMap;

/// The letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Letter {
    /// The clinic's name.
    pub to: String,
    /// The questions, in groups.
    pub groups: Vec<Group>,
}

/// Questions of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// What they are about.
    pub title: &'static str,
    /// The questions.
    pub questions: Vec<Question>,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// As the director reads it.
    pub question: String,
    /// Where to write the answer: the files and the key.
    pub place: String,
}

impl Letter {
    /// The letter of some content on a day. A group without questions is left out.
    #[must_use]
    pub fn new(content: &Content, today: Date) -> Self {
        let groups = [
            ("What people ask before they come", answers(content, today)),
            ("Facts about the clinic", facts(content)),
            ("Texts that the law asks the clinic to post", official_texts(content)),
            ("Who has read the pages", readers(content)),
        ];
        let groups = groups.into_iter().filter(|(_, questions)| !questions.is_empty());
        Self {
            to: content.clinic.name.value.to_string(),
            groups: groups.map(|(title, questions)| Group { title, questions }).collect(),
        }
    }
}

/// Gathers questions that several files ask, each once with all of its places.
#[derive(Default)]
struct Asked<'a>(Vec<(String, &'a str, Vec<String>)>, BTreeMap<String, usize>);

impl<'a> Asked<'a> {
    fn add(&mut self, id: &str, question: String, key: &'a str, file: String) {
        if let Some((.., files)) = self.1.get(id).and_then(|at| self.0.get_mut(*at)) {
            files.push(file);
        } else {
            self.1.insert(id.to_owned(), self.0.len());
            self.0.push((question, key, vec![file]));
        }
    }

    fn questions(self) -> Vec<Question> {
        let question = |(question, key, files): (String, &str, Vec<String>)| Question {
            question,
            place: format!("{}: {key}", files.join(" and ")),
        };
        self.0.into_iter().map(question).collect()
    }
}

fn answers(content: &Content, today: Date) -> Vec<Question> {
    let mut places: BTreeMap<&str, (String, Vec<String>)> = BTreeMap::new();
    for language in &content.languages {
        for (key, answer) in &language.answers {
            if !answer.is_given() || answer.last_day().is_some_and(|last| last < today) {
                let file = names::ANSWERS.path(language.lang);
                places.entry(key.as_str()).or_insert_with(|| (answer.question.to_string(), Vec::new())).1.push(file);
            }
        }
    }
    let question = |(key, (question, files)): (&str, (String, Vec<String>))| Question {
        question,
        place: format!("{}: `text` below [answers.{key}]", files.join(" and ")),
    };
    places.into_iter().map(question).collect()
}

fn facts(content: &Content) -> Vec<Question> {
    let facts = content.clinic.facts().into_iter().filter(|(_, fact)| fact.as_ref().is_none_or(|fact| fact.sample));
    let question = |(key, fact): (String, Option<_>)| {
        // Of a place: its name, and that of the fact.
        let place = key.strip_prefix("locations.").and_then(|rest| rest.split_once('.'));
        let about = match place {
            Some((_, key)) => ABOUT_PLACES.iter().find(|(name, _)| *name == key),
            None => ABOUT.iter().find(|(name, _)| *name == key),
        };
        let about = about.map_or("", |(_, about)| about.trim());
        let (of_place, key) = match place {
            Some((id, key)) => (format!(" Of the place \"{id}\"."), format!("locations.{key}")),
            None => (String::new(), key),
        };
        let made_up = if fact.is_some() { " What is there now is made up." } else { "" };
        Question { question: format!("{about}{of_place}{made_up}"), place: format!("clinic.toml: [{key}]") }
    };
    facts.map(question).collect()
}

fn official_texts(content: &Content) -> Vec<Question> {
    let mut asked = Asked::default();
    for language in &content.languages {
        for (key, page) in &language.pages {
            for section in &page.sections {
                let Section::OfficialText(text) = section else { continue };
                if text.text.as_str().trim().is_empty() {
                    let question = format!("{} ({}), in the clinic's own words.", text.heading, text.law);
                    let file = names::page(language.lang, key);
                    asked.add(text.law.as_str(), question, "`text` of that section", file);
                }
            }
        }
    }
    let help = content.language_help.iter().flat_map(|file| &file.languages).filter(|language| !language.is_supplied());
    let names: Vec<&str> = help.map(|language| language.name.as_str()).collect();
    if !names.is_empty() {
        let question = format!("The notice of free language help (45 CFR 92.11), in {}.", names.join(", "));
        asked.add("", question, "`text` of each language", names::LANGUAGE_HELP.name.to_owned());
    }
    asked.questions()
}

fn readers(content: &Content) -> Vec<Question> {
    let mut asked = Asked::default();
    for language in &content.languages {
        let pages = || language.pages.iter().map(|(key, page)| (key, page, names::page(language.lang, key)));
        for (key, page, file) in pages().filter(|(_, page, _)| page.about_medicine == Some(true)) {
            if language.clinician(key).is_none() {
                let question = format!("Which clinician has read \"{}\", and on which day?", page.title);
                asked.add(key, question, "`clinically_reviewed_by` and `clinically_reviewed_on`", file);
            }
        }
    }
    for language in content.languages.iter().filter(|language| language.lang != crate::lang::Lang::En) {
        let unread = language.pages.keys().filter(|key| language.reader(key).is_none()).count();
        if unread > 0 {
            let name = language.name.as_str();
            let question =
                format!("Who of the clinic, knowing both languages, has read the pages in {name}? {unread} wait.");
            asked.add(name, question, "`reviewed_by` on each page", format!("{}/pages/", language.lang.tag()));
        }
    }
    asked.questions()
}
