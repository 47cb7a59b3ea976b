//! Leaves that a list has, which is no TOML: they were checked there.

use super::{OldPath, Path};
use std::ops::Range;

impl OldPath {
    /// An old address and its place.
    pub(in crate::content) const fn listed(span: &Range<usize>, text: String) -> Self {
        Self(span.start, span.end, text)
    }
}

impl Path {
    /// A path of this site and its place.
    pub(in crate::content) const fn listed(span: &Range<usize>, text: String) -> Self {
        Self(span.start, span.end, text)
    }
}
