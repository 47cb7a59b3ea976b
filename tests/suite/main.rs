//! The suite: one binary, one harness, the production router. `tests/README.md` says how it is laid out.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that can't go on fails; clippy.toml allows it in test functions, this in their helpers"
)]
#![expect(
    unreachable_pub,
    reason = "in a program of tests nothing is public; the word says what a module offers to the others"
)]

mod accessibility;
mod commands;
mod connections;
mod content;
mod editor;
mod facts;
mod harness;
mod head;
mod links;
mod logs;
mod machines;
mod mutations;
mod pages;
mod refusals;
mod serving;
mod structure;
mod style;
mod words;
