#!/usr/bin/env bash
# Swift as the newest Debian has it, for the scenarios; its folder is kept between runs, in the cache of whoever made it.
#
#   swift.sh make          about 1.4 GB and 90 s, as root; nothing happens when it is there
#   swift.sh run COMMAND...
set -euo pipefail

# Not below HOME, which is another one in a test.
home=$(getent passwd "$(id -u)" | cut -d: -f6)
folder=${PACKYARD_SWIFT_ROOT:-$home/.cache/packyard/swift-6.0}
here=$(dirname "${BASH_SOURCE[0]}")
case ${1:-} in
  make)
    # What building and publishing need no part of: debuggers, editors, other platforms.
    libexec=/usr/libexec/swift
    unneeded=()
    for path in lib/liblldb\* lib/libsourcekitd\* bin/lldb\* bin/clangd\* bin/sourcekit-lsp bin/docc bin/swift-format \
      lib/swift_static/\* lib/swift/embedded/\* lib/swift/FrameworkABIBaseline/\*; do
      unneeded+=("path-exclude=$libexec/$path")
    done
    exec "$here/debian-root.sh" make "$folder" trixie swiftlang,libc6-dev,libstdc++-14-dev,binutils,git,zip,unzip "${unneeded[@]}"
    ;;
  run)
    shift
    exec "$here/debian-root.sh" run "$folder" "$@"
    ;;
  *)
    echo 'swift.sh make, or swift.sh run COMMAND...' >&2
    exit 2
    ;;
esac
