#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The life of the packages on one machine, from installation to purge, in TAP. Run as root inside the machine: a container or
# a virtual machine that runs systemd, and that may be thrown away afterwards.
#
#     steps.sh FIRST SECOND
#
# Two folders with a package index (apt's "./" form), the second with a higher version; what they lack comes from apt's other
# sources, if there are any. Needs nothing but a minimal Debian with systemd.
set -u
first=$1
second=$2
config=/etc/glimpsed
extra=$config/conf.d/acceptance.yaml
started_id=12b55d82639546a889af64c1e5a7ad1d
# shellcheck source=tests/acceptance/tap.sh
. "$(dirname "$0")/tap.sh"

now() { date +%s.%N; }
seconds_since() { awk -v begin="$1" -v end="$(now)" 'BEGIN { printf "%.1f", end - begin }'; }
property() { systemctl show glimpsed.service -p "$1" --value; }
# How often the daemon has told the journal that it serves.
starts() {
  journalctl --sync 2>/dev/null
  journalctl -u glimpsed -o cat --no-pager "MESSAGE_ID=$started_id" | grep -c serves
}
sockets() { stat -c '%n %i %U %G %a' /run/glimpsed/glimpsed.sock /run/glimpsed/control.sock; }

# right_answers COUNT: so many predictions, each that of its picture: 0007_3.png shows a 3.
right_answers() {
  as member timeout 60 glimpse watch --count "$1" >"$work/predictions" || return
  awk '{ shown = $NF; sub(/.*_/, "", shown); sub(/\..*/, "", shown); seen = $0; sub(/.*: /, "", seen); sub(/ .*/, "", seen)
         if (seen == shown) right++; else print }
       END { printf "%d of %d right\n", right, NR; exit NR == 0 || right < NR }' "$work/predictions"
}
# kernels_are PLUGIN: every operator that any plugin computes is computed by this one.
kernels_are() {
  ask kernels --json >"$work/kernels" || return
  grep -o '"plugin": *"[^"]*"' "$work/kernels" | sort | uniq -c
  [ "$(grep -o '"plugin": *"[^"]*"' "$work/kernels" | sed 's/.*: *"//; s/"//' | grep -v '^$' | sort -u)" = "$1" ]
}
# Units with a mistake mostly run all the same: systemd leaves out what it does not know, such as a protection.
units_are_right() {
  systemd-analyze verify --man=no glimpsed.service glimpsed.socket glimpsed-control.socket >"$work/verdict" 2>&1
  cat "$work/verdict"
  [ ! -s "$work/verdict" ]
}
# The plugins that the package has for this processor are loaded; a missing one would only make it slower.
plugins_are_there() {
  case $(dpkg --print-architecture) in
    amd64) wanted="reference detection avx2 avx512vnni" ;;
    arm64) wanted="reference detection neon dotprod" ;;
    *) wanted="reference detection" ;;
  esac
  glimpse plugins >"$work/plugins" || { cat "$work/plugins"; return 1; }
  for plugin in $wanted; do
    grep -q ": plugin $plugin " "$work/plugins" || { echo "no plugin $plugin"; return 1; }
  done
}
nothing_is_left() {
  {
    find / -xdev \( -path /proc -o -path /sys -o -path /srv -o -path /tmp -o -path /var/lib/apt -o -path /var/cache/apt \
      -o -path /var/log -o -path "$work" -o -path /etc/apt \) -prune -o \( -name '*glimpse*' -o -name '*Glimpse*' \) -print
    find /run -xdev -name '*glimpse*'
    getent passwd glimpsed
    getent group glimpsed glimpsed-admin
    systemctl list-unit-files --no-legend 'glimpsed*'
    systemctl list-units --all --no-legend 'glimpsed*'
    dpkg-query -W -f='${Package} ${db:Status-Abbrev}\n' 'glimpse*' 'libglimpse*' 'python3-glimpse*' 2>/dev/null | grep -v ' un'
  } >"$work/left"
  cat "$work/left"
  [ ! -s "$work/left" ]
}

# --- Install ---
check "apt reads the repository" use "$first"
begin=$(now)
check "apt-get install glimpsed" install install glimpsed
useradd --system --groups glimpsed member
useradd --system --groups glimpsed-admin admin
useradd --system stranger
check "a member of the group glimpsed gets a prediction" as member timeout 60 glimpse watch --count 1
note "from apt-get install to the first prediction: $(seconds_since "$begin") s"
check "systemd has no complaint about the units" units_are_right
check "all plugins of this architecture are loaded" plugins_are_there
end_if_broken
note "installed: $(dpkg-query -W -f='${Package} ${Version} ${Installed-Size} KiB, ' glimpsed glimpse-tools)"
check "the service is active" systemctl is-active glimpsed.service
check "service and sockets are enabled" systemctl is-enabled glimpsed.service glimpsed.socket glimpsed-control.socket
check "the sockets are active" systemctl is-active glimpsed.socket glimpsed-control.socket
check "the read socket is for the group glimpsed" is "$(stat -c '%U %G %a' /run/glimpsed/glimpsed.sock)" "root glimpsed 660"
check "the control socket is for glimpsed-admin" is "$(stat -c '%U %G %a' /run/glimpsed/control.sock)" "root glimpsed-admin 660"
check "50 pictures are read right" right_answers 50
check "glimpse doctor has no complaint" glimpse doctor
check "glimpse works without the daemon" glimpse classify /usr/share/glimpsed/demo/0000_1.png
check "who is in no group is refused" refused as stranger timeout 60 glimpse latest
check "and told why" said "permission denied"
check "who may read may not control" refused as member timeout 60 glimpse pause
check "and is told who may" said glimpsed-admin
check "who may control pauses" as admin timeout 60 glimpse pause
check "and resumes" as admin timeout 60 glimpse resume
for page in man1/glimpse.1 man5/glimpsed.yaml.5 man7/glimpsed-protocol.7 man8/glimpsed.8; do
  check "the manual has ${page#*/}" test -s "/usr/share/man/$page.gz"
done
end_if_broken

# --- Other kernels by configuration ---
check "the daemon's user may not write the configuration" refused as glimpsed sh -c "echo >$extra"
echo 'pipelines: {digits: {kernels: {use: reference}}}' >"$extra"
pid=$(property MainPID)
check "systemctl reload takes other kernels" systemctl reload glimpsed
check "they compute" kernels_are reference
check "in the same process" is "$(property MainPID)" "$pid"
check "with the same answers" right_answers 20
echo 'nonsense: 1' >"$extra"
check "a reload with a mistake is refused" refused systemctl reload glimpsed
check "and the old state serves on" right_answers 20
echo 'pipelines: {digits: {kernels: {use: reference}}}' >"$extra"

# --- Upgrade ---
echo '# a line of the administrator' >>"$config/glimpsed.yaml"
before=$(starts) old_version=$(version_of glimpsed)
sockets >"$work/sockets"
(
  while [ ! -e "$work/upgraded" ]; do
    # On a slow machine it says that it waits, which is no refusal.
    as member timeout 60 glimpse latest >/dev/null 2>"$work/asked" || { cat "$work/asked" && echo refused; } >>"$work/refusals"
    sleep 0.1
  done
) &
asking=$!
use "$second" >/dev/null 2>&1
check "apt-get upgrade to the second version" install install glimpsed
touch "$work/upgraded"
wait "$asking"
check "the version is another one" refused is "$(version_of glimpsed)" "$old_version"
check "it was restarted once" is "$(starts)" "$((before + 1))"
check "in a new process" refused is "$(property MainPID)" "$pid"
check "the sockets are those of before" is "$(sockets)" "$(cat "$work/sockets")"
check "no client was refused meanwhile" refused test -s "$work/refusals"
[ ! -s "$work/refusals" ] || sed 's/^/# /' "$work/refusals" | sort | uniq -c | head -n 5
check "the changed file is kept" grep -q 'line of the administrator' "$config/glimpsed.yaml"
check "what is beside it, too" grep -q reference "$extra"
check "and holds" kernels_are reference
check "it predicts" right_answers 20

# --- A stopped daemon ---
systemctl stop glimpsed.service 2>/dev/null
use "$first" >/dev/null 2>&1
check "apt-get goes back to the first version" install install "glimpsed=$old_version" "glimpse-tools=$old_version"
check "a daemon that was stopped stays so" is "$(systemctl is-active glimpsed.service)" inactive
check "until somebody asks" right_answers 20

# --- An upgrade to a version that refuses the configuration ---
echo 'nonsense: 1' >"$extra"
pid=$(property MainPID)
use "$second" >/dev/null 2>&1
check "apt-get upgrade with a configuration that is refused ends well" install install glimpsed
check "and tells file, line and column" said "acceptance.yaml:1:1: unknown key 'nonsense'"
journalctl --sync
check "the journal tells it, too" sh -c "journalctl -t glimpsed -n 20 -o cat --no-pager | grep -q \"acceptance.yaml:1:1: unknown key\""
check "the old process serves on" is "$(property MainPID)" "$pid"
check "it predicts" right_answers 20
rm "$extra"
check "once it is corrected, a restart is all" systemctl restart glimpsed
check "the new version predicts" right_answers 20

# --- Installing where the configuration is refused from the start ---
systemctl stop glimpsed.service 2>/dev/null
echo 'nonsense: 1' >"$extra"
systemctl start glimpsed.service 2>/dev/null
check "apt-get reinstall of a daemon that could not start ends well" install install --reinstall glimpsed
check "and tells why it does not run" said "was not started, because it refuses"
rm "$extra"
check "after the correction a reinstallation starts it" install install --reinstall glimpsed
check "it predicts" right_answers 20

# --- Remove ---
check "apt-get remove" install remove glimpsed
check "nothing runs" refused sh -c "cat /proc/[0-9]*/comm 2>/dev/null | grep -qx glimpsed"
check "the sockets are gone" refused test -e /run/glimpsed
check "the configuration stays" test -e "$config/glimpsed.yaml"
check "apt-get install after it" install install glimpsed
check "it predicts" right_answers 20

# --- Purge ---
mkdir -p "$config/models"
touch "$config/models/mine.tflite" "$config/conf.d/mine.yaml"
check "apt-get purge" install purge --auto-remove glimpsed glimpse-tools
rm -f /etc/apt/sources.list.d/glimpsed-acceptance.list
check "nothing is left" nothing_is_left

end
