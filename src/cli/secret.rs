//! A file that holds one secret: a password or a passphrase.

use super::Failure;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use zeroize::Zeroizing;

/// Somebody's passphrase is shorter; the limit is for files that are something else.
const MAX_BYTES: usize = 64 * 1024;

/// The one line of the file that `flag` names.
pub(super) fn read(flag: &str, file: &Path) -> Result<Zeroizing<String>, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(format!("{flag} {}: {error}", file.display()))
            .help(format!("{flag} takes a file that holds the secret alone, on one line"))
    };
    // A string that grows leaves a copy behind.
    let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES + 1));
    let read = |open: File| -> io::Result<usize> { open.take(MAX_BYTES as u64).read_to_string(&mut text) };
    File::open(file).and_then(read).map_err(|error| failed(&error))?;
    let line = text.trim_end_matches(['\r', '\n']);
    if line.is_empty() || line.contains(['\r', '\n']) {
        return Err(failed(&"it doesn't hold one line"));
    }
    Ok(Zeroizing::new(line.to_owned()))
}
