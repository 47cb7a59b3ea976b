//! Warnings to staff about what is not as it should be: requests whose row and sealed state differ, and keys that nobody here knows.

use super::say;
use crate::cli::{counted, quoted};
use crate::requests::keys::{PublicKeys, fingerprint, grouped};
use crate::requests::staff::Trouble;
use std::collections::BTreeMap;
use std::path::Path;

/// Prints what is odd about a request, except for the keys that it names: see [`Strangers`].
pub(super) fn troubles(reference: &str, troubles: &[Trouble]) {
    for trouble in troubles.iter().filter(|trouble| **trouble != Trouble::Stranger) {
        say(format!("warning: {reference}: {trouble}"));
    }
}

/// Keys that nobody here knows: each with who names it.
#[derive(Default)]
pub(super) struct Strangers(BTreeMap<String, NamedBy>);

/// Who names a key.
#[derive(Default)]
struct NamedBy {
    /// The server does: it seals new requests to it.
    server: bool,
    /// The first request that does, and how many do.
    request: Option<String>,
    requests: usize,
}

impl Strangers {
    /// Adds keys that a server names.
    pub(super) fn named_by_server(&mut self, keys: Vec<String>) {
        for key in keys {
            self.0.entry(key).or_default().server = true;
        }
    }

    /// Adds keys that a request names.
    pub(super) fn named_by_request(&mut self, reference: &str, keys: Vec<String>) {
        for key in keys {
            let named = self.0.entry(key).or_default();
            named.request.get_or_insert_with(|| reference.to_owned());
            named.requests += 1;
        }
    }

    /// Prints which they are, and what to do: as many as a server may have, and how many more there are.
    pub(super) fn print(&self, place: &str, identity: &Path) {
        for (key, named) in self.0.iter().take(PublicKeys::MAX) {
            let who = match (named, &named.request) {
                (NamedBy { server: true, .. }, _) => format!("new requests {place} are sealed to"),
                (NamedBy { requests: 0 | 1, .. }, request) => {
                    format!("{} names", request.as_deref().unwrap_or("a request"))
                }
                (NamedBy { requests, .. }, request) => {
                    let others = counted(requests - 1, "other request");
                    format!("{} and {others} name", request.as_deref().unwrap_or("a request"))
                }
            };
            say(format!("ALARM: {who} {}", about(key, identity)));
        }
        if self.0.len() > PublicKeys::MAX {
            say(format!(
                "ALARM: {} more that you don't know are named",
                counted(self.0.len() - PublicKeys::MAX, "key")
            ));
        }
    }
}

/// What to do about a key that nobody knows. Only what is a key is printed.
fn about(key: &str, identity: &Path) -> String {
    let nothing = "Nothing that you close or open again is sealed to it.";
    if PublicKeys::parse([key]).is_err() {
        return format!("something that is no staff key. {nothing}\n  Tell whoever runs the server.");
    }
    format!(
        "a key that you don't know. {nothing}
  its fingerprint: {}
  Whoever has its private half can read what is sealed to it. Ask whoever runs the server whose it is, and compare the
  fingerprint with its owner. If it is a colleague's, or the one in the safe, add this line to {}:
  # reader: {key}",
        grouped(&fingerprint(key)),
        quoted(identity)
    )
}
