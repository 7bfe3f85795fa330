#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Someone writes a kernel with the installed document, and the daemon serves with it, in TAP. Run as root inside a machine that
# runs systemd and may be thrown away.
#
#     author.sh PACKAGES KERNEL
#
# PACKAGES: a repository (apt's "./" form); a compiler comes from apt's other sources. KERNEL: a folder with the document's files,
# its commands as commands.sh, and in the file `expected` patterns that they must print.
set -u
packages=$1
kernel=$2
extra=/etc/glimpsed/conf.d/kernel.yaml
# shellcheck source=tests/acceptance/tap.sh
. "$(dirname "$0")/tap.sh"

served_by() { ask kernels --json >"$work/kernels" && cat "$work/kernels" && grep -q "\"$1\"" "$work/kernels"; }
# predictions_of PIPELINE: of the next frames; one line for each picture that was shown: what was seen in it, and the score.
predictions_of() {
  as member timeout 60 glimpse watch --count 400 >"$work/watched" || return
  sed -n "s|.* $1 frame [0-9]*: \([^ ]* ([0-9.]*)\) \([^ ,]*\).*|\2 \1|p" "$work/watched" | sort -u
}

check "apt reads the repository" use "$packages"
check "apt-get install libglimpse-dev and a compiler" install install libglimpse-dev bash cmake g++ make pkgconf
check "no daemon came along" refused test -e /usr/bin/glimpsed
useradd --create-home --home-dir /srv/author author
cp -r "$kernel" /srv/author/kernel
chown -R author: /srv/author/kernel
check "the document's commands, as an ordinary user" as author sh -c 'cd /srv/author/kernel && exec bash commands.sh'
cp "$work/said" "$work/commands"
while read -r pattern; do
  check "they say $pattern" grep -E -- "$pattern" "$work/commands"
done <"$kernel/expected"
grep -E '^# [0-9]+ passed|passed, [0-9]+ failed' "$work/commands" | head -n 1
end_if_broken

check "apt-get install glimpsed" install install glimpsed
useradd --system --groups glimpsed member
check "cmake --install puts the plugin beside the others" cmake --install /srv/author/kernel/build --prefix /usr
mkdir -p /etc/glimpsed/models
cp "$kernel/model.tflite" /etc/glimpsed/models/
pipeline() {
  cat >"$extra" <<END
cameras: {demo: {fps: 50}}
pipelines: {mine: {camera: demo, model: model.tflite, kernels: {use: $1}}}
END
}
pipeline "reference"
check "the daemon takes the model with the plain kernels" ask reload
check "all of the pipeline is computed by them" refused served_by com.example.mine.depthwise_conv_2d
predictions_of mine >"$work/plain"
pipeline "auto, override: {DEPTHWISE_CONV_2D: mine}"
check "glimpse reload takes the kernel without a restart" ask reload
check "it computes" served_by com.example.mine.depthwise_conv_2d
predictions_of mine >"$work/mine"
check "predictions are served" test -s "$work/mine"
check "and are those of the plain kernels, picture for picture" diff "$work/plain" "$work/mine"
answers=$(cut -d' ' -f2- "$work/mine" | sort -u | wc -l)
note "$(wc -l <"$work/mine") pictures, $answers different answers"
check "which are not all alike" test "$answers" -gt 1
end
