//! The figures, written into `docs/performance.md` and drawn into `docs/performance.svg`.

use super::race::{Figures, median};
use std::fmt::Write as _;
use std::fs;

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.md");
const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/performance.svg");

/// Puts a table in its place: between two marks that name it.
pub fn write(name: &str, table: &str) {
    println!("{table}");
    let (start, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let document = fs::read_to_string(DOCUMENT).unwrap();
    let (before, rest) = document.split_once(&start).unwrap_or_else(|| panic!("{DOCUMENT} has no mark {start}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("{DOCUMENT} has no mark {end}"));
    fs::write(DOCUMENT, format!("{before}{start}\n{table}\n{end}{after}")).unwrap();
}

/// Draws requests a second, and the processor's time of one.
pub fn draw(all: &[Figures]) {
    let rates: Vec<_> = all.iter().map(|figures| (figures.name, median(&figures.rate))).collect();
    let costs: Vec<_> = all.iter().map(|figures| (figures.name, median(&figures.cost))).collect();
    let height = 60 + 26 * all.len();
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 {}\" font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"640\" height=\"{}\" fill=\"#fff\"/>\n",
        2 * height,
        2 * height
    );
    bars(&mut picture, 0, "Requests a second, one processor (more is better)", &rates, 0);
    bars(&mut picture, height, "Microseconds of the processor a request (less is better)", &costs, 1);
    picture += "</svg>\n";
    fs::write(PICTURE, picture).unwrap();
}

fn bars(picture: &mut String, top: usize, title: &str, figures: &[(&str, f64)], digits: usize) {
    let most = figures.iter().map(|(_, figure)| *figure).fold(0.0, f64::max);
    let _ = writeln!(picture, "<text x=\"10\" y=\"{}\" font-weight=\"bold\" fill=\"#111\">{title}</text>", top + 24);
    for (index, (name, figure)) in figures.iter().enumerate() {
        let y = top + 40 + 26 * index;
        let width = figure / most * 330.0;
        let _ = writeln!(picture, "<text x=\"10\" y=\"{}\" fill=\"#111\">{name}</text>", y + 14);
        let _ = writeln!(picture, "<rect x=\"200\" y=\"{y}\" width=\"{width:.0}\" height=\"18\" fill=\"#1f5f8b\"/>");
        let _ = writeln!(
            picture,
            "<text x=\"{:.0}\" y=\"{}\" fill=\"#111\">{figure:.digits$}</text>",
            206.0 + width,
            y + 14
        );
    }
}
