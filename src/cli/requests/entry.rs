//! What comes from a place, and what goes there.

use crate::requests::Reference;
use crate::requests::staff::Resealed;
use crate::requests::store::{Past, Row};

/// A stored request, and what was changed of it, the oldest change first.
pub(super) struct Entry {
    pub(super) row: Row,
    pub(super) history: Vec<Past>,
}

/// A request that is to be changed.
pub(super) struct Change {
    pub(super) reference: Reference,
    /// What takes its place.
    pub(super) to: Resealed,
}
