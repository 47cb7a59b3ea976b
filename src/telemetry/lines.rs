//! Writes lines to stderr. They are appended to a bounded buffer, which a thread of its own takes and writes, without a lock. So nobody waits for the
//! reader of stderr: when it stalls, the buffer fills, and further lines are dropped and counted. Once it reads again, one line in their place
//! has their number.
//!
//! Not tracing-appender's `non_blocking` (0.2.5): it allocates each line, sends it through a channel, wakes its thread whenever that waits, and writes as
//! soon as it has caught up. On one processor that can be a wake and a write a line, and a system call costs as much as an answer. Its
//! limit counts lines of any length, and the log doesn't show where some are missing. Here a line costs a copy under a lock, and all lines of a
//! [`FLUSH_INTERVAL`] one write.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::mem;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long lines wait in the buffer, unless one of them is urgent.
const FLUSH_INTERVAL: Duration = Duration::from_millis(50);

/// How many bytes are written without waiting longer.
const FLUSH_SIZE: usize = 256 * 1024;

/// At most this many bytes wait, and as many again are being written.
const BUFFER_LIMIT: usize = 1024 * 1024;

/// How long the end of the program waits for the last lines.
const FINAL_TIMEOUT: Duration = Duration::from_secs(1);

/// The target of the events of this file.
pub(super) const TARGET: &str = module_path!();

/// Lines that wait to be written.
struct Buffer {
    lines: Vec<u8>,
    /// How many lines were dropped after those.
    dropped: u64,
    /// Whether to write at once.
    urgent: bool,
    /// Whether the thread is writing what it took.
    writing: bool,
    /// Whether there is a thread.
    running: bool,
}

static BUFFER: Mutex<Buffer> =
    Mutex::new(Buffer { lines: Vec::new(), dropped: 0, urgent: false, writing: false, running: false });

/// Signals lines to write, or that they are urgent.
static READY: Condvar = Condvar::new();

/// Signals that lines were written.
static WRITTEN: Condvar = Condvar::new();

/// How many lines were dropped since the start.
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// The line with the number of dropped lines, between its event and its writing, both by the thread.
static NOTICE: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the thread.
pub(super) fn start() {
    // A descriptor of its own: std's lock of stderr would be held as long as the reader stalls.
    let stderr: Box<dyn Write + Send> = match io::stderr().as_fd().try_clone_to_owned() {
        Ok(stderr) => Box::new(File::from(stderr)),
        Err(_) => Box::new(io::stderr()),
    };
    lock(&BUFFER).running = true;
    let builder = thread::Builder::new().name("log".to_owned()).stack_size(256 * 1024);
    if builder.spawn(|| run(stderr)).is_err() {
        lock(&BUFFER).running = false;
    }
}

/// Appends complete lines, or drops them if there is no room. Urgent ones are written at once, after what waits. Each begins with the prefix.
pub(super) fn append(prefix: &str, lines: &[u8], urgent: bool) {
    let prefixed = prefixed(prefix, lines);
    let mut buffer = lock(&BUFFER);
    let wake = buffer.append(&prefixed, urgent);
    drop(buffer);
    if wake {
        READY.notify_one();
    }
}

impl Buffer {
    /// Returns whether to wake the thread.
    fn append(&mut self, lines: &[u8], urgent: bool) -> bool {
        let before = self.lines.len();
        // After a dropped line all others are dropped, too, until the thread has taken the rest: one gap, in a known place.
        if self.dropped > 0 || (before > 0 && before + lines.len() > BUFFER_LIMIT) {
            let dropped = count(lines);
            self.dropped += dropped;
            DROPPED.fetch_add(dropped, Ordering::Relaxed);
            return false;
        }
        self.lines.extend_from_slice(lines);
        self.urgent |= urgent;
        before == 0 || urgent || (before < FLUSH_SIZE && self.lines.len() >= FLUSH_SIZE)
    }

    /// Moves the lines to `taken`, and returns how many were dropped after them.
    fn take(&mut self, taken: &mut Vec<u8>) -> u64 {
        mem::swap(&mut self.lines, taken);
        self.urgent = false;
        mem::take(&mut self.dropped)
    }
}

fn count(lines: &[u8]) -> u64 {
    lines.split(|byte| *byte == b'\n').count().saturating_sub(1) as u64
}

pub(super) fn dropped() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

/// Takes the line with the number of dropped lines, so that it is written in their place and there is always room for it.
pub(super) fn notice(prefix: &str, line: &[u8]) {
    lock(&NOTICE).extend_from_slice(&prefixed(prefix, line));
}

/// Lines with a prefix before each.
fn prefixed<'a>(prefix: &str, lines: &'a [u8]) -> Cow<'a, [u8]> {
    if prefix.is_empty() {
        return Cow::Borrowed(lines);
    }
    Cow::Owned(
        lines.split_inclusive(|byte| *byte == b'\n').flat_map(|line| [prefix.as_bytes(), line].concat()).collect(),
    )
}

pub(super) fn flush() {
    let mut buffer = lock(&BUFFER);
    if !buffer.running {
        let lines = mem::take(&mut buffer.lines);
        drop(buffer);
        write(&mut io::stderr(), &lines);
        return;
    }
    if !buffer.lines.is_empty() {
        buffer.urgent = true;
        READY.notify_one();
    }
    drop(WRITTEN.wait_timeout_while(buffer, FINAL_TIMEOUT, |buffer| buffer.writing || !buffer.lines.is_empty()));
}

fn run(mut stderr: impl Write) {
    let mut taken = Vec::new();
    // Lines that were dropped and not yet reported.
    let mut missing = 0;
    loop {
        let dropped = next(&mut taken);
        let lost = write(&mut stderr, &taken);
        DROPPED.fetch_add(lost, Ordering::Relaxed);
        missing += lost + dropped;
        if lost == 0 && missing > 0 {
            tracing::warn!(lines = missing, "lines of the log were dropped here: whoever reads it was too slow");
            missing = match write(&mut stderr, &mem::take(&mut *lock(&NOTICE))) {
                0 => 0,
                _ => missing,
            };
        }
        taken.clear();
        // Frees the memory after a rush or a stall.
        taken.shrink_to(FLUSH_SIZE);
    }
}

/// Waits for lines, takes them, and returns how many were dropped after them.
fn next(taken: &mut Vec<u8>) -> u64 {
    let mut buffer = lock(&BUFFER);
    buffer.writing = false;
    WRITTEN.notify_all();
    let buffer = READY.wait_while(buffer, |buffer| buffer.lines.is_empty()).unwrap_or_else(PoisonError::into_inner);
    let waits = |buffer: &mut Buffer| !buffer.urgent && buffer.lines.len() < FLUSH_SIZE;
    let waited = READY.wait_timeout_while(buffer, FLUSH_INTERVAL, waits);
    let (mut buffer, _) = waited.unwrap_or_else(PoisonError::into_inner);
    buffer.writing = true;
    buffer.take(taken)
}

/// Writes, however long it takes, and returns how many lines could not be written: the disk is full, or the reader is gone.
fn write(stderr: &mut impl Write, mut lines: &[u8]) -> u64 {
    while !lines.is_empty() {
        match stderr.write(lines) {
            Ok(0) => break,
            Ok(written) => lines = lines.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Stderr is non-blocking: it is shared with the program that started this one.
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(FLUSH_INTERVAL),
            Err(_) => break,
        }
    }
    count(lines)
}

#[cfg(test)]
mod tests {
    use super::{BUFFER_LIMIT, Buffer, FLUSH_SIZE, count, prefixed, write};
    use std::io::{self, ErrorKind, Write};

    fn buffer() -> Buffer {
        Buffer { lines: Vec::new(), dropped: 0, urgent: false, writing: false, running: true }
    }

    #[test]
    fn a_full_buffer_drops_everything_after_the_first_dropped_line_until_it_is_taken() {
        let mut buffer = buffer();
        let long = [vec![b'x'; BUFFER_LIMIT - 4], b"\n".to_vec()].concat();
        assert!(buffer.append(&long, false), "the first line wakes the thread");
        assert!(!buffer.append(b"too long\n", false));
        assert!(!buffer.append(b"a\n", true), "it would fit, but comes after one that didn't");
        assert_eq!((buffer.lines.len(), buffer.dropped), (BUFFER_LIMIT - 3, 2));
        let mut taken = Vec::new();
        assert_eq!(buffer.take(&mut taken), 2);
        assert_eq!((taken == long, buffer.lines.len(), buffer.dropped), (true, 0, 0));
        assert!(buffer.append(b"a\n", false) && buffer.dropped == 0);
    }

    #[test]
    fn a_single_message_may_be_longer_than_the_limit() {
        let mut buffer = buffer();
        buffer.append(&vec![b'\n'; BUFFER_LIMIT + 1], true);
        assert_eq!((buffer.lines.len(), buffer.dropped, buffer.urgent), (BUFFER_LIMIT + 1, 0, true));
        buffer.append(b"\n\n\n", true);
        assert_eq!(buffer.dropped, 3);
    }

    #[test]
    fn the_thread_is_woken_by_the_first_line_by_urgent_ones_and_by_many() {
        let mut buffer = buffer();
        assert!(buffer.append(b"first\n", false));
        assert!(!buffer.append(b"second\n", false));
        assert!(buffer.append(b"third\n", true));
        assert!(buffer.append(&vec![b'\n'; FLUSH_SIZE], false));
        assert!(!buffer.append(b"last\n", false));
    }

    /// Takes two bytes at a time, is interrupted and not ready in between, and is full in the end.
    struct Slow(Vec<ErrorKind>, Vec<u8>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.1.len() % 4 == 2
                && let Some(kind) = self.0.pop()
            {
                return Err(kind.into());
            }
            self.1.extend(bytes.iter().take(2));
            Ok(bytes.len().min(2))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_line_of_a_message_has_the_prefix() {
        let of = |prefix, lines: &str| String::from_utf8(prefixed(prefix, lines.as_bytes()).into_owned()).unwrap();
        assert_eq!(of("<3>", "one\n\ntwo\n"), "<3>one\n<3>\n<3>two\n");
        assert_eq!(of("", "one\ntwo\n"), "one\ntwo\n");
    }

    #[test]
    fn every_byte_is_written_or_its_line_counted() {
        let mut slow = Slow(vec![ErrorKind::WouldBlock, ErrorKind::Interrupted], Vec::new());
        assert_eq!(write(&mut slow, b"one\ntwo\nthree\n"), 0);
        assert_eq!(slow.1, b"one\ntwo\nthree\n");
        let mut full = Slow(vec![ErrorKind::StorageFull], Vec::new());
        assert_eq!(write(&mut full, b"one\ntwo\nthree\n"), 3);
        assert_eq!((full.1.as_slice(), count(b"a\nb")), (&b"on"[..], 1));
    }
}
