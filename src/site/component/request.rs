//! The form that asks for an appointment, and its confirmation.
//!
//! What is too long comes back complete, with a message. `maxlength` is many times what the server takes ([`Field::room`]), so that a pasted text keeps
//! its end: a number without its last digits looks like a number. It only keeps browsers from a post that is too long to be read.

use super::Heading;
use crate::content::text::Html;
use crate::content::{RequestFormWords, RequestReceivedWords};
use crate::lang::Direction;
use crate::lang::Lang;
use crate::requests::form::{Form, Problem};
use crate::requests::{Choice, Field, Message, ReplyLanguage, TimeOfDay, Whom};
use askama::Template;

/// Why a form without mistakes was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// 503: it could not be stored.
    Unavailable,
    /// 429: too many came in a short time.
    TooMany,
}

/// Where a form is, and all its words: what doesn't depend on what was typed.
#[derive(Clone, Debug)]
pub(crate) struct RequestPlace {
    pub(crate) heading: Heading,
    /// The prefix of ids, before the name of the field.
    pub(crate) ids: String,
    /// Where it is sent: its own page and section, so that the list of mistakes is in sight when it comes back.
    pub(crate) action: String,
    pub(crate) body: Html,
    pub(crate) words: RequestFormWords,
    /// The language of the page, and those that the site is in, which can be asked for.
    pub(crate) lang: Lang,
    pub(crate) languages: Vec<SpokenLanguage>,
    /// Printed on paper in its place.
    pub(crate) no_form: Html,
    /// The words for when it could not be stored, and when there were too many.
    pub(crate) unavailable: Html,
    pub(crate) too_many: Html,
}

/// A language of the site.
#[derive(Clone, Debug)]
pub(crate) struct SpokenLanguage {
    /// Which.
    pub(crate) lang: Lang,
    /// Its own name for itself.
    pub(crate) name: String,
    /// The way it is written.
    pub(crate) direction: Direction,
}

impl RequestPlace {
    /// Whether the page is written from right to left.
    fn is_rtl(&self) -> bool {
        self.languages.iter().any(|language| language.lang == self.lang && language.direction.is_rtl())
    }
}

/// The form.
#[derive(Template)]
#[template(path = "components/request_form.html")]
pub(crate) struct RequestForm<'a> {
    pub(crate) at: &'a RequestPlace,
    pub(crate) form: &'a Form,
    pub(crate) trouble: Option<Trouble>,
}

/// A question of the form.
struct Question<'a> {
    id: String,
    key: &'static str,
    label: &'a str,
    hint: String,
    /// The ids of its hint, warning and error, for `aria-describedby`.
    described: String,
    error: Option<String>,
    needed: bool,
    /// `maxlength`, in UTF-16 units.
    room: Option<usize>,
    answer: Answer<'a>,
}

/// How a question is answered.
enum Answer<'a> {
    /// On one line.
    Line { kind: &'static str, autocomplete: &'static str, value: &'a str },
    /// On several lines, with a warning of what not to write.
    Lines { warning: &'a str, value: &'a str },
    /// By choosing.
    Choices { kind: &'static str, options: Vec<ChoiceView<'a>>, other: Option<Box<Question<'a>>> },
}

/// One answer to choose.
struct ChoiceView<'a> {
    key: String,
    label: &'a str,
    /// The language of the label, if it isn't that of the page.
    foreign: Option<&'a SpokenLanguage>,
    chosen: bool,
}

impl RequestForm<'_> {
    fn id(&self, field: Field) -> String {
        format!("{}{}", self.at.ids, field.key())
    }

    /// The questions in their order. The name of another language is part of the question for the language; the honeypot is no question.
    fn questions(&self) -> Vec<Question<'_>> {
        Field::ALL.iter().filter_map(|field| self.question(*field)).collect()
    }

    fn question(&self, field: Field) -> Option<Question<'_>> {
        let (words, answers) = (&self.at.words, &self.form.answers);
        let text = |kind, autocomplete, value| Answer::Line { kind, autocomplete, value };
        Some(match field {
            Field::Name => {
                let answer = text("text", "given-name", &*answers.name);
                self.asked(field, words.name.label.as_str(), words.name.hint.to_string(), answer)
            }
            Field::Phone => {
                let answer = text("tel", "tel", &*answers.phone);
                self.asked(field, words.phone.label.as_str(), words.phone.hint.to_string(), answer)
            }
            Field::Message => {
                let answer = choices(answers.message.as_slice(), |choice| match choice {
                    Message::Named => words.message.named.as_str(),
                    Message::Discreet => words.message.discreet.as_str(),
                    Message::No => words.message.no.as_str(),
                });
                self.asked(field, words.message.label.as_str(), words.message.hint.to_string(), answer)
            }
            Field::Times => {
                let answer = choices(&answers.times, |choice| match choice {
                    TimeOfDay::Morning => words.times.morning.as_str(),
                    TimeOfDay::Afternoon => words.times.afternoon.as_str(),
                    TimeOfDay::Evening => words.times.evening.as_str(),
                    TimeOfDay::Night => words.times.night.as_str(),
                });
                self.asked(field, words.times.label.as_str(), words.times.hint.to_string(), answer.several())
            }
            Field::Language => {
                let answer = self.languages();
                let other = text("text", "off", &*answers.other_language);
                let other = self.asked(Field::OtherLanguage, words.language.which.as_str(), String::new(), other);
                self.asked(field, words.language.label.as_str(), words.language.hint.to_string(), answer.and(other))
            }
            Field::Whom => {
                let answer = choices(answers.whom.as_slice(), |choice| match choice {
                    Whom::Me => words.whom.me.as_str(),
                    Whom::SomeoneElse => words.whom.someone_else.as_str(),
                });
                self.asked(field, words.whom.label.as_str(), words.whom.hint.to_string(), answer)
            }
            Field::Note => {
                let hint = words.note.hint.with(field.max().unwrap_or_default());
                let answer = Answer::Lines { warning: words.note.warning.as_str(), value: &answers.note };
                self.asked(field, words.note.label.as_str(), hint, answer)
            }
            Field::OtherLanguage | Field::Trap => return None,
        })
    }

    /// The languages that can be asked for: those of the site by their own names, and any other.
    fn languages(&self) -> Answer<'_> {
        let (at, chosen) = (self.at, self.form.answers.language);
        let view = |choice: ReplyLanguage, label, foreign| ChoiceView {
            key: choice.key().to_owned(),
            label,
            foreign,
            chosen: chosen == Some(choice),
        };
        let of_the_site = at.languages.iter().map(|language| {
            let foreign = Some(language).filter(|language| language.lang != at.lang);
            view(ReplyLanguage::Of(language.lang), language.name.as_str(), foreign)
        });
        let other = view(ReplyLanguage::Other, at.words.language.other.as_str(), None);
        Answer::Choices { kind: "radio", options: of_the_site.chain([other]).collect(), other: None }
    }

    fn asked<'b>(&self, field: Field, label: &'b str, hint: String, answer: Answer<'b>) -> Question<'b> {
        let id = self.id(field);
        let error = self.message(field);
        let described = [
            (!hint.is_empty()).then_some("hint"),
            matches!(answer, Answer::Lines { .. }).then_some("warning"),
            error.is_some().then_some("error"),
        ];
        let described: Vec<_> = described.into_iter().flatten().map(|what| format!("{id}-{what}")).collect();
        let (key, needed, room) = (field.key(), field.is_required(), field.room());
        Question { id, key, label, hint, described: described.join(" "), error, needed, room, answer }
    }

    /// The mistakes in the order of the page: the id to go to, and the words. The honeypot can't be gone to.
    fn mistakes(&self) -> Vec<(String, String)> {
        let place = |field| if field == Field::Trap { format!("{}send", self.at.ids) } else { self.id(field) };
        self.form.problems.keys().filter_map(|field| Some((place(*field), self.message(*field)?))).collect()
    }

    /// What is wrong with a field. Choices are never wrong: one that isn't offered counts as none.
    fn message(&self, field: Field) -> Option<String> {
        let words = &self.at.words;
        let problem = *self.form.problems.get(&field)?;
        Some(match (field, problem) {
            (Field::Name, Problem::TooLong { max }) => words.name.too_long.with(max),
            (Field::Name, _) => words.name.missing.to_string(),
            (Field::Phone, Problem::TooLong { max }) => words.phone.too_long.with(max),
            (Field::Phone, Problem::NotAPhone) => words.phone.not_a_phone.to_string(),
            (Field::Phone, _) => words.phone.missing.to_string(),
            (Field::OtherLanguage, Problem::TooLong { max }) => words.language.too_long.with(max),
            (Field::Note, Problem::TooLong { max }) => words.note.too_long.with(max),
            (Field::Trap, _) => words.trap.trapped.to_string(),
            (Field::OtherLanguage | Field::Note | Field::Message | Field::Times | Field::Language | Field::Whom, _) => {
                return None;
            }
        })
    }

    /// Why the form could not be stored: the heading and the text.
    fn trouble(&self) -> Option<(&str, &Html)> {
        Some(match self.trouble? {
            Trouble::Unavailable => (self.at.words.unavailable.heading.as_str(), &self.at.unavailable),
            Trouble::TooMany => (self.at.words.too_many.heading.as_str(), &self.at.too_many),
        })
    }
}

/// The answers of a question that takes one of them.
fn choices<'a, C: Choice>(chosen: &[C], label: impl Fn(C) -> &'a str) -> Answer<'a> {
    let view = |choice: &C| ChoiceView {
        key: choice.key().to_owned(),
        label: label(*choice),
        foreign: None,
        chosen: chosen.contains(choice),
    };
    Answer::Choices { kind: "radio", options: C::ALL.iter().map(view).collect(), other: None }
}

impl<'a> Answer<'a> {
    /// The same, of which several can be chosen.
    fn several(self) -> Self {
        match self {
            Self::Choices { options, other, .. } => Self::Choices { kind: "checkbox", options, other },
            written => written,
        }
    }

    /// The same, with a question below it.
    fn and(self, question: Question<'a>) -> Self {
        match self {
            Self::Choices { kind, options, .. } => Self::Choices { kind, options, other: Some(Box::new(question)) },
            written => written,
        }
    }
}

/// The confirmation after a request was stored.
#[derive(Template)]
#[template(path = "components/request_received.html")]
pub(crate) struct RequestReceived<'a> {
    pub(crate) heading: Heading,
    pub(crate) words: &'a RequestReceivedWords,
    pub(crate) code: &'a str,
    pub(crate) body: Html,
}
