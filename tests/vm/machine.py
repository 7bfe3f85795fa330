# SPDX-License-Identifier: Apache-2.0
"""A whole machine under software emulation: a folder is its disk, another one is shared, neither needs an image or an initrd.

Both folders are carried by virtiofs. The guest has no network. Three sockets lead into it: the camera's cable, a line for
commands (/dev/virtio-ports/vm.host inside), and its console, which goes to a file.
"""

import pathlib
import platform
import shutil
import socket
import subprocess
import time

MEMORY = "1G"
QEMU = {
    "amd64": (["qemu-system-x86_64", "-M", "q35,memory-backend=memory", "-cpu", "max"], "ttyS0",
              "tsc=reliable no_timer_check"),
    "arm64": (["qemu-system-aarch64", "-M", "virt,memory-backend=memory", "-cpu", "cortex-a72"], "ttyAMA0", ""),
}
# That of QEMU 7 (Debian 12) and the one that replaced it (Debian 13, package virtiofsd): options differ.
OLD_VIRTIOFSD, NEW_VIRTIOFSD = "/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd"


def missing(arch):
    """What keeps this machine from being one, "" when nothing does."""
    if not shutil.which(QEMU[arch][0][0]):
        return f"{QEMU[arch][0][0]} is missing"
    if not any(pathlib.Path(path).exists() for path in (OLD_VIRTIOFSD, NEW_VIRTIOFSD)):
        return "virtiofsd is missing"
    return ""


class Machine:
    """Runs from its making to stop(). `folder` takes sockets and logs."""

    def __init__(self, arch, root, share, folder):
        self.folder, self.processes = folder, []
        emulator, console, more = QEMU[arch]
        disks = self._share("rootfs", root, "always") + self._share("share", share, "auto")
        self.camera, self.line = folder / "camera.sock", folder / "line.sock"
        kernel = next(iter(sorted((root / "boot").glob("vmlinuz-*"))))
        command = ["nice", "-n", "5", *emulator, "-accel", "tcg,thread=multi", "-smp", "2", "-m", MEMORY, "-nodefaults", "-nographic",
                   "-no-reboot", "-net", "none", "-serial", f"file:{folder / 'console.log'}",
                   "-object", f"memory-backend-memfd,id=memory,size={MEMORY},share=on", *disks,
                   # The slot is part of the camera's id.
                   "-device", "qemu-xhci,id=xhci,addr=0x10",
                   "-chardev", f"socket,id=camera,path={self.camera},server=on,wait=off",
                   "-device", "usb-redir,chardev=camera,bus=xhci.0",
                   "-device", "virtio-serial-pci",
                   "-chardev", f"socket,id=line,path={self.line},server=on,wait=off",
                   "-device", "virtserialport,chardev=line,name=vm.host",
                   "-kernel", str(kernel), "-append",
                   f"root=rootfs rootfstype=virtiofs rw console={console} quiet mitigations=off {more}"]
        self.qemu = self._start("qemu", command)

    def _start(self, name, command):
        with open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    def _share(self, tag, source, cache):
        path = self.folder / f"{tag}.sock"
        if pathlib.Path(OLD_VIRTIOFSD).exists():
            command = [OLD_VIRTIOFSD, f"--socket-path={path}", "-o", f"source={source}", "-o", f"cache={cache}", "-o",
                       "sandbox=chroot", "-o", "xattr", "-o", "log_level=err"]
        else:
            command = [NEW_VIRTIOFSD, f"--socket-path={path}", f"--shared-dir={source}", f"--cache={cache}", "--sandbox=chroot",
                       "--xattr", "--log-level=error"]
        daemon = self._start(f"virtiofsd-{tag}", command)
        while not path.exists():
            if daemon.poll() is not None:
                raise RuntimeError("virtiofsd: " + (self.folder / f"virtiofsd-{tag}.log").read_text())
            time.sleep(0.05)
        return ["-chardev", f"socket,id={tag},path={path}", "-device", f"vhost-user-fs-pci,chardev={tag},tag={tag},queue-size=512"]

    def connect_line(self):
        """The line to the guest; QEMU makes the socket as it starts."""
        while True:
            line = socket.socket(socket.AF_UNIX)
            try:
                line.connect(str(self.line))
                return line
            except OSError:
                line.close()
                if self.qemu.poll() is not None:
                    raise RuntimeError("qemu: " + (self.folder / "qemu.log").read_text()) from None
                time.sleep(0.1)

    def stop(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def native():
    """Debian's name of this machine's architecture."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
