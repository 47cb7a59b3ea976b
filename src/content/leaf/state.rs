//! The states, by the two letters that the post has for them.

use super::{Problem, catalogue};

/// The letters and names of the states, the district and the territories (USPS Publication 28, appendix B).
const STATES: [(&str, &str); 56] = [
    ("AL", "Alabama"),
    ("AK", "Alaska"),
    ("AS", "American Samoa"),
    ("AZ", "Arizona"),
    ("AR", "Arkansas"),
    ("CA", "California"),
    ("CO", "Colorado"),
    ("CT", "Connecticut"),
    ("DE", "Delaware"),
    ("DC", "District of Columbia"),
    ("FL", "Florida"),
    ("GA", "Georgia"),
    ("GU", "Guam"),
    ("HI", "Hawaii"),
    ("ID", "Idaho"),
    ("IL", "Illinois"),
    ("IN", "Indiana"),
    ("IA", "Iowa"),
    ("KS", "Kansas"),
    ("KY", "Kentucky"),
    ("LA", "Louisiana"),
    ("ME", "Maine"),
    ("MD", "Maryland"),
    ("MA", "Massachusetts"),
    ("MI", "Michigan"),
    ("MN", "Minnesota"),
    ("MS", "Mississippi"),
    ("MO", "Missouri"),
    ("MT", "Montana"),
    ("NE", "Nebraska"),
    ("NV", "Nevada"),
    ("NH", "New Hampshire"),
    ("NJ", "New Jersey"),
    ("NM", "New Mexico"),
    ("NY", "New York"),
    ("NC", "North Carolina"),
    ("ND", "North Dakota"),
    ("MP", "Northern Mariana Islands"),
    ("OH", "Ohio"),
    ("OK", "Oklahoma"),
    ("OR", "Oregon"),
    ("PA", "Pennsylvania"),
    ("PR", "Puerto Rico"),
    ("RI", "Rhode Island"),
    ("SC", "South Carolina"),
    ("SD", "South Dakota"),
    ("TN", "Tennessee"),
    ("TX", "Texas"),
    ("UT", "Utah"),
    ("VT", "Vermont"),
    ("VI", "Virgin Islands"),
    ("VA", "Virginia"),
    ("WA", "Washington"),
    ("WV", "West Virginia"),
    ("WI", "Wisconsin"),
    ("WY", "Wyoming"),
];

/// Checks that a text is the letters of a state.
pub(super) fn check(key: &str, text: &str) -> Vec<Problem> {
    if STATES.iter().any(|(letters, _)| *letters == text) {
        return Vec::new();
    }
    let typed = text.trim().trim_end_matches('.').replace('.', "");
    let meant =
        STATES.iter().find(|(letters, name)| letters.eq_ignore_ascii_case(&typed) || name.eq_ignore_ascii_case(&typed));
    let message = format!("`{key}` must be the two letters of a state");
    let problem = if let Some((letters, _)) = meant {
        Problem::mended(&catalogue::MALFORMED, message, 0..text.len(), *letters, "")
    } else {
        let help = "write the letters that letters to it are addressed with, such as \"CA\" for California";
        Problem::new(&catalogue::MALFORMED, message, help)
    };
    vec![problem.at(text)]
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_state_is_its_two_letters() {
        assert!(check("state", "CA").is_empty() && check("state", "DC").is_empty());
        for (typed, help) in
            [("California", "write `CA`"), ("ca", "write `CA`"), ("N.Y.", "write `NY`"), ("new york", "write `NY`")]
        {
            assert_eq!(check("state", typed)[0].help, help);
        }
        assert!(check("state", "Cali")[0].help.contains("such as"));
    }
}
