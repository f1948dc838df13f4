#!/usr/bin/env bash
# A newer Debian in a folder of its own, for clients that this machine's release does not have. Making it needs root and
# mmdebstrap; running something in it does not, where the system lets users have namespaces.
#
#   debian-root.sh make FOLDER SUITE PACKAGES [DPKG-OPTION...]   PACKAGES with commas between them; nothing happens when it is there
#   debian-root.sh run FOLDER COMMAND...                         runs it in there, in the current folder, which stands there as /mnt/here
#
# What a run mounts is seen by nobody else and ends with it. The network is the machine's own. From its environment a run
# takes HOME, which stands in there as /root, and DEBIAN_ROOT_CA: the only certificates that are trusted then.
set -euo pipefail

fail() { echo "debian-root: $*" >&2; exit 1; }
[ $# -ge 3 ] || fail 'make FOLDER SUITE PACKAGES [DPKG-OPTION...], or run FOLDER COMMAND...'
command=$1 folder=$(realpath -m "$2")
shift 2
# The mirror that this machine installs from.
mirror() {
  { cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } |
    sed -n -E 's#^(URIs:|deb( \[[^]]*\])?) +(https?://[^ ]+/debian/?)( .*)?$#\3#p' | sort -u | sed -n 1p
}

make() {
  [ ! -e "$folder/.made" ] || return 0
  [ "$(id -u)" = 0 ] || fail 'needs root'
  command -v mmdebstrap >/dev/null || fail 'mmdebstrap is missing'
  local suite=$1 packages=$2 address
  shift 2
  address=${DEBIAN_MIRROR:-$(mirror)}
  [ -n "$address" ] || fail 'set DEBIAN_MIRROR: there is no mirror in the sources of apt'
  # A folder that is only half made is in nobody's way.
  rm -rf --one-file-system "$folder" "$folder.new"
  mkdir -p "$(dirname "$folder")"
  mmdebstrap --quiet --variant=apt --mode=root --aptopt='APT::Install-Recommends "false"' \
    --aptopt='Acquire::Check-Valid-Until "false"' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' "${@/#/--dpkgopt=}" --include="ca-certificates,$packages" "$suite" "$folder.new" \
    "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $address $suite main"
  mkdir -p "$folder.new/mnt/here"
  touch "$folder.new/.made"
  mv -T "$folder.new" "$folder"
}

# Runs in a mount namespace of its own.
enter() {
  mount --make-rprivate /
  mount --rbind /proc "$folder/proc"
  mount --rbind /dev "$folder/dev"
  mount -t tmpfs none "$folder/tmp"
  mount --bind "${HOME:?}" "$folder/root"
  [ -z "${DEBIAN_ROOT_CA:-}" ] || mount --bind "$DEBIAN_ROOT_CA" "$folder/etc/ssl/certs/ca-certificates.crt"
  mount --bind "$PWD" "$folder/mnt/here"
  cd "$folder/mnt/here"
  exec chroot "$folder" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 sh -c 'cd /mnt/here && exec "$@"' - "$@"
}

case $command in
  make) make "$@" ;;
  run)
    [ -e "$folder/.made" ] || fail "$folder is not there: make it first"
    if [ "${DEBIAN_ROOT_ENTERED:-}" = yes ]; then enter "$@"; fi
    if [ "$(id -u)" = 0 ]; then as=(); else as=(--map-root-user); fi
    DEBIAN_ROOT_ENTERED=yes exec unshare "${as[@]}" --mount -- "$0" run "$folder" "$@"
    ;;
  *) fail "there is no command $command" ;;
esac
