//! Which build this is. `build.rs` at the root sets it.

/// The version, the commit and its day: `0.1.0 (abc1234 2026-11-28)`.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " ", env!("SITE_BUILD"));

/// The commit, or nothing where it isn't known.
pub const COMMIT: &str = env!("SITE_BUILD_COMMIT");

/// The day of the commit in UTC, `2026-11-28`, or nothing where it isn't known.
pub const DAY: &str = env!("SITE_BUILD_DAY");
