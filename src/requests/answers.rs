//! The fields of the form and the answers they take, in one table: the form, the sealed request, the search for repeated posts and the desk all
//! use [`Answers`].

use super::text::{Line, Lines};
use crate::lang::Lang;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::ZeroizeOnDrop;

/// A question that is answered by choosing among a few answers.
pub trait Choice: Copy + Eq + Sized + 'static {
    /// Every answer, in the order in which it is offered.
    const ALL: &'static [Self];

    /// The answer as the form sends it and the sealed request holds it.
    fn key(self) -> &'static str;

    /// The answer with this key.
    fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|choice| choice.key() == key)
    }
}

/// Declares a question's answers with their keys.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $key:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $key)] $variant),+ }

        impl $crate::requests::Choice for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }
        }
    };
}
pub(super) use choice;

choice! {
    /// May the clinic leave a message at the number?
    Message {
        /// Yes, and it may say that it is the clinic.
        Named = "named",
        /// Yes, but it may not say who calls.
        Discreet = "discreet",
        /// No message.
        No = "no",
    }
}

choice! {
    /// A good time to be called.
    TimeOfDay {
        /// Before noon.
        Morning = "morning",
        /// From noon to early evening.
        Afternoon = "afternoon",
        /// In the evening.
        Evening = "evening",
        /// At night.
        Night = "night",
    }
}

/// The language to be spoken to in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ReplyLanguage {
    /// One that the site is in.
    Of(Lang),
    /// Another one, which is named beside it.
    Other,
}

/// The languages that had words as their keys before all had tags: staff have sealed requests with them.
const WORDS: [(&str, &str); 2] = [("english", "en"), ("spanish", "es")];

impl ReplyLanguage {
    /// The answer as the form sends it and the sealed request holds it.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Other => "other",
            Self::Of(lang) => WORDS.iter().find(|(_, tag)| *tag == lang.tag()).map_or(lang.tag(), |(word, _)| word),
        }
    }

    /// The answer with this key: any language may be one that the site is in.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        let tag = WORDS.iter().find(|(word, _)| *word == key).map_or(key, |(_, tag)| tag);
        if key == "other" { Some(Self::Other) } else { Lang::from_tag(tag).map(Self::Of) }
    }
}

impl TryFrom<String> for ReplyLanguage {
    type Error = &'static str;

    fn try_from(key: String) -> Result<Self, Self::Error> {
        Self::from_key(&key).ok_or("no language")
    }
}

impl From<ReplyLanguage> for String {
    fn from(language: ReplyLanguage) -> Self {
        language.key().to_owned()
    }
}

choice! {
    /// Whom the appointment is for.
    Whom {
        /// For the person who asks.
        Me = "me",
        /// For somebody that person cares for.
        SomeoneElse = "someone_else",
    }
}

/// An answer of a form. What is typed is of a type that drops what can't be seen and zeroes itself, so a plain `String` is none.
trait Answer {
    /// Whether a form may send it more than once.
    const SEVERAL: bool = false;

    /// Takes what was sent.
    fn put(&mut self, value: &str);

    /// What was typed, if it is typed and not chosen.
    fn text(&self) -> Option<&str> {
        None
    }
}

macro_rules! typed {
    ($($text:ty),+) => {$(
        impl Answer for $text {
            fn put(&mut self, value: &str) {
                *self = Self::new(value);
            }

            fn text(&self) -> Option<&str> {
                Some(self)
            }
        }
    )+};
}
typed!(Line, Lines);

/// A choice that isn't offered counts as none.
impl<C: Choice> Answer for Option<C> {
    fn put(&mut self, value: &str) {
        *self = C::from_key(value);
    }
}

impl Answer for Option<ReplyLanguage> {
    fn put(&mut self, value: &str) {
        *self = ReplyLanguage::from_key(value);
    }
}

impl<C: Choice + Ord> Answer for Vec<C> {
    const SEVERAL: bool = true;

    fn put(&mut self, value: &str) {
        if let Some(choice) = C::from_key(value).filter(|choice| !self.contains(choice)) {
            self.push(choice);
            self.sort_unstable();
        }
    }
}

/// How many UTF-16 units a browser takes for each character that the server does.
const ROOM: usize = 8;

/// Declares the fields in their order on the page: each with its name, the type of its answer, the most characters it takes, and whether it must
/// be filled in. The name is the key in a post and in the sealed request, so it is never changed.
macro_rules! fields {
    ($($(#[$doc:meta])* $field:ident, $name:ident: $answer:ty, $max:expr, required: $required:literal;)+) => {
        /// A field of the form.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $($(#[$doc])* $field,)+
            /// Hidden from people, so that what fills it in is a program.
            Trap,
        }

        impl Field {
            /// All fields, in their order on the page.
            pub const ALL: &'static [Self] = &[$(Self::$field,)+ Self::Trap];

            /// Its name in a post, and its id on the page after `request-`.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$field => stringify!($name),)+
                    // A name that programs like to fill in.
                    Self::Trap => "website",
                }
            }

            /// The most characters it takes; `None` for a choice.
            #[must_use]
            pub const fn max(self) -> Option<usize> {
                match self {
                    $(Self::$field => $max,)+
                    Self::Trap => None,
                }
            }

            /// The most UTF-16 units that a browser takes, so that no post is too long to be read: `maxlength`. A pasted text that is too long comes back whole,
            /// with its mistake; no text is cut that the server would accept.
            #[must_use]
            pub fn room(self) -> Option<usize> {
                self.max().map(|max| ROOM * max)
            }

            /// Whether it must be filled in.
            #[must_use]
            pub const fn is_required(self) -> bool {
                match self {
                    $(Self::$field => $required,)+
                    Self::Trap => false,
                }
            }

            /// Whether a form may send it more than once.
            pub(super) const fn takes_several(self) -> bool {
                match self {
                    $(Self::$field => <$answer as Answer>::SEVERAL,)+
                    Self::Trap => false,
                }
            }
        }

        /// What a person answers. A field that an older sealed request doesn't have yet is empty. What was typed is zeroed when it is dropped; what
        /// was chosen among a few answers reveals nothing by itself.
        #[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Answers {
            $($(#[$doc])* pub $name: $answer,)+
            /// The number to call as it was typed, where that says more than the number as people read it. It is asked by no field of its own.
            pub phone_typed: Line,
        }

        // Each typed answer zeroes itself: see `Answer`.
        impl ZeroizeOnDrop for Answers {}

        impl Answers {
            /// Takes what was sent for a field. What programs fill in is no answer.
            pub(super) fn put(&mut self, field: Field, value: &str) {
                match field {
                    $(Field::$field => Answer::put(&mut self.$name, value),)+
                    Field::Trap => {}
                }
            }

            /// What was typed into a field.
            pub(crate) fn text(&self, field: Field) -> Option<&str> {
                match field {
                    $(Field::$field => Answer::text(&self.$name),)+
                    Field::Trap => None,
                }
            }
        }
    };
}

fields! {
    /// What to call the person.
    Name, name: Line, Some(80), required: true;
    /// Where to call: as it was typed, in a request as people read it. A remark fits in, too.
    Phone, phone: Line, Some(60), required: true;
    /// Whether a message may be left. No answer is no permission.
    Message, message: Option<Message>, None, required: false;
    /// Good times to call; none chosen: any.
    Times, times: Vec<TimeOfDay>, None, required: false;
    /// The language to speak.
    Language, language: Option<ReplyLanguage>, None, required: false;
    /// Its name, if it is another one.
    OtherLanguage, other_language: Line, Some(40), required: false;
    /// For whom.
    Whom, whom: Option<Whom>, None, required: false;
    /// Anything else.
    Note, note: Lines, Some(500), required: false;
}

/// What a person answered is never printed by `{:?}`, which ends up in logs.
impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answers(…)")
    }
}
