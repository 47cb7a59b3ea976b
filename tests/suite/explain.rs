//! `check --explain`: every rule in words, from the program itself.

use crate::program::run;
use clinic_site::content::catalogue::RULES;
use serde_json::Value;

#[test]
fn a_rule_is_explained_with_an_example_and_how_it_is_mended() {
    let ran = run(&["check", "--explain", "dead-link"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(
        ran.stdout,
        "dead-link (error)\nLinks within the site lead to a page.\n\n\
         A link that leads nowhere ends the search of somebody who needs help.\n\n\
         For example:\n    [group therapy](/groups-therapy/)\n\nMended:\n    [group therapy](/group-therapy/)\n"
    );
}

#[test]
fn all_rules_are_listed_or_explained() {
    let list = run(&["check", "--explain"]).stdout;
    assert_eq!(list.lines().count(), RULES.len(), "{list}");
    let all = run(&["check", "--explain", "all"]).stdout;
    for rule in RULES {
        assert!(list.lines().any(|line| line.starts_with(rule.name) && line.contains(rule.about)), "{}", rule.name);
        assert!(all.contains(&format!("{} ({})\n{}", rule.name, rule.severity.word(), rule.about)), "{}", rule.name);
    }
    let json: Value = serde_json::from_str(&run(&["check", "--explain", "all", "--format", "json"]).stdout).unwrap();
    assert_eq!(json.as_array().unwrap().len(), RULES.len());
    assert!(json[0]["why"].is_string() && json[0]["mended"].is_string());
}

#[test]
fn a_misspelt_rule_is_answered_with_the_one_that_was_meant() {
    let ran = run(&["check", "--explain", "ded-link"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(
        ran.stderr.contains("there is no rule `ded-link`") && ran.stderr.contains("did you mean dead-link?"),
        "{ran:?}"
    );
    let ran = run(&["check", "--explain", "zzz"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("lists the rules"), "{ran:?}");
}
