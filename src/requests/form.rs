//! The form: from the bytes of a post to values, with the mistakes in them, or to a request.
//!
//! A mistake of a person is a [`Problem`] of a [`Field`], and everything typed stays. What no browser sends from this form is [`Malformed`].
//! The words for both stand in the content files.

mod decode;
mod text;

pub use text::visible;
pub(super) use text::{line, lines};

use super::PhoneNumber;
use super::request::{Choice, Message, NewRequest, ReplyLanguage, TimeOfDay, Whom};
use crate::lang::Lang;
use decode::fields;
use std::collections::BTreeMap;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The longest post, in bytes: every field filled to its end with the longest characters fits in twice.
pub const MAX_BYTES: usize = 16 * 1024;

/// The most fields of a post. The form has about a dozen; whoever sends hundreds is no browser.
const MAX_FIELDS: usize = 40;

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// What to call the person.
    Name,
    /// Where to call.
    Phone,
    /// Whether a message may be left.
    Message,
    /// Good times to call.
    Times,
    /// The language to speak.
    Language,
    /// Its name, if it is another one.
    OtherLanguage,
    /// For whom.
    Whom,
    /// Anything else.
    Note,
    /// Hidden from people, so that what fills it in is a program.
    Trap,
}

impl Field {
    /// All fields, in their order on the page.
    pub const ALL: [Self; 9] = [
        Self::Name,
        Self::Phone,
        Self::Message,
        Self::Times,
        Self::Language,
        Self::OtherLanguage,
        Self::Whom,
        Self::Note,
        Self::Trap,
    ];

    /// Its name in a post, and its id on the page after `request-`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Phone => "phone",
            Self::Message => "message",
            Self::Times => "times",
            Self::Language => "language",
            Self::OtherLanguage => "other_language",
            Self::Whom => "whom",
            Self::Note => "note",
            // A name that programs like to fill in.
            Self::Trap => "website",
        }
    }

    /// The most characters it takes; `None` for a choice.
    #[must_use]
    pub const fn max(self) -> Option<usize> {
        match self {
            Self::Name => Some(80),
            Self::Phone => Some(32),
            Self::OtherLanguage => Some(40),
            Self::Note => Some(500),
            Self::Message | Self::Times | Self::Language | Self::Whom | Self::Trap => None,
        }
    }

    fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.key() == key)
    }
}

/// What is wrong with what a person put into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nothing, where something is needed.
    Missing,
    /// More characters than `max`.
    TooLong {
        /// The most there may be.
        max: usize,
    },
    /// No number that can be dialled.
    NotAPhone,
    /// The field for programs was filled in. Some browsers do that by themselves, so people get a second try.
    Trapped,
}

/// The values of a form as they were typed, with the problems in them. What was typed is zeroed when it goes; what was chosen among a few answers
/// says nothing by itself.
#[derive(Clone, Default, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Form {
    /// What to call the person.
    pub name: String,
    /// Where to call, as it was typed.
    pub phone: String,
    /// Whether a message may be left.
    #[zeroize(skip)]
    pub message: Option<Message>,
    /// Good times to call.
    #[zeroize(skip)]
    pub times: Vec<TimeOfDay>,
    /// The language to speak.
    #[zeroize(skip)]
    pub language: Option<ReplyLanguage>,
    /// Its name, if it is another one.
    pub other_language: String,
    /// For whom.
    #[zeroize(skip)]
    pub whom: Option<Whom>,
    /// Anything else.
    pub note: String,
    /// What is wrong, by field.
    #[zeroize(skip)]
    pub problems: BTreeMap<Field, Problem>,
}

/// A post that this form doesn't make in any browser: not text, too many fields, or one answer given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl Form {
    /// Reads the body of a post (`application/x-www-form-urlencoded`, WHATWG URL, section 5.1).
    ///
    /// Fields that the form doesn't have are passed over: an older or newer copy of the page, or an extension of the browser, may send them.
    /// A choice that isn't offered counts as none.
    ///
    /// # Errors
    /// The post is malformed.
    pub fn read(body: &[u8]) -> Result<Self, Malformed> {
        let mut form = Self::default();
        let mut seen = Vec::new();
        for (at, field) in fields(body).enumerate() {
            let (key, value) = field?;
            if at >= MAX_FIELDS {
                return Err(Malformed);
            }
            let Some(field) = Field::from_key(&key) else { continue };
            if field != Field::Times && seen.contains(&field) {
                return Err(Malformed);
            }
            seen.push(field);
            form.put(field, &value);
        }
        form.look_for_problems();
        Ok(form)
    }

    fn put(&mut self, field: Field, value: &str) {
        match field {
            Field::Name => self.name = line(value),
            Field::Phone => self.phone = line(value),
            Field::Message => self.message = Message::from_key(value),
            Field::Times => {
                if let Some(time) = TimeOfDay::from_key(value).filter(|time| !self.times.contains(time)) {
                    self.times.push(time);
                    self.times.sort_unstable();
                }
            }
            Field::Language => self.language = ReplyLanguage::from_key(value),
            Field::OtherLanguage => self.other_language = line(value),
            Field::Whom => self.whom = Whom::from_key(value),
            Field::Note => self.note = lines(value),
            Field::Trap => {
                if !value.trim().is_empty() {
                    self.problems.insert(Field::Trap, Problem::Trapped);
                }
            }
        }
    }

    fn look_for_problems(&mut self) {
        let texts = [
            (Field::Name, &self.name),
            (Field::Phone, &self.phone),
            (Field::OtherLanguage, &self.other_language),
            (Field::Note, &self.note),
        ];
        for (field, text) in texts {
            let needed = matches!(field, Field::Name | Field::Phone);
            let problem = match field.max() {
                Some(max) if text.chars().count() > max => Some(Problem::TooLong { max }),
                _ if needed && text.is_empty() => Some(Problem::Missing),
                _ if field == Field::Phone && PhoneNumber::parse(text).is_none() => Some(Problem::NotAPhone),
                _ => None,
            };
            self.problems.extend(problem.map(|problem| (field, problem)));
        }
    }

    /// The request, if nothing is wrong with the form. `page` is the language of the page it stands on.
    #[must_use]
    pub fn request(&self, page: Lang) -> Option<NewRequest> {
        if !self.problems.is_empty() {
            return None;
        }
        Some(NewRequest {
            page,
            name: self.name.clone(),
            phone: PhoneNumber::parse(&self.phone)?,
            // Silence is no permission.
            message: self.message.unwrap_or(Message::No),
            times: self.times.clone(),
            language: self.language,
            other_language: self.other_language.clone(),
            whom: self.whom,
            note: self.note.clone(),
        })
    }
}

/// What a person typed is never printed by `{:?}`, which ends up in logs.
impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Form").field("problems", &self.problems).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Form, MAX_FIELDS, Malformed, Message, Problem, TimeOfDay};
    use crate::lang::Lang;
    use proptest::prelude::*;

    #[track_caller]
    fn read(body: &str) -> Form {
        Form::read(body.as_bytes()).unwrap()
    }

    #[test]
    fn a_name_and_a_number_are_enough_and_silence_permits_nothing() {
        let request = read("name=+Ana++Test+&phone=%28916%29+555-0100").request(Lang::Es).unwrap();
        assert_eq!(request.name, "Ana Test");
        assert_eq!(request.phone.to_string(), "916-555-0100");
        assert_eq!(request.message, Message::No);
        assert_eq!((request.page, request.times.len(), request.note.as_str()), (Lang::Es, 0, ""));
    }

    #[test]
    fn every_answer_is_taken() {
        let body = "name=A&phone=9165550100&message=named&times=night&times=morning&times=night&language=other\
                    &other_language=Hmong&whom=someone_else&note=Two%0D%0Alines++%0D%0A&website=&extra=1";
        let request = read(body).request(Lang::En).unwrap();
        assert_eq!(request.message, Message::Named);
        assert_eq!(request.times, [TimeOfDay::Morning, TimeOfDay::Night]);
        assert_eq!((request.other_language.as_str(), request.note.as_str()), ("Hmong", "Two\nlines"));
        assert!(request.language.is_some() && request.whom.is_some());
    }

    #[test]
    fn each_mistake_is_told_of_its_field_and_what_was_typed_stays() {
        let long = "x".repeat(501);
        for (body, field, problem) in [
            ("phone=9165550100", Field::Name, Problem::Missing),
            ("name=+%09&phone=9165550100", Field::Name, Problem::Missing),
            ("name=A&phone=", Field::Phone, Problem::Missing),
            ("name=A&phone=555-0100", Field::Phone, Problem::NotAPhone),
            ("name=A&phone=9165550100&website=x", Field::Trap, Problem::Trapped),
            (&format!("name={}&phone=9165550100", "x".repeat(81)), Field::Name, Problem::TooLong { max: 80 }),
            (&format!("name=A&phone=9165550100&note={long}"), Field::Note, Problem::TooLong { max: 500 }),
        ] {
            let form = read(body);
            assert_eq!(form.problems.iter().collect::<Vec<_>>(), [(&field, &problem)], "{body}");
            assert_eq!(form.request(Lang::En), None, "{body}");
        }
        assert_eq!(read("name=A&phone=555-0100").phone, "555-0100");
        assert_eq!(read("name=A&note=kept").note, "kept");
        assert_eq!(read("").problems.len(), 2);
    }

    #[test]
    fn characters_are_counted_not_bytes_and_a_line_break_is_one() {
        let note = "é".repeat(250) + &"%0D%0A".repeat(249) + "é";
        assert_eq!(read(&format!("name=A&phone=9165550100&note={note}")).problems.len(), 0);
    }

    #[test]
    fn what_cannot_be_seen_is_dropped() {
        let form = read("name=A%1b%5b31mna%e2%80%ae&phone=9165550100&note=a%00b%07%09c");
        assert_eq!((form.name.as_str(), form.note.as_str()), ("A[31mna", "ab c"));
    }

    #[test]
    fn what_no_browser_sends_is_malformed() {
        let many = "a=1&".repeat(MAX_FIELDS + 1);
        for body in ["name=a&name=b", "name=%ff", "%c3%28=1", "note=a&note=", "whom=me&whom=me", &many] {
            assert_eq!(Form::read(body.as_bytes()), Err(Malformed), "{body}");
        }
        assert_eq!(Form::read(b"name=\xff\xfe"), Err(Malformed));
        assert_eq!(read("name=A&phone=9165550100&whom=everybody").whom, None);
    }

    #[test]
    fn what_was_typed_is_not_printed_for_debugging() {
        let form = read("name=Zebulon&phone=9165550100&note=Zebulon");
        let request = form.request(Lang::En).unwrap();
        for text in [format!("{form:?}"), format!("{request:?}"), format!("{:?}", request.phone)] {
            assert!(!text.contains("Zebulon") && !text.contains("555"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_body_is_too_strange(body in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(form) = Form::read(&body) {
                let _ = form.request(Lang::En);
            }
        }
    }
}
