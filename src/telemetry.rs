//! Logs: to stderr, one line an event.

use crate::config::{LogFormat, LogOptions};
use tracing_subscriber::fmt;

/// Starts logging. A second call changes nothing.
pub fn start(options: &LogOptions) {
    let builder = fmt().with_max_level(options.log).with_writer(std::io::stderr).with_ansi(false).with_target(false);
    // It fails only where a subscriber is set already, which then does the same.
    let _ = match options.log_format {
        LogFormat::Text => tracing::subscriber::set_global_default(builder.finish()),
        LogFormat::Json => tracing::subscriber::set_global_default(builder.json().flatten_event(true).finish()),
    };
}
