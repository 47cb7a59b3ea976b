//! What can go wrong while an answer is made: one table of kinds and their status codes.

macro_rules! error_kinds {
    ($($kind:ident = $status:literal),+ $(,)?) => {
        /// What can go wrong while an answer is made. Each has a page, in each language, with the help lines on it.
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
        }
    };
}

error_kinds! {
    BadRequest = 400,
    Forbidden = 403,
    NotFound = 404,
    MethodNotAllowed = 405,
    TooLarge = 413,
    UnsupportedMediaType = 415,
    TooMany = 429,
    Internal = 500,
    Unavailable = 503,
}
