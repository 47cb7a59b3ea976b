//! Texts: how long they may be, and that nothing in plain ones is markup.

use super::{MAX_COPY, Problem, catalogue, typed};
use crate::content::text::{self, Form};

/// Copy of a form. What is too long is not parsed: it has to be cut first.
pub(super) fn copy(key: &str, text: &str, max: usize, form: Form) -> Vec<Problem> {
    let problems = length(key, text, 0, max);
    if problems.is_empty() { text::problems(text, form) } else { problems }
}

/// Holds a text to its length, in characters.
pub(super) fn length(key: &str, text: &str, min: usize, max: usize) -> Vec<Problem> {
    let count = text.chars().count();
    if count > max {
        let help = format!("cut it to {max} characters or fewer");
        return vec![Problem::new(&catalogue::LENGTH, format!("`{key}` is {count} characters long"), help)];
    }
    if count < min {
        let help = format!("say a little more: at least {min} characters");
        return vec![Problem::new(&catalogue::LENGTH, format!("`{key}` is only {count} characters long"), help)];
    }
    Vec::new()
}

/// Plain text: one line, within its length, without markup that would be shown as it is typed.
/// `names` are those in braces that have a part in it.
pub(super) fn plain(key: &str, text: &str, names: &[&str], min: usize, max: usize) -> Vec<Problem> {
    let words = |text: &str| names.iter().fold(text.to_owned(), |words, name| words.replace(name, ""));
    let mut problems = length(key, &words(text), min, max);
    if text.len() > MAX_COPY {
        return problems;
    }
    if text.contains(['\n', '\r']) {
        problems.push(Problem::new(
            &catalogue::PLAIN_TEXT,
            format!("`{key}` must be on one line"),
            "take the line break out",
        ));
    }
    let unmarked = typed::unmarked(text);
    // What is left once the known markup is gone.
    let rest = words(unmarked.as_ref().map_or(text, |clean| clean.whole.as_str()));
    let markup = ["**", "](", "{", "}", "</", "<b>", "<br"].into_iter().find(|markup| rest.contains(markup));
    let message = |markup: &str| format!("`{key}` is plain text, so `{markup}` would be shown as it is typed");
    if let Some(markup) = markup {
        let help = "write it without markup, links or {facts}";
        problems.push(Problem::new(&catalogue::PLAIN_TEXT, message(markup), help).at(markup));
    } else if let Some(clean) = unmarked {
        let typed = text.get(clean.part.clone()).unwrap_or_default();
        problems.push(Problem::mended(&catalogue::PLAIN_TEXT, message(typed), clean.part, clean.words, "").at(typed));
    } else {
        problems.extend(typed::in_plain(text));
    }
    problems
}
