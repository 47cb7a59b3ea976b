//! The words of the form that asks for an appointment, of what can be wrong with it, and of the page after it was sent.

use crate::content::leaf::{Line, Markdown, MaxPhrase};
use schemars::JsonSchema;
use serde::Deserialize;

/// The form that asks for an appointment.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct RequestFormWords {
    /// Beside a question that must be answered.
    pub needed: Line,
    /// On the button that sends the form.
    pub send: Line,
    /// Before the page's title, and before each message, when something is wrong with the form.
    pub error: Line,
    /// Heading of the list of what is wrong.
    pub mistakes: Line,
    /// In the place of the form where it can't be sent: on paper, and in a copy of the site made by `export`. May name `{phone}`.
    pub no_form: Markdown,
    /// What to call the person.
    pub name: NameWords,
    /// Where to call.
    pub phone: PhoneWords,
    /// Whether a message may be left.
    pub message: MessageWords,
    /// Good times to call.
    pub times: TimesWords,
    /// The language to speak, and its name if it is another one.
    pub language: LanguageWords,
    /// For whom.
    pub whom: WhomWords,
    /// Anything else.
    pub note: NoteWords,
    /// A field that people don't see, so that what fills it in is a program.
    pub trap: TrapWords,
    /// The form could not be stored.
    pub unavailable: TroubleWords,
    /// The form was not taken: too many came in a short time.
    pub too_many: TroubleWords,
}

/// What to call the person.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct NameWords {
    /// The question.
    pub label: Line,
    /// Why we ask, and what will do.
    pub hint: Line,
    /// Nothing was written.
    pub missing: Line,
    /// It is too long.
    pub too_long: MaxPhrase,
}

/// Where to call.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct PhoneWords {
    /// The question.
    pub label: Line,
    /// Why we ask, and how to write it.
    pub hint: Line,
    /// Nothing was written.
    pub missing: Line,
    /// It is too long.
    pub too_long: MaxPhrase,
    /// It can't be dialled.
    pub not_a_phone: Line,
}

/// Whether a message may be left.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct MessageWords {
    /// The question.
    pub label: Line,
    /// Why we ask, and what no answer means: no message.
    pub hint: Line,
    /// Yes, and it may say that it is the clinic.
    pub named: Line,
    /// Yes, but it may not say who calls.
    pub discreet: Line,
    /// No message.
    pub no: Line,
}

/// Good times to call.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct TimesWords {
    /// The question.
    pub label: Line,
    /// Why we ask.
    pub hint: Line,
    pub morning: Line,
    pub afternoon: Line,
    pub evening: Line,
    pub night: Line,
}

/// The language to speak.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct LanguageWords {
    /// The question.
    pub label: Line,
    /// Why we ask.
    pub hint: Line,
    /// Another one than those that the site is in, which have their own names.
    pub other: Line,
    /// The question for its name.
    pub which: Line,
    /// That name is too long.
    pub too_long: MaxPhrase,
}

/// For whom.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct WhomWords {
    /// The question.
    pub label: Line,
    /// Why we ask.
    pub hint: Line,
    pub me: Line,
    pub someone_else: Line,
}

/// Anything else.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct NoteWords {
    /// The question.
    pub label: Line,
    /// Why we ask, and how long it may be.
    pub hint: MaxPhrase,
    /// What not to write.
    pub warning: Line,
    /// It is too long.
    pub too_long: MaxPhrase,
}

/// The field for programs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct TrapWords {
    /// For those who see it after all: to leave it empty.
    pub label: Line,
    /// It was filled in. It is empty again, so that sending once more is enough.
    pub trapped: Line,
}

/// Why a form without mistakes was not taken.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct TroubleWords {
    /// Heading.
    pub heading: Line,
    /// That nothing was sent, that what was typed is still there, and what to do. May name `{phone}`.
    pub text: Markdown,
}

/// The page after the form was sent.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct RequestReceivedWords {
    /// Tab and main heading. It stays in the browser's history, so it says nothing about treatment.
    pub title: Line,
    /// Before the code.
    pub code: Line,
    /// What the code is for.
    pub code_note: Line,
    /// To close the tab on a device that others use: the browser's Back button shows what was typed, which no site can prevent.
    pub shared_device: Line,
    /// Heading of what happens next.
    pub next: Line,
    /// What happens next, and how to take the request back. May name `{phone}`.
    pub text: Markdown,
}
