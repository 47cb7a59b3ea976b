//! Rules about the clinic's own colors: everybody can see what has them.

use crate::content::Document;
use crate::content::brand::Scheme;
use crate::content::catalogue::{BRAND_CONTRAST, MISSING_KEY};
use crate::content::leaf::quoted;
use crate::content::model::Clinic;
use crate::diagnostic::{Edit, Help, Report};

/// Reports colors that can't be seen on one another, with the nearest one that can.
pub(super) fn check(document: &Document<Clinic>, report: &mut Report) {
    let Document { source, value, .. } = document;
    let Some(brand) = &value.brand else { return };
    if let Some(dark) = brand.logo_dark.as_ref().filter(|_| brand.logo.is_none() && !document.findings.has_errors()) {
        let help = "add it above: logo = \"…\"; a logo that is seen on light and on dark needs no other";
        report.add(&MISSING_KEY, source, dark.span(), "`logo` is missing beside `logo_dark`", help);
    }
    let colors = Scheme::ALL.into_iter().filter_map(|scheme| Some((scheme, brand.colors(scheme)?)));
    for weak in colors.flat_map(|(scheme, colors)| colors.weak(scheme)) {
        let message = format!(
            "with this `{}`, {} on {} has a contrast of {:.2}:1, and needs {}:1",
            weak.key,
            weak.front,
            weak.ground,
            // Rounded up, 6.996 would look like enough.
            (weak.contrast * 100.0).floor() / 100.0,
            weak.wanted
        );
        let help = match weak.instead {
            Some(color) => {
                let edit = Edit::new(source, weak.named.span(), quoted(&color.to_string()));
                Help::value(edit, weak.key).then(", the nearest color that does")
            }
            None => "choose a much darker or a much lighter color".into(),
        };
        report.add(&BRAND_CONTRAST, source, weak.named.span(), message, help);
    }
}
