//! `clinic-site check --reading`: how hard each page is to read, as a table.

use crate::content::reading::PageReading;
use std::fmt::Write as _;

/// The pages with their parts and hardest sentences, for people.
pub(super) fn text(pages: &[PageReading]) -> String {
    let mut out = String::new();
    for page in pages {
        let PageReading { address, path, measure, score, words, .. } = page;
        let mark = if score.is_hard() { ", too hard" } else { "" };
        let _ = writeln!(out, "{address}: {measure} {:.1}{mark} ({words} words, {path})", score.value());
        for section in &page.sections {
            let heading = section.heading.as_deref().unwrap_or("(lead)");
            let _ = writeln!(out, "  {:>6.1}  {heading}", section.score.value());
        }
        for (at, sentence) in page.hardest.iter().enumerate() {
            let title = if at == 0 { "  The hardest sentences:\n" } else { "" };
            let (path, line, score) = (&sentence.path, sentence.line, sentence.score.value());
            let _ = writeln!(out, "{title}  {path}:{line}: {measure} {score:.1}\n    {}", sentence.text);
        }
        out.push('\n');
    }
    out.push_str(
        "Grade: years of school that a reader needs (Flesch-Kincaid, for English); 7 or less is the aim.\n\
         Ease: the higher, the easier (Fernandez Huerta, for Spanish); 65 or more is the aim.\n",
    );
    out
}
