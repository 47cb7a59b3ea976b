//! `clinic-site restore`: the requests of a backup, put back.

use super::{Failure, Outcome, backup, clock, requests, resources, say, store};
use crate::config::RestoreOptions;
use crate::requests::inbox::today;
use crate::requests::store::restore;

pub(super) fn run(options: &RestoreOptions) -> Result<Outcome, Failure> {
    resources::hide_memory();
    let location = store::location(&options.store)?;
    let now = clock::now().timestamp();
    let stamp = backup::stamp(now);
    let restoring = restore(&options.file, &location, options.replace, &stamp, today(now));
    let restored = requests::runtime()?.block_on(restoring).map_err(|error| {
        let failure = Failure::new(format!("nothing was restored: {error}"));
        if error.is_occupied() {
            failure.help("with --replace, what is there is moved aside, and the backup takes its place")
        } else {
            failure.help("what was there is as it was")
        }
    })?;
    say(format!("restored {} {}", restored.summary, store::place(&options.store)));
    if let Some(aside) = restored.aside {
        say(format!("what was there before was saved: {aside}. Delete it when nobody needs it any more"));
    }
    Ok(Outcome::Good)
}
