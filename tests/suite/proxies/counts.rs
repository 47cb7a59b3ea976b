//! What is counted while visitors ask.

use super::connection::Answer;
use super::{MARK, Request};
use std::collections::BTreeMap;
use std::fmt;

/// What came of all requests, and the first answer of each kind that should not have come.
#[derive(Default)]
pub struct Counts {
    /// Pages that the reader asked for.
    pub pages: usize,
    /// Forms with a mistake that were sent.
    pub mistakes: usize,
    /// Other requests of who makes mistakes.
    pub others: usize,
    /// Answers with something in them that was typed for another request.
    foreign: usize,
    /// Those of them that went to the reader.
    leaked: usize,
    /// Answers to the reader that are not the page, byte for byte.
    not_the_page: usize,
    /// 500 and more: the proxy found no answer in what the server sent.
    bad_gateway: usize,
    /// Mistakes that were not answered by the form with what was typed.
    not_the_form: usize,
    /// Other requests that were not answered by the page for their error.
    not_the_error: usize,
    /// Answers that a proxy cut by itself ([`Proxy::cuts_answers`](crate::harness::proxies::Proxy::cuts_answers)).
    pub cut: usize,
    /// What was asked and what came, by what is wrong with it.
    pub examples: BTreeMap<&'static str, String>,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            pages,
            mistakes,
            others,
            foreign,
            leaked,
            not_the_page,
            bad_gateway,
            not_the_form,
            not_the_error,
            cut,
            examples: _,
        } = self;
        write!(
            f,
            "{pages} pages read, {mistakes} mistakes, {others} other requests: {foreign} answers with foreign words, \
             {leaked} of them to the reader, {bad_gateway} of 500 and more, {not_the_page} not the page that was asked for, {not_the_form} mistakes without their form, \
             {not_the_error} without the page for their error; {cut} cut by the proxy"
        )
    }
}

impl Counts {
    /// How many answers are wrong; one may be so in two ways.
    pub fn wrong(&self) -> usize {
        self.foreign + self.not_the_page + self.bad_gateway + self.not_the_form + self.not_the_error
    }

    /// Counts an answer to the reader.
    pub fn read(&mut self, path: &str, answer: &Result<Answer, String>, right: bool) {
        self.pages += 1;
        self.leaked += usize::from(self.look(path, answer, None));
        if !right {
            self.not_the_page += 1;
            self.example("not the page", path, answer);
        }
    }

    /// Counts an answer to who makes mistakes.
    pub fn answered(&mut self, request: &Request, asked: &str, answer: &Result<Answer, String>) {
        self.look(asked, answer, Some(&request.mark));
        let wrong = !answer.as_ref().is_ok_and(|answer| request.is_answered_by(answer));
        let (count, wrongs, what) = match request.status {
            422 => (&mut self.mistakes, &mut self.not_the_form, "not the form"),
            _ => (&mut self.others, &mut self.not_the_error, "not the page for the error"),
        };
        *count += 1;
        if wrong {
            *wrongs += 1;
            self.example(what, asked, answer);
        }
    }

    /// Counts an answer that the proxy cut: nothing foreign may be in it either.
    pub fn cut(&mut self, request: &Request, asked: &str, text: String) {
        self.cut += 1;
        self.look(asked, &Err(text), Some(&request.mark));
    }

    /// Counts what must hold for every answer: it is the server's, and nothing is in it that was typed for another request. Says whether there is.
    fn look(&mut self, asked: &str, answer: &Result<Answer, String>, own: Option<&str>) -> bool {
        let text = shown(answer);
        let is_foreign = |at: usize| own.is_none_or(|own| !text[at..].starts_with(own));
        let foreign = text.match_indices(MARK).any(|(at, _)| is_foreign(at));
        if foreign {
            self.foreign += 1;
            self.example("foreign words", asked, answer);
        }
        if answer.as_ref().is_ok_and(|answer| answer.status >= 500) {
            self.bad_gateway += 1;
            self.example("500 and more", asked, answer);
        }
        foreign
    }

    fn example(&mut self, what: &'static str, asked: &str, answer: &Result<Answer, String>) {
        let title = |text: &str| {
            text.split_once("<title>").map_or("", |(_, rest)| rest.lines().next().unwrap_or("")).to_owned()
        };
        let text = shown(answer);
        let marks: Vec<_> = text.match_indices(MARK).map(|(at, _)| format!("{:.16}", &text[at..])).collect();
        let say = || format!("{what}: {asked}: {:.60}… {}, with {marks:?}", text, title(&text));
        self.examples.entry(what).or_insert_with(say);
    }
}

/// All that came.
fn shown(answer: &Result<Answer, String>) -> String {
    match answer {
        Ok(answer) => format!("{}{}", answer.head, answer.text()),
        Err(why) => why.clone(),
    }
}
