//! A place of the clinic: where it is, the numbers to call by their purpose, and its hours.
//!
//! There is one notion of places, [`Place`]. A clinic that has one writes its facts at the top of `clinic.toml`; one that has several, or a
//! number for each purpose, writes each place in `[[locations]]`.

use super::fact::{Fact, FactRef, add};
use super::hours::{Exception, Hours};
use crate::content::leaf::{Key, Line, Mail, Phone, State, WebAddress, Zip};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Deserialize;

/// Declares [`Location`] and [`Place`] from the one table of a place's facts: each with its value and the place of that value in the file.
macro_rules! location {
    ($($(#[doc = $doc:literal])+ $key:ident: $value:ty, $place:expr;)+) => {
        /// What each fact of a place is, by its name in the file.
        pub const ABOUT_PLACES: &[(&str, &str)] = &[$((stringify!($key), concat!($($doc),+))),+];

        /// A place of the clinic. What is not known, or is not there, is left out.
        #[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
        pub struct Location {
            /// Ties the place to its words in `ui.toml`, and names it in copy: `{location.main.phone}`.
            #[schemars(example = &"main")]
            pub id: Key,
            $($(#[doc = $doc])+ pub $key: Option<Fact<$value>>,)+
            /// Days on which the hours are others here.
            pub exceptions: Option<Vec<Exception>>,
        }

        /// A place, however it is written.
        #[derive(Clone, Copy, Debug, Default)]
        pub struct Place<'a> {
            /// Its name, if it is one of several, or written in `[[locations]]`.
            pub id: Option<&'a Key>,
            $($(#[doc = $doc])+ pub $key: Option<&'a Fact<$value>>,)+
            /// Days on which the hours are others.
            pub exceptions: &'a [Exception],
        }

        // Both take `Self` apart without `..`: a new key doesn't compile until it has its part in them.
        impl Location {
            /// Adds its facts to a list of them: those of [`NEEDED`] also where they are not given.
            pub(super) fn add_facts<'a>(&'a self, all: &mut Vec<(String, Option<FactRef<'a>>)>) {
                let Self { id, $($key,)+ exceptions: _ } = self;
                $(
                    if $key.is_some() || NEEDED.contains(&stringify!($key)) {
                        add(all, format!("locations.{id}.{}", stringify!($key)), $key.as_ref(), $place);
                    }
                )+
            }

            /// See [`super::Clinic::retain`].
            pub(super) fn retain(&mut self, keep: &impl Fn(Option<Date>) -> bool) {
                let Self { id: _, $($key,)+ exceptions } = self;
                $($key.take_if(|fact| !keep(fact.last_day()));)+
                if let Some(exceptions) = exceptions {
                    exceptions.retain(|exception| keep(exception.last_trace()));
                }
            }

            /// See [`super::Clinic::as_of`].
            pub(super) fn advance(&mut self, today: Date) {
                let Self { id: _, $($key,)+ exceptions: _ } = self;
                $(
                    if let Some(fact) = $key {
                        fact.advance(today);
                    }
                )+
            }

            pub(super) fn place(&self) -> Place<'_> {
                let Self { id, $($key,)+ exceptions } = self;
                Place { id: Some(id), $($key: $key.as_ref(),)+ exceptions: exceptions.as_deref().unwrap_or_default() }
            }
        }
    };
}

location! {
    /// The number to call.
    phone: Phone, |number| Some(number.span());
    /// The number that says when doses are given.
    dosing_line: Phone, |number| Some(number.span());
    /// The number to call while it is closed.
    after_hours: Phone, |number| Some(number.span());
    /// The number of its fax. Nobody can call it.
    fax: Phone, |number| Some(number.span());
    /// The number for text telephones (TTY).
    tty: Phone, |number| Some(number.span());
    /// Its mail address.
    mail: Mail, |mail| Some(mail.span());
    /// Its street address.
    address: Address, |address| Some(address.street.span());
    /// A page with a map of it. Visitors follow the link; nothing of that page is loaded here.
    map: WebAddress, |page| Some(page.span());
    /// Opening hours.
    hours: Vec<Hours>, |hours| hours.first().map(|hours| hours.opens.span());
    /// The hours at which doses are given.
    dosing_hours: Vec<Hours>, |hours| hours.first().map(|hours| hours.opens.span());
    /// The hours at which new patients are seen.
    intake_hours: Vec<Hours>, |hours| hours.first().map(|hours| hours.opens.span());
    /// The hours of counseling.
    counseling_hours: Vec<Hours>, |hours| hours.first().map(|hours| hours.opens.span());
}

/// A postal address in the United States.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Address {
    /// House number and street.
    #[schemars(example = &"12 Test Street")]
    pub street: Line,
    /// City.
    #[schemars(example = &"Sacramento")]
    pub city: Line,
    /// Two letters.
    #[schemars(example = &"CA")]
    pub state: State,
    /// Five digits.
    pub zip: Zip,
}

/// The facts that every place has: the agenda asks for one that is not given.
const NEEDED: [&str; 3] = ["phone", "address", "hours"];

impl<'a> Place<'a> {
    /// Its numbers, by the names of their facts.
    #[must_use]
    pub fn numbers(&self) -> [(&'static str, Option<&'a Fact<Phone>>); 5] {
        [
            ("phone", self.phone),
            ("dosing_line", self.dosing_line),
            ("after_hours", self.after_hours),
            ("fax", self.fax),
            ("tty", self.tty),
        ]
    }

    /// Its hours, by the names of their facts.
    #[must_use]
    pub fn all_hours(&self) -> [(&'static str, Option<&'a Fact<Vec<Hours>>>); 4] {
        [
            ("hours", self.hours),
            ("dosing_hours", self.dosing_hours),
            ("intake_hours", self.intake_hours),
            ("counseling_hours", self.counseling_hours),
        ]
    }
}

impl Address {
    /// City, state and postal code on one line.
    #[must_use]
    pub fn locality(&self) -> String {
        format!("{}, {} {}", self.city, self.state, self.zip)
    }
}
