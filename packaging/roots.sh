# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Bare Debian folders ("roots") that packages are built and tried in. Sourced, not run, after tools/lib.sh; root is needed.
#
# GLIMPSE_DEBIAN_MIRROR names another mirror than apt's own. GLIMPSE_CLEANROOT_SETUP, a program, is called with the path of each
# new root: for a certificate or a proxy that this network needs. GLIMPSE_APT_OPTIONS, a file, is apt's configuration there: for a
# mirror that lags behind.

# own_mounts SCRIPT ARGUMENT...: starts the calling script anew with mounts of its own, which vanish with it whatever happens.
own_mounts() {
  [ "$(id -u)" = 0 ] || die "needs root: bare roots are made and entered"
  if [ -z "${GLIMPSE_OWN_MOUNTS:-}" ]; then
    GLIMPSE_OWN_MOUNTS=1 exec unshare --mount --propagation private "$@"
  fi
  unset GLIMPSE_OWN_MOUNTS
}

# bare_root SUITE ROOT [PACKAGE...]: makes ROOT, with these packages; an old one is thrown away.
bare_root() {
  local suite=$1 root=$2
  shift 2
  remove_root "$root"
  mkdir -p "$(dirname "$root")"
  if ! mmdebstrap --variant=minbase --dpkgopt=force-unsafe-io ${GLIMPSE_APT_OPTIONS:+"--aptopt=$GLIMPSE_APT_OPTIONS"} \
    --include="$(IFS=,; printf '%s' "ca-certificates${*:+,$*}")" "$suite" "$root" "$(debian_mirror)" 2>"$root.log"; then
    tail -n 20 "$root.log" >&2
    die "cannot make a root of $suite, see $root.log"
  fi
  cp --dereference --remove-destination /etc/resolv.conf "$root/etc/resolv.conf"
  # No service is started by an installation here.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  if [ -n "${GLIMPSE_CLEANROOT_SETUP:-}" ]; then "$GLIMPSE_CLEANROOT_SETUP" "$root"; fi
}

# remove_root ROOT: with what is mounted in it taken off first.
remove_root() {
  umount -R "$1/dev" "$1/proc" 2>/dev/null || true
  rm -rf --one-file-system "$1"
}

# in_root ROOT COMMAND...: runs it there, with an environment of its own. VAR=value may stand before the command.
in_root() {
  local root=$1
  shift
  mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
  mountpoint -q "$root/dev" || mount --rbind /dev "$root/dev"
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    "$@" </dev/null
}
