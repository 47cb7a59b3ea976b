//! Words that a backslash at the end of a line joins. In TOML it takes out the line end and all space behind it.

use regex_lite::Regex;
use std::ops::Range;
use std::sync::LazyLock;

static JOINED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"([^\s\\]+)\\[ \t]*\r?\n\s*([^\s\\]+)").ok());

/// The place of the first such word in a text as it is written, with its quotes, and what to write there.
pub(in crate::content) fn joined(written: &str) -> Option<(Range<usize>, String)> {
    if !written.starts_with("\"\"\"") || !written.contains('\\') {
        return None;
    }
    JOINED.as_ref()?.captures_iter(written).find_map(|captures| {
        let (before, behind) = (captures.get(1)?, captures.get(2)?);
        let word = before.as_str().trim_start_matches('"');
        // An address may go on in the next line.
        let is_address = word.contains("](") || word.contains("://");
        let ends = word.ends_with(|c: char| c.is_alphanumeric() || ".,;:!?)*".contains(c));
        let joins = ends && behind.as_str().starts_with(|c: char| c.is_alphanumeric() || "*[¿¡".contains(c));
        let help =
            format!("write `{word} \\`, with a space before the backslash; or an empty line for a new paragraph");
        (joins && !is_address).then(|| (before.end() - word.len()..before.end() + 1, help))
    })
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn only_words_without_a_space_between_are_joined() {
        let text = "\"\"\"\nCall us\\\n  today.\"\"\"";
        let (place, help) = joined(text).unwrap();
        assert_eq!(text.get(place), Some("us\\"));
        assert!(help.starts_with("write `us \\`, "), "{help}");
        for right in [
            "\"\"\"\nCall us \\\n  today.\"\"\"",
            "\"\"\"\\\nCall us\"\"\"",
            "\"\"\"Call us.\\\n\"\"\"",
            "\"\"\"Call \\\"us\\\"\ntoday\"\"\"",
            "\'\'\'Call us\\\ntoday\'\'\'",
            "\"\"\"See [x](https://www.samhsa.gov/find\\\nhelp)\"\"\"",
        ] {
            assert_eq!(joined(right), None, "{right}");
        }
    }
}
