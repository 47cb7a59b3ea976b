//! Names in the help of a finding: the one that was probably meant, and those there are.

/// Longer names are not compared, in characters: comparing takes time and memory in the product of two lengths.
const LONGEST_NAME: usize = 256;

/// How many letters a name may differ in at most.
const FARTHEST: usize = 4;

/// The most names that are listed in a help text.
const LISTED: usize = 40;

/// The one of `candidates` that a person probably meant by `typed`.
#[must_use]
pub fn did_you_mean<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = typed.chars().take(LONGEST_NAME).count();
    let distance = |candidate: &str| {
        let other = candidate.chars().take(LONGEST_NAME).count();
        let most = ((other + 1) / 3).clamp(1, FARTHEST);
        // Names that differ more in length than they may in letters need no look at their letters.
        let comparable = length.max(other) < LONGEST_NAME && length.abs_diff(other) <= most;
        let distance = comparable.then(|| strsim::damerau_levenshtein(typed, candidate))?;
        (distance <= most).then_some(distance)
    };
    candidates
        .into_iter()
        .filter_map(|candidate| Some((distance(candidate)?, candidate)))
        // Of two that are as near, people mean the one that begins as they did.
        .min_by_key(|(distance, candidate)| (*distance, std::cmp::Reverse(common_start(typed, candidate))))
        .map(|(_, candidate)| candidate)
}

/// How many characters two texts share from their start.
fn common_start(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count()
}

/// Names for a help text: `` `a`, `b` or `c` ``. Of a great many the first ones.
#[must_use]
pub fn one_of(names: &[&str]) -> String {
    if let Some((first, rest)) = names.split_at_checked(LISTED).filter(|(_, rest)| !rest.is_empty()) {
        let quoted: Vec<_> = first.iter().map(|name| format!("`{name}`")).collect();
        return format!("{} or one of {} others", quoted.join(", "), rest.len());
    }
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
        assert_eq!(did_you_mean(&"a".repeat(9_000_000), ["a"]), None, "too long to compare");
        assert_eq!(one_of(&["a", "b", "c"]), "`a`, `b` or `c`");
        assert!(one_of(&vec!["a"; 5_000]).ends_with("`a` or one of 4960 others"));
    }
}
