//! What a request says. It exists in memory while it is sealed, and on the computer of the staff who open it.

use super::{PhoneNumber, Reference};
use crate::lang::Lang;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

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
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $key)] $variant),+ }

        impl Choice for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),+ }
            }
        }
    };
}

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

choice! {
    /// The language to be spoken to in.
    ReplyLanguage {
        /// English.
        English = "english",
        /// Spanish.
        Spanish = "spanish",
        /// Another one, which is named beside it.
        Other = "other",
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

choice! {
    /// What came of a request.
    Outcome {
        /// An appointment was made.
        Booked = "booked",
        /// The person was reached, and wants no appointment now.
        NotNow = "not_now",
        /// Nobody could be reached at the number.
        NotReached = "not_reached",
        /// The same person had asked before.
        AskedBefore = "asked_before",
        /// Not a request of a person: a test, or junk.
        NotARequest = "not_a_request",
    }
}

/// What a visitor asks, complete and valid: [`super::form::Form::request`] is the only maker. What was typed is zeroed when it goes.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct NewRequest {
    /// The language of the page it was asked on.
    #[zeroize(skip)]
    pub page: Lang,
    /// What to call the person.
    pub name: String,
    /// Where to call.
    pub phone: PhoneNumber,
    /// Whether a message may be left; who did not answer wants none.
    #[zeroize(skip)]
    pub message: Message,
    /// Good times to call; none chosen: any.
    #[zeroize(skip)]
    pub times: Vec<TimeOfDay>,
    /// The language to speak, if it was chosen.
    #[zeroize(skip)]
    pub language: Option<ReplyLanguage>,
    /// The name of that language, if it is neither English nor Spanish.
    pub other_language: String,
    /// For whom, if it was said.
    #[zeroize(skip)]
    pub whom: Option<Whom>,
    /// Anything else.
    pub note: String,
}

/// The plaintext of a sealed request, as JSON. Keys are never renamed: staff open requests of older versions. It is zeroed when it goes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Request {
    /// The version of this shape: 1.
    pub version: u8,
    /// The reference. It is in the ciphertext too, so that one request can't be passed off as another.
    pub reference: String,
    /// When it came in, to the minute (RFC 3339, UTC).
    pub received: String,
    /// The tag of the language of the page it was asked on.
    pub page: String,
    /// What to call the person.
    pub name: String,
    /// The number as people read it.
    pub phone: String,
    /// Whether a message may be left.
    #[zeroize(skip)]
    pub message: Message,
    /// Good times to call; none: any.
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
    /// The public keys it is sealed to, so that staff can seal it to the same ones when they close it.
    pub keys: Vec<String>,
    /// What came of it, once it is closed.
    pub closing: Option<Closing>,
}

/// What staff note when they close a request.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Closing {
    /// What came of it.
    #[zeroize(skip)]
    pub outcome: Outcome,
    /// In a few words of their own; at most [`Closing::MAX_NOTE`] characters.
    pub note: String,
    /// When, to the minute (RFC 3339, UTC).
    pub at: String,
}

impl Closing {
    /// The most characters of a note.
    pub const MAX_NOTE: usize = 300;
}

impl Request {
    /// A new request as it is sealed: `received` is an instant to the minute, `keys` are the public keys it is sealed to.
    #[must_use]
    pub fn new(new: &NewRequest, reference: &Reference, received: String, keys: Vec<String>) -> Self {
        Self {
            version: 1,
            reference: reference.to_string(),
            received,
            page: new.page.tag().to_owned(),
            name: new.name.clone(),
            phone: std::mem::take(&mut *new.phone.shown()),
            message: new.message,
            times: new.times.clone(),
            language: new.language,
            other_language: new.other_language.clone(),
            whom: new.whom,
            note: new.note.clone(),
            keys,
            closing: None,
        }
    }
}

// What a person typed is never printed by `{:?}`, which ends up in logs.

impl std::fmt::Debug for NewRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewRequest").field("page", &self.page).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("reference", &self.reference).finish_non_exhaustive()
    }
}
