//! The commands. Data goes to stdout, everything else to stderr; an outcome becomes an exit code in one place.

mod acme;
mod ask;
mod backup;
mod certificate;
mod check;
pub mod clock;
mod desk;
mod doctor;
mod explain;
mod export;
mod follow;
mod healthcheck;
mod identity;
mod intake;
mod keys;
mod last_good;
mod lifecycle;
mod listen;
mod man;
mod manager;
mod move_store;
mod new_page;
mod new_redirects;
mod old_site;
mod reading;
mod redirect;
mod report;
mod reported;
mod requests;
mod resources;
mod restore;
mod schema;
mod secret;
mod serve;
mod signals;
mod start;
mod store;
mod watch;

use crate::config::{Arguments, Command, ContentOptions, Keys, New, UnknownVariable};
use crate::content::{Content, Files, Loader, Review};
use crate::diagnostic::{Report, Severity, did_you_mean, one_of};
use crate::lang::Lang;
use crate::site::{icon_names, route};
use crate::telemetry;
use jiff::Zoned;
use std::ffi::OsStr;
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How a command ended.
#[derive(Debug)]
pub enum Outcome {
    /// As it should.
    Good,
    /// The content has errors, which were printed.
    ContentErrors,
    /// Something else is wrong, which was printed.
    Wrong,
}

/// Why a command could not run, in words for the person who called it.
#[derive(Debug)]
pub struct Failure {
    message: String,
    help: Option<String>,
}

impl Failure {
    fn new(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), help: None }
    }

    /// The failure of a file or folder.
    fn at(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self::new(format!("{}: {error}", path.display()))
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        self.help.iter().try_for_each(|help| write!(f, "\n  help: {help}"))
    }
}

/// Runs a command: 0 good, 1 the content has errors or something is wrong, 2 could not run.
#[must_use]
pub fn run(arguments: Result<Arguments, UnknownVariable>) -> ExitCode {
    let mut arguments = match arguments {
        Ok(arguments) => arguments,
        Err(unknown) => {
            say(format!("error: the environment has {}, which is no variable of clinic-site", unknown.name));
            say(format!("  help: {}", unknown_variable(&unknown)));
            return ExitCode::from(2);
        }
    };
    if let Some(content) = arguments.contents() {
        *content = content.take().or_else(default_folder);
    }
    if matches!(arguments.command, Some(Command::Requests(_) | Command::Desk(_)))
        && let Some(folder) = default_folder()
    {
        clock::keep_zone(&folder);
    }
    let _log = telemetry::start(&arguments.log);
    let outcome = match arguments.command {
        None => serve::run(&arguments.serve, arguments.sockets),
        Some(Command::Serve(options)) => serve::run(&options, arguments.sockets),
        Some(Command::Check(options)) => check::run(&options),
        Some(Command::Report(options)) => report::run(&options),
        Some(Command::Export(options)) => export::run(&options),
        Some(Command::New(New::Page(options))) => new_page::run(&options),
        Some(Command::New(New::Redirects(options))) => new_redirects::run(&options),
        Some(Command::Schema(options)) => schema::run(&options),
        Some(Command::Keys(Keys::New(options))) => keys::run(&options),
        Some(Command::Requests(command)) => requests::run(&command),
        Some(Command::Desk(options)) => desk::run(&options),
        Some(Command::Man(options)) => man::man(&options),
        Some(Command::Completions(options)) => man::completions(&options),
        Some(Command::Backup(options)) => backup::run(&options),
        Some(Command::Restore(options)) => restore::run(&options),
        Some(Command::Move(options)) => move_store::run(&options),
        Some(Command::Doctor(options)) => doctor::run(&options),
        Some(Command::Healthcheck(options)) => healthcheck::run(&options),
    };
    match outcome {
        Ok(Outcome::Good) => ExitCode::SUCCESS,
        Ok(Outcome::ContentErrors | Outcome::Wrong) => ExitCode::from(1),
        Err(failure) => {
            telemetry::say_error(failure.to_string());
            ExitCode::from(2)
        }
    }
}

/// The variable that was probably meant.
fn unknown_variable(unknown: &UnknownVariable) -> String {
    let known: Vec<&str> = unknown.known.iter().map(String::as_str).collect();
    match did_you_mean(&unknown.name, known.iter().copied()) {
        Some(meant) => format!("did you mean {meant}? Rename it, or unset it"),
        None => format!("unset it; there are {}", one_of(&known)),
    }
}

/// The folder that is meant where none is named: the one called `content`, if there is one here.
fn default_folder() -> Option<PathBuf> {
    let folder = Path::new("content");
    let is_it = ["clinic.toml", Lang::En.tag()].iter().any(|name| folder.join(name).exists());
    is_it.then(|| folder.to_path_buf())
}

/// Which content a command looked at, in words.
fn place(options: &ContentOptions) -> String {
    match &options.content {
        Some(folder) => format!("in the folder {}", folder.display()),
        None => "built into the program".to_owned(),
    }
}

/// The content files: of the folder that was named, or those built into the program.
fn files(options: &ContentOptions) -> Result<Files, Failure> {
    let Some(folder) = &options.content else { return Ok(Files::embedded()) };
    Files::read(folder).map_err(|error| {
        Failure::new(format!("the content folder can't be read: {error}"))
            .help("--content takes the folder that holds clinic.toml and the folder en")
    })
}

/// Reads content and checks it against the rules.
fn review(loader: &mut Loader, files: &Files, now: &Zoned, publish: bool) -> (Option<Content>, Report) {
    let (icons, other_paths, reserved) = (icon_names(), &route::LINKABLE, &route::RESERVED);
    loader.load(files, &Review { now, publish, was_published: false, icons: &icons, other_paths, reserved })
}

/// Reads content that was published before, so that its site stays up: see [`Review::was_published`].
fn review_published(loader: &mut Loader, files: &Files, now: &Zoned) -> (Option<Content>, Report) {
    let (icons, other_paths, reserved) = (icon_names(), &route::LINKABLE, &route::RESERVED);
    loader.load(files, &Review { now, publish: true, was_published: true, icons: &icons, other_paths, reserved })
}

/// Reads the content once and checks it against the rules.
fn read(options: &ContentOptions, now: &Zoned, publish: bool) -> Result<(Option<Content>, Report), Failure> {
    Ok(review(&mut Loader::default(), &files(options)?, now, publish))
}

/// Prints data. A reader that ends early, such as `head`, is no failure.
fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(format!("stdout: {error}"))),
        _ => Ok(()),
    }
}

/// Prints a message to the person who called.
fn say(text: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// A path or an address as a part of a command that works when it is pasted into a shell.
fn quoted(part: impl AsRef<OsStr>) -> String {
    let text = part.as_ref().to_string_lossy();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A path as the argument of an option, which may begin with a hyphen: `--content=DIR`.
fn option(name: &str, value: impl AsRef<OsStr>) -> String {
    format!(" {name}={}", quoted(value))
}

/// `1 error`, `2 errors`.
fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// `2 errors, 1 warning`.
fn summary(report: &Report) -> String {
    let count = |severity, thing| counted(report.count(severity), thing);
    format!("{}, {}", count(Severity::Error, "error"), count(Severity::Warning, "warning"))
}
