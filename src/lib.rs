//! The website of an opioid treatment clinic as one program.
//!
//! ```text
//! content/*.toml ──load──▶ Content ──build──▶ Site (finished bytes) ──┬─ serve  ─▶ responses
//! templates/, static/ (compiled in) ────────────┘                      └─ export ─▶ files
//! form post ──parse──▶ NewRequest ──seal (public key)──▶ Store ──open (staff's private key)──▶ staff
//! ```
//!
//! Each module knows only those on the floors below it: `lang`, `address`, `character`, `parallel`, `phone` and `diagnostic` (0), `content` and `requests` (1), `site` (2), `http` (3),
//! `desk` (4), `cli` (5).
//! `docs/architecture.md` has the map; a test holds it.

pub mod address;
pub mod character;
pub mod cli;
pub mod config;
pub mod content;
pub mod desk;
pub mod diagnostic;
pub mod http;
pub mod lang;
mod parallel;
pub mod phone;
pub mod requests;
pub mod server;
pub mod site;
pub mod telemetry;
