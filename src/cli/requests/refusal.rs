//! Why a server didn't do what it was asked for, in words of our own.

use crate::cli::ask::AskError;
use crate::cli::counted;
use http::StatusCode;
use serde::Deserialize;
use std::time::Duration;
use thiserror::Error;

/// How long a whole list may take.
pub(super) const LIST_TIMEOUT: Duration = Duration::from_mins(5);

/// Why a server didn't do what it was asked for. None of it is the server's own text.
#[derive(Debug, Error)]
pub(super) enum ServerError {
    /// There is no answer.
    #[error("{0}")]
    Ask(#[from] AskError),
    /// It leads elsewhere, perhaps to this origin.
    #[error("it leads to another address, and a redirect is never followed")]
    Redirected(Option<String>),
    /// It says why not; perhaps with the seconds to wait.
    #[error("{0}")]
    Refused(Code, Option<u32>),
    /// It is something else than a desk.
    #[error("it answers {0}, and not as the desk of a clinic's site does")]
    NotADesk(StatusCode),
    /// It speaks as a desk, and says something that none would.
    #[error("it answers something that no desk does: {0}")]
    Shape(&'static str),
    /// What it sent to be opened is no challenge.
    #[error("it sent something else than a sign-in to be opened; nothing of it was sent back")]
    Foreign,
    /// It knows none of the keys.
    #[error("none of your keys is one of the server's")]
    NoKey,
    /// A list took too long.
    #[error("its list takes longer than {} minutes", LIST_TIMEOUT.as_secs() / 60)]
    Slow,
}

/// What a desk says when it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Error)]
#[serde(rename_all = "snake_case")]
pub(super) enum Code {
    /// What was sent can't be read.
    #[error("it doesn't understand this program")]
    BadRequest,
    /// There is no session, or no longer.
    #[error("it has ended the session")]
    SignedOut,
    /// There is no such thing.
    #[error("it has no such thing")]
    NotHere,
    /// What was sent is too long.
    #[error("what was sent is too long for it")]
    TooLong,
    /// What was sent isn't as it wants it.
    #[error("it doesn't take what this program sends")]
    WrongShape,
    /// It was asked too often.
    #[error("it was asked too often")]
    TooMany,
    /// It can't reach its store.
    #[error("it can't reach its store of requests now")]
    Unavailable,
}

impl Code {
    /// What to do, perhaps after some seconds.
    pub(super) fn help(self, wait: Option<u32>) -> String {
        let help = match self {
            Self::TooMany => match wait {
                Some(wait) => return format!("try again in {}", counted(usize::try_from(wait).unwrap_or(0), "second")),
                None => "try again in some minutes",
            },
            Self::SignedOut => {
                "run it again, which signs in anew; if that fails too, the server no longer has your key"
            }
            Self::Unavailable => "nothing was changed; try again in some minutes, or tell whoever runs the server",
            Self::BadRequest | Self::NotHere | Self::TooLong | Self::WrongShape => {
                "the server may be of another version: use the version of clinic-site that it has"
            }
        };
        help.to_owned()
    }
}
