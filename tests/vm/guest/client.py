# SPDX-License-Identifier: Apache-2.0
"""What the tests in the machine use: the daemon's sockets, its unit, the camera on the cable, the report."""

import contextlib
import json
import pathlib
import select
import shutil
import socket
import subprocess
import time

SHARE = pathlib.Path("/share")
CONFIG = pathlib.Path("/etc/glimpsed/glimpsed.yaml")
READ, CONTROL = "/run/glimpsed/glimpsed.sock", "/run/glimpsed/control.sock"
TIMEOUT = 180  # seconds that nothing here should take, emulated as it is


class Failed(Exception):
    """A test's verdict, with what to know."""


def check(condition, *facts):
    if not condition:
        raise Failed(" ".join(map(str, facts)))


def sh(command, *, expect=0, seconds=TIMEOUT):
    """Runs a shell command; what it printed. `expect`: its exit status, None for any."""
    done = subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds,
                          check=False)
    check(expect is None or done.returncode == expect, f"{command}: exit {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def unit(*properties):
    text = sh("systemctl show glimpsed.service " + " ".join(f"-p {name}" for name in properties))
    return dict(line.split("=", 1) for line in text.splitlines())


def nodes(name):
    """Devices of cameras whose name begins so; one may go while it is looked at."""
    found = []
    for node in pathlib.Path("/sys/class/video4linux").glob("video*"):
        with contextlib.suppress(OSError):
            if (node / "name").read_text().startswith(name):
                found.append(f"/dev/{node.name}")
    return found


class Host:
    """The line to the host."""

    def __init__(self, path="/dev/virtio-ports/vm.host"):
        deadline = time.monotonic() + TIMEOUT
        while not pathlib.Path(path).exists():
            if time.monotonic() > deadline:
                raise SystemExit(f"{path} does not appear")
            time.sleep(0.1)
        self.stream = open(path, "r+b", buffering=0)
        self.rest = b""
        self.plugged = ""  # the formats of the camera on the cable

    def say(self, text):
        self.stream.write(text.encode() + b"\n")

    def tap(self, text):
        print(text, flush=True)
        self.say("tap " + text)

    def camera(self, command):
        """Has usb_camera.py do it; the moment when it was done."""
        self.say("camera " + command)
        while b"\n" not in self.rest:
            self.rest += self.stream.read(4096)
        answer, _, self.rest = self.rest.partition(b"\n")
        check(answer.decode().split()[0] == "ok", f"camera {command}: {answer.decode()}")
        verb, _, formats = command.partition(" ")
        if verb in ("plug", "unplug"):
            self.plugged = formats
        return time.monotonic()

    def plug(self, formats):
        """Plugs in a camera of these formats, unless it is."""
        if self.plugged == formats:
            return
        if self.plugged:
            self.camera("unplug")
            # The kernel takes a moment; a device that is about to go is not to be taken for the new one.
            deadline = time.monotonic() + TIMEOUT
            while nodes("Test Camera"):
                check(time.monotonic() < deadline, "the camera's device does not go")
                time.sleep(0.1)
        self.camera("plug " + formats)


class Client:
    """One connection to the daemon."""

    def __init__(self, path=READ):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(path)
        self.buffer, self.waiting, self.last_id = b"", [], 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def read(self, deadline):
        """The next message, None when there is none until then."""
        while b"\n" not in self.buffer:
            if not select.select([self.socket], [], [], max(0, deadline - time.monotonic()))[0]:
                return None
            chunk = self.socket.recv(1 << 16)
            check(chunk, "the daemon closed the connection")
            self.buffer += chunk
        line, _, self.buffer = self.buffer.partition(b"\n")
        return json.loads(line)

    def ask(self, method, **params):
        self.last_id += 1
        self.socket.sendall(json.dumps({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}).encode() + b"\n")
        deadline = time.monotonic() + TIMEOUT
        while (message := self.read(deadline)) is not None:
            if message.get("id") == self.last_id:
                check("result" in message, method, message)
                return message["result"]
            self.waiting.append(message)
        raise Failed(f"no answer to {method} within {TIMEOUT} s")

    def wait_for(self, what, wanted, seconds=TIMEOUT):
        """The first notification (method, params) that `wanted` likes, and the moment when it came."""
        deadline = time.monotonic() + seconds
        while True:
            message = self.waiting.pop(0) if self.waiting else self.read(deadline)
            if message is None:
                raise Failed(f"{what}: not within {seconds} s; {state()}")
            if "method" in message and wanted(message["method"], message["params"]):
                return message["params"], time.monotonic()

    def wait_event(self, name, seconds=TIMEOUT):
        return self.wait_for(f"event {name}", lambda method, params: method == "event" and params["event"] == name, seconds)

    def wait_labels(self, name, seconds=TIMEOUT):
        """Until each region of one frame shows its digit of `name`; the moment when the last came."""
        seen = {}

        def matches(method, params):
            if method != "prediction":
                return False
            labels = seen.setdefault(params["frame"], {})
            labels[params["region"]] = params.get("label") if params["status"] == "ok" else params["reason"]
            if len(seen) > 8:
                del seen[min(seen)]
            return "".join(str(labels.get(f"d{i}")) for i in range(len(name))) == name

        try:
            return self.wait_for(f"the digits {name}", matches, seconds)[1]
        except Failed as failure:
            raise Failed(f"{failure}; last seen {seen}") from None


def state():
    """The daemon's state and the end of its journal, for a failure's report."""
    try:
        with Client() as client:
            cameras = json.dumps(client.ask("status")["cameras"])
    except (OSError, Failed) as error:
        cameras = str(error)
    return cameras + "\n" + sh("journalctl -u glimpsed -n 12 -o cat --no-pager", expect=None)


def serve(text):
    """Has the daemon run with this configuration, by a reload if it runs already; its process id."""
    CONFIG.parent.mkdir(exist_ok=True)
    running = unit("ActiveState")["ActiveState"] == "active"
    if not running or CONFIG.read_text() != text:
        CONFIG.write_text(text)
        verb = "reload" if running else "start"
        done = subprocess.run(["systemctl", verb, "glimpsed"], capture_output=True, text=True, timeout=TIMEOUT, check=False)
        check(done.returncode == 0, f"{verb}:", done.stderr, state())
    return unit("MainPID")["MainPID"]


def keep_logs():
    (SHARE / "out").mkdir(exist_ok=True)
    for name, command in {"journal": "journalctl -b --no-pager -o short-monotonic", "unit": "systemctl status glimpsed --no-pager -l",
                          "devices": "ls -l /dev/video* /dev/media* /dev/dma_heap /dev/udmabuf; cat /proc/devices",
                          "kernel": "dmesg"}.items():
        (SHARE / "out" / f"{name}.log").write_text(sh(command + " 2>&1", expect=None))
    if CONFIG.exists():
        shutil.copy(CONFIG, SHARE / "out")
