#!/usr/bin/env bash
# Installs the Debian package, uses it as an administrator does, and removes it: in a copy-on-write view of this machine and a network of its own, so that nothing of it stays.
# Usage: install_package.sh PACKAGE; as root. Prints a line for each step that was seen, and fails at the first that was not.
set -euo pipefail

if [[ ${2:-} != inside ]]; then
    exec unshare --mount --net --pid --fork --mount-proc -- "$0" "$1" inside
fi

package=$(realpath "$1")
ip link set lo up
scratch=$(mktemp -d)
mount -t tmpfs none "$scratch"
mkdir "$scratch"/{upper,work,root}
mount -t overlay none -o "lowerdir=/,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root"
root=$scratch/root
mount -t proc none "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs none "$root/run" # no trace of the services of this machine
mkdir -p "$root/run/lock"
mount -t tmpfs none "$root/tmp" && chmod 1777 "$root/tmp"
cp "$package" "$root/tmp/meerkat.deb"

# A fresh machine has no .NET: the package must do without it.
rm -rf "$root/usr/share/dotnet" "$root/usr/lib/dotnet" "$root/usr/bin/dotnet" "$root/root/.dotnet"
for module in libicuuc libicui18n; do rm -f "$root"/usr/lib/*/"$module".so.*; done

inside=(chroot "$root" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive)
here() { "${inside[@]}" "$@"; }
seen() { echo "seen: $1"; }
fail() { echo "failed: $1" >&2; exit 1; }

here dpkg -i /tmp/meerkat.deb || fail "the package installs"
here dpkg --verify meerkat || fail "what is installed is what was packed"
[[ $(here stat -c '%U:%G %a' /var/lib/meerkat) == "meerkat:meerkat 700" ]] || fail "the data folder is the server's own"
[[ $(here stat -c '%U:%G %a' /etc/meerkat/meerkat.toml) == "root:meerkat 640" ]] || fail "the configuration can be read by the server alone"
here grep -q '^Microsoft.NETCore.App.Runtime.*: MIT' /usr/share/doc/meerkat/licences.txt || fail "licences are told"
seen installed

# The unit, as systemd would start it.
unit=/lib/systemd/system/meerkat.service
command=$(sed -n 's/^ExecStart=//p' "$root$unit")
user=$(sed -n 's/^User=//p' "$root$unit")
# shellcheck disable=SC2086 # words, as in the unit
"${inside[@]}" setpriv --reuid="$user" --regid="$user" --init-groups --no-new-privs -- $command >"$scratch/server.log" 2>&1 &
server=$!
for _ in $(seq 300); do
    grep -q 'Meerkat is ready' "$scratch/server.log" && break
    kill -0 "$server" 2>/dev/null || { cat "$scratch/server.log" >&2; fail "the server starts"; }
    sleep 0.2
done
grep -q 'Meerkat is ready' "$scratch/server.log" || { cat "$scratch/server.log" >&2; fail "the server is ready"; }
seen started

here meerkatctl account registerUser --domain localhost --username alice --password secret >/dev/null || fail "meerkatctl makes an account"
here meerkatctl account registerUser --domain localhost --username bob --password secret >/dev/null || fail "meerkatctl makes another"
here setpriv --reuid=nobody --clear-groups -- meerkatctl account countUsers --domain localhost >/dev/null 2>&1 && fail "others are kept out"
[[ $(here python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:5280/health/ready").status)') == 200 ]] || fail "health is told"
echo "Hello from a package" | here env SSL_CERT_FILE=/var/lib/meerkat/self-signed.crt go-sendxmpp -u alice@localhost -p secret -j 127.0.0.1:5222 bob@localhost || fail "a client sends"
seen used

# A change of the configuration outlives an upgrade; the old server serves on until it is replaced.
echo '# changed' >>"$root/etc/meerkat/meerkat.toml"
here dpkg -i --force-confold /tmp/meerkat.deb >/dev/null || fail "the package upgrades"
here tail -n 1 /etc/meerkat/meerkat.toml | grep -qx '# changed' || fail "a changed configuration is kept"
here meerkat config check /etc/meerkat/meerkat.toml >/dev/null || fail "the configuration is fit to start with"
[[ $(here meerkatctl account countUsers --domain localhost) == *2* ]] || fail "the accounts are there"
kill -TERM "$server"
wait "$server" || fail "the server stops cleanly"
seen upgraded

here dpkg --purge meerkat >/dev/null || fail "the package goes"
[[ ! -e $root/usr/lib/meerkat && ! -e $root/etc/meerkat && ! -e $root$unit ]] || fail "nothing of the program stays"
[[ -s $root/var/lib/meerkat/meerkat.sqlite ]] || fail "the data stay"
seen removed
