//! Phone numbers typed as text: those of the North American Numbering Plan, which has ten digits and writes them in many ways.

/// The numbers in a text, as they are typed.
pub(super) fn typed(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut before = ' ';
    let mut behind = 0;
    for (at, c) in text.char_indices() {
        let starts = at >= behind && (c.is_ascii_digit() || c == '(' || c == '+');
        if starts
            && !(before.is_alphanumeric() || "-./+($".contains(before))
            && let Some(number) = text.get(at..).and_then(number)
        {
            behind = at + number.len();
            found.push(number);
        }
        before = c;
    }
    found
}

/// The number that a text begins with: `916-555-0100`, `(916) 555-0100`, `+1 916 555 0100`, `1.916.555.0100`, `9165550100`.
fn number(text: &str) -> Option<&str> {
    let rest = match text.strip_prefix("+1").or_else(|| text.strip_prefix('1')) {
        Some(rest) => apart(rest),
        None => text,
    };
    let rest = match rest.strip_prefix('(') {
        Some(rest) => group(rest, 3)?.strip_prefix(')')?,
        None => group(rest, 3)?,
    };
    let rest = group(apart(group(apart(rest), 3)?), 4)?;
    let goes_on = rest.trim_start_matches(['-', '.']).starts_with(|c: char| c.is_alphanumeric());
    // More digits or letters right behind: a longer number of another kind, such as that of a book.
    if goes_on { None } else { text.get(..text.len() - rest.len()) }
}

/// What is behind a group of digits. Neither an area code nor an exchange begins with 0 or 1.
fn group(text: &str, digits: usize) -> Option<&str> {
    let (group, rest) = text.split_at_checked(digits)?;
    let first = group.bytes().next()?;
    (group.bytes().all(|byte| byte.is_ascii_digit()) && (digits == 4 || first > b'1')).then_some(rest)
}

/// What is behind the sign between two groups, if there is one.
fn apart(text: &str) -> &str {
    let mut rest = text.chars();
    match rest.next() {
        Some('-' | '.' | ' ' | '\u{a0}' | '\u{2010}' | '\u{2011}' | '–') => rest.as_str(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[test]
    fn numbers_are_told_from_dates_laws_and_figures() {
        for (text, numbers) in [
            ("Call 916-555-0100.", "916-555-0100"),
            ("Call (916) 555-0100, or +1 916 555 0199!", "(916) 555-0100|+1 916 555 0199"),
            ("1-800-662-4357 and 1.916.875.2050", "1-800-662-4357|1.916.875.2050"),
            ("9165550100", "9165550100"),
            ("Call 911 916-555-0100", "916-555-0100"),
            ("916\u{2011}555\u{2011}0100", "916\u{2011}555\u{2011}0100"),
            ("on 2026-11-23 at 45 CFR 164.520, $283, 17,568 people, 988", ""),
            ("123-456-7890, 916-155-0100, 916-555-01000, 4916-555-0100", ""),
            ("ISBN 978-916-555-0100", ""),
        ] {
            assert_eq!(typed(text).join("|"), numbers, "{text}");
        }
    }
}
