//! The files of the server: whose they are, who may read them, how much room there is, and the certificate.

use super::super::{certificate as own, quoted};
use super::{Deployment, Finding, Found};
use crate::requests::store::FILE;
use rustix::fs::statvfs;
use rustix::process::geteuid;
use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Less room than this is little: eight thousand requests, or some hours of a log that runs away.
const MIN_FREE: u64 = 100 * 1024 * 1024;

const DAY: i64 = 24 * 60 * 60;

/// Who besides the owner may do what with secrets and with the data folder.
pub(super) fn rights(deployment: &Deployment<'_>) -> Found {
    let options = deployment.options;
    let folder = &options.intake.store.data_dir;
    let secrets = [
        options.intake.mail.smtp_password_file.clone(),
        options.intake.store.database_password_file.clone(),
        options.tls_key.clone(),
        Some(folder.join(FILE)),
    ];
    let mut findings: Vec<Finding> = secrets.into_iter().flatten().filter_map(|file| open_to_others(&file)).collect();
    let there = folder.metadata().ok();
    findings.extend(there.as_ref().and_then(|metadata| open_folder(folder, metadata)));
    Found::new(findings, seen(there.as_ref()))
}

fn open_to_others(file: &Path) -> Option<Finding> {
    // What can't be looked at is reported by who needs it.
    let mode = file.metadata().ok()?.permissions().mode();
    (mode & 0o007 != 0).then(|| {
        Finding::new(
            format!("every user of this computer may open {} (its mode is {:03o})", file.display(), mode & 0o777),
            format!("chmod o= {}", quoted(file)),
        )
    })
}

fn open_folder(folder: &Path, metadata: &Metadata) -> Option<Finding> {
    let mode = metadata.permissions().mode();
    (mode & 0o007 != 0).then(|| {
        Finding::new(
            format!(
                "every user of this computer may look into the data folder {} (its mode is {:03o}): the times of its files show when somebody asked \
                 for an appointment",
                folder.display(),
                mode & 0o777
            ),
            format!("chmod o= {}; under systemd, StateDirectoryMode=0700", quoted(folder)),
        )
    })
}

/// Root may do everything, so what the server's own user may not do isn't seen.
fn seen(folder: Option<&Metadata>) -> String {
    let owner = folder.map(MetadataExt::uid).filter(|owner| geteuid().is_root() && *owner != 0);
    let hint = owner.map(|owner| {
        format!("; run as the user of the data folder, `sudo -u '#{owner}'`, to see what the server may do")
    });
    format!("secrets and the data folder are for their owners alone{}", hint.unwrap_or_default())
}

/// How much room the disk of the data folder has.
pub(super) fn disk(deployment: &Deployment<'_>) -> Found {
    let folder = &deployment.options.intake.store.data_dir;
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
    let there = absolute.ancestors().find(|above| above.is_dir()).map_or_else(|| PathBuf::from("/"), Path::to_owned);
    let disk = match statvfs(&there) {
        Ok(disk) => disk,
        Err(error) => {
            return Finding::new(format!("the disk of {}: {error}", there.display()), "let this user look at it")
                .into();
        }
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let mib = free / (1024 * 1024);
    let mut findings = Vec::new();
    if free < MIN_FREE {
        findings.push(Finding::new(
            format!("the disk of {} has {mib} MiB left: when it is full, requests can't be stored", there.display()),
            "delete what isn't needed there, make the disk larger, or name a folder on another one with --data-dir, and move the data there",
        ));
    }
    if disk.f_files > 0 && disk.f_favail == 0 {
        findings.push(Finding::new(
            format!("the disk of {} has no room for another file (df -i)", there.display()),
            "delete files that aren't needed there",
        ));
    }
    Found::new(findings, format!("{mib} MiB are free"))
}

/// The certificate of a server that speaks TLS itself.
pub(super) fn certificate(deployment: &Deployment<'_>) -> Found {
    let tls = match own::Certificate::new(deployment.options) {
        Ok(Some(certificate)) => certificate.tls,
        Ok(None) => {
            return Found::left_out("no certificate is named (--tls-cert): a proxy before the server speaks TLS");
        }
        Err(failure) => return failure.into(),
    };
    let now = deployment.now.timestamp().as_second();
    let file = deployment.options.tls_cert.as_deref().unwrap_or(Path::new("the certificate")).display();
    let Some((ends, lifetime)) = tls.ends() else {
        return Found::left_out("none has come yet: the server orders one when it starts (--acme)");
    };
    let days = (ends - now).div_euclid(DAY);
    let mut findings: Vec<Finding> = tls
        .faults(now)
        .iter()
        .map(|fault| {
            Finding::new(
                format!("{file}: {fault}"),
                "renew it for the site's name, with its chain (fullchain.pem); the server reads it again by itself",
            )
        })
        .collect();
    if findings.is_empty() && own::reached(ends - now, lifetime) > 0 {
        findings.push(Finding::new(
            format!("{file}: the certificate ends in {days} days, and was not renewed"),
            "look at what renews it (certbot renew --dry-run)",
        ));
    }
    Found::new(findings, format!("{file} is good for {days} days"))
}
