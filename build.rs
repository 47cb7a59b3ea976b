//! Makes cargo build anew when a file is added to a folder that is compiled into the program.

fn main() {
    for folder in ["content", "static", "templates"] {
        println!("cargo::rerun-if-changed={folder}");
    }
}
