//! Words that a backslash at the end of a line joins. In TOML it takes out the line end and all space behind it.

use regex_lite::Regex;
use std::ops::Range;
use std::sync::LazyLock;

static JOINED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"([^\s\\]+)\\[ \t]*\r?\n\s*").ok());

/// The places of such words with their backslash in a text as it is written, with its quotes, and what to write in each.
pub(in crate::content) fn joined(written: &str) -> Vec<(Range<usize>, String)> {
    let regex = JOINED.as_ref().filter(|_| written.starts_with("\"\"\"") && written.contains('\\'));
    let all = regex.into_iter().flat_map(|regex| regex.captures_iter(written));
    let joined = all.filter_map(|captures| {
        let (before, behind) = (captures.get(1)?, written.get(captures.get(0)?.end()..)?);
        let word = before.as_str().trim_start_matches('"');
        // An address may go on in the next line.
        let is_address = word.contains("](") || word.contains("://");
        let ends = word.ends_with(|c: char| c.is_alphanumeric() || ".,;:!?)*".contains(c));
        let joins = ends && behind.starts_with(|c: char| c.is_alphanumeric() || "*[¿¡".contains(c));
        (joins && !is_address).then(|| (before.end() - word.len()..before.end() + 1, format!("{word} \\")))
    });
    joined.collect()
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn only_words_without_a_space_between_are_joined() {
        let text = "\"\"\"\nCall us\\\n  today.\"\"\"";
        assert_eq!(joined(text), [(9..12, "us \\".to_owned())]);
        assert_eq!(joined("\"\"\"us\\\r\n  today.\\\nNow\"\"\"").len(), 2);
        for right in [
            "\"\"\"\nCall us \\\n  today.\"\"\"",
            "\"\"\"\\\nCall us\"\"\"",
            "\"\"\"Call us.\\\n\"\"\"",
            "\"\"\"Call \\\"us\\\"\ntoday\"\"\"",
            "\'\'\'Call us\\\ntoday\'\'\'",
            "\"\"\"See [x](https://www.samhsa.gov/find\\\nhelp)\"\"\"",
        ] {
            assert_eq!(joined(right), [], "{right}");
        }
    }
}
