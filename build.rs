//! Makes cargo build anew when a file is added to a folder that is compiled into the program, and packs the addresses that the loader fills in.

use std::env;

#[expect(clippy::disallowed_methods, reason = "variables are how cargo tells a build script what is built")]
fn main() {
    for folder in ["content", "static", "templates"] {
        println!("cargo::rerun-if-changed={folder}");
    }
    // 24 bytes each otherwise, 730 KB of the program and of each process. It needs glibc 2.36: Debian 12 has it.
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
