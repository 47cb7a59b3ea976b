//! What the banner of a live preview offers staff: their pages, and the site of another time.

use super::{gallery, report};
use crate::lang::Lang;
use crate::site::page::{NavLink, TimeControl};
use crate::site::{Settings, route};

/// The pages that are for staff.
pub(super) fn staff_pages(current: &str) -> Vec<NavLink> {
    [(route::PREVIEW_REPORT, report::TITLE), (route::PREVIEW_COMPONENTS, gallery::TITLE)]
        .map(|(path, title)| NavLink { href: path.to_owned(), label: title.to_owned(), current: path == current })
        .to_vec()
}

/// The control that chooses the time.
pub(super) fn time_control(settings: &Settings) -> TimeControl {
    let chosen = settings.chosen_time();
    TimeControl {
        value: chosen.map(|time| time.strftime("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default(),
        words: chosen.map(|time| {
            let clock = Lang::En.time(&time.strftime("%H:%M").to_string());
            format!("{}, {}, {clock}", time.strftime("%A"), Lang::En.date(time.date()))
        }),
    }
}
