//! The errors that a visitor can get: one table of kinds, status codes and words.

use crate::content::{ErrorPageWords, ErrorWords};

macro_rules! error_kinds {
    ($($kind:ident $words:ident = $status:literal),+ $(,)?) => {
        /// An error that a visitor can get. Each has a page in each language, with the help lines on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorKind {
            $(#[doc = stringify!($status)] $kind,)+
        }

        impl ErrorKind {
            /// All of them.
            pub const ALL: [Self; [$($status),+].len()] = [$(Self::$kind),+];

            /// The status code (RFC 9110, section 15).
            #[must_use]
            pub const fn status(self) -> u16 {
                match self {
                    $(Self::$kind => $status,)+
                }
            }

            /// The words of its page.
            pub(super) const fn words(self, words: &ErrorWords) -> &ErrorPageWords {
                match self {
                    $(Self::$kind => &words.$words,)+
                }
            }
        }
    };
}

error_kinds! {
    BadRequest bad_request = 400,
    Forbidden forbidden = 403,
    NotFound not_found = 404,
    MethodNotAllowed method_not_allowed = 405,
    TooLarge too_large = 413,
    UnsupportedMediaType unsupported_media_type = 415,
    TooMany too_many = 429,
    Internal internal = 500,
    Unavailable unavailable = 503,
}
