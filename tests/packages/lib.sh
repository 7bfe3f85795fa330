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

# built_packages SUITE [OPTION...]: builds what is not there yet; prints the folder. Options of packaging/build; --output comes first.
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
  # Its status is for its own failures: it would count shown overrides, and of the tags errors only.
  if ! chroot "$root" env -i PATH=/usr/bin:/bin LANG=C.UTF-8 setpriv --reuid=builder --regid=builder --init-groups \
    sh -c 'cd /tmp/judged && lintian -EviL +pedantic --show-overrides --fail-on none --color never ./*.changes' \
    >"build/packages/$suite-lintian.log" 2>&1 || grep -E '^[EWIPXC]: ' "build/packages/$suite-lintian.log"; then
    grep -E '^lintian: |internal error' "build/packages/$suite-lintian.log" | head -n 20
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

part_armpackages() {
  can_build_packages || return
  [ "$(native_architecture)" = amd64 ] || skip "a cross build starts from amd64" || return
  local suite arch folder bad=0
  for suite in "${package_suites[@]}"; do
    folder=$(built_packages "$suite")
    for arch in arm64 armhf; do
      say "$suite $arch: build, contents"
      built_packages "$suite" --output "build/packages/$suite-$arch" --arch "$arch" >/dev/null
      tests/packages/packages_test.py contents "build/packages/$suite-$arch" || bad=1
      tests/packages/packages_test.py other-architecture "$folder" "build/packages/$suite-$arch" || bad=1
    done
  done
  return "$bad"
}

# main_packages FOLDER: the packages that a user installs.
main_packages() { find "$1" -name '*.deb' ! -name '*-dbgsym_*' | sort; }

part_piuparts() {
  can_build_packages || return
  local suite folder bad=0 tarball
  for suite in "${package_suites[@]}"; do
    folder=$(built_packages "$suite")
    tarball="build/packages/roots/$suite.tar.gz"
    # With systemd, as every machine of ours; it would leave folders of its own behind.
    [ -e "$tarball" ] || mmdebstrap --quiet --variant=minbase --include=systemd "$suite" "$tarball" "$(debian_mirror)"
    say "$suite: install, remove, purge"
    # Packages need each other, so they go together. What a log rotates is none of ours, nor is where apt asks debconf's questions.
    rm -f "build/packages/$suite-piuparts.log"
    # shellcheck disable=SC2046
    if piuparts --basetgz "$tarball" --distribution "$suite" --mirror "$(debian_mirror) main" --skip-logrotatefiles-test \
      --no-upgrade-test --ignore /var/cache/debconf/tmp.ci/ --log-file "build/packages/$suite-piuparts.log" --log-level info \
      $(main_packages "$folder") >/dev/null; then
      say "piuparts: nothing is left"
    else
      grep -E 'ERROR|FAIL|WARN' -A 20 "build/packages/$suite-piuparts.log" | head -n 40
      bad=1
    fi
  done
  return "$bad"
}

part_autopkgtest() {
  can_build_packages || return
  local suite folder bad=0 status
  for suite in "${package_suites[@]}"; do
    folder=$(built_packages "$suite")
    say "$suite: the packages' own tests"
    status=0
    tests/packages/autopkgtest "$suite" "$folder" >"build/packages/$suite-autopkgtest.log" 2>&1 || status=$?
    grep -E ' (PASS|FAIL|SKIP|FLAKY)( |$)' "build/packages/$suite-autopkgtest.log" | sort -u || true
    # 2: passed, some were skipped; units needs a machine of its own, which the part acceptance has.
    case $status in
      0 | 2) ;;
      *)
        tail -n 40 "build/packages/$suite-autopkgtest.log"
        bad=1
        ;;
    esac
  done
  return "$bad"
}

# Debian 13: the machine's kernel and its libcamera are that release's.
part_machine() {
  can_build_packages || return
  can_run_machines || return
  local arch first next bad=0
  for arch in amd64 arm64; do
    first=build/packages/trixie-$arch next=build/packages/trixie-next-$arch
    built_packages trixie --output "$first" --arch "$arch" >/dev/null
    built_packages trixie --output "$next" --arch "$arch" --version "$(next_version)" >/dev/null
    say "$arch: from installation to purge, and a camera, in a machine"
    tests/acceptance/vm "$arch" "$first" "$next" || bad=1
  done
  return "$bad"
}

part_acceptance() {
  can_build_packages || return
  local suite folder next bad=0
  build dev depthwise_model
  build/dev/tests/depthwise_model build/dev/tests/depthwise_model.tflite
  for suite in "${package_suites[@]}"; do
    folder=$(built_packages "$suite")
    next="build/packages/$suite-next-$(native_architecture)"
    built_packages "$suite" --output "$next" --version "$(next_version)" >/dev/null
    say "$suite: from installation to purge, in a container"
    tests/acceptance/container "$suite" "$folder" "$next" || bad=1
    say "$suite: the same with packages that are broken on purpose"
    tests/acceptance/sabotage "$suite" "$folder" "$next" || bad=1
    say "$suite: a kernel by the installed document"
    tests/acceptance/author "$suite" "$folder" build/dev/tests/depthwise_model.tflite || bad=1
  done
  return "$bad"
}
