//! `clinic-site healthcheck`: whether a running server answers, for containers, which have no other program to ask with.

use super::{Failure, Outcome, ask, print, resources, say};
use crate::config::HealthcheckOptions;
use crate::site::route;
use std::num::NonZeroUsize;
use std::time::Duration;

/// How long the server may take. It answers within a millisecond; containers give such a check half a minute.
const PATIENCE: Duration = Duration::from_secs(4);

pub(super) fn run(options: &HealthcheckOptions) -> Result<Outcome, Failure> {
    if options.url.is_none() && options.listen.port() == 0 {
        return Err(Failure::new("the server takes another port at each start (port 0): name what to ask with --url"));
    }
    let runtime = resources::runtime(NonZeroUsize::new(1)).map_err(Failure::new)?;
    let asked = runtime.block_on(async {
        match &options.url {
            Some(url) => (url.to_string(), ask::get(url, PATIENCE).await.map(|answer| (url.clone(), answer))),
            None => (options.listen.to_string(), ask::get_local(options.listen, route::HEALTH, PATIENCE).await),
        }
    });
    match asked {
        (_, Ok((url, answer))) if answer.status.is_success() => {
            print(&format!("{url} answers {}\n", answer.status.as_u16()))?;
            Ok(Outcome::Good)
        }
        (_, Ok((url, answer))) => {
            say(format!("{url} answers {}", answer.status));
            Ok(Outcome::Wrong)
        }
        (place, Err(error)) => {
            say(format!("{place}: {error}"));
            Ok(Outcome::Wrong)
        }
    }
}
