//! The suite: one binary, one harness, the production router. `tests/README.md` says how it is laid out.

mod harness;
mod serving;
