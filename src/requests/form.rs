//! The form: from the bytes of a post to answers, with the mistakes in them, or to a request.
//!
//! A mistake of a person is a [`Problem`] of a [`Field`], and everything typed stays. What no browser sends from this form is [`Malformed`].
//! The words for both are in the content files.

mod decode;

use super::request::NewRequest;
use super::{Answers, Field, Line, Message};
use crate::character;
use crate::lang::Lang;
use crate::phone::{PhoneNumber, Reading};
use decode::fields;
use std::collections::BTreeMap;
use zeroize::ZeroizeOnDrop;

/// The longest post, in bytes. All that browsers take for the fields ([`Field::room`]) fits in, whatever the characters: each unit of UTF-16 is nine bytes
/// at most (`%E2%80%99`). So nothing that is typed into the form is ever too long to come back.
pub const MAX_BYTES: usize = 64 * 1024;

/// The most fields of a post. The form has about a dozen; whoever sends hundreds is no browser.
const MAX_FIELDS: usize = 40;

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

/// The answers of a form as they were sent, with the problems in them.
#[derive(Clone, Debug, Default, PartialEq, Eq, ZeroizeOnDrop)]
pub struct Form {
    /// The answers.
    pub answers: Answers,
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
    /// Fields that the form doesn't have are ignored: an older or newer copy of the page, or an extension of the browser, may send them.
    pub fn read(body: &[u8]) -> Result<Self, Malformed> {
        let mut form = Self::default();
        let mut seen = Vec::new();
        for (at, field) in fields(body).enumerate() {
            let (key, value) = field?;
            if at >= MAX_FIELDS {
                return Err(Malformed);
            }
            let Some(field) = Field::ALL.iter().copied().find(|field| field.key() == *key) else { continue };
            if seen.contains(&field) && !field.takes_several() {
                return Err(Malformed);
            }
            seen.push(field);
            form.answers.put(field, &value);
            if field == Field::Trap && !value.trim().is_empty() {
                form.problems.insert(field, Problem::Trapped);
            }
        }
        form.problems.extend(Field::ALL.iter().filter_map(|field| Some((*field, form.answers.problem(*field)?))));
        Ok(form)
    }

    /// The request, if nothing is wrong with the form. `page` is the language of the page it is on.
    #[must_use]
    pub fn request(&self, page: Lang) -> Option<NewRequest> {
        if !self.problems.is_empty() {
            return None;
        }
        let typed = &self.answers.phone;
        let Reading { number, says_more } = Reading::new(typed)?;
        let answers = Answers {
            phone: Line::new(&number.shown()),
            phone_typed: if says_more { typed.clone() } else { Line::default() },
            // Silence is no permission.
            message: self.answers.message.or(Some(Message::No)),
            ..self.answers.clone()
        };
        Some(NewRequest { page, answers })
    }
}

impl Answers {
    fn problem(&self, field: Field) -> Option<Problem> {
        let text = self.text(field)?;
        match field.max() {
            Some(max) if text.chars().count() > max => Some(Problem::TooLong { max }),
            _ if field.is_required() && !character::shows_something(text) => Some(Problem::Missing),
            _ if field == Field::Phone && PhoneNumber::parse(text).is_none() => Some(Problem::NotAPhone),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Form, MAX_FIELDS, Malformed, Message, Problem};
    use crate::lang::Lang;
    use crate::requests::TimeOfDay;
    use proptest::prelude::*;

    #[track_caller]
    fn read(body: &str) -> Form {
        Form::read(body.as_bytes()).unwrap()
    }

    #[test]
    fn a_name_and_a_number_are_enough_and_silence_permits_nothing() {
        let request = read("name=+Ana++Test+&phone=%28916%29+555-0100").request(Lang::from_tag("es").unwrap()).unwrap();
        let answers = &request.answers;
        assert_eq!((&*answers.name, &*answers.phone, &*answers.note), ("Ana Test", "916-555-0100", ""));
        assert_eq!(
            (request.page, answers.message, answers.times.len()),
            (Lang::from_tag("es").unwrap(), Some(Message::No), 0)
        );
    }

    #[test]
    fn every_answer_is_taken() {
        let body = "name=A&phone=9165550100&message=named&times=night&times=morning&times=night&language=other\
                    &other_language=Hmong&whom=someone_else&note=Two%0D%0Alines++%0D%0A&website=&extra=1";
        let request = read(body).request(Lang::En).unwrap();
        let answers = &request.answers;
        assert_eq!(answers.message, Some(Message::Named));
        assert_eq!(answers.times, [TimeOfDay::Morning, TimeOfDay::Night]);
        assert_eq!((&*answers.other_language, &*answers.note), ("Hmong", "Two\nlines"));
        assert!(answers.language.is_some() && answers.whom.is_some());
    }

    #[test]
    fn each_mistake_is_reported_at_its_field_and_what_was_typed_stays() {
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
        assert_eq!(&*read("name=A&phone=555-0100").answers.phone, "555-0100");
        assert_eq!(&*read("name=A&note=stays").answers.note, "stays");
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
        assert_eq!((&*form.answers.name, &*form.answers.note), ("A[31mna", "ab c"));
    }

    #[test]
    fn what_no_browser_sends_is_malformed() {
        let many = "a=1&".repeat(MAX_FIELDS + 1);
        for body in ["name=a&name=b", "name=%ff", "%c3%28=1", "note=a&note=", "whom=me&whom=me", &many] {
            assert_eq!(Form::read(body.as_bytes()), Err(Malformed), "{body}");
        }
        assert_eq!(Form::read(b"name=\xff\xfe"), Err(Malformed));
        assert_eq!(read("name=A&phone=9165550100&whom=everybody").answers.whom, None);
    }

    #[test]
    fn what_was_typed_is_not_printed_for_debugging() {
        let form = read("name=Zebulon&phone=9165550100&note=Zebulon");
        let request = form.request(Lang::En).unwrap();
        for text in [format!("{form:?}"), format!("{request:?}"), format!("{:?}", request.answers.phone)] {
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
