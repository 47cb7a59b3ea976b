//! Requests for an appointment: read from a form, sealed to the staff's public keys, stored in a database, opened by staff alone.
//!
//! ```text
//! form post ──form──▶ NewRequest ──seal (public keys)──▶ store ──keys (private key)──▶ staff
//! ```
//!
//! The server holds no private key. Whoever has the server, its disk or a backup of it has ciphertexts that are all alike, each with a
//! random reference, the hour it came in, the language of its page, whether it is closed, and the fingerprints of the keys that open it.
//! `docs/privacy.md` follows the data through its whole life.

mod answers;
pub mod form;
pub mod health;
pub mod inbox;
pub mod keys;
pub mod mail;
pub mod purge;
mod reference;
mod request;
pub mod seal;
pub mod staff;
pub mod store;
mod text;

pub use answers::{Answers, Choice, Field, Message, ReplyLanguage, TimeOfDay, Whom};
pub use reference::Reference;
pub use request::{Closing, NewRequest, Outcome, Request};
pub use text::{Line, Lines, visible};
