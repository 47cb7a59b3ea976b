//! Requests for an appointment: read from a form, sealed to the staff's public keys, kept in a database, opened by staff alone.
//!
//! ```text
//! form post ──form──▶ NewRequest ──seal (public keys)──▶ store ──keys (private key)──▶ staff
//! ```
//!
//! The server holds no private key. Whoever has the server, its disk or a backup of it has ciphertexts that are all alike, each with a
//! random reference, the hour it came in, the language of its page, whether it is closed, and the fingerprints of the keys that open it.
//! `docs/privacy.md` follows the data through its whole life.

pub mod form;
pub mod health;
pub mod inbox;
pub mod keys;
pub mod mail;
mod phone;
mod reference;
mod request;
pub mod seal;
pub mod staff;
pub mod store;

pub use phone::PhoneNumber;
pub use reference::Reference;
pub use request::{Choice, Closing, Message, NewRequest, Outcome, ReplyLanguage, Request, TimeOfDay, Whom};
