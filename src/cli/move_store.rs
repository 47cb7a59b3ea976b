//! `clinic-site move`: all requests to another place.

use super::{Failure, Outcome, requests, resources, say, store};
use crate::config::{MoveOptions, StoreOptions};
use crate::requests::store::relocate;

pub(super) fn run(options: &MoveOptions) -> Result<Outcome, Failure> {
    resources::hide_memory();
    let to = StoreOptions {
        data_dir: options.to_dir.clone().unwrap_or_default(),
        database: options.to.clone(),
        database_password_file: options.to_password_file.clone(),
    };
    let (from, target) = (store::location_that_exists(&options.store)?, store::location(&to)?);
    let moved = requests::runtime()?.block_on(relocate(&from, &target, &store::place(&to))).map_err(|error| {
        Failure::new(format!("not moved: {error}"))
            .help("the requests are where they were; when the cause is mended, run the same again, and it goes on")
    })?;
    say(format!("moved {moved}: they are {} now, and were {}", store::place(&to), store::place(&options.store)));
    say(format!("start the server and the front desk with{} from now on", store::options(&to)));
    Ok(Outcome::Good)
}
