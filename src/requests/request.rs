//! What a request holds. It exists in memory while it is sealed, and on the computer of the staff who open it.

use super::answers::{Answers, choice};
use super::{Line, Lines, Reference};
use crate::lang::Lang;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

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

/// What a visitor asks, complete and valid: [`super::form::Form::request`] is the only maker.
#[derive(Clone, Debug, PartialEq, Eq, ZeroizeOnDrop)]
pub struct NewRequest {
    /// The language of the page it was asked on.
    #[zeroize(skip)]
    pub page: Lang,
    /// The answers: a phone number that can be dialled, and an answer about messages.
    pub answers: Answers,
}

/// The plaintext of a sealed request, as JSON. Keys are never renamed: staff open requests of older versions. It is zeroed when it is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ZeroizeOnDrop)]
pub struct Request {
    /// The version of this shape: 1.
    pub version: u8,
    /// The reference. It is in the ciphertext too, so that one request can't be passed off as another.
    pub reference: Line,
    /// When it came in, to the minute (RFC 3339, UTC).
    pub received: Line,
    /// The tag of the language of the page it was asked on.
    pub page: Line,
    /// The answers.
    #[serde(flatten)]
    pub answers: Answers,
    /// The public keys it is sealed to, so that staff can seal it to the same ones when they close it.
    pub keys: Vec<Line>,
    /// What came of it, once it is closed.
    pub closing: Option<Closing>,
    /// What a newer program has put into it.
    #[serde(flatten)]
    pub unknown: Unknown,
}

/// The keys of a request that this program doesn't know, which stay when it is sealed again. They are zeroed when they are dropped.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unknown(BTreeMap<String, Value>);

impl ZeroizeOnDrop for Unknown {}

impl Drop for Unknown {
    fn drop(&mut self) {
        for (mut key, mut value) in std::mem::take(&mut self.0) {
            key.zeroize();
            zero(&mut value);
        }
    }
}

fn zero(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(zero),
        Value::Object(map) => {
            for (mut key, mut value) in std::mem::take(map) {
                key.zeroize();
                zero(&mut value);
            }
        }
        Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// It may be what somebody typed: `{:?}`, which ends up in logs, doesn't print it.
impl fmt::Debug for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unknown(…)")
    }
}

/// What staff note when they close a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub struct Closing {
    /// What came of it.
    #[zeroize(skip)]
    pub outcome: Outcome,
    /// In a few words of their own; at most [`Closing::MAX_NOTE`] characters.
    pub note: Lines,
    /// When, to the minute (RFC 3339, UTC).
    pub at: Line,
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
            reference: Line::new(reference.as_str()),
            received: received.into(),
            page: Line::new(new.page.tag()),
            answers: new.answers.clone(),
            keys: keys.into_iter().map(Line::from).collect(),
            closing: None,
            unknown: Unknown::default(),
        }
    }
}
