#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What ./demo and ./check share: messages, packages, building. Sourced, not run; the caller stands in the root of the tree.

say() { printf '%s\n' "$*"; }
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# packages_of GROUP...: the packages of these groups in packaging/build-deps.txt.
packages_of() {
  local group
  for group in "$@"; do
    awk -v group="$group" '$1 == group { print $2 }' packaging/build-deps.txt
  done
}

# missing_packages PACKAGE...: those that are not installed.
missing_packages() {
  local package
  for package in "$@"; do
    # Single quotes: the braces are for dpkg-query.
    # shellcheck disable=SC2016
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
  done
}

# as_root COMMAND...: runs it, through sudo when we are not root.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# install_groups ask|yes GROUP...: install_packages for the packages of these groups.
install_groups() {
  local consent=$1
  shift
  # Package names hold no blanks.
  # shellcheck disable=SC2046
  install_packages "$consent" $(packages_of "$@")
}

# install_packages ask|yes PACKAGE...: says what is missing, asks unless `yes`, and installs it. Returns 0 when everything is
# there. Needs the network only when something is missing. Its output goes to build/packages.log.
install_packages() {
  local consent=$1 missing answer
  shift
  command -v apt-get >/dev/null ||
    die "this is not Debian or Raspberry Pi OS (no apt-get): install what packaging/build-deps.txt lists, then build with cmake --preset release"
  missing=$(missing_packages "$@" | tr '\n' ' ')
  missing=${missing% }
  [ -n "$missing" ] || return 0
  say "To be installed with apt-get ($(wc -w <<<"$missing") packages and what they need):"
  fold -s -w 100 <<<"$missing" | sed 's/^/    /'
  if [ "$consent" = ask ]; then
    [ -t 0 ] || die "nobody to ask: run it with --yes to install them"
    read -r -p "Install them now? [Y/n] " answer
    case $answer in
      '' | [yY]*) ;;
      *) die "nothing was installed" ;;
    esac
  fi
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "installing needs root and there is no sudo: run as root 'apt-get install $missing', then this again"
  mkdir -p build
  # Package names hold no blanks.
  # shellcheck disable=SC2086
  if ! { as_root apt-get update -q &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing; } \
    >build/packages.log 2>&1 </dev/null; then
    tail -n 20 build/packages.log >&2
    die "apt-get failed, see build/packages.log"
  fi
}

# debian_mirror: where packages of Debian come from: GLIMPSE_DEBIAN_MIRROR, or what apt uses for this machine's own release. One
# mirror has all releases.
debian_mirror() {
  local mirror=${GLIMPSE_DEBIAN_MIRROR:-} codename
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  # Single quotes: the parenthesis is apt's.
  # shellcheck disable=SC2016
  [ -n "$mirror" ] ||
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' "Codename: $codename" | head -n 1)
  [ -n "$mirror" ] || die "apt has no Debian source of the release '$codename' here: set GLIMPSE_DEBIAN_MIRROR"
  printf '%s' "${mirror%/}"
}

# How many compilers run at once: one a core, and no more than one for each GiB of free memory (a Pi has many cores and
# little memory).
jobs() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
  if [ "$memory" -lt 1 ]; then memory=1; fi
  if [ "$memory" -lt "$cores" ]; then say "$memory"; else say "$cores"; fi
}

# build PRESET [TARGET...]: configures and builds into build/PRESET. Output goes to build/PRESET.log, and to the screen on failure.
build() {
  local preset=$1
  shift
  mkdir -p build
  if command -v ccache >/dev/null; then
    export CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache
  fi
  if ! { cmake --preset "$preset" &&
    cmake --build "build/$preset" --parallel "$(jobs)" ${1:+--target "$@"}; } >"build/$preset.log" 2>&1; then
    tail -n 60 "build/$preset.log" >&2
    die "the build failed, the whole output is in build/$preset.log"
  fi
}
