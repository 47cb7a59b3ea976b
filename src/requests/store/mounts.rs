//! Disks that should be there: where one isn't mounted, its empty mount point looks like a place for a new store, and the old one is on that disk.

use std::fs;
use std::path::{Path, PathBuf};

/// The mount point above a new folder that fstab(5) has mounted at the start of the system, and that isn't mounted.
pub(super) fn missing(folder: &Path) -> Option<PathBuf> {
    let wanted = fs::read_to_string("/etc/fstab").ok()?;
    // proc_pid_mountinfo(5).
    let there = fs::read_to_string("/proc/self/mountinfo").ok()?;
    unmounted(&wanted, &there, &std::path::absolute(folder).ok()?)
}

fn unmounted(wanted: &str, there: &str, folder: &Path) -> Option<PathBuf> {
    let there: Vec<PathBuf> = there.lines().filter_map(|line| line.split_whitespace().nth(4)).map(path).collect();
    let lines = wanted.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    let points = lines.filter_map(|line| {
        let mut fields = line.split_whitespace().skip(1);
        let (point, options) = (fields.next()?, fields.nth(1).unwrap_or_default());
        let by_itself = !options.split(',').any(|option| option == "noauto");
        by_itself.then(|| path(point)).filter(|point| point.is_absolute() && *point != Path::new("/"))
    });
    points.filter(|point| folder.starts_with(point)).find(|point| !there.contains(point))
}

/// A path in a table of mounts, whose spaces are written as octal numbers.
fn path(field: &str) -> PathBuf {
    PathBuf::from(field.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
}

#[cfg(test)]
mod tests {
    use super::unmounted;
    use std::path::{Path, PathBuf};

    #[test]
    fn a_disk_that_should_be_mounted_above_the_folder_is_missed() {
        let wanted = "# /dev/x /srv/old ext4 defaults 0 0\n/dev/a / ext4 defaults 0 1\n/dev/b /srv/data\\040disk ext4 nofail 0 2\n\
                      /dev/c /media/usb ext4 noauto,user 0 0\n/dev/d none swap sw 0 0\n";
        let there = "22 1 8:1 / / rw,relatime - ext4 /dev/a rw\n";
        let mounted = "22 1 8:1 / / rw - ext4 /dev/a rw\n30 22 8:2 / /srv/data\\040disk rw - ext4 /dev/b rw\n";
        for (folder, missing) in [
            ("/srv/data disk/clinic", Some("/srv/data disk")),
            ("/srv/data disk", Some("/srv/data disk")),
            ("/srv/data", None),
            ("/srv/old/clinic", None),
            ("/media/usb/clinic", None),
            ("/var/lib/clinic-site", None),
        ] {
            assert_eq!(unmounted(wanted, there, Path::new(folder)), missing.map(PathBuf::from), "{folder}");
            assert_eq!(unmounted(wanted, mounted, Path::new(folder)), None, "{folder}");
        }
    }
}
