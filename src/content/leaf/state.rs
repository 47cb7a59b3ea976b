//! A state, by the two letters that the post has for it, or by its name.

use super::{Problem, catalogue};
use crate::content::states::{STATES, State};

/// Checks that a text is the letters of a state.
pub(super) fn check(key: &str, text: &str) -> Vec<Problem> {
    if STATES.iter().any(|state| state.letters == text) {
        return Vec::new();
    }
    let message = format!("`{key}` must be the two letters of a state");
    let help = "write the letters that letters to it are addressed with, such as \"CA\" for California";
    problem(text, message, help, |state| state.letters)
}

/// Checks that a text is the name of a state.
pub(super) fn check_name(key: &str, text: &str) -> Vec<Problem> {
    if STATES.iter().any(|state| state.name == text) {
        return Vec::new();
    }
    let message = format!("`{key}` must be the name of a state");
    let help = "write its English name in full, such as \"California\"";
    problem(text, message, help, |state| state.name)
}

fn problem(text: &str, message: String, help: &str, written: impl Fn(&State) -> &'static str) -> Vec<Problem> {
    let typed = text.trim().trim_end_matches('.').replace('.', "");
    let is_meant = |state: &&State| {
        [state.letters, state.name].iter().chain(state.own).any(|one| one.eq_ignore_ascii_case(&typed))
    };
    let problem = match STATES.iter().find(is_meant) {
        Some(state) => Problem::mended(&catalogue::MALFORMED, message, 0..text.len(), written(state), ""),
        None => Problem::new(&catalogue::MALFORMED, message, help),
    };
    vec![problem.at(text)]
}

#[cfg(test)]
mod tests {
    use super::{check, check_name};

    #[test]
    fn a_state_is_its_two_letters() {
        assert!(check("state", "CA").is_empty() && check("state", "DC").is_empty());
        for (typed, help) in
            [("California", "write `CA`"), ("ca", "write `CA`"), ("N.Y.", "write `NY`"), ("new york", "write `NY`")]
        {
            assert_eq!(check("state", typed)[0].help, help);
        }
        assert!(check("state", "Cali")[0].help.contains("such as"));
        assert!(check_name("state", "New York").is_empty());
        for (typed, help) in
            [("CO", "write `Colorado`"), ("new york", "write `New York`"), ("Nuevo México", "write `New Mexico`")]
        {
            assert_eq!(check_name("state", typed)[0].help, help);
        }
    }
}
