//! What systemd starts the program with.

const UNIT: &str = include_str!("../../packaging/systemd/clinic-site.service");

/// The settings of the C library's allocator (mallopt(3)).
pub fn allocator() -> impl Iterator<Item = (&'static str, &'static str)> {
    let settings = UNIT.lines().filter_map(|line| line.strip_prefix("Environment=")?.split_once('='));
    settings.filter(|(name, _)| name.starts_with("MALLOC_"))
}
