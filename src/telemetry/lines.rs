//! The way of lines to stderr. Whoever logs appends to a bounded buffer; a thread of its own takes what has gathered and writes it, outside of
//! any lock. So nobody waits for the reader of stderr: when it stalls, the buffer fills, and further lines are dropped and counted. Once it reads
//! again, one line stands in their place and says how many they were.
//!
//! Not tracing-appender's `non_blocking` (0.2.5), which keeps the same promise: it allocates each line, sends it through a channel, wakes its thread
//! whenever that waits, and writes as soon as it has caught up. On one processor that can be a wake and a write a line, and a system call costs as much
//! as a whole answer. Its bound counts lines, whatever their length, and the log doesn't say where some are missing. Here a line costs a copy under a
//! lock, and there is one write for all lines of [`GATHER`].

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::mem;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long lines are gathered, unless one of them is urgent.
const GATHER: Duration = Duration::from_millis(50);

/// How many bytes are written without gathering longer.
const ENOUGH: usize = 256 * 1024;

/// How many bytes wait at most. There can be as many again that are being written.
const LIMIT: usize = 1024 * 1024;

/// How long the end of the program waits for the last lines.
const PATIENCE: Duration = Duration::from_secs(1);

/// The target of the events of this file.
pub(super) const TARGET: &str = module_path!();

/// What waits to be written.
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

/// There is something to write, or more reason to.
static SOME: Condvar = Condvar::new();

/// What was taken is written.
static WRITTEN: Condvar = Condvar::new();

/// How many lines were dropped in all.
static DROPPED: AtomicU64 = AtomicU64::new(0);

/// The line that says so, between its making and its writing, both by the thread.
static NOTICE: Mutex<Vec<u8>> = Mutex::new(Vec::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the thread.
pub(super) fn start() {
    // A descriptor of its own: std's lock around stderr would be held as long as the reader stalls. The same file in any case.
    let stderr: Box<dyn Write + Send> = match io::stderr().as_fd().try_clone_to_owned() {
        Ok(stderr) => Box::new(File::from(stderr)),
        Err(_) => Box::new(io::stderr()),
    };
    lock(&BUFFER).running = true;
    let builder = thread::Builder::new().name("log".to_owned()).stack_size(256 * 1024);
    if builder.spawn(|| write_for_ever(stderr)).is_err() {
        lock(&BUFFER).running = false;
    }
}

/// Appends whole lines, or drops them where there is no room. Urgent ones are written at once, with what waits before them.
pub(super) fn append(lines: &[u8], urgent: bool) {
    let mut buffer = lock(&BUFFER);
    let wake = buffer.append(lines, urgent);
    drop(buffer);
    if wake {
        SOME.notify_one();
    }
}

impl Buffer {
    /// Tells whether the thread has to be woken.
    fn append(&mut self, lines: &[u8], urgent: bool) -> bool {
        let before = self.lines.len();
        // What comes after a dropped line is dropped too, until the thread has taken the rest: there is one gap, and its place is known.
        if self.dropped > 0 || (before > 0 && before + lines.len() > LIMIT) {
            let dropped = count(lines);
            self.dropped += dropped;
            DROPPED.fetch_add(dropped, Ordering::Relaxed);
            return false;
        }
        self.lines.extend_from_slice(lines);
        self.urgent |= urgent;
        before == 0 || urgent || (before < ENOUGH && self.lines.len() >= ENOUGH)
    }

    /// Moves what waits to `taken`, and gives how many lines were dropped after it.
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

/// Takes the line that says how many were dropped, so that it stands in their place and there is always room for it.
pub(super) fn notice(line: &[u8]) {
    lock(&NOTICE).extend_from_slice(line);
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
        SOME.notify_one();
    }
    drop(WRITTEN.wait_timeout_while(buffer, PATIENCE, |buffer| buffer.writing || !buffer.lines.is_empty()));
}

fn write_for_ever(mut stderr: impl Write) {
    let mut taken = Vec::new();
    // Lines that were dropped, and nobody was told so.
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
        // After a rush or a stall the memory is given back.
        taken.shrink_to(ENOUGH);
    }
}

/// Waits until there is something to write and it has been gathered, and takes it. Gives how many lines were dropped after it.
fn next(taken: &mut Vec<u8>) -> u64 {
    let mut buffer = lock(&BUFFER);
    buffer.writing = false;
    WRITTEN.notify_all();
    let buffer = SOME.wait_while(buffer, |buffer| buffer.lines.is_empty()).unwrap_or_else(PoisonError::into_inner);
    let gathering = |buffer: &mut Buffer| !buffer.urgent && buffer.lines.len() < ENOUGH;
    let gathered = SOME.wait_timeout_while(buffer, GATHER, gathering);
    let (mut buffer, _) = gathered.unwrap_or_else(PoisonError::into_inner);
    buffer.writing = true;
    buffer.take(taken)
}

/// Writes, however long it takes, and gives how many lines could not be written: the disk is full, or nobody is left to read them.
fn write(stderr: &mut impl Write, mut lines: &[u8]) -> u64 {
    while !lines.is_empty() {
        match stderr.write(lines) {
            Ok(0) => break,
            Ok(written) => lines = lines.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // Whoever started the program made stderr non-blocking.
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(GATHER),
            Err(_) => break,
        }
    }
    count(lines)
}

#[cfg(test)]
mod tests {
    use super::{Buffer, ENOUGH, LIMIT, count, write};
    use std::io::{self, ErrorKind, Write};

    fn buffer() -> Buffer {
        Buffer { lines: Vec::new(), dropped: 0, urgent: false, writing: false, running: true }
    }

    #[test]
    fn a_full_buffer_drops_everything_after_the_first_dropped_line_until_it_is_taken() {
        let mut buffer = buffer();
        let long = [vec![b'x'; LIMIT - 4], b"\n".to_vec()].concat();
        assert!(buffer.append(&long, false), "the first line wakes the thread");
        assert!(!buffer.append(b"too long\n", false));
        assert!(!buffer.append(b"a\n", true), "it would fit, but stands after one that didn't");
        assert_eq!((buffer.lines.len(), buffer.dropped), (LIMIT - 3, 2));
        let mut taken = Vec::new();
        assert_eq!(buffer.take(&mut taken), 2);
        assert_eq!((taken == long, buffer.lines.len(), buffer.dropped), (true, 0, 0));
        assert!(buffer.append(b"a\n", false) && buffer.dropped == 0);
    }

    #[test]
    fn what_is_said_at_once_is_bounded_only_together_with_what_waits() {
        let mut buffer = buffer();
        buffer.append(&vec![b'\n'; LIMIT + 1], true);
        assert_eq!((buffer.lines.len(), buffer.dropped, buffer.urgent), (LIMIT + 1, 0, true));
        buffer.append(b"\n\n\n", true);
        assert_eq!(buffer.dropped, 3);
    }

    #[test]
    fn the_thread_is_woken_by_the_first_line_by_urgent_ones_and_by_enough_of_them() {
        let mut buffer = buffer();
        assert!(buffer.append(b"first\n", false));
        assert!(!buffer.append(b"second\n", false));
        assert!(buffer.append(b"third\n", true));
        assert!(buffer.append(&vec![b'\n'; ENOUGH], false));
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
    fn every_byte_is_written_or_its_line_counted() {
        let mut slow = Slow(vec![ErrorKind::WouldBlock, ErrorKind::Interrupted], Vec::new());
        assert_eq!(write(&mut slow, b"one\ntwo\nthree\n"), 0);
        assert_eq!(slow.1, b"one\ntwo\nthree\n");
        let mut full = Slow(vec![ErrorKind::StorageFull], Vec::new());
        assert_eq!(write(&mut full, b"one\ntwo\nthree\n"), 3);
        assert_eq!((full.1.as_slice(), count(b"a\nb")), (&b"on"[..], 1));
    }
}
