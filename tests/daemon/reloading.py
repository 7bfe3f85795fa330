# SPDX-License-Identifier: Apache-2.0
"""What the tests of the reload share: a daemon with a plugin folder of its own, and a subscriber that misses nothing.

PLANTED is a folder of plugins named `planted`, each with one fault (tests/plugins/planted). WRONG_ABI is one of another ABI.
"""

import os
import pathlib
import shutil
import subprocess

from harness import GLIMPSE, MODEL, SANITIZED, TIMEOUT, Daemon

PLANTED = pathlib.Path(os.environ["PLANTED"])
PLUGINS = pathlib.Path(os.environ["PLUGINS"])
WRONG_ABI = pathlib.Path(os.environ["WRONG_ABI"])
STATEFUL = pathlib.Path(os.environ["STATEFUL"])  # counts its own inferences in a variable

FPS, TRIAL = (20, "20s") if SANITIZED else (50, "3s")  # sanitizers compute slowly
CONFIG = """
cameras:
  shelf: {source: files, path: pictures, fps: %d}
pipelines:
  digits: {camera: shelf, model: {model}, kernels: {use: reference}}
plugins: {path: [{folder}/kernels]}
reload: {trial: %s}
""" % (FPS, TRIAL)


class Reloading(Daemon):
    """A daemon with a plugin folder of its own, which holds the reference kernels."""

    def __init__(self, config=CONFIG, model=MODEL, **options):
        super().__init__("", **options)
        self.kernels = self.folder / "kernels"
        self.kernels.mkdir(mode=0o755)
        self.plant(PLUGINS / "libglimpse-ops-reference.so", "libglimpse-ops-reference.so")
        self.model = self.folder / "m.tflite"
        shutil.copy(model, self.model)
        self.text = config
        self.configure(config)

    def configure(self, config):
        super().configure(config.replace("{model}", str(self.folder / "m.tflite")))

    def plant(self, plugin, name="planted.so"):
        """Puts a plugin into the folder, as a package does: a new file in the place of the old one."""
        new = self.kernels / ".new"
        shutil.copy(plugin, new)
        new.chmod(0o644)
        new.rename(self.kernels / name)

    def glimpse(self, *arguments, meanwhile=None):
        """Runs the command line; `meanwhile` is called again and again until it has ended.

        That it waits, which it says of a trial that is long on a slow machine, is not among the errors that are returned.
        """
        environment = dict(os.environ, GLIMPSE_SOCKET=str(self.read), GLIMPSE_CONTROL_SOCKET=str(self.control))
        process = subprocess.Popen([GLIMPSE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=environment)
        while meanwhile and process.poll() is None:
            meanwhile()
        output, said = process.communicate(timeout=TIMEOUT)
        error = "".join(line for line in said.splitlines(keepends=True) if "seconds, waiting on; " not in line)
        return subprocess.CompletedProcess(arguments, process.returncode, output, error)

    def status(self):
        with self.client() as client:
            return client.result("status")

    def operators(self):
        with self.client() as client:
            return client.result("describe")["pipelines"]["digits"]["operators"]


class Watcher:
    """A subscription whose frame numbers must come one after the other."""

    def __init__(self, test, daemon):
        self.test = test
        self.client = daemon.client()
        self.client.result("subscribe")
        self.last = None
        self.events = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.socket.close()

    def take(self, count=1):
        """So many predictions more; events between them are kept."""
        for _ in range(count):
            while True:
                message = self.client.waiting.pop(0) if self.client.waiting else self.client.read_line()
                if message["method"] == "prediction":
                    break
                self.events.append(message["params"])
            prediction = message["params"]
            self.test.assertEqual(prediction["dropped"], 0)
            if self.last is not None:
                self.test.assertEqual(prediction["frame"], self.last + 1)
            self.last = prediction["frame"]
        return prediction

    def until_event(self, name):
        while not any(event["event"] == name for event in self.events):
            self.take()
        return next(event for event in self.events if event["event"] == name)
