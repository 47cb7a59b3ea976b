//! `clinic-site doctor`: looks at a deployment as `serve` would find it, and says what is wrong, where, and how to mend it. It changes nothing.
//!
//! Every judgment is that of the part of the program which the server itself would ask.

mod clock;
mod content;
mod files;
mod intake;
mod ports;
mod public;
mod store;

use super::serve::apart;
use super::{Failure, Outcome, clock as now, counted, print, resources, say, unknown_variable};
use crate::config::{DoctorFormat, DoctorOptions, ServeOptions, UnknownVariable, build};
use jiff::Zoned;
use serde::Serialize;
use std::fmt::{Display, Write as _};
use std::num::NonZeroUsize;
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A check: its name, what it asks, and how it finds out.
struct Check {
    name: &'static str,
    asks: &'static str,
    run: fn(&Deployment<'_>) -> Found,
}

/// All checks, in the order in which somebody would mend what they find.
const CHECKS: [Check; 12] = [
    Check { name: "variables", asks: "each CLINIC_ variable is one of this program's", run: variables },
    Check { name: "content", asks: "the content can be served, or published with --public-url", run: content::newest },
    Check { name: "saved-site", asks: "a restart with errors in the content has a site to serve", run: content::saved },
    Check { name: "staff-keys", asks: "requests can be sealed, and no private key is here", run: intake::keys },
    Check {
        name: "rights",
        asks: "others on this computer can read neither secrets nor the data folder",
        run: files::rights,
    },
    Check { name: "disk", asks: "the data folder has room", run: files::disk },
    Check { name: "store", asks: "requests can be written: something is, and deleted again", run: store::check },
    Check { name: "clock", asks: "the time is one that can be", run: clock::check },
    Check {
        name: "mail",
        asks: "the mail server takes messages for each of the staff; none is sent",
        run: intake::mail,
    },
    Check {
        name: "certificate",
        asks: "browsers take the certificate, and it doesn't end soon",
        run: files::certificate,
    },
    Check { name: "ports", asks: "the ports are free, or this site's own server has them", run: ports::check },
    Check {
        name: "public-address",
        asks: "the address for the public leads here, as the server sends it",
        run: public::check,
    },
];

/// What is looked at.
struct Deployment<'a> {
    options: &'a ServeOptions,
    unknown: &'a [UnknownVariable],
    now: Zoned,
    runtime: Runtime,
}

/// What a check found.
enum Found {
    /// All is good: what was seen.
    Good(String),
    /// There is nothing to look at: why.
    LeftOut(String),
    /// Something is wrong.
    Wrong(Vec<Finding>),
}

/// Something that is wrong, with its place, and how to mend it.
#[derive(Debug, Serialize)]
struct Finding {
    what: String,
    help: String,
}

impl Finding {
    fn new(what: impl Display, help: impl Display) -> Self {
        Self { what: what.to_string(), help: help.to_string() }
    }
}

/// What would end the start of the server.
impl From<Failure> for Finding {
    fn from(Failure { message, help }: Failure) -> Self {
        Self { what: message, help: help.unwrap_or_else(|| "the server can't start until this is mended".to_owned()) }
    }
}

impl Found {
    /// Good, unless there are findings.
    fn new(findings: Vec<Finding>, good: impl Display) -> Self {
        if findings.is_empty() { Self::Good(good.to_string()) } else { Self::Wrong(findings) }
    }

    fn left_out(why: impl Display) -> Self {
        Self::LeftOut(why.to_string())
    }
}

impl From<Finding> for Found {
    fn from(finding: Finding) -> Self {
        Self::Wrong(vec![finding])
    }
}

impl From<Failure> for Found {
    fn from(failure: Failure) -> Self {
        Finding::from(failure).into()
    }
}

/// What a check found, as it is printed.
#[derive(Serialize)]
struct Line {
    check: &'static str,
    asks: &'static str,
    state: &'static str,
    /// What was seen, or why nothing was looked at.
    #[serde(skip_serializing_if = "String::is_empty")]
    seen: String,
    findings: Vec<Finding>,
}

pub(super) fn run(options: &DoctorOptions) -> Result<Outcome, Failure> {
    resources::hide_memory();
    // Lookups of names and the store's disk have threads of their own.
    let runtime = resources::runtime(NonZeroUsize::new(1)).map_err(Failure::new)?;
    let serve = apart(&options.serve);
    let deployment = Deployment { options: &serve, unknown: &options.unknown, now: now::now(), runtime };
    let lines: Vec<Line> = CHECKS.iter().map(|check| line(check, (check.run)(&deployment))).collect();
    // A name that is still being looked up would be waited for.
    deployment.runtime.shutdown_background();
    let count = |state: &str| lines.iter().filter(|line| line.state == state).count();
    let wrong = lines.iter().map(|line| line.findings.len()).sum::<usize>();
    print(&match options.format {
        DoctorFormat::Text => lines.iter().map(text).collect(),
        DoctorFormat::Json => {
            let value = serde_json::json!({ "version": build::VERSION, "wrong": wrong, "checks": lines });
            format!("{value:#}\n")
        }
    })?;
    let checks = format!("{}, {} good, {} left out", counted(lines.len(), "check"), count(GOOD), count(LEFT_OUT));
    say(format!("clinic-site {}: {checks}; {} to mend", build::VERSION, counted(wrong, "thing")));
    Ok(if wrong == 0 { Outcome::Good } else { Outcome::Wrong })
}

const GOOD: &str = "good";
const WRONG: &str = "wrong";
const LEFT_OUT: &str = "left out";

fn line(&Check { name, asks, .. }: &Check, found: Found) -> Line {
    let (state, seen, findings) = match found {
        Found::Good(seen) => (GOOD, seen, Vec::new()),
        Found::LeftOut(why) => (LEFT_OUT, why, Vec::new()),
        Found::Wrong(findings) => (WRONG, String::new(), findings),
    };
    Line { check: name, asks, state, seen, findings }
}

fn text(line: &Line) -> String {
    let start = |state: &str| format!("{state:<8}  {:<14}  ", line.check);
    if line.findings.is_empty() {
        return format!("{}{}\n", start(line.state), line.seen);
    }
    let mut text = String::new();
    for finding in &line.findings {
        let indent = " ".repeat(start("").len());
        let _ = writeln!(text, "{}{}\n{indent}mend: {}", start("WRONG"), finding.what, finding.help);
    }
    text
}

fn variables(deployment: &Deployment<'_>) -> Found {
    let wrong = |unknown: &UnknownVariable| {
        let what = format!(
            "the environment has {}, which is no variable of clinic-site: the server does not start",
            unknown.name
        );
        Finding::new(what, unknown_variable(unknown))
    };
    Found::new(deployment.unknown.iter().map(wrong).collect(), "none is unknown")
}
