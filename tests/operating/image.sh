# The image, unpacked into an empty folder and run from it: read-only, as a user without rights, in a network of its own. Read by `run`.
# shellcheck shell=bash

image="$(echo "$work"/dist-0/*.oci.tar)"
root="$work/bundle/rootfs"

unpacks() {
    skopeo copy --quiet "oci-archive:$image" "oci:$work/image:latest"
    umoci unpack --image "$work/image:latest" "$work/bundle"
    # Nothing but the program, what it is loaded with, notices and the folder for data.
    (cd "$root" && find . -type f | sort)
}
# in_image SCRIPT: runs a script of this system in namespaces where $root is read-only and its /data can be written.
in_image() {
    mkdir -p "$work/data"
    chown 65532:65532 "$work/data"
    chmod 700 "$work/data"
    unshare --mount --net --pid --fork --mount-proc --propagation private bash -euxc "
        ip link set lo up
        mount --bind '$root' '$root'
        mount --bind '$work/data' '$root/data'
        mount -o remount,ro,bind,nosuid,nodev '$root'
        start() { exec setpriv --no-new-privs chroot --userspec=65532:65532 --groups= '$root' /usr/bin/clinic-site \"\$@\"; }
        $1"
}
environment=(CLINIC_LISTEN=0.0.0.0:8080 CLINIC_DATA_DIR=/data)
runs() {
    in_image "
        ! touch '$root/etc/x' 2>/dev/null
        export ${environment[*]} CLINIC_ALLOW_REMOTE_PREVIEW=1 CLINIC_STAFF_KEY=age13ruk68fcvkvp8v7w5wdm9ms2u0ttu0hk9hlltdt3hsxjhfm69erqkwvxaq
        start serve >'$work/image.out' 2>&1 &
        server=\$!
        for _ in \$(seq 100); do curl --silent --fail --output /dev/null http://127.0.0.1:8080/healthz && break; sleep 0.2; done
        grep -q '^Uid:.65532.65532.65532.65532\$' /proc/\$server/status
        grep -q '^CapEff:.0000000000000000\$' /proc/\$server/status
        curl --silent --fail http://127.0.0.1:8080/ | grep -q '<h1'
        curl --silent --fail --output /dev/null http://127.0.0.1:8080/readyz
        location=\$(curl --silent --show-error --output /dev/null --write-out '%{http_code} %{redirect_url}' --data 'name=Ana&phone=9165550142' http://127.0.0.1:8080/appointments/)
        echo \"\$location\"
        [ \"\${location%% *}\" = 303 ]
        if (start healthcheck --help) >/dev/null 2>&1; then (start healthcheck); fi
        (start requests list --format json >'$work/image.json' 2>>'$work/image.out')
        grep -q '\"reference\"' '$work/image.json'
        kill -TERM \$server
        wait \$server
    " || { cat "$work/image.out"; return 1; }
}

check "the image unpacks" unpacks
check "its settings are read by skopeo" sh -c "skopeo inspect --config 'oci-archive:$image' | grep -q '\"User\": \"65532:65532\"'"
check "it serves and takes a request from a read-only root, as 65532 without rights" runs
