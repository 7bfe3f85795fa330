# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What steps of acceptance share, in plain sh: checks that print TAP, users, apt. Sourced, not run, inside the machine that is
# tried; it makes the folder $work.
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
work=$(mktemp -d)
count=0 failures=0

# check SENTENCE COMMAND...: one line of TAP; what the command printed is shown when it fails, and is in $work/said for the next.
check() {
  sentence=$1
  shift
  count=$((count + 1))
  if "$@" >"$work/saying" 2>&1; then
    echo "ok $count - $sentence"
  else
    failures=$((failures + 1))
    echo "not ok $count - $sentence"
    sed 's/^/# /' "$work/saying"
    # What systemd and the daemon said, and what the package's script did.
    journalctl _SYSTEMD_UNIT=glimpsed.service + UNIT=glimpsed.service + SYSLOG_IDENTIFIER=glimpsed -n 10 -o short-precise --no-pager \
      2>&1 | sed 's/^/# journal: /'
  fi
  mv "$work/saying" "$work/said"
}
note() { echo "# $*"; }
# end_if_broken: where the first steps fail, all others would only say it again.
end_if_broken() {
  [ "$failures" -gt 0 ] || return 0
  echo "Bail out! $failures of the first $count checks failed, the others rest on them"
  rm -rf "$work"
  exit 1
}
end() {
  echo "1..$count"
  note "$((count - failures)) passed, $failures failed"
  rm -rf "$work"
  [ "$failures" -eq 0 ]
}

as() {
  user=$1
  shift
  setpriv --reuid="$user" --regid="$user" --init-groups "$@"
}
# ask COMMAND...: glimpse, which would wait for ever where systemd holds the socket of a daemon that does not start.
ask() { timeout 60 glimpse "$@"; }
# refused COMMAND...: it ends, and fails.
refused() {
  "$@"
  case $? in 0 | 124) return 1 ;; esac
}
said() { grep -q -- "$1" "$work/said" || { cat "$work/said"; return 1; }; }
is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; return 1; }; }

# use REPOSITORY: apt sees this version.
use() {
  echo "deb [trusted=yes] file:$1 ./" >/etc/apt/sources.list.d/glimpsed-acceptance.list
  apt-get -q update
}
install() { apt-get -q -y --no-install-recommends --allow-downgrades "$@"; }
version_of() { dpkg-query -W -f='${Version}' "$1"; }
