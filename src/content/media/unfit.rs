//! Why a file can't be served.

/// Why a file can't be served, and how to make one of it that can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// What it is: a phrase without a full stop.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

impl Unfit {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    /// Its bytes were let go before anybody looked at them.
    pub(super) fn gone() -> Self {
        Self::new("this file can't be read", "put it here again from a copy")
    }
}
