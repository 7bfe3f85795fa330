# SPDX-License-Identifier: Apache-2.0
"""Starts a real glimpsed on sockets of its own, and talks to it. Standard library only."""

import json
import os
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

GLIMPSED = os.environ["GLIMPSED"]
GLIMPSE = os.environ["GLIMPSE"]
SOURCE = pathlib.Path(os.environ["GLIMPSE_SOURCE_FOLDER"])
SANITIZED = bool(os.environ.get("GLIMPSE_SANITIZED"))
LONG = bool(os.environ.get("GLIMPSE_LONG"))
MODEL = SOURCE / "config" / "models" / "digits-28x28.tflite"
TIMEOUT = 120  # seconds that nothing here should take; reached only when something hangs

FONT = ["01110100011001110101110011000101110", "00100011000010000100001000010001110",
        "01110100010000100110010001000011111", "11111000100010000010000011000101110",
        "00010001100101010010111110001000010", "11111100001111000001000011000101110",
        "00110010001000011110100011000101110", "11111000010001000100010000100001000",
        "01110100011000101110100011000101110", "01110100011000101111000010001001100"]


def digit_pgm(digit, shift):
    """A dark digit on light paper, 40 x 48 pixels, as PGM."""
    width, height, scale = 40, 48, 5
    pixels = bytearray([225] * (width * height))
    for row in range(7):
        for column in range(5):
            if FONT[digit][row * 5 + column] == "1":
                for y in range(scale):
                    start = (6 + row * scale + y) * width + 4 + shift + column * scale
                    pixels[start:start + scale] = bytes([40] * scale)
    return b"P5\n%d %d\n255\n" % (width, height) + bytes(pixels)


class Client:
    """One connection. Notifications that arrive before an answer are kept in order."""

    def __init__(self, path, receive_buffer=None):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(TIMEOUT)
        self.socket.connect(str(path))
        self.buffer = b""
        self.waiting = []
        self.last_id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def read_line(self):
        """The next line as an object, or None at the end of the stream."""
        while b"\n" not in self.buffer:
            chunk = self.socket.recv(65536)
            if not chunk:
                return None
            self.buffer += chunk
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def ask(self, method, **params):
        """The whole answer."""
        self.last_id += 1
        request = {"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params}
        self.send(json.dumps(request).encode() + b"\n")
        while True:
            message = self.read_line()
            if message is None:
                raise ConnectionError("the daemon closed the connection")
            if message.get("id") == self.last_id and "method" not in message:
                return message
            self.waiting.append(message)

    def result(self, method, **params):
        answer = self.ask(method, **params)
        if "result" not in answer:
            raise AssertionError(answer)
        return answer["result"]

    def next(self, method="prediction"):
        """The params of the next notification of that kind; others before it are thrown away."""
        while True:
            message = self.waiting.pop(0) if self.waiting else self.read_line()
            if message is None:
                return None
            if message.get("method") == method:
                return message["params"]


class Daemon:
    """glimpsed with a folder of its own. `config` may use {folder}, {model}, {pictures}."""

    def __init__(self, config=None, pictures=20, environment=None, files=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="glimpsed-test-"))
        self.pictures = self.folder / "pictures"
        self.pictures.mkdir()
        for index in range(pictures):
            (self.pictures / f"{index:04d}.pgm").write_bytes(digit_pgm(index % 10, index // 10 % 7))
        for name, content in (files or {}).items():
            (self.folder / name).write_bytes(content)
        self.read = self.folder / "read.sock"
        self.control = self.folder / "control.sock"
        self.config = self.folder / "glimpsed.yaml"
        self.environment = dict(os.environ, **(environment or {}))
        self.process = None
        self.notify = None
        self.open_files = []
        self.configure(config or DEFAULT)

    def configure(self, config):
        sockets = ("sockets:\n  read: {path: %s, group: \"\"}\n  control: {path: %s, group: \"\"}\n"
                   % (self.read, self.control))
        if "sockets:" in config:
            sockets = ""
        text = config.replace("{folder}", str(self.folder)).replace("{model}", str(MODEL))
        self.config.write_text(sockets + text.replace("{pictures}", str(self.pictures)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.close_files()
        shutil.rmtree(self.folder)

    @staticmethod
    def take_notifications(notify, notifications):
        """Until the socket is shut down."""
        while text := notify.recv(65536):
            notifications.put(text.decode())

    def close_files(self):
        if self.notify:
            self.notify.shutdown(socket.SHUT_RDWR)
            self.notify.close()
            self.notify = None
        for file in self.open_files:
            file.close()
        self.open_files = []

    def start(self, **popen):
        """Returns once the daemon says READY=1, or raises with its log."""
        self.close_files()
        notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notify.bind(str(self.folder / "notify"))
        # Taken as they come, as systemd does: a daemon whose datagrams nobody takes waits for room to send the next.
        self.notifications = queue.SimpleQueue()
        threading.Thread(target=self.take_notifications, args=(notify, self.notifications), daemon=True).start()
        environment = dict(self.environment, NOTIFY_SOCKET=str(self.folder / "notify"))
        log = open(self.folder / "log", "wb")
        self.open_files = [log]
        self.notify = notify
        self.process = subprocess.Popen(popen.pop("command", [GLIMPSED, "--config", str(self.config)]),
                                        env=environment, stdout=log, stderr=log, **popen)
        self.await_notify("READY=1")
        return self

    def await_notify(self, wanted):
        """The next datagram to systemd that holds `wanted`."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            try:
                text = self.notifications.get(timeout=0.2)
            except queue.Empty:
                if self.process.poll() is not None:
                    raise AssertionError(f"glimpsed ended with {self.process.returncode}: {self.read_log()}")
                continue
            if wanted in text.split("\n"):
                return text
        raise AssertionError(f"no {wanted}: {self.read_log()}")

    def read_log(self):
        return (self.folder / "log").read_text(errors="replace")

    def await_log(self, text):
        """Until the log has this: a thread of its own writes it."""
        deadline = time.monotonic() + TIMEOUT
        while text not in self.read_log():
            if time.monotonic() > deadline:
                raise AssertionError(f"'{text}' is not in the log: {self.read_log()}")
            time.sleep(0.02)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT)

    def run_to_end(self, *arguments):
        """For a start that fails: exit status and what was said."""
        done = subprocess.run([GLIMPSED, "--config", str(self.config), *arguments], env=self.environment,
                              capture_output=True, text=True, timeout=TIMEOUT)
        return done.returncode, done.stdout, done.stderr

    def client(self, **options):
        return Client(self.read, **options)

    def rss_kib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")


DEFAULT = """
cameras:
  shelf: {source: files, path: pictures, fps: 100}
pipelines:
  digits: {camera: shelf, model: {model}}
"""
