//! Names in the help of a finding: the one that was probably meant, and those there are.

/// The one of `candidates` that a person probably meant by `typed`.
#[must_use]
pub fn did_you_mean<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(typed, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= ((candidate.chars().count() + 1) / 3).clamp(1, 4))
        // Of two that are as near, people mean the one that begins as they did.
        .min_by_key(|(distance, candidate)| (*distance, std::cmp::Reverse(common_start(typed, candidate))))
        .map(|(_, candidate)| candidate)
}

/// How many characters two texts share from their start.
fn common_start(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count()
}

/// Names for a help text: `` `a`, `b` or `c` ``.
#[must_use]
pub fn one_of(names: &[&str]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, one_of};

    #[test]
    fn near_names_are_suggested_and_far_ones_are_not() {
        assert_eq!(did_you_mean("titel", ["slug", "title"]), Some("title"));
        assert_eq!(did_you_mean("colour", ["slug", "title"]), None);
        assert_eq!(did_you_mean("/privat/", ["/print/", "/privacy/"]), Some("/privacy/"));
        assert_eq!(one_of(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
