//! Logs: to stderr, one line an event.

use crate::config::{LogFormat, LogOptions};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{Layer, fmt, registry};

/// Starts logging. A second call changes nothing.
pub fn start(options: &LogOptions) {
    let lines = fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_target(false);
    let lines = match options.log_format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    // It fails only where a subscriber is set already, which then does the same.
    let _ = tracing::subscriber::set_global_default(registry().with(lines.with_filter(own(options.log))));
}

/// The events of this program, down to a level, and of nobody else: libraries log what a visitor sent, such as a whole address with its query
/// (tower-http does), at their finer levels.
#[must_use]
pub fn own(level: LevelFilter) -> Targets {
    Targets::new().with_target("clinic_site", level)
}
