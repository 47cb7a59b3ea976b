//! Formats the time and the fields of a line, in the same bytes as tracing-subscriber, whose own formatting takes 29 % of a request's instructions:
//! most of them for the time of day and for text that needs no escaping.

use jiff::Timestamp;
use std::cell::RefCell;
use std::fmt::{self, Debug};
use std::time::{SystemTime, UNIX_EPOCH};
use tracing::Level;
use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// The time in UTC to the microsecond (RFC 3339).
pub(super) struct Utc;

thread_local! {
    /// The current second and its text up to the point: a busy server writes many lines in one.
    static SECOND: RefCell<(u64, String)> = const { RefCell::new((u64::MAX, String::new())) };
}

impl FormatTime for Utc {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        #[expect(clippy::disallowed_methods, reason = "the time of a line; no answer depends on it")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        SECOND.with_borrow_mut(|(second, text)| {
            if *second != now.as_secs() {
                *second = now.as_secs();
                let at = i64::try_from(now.as_secs()).ok().and_then(|second| Timestamp::from_second(second).ok());
                *text = at.unwrap_or_default().to_string();
                text.truncate(text.len().saturating_sub("Z".len()));
            }
            writer.write_str(text)
        })?;
        let mut rest = now.subsec_micros();
        let mut digits = *b".000000Z";
        for digit in digits.iter_mut().skip(1).take(6).rev() {
            *digit += (rest % 10) as u8;
            rest /= 10;
        }
        writer.write_str(std::str::from_utf8(&digits).unwrap_or_default())
    }
}

/// A message as an event in JSON, a line with the same names as those that tracing-subscriber writes.
pub(super) fn json(level: Level, message: &str) -> String {
    let mut time = String::new();
    // Only memory is written to.
    let _ = Utc.format_time(&mut Writer::new(&mut time));
    format!("{{\"timestamp\":\"{time}\",\"level\":\"{level}\",\"message\":{}}}\n", serde_json::Value::from(message))
}

/// `name=value`, with a space between; texts in quotes, the message without.
pub(super) struct Fields;

impl<'w> FormatFields<'w> for Fields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut line = Line { writer, result: Ok(()), first: true };
        fields.record(&mut line);
        line.result
    }
}

struct Line<'w> {
    writer: Writer<'w>,
    result: fmt::Result,
    first: bool,
}

impl Line<'_> {
    fn field(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let first = std::mem::take(&mut self.first);
        let writer = &mut self.writer;
        self.result = self.result.and_then(|()| {
            if !first {
                writer.write_char(' ')?;
            }
            if field.name() != "message" {
                writer.write_str(field.name())?;
                writer.write_char('=')?;
            }
            value(writer)
        });
    }
}

impl Visit for Line<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, |writer| writer.write_str(itoa::Buffer::new().format(value)));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        self.field(field, |writer| {
            if value.bytes().all(plain) {
                writer.write_char('"')?;
                writer.write_str(value)?;
                writer.write_char('"')
            } else {
                write!(writer, "{value:?}")
            }
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.field(field, |writer| write!(writer, "{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::{Fields, Utc};
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::fmt::MakeWriter;
    use tracing_subscriber::fmt::time::SystemTime;

    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Output {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    fn log() {
        tracing::info!(method = "GET", page = "/", status = 200_u16, micros = u64::MAX, "request");
        tracing::warn!(error = %io::Error::other("a \"cause\"\nof two lines"), "something failed");
        tracing::error!(text = "a \"quoted\" ñ \\ \u{1b}[31m\n", number = -7, yes = true, "{} parts", 3);
        tracing::info!("a message alone");
        tracing::info!(revision = String::from("abc"), float = 1.5, kind = ?Some(1));
    }

    /// What is logged, without the times, and the first of these.
    fn lines(subscriber: impl tracing::Subscriber + Send + Sync, output: &Output) -> (String, String) {
        tracing::subscriber::with_default(subscriber, log);
        let text = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
        let (time, _) = text.split_once(' ').unwrap();
        let without = text.split('\n').map(|line| line.split_once("Z ").map_or(line, |(_, rest)| rest));
        (without.collect::<Vec<_>>().join("\n"), time.to_owned())
    }

    #[test]
    fn a_line_is_the_same_as_the_librarys() {
        let (theirs, ours) = (Output::default(), Output::default());
        let builder = || tracing_subscriber::fmt().with_ansi(false).with_target(false);
        let library = lines(builder().with_timer(SystemTime).with_writer(theirs.clone()).finish(), &theirs);
        let own = lines(builder().with_timer(Utc).fmt_fields(Fields).with_writer(ours.clone()).finish(), &ours);
        assert_eq!(own.0, library.0);
        assert!(own.0.contains("method=\"GET\" page=\"/\" status=200"), "{}", own.0);
        // The same second or the next, written the same way.
        let shape = |time: &str| time.replace(|digit: char| digit.is_ascii_digit(), "0");
        assert_eq!(shape(&own.1), shape(&library.1));
        let second = |time: &str| time.parse::<jiff::Timestamp>().unwrap().as_second();
        assert!((0..=60).contains(&(second(&own.1) - second(&library.1))), "{} {}", own.1, library.1);
    }
}
