//! Logs: to stderr, one line an event.
//!
//! A line a request would be a system call a request, which costs as much as the answer. So lines are gathered for a moment and written
//! together by a thread of their own; warnings and errors are written at once, with what was gathered before them.

mod format;

use crate::config::{LogFormat, LogOptions};
use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::set_global_default;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

/// How long lines are gathered.
const GATHER: Duration = Duration::from_millis(50);

/// How many bytes are gathered at most; then whoever logs waits until they are written.
const MOST: usize = 256 * 1024;

/// The lines that are gathered, and the word that there are some.
static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static SOME: Condvar = Condvar::new();

/// Starts logging. A second call changes nothing.
pub fn start(options: &LogOptions) {
    let builder = tracing_subscriber::fmt().with_max_level(options.log).with_timer(format::Utc).with_writer(Lines);
    let builder = builder.with_ansi(false).with_target(false);
    let started = match options.log_format {
        LogFormat::Text => set_global_default(builder.fmt_fields(format::Fields).finish().with(own(options.log))),
        LogFormat::Json => set_global_default(builder.json().flatten_event(true).finish().with(own(options.log))),
    };
    // It fails only where a subscriber is set already, which then does the same.
    if started.is_ok() {
        // Without the thread, lines are written when there are many, and at the end.
        let _ = thread::Builder::new().name("log".to_owned()).stack_size(64 * 1024).spawn(write_for_ever);
    }
}

/// The events of this program, down to a level, and of nobody else: libraries log what a visitor sent, such as a whole address with its query
/// (tower-http does), at their finer levels.
#[must_use]
pub fn own(level: LevelFilter) -> Targets {
    Targets::new().with_target("clinic_site", level)
}

/// Writes what is gathered.
pub fn flush() {
    write(&mut lines());
}

fn lines() -> MutexGuard<'static, Vec<u8>> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn write(lines: &mut Vec<u8>) {
    // Nobody may be left to read it: that changes nothing.
    let _ = io::stderr().lock().write_all(lines);
    lines.clear();
}

fn write_for_ever() {
    loop {
        drop(SOME.wait_while(lines(), |lines| lines.is_empty()).unwrap_or_else(PoisonError::into_inner));
        thread::sleep(GATHER);
        flush();
    }
}

/// Gathers the lines of events.
struct Lines;

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line { at_once: false }
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Line {
        Line { at_once: *event.level() <= Level::WARN }
    }
}

/// One line.
struct Line {
    at_once: bool,
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = lines();
        let first = lines.is_empty();
        lines.extend_from_slice(bytes);
        if self.at_once || lines.len() > MOST {
            write(&mut lines);
        } else if first {
            SOME.notify_one();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
