# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The parts of ./check that are about packages. Sourced by it, after tools/lib.sh; build/packages keeps what is built once.

package_suites=(bookworm trixie)
native_architecture() { dpkg --print-architecture; }

# can_build_packages: whether roots can be made here; else says why not.
can_build_packages() {
  [ "$(id -u)" = 0 ] || skip "needs root" || return
  install_groups yes packages
}

# built_packages SUITE [OPTION...]: builds what is not there yet; prints the folder. Options of packaging/build, --output too.
built_packages() {
  local suite=$1 output
  output="build/packages/$suite-$(native_architecture)"
  shift
  if [ "${1:-}" = --output ]; then output=$2; fi
  packaging/build --suite "$suite" --keep "$@" >&2 || return
  printf '%s' "$output"
}

# A version above that of the tree, from the same tree.
next_version() { printf '%s+next' "$(sed -n '1s/.*(\(.*\)).*/\1/p' packaging/debian/changelog)"; }

# judge_by_lintian SUITE FOLDER: every tag is a failure, those that are justified are in overrides.
judge_by_lintian() {
  local suite=$1 folder=$2 root
  root="build/packages/roots/$suite-$(native_architecture)"
  rm -rf "$root/tmp/judged"
  mkdir -p "$root/tmp/judged"
  cp "$folder"/* "$root/tmp/judged/"
  chroot "$root" env -i PATH=/usr/bin:/bin LANG=C.UTF-8 setpriv --reuid=builder --regid=builder --init-groups \
    sh -c 'cd /tmp/judged && lintian -EviL +pedantic --show-overrides --color never ./*.changes' >"build/packages/$suite-lintian.log" 2>&1
  if grep -E '^[EWIPXC]: |^lintian: error|internal error' "build/packages/$suite-lintian.log"; then
    say "lintian: see build/packages/$suite-lintian.log"
    return 1
  fi
  say "lintian: no tag, $(grep -c '^O: ' "build/packages/$suite-lintian.log" || true) overridden"
}

part_packages() {
  can_build_packages || return
  local suite folder bad=0
  for suite in "${package_suites[@]}"; do
    say "$suite: build, contents, lintian"
    folder=$(built_packages "$suite")
    tests/packages/packages_test.py contents "$folder" || bad=1
    judge_by_lintian "$suite" "$folder" || bad=1
    say "$suite: a second build, elsewhere and by another user"
    built_packages "$suite" --output "build/packages/$suite-varied" --vary >/dev/null
    tests/packages/packages_test.py same "$folder" "build/packages/$suite-varied" || bad=1
  done
  return "$bad"
}

part_acceptance() {
  can_build_packages || return
  local suite folder next bad=0
  for suite in "${package_suites[@]}"; do
    folder=$(built_packages "$suite")
    next="build/packages/$suite-next"
    built_packages "$suite" --output "$next" --version "$(next_version)" >/dev/null
    say "$suite: from installation to purge, in a container"
    tests/acceptance/container "$suite" "$folder" "$next" || bad=1
  done
  return "$bad"
}
