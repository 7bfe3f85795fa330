# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A Debian container under systemd that packages are tried in, and thrown away with. Sourced, not run, in the root of the tree,
# after tools/lib.sh and packaging/roots.sh; own_mounts comes first. Root, mmdebstrap and systemd-nspawn are needed.
# shellcheck source=tests/systemd/container.sh
. tests/systemd/container.sh

# new_machine SUITE: a bare Debian with systemd in the folder $machine/root, until the script ends. It comes from a root that
# stays in build/packages/roots.
new_machine() {
  local suite=$1 base=$PWD/build/packages/roots/$1-systemd
  if [ ! -e "$base.made" ]; then
    bare_root "$suite" "$base" systemd systemd-sysv dbus
    rm "$base/usr/sbin/policy-rc.d"
    touch "$base.made"
  fi
  machine=$(mktemp -d "${TMPDIR:-/tmp}/glimpse-acceptance.XXXXXX")
  trap 'stop_container; rm -rf --one-file-system "$machine"' EXIT
  cp -a "$base" "$machine/root"
  cp tests/acceptance/tap.sh "$machine/root/srv/"
}

# offer NAME FOLDER: the packages in FOLDER become the repository /srv/NAME of the machine.
offer() {
  mkdir -p "$machine/root/srv/$1"
  find "$2" -maxdepth 1 -name '*.deb' ! -name '*-dbgsym_*' -exec cp -t "$machine/root/srv/$1" {} +
  (cd "$machine/root/srv/$1" && dpkg-scanpackages --multiversion . >Packages 2>/dev/null)
}

# inside COMMAND...: runs it in the machine, as root.
inside() {
  nsenter -t "$container_init" -m -u -i -n -p -C -r -w -- \
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@" </dev/null
}

# boot_machine: until its services are there.
boot_machine() {
  boot_container "glimpsed-acceptance-$$" "$machine/root" "$machine/console"
  for _ in $(seq 300); do
    case $(inside systemctl is-system-running 2>/dev/null || true) in running | degraded) break ;; esac
    sleep 0.1
  done
}
