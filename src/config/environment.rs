//! The environment: an empty variable is an unset one, as compose files write those, and one that no option has is a mistake.

use super::{Arguments, Command as Called};
use clap::builder::Resettable;
use clap::error::ErrorKind;
use clap::{Command, CommandFactory, FromArgMatches};
use std::collections::BTreeSet;

/// How the variables of this program begin.
const PREFIX: &str = "CLINIC_";

/// A variable that no option has, and the names of those there are.
#[derive(Clone, Debug)]
pub struct UnknownVariable {
    /// Its name.
    pub name: String,
    /// All that there are.
    pub known: Vec<String>,
}

/// Reads the command line and the variables. Ends the process, as clap does, for help and for what can't be understood.
pub(super) fn arguments() -> Result<Arguments, UnknownVariable> {
    let command = Arguments::command();
    let known = variables(&command);
    let parsed = without_empty(command).try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let is_help = |error: &clap::Error| matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let mut parsed = match parsed {
        Err(error) if is_help(&error) => error.exit(),
        parsed => parsed,
    };
    if let Ok(Arguments { command: Some(Called::Doctor(options)), .. }) = &mut parsed {
        // It reports what else is wrong, too.
        options.unknown = unknown(&known).collect();
    } else if let Some(unknown) = unknown(&known).next() {
        // Before an error about what is missing: perhaps it was meant by this name.
        return Err(unknown);
    }
    Ok(parsed.unwrap_or_else(|error| error.exit()))
}

/// A variable that another program sets, and none of our options has.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)?.into_string().ok().filter(|value| !value.is_empty())
}

/// The variables that begin like this program's and that no option has.
fn unknown(known: &BTreeSet<String>) -> impl Iterator<Item = UnknownVariable> {
    std::env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        let is_wrong = name.starts_with(PREFIX) && !known.contains(&name) && !is_of_a_container(&name);
        (is_wrong && !value.is_empty()).then(|| UnknownVariable { name, known: known.iter().cloned().collect() })
    })
}

/// The variables of all options.
fn variables(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(|argument| Some(argument.get_env()?.to_str()?.to_owned()));
    own.chain(command.get_subcommands().flat_map(variables)).collect()
}

/// The command without the variables that are empty.
fn without_empty(command: Command) -> Command {
    let names: Vec<String> = command.get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let command = command.mut_args(|argument| {
        let value = argument.get_env().and_then(std::env::var_os);
        let is_empty = value.is_some_and(|value| value.to_str().is_some_and(|value| value.trim().is_empty()));
        if is_empty { argument.env(Resettable::Reset) } else { argument }
    });
    names.into_iter().fold(command, |command, name| command.mut_subcommand(name, without_empty))
}

/// Whether Kubernetes or Docker set a variable, by the name of a service or container `clinic` or `clinic-…`: `CLINIC_SERVICE_HOST`,
/// `CLINIC_WEB_PORT_8080_TCP_ADDR` (<https://kubernetes.io/docs/tutorials/services/connect-applications-service/#environment-variables>).
fn is_of_a_container(name: &str) -> bool {
    let words: Vec<&str> = name.split('_').collect();
    let is_number = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_link = words.windows(3).any(|three| match three {
        [port, number, protocol] => *port == "PORT" && is_number(number) && matches!(*protocol, "TCP" | "UDP" | "SCTP"),
        _ => false,
    });
    let ends = |end: &str| name.ends_with(end);
    is_link || ends("_PORT") || ends("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.contains("_ENV_")
}

#[cfg(test)]
mod tests {
    use super::{is_of_a_container, variables};
    use crate::config::Arguments;
    use clap::CommandFactory;

    #[test]
    fn what_containers_know_of_each_other_is_none_of_our_mistakes() {
        for name in [
            "CLINIC_PORT",
            "CLINIC_SERVICE_HOST",
            "CLINIC_SITE_SERVICE_PORT_HTTP",
            "CLINIC_SITE_PORT_8080_TCP",
            "CLINIC_DB_PORT_5432_TCP_ADDR",
            "CLINIC_DB_ENV_POSTGRES_USER",
        ] {
            assert!(is_of_a_container(name), "{name}");
        }
        for name in ["CLINIC_SMTPP", "CLINIC_PORTS", "CLINIC_STAFFKEY", "CLINIC_"] {
            assert!(!is_of_a_container(name), "{name}");
        }
        assert!(variables(&Arguments::command()).iter().all(|name| !is_of_a_container(name)));
    }
}
