# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A Debian folder booted under systemd, as a container. Sourced, not run; root and systemd-nspawn are needed.

# boot_container NAME ROOT LOG: boots ROOT. Sets `container_init`, the process id of its systemd as seen from here; what is run
# inside enters its namespaces. The console goes to LOG.
boot_container() {
  local name=$1 root=$2 log=$3 child
  # A cgroup tree of version 2 of its own, and devices that can be closed: DevicePolicy= is to be real.
  # shellcheck disable=SC2016
  unshare --mount --propagation private bash -c '
    umount -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && mkdir -p "/sys/fs/cgroup/$1"
    echo $$ >"/sys/fs/cgroup/$1/cgroup.procs"
    exec systemd-nspawn --quiet --keep-unit --register=no -M "$1" -D "$2" --console=read-only --capability=all \
      --system-call-filter=bpf -b' sh "$name" "$root" </dev/null >"$log" 2>&1 &
  container_nspawn=$!
  container_init=
  # The container's first process is the only child of nspawn that is called systemd.
  for _ in $(seq 300); do
    for child in $(pgrep -P "$container_nspawn" -x systemd || true); do container_init=$child; done
    [ -z "$container_init" ] || return 0
    kill -0 "$container_nspawn" 2>/dev/null || break
    sleep 0.1
  done
  echo "the container did not boot:" >&2
  cat "$log" >&2
  return 1
}

# stop_container: ends it, if it runs.
stop_container() {
  if [ -n "${container_nspawn:-}" ] && kill -0 "$container_nspawn" 2>/dev/null; then
    kill "$container_nspawn" 2>/dev/null || true
    wait "$container_nspawn" 2>/dev/null || true
  fi
  container_nspawn=
}
