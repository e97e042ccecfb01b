#!/usr/bin/env bash
# Starts a container image with buildah, in a network of its own, and asks the server in it for something.
# Usage: start_image.sh ARCHIVE; as root. Prints a line for each step that was seen, and fails at the first that was not.
set -euo pipefail

if [[ ${2:-} != inside ]]; then
    exec unshare --mount --net --pid --fork --mount-proc -- "$0" "$1" inside
fi

ip link set lo up
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/storage/vfs/dir"
chmod 755 "$scratch" "$scratch"/storage{,/vfs,/vfs/dir} # the image's user has to reach its files
buildah=(buildah --root "$scratch/storage" --runroot "$scratch/run" --storage-driver vfs)
container=$("${buildah[@]}" from "oci-archive:$1" 2>"$scratch/from.log") || { cat "$scratch/from.log" >&2; exit 1; }
inside() { "${buildah[@]}" run --isolation chroot "$container" -- "$@"; }
fail() { echo "failed: $1" >&2; cat "$scratch/server.log" >&2; exit 1; }

inside /usr/lib/meerkat/meerkat run >"$scratch/server.log" 2>&1 &
for _ in $(seq 300); do
    grep -q 'Meerkat is ready' "$scratch/server.log" && break
    sleep 0.2
done
grep -q 'Meerkat is ready' "$scratch/server.log" || fail "the server is ready"
server=$(pgrep -u 5222 -x meerkat) || fail "it runs as its own user"
echo "seen: started"

inside /usr/lib/meerkat/meerkatctl account registerUser --domain localhost --username alice --password secret >/dev/null || fail "meerkatctl makes an account"
python3 -c 'import urllib.request as u; u.urlopen("http://127.0.0.1:5280/health/ready")' || fail "health is told"
echo "seen: used"

kill -TERM "$server"
wait $! || fail "the server stops cleanly"
"${buildah[@]}" rm "$container" >/dev/null
echo "seen: stopped"
