#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is in the packages that packaging/build made, in TAP.

    packages_test.py contents FOLDER          of one architecture: which packages, files, dependencies, owners, paths
    packages_test.py same FOLDER OTHER        two builds of one commit are the same, byte for byte
    packages_test.py other-architecture FOLDER OTHER   the contents are the same but for what names the architecture
"""

import hashlib
import pathlib
import re
import subprocess
import sys

PACKAGES = {"glimpsed", "glimpse-tools", "glimpsed-libcamera", "libglimpse-dev", "python3-glimpsed"}
KERNELS = {"amd64": {"avx2", "avx512vnni"}, "arm64": {"neon", "dotprod"}, "armhf": set()}
TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu", "armhf": "arm-linux-gnueabihf"}
# What the daemon must not need, in the names of packages.
UNWANTED = re.compile(r"python|opencv|tensorflow|tflite|libcamera|systemd[0-9]|libcrypto|libssl")

# Libraries that both programs call, by the beginning of their packages' names; some are opened only when they are needed, and a
# package that forgot them would fail at the first picture.
LIBRARIES = ("libpng16", "libturbojpeg", "zlib1g", "libminizip", "libnettle", "libyaml-cpp")

# What a user looks for, in the package where it belongs. K stands for a name of the architecture's kernels.
FILES = {
    "glimpsed": [
        "/etc/glimpsed/glimpsed.yaml", "/etc/glimpsed/conf.d/", "/usr/bin/glimpsed", "/usr/lib/sysusers.d/glimpsed.conf",
        "/usr/lib/tmpfiles.d/glimpsed.conf",
        "{units}/glimpsed.service", "{units}/glimpsed.socket", "{units}/glimpsed-control.socket",
        "/usr/share/man/man8/glimpsed.8.gz", "/usr/share/man/man5/glimpsed.yaml.5.gz",
        "/usr/share/man/man7/glimpsed-protocol.7.gz", "/usr/share/doc/glimpsed/protocol.md",
        "/usr/share/doc/glimpsed/drop-ins/metrics-http.conf", "/usr/share/glimpsed/demo/0000_1.png"],
    "glimpse-tools": [
        "/usr/bin/glimpse", "/usr/share/man/man1/glimpse.1.gz", "/usr/share/bash-completion/completions/glimpse",
        "/usr/share/glimpsed/models/digits-28x28.tflite", "/usr/share/glimpsed/models/digits-28x28.tflite.golden",
        "/usr/share/glimpsed/models/digits.txt",
        "/usr/lib/{triplet}/glimpsed/kernels/libglimpse-ops-reference.so",
        "/usr/lib/{triplet}/glimpsed/kernels/libglimpse-ops-detection.so"],
    "glimpsed-libcamera": ["/usr/lib/{triplet}/glimpsed/sources/glimpse-source-libcamera.so",
                           "{udev}/rules.d/60-glimpsed-libcamera.rules"],
    "libglimpse-dev": ["/usr/include/glimpse/op_abi.h", "/usr/include/glimpse/sdk.h",
                       "/usr/share/doc/glimpsed/examples/plugin/plugin.cc"],
    "python3-glimpsed": ["/usr/lib/python3/dist-packages/glimpsed/__init__.py",
                         "/usr/lib/python3/dist-packages/glimpsed/py.typed"],
}


def output_of(*command):
    """What a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Package:
    """One .deb file."""

    def __init__(self, path):
        self.path = path
        self.fields = dict(line.split(": ", 1) for line in output_of("dpkg-deb", "-f", path).splitlines()
                           if re.match(r"\S+: ", line))
        self.name, self.arch = self.fields["Package"], self.fields["Architecture"]

    def listing(self):
        """(mode, owner, path, target) of each member; folders end in a slash."""
        for line in output_of("dpkg-deb", "-c", self.path).splitlines():
            mode, owner, _, _, _, name = line.split(None, 5)
            name, _, target = name.partition(" -> ")
            yield mode, owner, name[1:], target

    def paths(self):
        return {path for _, _, path, _ in self.listing()}

    def depends(self):
        return [re.sub(r"[ (:].*", "", one) for part in self.fields.get("Depends", "").split(", ") for one in part.split(" | ")]

    def content(self):
        """All files as one tar archive."""
        return subprocess.run(["dpkg-deb", "--fsys-tarfile", self.path], check=True, capture_output=True).stdout


def packages_in(folder, *, debug=False):
    found = [Package(path) for path in sorted(pathlib.Path(folder).glob("*.deb"))]
    return {package.name: package for package in found if debug or not package.name.endswith("-dbgsym")}


class Tap:
    """Counts and prints results."""

    def __init__(self):
        self.count = self.failed = 0

    def check(self, sentence, problems):
        self.count += 1
        problems = list(problems)
        self.failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.count} - {sentence}")
        for problem in problems[:20]:
            print(f"# {problem}")

    def end(self):
        print(f"1..{self.count}")
        return 1 if self.failed else 0


def expected(package, paths):
    """The files that must be in it."""
    units = "/usr/lib/systemd/system" if any(path.startswith("/usr/lib/systemd") for path in paths) else "/lib/systemd/system"
    udev = "/usr/lib/udev" if any(path.startswith("/usr/lib/udev") for path in paths) else "/lib/udev"
    names = {"units": units, "udev": udev, "triplet": TRIPLETS.get(package.arch, "")}
    return [path.format(**names) for path in FILES[package.name]]


def contents(folder):
    tap = Tap()
    packages = packages_in(folder)
    arch = next((package.arch for package in packages.values() if package.arch != "all"), "none")
    # What does not depend on the architecture is built natively only.
    wanted = {name for name in PACKAGES if name != "python3-glimpsed" or name in packages or not is_cross(folder)}
    tap.check(f"the packages of {arch} are there", [f"{name} is missing" for name in sorted(wanted - set(packages))] +
              [f"{name} is not expected" for name in sorted(set(packages) - PACKAGES)])
    versions = {package.fields["Version"] for package in packages.values()}
    tap.check("they have one version, which names the Debian release",
              [] if len(versions) == 1 and re.search(r"~deb1[23]u1$", min(versions)) else versions)
    for name, package in packages.items():
        listing = list(package.listing())
        paths = {path for _, _, path, _ in listing}
        tap.check(f"{name} has what belongs into it", [f"{path} is missing" for path in expected(package, paths) if path not in paths])
        tap.check(f"{name}: all is root's, and nothing is writable by others or set-id",
                  [f"{mode} {owner} {path}" for mode, owner, path, _ in listing
                   if owner != "root/root" or (mode[0] != "l" and (mode[5] == "w" or mode[8] == "w")) or "s" in mode.lower()])
        content = package.content()
        tap.check(f"{name}: no name of the folder it was built in",
                  [f"{word} is in it" for word in ("/build/glimpsed", "/srv/elsewhere", "/obj-") if word.encode() in content])
        conffiles = subprocess.run(["dpkg-deb", "-I", package.path, "conffiles"], capture_output=True, text=True, check=False).stdout
        tap.check(f"{name}: conffiles", set(conffiles.split()) ^ ({"/etc/glimpsed/glimpsed.yaml"} if name == "glimpsed" else set()))
    if "glimpse-tools" in packages:
        kernels = {re.sub(r".*libglimpse-ops-|\.so$", "", path) for path in packages["glimpse-tools"].paths() if path.endswith(".so")}
        tap.check("the kernels are those of the architecture", kernels ^ ({"reference", "detection"} | KERNELS[arch]))
    for name in ("glimpsed", "glimpse-tools"):
        needs = packages[name].depends()
        print(f"# {name}: {packages[name].fields['Installed-Size']} KiB installed; depends on {', '.join(sorted(needs))}")
        tap.check(f"{name} depends on the libraries that it calls",
                  [library for library in LIBRARIES if not any(need.startswith(library) for need in needs)])
        tap.check(f"{name} needs no Python, TensorFlow, OpenCV, libcamera", [need for need in needs if UNWANTED.search(need)])
    return tap.end()


def is_cross(folder):
    return not list(pathlib.Path(folder).glob("*_all.deb"))


def same(folder, other):
    tap = Tap()
    here, there = ({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in pathlib.Path(where).glob("*.deb")}
                   for where in (folder, other))
    tap.check("both builds have the same packages", set(here) ^ set(there) or ([] if here else ["there are none"]))
    for name in sorted(set(here) & set(there)):
        tap.check(f"{name}: {here[name][:16]}", [] if here[name] == there[name] else [f"the other is {there[name]}"])
    return tap.end()


def without_architecture(package):
    """Its paths, with the architecture's names taken out; kernels of its own are left out, and folders of separate debug data."""
    own = "|".join(KERNELS[package.arch]) or "-"
    return {path.replace(TRIPLETS[package.arch], "TRIPLET") for path in package.paths() if not re.search(rf"libglimpse-ops-({own})\.so", path)}


def other_architecture(folder, other):
    tap = Tap()
    here, there = packages_in(folder), packages_in(other)
    here = {name: package for name, package in here.items() if package.arch != "all"}
    there = {name: package for name, package in there.items() if package.arch != "all"}
    tap.check("both have the same packages", set(here) ^ set(there) or ([] if here else ["there are none"]))
    for name in sorted(set(here) & set(there)):
        tap.check(f"{name}: {there[name].arch} has what {here[name].arch} has",
                  without_architecture(here[name]) ^ without_architecture(there[name]))
    return tap.end()


if __name__ == "__main__":
    actions = {"contents": (contents, 1), "same": (same, 2), "other-architecture": (other_architecture, 2)}
    action, wanted_arguments = actions.get(sys.argv[1] if len(sys.argv) > 1 else "", (None, 0))
    if action is None or len(sys.argv) != 2 + wanted_arguments:
        sys.exit(__doc__.strip())
    sys.exit(action(*sys.argv[2:]))
