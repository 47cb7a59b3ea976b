//! How fast pages are sent, beside nginx and a bare hyper server in the same run, and what attacks do to it. See `benches/README.md`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a benchmark that can't go on ends"
)]
#![expect(unreachable_pub, reason = "in a program nothing is public; the word says what a module offers to the others")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
#![expect(clippy::cast_precision_loss, reason = "figures of a benchmark are far below 2^52")]

mod attack;
mod bare;
mod client;
mod race;
mod report;
mod servers;
#[path = "../shared/unit.rs"]
mod unit;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        // The bare server is this program too, so that the benchmark is one command.
        ["bare", head, body] => bare::serve(head, body),
        ["attacks"] => report::write("attacks", &attack::run()),
        [] => {
            let figures = race::run();
            report::write("race", &race::table(&figures));
            report::draw(&figures);
        }
        other => panic!("{other:?} is neither nothing nor `attacks`"),
    }
}
