//! Logs and messages on stderr: one line an event.
//!
//! [`start`] is called once, by the command. Events and the messages of [`say`] are written in order (`lines`), and neither waits for the reader of
//! stderr. What a stalled reader misses is counted ([`dropped`]). A log in JSON is JSON in each line, messages included; in systemd's journal each line
//! begins with its priority, and text has no time of its own (`sd-daemon(3)`).

mod format;
mod lines;

use crate::config::{LogFormat, LogOptions};
use std::fmt::Display;
use std::io::{self, Write};
use std::panic;
use std::sync::OnceLock;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::set_global_default;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

/// Writes the last lines on drop, after a panic of the main thread too. Waits at most a second for the reader of stderr.
#[derive(Debug)]
#[must_use = "the last lines are written when it is dropped"]
pub struct FlushOnDrop(());

impl Drop for FlushOnDrop {
    fn drop(&mut self) {
        flush();
    }
}

/// How lines are written, once that is known: as JSON, and for the journal.
static STYLE: OnceLock<(LogFormat, bool)> = OnceLock::new();

/// What comes before a line of this level: in the journal its priority (`sd-daemon(3)`).
fn prefix(level: Level) -> &'static str {
    match STYLE.get() {
        Some((_, true)) => match level {
            Level::ERROR => "<3>",
            Level::WARN => "<4>",
            Level::INFO => "<6>",
            _ => "<7>",
        },
        _ => "",
    }
}

/// Starts logging, panics included. A second call changes nothing.
pub fn start(options: &LogOptions) -> FlushOnDrop {
    let builder = tracing_subscriber::fmt().with_max_level(options.log).with_timer(format::Utc).with_writer(Lines);
    let builder = builder.with_ansi(false).with_target(false);
    let own = own_events(options.log);
    let started = match (options.log_format, options.journal) {
        (LogFormat::Text, false) => set_global_default(builder.fmt_fields(format::Fields).finish().with(own)),
        (LogFormat::Text, true) => {
            set_global_default(builder.without_time().fmt_fields(format::Fields).finish().with(own))
        }
        (LogFormat::Json, _) => set_global_default(builder.json().flatten_event(true).finish().with(own)),
    };
    // It fails only where a subscriber is set already, which then does the same.
    if started.is_ok() {
        let _ = STYLE.set((options.log_format, options.journal));
        lines::start();
        panic::set_hook(Box::new(log_panic));
    }
    FlushOnDrop(())
}

/// The events of this program, down to a level, and of no library: at their finer levels some log what a visitor sent, such as tower-http an address
/// with its query.
#[must_use]
pub fn own_events(level: LevelFilter) -> Targets {
    Targets::new().with_target("clinic_site", level)
}

/// Prints a message to the person who runs the program, in order with the log and at any level of it. It never waits, so it is for servers and for the
/// last message of any command: one that prints pages of text should wait for a pager.
pub fn say(text: impl Display) {
    message(Level::INFO, &text.to_string());
}

/// Prints in the same way why something can't be done.
pub fn say_error(text: impl Display) {
    message(Level::ERROR, &text.to_string());
}

fn message(level: Level, text: &str) {
    let line = match STYLE.get() {
        Some((LogFormat::Json, _)) => format::json(level, text.trim_end()),
        _ => format!("{text}\n"),
    };
    lines::append(prefix(level), line.as_bytes(), true);
}

/// How many lines were dropped since the start, because the reader of stderr was too slow or gone.
#[must_use]
pub fn dropped() -> u64 {
    lines::dropped()
}

/// Waits until everything so far is written, at most a second.
pub fn flush() {
    lines::flush();
}

/// Logs the place of a panic. Not the message: it may quote what a visitor typed.
fn log_panic(panic: &panic::PanicHookInfo<'_>) {
    let location = panic.location().map_or_else(|| "unknown".to_owned(), ToString::to_string);
    tracing::error!(location, "the program panicked: this is a fault in it");
}

/// The destination of events.
struct Lines;

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line::Event { level: Level::INFO }
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Line {
        let level = *event.level();
        if is_urgent(level) && event.target() == lines::TARGET { Line::Notice } else { Line::Event { level } }
    }
}

/// Whether to write a line at once.
fn is_urgent(level: Level) -> bool {
    level <= Level::WARN
}

/// One line.
enum Line {
    /// That of an event.
    Event { level: Level },
    /// The number of dropped lines, in their place.
    Notice,
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Event { level } => lines::append(prefix(*level), bytes, is_urgent(*level)),
            Self::Notice => lines::notice(prefix(Level::WARN), bytes),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
