//! What was meant by a value of another shape, so that help offers it in the shape that is wanted.

use crate::content::leaf::quoted;
use crate::diagnostic::did_you_mean;

/// Shapes of which people write the words alone.
pub(super) const HOURS: &str = "[{ days = [\"monday\", \"tuesday\"], opens = \"05:30\", closes = \"14:00\" }]";
pub(super) const ADDRESS: &str =
    "{ street = \"12 Test Street\", city = \"Sacramento\", state = \"CA\", zip = \"95814\" }";

/// An address that was written on one line: `12 Test Street, Sacramento, CA 95814`.
pub(super) fn address(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split([',', '\n']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let (streets, [city, last]) = parts.split_last_chunk::<2>()?;
    let (state, zip) = last.split_once(' ')?;
    let zip = zip.trim();
    let sound =
        state.len() == 2 && zip.len() == 5 && zip.bytes().all(|byte| byte.is_ascii_digit()) && !streets.is_empty();
    let [street, city, state, zip] = [&streets.join(", "), *city, state, zip].map(quoted);
    sound.then(|| format!("{{ street = {street}, city = {city}, state = {state}, zip = {zip} }}"))
}

/// `true` or `false` in other words.
pub(in crate::content) fn truth(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some("true"),
        "false" | "no" | "off" => Some("false"),
        _ => None,
    }
}

/// The choice that was meant: in other letters, by its beginning (`Mon`), or with a mistake in it.
pub(super) fn meant_choice(text: &str, variants: &[&'static str]) -> Option<&'static str> {
    let plain = text.trim().trim_end_matches('.').to_lowercase().replace([' ', '-'], "_");
    let mut begun = variants.iter().filter(|variant| plain.len() > 2 && variant.starts_with(&plain));
    match (begun.next(), begun.next()) {
        (Some(only), None) => Some(only),
        _ => did_you_mean(&plain, variants.iter().copied()),
    }
}
